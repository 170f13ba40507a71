"""Arguments of a call: all their faults at once, each with the way out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ..core.diagnostics import echo
from ..core.errors import NotFoundError, UsageError
from ..core.nearest import nearest
from .tool import AnyTool, Input

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FAULTS_SHOWN_MAX = 5


def find(name: str, tools: Mapping[str, AnyTool]) -> AnyTool:
    """Return the tool of that name.

    Raises:
        NotFoundError: with the nearest name there is.
    """
    if name in tools:
        return tools[name]
    meant = nearest(name, tools)
    known = ", ".join(f"`{tool}`" for tool in tools)
    raise NotFoundError(
        f"there is no tool `{echo(name)}`",
        help=f"did you mean `{meant}`?" if meant else f"the tools are {known}",
        next=f"call `{meant}`" if meant else "",
    )


def validated(tool: AnyTool, arguments: Mapping[str, object]) -> Input:
    """Read the arguments of a call into the tool's model.

    Raises:
        UsageError: with every fault, up to five.
    """
    try:
        asked: Input = tool.input.model_validate(dict(arguments))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        known = tuple(tool.input.model_fields)
        raise _invalid(tool.name, faults, known) from None
    return asked


def _invalid(tool: str, faults: "list[ErrorDetails]", known: tuple[str, ...]) -> UsageError:
    shown = faults[:FAULTS_SHOWN_MAX]
    messages = [_message(fault) for fault in shown]
    if len(faults) > len(shown):
        messages.append(f"and {len(faults) - len(shown)} more")
    unknown = [str(fault["loc"][-1]) for fault in shown if fault["type"] == "extra_forbidden"]
    near = [meant for name in unknown if (meant := nearest(name, known))]
    listed = ", ".join(f"`{name}`" for name in known)
    return UsageError(
        "; ".join(messages),
        help=f"did you mean {' and '.join(f'`{name}`' for name in near)}?"
        if near
        else f"`{tool}` takes {listed}",
        next=f"call `{tool}` again with these arguments mended",
    )


def _message(fault: "ErrorDetails") -> str:
    place = echo(".".join(str(part) for part in fault["loc"]))
    if fault["type"] == "extra_forbidden":
        return f"unknown argument `{place}`"
    if fault["type"] == "missing":
        return f"argument `{place}` is missing"
    said = fault["msg"].removeprefix("Value error, ")
    said = said[:1].lower() + said[1:]
    return f"argument `{place}`: {said[:200]}" if place else said[:200]
