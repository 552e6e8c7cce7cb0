"""One TCP connection of the lockstep channel: handshake, frames in, frames out, never a wait.

An asyncio protocol, not streams: a frame costs one call each way. Everything sent in one turn of
the loop leaves in one write. A partner that does not read is cut off when `send_max_bytes` wait.
"""

import asyncio
import socket
import ssl
from typing import Final, Protocol, cast

from ftnode.wire import forms, handshake
from ftnode.wire.frames import Frame, FrameError
from ftnode.wire.handshake import HANDSHAKE_MAX_BYTES, Handshake

_USER_TIMEOUT_FLOOR_MS: Final = 1000  # the kernel gives up on unacknowledged bytes no sooner than this


class ChannelOwner(Protocol):
    """Who listens to a channel. Nothing is called any more after `channel_closed`."""

    def channel_open(self, channel: "Channel", theirs: Handshake) -> None:
        """The other side has said who it is, and it is our partner."""

    def frames_received(self, channel: "Channel", frames: list[Frame]) -> None:
        """Frames, in order. Raises FrameError if one is no frame of a partner."""

    def channel_closed(self, channel: "Channel", why: str) -> None:
        """It ended; `why` is what we know of it."""

    def identity_problem(self, certificate: ssl.SSLObject | None, theirs: Handshake) -> str | None:
        """Why the certificate of this connection does not belong to who speaks, or None."""


class Channel(asyncio.Protocol):
    """See the module. Owned by a link, which decides which connection counts."""

    def __init__(
        self,
        owner: ChannelOwner,
        ours: Handshake,
        *,
        frame_max_bytes: int,
        send_max_bytes: int,
        open_ms: int,
    ) -> None:
        """`open_ms` is how long the other side may take to say who it is."""
        self.theirs: Handshake | None = None  # set when the channel is open
        self.refused = ""  # why who called, or was called, is not our partner
        self.version = 0  # of the frames, when the channel is open
        self.heard_s = 0.0  # when bytes came last, in the loop's time
        self._owner = owner
        self._ours = ours
        self._frame_max_bytes = frame_max_bytes
        self._send_max_bytes = send_max_bytes
        self._open_ms = open_ms
        self._form = forms.form_of(forms.HANDSHAKES)  # how frames leave; None: as they are made
        self._reader = forms.reader_of(forms.HANDSHAKES, HANDSHAKE_MAX_BYTES)
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._out: list[bytes] = []
        self._why = ""

    # ---------------------------------------------------------------- out

    @property
    def socket(self) -> "socket.socket | None":
        """The connection's, to look at; None if it is closed."""
        return self._transport.get_extra_info("socket") if self._transport is not None else None

    @property
    def unsent_bytes(self) -> int:
        """Bytes sent here that the kernel has not taken yet."""
        buffered = self._transport.get_write_buffer_size() if self._transport is not None else 0
        return buffered + sum(map(len, self._out))

    def send(self, data: bytes) -> None:
        """Send a frame; it leaves with everything else of this turn of the loop. Lost if closed."""
        if self._transport is None:
            return
        if not self._out:
            asyncio.get_running_loop().call_soon(self.flush)
        self._out.append(data if self._form is None else self._form.outgoing(data))

    def flush(self) -> None:
        """Hand what was sent to the kernel now."""
        if not self._out or self._transport is None:
            return
        out, self._out = self._out, []
        self._transport.write(b"".join(out) if len(out) > 1 else out[0])
        waiting_bytes = self._transport.get_write_buffer_size()
        if waiting_bytes > self._send_max_bytes:
            self.abort(f"{waiting_bytes} bytes wait unsent, above lockstep.send_max_bytes")

    def close(self, why: str) -> None:
        """Say what was sent, then close."""
        self._why = self._why or why
        self.flush()
        if self._transport is not None:
            self._transport.close()

    def send_away(self, frame: bytes, why: str) -> None:
        """Say a last word and let the other side close: bytes of its that we never read would turn our
        own close into a reset, and the word might be lost with it."""
        self._why = self._why or why
        self.send(frame)
        self.flush()
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._open_ms / 1000, self.close, why)

    def abort(self, why: str) -> None:
        """Close at once; what waits unsent is dropped."""
        self._why = self._why or why
        if self._transport is not None:
            self._transport.abort()

    # ---------------------------------------------------------------- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who we are and wait, not long, to hear who calls."""
        self._transport = cast(asyncio.Transport, transport)
        _tune(transport.get_extra_info("socket"), self._open_ms)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._open_ms / 1000, self._never_opened)
        self.send(handshake.encode(self._ours))

    def data_received(self, data: bytes) -> None:
        """Cut frames; the first one is the handshake."""
        self.heard_s = asyncio.get_running_loop().time()
        try:
            if self.theirs is None:
                self._first(data)
            elif frames := self._reader.feed(data):
                self._owner.frames_received(self, frames)
        except FrameError as error:
            self.abort(f"garbage: {error}")

    def hear(self, frames: list[Frame]) -> None:
        """Hand over frames that the owner had put off."""
        try:
            self._owner.frames_received(self, frames)
        except FrameError as error:
            self.abort(f"garbage: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the owner once, whoever closed."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._transport = None
        self._out.clear()
        self._owner.channel_closed(self, self._why or (str(exc) if exc else "the other side closed"))

    # ---------------------------------------------------------------- opening

    def _first(self, data: bytes) -> None:
        frames = self._reader.feed(data, most=1)
        if not frames:
            return
        theirs = handshake.decode(frames[0])
        transport = self._transport
        certificate = transport.get_extra_info("ssl_object") if transport is not None else None
        problem = handshake.problem(self._ours, theirs) or self._owner.identity_problem(certificate, theirs)
        if problem:
            self.refused = problem
            self.close(problem)  # not abort: our own handshake tells the other side the same story
            return
        if self._deadline is not None:
            self._deadline.cancel()
        rest = self._reader.rest()
        self.version = forms.agreed(handshake.speaks(theirs))
        self._form = forms.form_of(self.version)
        self._reader = forms.reader_of(self.version, self._frame_max_bytes)
        self.theirs = theirs
        self._owner.channel_open(self, theirs)
        if frames := self._reader.feed(rest):
            self._owner.frames_received(self, frames)

    def _never_opened(self) -> None:
        self.abort(f"no handshake in timing.session_open_ms = {self._open_ms} ms")


def _tune(sock: socket.socket | None, open_ms: int) -> None:
    """Small frames leave at once; a partner whose kernel is gone is noticed by ours."""
    if sock is None or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    timeout_ms = max(_USER_TIMEOUT_FLOOR_MS, open_ms)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, timeout_ms)
