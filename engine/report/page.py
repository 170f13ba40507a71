"""The tear sheet as one HTML page: no script, no request, light and dark, fit for a phone."""

from html import escape
from typing import TYPE_CHECKING

from .palette import DARK, LIGHT, Palette
from .rows import Group, Row, groups, headline, verdict
from .sheet import SYNTHETIC, Sheet

if TYPE_CHECKING:
    from .tables import Table

STYLE = """
:root{%(light)s}
@media (prefers-color-scheme:dark){:root{%(dark)s}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);line-height:1.5;
 font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:15px}
main{max-width:1120px;margin:0 auto;padding:24px 16px 48px}
h1{font-size:1.6rem;line-height:1.2;margin:0;overflow-wrap:anywhere}
h2{font-size:.86rem;font-weight:600;margin:0 0 8px;color:var(--ink)}
p{margin:.35rem 0}
.doc{color:var(--muted)}
.origin{display:flex;flex-wrap:wrap;gap:2px 18px;margin:10px 0 0;font-size:.8rem;
 color:var(--muted)}
.origin dt,.origin dd{display:inline;margin:0}
.origin dd{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;
 overflow-wrap:anywhere}
.banner{background:var(--loss);color:var(--card);font-weight:600;padding:8px 14px;
 border-radius:8px;margin:0 0 18px}
.verdict{border-left:4px solid var(--other);padding:6px 12px;margin:18px 0 0;
 background:var(--card);border-radius:0 8px 8px 0}
.verdict.believed{border-color:var(--main)}
.headline{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;
 margin:18px 0}
.figure,.card{background:var(--card);border:1px solid var(--grid);border-radius:10px}
.figure{padding:10px 14px}
.figure dt{font-size:.78rem;color:var(--muted)}
.figure dd{margin:0;font-size:1.25rem;font-weight:600;white-space:nowrap;
 font-variant-numeric:tabular-nums}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%%,250px),1fr));gap:14px}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%%,440px),1fr));gap:14px}
.wide{grid-column:1/-1}
.card{padding:12px 14px;min-width:0}
.plot{display:block;width:100%%;height:auto}
.plot *{stroke-linejoin:round;stroke-linecap:butt}
section{margin-top:14px}
table{border-collapse:collapse;width:100%%;font-size:.86rem}
td{padding:4px 0;border-top:1px solid var(--grid)}
tr:first-child td{border-top:0}
td+td{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums;padding-left:12px}
th{font-weight:600;text-align:left;padding:4px 0;white-space:nowrap}
th+th{text-align:right;padding-left:12px}
.scroll{overflow-x:auto}
ul{margin:0;padding-left:1.1rem}
pre{margin:0;overflow-x:auto;font-size:.8rem;line-height:1.45;
 font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
footer{color:var(--muted);font-size:.8rem;margin-top:18px}
.narrow{display:none}
@media (max-width:640px){.broad{display:none}.narrow{display:block}main{padding:16px 10px 32px}}
@media print{body{background:#fff}.card,.figure{break-inside:avoid}}
"""

SMALL_WIDTH = 4.7
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
CONVENTIONS = (
    "Returns are net, per bar; a year is 365 days; no risk-free rate is taken off. "
    "Signals of a bar trade at a later open; funding is booked where it settles. Times are UTC."
)


def tear_sheet_html(sheet: Sheet) -> str:
    """Return the page as text; the same sheet gives the same bytes."""
    style = STYLE % {"light": _variables(LIGHT), "dark": _variables(DARK)}
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escape(sheet.title)} - AlphaForge tear sheet</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            "<main>",
            _head(sheet),
            f'<dl class="headline">{"".join(map(_figure, headline(sheet)))}</dl>',
            _plots(sheet),
            f'<section class="cards">{"".join(map(_table, groups(sheet)))}</section>',
            _tables(sheet),
            _notes(sheet),
            _text(sheet),
            f"<footer>{CONVENTIONS}</footer>",
            "</main>",
            "</body>",
            "</html>",
            "",
        )
    )


def _variables(palette: Palette) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in palette.named().items())


def _head(sheet: Sheet) -> str:
    parts = []
    if sheet.is_synthetic:
        parts.append(f'<p class="banner" role="alert">{escape(SYNTHETIC)}</p>')
    parts.append(f"<header><h1>{escape(sheet.title)}</h1>")
    if sheet.doc:
        parts.append(f'<p class="doc">{escape(sheet.doc)}</p>')
    origin = {"dataset": sheet.dataset, **(sheet.origin or {})}
    pairs = "".join(
        f"<div><dt>{escape(name)}: </dt><dd>{escape(value)}</dd></div>"
        for name, value in origin.items()
        if value
    )
    parts.append(f'<dl class="origin">{pairs}</dl></header>')
    if sheet.luck is not None:
        mark = " believed" if sheet.luck.is_believed else ""
        parts.append(f'<p class="verdict{mark}">{escape(verdict(sheet))}</p>')
    return "".join(parts)


def _figure(row: Row) -> str:
    return f'<div class="figure"><dt>{escape(row.label)}</dt><dd>{escape(row.value)}</dd></div>'


def _table(group: Group) -> str:
    rows = "".join(
        f"<tr><td>{escape(row.label)}</td><td>{escape(row.value)}</td></tr>" for row in group.rows
    )
    name = "card wide" if group.is_wide else "card"
    return f'<div class="{name}"><h2>{escape(group.title)}</h2><table>{rows}</table></div>'


def _tables(sheet: Sheet) -> str:
    from .tables import tables

    return f'<section class="cards">{"".join(map(_listing, tables(sheet.series)))}</section>'


def _listing(table: "Table") -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    return (
        f'<div class="card wide"><h2>{escape(table.title)}</h2><div class="scroll">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></div>"
    )


def _plots(sheet: Sheet) -> str:
    from .figures import svg_of
    from .panels import DRAWDOWN, EQUITY, SMALL

    cards = []
    for panel, height in ((EQUITY, 3.0), (DRAWDOWN, 1.5)):
        # On a phone a broad picture would shrink until nobody can read it: there is a narrow one.
        broad = svg_of(panel, sheet.series, width=9.6, height=height)
        narrow = svg_of(panel, sheet.series, width=SMALL_WIDTH, height=height * 0.8)
        both = f'<div class="broad">{broad}</div><div class="narrow">{narrow}</div>'
        cards.append(f'<div class="card wide"><h2>{escape(panel.title)}</h2>{both}</div>')
    for panel in SMALL:
        svg = svg_of(panel, sheet.series, width=SMALL_WIDTH, height=2.4)
        cards.append(f'<div class="card"><h2>{escape(panel.title)}</h2>{svg}</div>')
    return f'<section class="plots">{"".join(cards)}</section>'


def _notes(sheet: Sheet) -> str:
    if not sheet.notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in sheet.notes)
    return f'<section class="card"><h2>What to know</h2><ul>{items}</ul></section>'


def _text(sheet: Sheet) -> str:
    if not sheet.text:
        return ""
    return (
        '<section class="card"><h2>Strategy</h2>'
        f"<pre><code>{escape(sheet.text)}</code></pre></section>"
    )
