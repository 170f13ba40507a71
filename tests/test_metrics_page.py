"""The page of metrics holds each metric once, with unit, formula and source."""

from alphaforge.core.registry import modules_in
from alphaforge.engine import metrics
from alphaforge.tests.helpers import REPO
from alphaforge.tools.run import CHOSEN

NAMES = [module.__name__.rsplit(".", 1)[1] for module in modules_in(metrics)]
CELLS = 4


def rows() -> dict[str, list[str]]:
    """Read the tables' rows by the metric they begin with."""
    found: dict[str, list[str]] = {}
    for line in (REPO / "docs" / "metrics.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            name = cells[0].strip("`")
            assert name not in found, f"`{name}` stands there twice"
            found[name] = cells
    return found


def test_the_page_and_the_folder_hold_the_same_metrics() -> None:
    assert sorted(rows()) == sorted(NAMES)


def test_each_metric_has_a_unit_a_formula_and_a_source() -> None:
    for name, cells in rows().items():
        assert len(cells) == CELLS, name
        assert all(cells), name


def test_what_a_run_tells_by_default_are_metrics_there_are() -> None:
    assert set(CHOSEN) <= set(NAMES)
    assert len(set(CHOSEN)) == len(CHOSEN)
