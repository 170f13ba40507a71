"""The door: a request in, its plan or its panel out."""

from ...core.diagnostics import echo
from ...core.errors import NotFoundError
from ...core.panel import Panel
from ..lake import Lake
from .backend import Backend
from .plan import Plan
from .planner import plan
from .request import PanelRequest

BACKENDS = ("polars", "duckdb")


def planned(lake: Lake, request: PanelRequest) -> Plan:
    """Return how a request would be answered; no row is read.

    Raises:
        NotFoundError: when there is no such dataset, snapshot, field or symbol.
        InvalidInputError: when the request cannot be answered.
    """
    from .stored import stored_of

    return plan(request, stored_of(lake, request))


def served(lake: Lake, request: PanelRequest, *, backend: str = "polars") -> Panel:
    """Return the panel of a request, read by the named engine, as ``planned`` says.

    Raises:
        NotFoundError: also when there is no such engine.
    """
    from .panel import panel

    return panel(planned(lake, request), backend_of(backend))


def backend_of(name: str) -> Backend:
    """Return an engine by its name.

    Raises:
        NotFoundError: when there is no such engine.
    """
    if name == "polars":
        from .polars_backend import PolarsBackend

        return PolarsBackend()
    if name == "duckdb":
        from .duckdb_backend import DuckDBBackend

        return DuckDBBackend()
    raise NotFoundError(
        f"there is no engine `{echo(name)}`", help="engines: " + ", ".join(BACKENDS)
    )
