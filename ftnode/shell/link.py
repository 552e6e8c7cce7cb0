"""The lockstep channel as the unit sees it: at most one open connection to the partner.

Unit 1 dials, unit 0 listens. A new connection of the partner replaces the old one: a partner that
restarted, or whose old connection hangs, is never kept out by its own past. But while the old one
speaks, another process that says it is the same unit (a copied disk, a box started twice) is sent away,
and told so: it must end, for alone and with that disk it would believe that the pair is gone.
"""

import asyncio
import random
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol, cast

import structlog

from ftnode.shell.channel import Channel
from ftnode.shell.driver import wall_ms
from ftnode.shell.knock import Knocker
from ftnode.wire import handshake
from ftnode.wire.frames import Frame, Kind
from ftnode.wire.handshake import Handshake

_STRANGERS_MAX: Final = 16  # connections that have not yet said who they are
_JUDGED_AFTER_TURNS: Final = 2  # of the loop: what lay unread while it stood still is read by then
DIALLER: Final = 1  # this unit dials, the other one listens


class LinkOwner(Protocol):
    """What the unit is told about its channel."""

    def connected(self, theirs: Handshake) -> None:
        """The channel is open."""

    def received(self, frames: list[Frame]) -> None:
        """Frames of the open channel, in order. Raises FrameError on nonsense, which closes it."""

    def closed(self, why: str) -> None:
        """The channel that was open is so no more."""

    def gone(self) -> None:
        """Since then its host has refused our calls: the partner's process is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """Where and how patiently; all from the unit's settings."""

    host: str
    port: int
    peer_address: str
    frame_max_bytes: int
    send_max_bytes: int
    open_ms: int
    silence_ms: int  # after it, whoever was connected counts as gone
    reconnect_min_ms: int
    reconnect_max_ms: int
    knock_address: str  # a port of the partner's that is open whenever it runs
    knock_ms: int  # how long to look whether it is still there
    server_tls: ssl.SSLContext | None = None
    client_tls: ssl.SSLContext | None = None
    server_hostname: str = ""  # the role that the partner's certificate must carry
    identity_problem: Callable[[ssl.SSLObject | None, Handshake], str | None] = lambda _tls, _theirs: None


class _Porch(asyncio.Protocol):
    """Takes a caller's socket from the server: before its TLS handshake asyncio gives no other hold of it."""

    def __init__(self, came: Callable[[socket.socket], None]) -> None:
        self._came = came

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).pause_reading()
        try:
            theirs = transport.get_extra_info("socket").dup()
        except OSError:  # no descriptor left
            theirs = None
        cast(asyncio.Transport, transport).abort()  # closes its own descriptor, not the connection
        if theirs is not None:
            self._came(theirs)


