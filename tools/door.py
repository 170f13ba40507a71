"""The one door to the five tools: validate, ask the gate, work, answer within bounds.

MCP, the CLI and the replayer of sessions all come through here, so that each call meets the same
policy and leaves the same journal entries, and each answer has the same fields.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ..core.errors import AlphaForgeError, BrokenError, LimitError
from ..core.principals import Principal
from ..core.progress import Report, silent
from ..policies.gate import enforce
from . import TOOLS
from .arguments import find, validated
from .errors import ToolAnswer, refusal
from .lab import Lab
from .tool import AnyTool, Call, Input, Output

CHARS_A_TOKEN = 4
ANSWER_TOKENS_MAX = 8_000

BY_NAME: Mapping[str, AnyTool] = {tool.name: tool for tool in TOOLS}


def never() -> bool:
    """Say that the caller is still there."""
    return False


def call_tool(  # noqa: PLR0913  # What a call consists of.
    lab: Lab,
    name: str,
    arguments: Mapping[str, object],
    *,
    principal: Principal,
    report: Report = silent,
    is_cancelled: Callable[[], bool] = never,
) -> ToolAnswer:
    """Run one call through the gate and answer; no exception leaves."""
    call = Call(
        principal=principal,
        request_id=lab.ids.mint("req"),
        report=report,
        is_cancelled=is_cancelled,
    )
    try:
        tool = find(name, BY_NAME)
        asked = validated(tool, arguments)
        output = _gated(lab, tool, call, asked)
        return _answer(tool, output)
    except AlphaForgeError as error:
        return refusal(error)
    except Exception:  # noqa: BLE001  # The outermost door: logged once, told without a trace.
        return broken(name, call.request_id)


def broken(name: str, request_id: str) -> ToolAnswer:
    """Log the exception being handled and answer without its words: they may hold anything."""
    from .logs import log

    log().exception("tool.broke", tool=name, request=request_id)
    return refusal(BrokenError(f"`{name}` broke inside; the log has it under `{request_id}`"))


def tokens(fields: object) -> int:
    """Count the tokens of an answer: four characters of compact JSON each."""
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return -(-len(text) // CHARS_A_TOKEN)


def _gated(lab: Lab, tool: AnyTool, call: Call, asked: Input) -> Output:
    deed = tool.deed(lab, call, asked)
    output: Output = enforce(
        deed.request, gate=lab.gate, work=deed.work, ask=deed.ask, request_id=call.request_id
    )
    return output


def _answer(tool: AnyTool, output: Output) -> ToolAnswer:
    fields: dict[str, Any] = output.model_dump(mode="json")
    if tokens(fields) > ANSWER_TOKENS_MAX:
        raise LimitError(
            f"the answer of `{tool.name}` is longer than {ANSWER_TOKENS_MAX} tokens",
            help="ask for fewer items, or for one at a time",
        )
    return ToolAnswer(fields=fields, text=" ".join(tool.summary(output).split()))
