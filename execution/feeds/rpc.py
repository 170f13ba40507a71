"""A node's JSON-RPC over HTTP: errors inside a 200 answer get their names."""

import json
from dataclasses import dataclass, replace
from typing import Any

from ...core.diagnostics import echo
from ...core.errors import InvalidInputError, LimitError
from ...data.ingest.fetch import Payload, TryAgainError
from ...data.ingest.source import Step
from ...data.sources.evm_blocks import SplitChainError
from ...data.sources.evm_rpc import EVENTS, calls, view_of
from .http import Web

HEADERS = {"Content-Type": "application/json"}
# How providers word that an answer would be too large, all under codes of their own.
_TOO_LARGE = ("more than", "too many results", "response size", "block range", "range too")
_BUSY = ("rate", "capacity", "too many requests", "timeout", "timed out", "header not found")
_BUSY_CODES = frozenset({429, -32603})


@dataclass(frozen=True)
class RpcFetch:
    """Send a step's calls as one batch."""

    web: Web

    def fetch(self, step: Step) -> Payload:
        """Return the batch of results.

        Raises:
            TryAgainError: when the node is busy, lacks a block still, or its chain changes.
            LimitError: when the logs are too many for it.
            InvalidInputError: when it refuses a call for good.
        """
        body = json.dumps(calls(step)).encode()
        payload = self.web.fetch(replace(step, body=body, query=()))
        try:
            found = json.loads(payload.body)
        except ValueError as error:
            raise TryAgainError(f"`{echo(step.key)}` got an answer that is no JSON") from error
        for answer in found if isinstance(found, list) else [found]:
            if isinstance(answer, dict):
                _require_result(answer)
        if step.stream == EVENTS:
            try:
                view_of("", payload.body)
            except SplitChainError as error:
                raise TryAgainError(error.message) from error
        return payload


def _require_result(answer: dict[str, Any]) -> None:
    error = answer.get("error")
    if error is None:
        if answer.get("result", "") is None:
            raise TryAgainError("the node does not have a block yet")
        return
    fields = error if isinstance(error, dict) else {"message": str(error)}
    text, code = str(fields.get("message", "")), fields.get("code")
    words = text.lower()
    if any(part in words for part in _TOO_LARGE):
        raise LimitError(f"the node refuses: {echo(text)}", help="ask for a shorter span")
    if code in _BUSY_CODES or any(part in words for part in _BUSY):
        raise TryAgainError(f"the node is busy: {echo(text)}")
    raise InvalidInputError(
        f"the node refuses: {echo(text)} ({code})", help="ask another node, or for other contracts"
    )
