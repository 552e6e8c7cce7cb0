"""One HTTP/2 connection to one unit, for unary gRPC calls and nothing else. Source: RFC 9113.

Headers are made once per method, what is written in one turn of the loop leaves in one system call, and the
answer is handed to a function. No TLS, no retries; see `lean.py` for why this exists.
"""

import asyncio
import struct
from collections.abc import Callable
from functools import lru_cache
from time import monotonic
from typing import Final, cast

import grpc

from loyalty.client.failure import PUSHBACK_DEFAULT_MS, Failure
from loyalty.client.lean_headers import HeadersNotUnderstood, Trailer, read_headers, request_headers
from loyalty.client.targets import Target
from loyalty.client.units import Reply

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
REFUSED_STREAM: Final = 7  # more streams than the server allows: surely not looked at (RFC 9113, 8.7)
WINDOW: Final = 2**31 - 1
WINDOW_STEP: Final = 2**24  # received bytes after which the server's window is opened again
FRAME_MAX: Final = 16_384
Told = Callable[[Reply], None]
TRAILERS_KEPT: Final = 1_000  # replies made of them: most calls without an answer end in the same few ways
STATUS_NAMES: Final = {code.value[0]: code.name for code in grpc.StatusCode}

_settings = struct.Struct(">HI")
_frame_head = struct.Struct(">BHBBI")


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """One HTTP/2 frame."""
    length = len(payload)
    return _frame_head.pack(length >> 16, length & 0xFFFF, kind, flags, stream) + payload


HELLO: Final = (
    PREFACE
    + frame(
        SETTINGS,
        0,
        0,
        _settings.pack(1, 0)  # HEADER_TABLE_SIZE: no dynamic table
        + _settings.pack(2, 0)  # ENABLE_PUSH
        + _settings.pack(4, WINDOW)  # INITIAL_WINDOW_SIZE
        + _settings.pack(0xFE03, 1),  # gRPC: binary metadata as it is
    )
    + frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", WINDOW - 65_535))
)


class _Call:
    """One call in flight."""

    __slots__ = ("body", "deadline", "told")

    def __init__(self, told: Told, deadline: float) -> None:
        self.told = told
        self.deadline = deadline
        self.body = b""


PING_FRAME: Final = frame(PING, 0, 0, b"keepaliv")
"""What a client with the published keepalive says each second."""


