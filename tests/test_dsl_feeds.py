"""Several data sets in one strategy, and fields that are published late."""

import numpy as np
import pytest

from alphaforge.core.diagnostics import Diagnostic
from alphaforge.dsl import FieldInfo, compile_text
from alphaforge.dsl.catalogue import Catalogue
from alphaforge.dsl.nodes import Field, Node, walk
from alphaforge.dsl.rules import QUOTE
from alphaforge.dsl.strategy import strategy_text
from alphaforge.tests.golden_pairs import check
from alphaforge.tests.test_dsl_golden import told
from alphaforge.tests.trees import CATALOGUE

LATE = CATALOGUE.with_pack(
    "late", "1.0", (), [FieldInfo("flow", QUOTE, "published late", lag_bars=3)]
)
SPREAD = """strategy spread {
  data perps, okx = perps_okx bar 1h
  signal -zscore(close / okx.close - 1)
}
"""


def faults(text: str, catalogue: Catalogue = CATALOGUE) -> list[Diagnostic]:
    return list(compile_text(text, catalogue).diagnostics)


def mended(text: str, catalogue: Catalogue) -> str:
    """Apply all fixes, from the end of the text on."""
    for item in sorted(faults(text, catalogue), key=lambda item: item.span or 0, reverse=True):
        assert item.fix is not None, item
        text = text[: item.fix.span.start] + item.fix.text + text[item.fix.span.end :]
    return text


def test_a_field_of_another_data_set_is_a_field_with_the_base_fields_unit() -> None:
    made = compile_text(SPREAD, CATALOGUE)
    assert made.diagnostics == ()
    assert made.inputs == ("close", "okx.close")
    strategy = made.require()
    assert strategy.dataset == "perps"
    assert strategy.sources == (("okx", "perps_okx"),)
    assert {node.field for node in walk(strategy.signal) if isinstance(node, Field)} == {
        "close",
        "okx.close",
    }


def test_golden_faults_of_several_data_sets_are_told_as_reviewed() -> None:
    check("dsl_feeds.txt", told)


def test_a_data_set_without_an_alias_goes_by_its_own_name() -> None:
    text = SPREAD.replace("okx = perps_okx", "perps_okx").replace("okx.close", "perps_okx.close")
    made = compile_text(text, CATALOGUE)
    assert made.require().sources == (("perps_okx", "perps_okx"),)
    assert made.fingerprint == compile_text(SPREAD, CATALOGUE).fingerprint


def test_D7_no_name_of_a_data_set_is_in_a_fingerprint_nor_in_the_order_of_evaluation() -> None:
    text = """strategy s {{
      data perps, {a} = one, {b} = two bar 1h
      universe top 5 by {a}.quote_volume, where {b}.volume > {a}.volume
      signal {b}.returns + close / {a}.close + returns + {b}.volume / volume
    }}"""
    first = compile_text(text.format(a="okx", b="byb"), CATALOGUE)
    second = compile_text(text.format(a="byb", b="okx"), CATALOGUE)
    other = compile_text(
        text.format(a="okx", b="byb").replace("close / okx.close", "close / byb.close"), CATALOGUE
    )
    names = ("strategy_fingerprint", "signal_fingerprint", "family_fingerprint")
    for name in names:
        assert getattr(first, name) == getattr(second, name) != getattr(other, name)
    swapped = second.canonical.replace("byb", "x").replace("okx", "byb").replace("x.", "okx.")
    assert first.canonical == swapped.replace("ookx", "okx")


def test_a_strategy_with_several_data_sets_is_printed_and_read_again() -> None:
    text = SPREAD.replace("bar 1h", ", byb, unread bar 4h").replace("- 1)", "- byb.returns)")
    made = compile_text(text, CATALOGUE)
    again = compile_text(strategy_text(made.require()), CATALOGUE)
    assert again.diagnostics == ()
    assert again.require() == made.require()
    assert again.fingerprint == made.fingerprint
    assert made.require().sources == (("okx", "perps_okx"), ("byb", "byb"))
    assert [item.code for item in made.diagnostics] == ["AF380"]


def test_a_data_set_that_only_a_factor_reads_does_not_move_the_fingerprint() -> None:
    factor = SPREAD.replace("perps, okx", "perps, byb, okx").replace(
        "signal", "factor f = byb.returns\n  signal"
    )
    made = compile_text(factor, CATALOGUE)
    assert made.require().sources == (("byb", "byb"), ("okx", "perps_okx"))
    assert made.fingerprint == compile_text(SPREAD, CATALOGUE).fingerprint


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (SPREAD.replace("okx.close", "okex.close"), "AF280"),
        (SPREAD.replace("okx.close", "okx.clse"), "AF281"),
        (SPREAD.replace("data perps", "data main = perps"), "AF285"),
    ],
)
def test_a_wrong_data_set_is_mended_by_its_fix(wrong: str, code: str) -> None:
    assert [item.code for item in faults(wrong)] == [code]
    assert mended(wrong, CATALOGUE) == SPREAD


