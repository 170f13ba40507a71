"""The MCP server's promises about time: progress, cancelling, calls side by side, first opening."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import anyio
import pytest
from mcp import Client
from mcp.types import CallToolResult, TextContent

from alphaforge.core.errors import BrokenError
from alphaforge.core.journal import verify
from alphaforge.server.mcp import ToolServer
from alphaforge.server.serving import Desk
from alphaforge.tests.tool_lab import AGENT, DATASET, copied, filled, shared
from alphaforge.tools import TOOLS
from alphaforge.tools.lab import Lab

Mode = Literal["auto", "legacy"]
MODES: list[Mode] = ["auto", "legacy"]


def with_client(lab: Lab, work: Callable[[Client], Awaitable[None]], mode: Mode = "auto") -> None:
    """Connect in process; ``legacy`` goes through JSON-RPC all the same."""

    async def main() -> None:
        server = ToolServer(Desk(open_lab=lambda: lab, principal=AGENT))
        async with Client(server, mode=mode) as client:
            with anyio.fail_after(60):
                await work(client)

    anyio.run(main)


def said(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


def content(result: CallToolResult) -> dict[str, Any]:
    found: dict[str, Any] | None = result.structured_content
    assert found is not None
    return found


@pytest.mark.parametrize("mode", MODES)
def test_progress_arrives_while_a_run_works(tmp_path: Path, mode: Mode) -> None:
    lab, _ = copied(tmp_path)
    told: list[tuple[float, float | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        assert message
        told.append((progress, total))

    async def work(client: Client) -> None:
        asked = {"text": "rank(volume)", "dataset": DATASET, "wait_s": 60}
        run = await client.call_tool("run", asked, progress_callback=note)
        assert content(run)["state"] == "completed", run

    with_client(lab, work, mode)
    assert told
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert {total for _, total in told} == {1.0}


@pytest.mark.parametrize("mode", MODES)
def test_a_client_that_cancels_its_call_finds_the_run_going_on(tmp_path: Path, mode: Mode) -> None:
    lab, _ = copied(tmp_path)
    asked = {"text": "rank(-volume)", "dataset": DATASET}

    async def work(client: Client) -> None:
        with anyio.move_on_after(0.3) as scope:
            await client.call_tool("run", {**asked, "wait_s": 60})
        assert scope.cancelled_caught
        # The server is not held up by what was left.
        assert not (await client.call_tool("search", {"scope": "docs"})).is_error
        again = content(await client.call_tool("run", {**asked, "wait_s": 60}))
        assert again["state"] == "completed"
        assert again["trials"] == 3

    with_client(lab, work, mode)


def test_calls_on_one_connection_do_not_wait_for_each_other(tmp_path: Path) -> None:
    lab, _ = copied(tmp_path)
    order: list[str] = []

    async def work(client: Client) -> None:
        async def call(name: str, arguments: dict[str, Any]) -> None:
            assert not (await client.call_tool(name, arguments)).is_error
            order.append(name)

        asked = {"text": "rank(open)", "dataset": DATASET, "wait_s": 60}
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(call, "run", asked)
            await anyio.lowlevel.checkpoint()
            for _ in range(5):
                tasks.start_soon(call, "search", {"scope": "docs"})

    with_client(lab, work)
    assert order == ["search"] * 5 + ["run"]


def test_calls_side_by_side_leave_one_chain_that_verifies(tmp_path: Path) -> None:
    lab, _ = copied(tmp_path)

    async def work(client: Client) -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(client.call_tool, "search", {"scope": "docs"})

    with_client(lab, work)
    verdict = verify(lab.home.journal_db)
    assert verdict.is_ok, verdict.faults
    outcomes = [entry.request_id for entry in lab.journal.entries(kind="outcome")]
    assert len(set(outcomes[-10:])) == 10


def test_a_test_may_add_tools_to_the_real_server() -> None:
    server = ToolServer(Desk(open_lab=shared, principal=AGENT))

    @server.tool()
    def echo(text: str) -> str:
        return text

    async def main() -> None:
        async with Client(server) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            assert names == [*[tool.name for tool in TOOLS], "echo"]
            assert said(await client.call_tool("echo", {"text": "hi"})) == "hi"
            found = await client.call_tool("run", {"run_id": filled().first["run_id"]})
            assert content(found)["metrics"] == filled().first["metrics"]

    anyio.run(main)


def test_a_lab_that_does_not_open_is_said_and_tried_again(tmp_path: Path) -> None:
    lab, _ = copied(tmp_path)
    refusals = [BrokenError("the store is locked", code="AF511", help="wait")]

    def open_lab() -> Lab:
        if refusals:
            raise refusals.pop()
        return lab

    async def main() -> None:
        async with Client(ToolServer(Desk(open_lab=open_lab, principal=AGENT))) as client:
            first = await client.call_tool("search", {"scope": "docs"})
            assert content(first)["code"] == "AF511"
            assert not (await client.call_tool("search", {"scope": "docs"})).is_error

    anyio.run(main)
