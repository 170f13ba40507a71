"""What a call costs on top of a bare echo: the gate with its journal, and a ``compile``.

Both servers are processes on stdio, called by the SDK's client; calls alternate, so that a busy
machine slows both. ``search`` of one guide topic is a call that does next to nothing behind the
gate; ``compile`` parses, checks and looks into memory.
"""

import statistics
import sys
import tempfile
import time
from typing import Any

import anyio
from mcp import Client, StdioServerParameters

CALLS = 200
WARM_UP = 20

ECHO = """
from mcp.server import MCPServer
server = MCPServer("bare", version="1", log_level="WARNING")
@server.tool()
def echo(text: str) -> str:
    "Say it again."
    return text
server.run()
"""

GATE: dict[str, Any] = {"scope": "docs", "text": "timing"}
COMPILE: dict[str, Any] = {"text": "rank(ts_mean(close, 24h) / close)"}


async def elapsed_ms(client: Client, tool: str, arguments: dict[str, Any]) -> float:
    """Time one call; an error is no measurement."""
    begun = time.perf_counter()
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.structured_content
    return (time.perf_counter() - begun) * 1000


async def measure(home: str) -> dict[str, list[float]]:
    """Call the two servers in turn."""
    bare = StdioServerParameters(command=sys.executable, args=["-c", ECHO])
    ours = StdioServerParameters(
        command=sys.executable, args=["-m", "alphaforge", "serve", "--home", home]
    )
    rows: dict[str, list[float]] = {"echo": [], "gate": [], "compile": []}
    async with Client(bare) as echo, Client(ours) as alphaforge:
        for number in range(WARM_UP + CALLS):
            row = {
                "echo": await elapsed_ms(echo, "echo", {"text": COMPILE["text"]}),
                "gate": await elapsed_ms(alphaforge, "search", GATE),
                "compile": await elapsed_ms(alphaforge, "compile", COMPILE),
            }
            if number >= WARM_UP:
                for name, value in row.items():
                    rows[name].append(value)
    return rows


def main() -> int:
    """Print medians, tails, and what each costs over the echo."""
    with tempfile.TemporaryDirectory() as home:
        rows = anyio.run(measure, home)
    echo = statistics.median(rows["echo"])
    print(f"call overhead, {CALLS} calls each")
    for name, values in rows.items():
        p50, p99 = statistics.median(values), statistics.quantiles(values, n=100)[98]
        print(
            f"  {name:8} p50 {p50:7.2f} ms  p99 {p99:7.2f} ms  "
            f"{p50 / echo:5.2f} x echo, +{p50 - echo:.2f} ms"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
