"""Reads at the executed seq: one that the application cannot answer is unknown, and harms nobody else."""

import asyncio
from collections.abc import Sequence

import pytest

from ftnode.machine.contract import StateReader
from ftnode.machine.executor import Executor
from ftnode.shell.calls import Call, UnknownError, Waiter
from ftnode.shell.desk import Desk
from ftnode.shell.intake import IntakeLimits
from ftnode.shell.reading import answer_all, asked_by
from ftnode.shell.relay import Relay
from ftnode.shell.table import EXECUTED, ROTTEN, UNREADABLE, Answer, Lane, Query
from ftnode.store.state import StoreFault
from ftnode.wire.frames import FrameReader
from ftnode.wire.relay import Reply, decode_answers
from tests.machine.log import blank
from tests.machines import Counter, body


class Moody(Counter):
    """Raises for some questions."""

    def query(self, state: StateReader, at_ms: int, body: bytes) -> bytes:
        if body == b"overflow":
            raise OverflowError("can't serialize ints >= 2**64")
        if body == b"rotten":
            raise StoreFault("the disk gave back what was not written to it")
        return super().query(state, at_ms, body)


def read(text: bytes, waiter: Waiter | None = None) -> Call:
    return Call(Query(text), Lane.TILL, b"me", 0, waiter)


def read_by(executor: Executor, reads: Sequence[Call]) -> tuple[list[Answer], list[str]]:
    said: list[str] = []
    asked = [asked_by(call) for call in reads]

    def tell(trouble: Exception) -> None:
        said.append(str(trouble))

    return answer_all(executor, asked, tell, tell), said


def test_a_bug_in_one_read_is_that_reads_own() -> None:
    """The others of the turn are answered; it is said once, and nothing is raised that would end the unit."""
    answers, said = read_by(blank(Moody()), [read(body("read")), read(b"overflow"), read(body("read"))])
    assert [answer.verdict for answer in answers] == [EXECUTED, UNREADABLE, EXECUTED]
    assert [answer.outcome for answer in answers] == [body("is", 0), b"", body("is", 0)]
    assert said == ["at seq 0: OverflowError: can't serialize ints >= 2**64"]


def test_a_read_that_needs_what_is_rotten_is_not_answered_and_the_unit_is_told() -> None:
    """The others of the turn have nothing to do with it; the unit gives way by itself."""
    answers, said = read_by(blank(Moody()), [read(body("read")), read(b"rotten"), read(body("read"))])
    assert [answer.verdict for answer in answers] == [EXECUTED, ROTTEN, EXECUTED]
    assert answers[1].outcome == b""
    assert said == ["the disk gave back what was not written to it"]


def test_who_asked_is_told_that_it_is_unknown() -> None:
    """At this unit and, by the relay, at the partner: at once, not when his patience ends."""

    async def ask() -> None:
        here = Waiter(1)
        here.put(0, Answer(1, 1, 1, UNREADABLE, b""))
        with pytest.raises(UnknownError):
            await here.future

        sent: list[bytes] = []
        limits = IntakeLimits()
        active = Desk(
            sent.append, lambda: None, limits, relay_max_entries=9, relay_max_bytes=999, takeover_wait_ms=99
        )
        active.answer(Call(Query(b"q"), Lane.TILL, b"me", 0, None, 0, 1), Answer(1, 1, 1, UNREADABLE, b""))
        active.flush()
        (came,) = FrameReader(9999).feed(sent[-1])
        (reply,) = decode_answers(came)
        assert (reply.number, reply.reply) == (1, Reply.ANSWERED)

        there, relay = Waiter(1), Relay(lambda _: None, 9, 9999)
        relay.admit([read(b"q", there)])
        relay.flush()
        relay.answered([reply])
        with pytest.raises(UnknownError):
            await there.future
        assert len(relay) == 0

    asyncio.run(ask())
