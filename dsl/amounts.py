"""Constants as exact fractions: windows, shares and costs are decided before any rounding."""

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

from ..core.durations import duration_text, seconds_of
from .syntax import Form, Literal

# Past this an amount is no longer followed exactly: it is no window, share or cost anyhow.
BITS_MAX = 4096
FLOAT_MAX = 10**300
_DENOMINATOR_OF = {Form.PERCENT: 100, Form.BP: 10_000}
_SUFFIX_OF = {Form.PERCENT: 1, Form.BP: 2}
_EXACT = Context(prec=BITS_MAX)


@dataclass(frozen=True, slots=True)
class Amount:
    """A constant; durations in seconds, percentages and basis points as shares of 1."""

    value: Fraction
    form: Form

    @property
    def shown(self) -> str:
        """Return the amount as a person would write it."""
        if self.form is Form.DURATION and self.value.denominator == 1 and self.value > 0:
            return duration_text(int(self.value))
        if abs(self.value) > FLOAT_MAX:
            return "a number beyond float64"
        return f"{float(self.value):.12g}"


def amount_of(literal: Literal) -> Amount | None:
    """Return what a literal says, or nothing when float64 cannot hold it."""
    if literal.form is Form.DURATION:
        return Amount(Fraction(seconds_of(literal.text)), Form.DURATION)
    return _read(literal.text[: len(literal.text) - _SUFFIX_OF.get(literal.form, 0)], literal.form)


@lru_cache(maxsize=1024)  # A few numbers stand in nearly all texts.
def _read(digits: str, form: Form) -> Amount | None:
    size = float(digits)
    if size == float("inf") or (size == 0.0 and digits.lower().split("e")[0].strip("0.")):
        return None
    return Amount(Fraction(digits) / _DENOMINATOR_OF.get(form, 1), form)


def combine(mark: str, left: Amount, right: Amount) -> Amount | None:
    """Compute with two constants, or return nothing when their forms or values do not allow it."""
    form = _FORMS.get((mark, _is_duration(left), _is_duration(right)))
    if form is None or (mark == "SLASH" and right.value == 0):
        return None
    value = _ARITHMETIC[mark](left.value, right.value)
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > BITS_MAX:
        return None
    # 10% + 5% is a percentage still; 10% * 2 is a number.
    same = left.form is right.form and mark in {"PLUS", "MINUS"}
    return Amount(value, left.form if same else form)


def decimal_of(amount: Amount) -> Decimal | None:
    """Return the exact decimal, or nothing when there is none, as for a third."""
    rest = amount.value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return None
    return _EXACT.divide(Decimal(amount.value.numerator), Decimal(amount.value.denominator))


def _is_duration(amount: Amount) -> bool:
    return amount.form is Form.DURATION


_ARITHMETIC = {
    "PLUS": lambda left, right: left + right,
    "MINUS": lambda left, right: left - right,
    "STAR": lambda left, right: left * right,
    "SLASH": lambda left, right: left / right,
}
# What comes of a mark between two constants, each a duration or not.
_FORMS = {
    ("PLUS", False, False): Form.NUMBER,
    ("MINUS", False, False): Form.NUMBER,
    ("STAR", False, False): Form.NUMBER,
    ("SLASH", False, False): Form.NUMBER,
    ("PLUS", True, True): Form.DURATION,
    ("MINUS", True, True): Form.DURATION,
    ("STAR", True, False): Form.DURATION,
    ("STAR", False, True): Form.DURATION,
    ("SLASH", True, False): Form.DURATION,
    ("SLASH", True, True): Form.NUMBER,
}
