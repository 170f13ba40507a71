"""The pages on the language as MCP resources: listed for everyone, read through the gate."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio.to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError

from ..core.diagnostics import echo
from .serving import Desk

if TYPE_CHECKING:
    from ..tools.lab import Lab

MARKDOWN = "text/markdown"
CHEAT_SHEET = "alphaforge://docs/cheatsheet"


def offer_pages(server: MCPServer[dict[str, Any]], desk: Desk) -> None:
    """Register the pages; nothing is opened before one is read."""

    @server.resource(
        CHEAT_SHEET,
        name="cheatsheet",
        title="The whole language on one page",
        description="Statements, operators, fields, idioms and common mistakes; read it first.",
        mime_type=MARKDOWN,
    )
    async def cheatsheet() -> str:
        return await _read(desk, "cheatsheet", _cheat_sheet)

    @server.resource(
        "alphaforge://docs/language",
        name="language",
        title="The language",
        description="The reference: formulas, statements, canonical form, limits.",
        mime_type=MARKDOWN,
    )
    async def language() -> str:
        return await _read(desk, "language", partial(_page, "language"))

    @server.resource(
        "alphaforge://docs/errors",
        name="errors",
        title="Codes: what each one says, and what to do",
        description="Every code of a diagnostic or error, with an example and the next move.",
        mime_type=MARKDOWN,
    )
    async def errors() -> str:
        return await _read(desk, "errors", partial(_page, "errors"))

    @server.resource(
        "alphaforge://docs/errors/{code}",
        name="error",
        title="One code",
        description="What one code says and what to do, such as AF201.",
        mime_type=MARKDOWN,
    )
    async def error(code: str) -> str:
        return await _read(desk, code, partial(_error, code))

    @server.resource(
        "alphaforge://operators/{name}",
        name="operator",
        title="One operator, macro or field",
        description="Its call, what it does, its arguments, unit, warm-up and an example.",
        mime_type=MARKDOWN,
    )
    async def operator(name: str) -> str:
        return await _read(desk, name, partial(_operator, name))


async def _read(desk: Desk, name: str, write: "Callable[[Lab], str]") -> str:
    """Read a page in a thread, as a call is worked on.

    Raises:
        ResourceNotFoundError: when there is no such page.
        ResourceError: when policy refuses.
    """
    text = await anyio.to_thread.run_sync(partial(_gated, desk, name, write))
    if not text:
        raise ResourceNotFoundError(f"there is no page on `{echo(name)}`")
    return text


def _gated(desk: Desk, name: str, write: "Callable[[Lab], str]") -> str:
    from ..core.errors import AlphaForgeError
    from ..policies.action import Action
    from ..policies.gate import enforce
    from ..policies.request import Request

    try:
        lab = desk.lab()
        request = Request(Action.SEARCH, desk.principal, resource=f"docs/{name[:80]}")
        return enforce(request, gate=lab.gate, work=lambda _decision: write(lab))
    except AlphaForgeError as error:
        raise ResourceError(f"{error.code}: {error.message}") from error


def _cheat_sheet(lab: "Lab") -> str:
    from ..tools.reference import cheat_sheet_of

    return cheat_sheet_of(lab)


def _page(name: str, _lab: "Lab") -> str:
    from ..core.pages import page

    return page(name)


def _error(code: str, _lab: "Lab") -> str:
    from ..core.pages import errors

    found = errors().get(code.upper())
    return f"# {code.upper()}: {found.heading}\n\n{found.text}\n" if found else ""


def _operator(name: str, lab: "Lab") -> str:
    from ..tools.reference import operator_page_of

    return operator_page_of(lab, name)
