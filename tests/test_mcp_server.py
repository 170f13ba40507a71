"""The MCP server as a client meets it: over stdio, in both eras, as a process of its own."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

from alphaforge.core.clock import SystemClock
from alphaforge.core.journal import Journal
from alphaforge.tests.tool_lab import DATASET, FIRST, copied, environment
from alphaforge.tools import TOOLS

Mode = Literal["auto", "legacy"]
MODES: list[Mode] = ["auto", "legacy"]
ENDED = {"completed", "failed", "cancelled"}
pytestmark = pytest.mark.timeout(120)


def command(home: Path, *more: str) -> list[str]:
    return ["-m", "alphaforge", "serve", "--home", str(home), *more]


@asynccontextmanager
async def connected(home: Path, mode: Mode = "auto", *more: str) -> AsyncIterator[Client]:
    server = StdioServerParameters(
        command=sys.executable, args=command(home, *more), env=environment()
    )
    async with Client(server, mode=mode) as client:
        yield client


def with_client(
    home: Path, mode: Mode, work: Callable[[Client], Awaitable[None]], *more: str
) -> None:
    async def main() -> None:
        async with connected(home, mode, *more) as client:
            with anyio.fail_after(100):
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
def test_I4_a_client_lists_and_calls_the_five_tools_in_either_era(
    tmp_path: Path, mode: Mode
) -> None:
    async def work(client: Client) -> None:
        listed = (await client.list_tools()).tools
        assert [tool.name for tool in listed] == [tool.name for tool in TOOLS]
        assert all(tool.output_schema and tool.annotations for tool in listed)
        good = await client.call_tool("compile", {"text": FIRST})
        assert not good.is_error
        assert content(good)["fingerprint"].startswith("sig_")
        assert content(good)["fingerprint"] in said(good)
        bad = await client.call_tool("compile", {"text": "rank(delay(close, -1))"})
        assert bad.is_error
        assert set(content(bad)) == {"code", "message", "span", "help", "next", "diagnostics"}
        assert "look ahead" in said(bad)
        unknown = await client.call_tool("compile", {"txt": FIRST})
        assert unknown.is_error
        assert "did you mean `text`?" in said(unknown)
        nobody = await client.call_tool("approve", {})
        assert content(nobody)["code"] == "AF404"

    with_client(tmp_path / "home", mode, work)
    assert_asked_by_a_sponsored_agent(tmp_path / "home", ["serve", "compile", "compile"])


def assert_asked_by_a_sponsored_agent(home: Path, actions: list[str]) -> None:
    """SAFETY I4: on stdio the caller is an agent in the name of the user."""
    journal = Journal(home / "audit" / "journal.db", SystemClock())
    asked: list[Any] = [entry.body["request"] for entry in journal.entries(kind="decision")]
    journal.close()
    assert [item["action"] for item in asked] == actions
    for item in asked:
        assert item["principal"]["kind"] == "agent"
        assert item["principal"]["sponsor"].startswith("human:")


def test_a_run_over_stdio_reports_progress_outlives_its_call_and_is_cancelled_by_id(
    tmp_path: Path,
) -> None:
    copied(tmp_path)
    told: list[float] = []
    asked = {"text": "rank(volume)", "dataset": DATASET}

    async def note(progress: float, total: float | None, message: str | None) -> None:
        assert (total, bool(message)) == (1.0, True)
        told.append(progress)

    async def work(client: Client) -> None:
        with anyio.move_on_after(2.0) as scope:
            await client.call_tool("run", {**asked, "wait_s": 90}, progress_callback=note)
        assert scope.cancelled_caught
        found = content(await client.call_tool("run", {**asked, "wait_s": 0}))
        await client.call_tool("run", {"cancel": found["run_id"]})
        ended = await client.call_tool("run", {"run_id": found["run_id"], "wait_s": 60})
        assert content(ended)["state"] == "cancelled"

    with_client(tmp_path / "home", "auto", work)
    assert told
    assert told == sorted(set(told))


def test_stdout_carries_the_protocol_and_nothing_else(tmp_path: Path) -> None:
    meta = {
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    }
    calls: list[tuple[str, dict[str, Any]]] = [
        ("tools/list", {}),
        ("tools/call", {"name": "compile", "arguments": {"text": FIRST}}),
        ("tools/call", {"name": "search", "arguments": {"scope": "datasets"}}),
    ]
    lines = [
        json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": {**params, **meta}})
        for number, (method, params) in enumerate(calls)
    ]
    with subprocess.Popen(
        [sys.executable, *command(tmp_path / "home")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        answers = []
        for line in lines:
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
            answers.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        assert process.wait(timeout=30) == 0
        assert process.stdout.read() == b""
    assert [answer["id"] for answer in answers] == [0, 1, 2]
    assert all("result" in answer for answer in answers)


def test_the_server_ends_when_its_client_does_though_a_run_is_waited_for(tmp_path: Path) -> None:
    copied(tmp_path)

    async def main() -> None:
        with anyio.fail_after(30):
            async with connected(tmp_path / "home") as client:
                asked = {"text": "rank(high)", "dataset": DATASET, "wait_s": 300}
                with anyio.move_on_after(1.0):
                    await client.call_tool("run", asked)

    anyio.run(main)
