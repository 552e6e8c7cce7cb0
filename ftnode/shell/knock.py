"""Is the partner's process gone, or only the connection? Where nobody listens, the host refuses a call.

A closed channel proves nothing. But a kernel that lives and refuses calls where the partner listened a
moment ago says that there is no process to be waited for. What is believed of it is the core's business.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

KNOCK_S: Final = 0.004
"""Between two calls: a process that ends closes its ports a moment after its connections."""


class Knocker:
    """Calls a port of the partner's, says nothing and hangs up. All methods belong to the loop."""

    def __init__(self, address: str, for_ms: int, gone: Callable[[], None]) -> None:
        """
        Args:
            address: `host:port` where the partner listens whenever it runs.
            for_ms: after the channel was lost, how long to call.
            gone: called once for a lost channel, if a call is refused.
        """
        self._address = address
        self._for_s = for_ms / 1000
        self._gone = gone
        self._answered: tuple[int, Any] | None = None  # family and address, if it was there
        self._task: asyncio.Task[None] | None = None

    @property
    def answered(self) -> bool:
        """Whether the port was open when last looked at, with the channel open beside it."""
        return self._answered is not None

    def met(self) -> None:
        """The channel is open: see whether the port answers at all."""
        self._answered = None
        self._turn_to(self._look())

    def lost(self) -> None:
        """The channel closed. A port that never answered has nothing to tell."""
        self._still()
        if self._answered is not None:
            self._turn_to(self._ask(*self._answered))

    def stop(self) -> None:
        """Call no more, until the channel is open again."""
        self._answered = None
        self._still()

    def _still(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _turn_to(self, work: Any) -> None:
        self._still()
        self._task = asyncio.get_running_loop().create_task(work, name="knock")

    async def _look(self) -> None:
        host, _, port = self._address.rpartition(":")
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            transport, _ = await loop.create_connection(asyncio.Protocol, host.strip("[]"), int(port))
            try:
                sock = transport.get_extra_info("socket")
                self._answered = sock.family, sock.getpeername()
            finally:
                transport.abort()

    async def _ask(self, family: int, address: Any) -> None:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._for_s
        while loop.time() < until_s:
            with socket.socket(family, socket.SOCK_STREAM) as caller:
                caller.setblocking(False)
                try:
                    async with asyncio.timeout_at(until_s):
                        await loop.sock_connect(caller, address)
                except ConnectionRefusedError:
                    self._gone()
                    return
                except ConnectionResetError:
                    pass  # it closed the port just now
                except (OSError, TimeoutError):
                    return  # a host that does not answer says nothing
            await asyncio.sleep(KNOCK_S)
