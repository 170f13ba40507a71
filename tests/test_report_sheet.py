"""Tear sheets: whole, escaped, self-contained, the same bytes each time."""

import hashlib
import re
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray

from alphaforge.engine.artifacts import Series
from alphaforge.engine.folds import FoldResult
from alphaforge.engine.report import Sheet, tear_sheet_html, tear_sheet_png
from alphaforge.engine.report.palette import DARK, LIGHT, MARKERS
from alphaforge.engine.report.panels import periods
from alphaforge.engine.report.picture import WIDTH, figure_bands, figure_table
from alphaforge.engine.report.rows import groups, headline, percent, times, whole
from alphaforge.engine.statistics import Luck, luck_of

HOUR = 3600
START = 1_740_787_200  # 2025-03-01
NASTY = """</h1><script>alert('x')</script> & "quoted" $\\frac{1}{2}$"""
METRICS: dict[str, float | None] = {
    "sharpe": 1.234,
    "sharpe_se": 0.5,
    "annual_return": 0.1234,
    "max_drawdown": 0.0567,
    "calmar": None,
    "turnover_daily": 1.5,
    "exposure_net_mean": -1e-9,
    "skew": -0.5,
    "kurtosis": 7.0,
    "bars": 1000.0,
    "trades": 12345.0,
}


def series(rows: int = 1000, names: int = 14, seed: int = 0) -> Series:
    rng = np.random.default_rng(seed)
    returns: NDArray[np.float64] = rng.normal(0.0002, 0.004, rows)
    equity: NDArray[np.float64] = np.multiply.accumulate(1 + returns)
    decisions = np.arange(7, rows, 8, dtype=np.int64)
    return Series(
        bar_seconds=HOUR,
        capital=1.0,
        symbols=tuple(f"N{place:02d}USDT" for place in range(names)),
        times=START + HOUR * np.arange(rows, dtype=np.int64),
        equity=equity,
        returns=returns,
        turnover=rng.random(rows) * (rng.random(rows) < 0.125),
        fees=np.full(rows, 1e-5),
        slippage=np.full(rows, 4e-6),
        funding=rng.normal(0, 1e-5, rows),
        positions=rng.normal(0, 1 / names, (rows, names)),
        name_gain=rng.normal(0, 0.05, names),
        decision_times=START + HOUR * decisions,
        ic=rng.normal(0.02, 0.2, len(decisions)),
        rank_ic=rng.normal(0.02, 0.2, len(decisions)),
        lag_rank_ic=rng.normal(0, 0.02, 10),
        lag_rank_ic_se=np.full(10, 0.01),
        quantile_returns=rng.normal(0, 1e-3, 5),
        lag_ic=rng.normal(0, 0.02, 10),
        lag_ic_se=np.full(10, 0.01),
        autocorrelation=np.linspace(1, 0, 10),
        benchmark=np.concatenate(([np.nan], rng.normal(0, 0.004, rows - 1))),
        gain_by_symbol=rng.normal(0, 0.05, (5, names)),
        gain_by_side=rng.normal(0, 0.05, (5, 2)),
        factors=("momentum",),
        gain_by_factor=np.array([0.02, -0.01]),
    )


