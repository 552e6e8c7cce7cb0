"""Reads on the executed state: queries of the application, and what became of a request id."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from ftnode.machine.executor import Executor, QueryBug
from ftnode.shell.calls import Call
from ftnode.shell.table import EXECUTED, NOT_FOUND, ROTTEN, UNREADABLE, Answer, Lookup, Query
from ftnode.store.hashing import hash16
from ftnode.store.state import StoreFault

_pack: Final = msgspec.msgpack.Encoder().encode


class Asked(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """A read, without who waits for it."""

    lookup: bool  # for a request id of this actor; else a question to the application
    actor: bytes
    body: bytes  # the request id, or the question


def asked_by(call: Call) -> Asked:
    """What a call asks."""
    want = call.want
    if isinstance(want, Query):
        return Asked(False, call.actor, want.body)
    if isinstance(want, Lookup):
        return Asked(True, call.actor, want.request_id)
    raise TypeError("a command is no read")


def answer_all(
    executor: Executor,
    asked: Sequence[Asked],
    failed: Callable[[QueryBug], None],
    rotten: Callable[[StoreFault], None] | None = None,
) -> list[Answer]:
    """Answer each read at the executed seq.

    A question at which the application raises is UNREADABLE, and `failed` is told. Unlike a bug in an
    entry this stops no unit: nothing was changed, and the partner, asked the same, would stop as well.
    One that would need what is ROTTEN on this disk is not answered, and `rotten` is told; without that
    it raises StoreFault.
    """
    at = (executor.executed_seq, executor.epoch, executor.time_ms)
    answers: list[Answer] = []
    for one in asked:
        try:
            answers.append(_answer(executor, one, at, failed))
        except StoreFault as fault:
            if rotten is None:
                raise
            rotten(fault)
            answers.append(Answer(*at, ROTTEN, b""))
    return answers


def digest_of(answers: Sequence[Answer]) -> bytes:
    """16 bytes over all that is said to all of them."""
    return hash16(_pack([(one.seq, one.epoch, one.time_ms, one.verdict, one.outcome) for one in answers]))


def _answer(
    executor: Executor, asked: Asked, at: tuple[int, int, int], failed: Callable[[QueryBug], None]
) -> Answer:
    if not asked.lookup:
        try:
            return Answer(*at, EXECUTED, executor.query(asked.body))
        except QueryBug as bug:
            failed(bug)
            return Answer(*at, UNREADABLE, b"")
    found = executor.find_request(asked.actor, asked.body)
    if found is None:
        return Answer(*at, NOT_FOUND, b"")
    _, epoch, time_ms = at
    return Answer(found.seq, epoch, time_ms, found.result[0], found.result[1:])
