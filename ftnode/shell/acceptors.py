"""Taking calls in as fast as they come: several accepts outstanding instead of one.

grpc.aio takes in one call per round through poller thread and loop (one outstanding request to
C-core for each method). On a busy machine a round takes a millisecond and more, and calls pile up
unseen where no limit of ours counts them. Measured with an echo on two busy cores: 870 calls a
second with one accept outstanding, 3,000 to 5,200 with nine. A turn of the loop takes in no more calls
than accepts were outstanding, so under far too much load, when turns are long, there must be very many,
or calls wait for seconds where nobody can refuse them: at 5,000 a second for each unit the wait grew all the
while with 1,024, to 5 s in 20 s; with 4,096 it stayed below 1 s.

grpcio offers no setting for it, so this uses a few names of its private module, which `constraints.txt`
pins. If a later grpcio has them no more, `start` says so and calls are taken in the plain way.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from grpc import _cython

from ftnode.shell.refusals import Refusal

OUTSTANDING_LEAST: Final = 32  # accepts of each method beside grpc.aio's own, at the start
OUTSTANDING_MOST: Final = 4096  # doubled up to this while turns of the loop take half of them
ENDED_S: Final = 1.0  # longest wait for them to end with the server
_INNER: Final[Any] = vars(_cython)["cygrpc"]  # the type stubs do not know it
_NEEDED: Final = (
    "_handle_unary_unary_rpc",
    "_handle_stream_stream_rpc",
    "_schedule_rpc_coro",
    "_RequestCallError",
    "_send_error_status_from_server",
    "SendInitialMetadataOperation",
    "ExecuteBatchError",
)
Handlers = Mapping[str, Any]  # by path


@dataclass(slots=True)
class _Door:
    """One method's accepts."""

    path: str
    handler: Any
    outstanding: int = 0
    taken: int = 0  # in this turn of the loop


class Acceptors:
    """More accepts for the methods of one server. They end when the server stops."""

    def __init__(
        self, server: Any, handlers: Handlers, refusing: Callable[[int], Refusal | None] = lambda _: None
    ) -> None:
        """Registers `handlers` with the server (of grpc.aio), which must not run yet.

        Args:
            handlers: of unary-unary and stream-stream methods.
            refusing: what to answer a call with that is not even read, or None to let it in; told how many
                were let in and are not over. Saying no must cost little: under three times too much load
                it is most of what a unit says.
        """
        self._refusing = refusing
        self._server = server
        self._handlers = dict(handlers)
        self._accepting: set[asyncio.Task[Any]] = set()
        self._calls: set[asyncio.Task[Any]] = set()
        for path, handler in self._handlers.items():
            _, service, name = path.split("/")
            self._server.add_registered_method_handlers(service, {name: handler})

    def start(self) -> bool:
        """Begin to accept; the server runs. False if this grpcio cannot."""
        core = getattr(self._server, "_server", None)
        missing = [name for name in _NEEDED if not hasattr(_INNER, name)]
        if missing or not hasattr(core, "_request_registered_call"):
            structlog.get_logger().warning("accepting_one_by_one", why=f"this grpcio has no {missing}")
            return False
        for path, handler in self._handlers.items():
            self._more(core, _Door(path, handler), OUTSTANDING_LEAST)
        return True

    @property
    def outstanding(self) -> int:
        """Accepts of all methods, and refusals on their way out."""
        return len(self._accepting)

    async def ended(self) -> None:
        """After the server's stop: what was outstanding is over. A loop that closes sooner leaves all these
        events to the next one, whose own then wait behind them."""
        if self._accepting:
            await asyncio.wait(self._accepting, timeout=ENDED_S)

    def _more(self, core: Any, door: _Door, count: int) -> None:
        door.outstanding += count
        for _ in range(count):
            _keep(self._accepting, self._accept(core, door))

    def _turned(self, core: Any, door: _Door) -> None:
        """A turn of the loop is over. Where it took most of the accepts, the next may find more calls."""
        taken, door.taken = door.taken, 0
        if 2 * taken >= door.outstanding < OUTSTANDING_MOST:
            self._more(core, door, min(door.outstanding, OUTSTANDING_MOST - door.outstanding))

    async def _accept(self, core: Any, door: _Door) -> None:
        loop = asyncio.get_running_loop()
        path, method, handler = door.path, door.path.encode(), door.handler
        streams = handler.request_streaming
        # Not by way of grpc.aio's own look-up of the handler: it leaves a ring of five objects a call to the
        # collector, which stood still for 50 ms each ten thousand calls.
        handle = _INNER._handle_stream_stream_rpc if streams else _INNER._handle_unary_unary_rpc
        while True:
            try:
                call = await core._request_registered_call(method)
            except _INNER._RequestCallError:
                door.outstanding -= 1
                return  # the server stops
            if not door.taken:
                loop.call_soon(self._turned, core, door)
            door.taken += 1
            if (refusal := self._refusing(len(self._calls))) is not None:
                _keep(self._accepting, self._refuse(call, refusal, loop))
                continue
            handling = _INNER._schedule_rpc_coro(handle(handler, call, loop), call, loop, path)
            _keep(self._calls, handling)

    async def _refuse(self, call: Any, refusal: Refusal, loop: asyncio.AbstractEventLoop) -> None:
        """Send the status as it was made once: no handler, no context, no exception, nothing parsed."""
        code, metadata = refusal.code.value[0], refusal.metadata
        try:
            await _INNER._send_error_status_from_server(
                call, code, refusal.message, metadata, _INNER.SendInitialMetadataOperation((), 0), loop
            )
        except _INNER.ExecuteBatchError:
            return  # the caller is gone


def _keep(tasks: set[asyncio.Task[Any]], work: Any) -> None:
    """The loop itself holds tasks weakly."""
    task = asyncio.get_running_loop().create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
