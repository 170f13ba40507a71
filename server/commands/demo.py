"""``alphaforge demo``: the main job end to end, each step printed, a report left."""

import shutil
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ...core.errors import ConflictError
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session

MARK = ".alphaforge-demo"


def configure(parser: ArgumentParser) -> None:
    """Add what may vary."""
    parser.add_argument("--bars", type=int, default=1, help="hours that the gateway replays")
    parser.add_argument("--open", action="store_true", help="open the tear sheet in a browser")
    parser.add_argument(
        "--folder", type=Path, default=Path("demo-home"), help="where the demo's homes go"
    )


def request(session: Session, _args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.DEMO, session.principal)


def run(session: Session, args: Namespace) -> Answer:
    """Tell the story in fresh homes of its own."""
    import anyio

    from ..demo.screen import Screen
    from ..demo.story import Demo, tell
    from ..settings import child_environment

    root = _fresh(args.folder.resolve())
    demo = Demo(
        root=root,
        settings=session.settings,
        environment=child_environment(),
        screen=Screen.quiet() if session.is_json else Screen(),
        bars=args.bars,
        is_to_open=args.open,
    )
    told = anyio.run(tell, demo)
    data = {
        "tear_sheet": str(told.tear_sheet),
        "experiments": list(told.experiments),
        "orders": told.orders,
        "fills": told.fills,
        "is_verified": told.is_verified,
        "folder": str(root),
    }
    return Answer(data, exit_code=0 if told.is_verified and told.fills else 1)


def _fresh(root: Path) -> Path:
    """Make the folder anew; only a folder that a demo made is ever removed.

    Raises:
        ConflictError: when it exists and no demo made it.
    """
    if root.exists() and any(root.iterdir()):
        if not (root / MARK).exists():
            raise ConflictError(
                f"`{root}` is not empty, and no demo made it", help="name another with --folder"
            )
        shutil.rmtree(root)
    root.mkdir(parents=True, exist_ok=True)
    (root / MARK).touch()
    return root


COMMAND = Command("demo", "run the main job end to end", configure, run, request)
