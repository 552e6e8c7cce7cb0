"""A wire between the units that turns over one bit when it is told to: a TCP proxy on loopback."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

PIECE_BYTES: Final = 1 << 16


@dataclass(slots=True)
class Wire:
    """What a unit dials instead of its partner."""

    to_port: int
    chance: random.Random
    port: int = 0
    armed: bool = False
    flipped: asyncio.Event = field(default_factory=asyncio.Event)
    cut: asyncio.Event = field(default_factory=asyncio.Event)  # a connection on which a bit was flipped ended
    _server: asyncio.Server | None = None
    _serving: set["asyncio.Task[None]"] = field(default_factory=set)

    async def open(self) -> None:
        """Listen where we are told, or on any port."""
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no more, and end what is open."""
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def arm(self) -> None:
        """The next piece that passes, either way, is changed."""
        self.armed = True
        self.flipped.clear()
        self.cut.clear()

    async def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.to_port)
        except OSError:
            writer.close()
            return
        ways = [asyncio.create_task(self._pass(reader, back)), asyncio.create_task(self._pass(there, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, back):
                end.close()
                with suppress(OSError):
                    await end.wait_closed()
        if self.flipped.is_set():
            self.cut.set()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(PIECE_BYTES):
                writer.write(self._changed(data))
                await writer.drain()

    def _changed(self, data: bytes) -> bytes:
        if not self.armed:
            return data
        self.armed = False
        self.flipped.set()
        bit = self.chance.randrange(8 * len(data))
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        return bytes(changed)
