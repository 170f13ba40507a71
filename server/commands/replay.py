"""``alphaforge replay RUN_ID [--out DIR]``: a run through an event-driven engine's books."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ...core.errors import ConflictError
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..progress import progress_bar

WORKER = (sys.executable, "-m", f"{__package__.rpartition('.')[0]}.replay_worker")


def configure(parser: ArgumentParser) -> None:
    """Add the run and the folder."""
    parser.add_argument("run_id", help="a finished run's id, or its experiment's")
    parser.add_argument("--out", type=Path, help="a folder that gets copies of the reports")


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.EVAL, session.principal, resource=args.run_id)


def run(session: Session, args: Namespace) -> Answer:
    """Replay the run, leave the reports among its artifacts, say whether both books agree."""
    from ...runs.replay import Replayer, leave, require_engine
    from ...runs.states import State

    require_engine()
    lab, tenant = session.lab, session.principal.tenant
    run_id = args.run_id
    if run_id.startswith("exp"):
        run_id = lab.experiments.get(run_id, tenant).run_id
    view = lab.runs.show(run_id, tenant)
    if view.state is not State.COMPLETED:
        raise ConflictError(
            f"run `{run_id}` is `{view.state.value}`", help="only a completed run can be replayed"
        )
    experiment = lab.experiments.get(view.experiment_id, tenant)
    home = session.home
    replayer = Replayer(lab.lake, lab.catalogue, home.kernels, home.artifacts, WORKER)
    with progress_bar("replay", is_quiet=session.is_json) as report:
        found = replayer.replay(experiment, report)
    folder = home.artifacts / run_id
    names = leave(folder, found)
    lab.runs.attach(run_id, names, tenant=tenant)
    if args.out is not None:
        leave(args.out, found)
    paths = [str((args.out or folder) / name) for name in names]
    fields = {key: value for key, value in found.fields.items() if key != "difference_bp"}
    text = "\n".join([found.text, *paths])
    return Answer({**fields, "files": paths}, text, 0 if found.verdict.is_agreed else 1)


COMMAND = Command(
    "replay", "hold a run against an event-driven engine's books", configure, run, request
)
