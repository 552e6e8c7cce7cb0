"""A tiny HTTP server for /metrics and /healthz, in the process's own event loop.

The one that comes with prometheus_client runs a thread per connection without a limit or a deadline;
this one lives where garbage arrives: it has both, closes after each answer, and never raises.
"""

import asyncio
import ssl
from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

REQUEST_MAX_BYTES: Final = 8192
REQUEST_DEADLINE_S: Final = 5.0  # a scraper that needs longer to ask, or to take the answer, is gone


class MetricsServer:
    """Serves one registry.

    Args:
        registry: what to show.
        connections_max: further connections are closed at once.
        healthy: whether /healthz answers 200 or 503.
        tls: server side; None: plain text.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        connections_max: int = 32,
        healthy: Callable[[], bool] = lambda: True,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._registry = registry
        self._connections_max = connections_max
        self._healthy = healthy
        self._tls = tls
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port (useful if 0 was asked for).

        Raises:
            OSError: the address is in use or not ours; the text names it.
        """
        self._server = await asyncio.start_server(
            self._accept, host, port, ssl=self._tls, limit=REQUEST_MAX_BYTES
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        if self._open:
            await asyncio.wait(self._open)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= self._connections_max:
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_DEADLINE_S):
                writer.write(self._answer(await _request_line(reader)))
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a scraper that went away or speaks something else: nobody to tell
        finally:
            writer.transport.abort()

    def _answer(self, line: bytes) -> bytes:
        method, _, rest = line.partition(b" ")
        path = rest.partition(b" ")[0].partition(b"?")[0]
        if method not in (b"GET", b"HEAD") or not rest.rstrip().endswith((b"HTTP/1.1", b"HTTP/1.0")):
            return _response(400, "text/plain", b"GET /metrics or GET /healthz\n")
        if path == b"/metrics":
            status, kind, body = 200, CONTENT_TYPE_LATEST, generate_latest(self._registry)
        elif path == b"/healthz":
            healthy = self._healthy()
            status, kind, body = (200, "text/plain", b"ok\n") if healthy else (503, "text/plain", b"not ok\n")
        else:
            status, kind, body = 404, "text/plain", b"here are /metrics and /healthz\n"
        return _response(status, kind, body, head_only=method == b"HEAD")


async def _request_line(reader: asyncio.StreamReader) -> bytes:
    """The first line, after reading all headers."""
    head = await reader.readuntil(b"\n")
    first = head.rstrip(b"\r\n")
    read_bytes = len(head)
    while head not in (b"\r\n", b"\n"):
        head = await reader.readuntil(b"\n")
        read_bytes += len(head)
        if read_bytes > REQUEST_MAX_BYTES:
            raise ValueError("headers too long")
    return first


_REASONS: Final = {200: "OK", 400: "Bad Request", 404: "Not Found", 503: "Service Unavailable"}


def _response(status: int, kind: str, body: bytes, head_only: bool = False) -> bytes:
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (b"" if head_only else body)
