"""``alphaforge packs list|show|check|trust``: which markets this installation knows."""

import json
from argparse import ArgumentParser, Namespace
from importlib.metadata import entry_points

from ...core.errors import NotFoundError
from ...core.nearest import nearest
from ...packs.pack import LoadedPack, PackSet
from ...packs.registry import GROUP, distribution_hash
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..compose import open_catalogue, read_lock


def configure(parser: ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verbs.add_parser("list", help="the packs there are, refused ones with the reason")
    show = verbs.add_parser("show", help="what one pack supplies")
    show.add_argument("name")
    verbs.add_parser("check", help="fail when a pack was refused")
    trust = verbs.add_parser("trust", help="let an installed pack's code be loaded")
    trust.add_argument("name", help="the distribution's name")


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    action = Action.PACK_TRUST if args.verb == "trust" else Action.PACK_READ
    return Request(action, session.principal, resource=getattr(args, "name", ""))


def run(session: Session, args: Namespace) -> Answer:
    """Answer one verb."""
    if args.verb == "trust":
        return _trust(session, args.name)
    _catalogue, packs = open_catalogue(session.home)
    if args.verb == "show":
        return _show(packs, args.name)
    rows = [_fields(item) for item in packs.loaded]
    refused = [
        {"name": item.name, "place": item.place, "reason": item.reason, "help": item.help}
        for item in packs.refused
    ]
    lines = [f"{row['name']} {row['version']}  {row['doc']}" for row in rows]
    lines += [f"{item['name']}  REFUSED: {item['reason']}" for item in refused]
    exit_code = 1 if args.verb == "check" and refused else 0
    return Answer({"packs": rows, "refused": refused}, "\n".join(lines), exit_code)


def _show(packs: PackSet, name: str) -> Answer:
    for item in packs.loaded:
        if item.pack.name == name:
            return Answer(_fields(item), json.dumps(_fields(item), indent=2))
    known = [item.pack.name for item in packs.loaded]
    meant = nearest(name, known)
    raise NotFoundError(
        f"no pack `{name}` is loaded",
        help=f"did you mean `{meant}`?" if meant else f"there are: {', '.join(known)}",
    )


def _fields(item: LoadedPack) -> dict[str, object]:
    return {
        "name": item.pack.name,
        "version": item.pack.version,
        "doc": item.pack.doc,
        "core": f">={item.pack.core_min},<{item.pack.core_below}",
        "content_hash": item.content_hash,
        "operators": sorted(item.operators),
        "macros": sorted(item.macros),
        "fields": [field.name for field in item.pack.fields],
        "templates": [template.name for template in item.templates],
    }


def _trust(session: Session, name: str) -> Answer:
    for point in entry_points(group=GROUP):
        if point.dist is not None and point.dist.name == name:
            lock = read_lock(session.home) | {name: distribution_hash(point)}
            path = session.home.root / "packs.lock"
            path.write_text(json.dumps(lock, indent=2, sort_keys=True) + "\n", encoding="utf-8")
            return Answer(
                {"name": name, "content_hash": lock[name]},
                f"{name} is trusted with content hash {lock[name]}",
            )
    raise NotFoundError(f"no installed distribution `{name}` offers a pack")


COMMAND = Command("packs", "list, show, check and trust capability packs", configure, run, request)
