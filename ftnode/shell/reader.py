"""Reads on both units: run at their place in the stream, their answers held or compared.

The active holds the answers in its ledger until the core lets them out; a standby only says their digest.
What was asked is kept for a while: a unit in doubt asks itself again.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import structlog

from ftnode.core import effects as ef
from ftnode.core import events as ev
from ftnode.core.messages import Sid
from ftnode.core.rules import BARRIERS_MAX
from ftnode.machine.executor import QueryBug
from ftnode.shell.calls import Call
from ftnode.shell.driver import now_ms
from ftnode.shell.ledger import Ledger
from ftnode.shell.reading import Asked, answer_all, asked_by, digest_of
from ftnode.shell.runner import Runner
from ftnode.shell.table import UNREADABLE, Answer
from ftnode.store.state import StoreFault
from ftnode.wire.frames import FrameError

KEPT_MAX: Final = 2 * BARRIERS_MAX  # barriers whose reads can be asked again

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[Asked]).decode


class Reader:
    """See the module. `feed` hears what came of it."""

    def __init__(self, runner: Runner, ledger: Ledger, feed: Callable[[ev.Event], None]) -> None:
        self._runner, self._ledger, self._feed = runner, ledger, feed
        self._kept: OrderedDict[int, tuple[Asked, ...]] = OrderedDict()  # by barrier
        self._ours: dict[int, bytes] = {}  # digests of answers given here, by barrier
        self._theirs: dict[int, bytes] = {}  # of the partner's, for reads that have not run here yet
        self.on_rot: Callable[[StoreFault], None] = lambda fault: None  # a read needed what is rotten
        self._log = structlog.get_logger()

    # ---------------------------------------------------------------- as active

    def take(self, barrier: int, seq: int, calls: Sequence[Call]) -> None:
        """Run them right behind entry `seq`, and hold the answers."""
        asked = self._keep(barrier, tuple(asked_by(call) for call in calls))
        self._ledger.expect(barrier, list(calls))
        self._runner.at(seq, lambda: self._run(barrier, asked))

    def _run(self, barrier: int, asked: tuple[Asked, ...]) -> None:
        if self.kept(barrier) is not asked:
            return
        answers, sound = self._answers(asked)
        self._ledger.read(barrier, answers)
        if not sound:
            return  # alone, the others of this barrier are answered; beside a partner nothing is, from here
        self._ours[barrier] = digest_of(answers)
        if (theirs := self._theirs.pop(barrier, None)) is not None:
            self.compare(barrier, theirs)

    def compare(self, barrier: int, theirs: bytes) -> None:
        """Hold the partner's digest against ours, as soon as there is one."""
        ours = self._ours.get(barrier)
        if ours is None:
            self._theirs[barrier] = theirs
        else:
            self._feed(ev.ReadsCompared(now_ms(), barrier, ours == theirs))

    def take_back(self, barrier: int) -> list[Call]:
        """Reads held under barriers up to this one: their answers are forgotten."""
        return self._ledger.take_back(barrier)

    def refuse(self, barrier: int) -> list[tuple[Call, Answer]]:
        """Reads held under this barrier, with the answer that there is none."""
        self._log.error("reads_refused", barrier=barrier, why="two sound units answer them differently")
        executor = self._runner.executor
        none = Answer(executor.executed_seq, executor.epoch, executor.time_ms, UNREADABLE, b"")
        return [(call, none) for call in self._ledger.pull_reads(barrier)]

    # ---------------------------------------------------------------- as standby

    def run(self, effect: ef.RunReads, asked: Sequence[Asked]) -> None:
        """The active's reads, at their place; if it is passed, they are not run."""
        kept = self._keep(effect.barrier, tuple(asked))
        if self._runner.executor.executed_seq > effect.seq:
            self._feed(ev.ReadsDone(now_ms(), effect.sid, effect.barrier, passed=True))
        else:
            self._runner.at(effect.seq, lambda: self._run_for(effect.sid, effect.barrier, kept))

    def _run_for(self, sid: Sid, barrier: int, asked: tuple[Asked, ...]) -> None:
        if self.kept(barrier) is not asked:
            return  # the entry before its place came so late that a later session has this number
        answers, sound = self._answers(asked)
        if not sound:
            return  # the active hears that we go
        self._ours[barrier] = digest_of(answers)
        self._feed(ev.ReadsDone(now_ms(), sid, barrier, passed=False))

    # ---------------------------------------------------------------- for both

    def answers(self, asked: Sequence[Asked]) -> list[Answer]:
        """What the state as executed says to each. Raises StoreFault."""
        return answer_all(self._runner.executor, asked, self._failed)

    def _answers(self, asked: Sequence[Asked]) -> tuple[list[Answer], bool]:
        """The same; and whether nothing rotten was needed for any of them."""
        met: list[StoreFault] = []
        answers = answer_all(self._runner.executor, asked, self._failed, met.append)
        for fault in met:
            self.on_rot(fault)
        return answers, not met

    def digest(self, barrier: int) -> bytes:
        """Of the answers given here; empty if there are none."""
        return self._ours.get(barrier, b"")

    def kept(self, barrier: int) -> tuple[Asked, ...]:
        """What was asked under a recent barrier."""
        return self._kept.get(barrier, ())

    def encoded(self, barrier: int) -> bytes:
        """The same, for the channel."""
        return _encode(self.kept(barrier))

    def _keep(self, barrier: int, asked: tuple[Asked, ...]) -> tuple[Asked, ...]:
        for old in (self._kept, self._ours, self._theirs):
            old.pop(barrier, None)  # another session's numbers may be the same
        self._kept[barrier] = asked
        while len(self._kept) > KEPT_MAX:
            gone, _ = self._kept.popitem(last=False)
            self._ours.pop(gone, None)
            self._theirs.pop(gone, None)
        return asked

    def _failed(self, bug: QueryBug) -> None:
        self._log.error("read_failed", why=str(bug))


def decode_reads(data: bytes) -> list[Asked]:
    """Reads as they came over the channel.

    Raises:
        FrameError: these bytes are none.
    """
    try:
        return _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FrameError(f"READS came with what are none: {error}") from error
