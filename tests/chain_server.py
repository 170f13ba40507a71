"""A local EVM node over HTTP: JSON-RPC 2.0 in batches, on a chain whose end can be replaced.

Blocks are 12 s apart. Each has one token transfer of its own height plus a salt; the salt makes the
hashes of a branch its own.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "0x" + "c0" * 20
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
FIRST = 1_735_689_600  # 2025-01-01
SLOT = 12


def hashed(*parts: object) -> str:
    return "0x" + hashlib.sha256(repr(parts).encode()).hexdigest()


def padded(number: int) -> str:
    return f"0x{number:064x}"


@dataclass
class Node:
    """What the node believes: a chain of salts, one a block; and how it fails."""

    salts: list[int]
    logs_max: int = 10_000
    busy: int = 0
    # After so many answered batches, the chain becomes this one.
    turns: dict[int, list[int]] = field(default_factory=dict)
    answered: int = 0
    url: str = ""

    def hash_of(self, number: int) -> str:
        return hashed("block", self.salts[: number + 1]) if number >= 0 else padded(0)

    def block(self, number: int) -> dict[str, Any] | None:
        if not 0 <= number < len(self.salts):
            return None
        return {
            "number": hex(number),
            "hash": self.hash_of(number),
            "parentHash": self.hash_of(number - 1),
            "timestamp": hex(FIRST + SLOT * number),
            "miner": "0x" + "ee" * 20,
            "transactions": [],
        }

    def log(self, number: int) -> dict[str, Any]:
        return {
            "address": TOKEN,
            "topics": [TRANSFER, padded(0xAA), padded(0xBB)],
            "data": padded(number * 1000 + self.salts[number]),
            "blockNumber": hex(number),
            "blockHash": self.hash_of(number),
            "transactionHash": hashed("tx", number),
            "logIndex": "0x5",
            "removed": False,
        }

    def call(self, method: str, params: list[Any]) -> dict[str, Any]:
        if method == "eth_getBlockByNumber":
            number = len(self.salts) - 1 if params[0] == "latest" else int(params[0], 16)
            return {"result": self.block(number)}
        low, high = int(params[0]["fromBlock"], 16), int(params[0]["toBlock"], 16)
        assert params[0]["address"] == [TOKEN]
        found = range(low, min(high, len(self.salts) - 1) + 1)
        if len(found) > self.logs_max:
            error = {"code": -32005, "message": f"query returned more than {self.logs_max} results"}
            return {"error": error}
        return {"result": [self.log(number) for number in found]}

    def answer(self, calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if self.busy:
            self.busy -= 1
            return [
                {"jsonrpc": "2.0", "id": call["id"], "error": {"code": 429, "message": "slow down"}}
                for call in calls
            ]
        found = [
            {"jsonrpc": "2.0", "id": call["id"], **self.call(call["method"], call["params"])}
            for call in calls
        ]
        self.answered += 1
        self.salts = self.turns.pop(self.answered, self.salts)
        # The specification lets a batch be answered in any order.
        return found[::-1]


@contextmanager
def chain_node(node: Node) -> Iterator[Node]:
    """Serve a node on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            calls = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(node.answer(calls)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Handler) as url:
        node.url = url
        yield node


@dataclass
class Pages:
    """A server of JSON answers by path, then by query word; what was asked is kept."""

    answers: dict[str, Any]
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def json_pages(pages: Pages) -> Iterator[Pages]:
    """Serve answers: the longest key that the request's path and query contain."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages.asked.append(self.path)
            fits = [key for key in pages.answers if key in self.path]
            body = json.dumps(pages.answers[max(fits, key=len)] if fits else {}).encode()
            self.send_response(200 if fits else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Handler) as url:
        pages.url = url
        yield pages


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve on a free port; give the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
