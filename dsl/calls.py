"""A call's arguments put in their places: by position, by name, by default."""

from dataclasses import dataclass, field

from ..core.diagnostics import Fix
from .faults import Faults
from .habits import WINDOWS
from .shape import Shape
from .syntax import Argument, Call


@dataclass(slots=True)
class Placed:
    """Which argument goes where; ``rest`` are the inputs of a variadic operator."""

    by_name: dict[str, Argument] = field(default_factory=dict)
    rest: list[Argument] = field(default_factory=list)


def place(call: Call, operator: str, shape: Shape, faults: Faults) -> Placed | None:
    """Match a call with its operator's arguments; report what does not fit."""
    before = faults.count
    placed = Placed()
    _place_by_position(call, operator, shape, placed, faults)
    if any(argument.name for argument in call.arguments):
        _place_by_name(call, operator, shape, placed, faults)
    if faults.count == before:
        _check_complete(call, operator, shape, placed, faults)
    return placed if faults.count == before else None


def _place_by_position(
    call: Call, operator: str, shape: Shape, placed: Placed, faults: Faults
) -> None:
    named = [at for at, argument in enumerate(call.arguments) if argument.name]
    by_position = list(call.arguments[: named[0]] if named else call.arguments)
    if shape.variadic:
        placed.rest.extend(by_position)
        return
    room = len(shape.arguments)
    if len(by_position) > room:
        faults.error(
            "AF211",
            f"`{operator}` takes {room} argument{'s' * (room != 1)}, not {len(by_position)}",
            by_position[room].value.span,
            f"call it as `{shape.call_text(operator)}`",
        )
    for name, argument in zip(shape.arguments, by_position, strict=False):
        placed.by_name[name] = argument


def _place_by_name(call: Call, operator: str, shape: Shape, placed: Placed, faults: Faults) -> None:
    known = [name for name in shape.arguments if name != shape.variadic]
    has_named = False
    for argument in call.arguments:
        if not argument.name:
            if has_named:
                faults.error(
                    "AF213",
                    "an argument without a name follows one with a name",
                    argument.value.span,
                    "put arguments by position first",
                )
            continue
        has_named = True
        if argument.name not in known:
            is_window = argument.name.lower() in WINDOWS and "bars" in known
            meant = "bars" if is_window else faults.nearest(argument.name, known)
            faults.error(
                "AF104",
                f"`{operator}` has no argument `{argument.name}`",
                argument.name_span,
                f"did you mean `{meant}`?" if meant else f"it is `{shape.call_text(operator)}`",
                Fix(argument.name_span, meant) if meant else None,
            )
        elif argument.name in placed.by_name:
            faults.error(
                "AF212",
                f"`{operator}` gets `{argument.name}` twice",
                argument.name_span,
                "remove one of the two",
            )
        else:
            placed.by_name[argument.name] = argument


def _check_complete(
    call: Call, operator: str, shape: Shape, placed: Placed, faults: Faults
) -> None:
    is_short = bool(shape.variadic) and len(placed.rest) < 2  # noqa: PLR2004  # One term is no sum.
    missing = [
        name for name in shape.required if name not in placed.by_name and name != shape.variadic
    ]
    if not (is_short or missing):
        return
    help_ = f"call it as `{shape.call_text(operator)}`"
    if is_short:
        faults.error(
            "AF210", f"`{operator}` takes two or more, not {len(placed.rest)}", call.span, help_
        )
    if missing:
        listed = ", ".join(f"`{name}`" for name in missing)
        faults.error("AF210", f"`{operator}` lacks {listed}", call.span, help_)
