"""Each operator against its slow reference, at three price scales, with gaps, ties and halts."""

import numpy as np
import pytest

from alphaforge.dsl.kernels import COMPILED
from alphaforge.dsl.nodes import Axis, Field, Node
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests import reference
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.reference_pasts import PASTS
from alphaforge.tests.samples import (
    INPUTS,
    Matrix,
    operators,
    panel_of,
    panels,
    sample,
    samples,
    title,
)

EVALUATOR = Evaluator(Kernels(KERNEL_CACHE))
SCALES = (1e-6, 1.0, 1e8)
RTOL = 1e-10
# The sign of a sum near 0 is noise (E6), so that these are compared where sums are not near 0;
# and they measure a level, of which no more than its own last digit can be known.
SIGN_OF_A_SUM = {"volume_shock"}
KNOWN = {
    *reference.CELLS,
    *reference.ROWS,
    *reference.WINDOWS,
    *reference.HOLED,
    *reference.ENDS,
    *PASTS,
    "resample",
}
EACH_KNOWN = pytest.mark.parametrize(
    "node", [node for node in samples() if node.name in KNOWN], ids=title
)


def compare(node: Node, fields: dict[str, Matrix], first_bar: int = 0) -> None:
    got = EVALUATOR.evaluate([node], panel_of(fields, first_bar))[0]
    inputs = [fields[child.field] for child in node.children() if isinstance(child, Field)]
    numbers = {
        name: value if isinstance(value, str) else float(value)
        for name, value in node.parameters().items()
    }
    with np.errstate(all="ignore"):
        want = reference.expected(node.name, inputs, numbers, first_bar)
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want), err_msg="other cells are missing")
    size = np.nanmax(np.abs(want), initial=0.0)
    np.testing.assert_allclose(got, want, rtol=RTOL, atol=RTOL * size)


@pytest.mark.parametrize("scale", SCALES)
@EACH_KNOWN
def test_values_are_those_of_the_reference_at_every_price_scale(node: Node, scale: float) -> None:
    for name, panel in panels(scale).items():
        if name == "prices" or node.name not in SIGN_OF_A_SUM:
            compare(node, dict(panel.fields), first_bar=13)


# A level so high that the moves are its last digits; E3 asks for 1e8.
HIGH = [
    sample(operator, bars)
    for operator in operators().values()
    for bars in (3, 24, 50)
    if operator.axis is not Axis.ELEMENT and operator.name in KNOWN - SIGN_OF_A_SUM
]


@pytest.mark.parametrize("node", HIGH, ids=title)
def test_E3_small_moves_on_a_level_of_1e8_keep_their_digits(node: Node) -> None:
    rng = np.random.default_rng(4)
    fields = {name: 1e8 + rng.standard_normal((120, 5)).cumsum(axis=0) for name in INPUTS}
    fields["group"] = rng.integers(0, 2, size=(120, 5)).astype(np.float64)
    compare(node, fields, first_bar=5)


# Those that compare and add; a square of the smallest numbers is no number any more.
WIDE_NAMES = (
    *("bucket", "market_mean", "neutralize", "rank", "group_rank", "group_median", "group_min"),
    *("group_max", "group_count", "group_cross", "quantile"),
)
WIDE = [sample(operators()[name], 2) for name in WIDE_NAMES]


def wide(columns: int) -> dict[str, Matrix]:
    """Return rows of every size and sign, with ties, zeros, holes and the smallest numbers."""
    rng = np.random.default_rng(columns)
    values = rng.standard_normal((8, columns)) * 10.0 ** rng.integers(-300, 150, (8, columns))
    values[1] = np.round(rng.standard_normal(columns), 1)
    values[2] = rng.integers(-2, 3, columns) * 5e-324
    values[3] = 1.0
    values[4, 1::3] = np.nan
    values[5] = np.arange(columns) - columns / 2
    return {"x": values + 0.0, "group": rng.integers(-2, 3, (8, columns)).astype(np.float64)}


@pytest.mark.parametrize("columns", [1, 2, 24, 25, 300])
@pytest.mark.parametrize("node", WIDE, ids=title)
def test_rows_of_any_width_are_ranked_and_grouped(node: Node, columns: int) -> None:
    compare(node, wide(columns))


def test_sorting_in_plain_python_gives_the_same_bytes() -> None:
    values = wide(60)["x"]
    for node in WIDE:
        if node.name in {"rank", "bucket"}:
            out = np.full(values.shape, np.nan)
            # Equal values, and some near 0, have no scale; the sorting looks for that.
            with np.errstate(over="ignore", divide="ignore"):
                COMPILED[type(node)](values, *node.parameters().values(), 0, out)
            got = EVALUATOR.evaluate([node], panel_of({"x": values}))[0]
            assert got.tobytes() == out.tobytes()


def test_every_operator_of_the_language_has_a_reference() -> None:
    ours = {
        name for name, made in operators().items() if made.__module__.startswith("alphaforge.dsl")
    }
    assert ours <= KNOWN, sorted(ours - KNOWN)
