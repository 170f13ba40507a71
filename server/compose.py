"""The composition root: what the parts are made of, and who gets what."""

import json
import sys
from functools import cache
from typing import TYPE_CHECKING

from ..core.clock import Clock, SystemClock
from ..core.home import Home
from ..core.ids import Ids, RandomIds
from ..core.journal import Journal
from ..data.lake import Lake
from ..dsl.catalogue import Catalogue
from ..memory.experiments import Experiments
from ..packs import PackSet, extend, find_packs
from ..policies.bundle import default_bundle
from ..policies.gate import Gate
from ..runs.approvals import Approvals
from ..runs.deployments import Deployments
from ..runs.service import Runs

if TYPE_CHECKING:
    from ..tools.lab import Lab

WORKER = (sys.executable, "-m", f"{__package__}.worker")


@cache
def open_catalogue(home: Home) -> tuple[Catalogue, PackSet]:
    """Build the catalogue once a process: the language's own words and those of the packs."""
    return extend(Catalogue.builtin(), find_packs(read_lock(home)))


def read_lock(home: Home) -> dict[str, str]:
    """Read which installed packs a human has trusted: content hash by distribution."""
    path = home.root / "packs.lock"
    if not path.exists():
        return {}
    lock: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return lock


def open_gate(home: Home, clock: Clock | None = None, ids: Ids | None = None) -> Gate:
    """Open the policy gate of a home: bundle, journal, ids."""
    home.make()
    journal = Journal(home.journal_db, clock or SystemClock())
    return Gate(bundle=default_bundle(), journal=journal, ids=ids or RandomIds())


def open_lab(home: Home, clock: Clock | None = None, ids: Ids | None = None) -> "Lab":
    """Open every store and service of a home."""
    # Late: the gateway process opens a gate here and must not import the tools.
    from ..tools.lab import Lab

    clock = clock or SystemClock()
    ids = ids or RandomIds()
    gate = open_gate(home, clock, ids)
    catalogue, packs = open_catalogue(home)
    experiments = Experiments(home.control_db, clock)
    lake = Lake(home.lake, clock)
    return Lab(
        home=home,
        clock=clock,
        ids=ids,
        catalogue=catalogue,
        packs=packs,
        lake=lake,
        experiments=experiments,
        runs=Runs(
            home=home,
            experiments=experiments,
            lake=lake,
            journal=gate.journal,
            clock=clock,
            worker_command=WORKER,
        ),
        approvals=Approvals(home.control_db, gate.journal, clock, ids),
        deployments=Deployments(home.control_db, gate.journal, clock),
        gate=gate,
        journal=gate.journal,
    )
