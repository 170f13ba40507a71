"""Limits of a deployment: exact numbers from a TOML file; nothing live has a default."""

import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal

from ..core.canonical import decimal_text
from ..core.errors import InvalidInputError
from ..core.nearest import nearest

TEXT_MAX = 64 * 1024
# ASCII alone: Decimal also reads underscores, exponents and the digits of other scripts.
_SHAPE = re.compile(r"[0-9]{1,18}(\.[0-9]{1,12})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a deployment may do; amounts are in the settlement currency.

    The first six have no default: a person writes them. The others start at the shipped bound of
    SAFETY section 5, and a deployment may only make them stricter (``BOUNDS``).
    """

    capital: Decimal
    max_order_notional: Decimal
    max_gross: Decimal
    max_leverage: Decimal
    max_daily_loss: Decimal
    max_drawdown: Decimal  # a fraction of the high-water mark
    max_position_notional: Decimal | None = None  # None: as much as max_gross
    max_net: Decimal | None = None  # None: as much as max_gross
    max_order_qty: Decimal | None = None  # None: the venue's own maximum
    max_volume_share: Decimal = Decimal("0.01")  # of the instrument's volume of 24 h
    price_collar: Decimal = Decimal("0.05")  # a fraction of the mark
    max_index_divergence: Decimal = Decimal("0.02")  # of mark from index, a fraction
    max_spread: Decimal = Decimal("0.01")  # of the mark, for market orders
    max_concentration: Decimal = Decimal(1)  # one instrument's share of gross
    max_turnover: Decimal = Decimal(20)  # per UTC day, times capital
    max_orders_per_second: Decimal = Decimal(10)
    max_orders_per_minute: Decimal = Decimal(120)
    max_orders_per_day: Decimal = Decimal(20000)
    max_open_orders: Decimal = Decimal(100)
    max_rejects_per_minute: Decimal = Decimal(10)
    max_signal_age_s: Decimal = Decimal(300)
    max_data_age_s: Decimal = Decimal(2)  # mark and book
    max_position_age_s: Decimal = Decimal(5)

    def position_notional(self) -> Decimal:
        """Return how much of one instrument may be held."""
        return self.max_gross if self.max_position_notional is None else self.max_position_notional

    def net(self) -> Decimal:
        """Return how far the book may lean to one side."""
        return self.max_gross if self.max_net is None else self.max_net


REQUIRED = tuple(field.name for field in fields(Limits) if field.default is MISSING)
NAMES = tuple(field.name for field in fields(Limits))
# The loosest value a file may give; what is not listed is bounded by the policy bundle.
BOUNDS: dict[str, Decimal] = {
    field.name: field.default for field in fields(Limits) if isinstance(field.default, Decimal)
} | {"max_drawdown": Decimal(1), "max_leverage": Decimal(20)}


def limits_from_toml(text: str) -> Limits:
    """Read a limits file: ``name = "decimal"`` lines, whole numbers allowed, floats refused.

    Raises:
        InvalidInputError: naming every fault of the file, with the nearest name or the way out.
    """
    if len(text) > TEXT_MAX:
        raise InvalidInputError(f"the limits are longer than {TEXT_MAX} characters")
    try:
        table = tomllib.loads(text, parse_float=_FloatText)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInputError(
            f"the limits are not TOML: {error}", help='write lines such as `capital = "1000"`'
        ) from error
    return limits_from_table(table)


def limits_from_table(table: dict[str, object]) -> Limits:
    """Read limits from names and exact values.

    Raises:
        InvalidInputError: as ``limits_from_toml``.
    """
    for name in table:
        if name not in NAMES:
            meant = nearest(name, NAMES)
            way_out = f"did you mean `{meant}`?" if meant else f"known: {', '.join(NAMES)}"
            raise InvalidInputError(f"unknown limit `{name[:80]}`", help=way_out)
    missing = [name for name in REQUIRED if name not in table]
    if missing:
        raise InvalidInputError(
            f"no value for `{'`, `'.join(missing)}`",
            help=f'there are no default limits; write lines such as `{missing[0]} = "1000"`',
        )
    values = {name: _number(name, value) for name, value in table.items()}
    limits = Limits(**values)
    _check_together(limits)
    return limits


class _FloatText(str):
    """A TOML float as it was written; binary floats are not exact."""

    __slots__ = ()


def _number(name: str, value: object) -> Decimal:
    if isinstance(value, _FloatText):
        raise InvalidInputError(
            f"`{name} = {value}` is a float", help=f'write it as text: `{name} = "{value}"`'
        )
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise InvalidInputError(
            f"`{name}` is a `{type(value).__name__}`", help=f'write `{name} = "123.45"`'
        )
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if not _SHAPE.fullmatch(text):
        raise InvalidInputError(
            f"`{name} = {text[:40]!a}` is not a decimal above zero",
            help=f'write digits, at most 18 and 12 after the point: `{name} = "123.45"`',
        )
    return _in_bounds(name, Decimal(text))


def _in_bounds(name: str, number: Decimal) -> Decimal:
    if number <= 0:
        raise InvalidInputError(f"`{name}` is `{number}`", help="limits are finite and above zero")
    bound = BOUNDS.get(name)
    if bound is not None and number > bound:
        raise InvalidInputError(
            f"`{name}` is `{number}`, looser than the bound `{decimal_text(bound)}`",
            help="a deployment may only make this limit stricter",
        )
    return number


def _check_together(limits: Limits) -> None:
    if limits.max_gross > limits.capital * limits.max_leverage:
        raise InvalidInputError(
            f"`max_gross` is `{limits.max_gross}`, above capital x max_leverage",
            help=f"write at most `{decimal_text(limits.capital * limits.max_leverage)}`",
        )
    if limits.max_order_notional > limits.max_gross:
        raise InvalidInputError(
            f"`max_order_notional` is `{limits.max_order_notional}`, above `max_gross`",
            help=f"write at most `{decimal_text(limits.max_gross)}`",
        )
    if limits.max_daily_loss > limits.capital:
        raise InvalidInputError(
            f"`max_daily_loss` is `{limits.max_daily_loss}`, above `capital`",
            help=f"write at most `{decimal_text(limits.capital)}`",
        )
