"""The demo's agent: a real MCP client that speaks to ``alphaforge serve`` over stdio."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters

from ...core.errors import BrokenError
from ...runs.states import ENDED
from .screen import Screen

# Seconds that one call waits. A run ends by itself: its worker is bounded in time.
WAIT_S = 120


class Agent:
    """Calls tools and shows each call."""

    def __init__(self, client: Client, screen: Screen) -> None:
        """Take an open connection."""
        self._client = client
        self._screen = screen

    async def tools(self) -> list[str]:
        """List the server's tools."""
        return [tool.name for tool in (await self._client.list_tools()).tools]

    async def call(self, tool: str, /, **arguments: object) -> Mapping[str, Any]:
        """Call a tool that must succeed and return its fields."""
        fields, is_error = await self.ask(tool, **arguments)
        if is_error:
            raise BrokenError(f"`{tool}` answered {fields.get('code')}: {fields.get('message')}")
        return fields

    async def run(self, **arguments: object) -> Mapping[str, Any]:
        """Run a strategy that must complete, however long a machine takes that compiles first."""
        done = await self.call("run", **arguments, wait_s=WAIT_S)
        while done["state"] not in ENDED:
            self._screen.say(f"{done['state']}, {done['progress']:.0%}: waiting on")
            done = await self.call("run", run_id=done["run_id"], wait_s=WAIT_S)
        if done["state"] != "completed":
            raise BrokenError(f"the run is {done['state']}: {done['error']}", help=done["next"])
        return done

    async def ask(self, tool: str, /, **arguments: object) -> tuple[Mapping[str, Any], bool]:
        """Call a tool; return its fields and whether it refused."""
        self._screen.call(tool, arguments)
        result = await self._client.call_tool(tool, dict(arguments))
        return dict(result.structured_content or {}), bool(result.is_error)


@asynccontextmanager
async def connected(
    home: Path, gateway_home: Path, environment: Mapping[str, str], screen: Screen
) -> AsyncIterator[Agent]:
    """Spawn the server and connect to it."""
    server = StdioServerParameters(
        command=sys.executable,
        args=[
            *("-m", "alphaforge", "serve"),
            *("--home", str(home), "--gateway-home", str(gateway_home)),
        ],
        env=dict(environment),
    )
    try:
        async with Client(server) as client:
            yield Agent(client, screen)
    except BaseExceptionGroup as group:
        # The client's task groups wrap what the story raised; the caller wants the one error.
        inner = group
        while isinstance(inner, BaseExceptionGroup):
            inner = inner.exceptions[0]
        raise inner from None
