"""``alphaforge search [TEXT]``: what was tried, and what there is to try with."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..command import Answer, Command, Session
from ..toolcall import ask_tool, table

SCOPES = ("experiments", "operators", "datasets", "docs", "templates")


def configure(parser: ArgumentParser) -> None:
    """Add words, likeness, order and paging."""
    parser.add_argument("text", nargs="?", default="", help="words, a name or an id")
    parser.add_argument("--like", help="an experiment id or a strategy file")
    parser.add_argument("--sort", help="relevance, recent, novelty, deflated or a metric")
    parser.add_argument("--scope", choices=SCOPES)
    parser.add_argument("--dataset")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--cursor")


def run(session: Session, args: Namespace) -> Answer:
    """Call the tool and lay its hits out in columns."""
    like = args.like
    if like and Path(like).is_file():
        like = Path(like).read_text(encoding="utf-8")
    arguments = {
        "text": args.text,
        "like": like,
        "sort": args.sort,
        "scope": args.scope,
        "dataset": args.dataset,
        "limit": args.limit,
        "cursor": args.cursor,
    }
    return ask_tool(session, "search", arguments, shown=shown)


def shown(fields: Mapping[str, Any]) -> str:
    """Write the hits for people."""
    rows = [[hit["id"], hit["title"][:60], hit["reason"][:70]] for hit in fields["hits"]]
    lines = [table(rows)] if rows else []
    if len(fields["hits"]) == 1 and fields["hits"][0]["text"]:
        lines.append(fields["hits"][0]["text"])
    lines.append(f"{len(rows)} of {fields['total']} {fields['scope']}")
    if fields["next_cursor"]:
        lines.append(f"more: --cursor {fields['next_cursor']}")
    return "\n".join(lines)


COMMAND = Command("search", "search experiments, operators, data sets, docs", configure, run, None)
