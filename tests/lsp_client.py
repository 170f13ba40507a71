"""An editor as the language server meets it: JSON-RPC over the pipes of a real process."""

import json
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alphaforge.tests.tool_lab import environment

URI = "file:///research/s.af"


class Editor:
    """One client of one server; what the server says unasked is kept in order."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self.said: deque[dict[str, Any]] = deque()
        self.capabilities: dict[str, Any] = {}
        self._id = 0

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Read one message; anything between messages fails here."""
        stream = self.process.stdout
        assert stream is not None
        length = 0
        while (line := stream.readline()) != b"\r\n":
            name, _, value = line.partition(b": ")
            assert name in {b"Content-Length", b"Content-Type"}, line
            length = int(value) if name == b"Content-Length" else length
        found: dict[str, Any] = json.loads(stream.read(length))
        return found

    def ask(self, method: str, params: Any = None) -> Any:
        """Ask, and return the whole answer."""
        self._id += 1
        self.send({"id": self._id, "method": method, "params": params})
        while (found := self.hear()).get("id") != self._id:
            self.said.append(found)
        return found

    def result(self, method: str, **params: Any) -> Any:
        """Ask about the open text."""
        answer = self.ask(method, {"textDocument": {"uri": URI}, **params})
        assert "error" not in answer, answer
        return answer["result"]

    def tell(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def open(self, text: str, version: int = 1) -> None:
        item = {"uri": URI, "languageId": "alphaforge", "version": version, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def change(self, version: int, *changes: dict[str, Any]) -> None:
        self.tell(
            "textDocument/didChange",
            {"textDocument": {"uri": URI, "version": version}, "contentChanges": list(changes)},
        )

    def findings(self, version: int) -> list[dict[str, Any]]:
        """Wait for the findings of one version."""
        while True:
            message = self.said.popleft() if self.said else self.hear()
            params = message.get("params", {})
            is_told = message.get("method") == "textDocument/publishDiagnostics"
            if is_told and params.get("version") == version:
                found: list[dict[str, Any]] = params["diagnostics"]
                return found

    def leave(self) -> int:
        """Shut down as the protocol wants it, and return the exit code."""
        assert self.ask("shutdown")["result"] is None
        self.tell("exit", None)
        code = self.process.wait(timeout=30)
        assert self.process.stdout is not None
        assert self.process.stdout.read() == b""
        return code


@contextmanager
def editor(home: Path, **capabilities: Any) -> Iterator[Editor]:
    """Start a server and shake hands."""
    command = [sys.executable, "-m", "alphaforge", "lsp", "--home", str(home)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None, env=environment()
    ) as process:
        client = Editor(process)
        try:
            answer = client.ask(
                "initialize",
                {"processId": None, "rootUri": None, "capabilities": capabilities},
            )
            client.capabilities = answer["result"]["capabilities"]
            client.tell("initialized", {})
            yield client
        finally:
            process.kill()


def place(text: str, part: str, *, after: bool = False) -> dict[str, int]:
    """Return where a part of a text stands, in UTF-16 units."""
    at = text.index(part) + (len(part) if after else 0)
    row = text[:at].rpartition("\n")[2]
    return {"line": text.count("\n", 0, at), "character": len(row.encode("utf-16-le")) // 2}


def edited(text: str, changes: list[dict[str, Any]]) -> str:
    """Make a server's changes as an editor does: all on the text that it sent."""
    rows = text.splitlines(keepends=True) or [""]
    starts = [sum(map(len, rows[:number])) for number in range(len(rows) + 1)]

    def offset(position: dict[str, int]) -> int:
        row = rows[position["line"]] if position["line"] < len(rows) else ""
        units = row.encode("utf-16-le")[: 2 * position["character"]]
        return starts[min(position["line"], len(rows))] + len(units.decode("utf-16-le"))

    places = [
        (offset(item["range"]["start"]), offset(item["range"]["end"]), item["newText"])
        for item in changes
    ]
    for start, end, new in sorted(places, reverse=True):
        text = text[:start] + new + text[end:]
    return text
