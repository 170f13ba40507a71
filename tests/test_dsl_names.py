"""What names a text may use, and what its own may be called: SAFETY D6 and D8."""

import pytest

from alphaforge.core.diagnostics import Severity
from alphaforge.dsl import compile_text
from alphaforge.tests.trees import CATALOGUE


def errors(text: str) -> set[str]:
    found = compile_text(text, CATALOGUE).diagnostics
    return {item.code for item in found if item.severity is Severity.ERROR}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rank(clos)", "AF102"),
        ("rank(Volume)", "AF102"),
        ("RANK(returns)", "AF103"),
        ("ran(returns)", "AF103"),
        ("rank.__class__", "AF280"),
        ("sys.exit(returns)", "AF103"),
        ("__import__(returns)", "AF103"),
        ("alphaforge.dsl.ops.rank(returns)", "AF103"),
        ("strategy s { use os >= 0.1; signal returns }", "AF240"),
        ("strategy s { use midfreq.ops >= 0.1; signal returns }", "AF240"),
        ("strategy s { data ../lake bar 1h; signal returns }", "AF101"),
        ("strategy s { data perps bar 1h; signal perp.close / close }", "AF280"),
    ],
)
def test_D6_a_name_resolves_by_exact_match_or_not_at_all(text: str, code: str) -> None:
    assert code in errors(text)
    assert compile_text(text, CATALOGUE).strategy is None


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ("let a = b; let b = a + returns; signal a", "AF222"),
        ("let a = a + returns; signal a", "AF222"),
        ("feature a = a / 2; signal a * returns", "AF222"),
        ("let a = returns; let a = close; signal a", "AF221"),
        ("let a = returns; factor a = close; signal a", "AF221"),
        ("param a in [1, 2]; let a = returns; signal a", "AF221"),
        ("let rank = returns; signal rank", "AF220"),
        ("let mean = returns; signal mean", "AF220"),
        ("let clamp = returns; signal clamp", "AF220"),
        ("let close = returns; signal close", "AF220"),
        ("let returns = volume; signal returns", "AF220"),
        ("let a = returns; signal a(close)", "AF217"),
    ],
)
def test_D8_a_definition_uses_no_circle_and_hides_nothing(statements: str, code: str) -> None:
    assert code in errors(f"strategy s {{ {statements} }}")