def test_a_bare_formula_reads_one_data_set() -> None:
    (fault,) = faults("close / okx.close")
    assert fault.code == "AF280"
    assert "data perps, okx = perps_okx" in fault.help


@pytest.mark.parametrize(
    "text",
    [
        "delay(zscore(flow / ts_mean(flow, 24h)), 3)",
        "delay(rank(delay(flow, 1)), 2)",
        "zscore(delay(returns - delay(rank(flow), 2), 1))",
        "strategy s { let x = zscore(flow)\n signal delay(x, 3) }",
        "strategy s { let x = delay(rank(flow), 1)\n let y = x + returns\n signal delay(y, 2) }",
        "strategy s { data a, b bar 1h\n signal rank(delay(b.flow, 3)) }",
    ],
)
def test_a_late_field_may_stand_under_delays_that_add_up_to_its_lag(text: str) -> None:
    made = compile_text(text, LATE)
    assert [item.code for item in made.diagnostics if item.code < "AF300"] == []
    again = compile_text(strategy_text(made.require()), LATE)
    assert again.fingerprint == compile_text(strategy_text(again.require()), LATE).fingerprint


@pytest.mark.parametrize(
    "text",
    [
        "zscore(flow)",
        "delay(zscore(flow), 2)",
        "delay(rank(flow), 3) + rank(delay(flow, 1))",
        "delta(rank(flow), 5)",
        "strategy s { let x = rank(flow)\n signal delay(x, 3) - x }",
        "strategy s { let x = rank(flow)\n let y = rank(flow + x)\n signal y }",
        "strategy s { factor x = rank(flow)\n signal delay(x, 3) }",
        "strategy s { universe top 3 by delay(flow, 2)\n signal returns }",
        "strategy s { universe where delay(flow, 1) > volume\n signal returns }",
        "strategy s { feature x = rank(flow)\n signal delay(x, 3) }",
        "strategy s { data a, b bar 1h\n signal rank(b.flow) }",
    ],
)
def test_what_is_read_before_it_is_public_is_an_error_and_its_fix_mends_it(text: str) -> None:
    found = [item for item in faults(text, LATE) if item.code < "AF300"]
    assert {item.code for item in found} == {"AF205"}
    assert len({item.span for item in found}) == len(found)
    for item in sorted(found, key=lambda item: item.span or 0, reverse=True):
        assert item.fix is not None
        text = text[: item.fix.span.start] + item.fix.text + text[item.fix.span.end :]
    assert compile_text(text, LATE).is_ok


def _one(rng: np.random.Generator, texts: list[str]) -> str:
    return texts[int(rng.integers(len(texts)))]


def grown(rng: np.random.Generator, depth: int) -> str:
    """Write a random formula in which a late field stands under delays of all lengths."""
    if depth == 0:
        return _one(rng, ["flow", "quote_volume", "ts_mean(flow, 5)"])
    parts = [grown(rng, depth - 1) for _ in range(2)]
    bars = int(rng.integers(1, 4))
    return _one(
        rng,
        [
            f"delay({parts[0]}, {bars})",
            f"delay({parts[0]}, {bars})",
            f"rank({parts[0]})",
            f"delta({parts[0]}, {bars})",
            f"({parts[0]} - {parts[1]})",
            f"({parts[0]} / delay({parts[1]}, {bars}))",
            f"ts_sum({parts[0]}, {bars + 1})",
        ],
    )


def lag_lacking(node: Node) -> int:
    """Count the bars that a formula reads before they are public, by its nodes alone."""
    if isinstance(node, Field):
        return 3 if node.field == "flow" else 0
    lacking = max((lag_lacking(child) for child in node.children()), default=0)
    return max(0, lacking - int(node.parameters()["bars"])) if node.name == "delay" else lacking


def test_D3_no_formula_that_compiles_reads_what_is_not_public() -> None:
    rng = np.random.default_rng(20261124)
    compiled = refused = 0
    for _ in range(400):
        text = f"rank({grown(rng, int(rng.integers(2, 6)))})"
        made = compile_text(text, LATE)
        if made.strategy is None:
            assert {item.code for item in made.diagnostics if item.code < "AF300"} <= {
                "AF205",
                "AF235",
            }, text
            refused += 1
            continue
        compiled += 1
        assert lag_lacking(made.strategy.signal) == 0, text
        again = compile_text(made.canonical, LATE)
        assert again.fingerprint == made.fingerprint, text
    assert compiled > 100
    assert refused > 100
