"""HTTP as an ingest needs it: bounded in time and size, each fault under its name.

What the environment says of proxies is not read: nothing below the server reads it.
"""

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode, urlsplit

from ...core.clock import Clock
from ...core.diagnostics import echo
from ...core.errors import InvalidInputError, LimitError
from ...data.ingest.fetch import AbsentError, Payload, TryAgainError
from ...data.ingest.source import Step

TIMEOUT_S = 30.0
CHUNK_BYTES = 1024**2
AGENT = "alphaforge"
_BUSY = frozenset({418, 425, 429})
_ABSENT = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of an answer, and the stream of its body."""

    status: int
    headers: Mapping[str, str]
    stream: http.client.HTTPResponse


@dataclass(frozen=True)
class Web:
    """One place in the web; ``bytes_max`` bounds one answer."""

    base_url: str
    clock: Clock
    bytes_max: int = 512 * 1024**2
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what is no address of the web."""
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise InvalidInputError(
                f"`{echo(self.base_url)}` is not an address of the web",
                help="write it as `https://HOST` or `http://127.0.0.1:PORT`",
            )

    @contextmanager
    def ask(
        self, step: Step, *, target: str = "", headers: Mapping[str, str] | None = None
    ) -> Iterator[Answer]:
        """Send a step and give the head of its answer; the caller reads the body.

        Raises:
            TryAgainError: on a broken connection, 429, or a fault of the server's own.
            AbsentError: when the server has nothing there.
            InvalidInputError: when it refuses the request for good.
        """
        request = urllib.request.Request(  # noqa: S310  # The scheme was looked at.
            self._url(target or step.target, step.query),
            data=step.body or None,
            headers={"User-Agent": AGENT, **self.headers, **(headers or {})},
        )
        try:
            with _OPENER.open(request, timeout=TIMEOUT_S) as stream:
                yield Answer(stream.status, dict(stream.headers.items()), stream)
        except urllib.error.HTTPError as error:
            with error:
                raise self._named(error) from error
        except (OSError, http.client.HTTPException) as error:
            raise TryAgainError(f"`{echo(step.key)}` got no answer: {_reason(error)}") from error

    def fetch(self, step: Step) -> Payload:
        """Return the whole answer to a step (the protocol ``Fetch``).

        Raises:
            TryAgainError: when the answer is cut off, and as ``ask`` does.
            LimitError: when it is larger than ``bytes_max``.
        """
        with self.ask(step) as answer:
            body = b"".join(self.chunks(answer))
            return Payload(body, answer.status, answer.headers)

    def chunks(self, answer: Answer) -> Iterator[bytes]:
        """Give the body in pieces.

        Raises:
            TryAgainError: when the connection ends before the length that was told.
            LimitError: when the body is larger than ``bytes_max``.
        """
        told = answer.headers.get("Content-Length", "")
        length = int(told) if told.isdigit() else None
        if length is not None and length > self.bytes_max:
            raise self._too_large(length)
        size = 0
        while piece := answer.stream.read(CHUNK_BYTES):
            size += len(piece)
            if size > self.bytes_max:
                raise self._too_large(size)
            yield piece
        if length is not None and size < length:
            raise TryAgainError(f"the answer ended after {size} of {length} bytes")

    def _url(self, target: str, query: tuple[tuple[str, str], ...]) -> str:
        words = f"?{urlencode(query)}" if query else ""
        return f"{self.base_url.rstrip('/')}/{quote(target.lstrip('/'))}{words}"

    def _named(self, error: urllib.error.HTTPError) -> Exception:
        """Turn a status that is no success into a fault by its name."""
        where = f"the server answered {error.code} to `{echo(urlsplit(error.url or '').path)}`"
        if error.code in _ABSENT:
            return AbsentError(where, help="the source has nothing under that name")
        if error.code in _BUSY or error.code >= http.client.INTERNAL_SERVER_ERROR:
            pause = pause_asked(error.headers.get("Retry-After", ""), self.clock.now())
            return TryAgainError(where, after_seconds=pause)
        return InvalidInputError(where, help="the source refuses this request as it is")

    def _too_large(self, size: int) -> LimitError:
        return LimitError(
            f"an answer of {size} bytes is too large",
            help=f"at most {self.bytes_max} bytes are taken: ask for a shorter span",
        )


def pause_asked(text: str, now: datetime) -> float:
    """Read ``Retry-After`` in seconds from now: a number, or a date; what is neither is 0."""
    if text.isdigit():
        return float(text)
    try:
        return max((parsedate_to_datetime(text) - now).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return 0.0


def _reason(error: BaseException) -> str:
    inner = getattr(error, "reason", error)
    return echo(str(inner) or type(inner).__name__)


_OPENER = urllib.request.build_opener(
    urllib.request.ProxyHandler({}),
    urllib.request.HTTPSHandler(context=ssl.create_default_context()),
)
