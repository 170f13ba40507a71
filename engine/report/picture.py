"""The tear sheet as one picture, for chat clients and files."""

import textwrap
from typing import TYPE_CHECKING, Any

from .palette import LIGHT
from .rows import groups, headline, verdict
from .sheet import SYNTHETIC, Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

WIDTH, DPI = 11.0, 110
HEAD, BOOK, SMALL_PANELS, FIGURES, LINE = 1.75, 3.6, 8.1, 2.55, 0.18  # inches
# Characters that fit on a line, at the size of the text and at that of the origin.
LINE_MAX, ORIGIN_MAX = 135, 200
NOTES_MAX = 10


def tear_sheet_png(sheet: Sheet) -> bytes:
    """Return the picture as PNG; the same sheet gives the same bytes."""
    from .figures import painted

    lines = _lines(sheet)
    heights = (HEAD, BOOK, SMALL_PANELS, FIGURES, LINE * (len(lines) + 1))
    return painted(
        lambda figure: _compose(figure, sheet, lines, heights),
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


def _compose(figure: "Figure", sheet: Sheet, lines: list[str], heights: tuple[float, ...]) -> None:
    from .figures import draw
    from .panels import DRAWDOWN, EQUITY, SMALL

    parts: Any = figure.subfigures(len(heights), 1, height_ratios=heights)
    top, book, small, table, foot = parts
    _head(top, sheet)
    above, below = book.subplots(2, 1, height_ratios=(2.2, 1.0), sharex=True)
    grid = small.subplots(4, 2).ravel()
    for axes, panel in ((above, EQUITY), (below, DRAWDOWN), *zip(grid, SMALL, strict=True)):
        draw(axes, panel, sheet.series, LIGHT)
        axes.set_title(panel.title, loc="left", fontsize=9.5, fontweight="bold", color=LIGHT.ink)
    above.tick_params(labelbottom=False)
    _table(table, sheet)
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


def _table(area: "SubFigure", sheet: Sheet) -> None:
    found = groups(sheet)
    step = 0.97 / len(found)
    for column, group in enumerate(found):
        left = 0.015 + column * step
        area.text(left, 0.97, group.title, va="top", fontweight="bold", fontsize=9.5)
        for line, row in enumerate(group.rows):
            height = 0.88 - line * 0.078
            area.text(left, height, row.label, va="top", fontsize=8.2, color=LIGHT.muted)
            area.text(left + step - 0.025, height, row.value, va="top", ha="right", fontsize=8.2)


def _plain(text: str, width: int) -> str:
    """Keep one line of that many characters."""
    return textwrap.shorten(text, width, placeholder=" ...")
