"""Reads on the executed state: queries of the application, and what became of a request id."""

from collections.abc import Callable

from ftnode.machine.executor import Executor, QueryBug
from ftnode.shell.calls import Call
from ftnode.shell.table import EXECUTED, NOT_FOUND, UNREADABLE, Answer, Lookup, Query


def read_all(
    executor: Executor, reads: list[Call], failed: Callable[[QueryBug], None]
) -> list[tuple[Call, Answer]]:
    """Answer each call at the executed seq. The answers may leave only when their barrier is passed.

    A question at which the application raises is UNREADABLE, and `failed` is told. Unlike a bug in an
    entry this stops no unit: nothing was changed, and the partner, asked the same, would stop as well.

    Raises:
        StoreFault: the disk gave back what was not written to it.
    """
    seq, epoch, time_ms = executor.executed_seq, executor.epoch, executor.time_ms
    return [(call, _read(executor, call, (seq, epoch, time_ms), failed)) for call in reads]


def _read(
    executor: Executor, call: Call, at: tuple[int, int, int], failed: Callable[[QueryBug], None]
) -> Answer:
    want = call.want
    if isinstance(want, Query):
        try:
            return Answer(*at, EXECUTED, executor.query(want.body))
        except QueryBug as bug:
            failed(bug)
            return Answer(*at, UNREADABLE, b"")
    if isinstance(want, Lookup):
        found = executor.find_request(call.actor, want.request_id)
        if found is None:
            return Answer(*at, NOT_FOUND, b"")
        _, epoch, time_ms = at
        return Answer(found.seq, epoch, time_ms, found.result[0], found.result[1:])
    raise TypeError("a command is no read")
