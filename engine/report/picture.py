"""The tear sheet as one picture, for chat clients and files."""

import textwrap
from typing import TYPE_CHECKING, Any

from .palette import LIGHT
from .rows import Group, Row, groups, headline, verdict
from .sheet import SYNTHETIC, Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

WIDTH, DPI = 11.0, 110
HEAD, BOOK, SMALL_PANELS, FIGURES, LINE = 1.75, 3.6, 8.1, 2.55, 0.18  # inches
# Characters that fit on a line, at the size of the text and at that of the origin.
LINE_MAX, ORIGIN_MAX = 135, 200
NOTES_MAX = 10
# Figures stand in four columns; their title, first line and step from line to line, in inches.
COLUMNS = 4
TITLE, FIRST_LINE, STEP = 0.076, 0.306, 0.2
FOLDS_MAX = 12


def tear_sheet_png(sheet: Sheet) -> bytes:
    """Return the picture as PNG; the same sheet gives the same bytes."""
    from .figures import painted

    lines = _lines(sheet)
    bands = figure_bands(sheet)
    heights = (HEAD, BOOK, SMALL_PANELS, *map(_height, bands), LINE * (len(lines) + 1))
    return painted(
        lambda figure: _compose(figure, sheet, bands, lines, heights),
        LIGHT,
        size=(WIDTH, sum(heights)),
        dpi=DPI,
    )


def _lines(sheet: Sheet) -> list[str]:
    lines = [verdict(sheet)] if sheet.luck is not None else []
    lines += [SYNTHETIC] if sheet.is_synthetic else []
    lines += sheet.notes[:NOTES_MAX]
    if len(sheet.notes) > NOTES_MAX:
        lines.append(f"and {len(sheet.notes) - NOTES_MAX} more notes on the page")
    return [_plain(line, ORIGIN_MAX) for line in lines]


def figure_bands(sheet: Sheet) -> list[list[Group]]:
    """Lay the groups of figures in bands, so that none runs into the next one."""
    found = groups(sheet)
    first, rest = list(found[:COLUMNS]), [_shortened(group) for group in found[COLUMNS:]]
    return [first, rest] if rest else [first]


def _shortened(group: Group) -> Group:
    more = len(group.rows) - FOLDS_MAX
    if more <= 0:
        return group
    rows = (*group.rows[:FOLDS_MAX], Row(f"and {more} more on the page", ""))
    return Group(group.title, rows, group.is_wide)


def _height(band: list[Group]) -> float:
    lines = max(len(group.rows) for group in band)
    return max(FIRST_LINE + STEP * (lines + 1), FIGURES if len(band) == COLUMNS else 0.0)


def _compose(
    figure: "Figure",
    sheet: Sheet,
    bands: list[list[Group]],
    lines: list[str],
    heights: tuple[float, ...],
) -> None:
    from .figures import draw
    from .panels import DRAWDOWN, EQUITY, SMALL

    parts: Any = figure.subfigures(len(heights), 1, height_ratios=heights)
    top, book, small, *tables, foot = parts
    _head(top, sheet)
    above, below = book.subplots(2, 1, height_ratios=(2.2, 1.0), sharex=True)
    grid = small.subplots(4, 2).ravel()
    for axes, panel in ((above, EQUITY), (below, DRAWDOWN), *zip(grid, SMALL, strict=True)):
        draw(axes, panel, sheet.series, LIGHT)
        axes.set_title(panel.title, loc="left", fontsize=9.5, fontweight="bold", color=LIGHT.ink)
    above.tick_params(labelbottom=False)
    for table, band in zip(tables, bands, strict=True):
        figure_table(table, band)
    foot.text(0.015, 0.9, "\n".join(lines), va="top", fontsize=8, color=LIGHT.muted)


def _head(area: "SubFigure", sheet: Sheet) -> None:
    area.text(0.015, 0.9, _plain(sheet.title, 70), fontsize=18, fontweight="bold", va="top")
    origin = {"dataset": sheet.dataset, **(sheet.origin or {})}
    facts = "   ".join(f"{name} {value}" for name, value in origin.items() if value)
    area.text(0.015, 0.66, _plain(sheet.doc, LINE_MAX), va="top", color=LIGHT.muted)
    area.text(0.015, 0.53, _plain(facts, ORIGIN_MAX), va="top", fontsize=7.4, color=LIGHT.muted)
    if sheet.is_synthetic:
        box = {"facecolor": LIGHT.loss, "edgecolor": "none", "boxstyle": "round,pad=0.4"}
        area.text(
            0.985,
            0.9,
            SYNTHETIC.split(":", 1)[0],
            color=LIGHT.card,
            weight="bold",
            va="top",
            ha="right",
            bbox=box,
        )
    rows = headline(sheet)
    for place, row in enumerate(rows):
        left = 0.015 + place * 0.97 / len(rows)
        area.text(left, 0.36, row.label, va="top", fontsize=9, color=LIGHT.muted)
        area.text(left, 0.22, row.value, va="top", fontsize=14, fontweight="bold")


def figure_table(area: "SubFigure", band: list[Group]) -> None:
    """Write the figures of one band."""
    step, inches = 0.97 / COLUMNS, _height(band)
    left = 0.015
    for group in band:
        width = 2 * step if group.is_wide else step
        area.text(left, 1 - TITLE / inches, group.title, va="top", fontweight="bold", fontsize=9.5)
        for line, row in enumerate(group.rows):
            height = 1 - (FIRST_LINE + STEP * line) / inches
            area.text(left, height, row.label, va="top", fontsize=8.2, color=LIGHT.muted)
            area.text(left + width - 0.025, height, row.value, va="top", ha="right", fontsize=8.2)
        left += width


def _plain(text: str, width: int) -> str:
    """Keep one line of that many characters."""
    return textwrap.shorten(text, width, placeholder=" ...")
