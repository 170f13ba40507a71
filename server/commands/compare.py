"""``alphaforge compare ID ID...``: experiments side by side, luck taken off."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

from ..command import Answer, Command, Session
from ..toolcall import ask_tool, figure, table


def configure(parser: ArgumentParser) -> None:
    """Add the ids."""
    parser.add_argument("ids", nargs="+", metavar="ID", help="experiment ids, the base first")


def run(session: Session, args: Namespace) -> Answer:
    """Call the tool and lay the experiments out side by side."""
    return ask_tool(session, "compare", {"ids": args.ids}, shown=shown)


def shown(fields: Mapping[str, Any]) -> str:
    """Write the table, the differences and the verdict."""
    rows = fields["rows"]
    names = sorted({name for row in rows for name in row["metrics"]})
    titles = [row["name"] for row in rows]
    # Variants of one text share its name.
    is_clear = all(titles) and len(set(titles)) == len(titles)
    cells = [["", *[row["name"] if is_clear else row["id"] for row in rows]]]
    cells += [[name, *[figure(row["metrics"].get(name)) for row in rows]] for name in names]
    cells.append(["deflated_sharpe", *[figure(row["deflated_sharpe"]) for row in rows]])
    lines = [table(cells)]
    if len(rows) == 2:  # noqa: PLR2004  # A pair has one correlation.
        lines.append(f"correlation of returns {figure(fields['correlation'][0][1])}")
    lines += [
        f"differs: {item['what']}: {' | '.join(item['values'])}" for item in differing(fields)
    ]
    lines += [f"  {line}" for line in fields["text_changes"]]
    lines.append(fields["verdict"])
    return "\n".join(lines)


def differing(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List what differs besides the text, which is shown as a diff."""
    return [item for item in fields["differences"] if item["what"] != "text"]


COMMAND = Command("compare", "compare experiments, luck taken off", configure, run, None)
