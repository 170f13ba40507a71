"""From an experiment to the plan of a deployment: all fields of SAFETY A2, none left to a default.

1. ``identity`` says what is computed: from the text and the catalogue alone, so that the gateway
   can say it again of what it is about to run and compare (SAFETY A4).
2. ``plan_of`` adds what may be done with it: stage, venue, account, instruments, limits, and the
   days in which it holds. The days begin at midnight UTC: asking twice on one day is one request.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .. import __version__
from ..core.errors import ConflictError, InvalidInputError, InvalidTextError
from ..core.inert import inert
from ..core.principals import Principal, Stage
from ..data.names import is_symbol
from ..dsl.catalogue import Catalogue
from ..dsl.compile import compile_text
from ..dsl.strategy import Strategy
from ..execution.account_name import account_name
from ..memory.experiment import Experiment
from ..memory.rows import metrics_text
from ..policies.limits import Limits
from ..policies.plan import Evidence, PackRef, Plan
from .engine import engine_of

DAYS_MAX = 30
INSTRUMENTS_MAX = 200
_VENUE = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a text computes, and with which versions."""

    fingerprint: str
    family: str
    source_hash: str
    ir_hash: str
    compiler_version: str
    operators_version: str
    packs: tuple[PackRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What whoever asks wants done with an experiment."""

    stage: Stage
    venue: str
    account: str
    limits: Limits
    days: int
    instruments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Packs:
    """Versions and content hashes of the packs that are loaded, by name."""

    versions: Mapping[str, str]
    hashes: Mapping[str, str]


def identity(text: str, catalogue: Catalogue, *, bar_seconds: int, packs: Packs) -> Identity:
    """Say what a text computes.

    Raises:
        InvalidTextError: when the text has faults with this catalogue.
        ConflictError: when it reads other venues, whose bars no gateway receives.
    """
    made = compile_text(text, catalogue, bar_seconds=bar_seconds)
    if made.strategy is None:
        raise InvalidTextError(made.diagnostics, made.text)
    _require_one_source(made.strategy)
    return Identity(
        fingerprint=made.strategy_fingerprint,
        # Versions of one signal, however it is weighted, share a family: splitting is seen.
        family=made.signal_fingerprint,
        source_hash=_sha256(text.encode()),
        ir_hash=_sha256(f"{made.canonical}\n{made.strategy_fingerprint}".encode()),
        compiler_version=__version__,
        operators_version=engine_of(made.strategy),
        packs=_packs_used(made.strategy, packs),
    )


def plan_of(  # noqa: PLR0913  # The parts of a plan.
    experiment: Experiment,
    found: Identity,
    aim: Aim,
    *,
    symbols: tuple[str, ...],
    requester: Principal,
    bundle_hash: str,
    now: datetime,
) -> Plan:
    """Make the plan of an experiment.

    Raises:
        ConflictError: when the experiment is no completed run, or its text means something else
            by now.
        InvalidInputError: when an instrument is not in the data, the days are out of bounds, or
            account or venue are no plain words: humans read them and type them into a shell.
    """
    require_completed(experiment)
    _require_same(experiment, found)
    if not 1 <= aim.days <= DAYS_MAX:
        raise InvalidInputError(
            f"`days` is {aim.days}", help=f"a plan holds for 1 to {DAYS_MAX} days"
        )
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Plan(
        fingerprint=found.fingerprint,
        family=found.family,
        source_hash=found.source_hash,
        ir_hash=found.ir_hash,
        compiler_version=found.compiler_version,
        operators_version=found.operators_version,
        packs=found.packs,
        snapshots=(experiment.snapshot,),
        evidence=(Evidence(experiment.run_id, result_hash(experiment)),),
        stage=aim.stage,
        venue=_venue(aim.venue),
        account=account_name(aim.account),
        instruments=_instruments(aim, symbols),
        limits=aim.limits,
        parameters=tuple(sorted(experiment.settings.items())),
        start_at=start,
        end_at=start + timedelta(days=aim.days),
        bundle_hash=bundle_hash,
        requester=requester.id,
        sponsor=requester.sponsor,
        authors=(experiment.author,),
        tenant=requester.tenant,
    )


def result_hash(experiment: Experiment) -> str:
    """Return the hash of a run's metrics, as they are promised byte for byte."""
    return _sha256(metrics_text(experiment.metrics).encode())


def require_completed(experiment: Experiment) -> None:
    """Refuse to plan with an experiment that no completed run speaks for.

    Raises:
        ConflictError: when it is no run, or has not completed.
    """
    if experiment.state != "completed" or not experiment.run_id:
        raise ConflictError(
            f"`{experiment.id}` is no completed run, so nothing speaks for it",
            help="deploy an experiment whose run completed",
            next="run",
        )


def _require_same(experiment: Experiment, found: Identity) -> None:
    if experiment.strategy_fingerprint != found.fingerprint:
        raise ConflictError(
            f"the text of `{experiment.id}` now compiles to `{found.fingerprint}`, "
            f"it was run as `{experiment.strategy_fingerprint}`",
            help="the language or a pack has changed since; run it again first",
            next="run",
        )


def _require_one_source(strategy: Strategy) -> None:
    # Server and gateway both come through here: neither plans nor runs what it cannot feed.
    if strategy.sources:
        alias, name = strategy.sources[0]
        raise ConflictError(
            f"the strategy reads `{alias}` ({name}) beside the venue it trades on, and a gateway "
            "receives the bars of one venue",
            help="deploy a strategy whose fields all come from the data set that is traded",
        )


def _venue(name: str) -> str:
    if not _VENUE.fullmatch(name):
        raise InvalidInputError(
            f"`{name[:40]!a}` is not the name of a venue",
            help="a lower-case letter, then letters, digits, `_` and `-`, at most 32",
        )
    return name


def _instruments(aim: Aim, symbols: tuple[str, ...]) -> tuple[str, ...]:
    chosen = tuple(sorted(set(aim.instruments))) or tuple(sorted(symbols))
    alien = sorted(set(chosen) - set(symbols))
    if alien:
        raise InvalidInputError(
            f"`{inert(alien[0], 40)}` is not in the data the strategy was run on",
            help="name instruments of that data set",
        )
    for symbol in chosen:
        if not is_symbol(symbol):
            raise InvalidInputError(
                f"`{inert(symbol, 40)}` is not the name of an instrument",
                help="name the `instruments` that may be traded",
            )
    if len(chosen) > INSTRUMENTS_MAX:
        raise InvalidInputError(
            f"{len(chosen)} instruments are more than {INSTRUMENTS_MAX}",
            help="name the `instruments` that may be traded",
        )
    return chosen


def _packs_used(strategy: Strategy, packs: Packs) -> tuple[PackRef, ...]:
    # All loaded packs: an operator of theirs may be used without a `use` line.
    named = {use.pack for use in strategy.uses} | set(packs.versions)
    return tuple(
        PackRef(name=name, version=packs.versions[name], content_hash=packs.hashes[name])
        for name in sorted(named & set(packs.versions))
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
