"""``alphaforge cache [--empty]``: what the cache of sub-expressions holds, or away with it."""

from argparse import ArgumentParser, Namespace

from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session

MEGABYTE = 1024**2


def configure(parser: ArgumentParser) -> None:
    """Add what to do with it."""
    parser.add_argument("--empty", action="store_true", help="take all of it away, counts too")


def request(session: Session, _args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.LOCAL, session.principal, resource="cache")


def run(session: Session, args: Namespace) -> Answer:
    """Say what is there; nothing that is taken away is lost, it is computed again."""
    from ...engine.cache import empty, facts_of

    folder = session.home.cache
    taken = empty(folder) if args.empty else 0
    facts = {**facts_of(folder), "bytes_max": session.home.cache_bytes, "taken_away": taken}
    told = [f"{facts[name]} {name}" for name in ("hits", "misses", "kept", "evicted", "damaged")]
    lines = [
        f"{folder}: {facts['files']} values",
        f"{facts['bytes'] / MEGABYTE:.1f} MB of {facts['bytes_max'] / MEGABYTE:.0f} MB",
        ", ".join(told),
    ]
    lines += [f"{taken} values were taken away"] if args.empty else []
    return Answer(facts, "\n".join(lines))


COMMAND = Command("cache", "show or empty the cache of sub-expressions", configure, run, request)
