"""A TCP proxy between a unit and its witness that can lose answers or hold requests back."""

import asyncio
import contextlib


class Proxy:
    """Forwards to one address. `deaf`: answers are swallowed. `held`: requests wait until it is cleared."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self.deaf = False
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.port = 0

    @property
    def held(self) -> bool:
        """Whether requests wait here."""
        return not self._flowing.is_set()

    @held.setter
    def held(self, value: bool) -> None:
        self._flowing.clear() if value else self._flowing.set()

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything."""
        assert self._server is not None
        self._server.close()
        self._flowing.set()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        with contextlib.suppress(OSError):
            there_reader, there_writer = await asyncio.open_connection(*self._target)
            self._writers.append(there_writer)
            await asyncio.gather(
                self._pump(reader, there_writer, answers=False),
                self._pump(there_reader, writer, answers=True),
            )
        writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: bool) -> None:
        while data := await reader.read(65_536):
            if answers and self.deaf:
                continue
            if not answers:
                await self._flowing.wait()
            writer.write(data)
            await writer.drain()
        writer.transport.abort()
