"""Limits: exact, complete, and never looser than what ships."""

from decimal import Decimal

import pytest

from alphaforge.core.errors import InvalidInputError
from alphaforge.policies.limits import BOUNDS, REQUIRED, limits_from_toml

TEXT = """
capital = "10000"
max_order_notional = "2000.50"
max_gross = "15000"
max_leverage = "2"
max_daily_loss = 500
max_drawdown = "0.2"
"""


def test_a_full_file_gives_exact_numbers() -> None:
    limits = limits_from_toml(TEXT + 'max_signal_age_s = "60"\n')
    assert limits.max_order_notional == Decimal("2000.50")
    assert limits.max_signal_age_s == Decimal(60)
    assert limits.position_notional() == limits.net() == limits.max_gross


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_limit_is_named_and_never_guessed(name: str) -> None:
    lines = [line for line in TEXT.splitlines() if not line.startswith(name)]
    with pytest.raises(InvalidInputError, match=f"no value for `{name}`"):
        limits_from_toml("\n".join(lines))


@pytest.mark.parametrize(
    ("line", "words", "help_words"),
    [
        ('max_gros = "1"', "unknown limit `max_gros`", "did you mean `max_gross`"),
        ("max_net = 1.5", "is a float", 'max_net = "1.5"'),
        ('max_net = "many"', "is not a decimal", "123.45"),
        ('max_net = "NaN"', "not a decimal above zero", "123.45"),
        ('max_net = "-1"', "not a decimal above zero", "123.45"),
        ('max_net = "0"', "is `0`", "above zero"),
        ("max_net = true", "is a `bool`", "123.45"),
        ('price_collar = "0.5"', "looser than the bound", "stricter"),
        ('max_data_age_s = "3600"', "looser than the bound", "stricter"),
        ("max_net = [", "not TOML", "capital"),
        ("[max_net]\na = 1", "is a `dict`", "123.45"),
    ],
    ids=lambda value: value[:20],
)
def test_a_faulty_line_says_what_to_write(line: str, words: str, help_words: str) -> None:
    with pytest.raises(InvalidInputError, match=words) as caught:
        limits_from_toml(TEXT + line + "\n")
    assert help_words in caught.value.help


@pytest.mark.parametrize(
    "written",
    [
        "1_000",
        "\u0661\u0660",
        "\uff11",
        "1e3",
        "+1",
        " 1",
        "1\n",
        ".5",
        "1.",
        "9" * 19,
        f"0.{'1' * 13}",
    ],
)
def test_a_limit_is_ascii_digits_and_one_point(written: str) -> None:
    from alphaforge.policies.limits import limits_from_table

    table: dict[str, object] = dict.fromkeys(REQUIRED, "1")
    assert limits_from_table(table).capital == Decimal(1)
    with pytest.raises(InvalidInputError, match="is not a decimal above zero"):
        limits_from_table(table | {"max_net": written})


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("max_gross", '"20001"'),
        ("max_order_notional", '"15001"'),
        ("max_daily_loss", '"10001"'),
        ("max_drawdown", '"1.01"'),
        ("max_leverage", '"21"'),
    ],
)
def test_limits_that_contradict_each_other_are_refused(line: str, other: str) -> None:
    lines = [
        f"{line} = {other}" if text.startswith(f"{line} ") else text for text in TEXT.splitlines()
    ]
    with pytest.raises(InvalidInputError, match=line):
        limits_from_toml("\n".join(lines))


@pytest.mark.parametrize("name", sorted(set(BOUNDS) - set(REQUIRED)))
def test_a_shipped_bound_may_be_made_stricter_and_not_looser(name: str) -> None:
    stricter, looser = BOUNDS[name] / 2, BOUNDS[name] * 2
    assert getattr(limits_from_toml(f'{TEXT}{name} = "{stricter}"\n'), name) == stricter
    with pytest.raises(InvalidInputError, match=name):
        limits_from_toml(f'{TEXT}{name} = "{looser}"\n')