class LeanConnection(asyncio.Protocol):
    """One connection to one unit."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.transport: asyncio.Transport | None = None
        self.loop = asyncio.get_running_loop()
        self.calls: dict[int, _Call] = {}
        self.next_stream = 1
        self.headers: dict[tuple[str, int], bytes] = {}  # by path and deadline
        self.unsent: list[bytes] = []
        self.blocked: list[tuple[int, bytes]] = []  # bodies that wait for the server's window
        self.window = 65_535  # bytes that the server takes on this connection now
        self.stream_window = 65_535
        self.received = b""
        self.taken = 0  # bytes since the last window update

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own does not inherit from it
        self.transport.write(HELLO)

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        calls, self.calls = self.calls, {}
        lost = Failure("UNAVAILABLE", f"connection to {self.target} lost: {error or 'closed'}")
        for call in calls.values():
            call.told(_without_answer(lost))

    def data_received(self, data: bytes) -> None:
        buffer = self.received + data if self.received else data
        at, end = 0, len(buffer)
        while end - at >= 9:
            high, low, kind, flags, stream = _frame_head.unpack_from(buffer, at)
            stop = at + 9 + (high << 16 | low)
            if stop > end:
                break
            self._frame(kind, flags, stream & WINDOW, buffer[at + 9 : stop])
            at = stop
        self.received = buffer[at:]
        self.taken += len(data)
        if self.taken > WINDOW_STEP:
            self._write(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", self.taken)))
            self.taken = 0

    # What callers call.

    def start(self, path: str, body: bytes, deadline_ms: int) -> "asyncio.Future[Reply]":
        """Send one call; the future is resolved with its reply, never with an exception."""
        future: asyncio.Future[Reply] = self.loop.create_future()
        self.send(path, body, deadline_ms, lambda reply: None if future.done() else future.set_result(reply))
        return future

    def send(self, path: str, body: bytes, deadline_ms: int, told: Told) -> None:
        """Send one call. `told` is called once, with what came of it, and must not raise."""
        block = self.headers.get((path, deadline_ms))
        if block is None:
            block = request_headers(path, str(self.target), deadline_ms)
            self.headers[path, deadline_ms] = block
        stream = self.next_stream
        self.next_stream += 2
        self.calls[stream] = _Call(told, monotonic() + deadline_ms / 1000)
        self._write(frame(HEADERS, END_HEADERS, stream, block))
        self._send_body(stream, b"\0" + len(body).to_bytes(4) + body)

    def sweep(self) -> None:
        """End calls that are past their deadline, oldest first."""
        now, late = monotonic(), []
        for stream, call in self.calls.items():
            if call.deadline > now:
                break
            late.append((stream, call))
        for stream, call in late:
            del self.calls[stream]
            self._write(frame(RST_STREAM, 0, stream, struct.pack(">I", 8)))  # CANCEL
            call.told(_without_answer(Failure("DEADLINE_EXCEEDED", "no answer before the deadline")))

    # How frames are read and written.

    def _frame(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        call = self.calls.get(stream)
        if kind == DATA:
            if call is not None:
                call.body = call.body + payload if call.body else payload
            self._ended(flags, stream, Trailer(status=2, message="ended without a status"))
        elif kind == HEADERS:
            self._headers(flags, stream, payload)
        elif kind == SETTINGS and not flags & ACK:
            self._server_settings(payload)
        elif kind == PING and not flags & ACK:
            self._write(frame(PING, ACK, 0, payload))
        elif kind == WINDOW_UPDATE and stream == 0:
            self.window += int.from_bytes(payload)
            self._send_blocked()
        elif kind == RST_STREAM and call is not None:
            del self.calls[stream]
            error = int.from_bytes(payload)
            why = f"{self.target} reset the call with HTTP/2 error {error}"
            call.told(_without_answer(Failure("UNAVAILABLE", why, not_taken=error == REFUSED_STREAM)))
        elif kind == GOAWAY and self.transport is not None:
            self.transport.close()  # what it still answers, it will have answered; the rest is asked again

    def _headers(self, flags: int, stream: int, payload: bytes) -> None:
        try:
            if flags & (PADDED | PRIORITY) or not flags & END_HEADERS:
                raise HeadersNotUnderstood("padded, prioritised or continued headers")
            trailer = read_headers(payload)
        except HeadersNotUnderstood as problem:
            trailer, flags = Trailer(status=2, message=str(problem)), END_STREAM
        self._ended(flags, stream, trailer)

    def _ended(self, flags: int, stream: int, trailer: Trailer) -> None:
        if not flags & END_STREAM:
            return
        call = self.calls.pop(stream, None)
        if call is None:
            return
        if trailer.status == 0 and call.body[:1] == b"\0":
            call.told(Reply(call.body[5:], 1))
        else:
            call.told(_reply_of(trailer))

    def _server_settings(self, payload: bytes) -> None:
        for name, value in _settings.iter_unpack(payload):
            if name == 4:
                self.stream_window = value
        self._write(frame(SETTINGS, ACK, 0, b""))

    def _send_body(self, stream: int, body: bytes) -> None:
        if self.blocked or len(body) > self.window or len(body) > self.stream_window:
            self.blocked.append((stream, body))
            self._send_blocked()
            return
        self.window -= len(body)
        while len(body) > FRAME_MAX:
            self._write(frame(DATA, 0, stream, body[:FRAME_MAX]))
            body = body[FRAME_MAX:]
        self._write(frame(DATA, END_STREAM, stream, body))

    def _send_blocked(self) -> None:
        while self.blocked and len(self.blocked[0][1]) <= self.window:
            stream, body = self.blocked[0]
            if len(body) > self.stream_window:
                del self.blocked[0]
                if call := self.calls.pop(stream, None):
                    larger = Failure("RESOURCE_EXHAUSTED", "larger than the server's stream window")
                    call.told(_without_answer(larger))
                continue
            waiting, self.blocked = self.blocked[1:], []
            self._send_body(stream, body)
            self.blocked = waiting

    def _write(self, data: bytes) -> None:
        """Collect what is written in one turn of the loop; one system call for all of it."""
        if not self.unsent:
            self.loop.call_soon(self._flush)
        self.unsent.append(data)

    def _flush(self) -> None:
        if self.transport is not None:
            self.transport.write(b"".join(self.unsent))
        self.unsent.clear()


@lru_cache(TRAILERS_KEPT)
def _reply_of(trailer: Trailer) -> Reply:
    return _without_answer(_failure(trailer))


def _without_answer(failure: Failure) -> Reply:
    return Reply(None, 1, failure, unknown=not failure.not_taken)


def _failure(trailer: Trailer) -> Failure:
    name = STATUS_NAMES.get(trailer.status, f"STATUS_{trailer.status}")
    if not trailer.not_taken or name in ("UNAVAILABLE", "DEADLINE_EXCEEDED"):
        return Failure(name, trailer.message)
    pushback_ms = PUSHBACK_DEFAULT_MS if trailer.pushback_ms is None else max(trailer.pushback_ms, 0)
    retry_after_ms = pushback_ms if name == "RESOURCE_EXHAUSTED" else 0
    return Failure(name, trailer.message, trailer.field, True, retry_after_ms)
