"""How the server starts: light, on this machine only, and within the inspector's rules."""

import json
import select
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest
from mcp import Client

from alphaforge.tests.helpers import REPO
from alphaforge.tests.tool_lab import environment

# The light ones of DESIGN decision 16, and numpy: none of these before the first call.
HEAVY = {
    "torch",
    "nautilus_trader",
    "ccxt",
    "lancedb",
    "numba",
    "polars",
    "duckdb",
    "pyarrow",
    "pandas",
    "deltalake",
    "clickhouse_connect",
    "numpy",
    "matplotlib",
    "lark",
    "structlog",
}
LIST = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/list",
    "params": {
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    },
}
SERVE = [sys.executable, "-m", "alphaforge", "serve"]
PORT_SECONDS_MAX = 30
LOOK_SECONDS = 0.05


def test_the_server_lists_its_tools_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "alphaforge", "serve", "--home", str(tmp_path)],
        input=json.dumps(LIST) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=environment(),
    )
    assert len(json.loads(done.stdout)["result"]["tools"]) == 5
    rows = [row for row in done.stderr.splitlines() if row.startswith("import time:")]
    imported = {row.rpartition("|")[2].strip().partition(".")[0] for row in rows}
    assert {"mcp", "alphaforge", "pydantic"} <= imported
    assert not imported & HEAVY
    assert list(tmp_path.iterdir()) == [], "listing tools opens no store"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PORT_SECONDS_MAX
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended"
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        select.select([], [], [], LOOK_SECONDS)
    pytest.fail("the server opened no port")


def test_the_server_speaks_http_on_this_machine(tmp_path: Path) -> None:
    port = free_port()
    with subprocess.Popen(
        [*SERVE, "--http", f"127.0.0.1:{port}", "--home", str(tmp_path)],
        stderr=subprocess.DEVNULL,
        env=environment(),
    ) as process:
        try:
            wait_for_port(port, process)

            async def main() -> None:
                async with Client(f"http://127.0.0.1:{port}/mcp") as client:
                    found = await client.call_tool("search", {"scope": "docs", "text": "trials"})
                    assert not found.is_error

            anyio.run(main)
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("0.0.0.0:8000", "not this machine"),
        ("example.com:80", "not this machine"),
        ("127.0.0.1", "names no port"),
        ("127.0.0.1:99999", "names no port"),
    ],
)
def test_I1_without_a_login_http_stays_on_this_machine(
    tmp_path: Path, place: str, said: str
) -> None:
    done = subprocess.run(
        [*SERVE, "--http", place, "--home", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment(),
    )
    assert done.returncode == 1
    assert said in done.stderr


def test_the_inspector_finds_nothing_to_object_to() -> None:
    if shutil.which("mcp-inspector") is None:
        pytest.skip("MCP INSPECTOR ABSENT: put mcp-inspector and Node >= 22 on the path")
    done = subprocess.run(
        ["bash", str(REPO / "tests" / "inspector.sh"), sys.executable],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment(),
    )
    assert done.returncode == 0, done.stdout + done.stderr