def sheet(**changes: object) -> Sheet:
    base = Sheet(
        title="reversal",
        series=series(),
        metrics=METRICS,
        doc="Short-term reversal",
        dataset="perps_1h",
        origin={"experiment": "exp_1", "snapshot": "snap_1"},
        luck=luck_of(METRICS, bar_seconds=HOUR, trials=12),
        notes=("survivorship: delisted symbols are missing",),
        text="rank(-delta(close, 24h))",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


@cache
def page() -> str:
    return tear_sheet_html(sheet())


@cache
def picture() -> bytes:
    return tear_sheet_png(sheet())


class Reader(HTMLParser):
    """Collects what a browser would load or run, and checks that tags close in order."""

    VOID = frozenset({"meta", "br", "img", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [
            value or "" for name, value in attrs if name in {"src", "href", "xlink:href"}
        ]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def test_a_page_asks_for_nothing_and_runs_nothing() -> None:
    reader = read(page())
    assert not reader.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert all(link.startswith("#") for link in reader.links)
    assert "@import" not in page()
    assert "url(http" not in page()
    assert "Content-Security-Policy" in page()


def test_every_panel_is_on_the_page_and_named_for_readers() -> None:
    labels = re.findall(r'<svg class="plot" role="img" aria-label="([^"]+)"', page())
    # Equity and drawdown come twice: broad, and narrow for phones.
    assert len(labels) == 12
    assert len(set(labels)) == 10
    for word in ("Drawdown", "IC by lag", "fifth of the signal", "Turnover", "Exposure", "Costs"):
        assert any(word in label for label in labels), word


def test_colours_follow_the_readers_theme() -> None:
    assert "prefers-color-scheme:dark" in page()
    for palette in (LIGHT, DARK):
        for name, colour in palette.named().items():
            assert f"--{name}:{colour}" in page()
    drawn = page().split("</style>", 1)[1]
    assert not [colour for colour in MARKERS.named().values() if colour in drawn]
    # matplotlib's own black and white would vanish on one of the themes.
    assert not re.findall(r"(?:fill|stroke): ?#(?:000000|ffffff)", drawn)
    assert drawn.count("var(--") > 100


def test_names_inside_pictures_never_clash() -> None:
    ids = re.findall(r'\bid="([^"]+)"', page())
    assert len(ids) == len(set(ids))
    for wanted in re.findall(r'(?:xlink:href="#|url\(#)([^")]+)', page()):
        assert wanted in ids


@pytest.mark.parametrize("field", ["title", "doc", "dataset", "text"])
def test_a_users_text_is_shown_and_never_obeyed(field: str) -> None:
    text = tear_sheet_html(sheet(**{field: NASTY}))
    assert "<script>" not in text
    assert NASTY in "".join(read(text).words)


def test_notes_and_origins_are_escaped_too() -> None:
    text = tear_sheet_html(
        sheet(
            notes=(NASTY,),
            origin={NASTY: NASTY},
            luck=Luck(1, None, None, None, NASTY),
            series=replace(series(names=3), symbols=(NASTY, "<b>", "&amp;")),
        )
    )
    assert "<script>" not in text
    assert "<b>" not in text
    read(text)


def folded(count: int) -> Sheet:
    """A sheet whose run was cut into folds."""
    fold = FoldResult(
        train=(("2025-03-01 00:00", "2025-03-11 00:00"),),
        test=("2025-03-11 00:00", "2025-03-14 08:00"),
        test_rows=(240, 320),
        train_bars=240,
        test_bars=80,
        train_sharpe=-12.34,
        test_sharpe=-10.21,
        test_return=-0.1234,
        test_drawdown=0.2,
    )
    return replace(sheet(), folds=(fold,) * count)


@pytest.mark.parametrize("count", [2, 30])
def test_folds_have_room_of_their_own_on_page_and_picture(count: int) -> None:
    page = tear_sheet_html(folded(count))
    assert page.count("<td>2025-03-11 .. 2025-03-14 08:00</td>") == count
    assert '<div class="card wide"><h2>Folds' in page
    figure = Figure(figsize=(WIDTH, 2.0))
    for band in figure_bands(folded(count)):
        area = figure.subfigures(1, 1)
        assert isinstance(area, SubFigure)
        figure_table(area, band)
        figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in area.texts if text.get_text()]
        assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for box in boxes)
        clashes = [
            (one, other)
            for at, one in enumerate(boxes)
            for other in boxes[at + 1 :]
            if min(one.x1, other.x1) - max(one.x0, other.x0) > 1 and abs(one.y1 - other.y1) < 1
        ]
        assert not clashes
        figure.clear()


def test_hostile_text_does_not_break_the_picture() -> None:
    notes = (NASTY, "$x^", "\\frac{", "", "a" * 5000) * 4
    assert pixels(tear_sheet_png(sheet(title=NASTY, doc="$x^{", dataset="\\frac{", notes=notes)))


def pixels(png: bytes) -> tuple[int, int]:
    """Check a PNG's frame and return its size."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    place, kinds = 8, []
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, body = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        (check,) = struct.unpack(">I", png[place + 8 + length : place + 12 + length])
        assert check == zlib.crc32(kind + body)
        kinds.append(kind)
        place += length + 12
    assert kinds[-1] == b"IEND"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_picture_is_a_png_of_a_size_that_chat_clients_take() -> None:
    width, height = pixels(picture())
    assert 1000 <= width <= 1568
    assert 1500 <= height <= 2400
    assert len(picture()) < 800_000


def test_the_same_sheet_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib;"
        "from alphaforge.tests.test_report_sheet import sheet, tear_sheet_html, tear_sheet_png;"
        "a = hashlib.sha256(tear_sheet_html(sheet()).encode()).hexdigest();"
        "b = hashlib.sha256(tear_sheet_png(sheet())).hexdigest(); print(a, b)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours = (hashlib.sha256(page().encode()), hashlib.sha256(picture()))
    assert done.stdout.split() == [digest.hexdigest() for digest in ours]


def test_synthetic_data_are_called_so_on_both_and_real_data_on_neither() -> None:
    assert "SYNTHETIC" not in page()
    assert "SYNTHETIC" in tear_sheet_html(sheet(is_synthetic=True))
    assert tear_sheet_png(sheet(is_synthetic=True)) != picture()


def test_figures_are_written_for_people() -> None:
    assert percent(-0.12345) == "\N{MINUS SIGN}12.35 %"
    assert times(-0.0000001) == "0.00 x"
    assert whole(1234567.0) == "1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567"
    top = {row.label: row.value for row in headline(sheet())}
    assert top["Sharpe"] == "1.23 ± 0.50"
    rows = {row.label: row.value for group in groups(sheet()) for row in group.rows}
    assert rows["Calmar"] == "\N{EN DASH}"
    assert rows["Net exposure, mean"] == "0.00 x"
    assert rows["Trials counted"] == "12"


def test_luck_and_survivorship_stand_on_the_page() -> None:
    words = "".join(read(page()).words)
    assert "Not distinguishable from luck after 12 trials" in words
    assert "survivorship: delisted symbols are missing" in words
    assert "Deflated Sharpe" in words
    bare = "".join(read(tear_sheet_html(sheet(luck=None, notes=(), text=""))).words)
    assert "luck after" not in bare
    assert "What to know" not in bare


def test_periods_compound_to_the_whole() -> None:
    for rows, count in ((24 * 10, 10), (24 * 35, 6), (24 * 100, 4)):
        names, returns = periods(series(rows=rows))
        assert len(names) == len(returns) == count
        assert np.prod(1 + returns) == pytest.approx(series(rows=rows).equity[-1])
    assert periods(series(rows=24 * 100))[0] == ["2025-03", "2025-04", "2025-05", "2025-06"]


@pytest.mark.parametrize("rows", [1, 9])
def test_a_very_short_run_has_a_sheet_too(rows: int) -> None:
    short = series(rows=rows, names=2)
    empty = replace(
        short,
        lag_rank_ic=np.full(10, np.nan),
        lag_rank_ic_se=np.full(10, np.nan),
        quantile_returns=np.full(5, np.nan),
        equity=np.zeros(rows),
    )
    read(tear_sheet_html(sheet(series=empty)))
    pixels(tear_sheet_png(sheet(series=empty, metrics={})))


def test_the_package_loads_without_matplotlib_or_numpy() -> None:
    code = (
        "import sys, alphaforge.engine.report;"
        "print([m for m in ('numpy', 'matplotlib', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
