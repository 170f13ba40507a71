"""Everything the five tools work with, opened once by the composition root."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.clock import Clock
from ..core.home import Home
from ..core.ids import Ids

if TYPE_CHECKING:
    from ..core.journal import Journal
    from ..data.lake import Lake
    from ..dsl.catalogue import Catalogue
    from ..memory.experiments import Experiments
    from ..packs import PackSet
    from ..policies.gate import Gate
    from ..runs.approvals import Approvals
    from ..runs.deployments import Deployments
    from ..runs.service import Runs


@dataclass(frozen=True, slots=True)
class Lab:
    """The stores and services of one home; tools hold no state of their own."""

    home: Home
    clock: Clock
    ids: Ids
    catalogue: "Catalogue"
    packs: "PackSet"
    lake: "Lake"
    experiments: "Experiments"
    runs: "Runs"
    approvals: "Approvals"
    deployments: "Deployments"
    gate: "Gate"
    journal: "Journal"
