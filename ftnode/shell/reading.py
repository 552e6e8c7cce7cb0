"""Reads on the executed state: queries of the application, and what became of a request id."""

from ftnode.machine.executor import Executor
from ftnode.shell.calls import Call
from ftnode.shell.table import EXECUTED, NOT_FOUND, Answer, Lookup, Query


def read_all(executor: Executor, reads: list[Call]) -> list[tuple[Call, Answer]]:
    """Answer each call at the executed seq. The answers may leave only when their barrier is passed.

    Raises:
        QueryBug: the application raised. StoreFault: the disk gave back what was not written to it.
    """
    seq, epoch, time_ms = executor.executed_seq, executor.epoch, executor.time_ms
    return [(call, _read(executor, call, seq, epoch, time_ms)) for call in reads]


def _read(executor: Executor, call: Call, seq: int, epoch: int, time_ms: int) -> Answer:
    want = call.want
    if isinstance(want, Query):
        return Answer(seq, epoch, time_ms, EXECUTED, executor.query(want.body))
    if isinstance(want, Lookup):
        found = executor.find_request(call.actor, want.request_id)
        if found is None:
            return Answer(seq, epoch, time_ms, NOT_FOUND, b"")
        return Answer(found.seq, epoch, time_ms, found.result[0], found.result[1:])
    raise TypeError("a command is no read")
