"""The report of a replay as one HTML page: the verdict, the lines, the fills that differ most."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from ...engine.report.palette import DARK, LIGHT, Palette
from .comparison import Line
from .verdict import TOTAL_BP_MAX, UNEXPLAINED_BP_MAX, Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ...engine.artifacts import Series

FILLS_SHOWN = 20
# Columns of names, before those of numbers.
NAMES = 2
STYLE = """
:root{%(light)s}
@media (prefers-color-scheme:dark){:root{%(dark)s}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);line-height:1.5;
 font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:15px}
main{max-width:1120px;margin:0 auto;padding:24px 16px 48px}
h1{font-size:1.5rem;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:.9rem;margin:0 0 8px}
p{margin:.35rem 0}
.origin{font-size:.8rem;color:var(--muted);overflow-wrap:anywhere}
.verdict{border-left:4px solid var(--main);padding:8px 12px;margin:18px 0;background:var(--card);
 border-radius:0 8px 8px 0}
.verdict.no{border-color:var(--loss)}
.card{background:var(--card);border:1px solid var(--grid);border-radius:10px;padding:12px 14px;
 margin-top:14px;overflow-x:auto}
.plot{display:block;width:100%%;height:auto}
table{border-collapse:collapse;width:100%%;font-size:.84rem}
th{text-align:left;font-weight:600;color:var(--muted)}
td,th{padding:4px 10px 4px 0;border-top:1px solid var(--grid);white-space:nowrap}
tr:first-child th{border-top:0}
.n{text-align:right;font-variant-numeric:tabular-nums}
.rest td{color:var(--muted);font-style:italic}
.loss td{color:var(--loss);font-weight:600}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
FOLLOWED = (
    (
        "Both sides see the open before they size and trade at that same open: the replay repeats "
        "this premise of the research accounting, it does not test it."
    ),
    (
        "Fills are whole and at the quote: the costs' slippage is the distance of the quotes from "
        "the open, in any size. Queues, partial fills and latency are not replayed."
    ),
    "The engine books no funding: it is added on its own positions, at the rates of the data set.",
)


@dataclass(frozen=True, slots=True)
class Story:
    """What the page tells beside the verdict; ``series`` are those of the run."""

    title: str
    origin: Mapping[str, str]
    series: "Series"


def replay_page(verdict: Verdict, story: Story) -> str:
    """Return the page as text; the same verdict and story give the same bytes."""
    style = STYLE % {"light": _variables(LIGHT), "dark": _variables(DARK)}
    origin = "; ".join(f"{name} {value}" for name, value in story.origin.items())
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(story.title)} - AlphaForge replay</title>",
            f"<style>{style}</style></head><body><main>",
            f"<h1>Replay of {escape(story.title)}</h1>",
            f'<p class="origin">{escape(origin)}</p>',
            _told(verdict),
            _picture(verdict, story),
            _card("Line by line, in basis points of capital", _lines(verdict)),
            _card(f"Fills that differ most, of {len(verdict.fills)}", _fills(verdict)),
            _card("What is replayed", "".join(f"<p>{escape(text)}</p>" for text in FOLLOWED)),
            "</main></body></html>",
            "",
        )
    )


def told(verdict: Verdict) -> str:
    """Say in one sentence what the comparison came to."""
    sizes = (
        f"equity differs by at most {verdict.max_bp:.3g} bp of capital "
        f"({verdict.final_bp:+.3g} bp at the end), of which "
        f"{abs(verdict.unexplained_bp).max():.2g} bp are unexplained"
    )
    if verdict.is_agreed:
        return f"Agreed: {sizes}."
    return f"DISAGREED: {'; '.join(verdict.faults)}. In all, {sizes}."


def _told(verdict: Verdict) -> str:
    mark = "verdict" if verdict.is_agreed else "verdict no"
    bounds = f"Allowed are {TOTAL_BP_MAX} bp in all and {UNEXPLAINED_BP_MAX} bp unexplained a line."
    return f'<p class="{mark}">{escape(told(verdict))} {escape(bounds)}</p>'


