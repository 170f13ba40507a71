"""The page on operators: fresh, whole, and each of its examples runs."""

import numpy as np
import pytest

from alphaforge.core.panel import Panel
from alphaforge.dsl import compile_text
from alphaforge.dsl.manual import operator_page
from alphaforge.dsl.rules import Kind
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.packs.origins import known
from alphaforge.tests.helpers import KERNEL_CACHE, REPO
from alphaforge.tests.samples import Matrix, panel_of

CATALOGUE, ORIGINS = known()
PAGE = (REPO / "docs" / "operators.md").read_text(encoding="utf-8")
EXAMPLES = {name: member.example for name, member in CATALOGUE.operators.items()} | {
    name: member.example for name, member in CATALOGUE.macros.items()
}
# The canonical form says these with others.
REWRITTEN = {"gt", "ge", "not_"}
ROWS, COLUMNS = 900, 12


def market() -> Panel:
    """Return a panel that has every field: prices that agree with each other, a few gaps."""
    rng = np.random.default_rng(1)
    shape = (ROWS, COLUMNS)
    close = np.exp(0.01 * rng.standard_normal(shape).cumsum(axis=0))
    fields: dict[str, Matrix] = {}
    for name, info in CATALOGUE.fields.items():
        if info.kind is Kind.GROUP:
            fields[name] = np.broadcast_to(np.arange(COLUMNS) % 3.0, shape).copy()
        else:
            fields[name] = close * (1.0 + 0.01 * rng.random(shape))
    fields["open"] = np.where(rng.random(shape) < 0.1, fields["close"], fields["open"])
    ends = fields["open"], fields["close"]
    fields["low"] = np.minimum(*ends) * (1.0 - 0.01 * (rng.random(shape) < 0.5))
    fields["high"] = np.maximum(*ends) * (1.0 + 0.01 * (rng.random(shape) < 0.5))
    fields["volume"][::9, -1] = 0.0
    settled = np.repeat(np.round(rng.standard_normal((ROWS // 5, COLUMNS)), 1), 5, axis=0)
    fields["funding_rate"] = 1e-4 * settled
    for values in fields.values():
        values[850:853, :2] = np.nan  # Two instruments are halted for a while.
    return panel_of(fields)


MARKET = market()


def test_the_page_is_what_the_operators_say_now() -> None:
    assert operator_page(CATALOGUE, ORIGINS) == PAGE, "run `make docs`"


def test_every_operator_macro_and_field_is_on_the_page() -> None:
    headings = [line[4:] for line in PAGE.splitlines() if line.startswith("### ")]
    assert sorted(headings) == sorted(EXAMPLES)
    assert all(f"| `{name}` |" in PAGE for name in CATALOGUE.fields)
    assert all(f"`{word}`" in PAGE for word in CATALOGUE.aliases)


@pytest.mark.parametrize(("name", "example"), EXAMPLES.items(), ids=EXAMPLES.keys())
def test_each_example_uses_its_operator_compiles_and_has_values(name: str, example: str) -> None:
    compilation = compile_text(example, CATALOGUE)
    assert compilation.is_ok
    assert name in compilation.operators or name in CATALOGUE.macros or name in REWRITTEN
    (values,) = Evaluator(Kernels(KERNEL_CACHE)).evaluate([compilation.require().signal], MARKET)
    late = values[compilation.warmup_bars + 24 :]
    assert np.isfinite(late).any()
    assert not np.isinf(values).any()
    # An example that says the same everywhere shows nothing.
    assert len(np.unique(late[np.isfinite(late)])) > 1
