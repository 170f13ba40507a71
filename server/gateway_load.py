"""What a gateway loads: the text compiled anew, the packs on disk, the bars, the engine.

A heavy door: numpy and the engine come with it, so it is opened late.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.clock import Clock
from ..core.errors import NotFoundError
from ..core.home import Home
from ..core.instruments import Instrument
from ..data.card import DatasetCard
from ..data.lake import Lake
from ..dsl.catalogue import Catalogue
from ..dsl.compile import compile_text
from ..dsl.strategy import Strategy
from ..engine.incremental import Following
from ..engine.kernels import Kernels
from ..execution.approval import Loaded
from ..execution.contracts import contracts_of
from ..execution.market import FIELDS
from ..execution.signals import EngineSignals
from ..packs import extend, find_packs
from ..policies.limits import limits_from_table
from ..policies.plan import Plan
from ..runs.artifacts import fields_for
from ..runs.planning import Packs, identity

if TYPE_CHECKING:
    from ..core.panel import Panel

WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
MARKET_FIELDS = (*FIELDS, "mark_open", "mark_close", "funding_rate")


@dataclass(frozen=True, slots=True)
class Load:
    """A strategy in this process's memory, ready to decide, and its identity."""

    strategy: Strategy
    panel: "Panel"
    loaded: Loaded
    signals: EngineSignals

    def contracts(self, venue: str) -> dict[str, Instrument]:
        """Return contracts for a venue that has none of its own."""
        return contracts_of(self.panel, venue)


def load_text(text: str, plan: Plan, home: Home, gateway_home: Home, clock: Clock) -> Load:
    """Compile the text with the packs of this installation, and load the bars it decides on."""
    lake = Lake(home.lake, clock)
    card = _card(lake, plan)
    # No lock of the server's home: the gateway trusts what came with its own installation.
    catalogue, packs = extend(Catalogue.builtin(), find_packs({}))
    compilation = compile_text(text, catalogue, bar_seconds=card.bar_seconds)
    strategy = compilation.require()
    found = identity(
        text,
        catalogue,
        bar_seconds=card.bar_seconds,
        packs=Packs(packs.versions(), packs.hashes()),
    )
    there = {*card.fields, *card.derived}
    fields = {
        *fields_for(card, compilation),
        *(name for name in MARKET_FIELDS if name in there),
    }
    panel = lake.panel(card.name, sorted(fields), snapshot=card.snapshot)
    # The lake is the server's: what was signed is a hash, so the rows are hashed here.
    lake.require_unchanged(card.name, snapshot=card.snapshot)
    kernels = own_kernels(home.kernel_cache, gateway_home)
    # The limits are read anew, so that what the risk table uses is what gets hashed.
    table = {name: value for name, value in _items(plan) if value is not None}
    loaded = Loaded(
        fingerprint=found.fingerprint,
        family=found.family,
        source_hash=found.source_hash,
        ir_hash=found.ir_hash,
        compiler_version=found.compiler_version,
        operators_version=found.operators_version,
        packs=found.packs,
        snapshots=(panel.snapshot,),
        venue="",
        account="",
        instruments=(),
        limits=limits_from_table(dict(table)),
        bundle_hash="",
    )
    signals = EngineSignals(strategy, panel, Following(Kernels(kernels)))
    return Load(strategy, panel, loaded, signals)


def own_kernels(shared: Path | None, gateway_home: Home) -> Path:
    """Return the folder of compiled kernels: they are code that runs in the gateway.

    The shared cache is used only when it belongs to this user and nobody else may write in it.
    """
    own = Home(gateway_home.root).kernels
    return shared if shared is not None and _is_ours_alone(shared) else own


def _is_ours_alone(folder: Path) -> bool:
    try:
        return all(_is_private(place.lstat()) for place in (folder, *folder.rglob("*")))
    except OSError:
        return False


def _is_private(found: os.stat_result) -> bool:
    is_link = stat.S_ISLNK(found.st_mode)
    return not is_link and found.st_uid == os.getuid() and not found.st_mode & WRITABLE_BY_OTHERS


def _card(lake: Lake, plan: Plan) -> DatasetCard:
    """Return the dataset that holds the plan's snapshot.

    Raises:
        NotFoundError: when the lake has it no longer.
    """
    for snapshot in plan.snapshots:
        for card in lake.cards():
            if (found := card.at(snapshot)) is not None:
                return found
    raise NotFoundError(
        f"the lake has no snapshot `{', '.join(plan.snapshots)}`",
        help="import the dataset the plan was made on",
    )


def _items(plan: Plan) -> list[tuple[str, object]]:
    from dataclasses import fields

    return [(field.name, getattr(plan.limits, field.name)) for field in fields(plan.limits)]
