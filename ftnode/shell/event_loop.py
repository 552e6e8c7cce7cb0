"""uvloop, with one thing mended: what wakes it for grpc.aio is read at once.

For each event grpc.aio's poller thread writes a byte into a pair of sockets. The loop's handler takes up
every event that is there, but reads a single byte: each further byte costs a turn of the loop that finds
nothing to do, and when the pair is full the poller waits for such a turn with every event. Here all but the
last byte are read before the handler is called.
"""

import functools
import socket
from collections.abc import Callable
from typing import Any, Final

import uvloop

PEEK_BYTES: Final = 4096
_HANDLER: Final = "_handle_events"  # of grpc.aio's private PollerCompletionQueue; another name is left alone


class Loop(uvloop.Loop):
    """See the module. For `uvloop.run(..., loop_factory=Loop)`."""

    def add_reader(self, fd: Any, callback: Callable[..., Any], *args: Any) -> Any:  # type: ignore[override]
        """As asyncio's, with the mend."""
        handler = getattr(callback, "func", callback)
        if isinstance(fd, socket.socket) and getattr(handler, "__name__", "") == _HANDLER:
            callback = functools.partial(drained, fd, callback)
        return super().add_reader(fd, callback, *args)


def drained(wakes: socket.socket, callback: Callable[..., Any], *args: Any) -> None:
    """Leave one byte in the socket, then call; nothing is called if there is none."""
    try:
        waiting = len(wakes.recv(PEEK_BYTES, socket.MSG_PEEK))
    except BlockingIOError:
        return
    if waiting > 1:
        wakes.recv(waiting - 1)
    callback(*args)
