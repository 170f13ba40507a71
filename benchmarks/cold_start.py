"""Cold start of ``alphaforge serve`` against a bare ``MCPServer``, as a ratio in one run.

Both are processes; the time is from spawning one until it has answered its first ``tools/list``.
Pairs alternate, so that a busy machine slows both; the ratio is that of the medians. Memory is the
peak resident size before any work.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 12
BAR = 1.3
AIM = 1.15

BARE = """
from mcp.server import MCPServer
server = MCPServer("bare", version="1", log_level="WARNING")
@server.tool()
def echo(text: str) -> str:
    "Say it again."
    return text
server.run()
"""

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


def first_list(command: list[str]) -> tuple[float, int]:
    """Spawn a server; return the milliseconds to its first list, and its peak memory in KiB."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(LIST).encode() + b"\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    elapsed = (time.perf_counter() - begun) * 1000
    assert answer["result"]["tools"], "the server lists no tool"
    peak = peak_kib(process.pid)
    process.stdin.close()
    process.wait(timeout=30)
    return elapsed, peak


def peak_kib(pid: int) -> int:
    """Read the peak resident size of a process."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    rows = dict(row.split(":", 1) for row in status.read_text().splitlines() if ":" in row)
    return int(rows["VmHWM"].split()[0])


def main() -> int:
    """Measure, print the ratios, and fail above the bar."""
    with tempfile.TemporaryDirectory() as folder:
        ours = [sys.executable, "-m", "alphaforge", "serve", "--home", folder]
        bare = [sys.executable, "-c", BARE]
        first_list(ours), first_list(bare)  # the first pair fills caches
        rows = [(first_list(bare), first_list(ours)) for _ in range(ROUNDS)]
    bare_ms = statistics.median(row[0][0] for row in rows)
    ours_ms = statistics.median(row[1][0] for row in rows)
    pairs = statistics.median(row[1][0] / row[0][0] for row in rows)
    bare_kib = statistics.median(row[0][1] for row in rows)
    ours_kib = statistics.median(row[1][1] for row in rows)
    ratio = ours_ms / bare_ms
    print(f"cold start, {ROUNDS} pairs, {os.cpu_count()} cores")
    print(f"  bare MCPServer   {bare_ms:7.0f} ms  {bare_kib / 1024:6.1f} MiB")
    print(f"  alphaforge serve {ours_ms:7.0f} ms  {ours_kib / 1024:6.1f} MiB")
    print(f"  ratio {ratio:.3f} (median of pairs {pairs:.3f}); bar {BAR}, aim {AIM}")
    print(f"  memory ratio {ours_kib / max(bare_kib, 1):.3f}")
    return 0 if ratio <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