def _picture(verdict: Verdict, story: Story) -> str:
    from ...engine.report.figures import svg_of
    from ...engine.report.panels import Panel, instants, legend, thinned

    # The figure's labels have two decimals: the unit is chosen so that these say something.
    power = _power(verdict.max_bp)

    def draw(axes: "Axes", series: "Series", palette: Palette) -> None:
        rows = thinned(len(series.times))
        times, unit = instants(series.times[rows]), 10.0**power
        difference = verdict.difference_bp[rows] / unit
        axes.plot(times, difference, color=palette.main, label="difference")
        rest = verdict.unexplained_bp[rows] / unit
        axes.plot(times, rest, color=palette.loss, linewidth=1.0, label="unexplained")
        legend(axes, 2)

    # By this name the panel gets an axis of dates.
    unit = f"1e{power} bp" if power else "bp"
    panel = Panel("equity", f"Replay less research, {unit} of capital", draw)
    return _card(panel.title, svg_of(panel, story.series, width=9.6, height=2.6))


def _power(worst: float) -> int:
    """Return the power of a thousand, at most 0, that leaves a number of normal size."""
    is_plain = not 0 < worst < 1
    return 0 if is_plain else 3 * math.floor(math.log10(worst) / 3)


def _lines(verdict: Verdict) -> str:
    head = ("line", "cause", "at the end", "largest at a bar")
    rows = [
        _row(
            (line.group, line.cause, _bp(line.final_bp), _bp(line.max_bp)),
            kind="" if line.is_explained else _kind(line),
        )
        for line in verdict.lines
    ]
    total = ("all", "difference of equity", _bp(verdict.final_bp), _bp(verdict.max_bp))
    return _table(head, [*rows, _row(total)])


def _fills(verdict: Verdict) -> str:
    head = ("bar", "name", "units", "replayed", "price", "replayed", "fee", "replayed", "bp")
    worst = sorted(verdict.fills, key=lambda fill: (not fill.is_lone, -abs(fill.units_bp)))
    rows = [
        _row(
            (
                datetime.fromtimestamp(fill.time, UTC).strftime("%Y-%m-%d %H:%M"),
                fill.symbol,
                *(f"{value:.8g}" for value in (fill.units_research, fill.units_replay)),
                *(f"{value:.8g}" for value in (fill.price_research, fill.price_replay)),
                *(f"{value:.6g}" for value in (fill.fee_research, fill.fee_replay)),
                _bp(fill.units_bp),
            ),
            kind="loss" if fill.is_lone else "",
        )
        for fill in worst[:FILLS_SHOWN]
    ]
    return _table(head, rows)


def _table(head: Sequence[str], rows: Iterable[str]) -> str:
    heads = "".join(
        f"<th{'' if place < NAMES else CLASS}>{escape(name)}</th>"
        for place, name in enumerate(head)
    )
    return f"<table><tr>{heads}</tr>{''.join(rows)}</table>"


def _row(cells: Sequence[str], *, kind: str = "") -> str:
    inner = "".join(
        f"<td{'' if place < 2 else CLASS}>{escape(cell)}</td>"  # noqa: PLR2004  # Two names, then numbers.
        for place, cell in enumerate(cells)
    )
    return f'<tr class="{kind}">{inner}</tr>' if kind else f"<tr>{inner}</tr>"


def _kind(line: Line) -> str:
    return "rest" if line.max_bp <= UNEXPLAINED_BP_MAX else "rest loss"


CLASS = ' class="n"'


def _card(title: str, inner: str) -> str:
    return f'<section class="card"><h2>{escape(title)}</h2>{inner}</section>'


def _bp(value: float) -> str:
    return f"{value:.3e}"


def _variables(palette: Palette) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in palette.named().items())
