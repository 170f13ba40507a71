"""The door to matplotlib: panels as SVG whose colours a style sheet decides, or painted as PNG.

Figures are made without pyplot, from matplotlib's own defaults and a fixed salt, so that nothing of
the machine or of a user's settings gets into the bytes.
"""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from .palette import MARKERS, Palette
from .panels import Panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..artifacts import Series

FONT_SIZE = 9.5
DATED = frozenset({"equity", "drawdown", "ic", "costs", "exposure", "turnover"})


@contextmanager
def style(palette: Palette, *, salt: str) -> Iterator[None]:
    """Draw in our style, whatever the machine's settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        # matplotlib's types ask for a literal of every setting there is.
        settings: Any = {
            "font.family": "DejaVu Sans",  # It comes with matplotlib: the same everywhere.
            "font.size": FONT_SIZE,
            "text.color": palette.ink,
            "text.parse_math": False,  # A ``$`` in a user's text is a dollar.
            "axes.labelcolor": palette.muted,
            "axes.edgecolor": palette.grid,
            "axes.facecolor": "none",
            "axes.grid": True,
            "axes.grid.axis": "y",
            "axes.axisbelow": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.spines.left": False,
            "axes.xmargin": 0.01,
            "grid.color": palette.grid,
            "grid.linewidth": 0.8,
            "xtick.color": palette.grid,
            "ytick.color": palette.grid,
            "xtick.labelcolor": palette.muted,
            "ytick.labelcolor": palette.muted,
            "ytick.major.size": 0,
            "legend.frameon": False,
            "legend.labelcolor": palette.muted,
            "legend.fontsize": 8.5,
            "legend.borderaxespad": 0.1,
            "legend.borderpad": 0.2,
            "legend.handlelength": 1.2,
            "legend.columnspacing": 1.2,
            "svg.fonttype": "none",
            "svg.hashsalt": salt,
            "path.simplify_threshold": 0.3,
        }
        mpl.rcParams.update(settings)
        yield


def draw(axes: "Axes", panel: Panel, series: "Series", palette: Palette) -> None:
    """Draw one panel and set its axes."""
    panel.draw(axes, series, palette)
    if panel.name in DATED:
        locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        written = ConciseDateFormatter(locator, show_offset=False)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(written)
    if panel.name == "names":
        axes.grid(visible=False, axis="y")
        axes.grid(visible=True, axis="x")


def svg_of(panel: Panel, series: "Series", *, width: float, height: float) -> str:
    """Draw a panel as an inline SVG element; sizes in inches, colours as ``var(--name)``."""
    with style(MARKERS, salt=f"{panel.name} {width}"):
        figure = Figure(figsize=(width, height), layout="constrained", facecolor="none")
        draw(figure.add_subplot(), panel, series, MARKERS)
        out = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(out, format="svg", metadata=nothing)
    return _inline(out.getvalue(), panel.title)


def _inline(text: str, title: str) -> str:
    """Keep the element alone, without names that would clash, and let the page choose colours."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'<style type="text/css">.*?</style>', "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    text = re.sub(r"font: ([0-9.]+px) 'DejaVu Sans'", r"font-size: \1", text)
    # A hundredth of a point is far below what a screen shows.
    text = re.sub(r"([0-9]\.[0-9]{2})[0-9]+", r"\1", text)
    for name, colour in MARKERS.named().items():
        text = text.replace(colour, f"var(--{name})")
    opening, rest = text.split(">", 1)
    view = re.search(r'viewBox="[0-9. ]+"', opening)
    assert view is not None
    head = f'<svg class="plot" role="img" aria-label="{title}" {view[0]}'
    return f'{head} xmlns:xlink="http://www.w3.org/1999/xlink">{rest.strip()}'


def painted(
    compose: Callable[[Figure], None], palette: Palette, *, size: tuple[float, float], dpi: int
) -> bytes:
    """Paint a whole figure as PNG."""
    with style(palette, salt="png"):
        layout = ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.07)
        figure = Figure(figsize=size, dpi=dpi, layout=layout, facecolor=palette.card)
        compose(figure)
        out = io.BytesIO()
        # The library's version is left out: it would change bytes that look the same.
        figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()
