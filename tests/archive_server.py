"""A local HTTP server with the layout of the public archive, and with the faults a test orders."""

import hashlib
import io
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Site:
    """Files by path; ``faults`` are statuses or cuts to give first, one a request."""

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    ranges: list[str] = field(default_factory=list)
    url: str = ""

    def add_zip(self, path: str, text: str, *, checksum: str = "") -> bytes:
        """Add a zip of one CSV file and its checksum."""
        name = path.rsplit("/", 1)[1]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name.replace(".zip", ".csv"), text)
        self.add_bytes(path, packed.getvalue(), checksum=checksum)
        return packed.getvalue()

    def add_bytes(self, path: str, body: bytes, *, checksum: str = "") -> None:
        """Add a file of any bytes and its checksum."""
        digest = checksum or hashlib.sha256(body).hexdigest()
        self.files[path] = body
        self.files[f"{path}.CHECKSUM"] = f"{digest}  {path.rsplit('/', 1)[1]}\n".encode()


def handler(site: Site) -> type[BaseHTTPRequestHandler]:  # noqa: C901  # One class.
    """Make the handler of a site."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path.lstrip("/")
            site.asked[path] += 1
            wish = self.headers.get("Range", "")
            site.ranges += [wish] if wish else []
            fault = site.faults[path].pop(0) if site.faults.get(path) else ""
            body = site.files.get(path, b"")
            if fault.isdigit():
                self._head(int(fault), 0)
            elif fault.startswith("after"):
                self._head(429, 0, **{"Retry-After": fault.removeprefix("after")})
            elif path not in site.files:
                self._head(404, 0)
            elif fault == "cut":
                self._head(200, len(body))
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
            else:
                self._rest(body, wish)

        def _rest(self, body: bytes, wish: str) -> None:
            start = int(wish.removeprefix("bytes=").removesuffix("-") or 0)
            if start and start >= len(body):
                self._head(416, 0)
            elif wish:
                told = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
                self._head(206, len(body) - start, **told)
                self.wfile.write(body[start:])
            else:
                self._head(200, len(body))
                self.wfile.write(body)

        def _head(self, status: int, length: int, **headers: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(length))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve a site on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(site))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
