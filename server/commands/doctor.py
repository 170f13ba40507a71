"""``alphaforge doctor``: what is here, what is missing, and what to do about it."""

import importlib.util
import platform
from argparse import ArgumentParser, Namespace

from ... import __version__
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..compose import open_catalogue

EXTRAS = {
    "clickhouse": "clickhouse_connect",
    "embeddings": "sentence_transformers",
    "nautilus": "nautilus_trader",
    "ccxt": "ccxt",
    "ray": "ray",
    "postgres": "psycopg",
    "redis": "redis",
    "s3": "s3fs",
    "telemetry": "opentelemetry.sdk",
}


def configure(parser: ArgumentParser) -> None:
    """Take no arguments of its own."""


def request(session: Session, _args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.LOCAL, session.principal, resource="doctor")


def run(session: Session, _args: Namespace) -> Answer:
    """Look at the installation, the home and the journal."""
    from ...core.clock import SystemClock
    from ...core.journal import verify
    from ...data.lake import Lake

    catalogue, packs = open_catalogue(session.home)
    verdict = verify(session.home.journal_db)
    lake = Lake(session.home.lake, SystemClock())
    facts: dict[str, object] = {
        "version": __version__,
        "python": platform.python_version(),
        "home": str(session.home.root),
        "gateway_home": str(session.settings.gateway_home),
        "operators": len(catalogue.operators),
        "packs": packs.versions(),
        "refused_packs": {item.name: item.reason for item in packs.refused},
        "datasets": [card.name for card in lake.cards()],
        "journal_entries": verdict.entries,
        "journal_is_ok": verdict.is_ok,
        "cache": _cache(session),
        "extras": {name: _is_installed(module) for name, module in EXTRAS.items()},
    }
    lines = [f"{name:16} {value}" for name, value in facts.items() if name != "extras"]
    lines += [
        f"extra {name:10} {'installed' if _is_installed(module) else 'not installed: '}"
        + ("" if _is_installed(module) else f"pip install 'alphaforge[{name}]'")
        for name, module in EXTRAS.items()
    ]
    if not facts["datasets"]:
        lines.append("next: alphaforge data import FILE --name NAME, or alphaforge demo")
    return Answer(facts, "\n".join(lines), 0 if verdict.is_ok else 1)


def _cache(session: Session) -> dict[str, int]:
    """Count what the cache of sub-expressions holds, and how often it had what was asked for."""
    from ...engine.cache import facts_of

    return {**facts_of(session.home.cache), "bytes_max": session.home.cache_bytes}


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


COMMAND = Command("doctor", "say what is here and what is missing", configure, run, request)