class Link:
    """See the module."""

    def __init__(self, owner: LinkOwner, ours: Handshake, settings: LinkSettings) -> None:
        """Nothing happens before `start`."""
        self.refused = ""  # why the last one that said who it is was sent away
        self.garbage = 0  # connections closed because of what came in on them
        self.doubled_ms = 0  # when a second process last said that it is our partner, in UTC
        self.on_sent_away: Callable[[str], None] = lambda why: None  # another process of this unit stays
        self._owner = owner
        self._ours = ours
        self._settings = settings
        self._open: Channel | None = None
        self._strangers: dict[Channel, socket.socket] = {}  # called us and not accepted, the oldest first
        self._welcoming: set[asyncio.Task[None]] = set()
        self._claims: dict[Channel, list[Frame]] = {}  # second processes not yet judged, and what they said
        self._dialled: Channel | None = None
        self._server: asyncio.Server | None = None
        self._dialling: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self._knocker = Knocker(settings.knock_address, settings.knock_ms, owner.gone)
        self._last_why = ""
        self._log = structlog.get_logger().bind(node=ours.unit)

    @property
    def connected(self) -> bool:
        """Whether the channel is open."""
        return self._open is not None

    @property
    def version(self) -> int:
        """Of the frames on the open channel; 0: it is closed."""
        return self._open.version if self._open is not None else 0

    @property
    def crowded(self) -> bool:
        """Whether more than half of `send_max_bytes` wait unsent: what can wait should."""
        return self._open is not None and self._open.unsent_bytes > self._settings.send_max_bytes // 2

    async def start(self) -> None:
        """Listen or dial. Raises OSError if the port cannot be had."""
        if self._ours.unit == DIALLER:
            self._dialling = asyncio.create_task(self._dial_for_ever(), name="lockstep-dial")
            return
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Porch(self._called), self._settings.host, self._settings.port, backlog=16
        )

    @property
    def port(self) -> int:
        """The port listened on; 0 at the unit that dials."""
        return 0 if self._server is None else int(self._server.sockets[0].getsockname()[1])

    async def stop(self, why: str) -> None:
        """Close everything; what was sent before leaves first."""
        self._knocker.stop()
        if self._dialling is not None:
            self._dialling.cancel()
            await asyncio.gather(self._dialling, return_exceptions=True)
        if self._server is not None:
            self._server.close()
        for task in self._welcoming:
            task.cancel()
        await asyncio.gather(*self._welcoming, return_exceptions=True)
        for channel in {*self._strangers, *self._claims, self._open, self._dialled}:
            if channel is not None:
                channel.close(why)
        await asyncio.sleep(0)

    @property
    def channel_socket(self) -> socket.socket | None:
        """Of the open channel, to look at."""
        return self._open.socket if self._open is not None else None

    def send(self, data: bytes) -> None:
        """Send a frame if the channel is open; else it is lost, as on any network."""
        if self._open is not None:
            self._open.send(data)

    def flush(self) -> None:
        """Hand everything sent to the kernel now."""
        if self._open is not None:
            self._open.flush()

    def drop(self, why: str) -> None:
        """Close the open channel; the dialling side makes a new one."""
        if self._open is not None:
            self._open.abort(why)

    # ---------------------------------------------------------------- ChannelOwner

    def channel_open(self, channel: Channel, theirs: Handshake) -> None:
        """A partner; the connection that it had before is history, unless another life of it has that."""
        if self._of_another_life(theirs):
            self._claims[channel] = []
            self._judge_later(channel, theirs, _JUDGED_AFTER_TURNS)
        else:
            self._accept(channel, theirs)

    def _of_another_life(self, theirs: Handshake) -> bool:
        known = self._open.theirs if self._open is not None else None
        return known is not None and known.life != theirs.life

    def _judge_later(self, channel: Channel, theirs: Handshake, turns: int) -> None:
        """After a pause of our own the first one's words lie unread: read before judging. (rule 7)"""
        if turns:
            asyncio.get_running_loop().call_soon(self._judge_later, channel, theirs, turns - 1)
        elif channel in self._claims:
            said = self._claims.pop(channel)
            if self._open is not None and self._of_another_life(theirs) and self._speaks(self._open):
                self._send_away(channel, theirs)
            else:
                self._accept(channel, theirs)
                channel.hear(said)

    def _send_away(self, channel: Channel, theirs: Handshake) -> None:
        self.doubled_ms = wall_ms()
        why = f"two processes say that they are unit {theirs.unit}: the first one stays"
        self._say(why)
        channel.send_away(handshake.encode_away(why), why)

    def _accept(self, channel: Channel, theirs: Handshake) -> None:
        self._strangers.pop(channel, None)
        old, self._open = self._open, channel
        if old is not None:
            old.abort("the partner has connected anew")
            self._owner.closed("the partner has connected anew")
        self._last_why = self.refused = ""
        self._log.info("lockstep connected", peer=theirs.unit)
        self._knocker.met()
        self._owner.connected(theirs)

    def _speaks(self, channel: Channel) -> bool:
        return asyncio.get_running_loop().time() - channel.heard_s < self._settings.silence_ms / 1000

    def frames_received(self, channel: Channel, frames: list[Frame]) -> None:
        """Frames of a connection that was replaced are late and nobody's."""
        if channel in self._claims:
            self._claims[channel] += frames
        elif channel is self._open:
            for frame in frames:
                if frame.kind == Kind.SENT_AWAY:
                    self.on_sent_away(handshake.decode_away(frame))
                    return
            self._owner.received(frames)

    def channel_closed(self, channel: Channel, why: str) -> None:
        """Report it, in a line if it was not said before, and to the unit if it was the open one."""
        self._strangers.pop(channel, None)
        self._claims.pop(channel, None)
        self.garbage += why.startswith("garbage")
        self.refused = channel.refused or self.refused
        if channel.theirs is None or channel is self._open:
            self._say(why)
        if channel is self._open:
            self._open = None
            self._knocker.lost()
            self._owner.closed(why)
        self._lost.set()

    def identity_problem(self, certificate: ssl.SSLObject | None, theirs: Handshake) -> str | None:
        """Under TLS the certificate, not the handshake, says who somebody is."""
        return self._settings.identity_problem(certificate, theirs)

    # ---------------------------------------------------------------- connecting

    def _new(self) -> Channel:
        settings = self._settings
        return Channel(
            self,
            self._ours,
            frame_max_bytes=settings.frame_max_bytes,
            send_max_bytes=settings.send_max_bytes,
            open_ms=settings.open_ms,
        )

    def _called(self, theirs: socket.socket) -> None:
        while len(self._strangers) >= _STRANGERS_MAX:
            self._shut_out(next(iter(self._strangers)))
        channel = self._new()
        self._strangers[channel] = theirs
        task = asyncio.get_running_loop().create_task(self._welcome(channel, theirs))
        self._welcoming.add(task)
        task.add_done_callback(self._welcoming.discard)

    def _shut_out(self, channel: Channel) -> None:
        """Who came first has had the most time. The socket ends too: there may be no transport yet."""
        theirs = self._strangers.pop(channel)
        channel.abort("too many callers that do not say who they are")
        with suppress(OSError):
            theirs.shutdown(socket.SHUT_RDWR)

    async def _welcome(self, channel: Channel, theirs: socket.socket) -> None:
        """The TLS handshake may take as long as the one behind it."""
        tls, open_s = self._settings.server_tls, self._settings.open_ms / 1000
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(
                lambda: channel, theirs, ssl=tls, ssl_handshake_timeout=open_s if tls else None
            )
        except OSError as error:  # of TLS, too
            self._strangers.pop(channel, None)
            theirs.close()
            self._say(f"a caller did not get through the TLS handshake: {error}")

    async def _dial_for_ever(self) -> None:
        least_ms, most_ms = self._settings.reconnect_min_ms, self._settings.reconnect_max_ms
        loop = asyncio.get_running_loop()
        pause_ms = least_ms
        while True:
            self._lost.clear()
            began_s = loop.time()
            if await self._dial():
                await self._lost.wait()
                self._dialled = None
                if loop.time() - began_s > most_ms / 1000:  # else we were sent away: not again at once
                    pause_ms = least_ms
            # Chance keeps two units that lost each other from meeting a busy listener in step.
            await asyncio.sleep(pause_ms / 1000 * random.uniform(0.8, 1.2))
            pause_ms = min(2 * pause_ms, most_ms)

    async def _dial(self) -> bool:
        """Whether a connection was made; the handshake is still to come."""
        settings = self._settings
        host, _, port = settings.peer_address.rpartition(":")
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(settings.open_ms / 1000):
                _, self._dialled = await loop.create_connection(
                    self._new,
                    host.strip("[]"),
                    int(port),
                    ssl=settings.client_tls,
                    server_hostname=settings.server_hostname if settings.client_tls else None,
                )
        except (OSError, TimeoutError) as error:
            self._say(f"{settings.peer_address}: {error or 'no connection in time'}")
            return False
        return True

    def _say(self, why: str) -> None:
        """One line per new reason: a partner that is away is no news every 50 ms."""
        if why != self._last_why:
            self._last_why = why
            self._log.warning("lockstep closed", why=why)
