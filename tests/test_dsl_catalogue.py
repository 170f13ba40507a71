"""What a text may name: the language's own words, and those packs bring."""

from dataclasses import dataclass

import pytest

from alphaforge.core.errors import ConflictError
from alphaforge.dsl import FieldInfo, compile_text
from alphaforge.dsl.nodes import Axis, Field, Node
from alphaforge.dsl.rules import PURE, QUOTE, Kind
from alphaforge.tests.test_dsl_compile import PACKED, codes, compiled
from alphaforge.tests.trees import CATALOGUE


# Not registered: whoever asks for all operators must not meet it.
@dataclass(frozen=True, slots=True)
class GroupMean(Node):
    """A stand-in for a pack's operator."""

    name = "test_group_mean"

    x: Node
    group: Node
    label: str = "a"

    axis = Axis.CROSS
    group_inputs = frozenset({"group"})


SECTOR = FieldInfo("desk", PURE, "who belongs together", kind=Kind.GROUP)
LATE = FieldInfo("open_interest_late", QUOTE, "published late", lag_bars=2)
GROWN = CATALOGUE.with_pack("sectors", "2.0", [GroupMean], [SECTOR, LATE])


def test_a_pack_adds_operators_and_fields() -> None:
    compilation = compiled('test_group_mean(returns, desk, label="b")', GROWN)
    assert compilation.groups == ("desk",)
    assert compilation.canonical == 'test_group_mean(returns(close), desk, label="b")'
    assert "desk" not in CATALOGUE.fields
    assert GROWN.packs == {"sectors": "2.0"}
    assert codes("test_group_mean(returns, volume)", GROWN) == ["AF215"]
    assert codes("rank(desk)", GROWN) == ["AF215"]
    assert codes("desk", GROWN) == ["AF236"]


def test_a_pack_cannot_redefine_a_name() -> None:
    with pytest.raises(ConflictError):
        CATALOGUE.with_pack("other", "1", (), [FieldInfo("close", PURE, "another close")])
    with pytest.raises(ConflictError):
        GROWN.with_pack("sectors", "3.0", (), ())
    with pytest.raises(ConflictError):
        GROWN.with_pack("other", "1", (), [FieldInfo("rank", PURE, "a field called rank")])


def test_a_field_published_late_is_read_late() -> None:
    (found,) = compile_text("rank(open_interest_late)", GROWN).diagnostics
    assert found.code == "AF205"
    assert found.fix is not None
    assert found.fix.text == "delay(open_interest_late, 2)"
    assert codes("rank(delay(open_interest_late, 1))", GROWN) == ["AF205"]
    assert compiled("rank(delay(open_interest_late, 2))", GROWN).warmup_bars == 2
    again = compiled(compiled("rank(delay(open_interest_late, 3))", GROWN).canonical, GROWN)
    assert again.canonical == "rank(delay(open_interest_late, 3))"


def test_a_pack_is_asked_for_by_version() -> None:
    text = "strategy s {{ use midfreq{}\n signal returns }}"
    assert codes(text.format(""), PACKED) == []
    assert codes(text.format(" >= 1.2"), PACKED) == []
    assert codes(text.format(" >= 1.2.1"), PACKED) == ["AF241"]
    assert codes(text.format(" >= 2"), PACKED) == ["AF241"]
    assert codes(text.replace("midfreq", "midfrq").format(""), PACKED) == ["AF240"]


def test_the_builtin_catalogue_explains_its_fields() -> None:
    assert {
        "open",
        "high",
        "low",
        "close",
        "volume",
        "vwap",
        "quote_volume",
        "funding_rate",
    } <= set(CATALOGUE.fields)
    assert all(info.doc for info in CATALOGUE.fields.values())
    assert all(meant in CATALOGUE.operators for meant in CATALOGUE.aliases.values())
    assert isinstance(compiled("close").require().signal, Field)


SMALL, LARGE = "bucket(volume, 2)", "bucket(close, 2)"
# Names of the papers and of vendors, whose meaning here is the same.
FOREIGN = {
    "correlation(close, volume, 5)": "ts_corr(close, volume, 5)",
    "covariance(close, volume, 5)": "ts_cov(close, volume, 5)",
    "days_from_last_change(close)": "bars_since_change(close)",
    "divide(close, open)": "close / open",
    f"group_count(group_cartesian_product({SMALL}, {LARGE}))": (
        f"group_count(group_cross({SMALL}, {LARGE}))"
    ),
    "group_neutralize(close, bucket(volume, 2))": "neutralize(close, bucket(volume, 2))",
    "indneutralize(close, bucket(volume, 2))": "neutralize(close, bucket(volume, 2))",
    "multiply(close, open)": "close * open",
    "power(close, 2)": "close ^ 2",
    "product(close, 5)": "ts_product(close, 5)",
    "signedpower(close, 2)": "signed_power(close, 2)",
    "stddev(close, 5)": "ts_std(close, 5)",
    "subtract(close, open)": "close - open",
    "sum(close, 5)": "ts_sum(close, 5)",
    "ts_arg_max(close, 5)": "ts_argmax(close, 5)",
    "ts_arg_min(close, 5)": "ts_argmin(close, 5)",
    "ts_covariance(close, volume, 5)": "ts_cov(close, volume, 5)",
    "ts_decay_linear(close, 5)": "decay_linear(close, 5)",
    "ts_delay(close, 5)": "delay(close, 5)",
    "ts_delta(close, 5)": "delta(close, 5)",
    "ts_std_dev(close, 5)": "ts_std(close, 5)",
}
# Their meaning differs, in a default, an order or what they return; so they are no alias.
NO_ALIAS = ("ts_regression", "ts_decay_exp_window", "group_normalize")


@pytest.mark.parametrize(("theirs", "ours"), FOREIGN.items(), ids=FOREIGN.keys())
def test_names_of_other_systems_mean_the_same(theirs: str, ours: str) -> None:
    assert compiled(theirs).fingerprint == compiled(ours).fingerprint != ""


@pytest.mark.parametrize("name", NO_ALIAS)
def test_names_that_mean_something_else_elsewhere_say_what_to_write(name: str) -> None:
    (found,) = compile_text(f"{name}(close, 5)", CATALOGUE).diagnostics
    assert found.code == "AF103"
    assert found.help.startswith("write `")
    assert found.fix is None
