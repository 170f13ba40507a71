"""``alphaforge report ID [--open]``: where the tear sheet of an experiment lies.

A variant of a sweep leaves figures alone; its sheet is drawn when it is asked for.
"""

import webbrowser
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import BrokenError, NotFoundError
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..progress import progress_bar
from ..toolcall import table

if TYPE_CHECKING:
    from ...engine.report.tables import Table

SERIES = "series.npz"


def configure(parser: ArgumentParser) -> None:
    """Add the id."""
    parser.add_argument("id", help="an experiment's id")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.REPORT, session.principal, resource=args.id)


def run(session: Session, args: Namespace) -> Answer:
    """Print the paths of the pictures, drawn now if need be; open the page when asked."""
    tenant = session.principal.tenant
    experiment = session.lab.experiments.get(args.id, tenant)
    if not experiment.run_id:
        raise NotFoundError(
            f"`{args.id}` left no tear sheet: it is no run", next=f"alphaforge run {args.id}"
        )
    with progress_bar("tear sheet", is_quiet=session.is_json) as report:
        found = session.lab.runs.sheet(experiment.run_id, report, tenant=tenant)
    if args.open:
        webbrowser.open(found[0].as_uri())
    paths = [str(path) for path in found]
    listed = _tables(found[0].parent)
    data = {
        "experiment_id": args.id,
        "artifacts": paths,
        "tables": [
            {"title": each.title, "head": list(each.head), "rows": [list(row) for row in each.rows]}
            for each in listed
        ],
    }
    shown = [f"{each.title}\n{table([list(each.head), *map(list, each.rows)])}" for each in listed]
    return Answer(data, "\n\n".join(["\n".join(paths), *shown]))


def _tables(folder: Path) -> "tuple[Table, ...]":
    """Read the attribution of a run; what another version wrote has none."""
    from ...engine.artifacts import load_series
    from ...engine.report.tables import tables

    try:
        return tables(load_series(folder / SERIES))
    except BrokenError:
        return ()


COMMAND = Command("report", "where an experiment's tear sheet lies", configure, run, request)
