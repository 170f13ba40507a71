"""``alphaforge gateway``: the process that trades an approved deployment, on a replayed market."""

import os
import signal
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from datetime import UTC, datetime

from ...core.clock import SystemClock
from ...core.errors import InvalidInputError
from ...core.ids import RandomIds
from ...execution.faults import POINTS, FaultPoints, no_faults
from ...execution.gateway import Adoption
from ...execution.summary import GatewayState, Summary
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..gateway import run_gateway, start_request
from ..gateway_house import House, Wish
from ..gateway_replay import BARS_DEFAULT, Span

BARS_MAX = 24 * 366


def configure(parser: ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument("--account", default="sim-main", help="the account of the plan")
    parser.add_argument("--deployment", default="", help="its id, where an account has several")
    parser.add_argument(
        "--replay-from", default="", metavar="TS", help="first bar, such as 2025-12-16T00:00Z"
    )
    parser.add_argument(
        "--bars", type=int, default=BARS_DEFAULT, help=f"bars to replay ({BARS_DEFAULT})"
    )
    parser.add_argument(
        "--once", action="store_true", help="end after the first bar that trades a decision"
    )
    parser.add_argument(
        "--adopt",
        default="",
        metavar="REASON",
        help="you looked: where the venue differs from the ledger, the venue is right",
    )
    # For the crash tests, on the simulated venue alone: die by SIGKILL at a named place.
    parser.add_argument("--crash-at", default="", help=SUPPRESS)


def request(session: Session, args: Namespace) -> Request:
    """Ask whether this deployment may start, with the facts its signatures make."""
    return start_request(_house(session), _wish(session, args), session.principal)


def run(session: Session, args: Namespace) -> Answer:
    """Run until the replay ends or something halts it."""
    summary = run_gateway(_house(session), _wish(session, args), _say)
    return Answer(summary.json(), _text(summary), exit_code=_exit_code(summary))


def _house(session: Session) -> House:
    settings = session.settings
    return House(
        session.home, settings.gateway_home, SystemClock(), RandomIds(), settings.gateway()
    )


def _wish(session: Session, args: Namespace) -> Wish:
    if not 1 <= args.bars <= BARS_MAX:
        raise InvalidInputError(f"`--bars` is {args.bars}", help=f"give 1 to {BARS_MAX}")
    adoption = Adoption(session.principal, args.adopt) if args.adopt.strip() else None
    return Wish(
        account=args.account,
        deployment_id=args.deployment,
        span=Span(_instant(args.replay_from), args.bars, is_once=args.once),
        adoption=adoption,
        faults=_faults(args.crash_at),
    )


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(
            f"`{text[:40]}` is no instant", help="write it as 2025-12-16T00:00Z"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _faults(text: str) -> FaultPoints:
    """Return the crash that a test asks for: ``after_send`` or ``after_send:3``."""
    if not text:
        return no_faults
    name, _, count = text.partition(":")
    if name not in POINTS or not (count or "1").isdigit():
        raise InvalidInputError(f"no fault point `{name[:40]}`", help=f"known: {', '.join(POINTS)}")
    left = int(count or "1")

    def point(reached: str) -> None:
        nonlocal left
        left -= reached == name
        if reached == name and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return point


def _say(line: str) -> None:
    # Progress is for people and never mixes with the answer.
    sys.stderr.write(f"gateway: {line}\n")
    sys.stderr.flush()


def _text(summary: Summary) -> str:
    told = summary.json()
    lines = [f"{summary.state.value}: {summary.reason}"]
    names = ("deployment_id", "bars", "decisions", "order_count", "fills", "kill_level", "equity")
    lines += [f"  {name}: {told[name]}" for name in names]
    positions = told["positions"]
    assert isinstance(positions, dict)
    lines += [f"  {symbol}: {qty}" for symbol, qty in positions.items()]
    return "\n".join(lines)


def _exit_code(summary: Summary) -> int:
    return 0 if summary.state is GatewayState.FINISHED else 1


COMMAND = Command("gateway", "trade an approved deployment", configure, run, request)
