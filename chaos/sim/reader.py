"""Reads of one life, run at their place in the stream: what `ftnode.shell.reader` does in a unit."""

from bisect import insort
from collections.abc import Callable
from hashlib import blake2b
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from chaos.sim.calls import Request
from chaos.sim.judge import ViolationError
from ftnode.core import effects as eff
from ftnode.core import events as ev
from ftnode.core import rules
from ftnode.core.messages import Message, Reads, ReadsRun

if TYPE_CHECKING:
    from chaos.sim.life import Life

KEPT_MAX: Final = 2 * rules.BARRIERS_MAX


class Reader:
    """See the module."""

    def __init__(self, life: "Life") -> None:
        self._life = life
        self.heard: list[bytes] = []  # questions that came with the message being heard
        self._places: list[tuple[int, Callable[[], None]]] = []
        self._asked: dict[int, list[bytes]] = {}  # by barrier
        self._ours: dict[int, bytes] = {}
        self._theirs: dict[int, bytes] = {}
        self._bad: set[int] = set()  # barriers under which our bad memory was asked

    def reached(self, seq: int) -> None:
        """The state stands right behind entry `seq`."""
        while self._places and self._places[0][0] <= seq:
            self._places.pop(0)[1]()

    def cut(self, seq: int) -> None:
        """Entries above are gone, and the places behind them."""
        self._places = [place for place in self._places if place[0] <= seq]

    def _at(self, seq: int, call: Callable[[], None]) -> None:
        if self._life.book.executed_seq == seq:
            call()
        else:
            insort(self._places, (seq, call), key=itemgetter(0))

    # --- as active ------------------------------------------------------------------------

    def take(self, effect: eff.TakeReads) -> None:
        """Pull what waits; run it at its place."""
        requests = self._life.desk.hold_reads(effect.barrier)
        asked = self._keep(effect.barrier, [request.job.body for request in requests])
        self._at(effect.seq, lambda: self._run(effect.barrier, effect.seq, requests, asked))

    def _run(self, barrier: int, seq: int, requests: list[Request], asked: list[bytes]) -> None:
        if self._asked.get(barrier) is not asked:
            return  # this number is another session's by now
        found = [self._life.query(request) for request in requests]
        self._life.desk.answer_reads(barrier, seq, found)
        self._ours[barrier] = self._digest([outcome for outcome, _ in found])
        if found and self._life.book.reads_flipped:
            self._bad.add(barrier)
        if barrier in self._theirs:
            self._compared(barrier, self._theirs.pop(barrier))

    def compare(self, effect: eff.CompareReads) -> None:
        """Now, or when ours have run."""
        if effect.barrier in self._ours:
            self._compared(effect.barrier, effect.digest)
        else:
            self._theirs[effect.barrier] = effect.digest

    def _compared(self, barrier: int, theirs: bytes) -> None:
        life = self._life
        equal = self._ours[barrier] == theirs
        life.world.seen["reads compared"] += 1
        harmed = any(one is not None and one.book.harmed for one in life.cabinet.lives)
        if not equal and not harmed and barrier not in life.cabinet.unsure_barriers:
            raise ViolationError("doubt", f"answers under barrier {barrier} differ, and nobody knows why")
        life.feed(ev.ReadsCompared(life.now_ms(), barrier, equal))

    # --- as standby -----------------------------------------------------------------------

    def run(self, effect: eff.RunReads) -> None:
        """The active's reads."""
        life, asked = self._life, self._keep(effect.barrier, list(self.heard))
        if life.book.executed_seq > effect.seq:
            life.world.seen["reads came too late for their place"] += 1
            life.feed(ev.ReadsDone(life.now_ms(), effect.sid, effect.barrier, passed=True))
        else:
            self._at(effect.seq, lambda: self._run_for(effect, asked))

    def _run_for(self, effect: eff.RunReads, asked: list[bytes]) -> None:
        life = self._life
        if self._asked.get(effect.barrier) is not asked:
            return
        digest = self._digest([life.book.query(body)[0] for body in asked])
        if asked and life.cabinet.unsure_reads:
            life.cabinet.unsure_reads -= 1
            life.world.fault("unsure reads", f"barrier {effect.barrier}")
            life.cabinet.unsure_barriers.add(effect.barrier)
            digest = digest[::-1]
        self._ours[effect.barrier] = digest
        life.feed(ev.ReadsDone(life.now_ms(), effect.sid, effect.barrier, passed=False))

    def shown(self, barrier: int, seen_seq: int) -> None:
        """Answers left, under a barrier, that saw the state through `seen_seq`."""
        life = self._life
        life.cabinet.judge.shown(life.me, life.number, life.epoch, seen_seq, life.book.hash_at(seen_seq))
        if barrier in self._bad and rules.required(life.unit):
            raise ViolationError("digest", f"unit {life.me} shows reads what only its bad memory has")

    # --- for both -------------------------------------------------------------------------

    def filled_in(self, message: Message) -> tuple[Message, object]:
        """What is said, with what only the reader knows."""
        if isinstance(message, Reads):
            return message, list(self._asked.get(message.barrier, ()))
        if isinstance(message, ReadsRun):
            return replace(message, digest=self._ours.get(message.barrier, b"")), None
        return message, None

    def again(self, barrier: int, query: Callable[[bytes], bytes]) -> tuple[bytes, bytes]:
        """Digests of what memory, and of what a clean one, answers now to the reads under a barrier."""
        asked = self._asked.get(barrier, [])
        ours = self._digest([self._life.book.query(body)[0] for body in asked])
        return ours, _digest([query(body) for body in asked])

    def _keep(self, barrier: int, asked: list[bytes]) -> list[bytes]:
        self._ours.pop(barrier, None)
        self._theirs.pop(barrier, None)
        self._asked.pop(barrier, None)
        self._asked[barrier] = asked
        while len(self._asked) > KEPT_MAX:
            self._asked.pop(next(iter(self._asked)))
        return asked

    def _digest(self, outcomes: list[bytes]) -> bytes:
        """As this life's memory has it."""
        digest = _digest(outcomes)
        return digest[::-1] if outcomes and self._life.book.reads_flipped else digest


def _digest(outcomes: list[bytes]) -> bytes:
    return blake2b(b"\x00".join(outcomes), digest_size=16).digest()
