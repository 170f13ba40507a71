"""What a replay cannot follow faithfully is refused before anything is started."""

from dataclasses import fields
from typing import TYPE_CHECKING

from ...core.errors import InvalidInputError

if TYPE_CHECKING:
    from ...dsl.strategy import Strategy
    from ...engine.simulate import Simulation

CODE = "AF740"
CELLS_MAX = 500_000
# Settings of costs that the script says in the engine's words; any other must be at its default.
COSTS_FOLLOWED = frozenset({"taker_bp", "slippage_bp", "has_funding"})
# Settings of an account that change no fill; any other must be at its default.
ACCOUNT_FOLLOWED = frozenset({"capital"})
# What a simulation may say happened that has no counterpart in the engine.
EVENTS = ("liquidations", "expired", "lots_skipped")


def check_settings(strategy: "Strategy") -> None:
    """Refuse settings that no order of the replay could follow.

    Raises:
        InvalidInputError: naming the setting.
    """
    if strategy.portfolio.turnover_max is not None:
        raise _refused("`max_turnover` makes targets depend on the engine's own fills")
    _check_defaults(strategy.costs, COSTS_FOLLOWED, "costs")
    _check_defaults(getattr(strategy, "account", None), ACCOUNT_FOLLOWED, "account")


def check_history(simulation: "Simulation") -> None:
    """Refuse a history with events that the engine has no counterpart for.

    Raises:
        InvalidInputError: naming the event.
    """
    if simulation.liquidated_row is not None:
        raise _refused("the book was ruined, and the engine does not close a ruined book")
    for name in EVENTS:
        if getattr(simulation, name, 0):
            raise _refused(f"the simulation has `{name}`, which the engine would not repeat")


def check_size(rows: int, names: int) -> None:
    """Refuse a replay that would take minutes and gigabytes.

    Raises:
        InvalidInputError: with the count and the bound.
    """
    if rows * names > CELLS_MAX:
        raise _refused(
            f"{rows} bars x {names} traded instruments are more than {CELLS_MAX} cells",
            help="run the strategy over a shorter window and replay that run",
        )


def _check_defaults(settings: object, followed: frozenset[str], what: str) -> None:
    if settings is None:
        return
    plain = type(settings)()
    for field in fields(settings):  # type: ignore[arg-type]
        value = getattr(settings, field.name)
        if field.name not in followed and value != getattr(plain, field.name):
            raise _refused(f"`{what}` sets `{field.name}` to `{value}`, which cannot be replayed")


def _refused(message: str, help: str = "") -> InvalidInputError:  # noqa: A002
    return InvalidInputError(
        f"no faithful replay: {message}",
        code=CODE,
        help=help or "docs/replay.md says what a replay follows",
    )
