"""Watches a run from above: knows what was shown to clients and what is truly on which disk.

The cheap checks run after every step, the expensive ones (`chaos.sim.verdict`) at the end. Each
check has a name; a mutant says by which of them it means to be caught.
"""

from collections.abc import Callable
from typing import Final, Protocol

from chaos.sim.world import World
from ftnode.core.clock import LogClock
from ftnode.core.promise import Promise
from ftnode.core.record import Record
from ftnode.core.state import Log, Unit
from ftnode.machine.kinds import TOO_OLD

CHECKS: Final = (
    "invariant",  # the core stopped itself: its own reasoning failed
    "order",  # released <= compared <= min(commit, executed) <= head; never back in one life
    "durable",  # an entry was released that an in-sync unit does not have on its disk
    "lost",  # a unit serves, or is admitted to the in-sync set, without what was shown
    "one active",  # two lives released in one epoch
    "digest",  # different digests at one seq
    "doubt",  # answers differed for no reason, or a doubt did what it must not do
    "storm",  # words of doubt were answered for ever
    "evidence",  # two sound units stopped, and do not say where they differ
    "convicted",  # a unit was convicted of what it did not do
    "doubled",  # a request was executed twice, or answered in two ways
    "designation",  # a bound unit won, a right outlived a swap to both, a new witness began unagreed
    "race",  # a healthy active was replaced for a fault that was not its own
    "ill",  # a unit with an ill part stayed in, or another one went out for it
    "stall",  # a fault that the pair must bear, and nobody was answered
    "linearizable",  # the clients' history has no order
    "conserved",  # money came or went
    "version",  # one entry was executed by two engine versions, or by a program that has not the right one
    "clock",  # log time went back, or leapt with one bad clock
    "named",  # a clock was off, and nobody, or another one, was named
    "flapping",  # one fault of a clock or a part made the pair change places more than once
    "converged",  # healed, and yet no answer, no duplex, or unequal states
    "pure",  # the same step gave two answers
    "crash",  # the harness or the code under test fell over
)
SLEW_MAX_PPM: Final = 500
CLOCK_MAX_AHEAD_MS: Final = 3000
"""One clock may be a year off; the others are right to a quarter of a second."""


class ViolationError(Exception):
    """A check failed. `check` is one of `CHECKS`."""

    def __init__(self, check: str, story: str) -> None:
        super().__init__(f"{check}: {story}")
        self.check = check
        self.story = story


class Place(Protocol):
    """What the judge sees of a unit's hardware: the truth about its disk."""

    durable_seq: int
    durable_hash: dict[int, bytes]
    harmed: bool

    def incarnation(self) -> str: ...


class Judge:
    """The ledger of all that was shown to anybody."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.places: list[Place] = []
        self.record: Callable[[], Record | None] = lambda: None
        self.unit_promise: Callable[[int], Promise | None] = lambda unit: None  # as it is on its disk
        self.behind_max_ms = 0  # log time may lag so much; 0: not judged now
        self.ahead_max_ms = CLOCK_MAX_AHEAD_MS  # and so far be ahead of the true time: more ends lots early
        self.actives = 0  # times that another unit became active
        self.true_ms: Callable[[], int] = lambda: 0
        self.newest: Record | None = None  # record that any witness took
        self.shown_seq = 0  # highest seq on which an answer that left depends
        self.hashes: dict[int, bytes] = {}  # of shown entries
        self.times: dict[int, int] = {}
        self.digests: dict[int, bytes] = {}
        self.applied: dict[bytes, int] = {}  # request id -> seq at which the machine ran it
        self.answers: dict[bytes, bytes] = {}
        self.versions: dict[bytes, int] = {}  # by which engine version an entry was executed, by its hash
        self.releasers: dict[int, tuple[int, int]] = {}  # epoch -> (unit, life)

    def step(self, unit: Unit, before: Log) -> None:
        """After every step of a core, if its log's numbers changed."""
        log = unit.log
        if not log.released_seq <= log.compared_seq <= min(log.commit_seq, log.executed_seq):
            raise ViolationError("order", f"unit {unit.me}: {log}")
        if max(log.commit_seq, log.executed_seq) > log.head_seq or log.checkpoint_seq > log.compared_seq:
            raise ViolationError("order", f"unit {unit.me}: {log}")
        if log.first_seq > log.head_seq and log.checkpoint_seq == log.head_seq:
            return  # a snapshot replaced all of it: a unit out of the set may begin again further back
        if log.commit_seq < before.commit_seq or log.released_seq < before.released_seq:
            raise ViolationError("order", f"unit {unit.me} went back: {before} -> {log}")

    def compared(self, unit: int, seq: int, digest: bytes) -> None:
        """A unit takes everything through `seq` for final, with this digest there."""
        known = self.digests.setdefault(seq, digest)
        if known != digest:
            raise ViolationError("digest", f"unit {unit} has {digest.hex()} at {seq}, known {known.hex()}")

    def executed(self, unit: int, seq: int, entry_hash: bytes, version: int) -> None:
        """A machine of this version ran an entry: every other one that runs it is of the same version."""
        known = self.versions.setdefault(entry_hash, version)
        if known != version:
            raise ViolationError(
                "version", f"unit {unit} runs {seq} by version {version}; {known} ran it before"
            )

    def convicted(self, unit: int, harmed: bool) -> None:
        """A unit goes out because digests differed."""
        self.world.seen["convicted"] += 1
        if not harmed:
            raise ViolationError("convicted", f"unit {unit} goes out, and its memory is sound")

    def released(self, unit: int, life: int, epoch: int, seq: int, entry_hash: bytes) -> None:
        """An active lets out the answer of `seq`."""
        self.shown(unit, life, epoch, seq, entry_hash)
        record = self.record()
        if record is None:
            return
        deposed = record.epoch != epoch  # and does not know it: what it shows, the new active must hold
        for member in (record.active,) if deposed else record.in_sync:
            if self.places[member].harmed:
                continue  # it held the entry and lost its disk since: not this active's fault
            if self.places[member].durable_hash.get(seq) != entry_hash:
                if member != unit and self._goes_alone(unit, member, epoch):
                    continue
                held_seq = self.places[member].durable_seq
                raise ViolationError(
                    "durable", f"unit {unit} releases {seq}; in-sync unit {member} durably holds {held_seq}"
                )

    def _goes_alone(self, unit: int, member: int, epoch: int) -> bool:
        """Is `unit` the survivor by its own note, and does the disk of `member` say that it obeys?"""
        mine = self.unit_promise(unit)
        if mine is None or mine.note is None or (mine.note.epoch, mine.alone_epoch) != (epoch, epoch):
            return False
        self.world.seen["answered alone by a note"] += 1
        if not self.is_bound(member, epoch):
            raise ViolationError("designation", f"unit {unit} is alone, unit {member} does not obey it")
        return True

    def is_bound(self, unit: int, epoch: int) -> bool:
        """Does its disk obey the other unit as survivor of this epoch, or claim no place in the set?"""
        promise, record = self.unit_promise(unit), self.record()
        if promise is None or promise.bound_epoch >= epoch:
            return True
        return record is None or record.incarnation_of(unit) != promise.incarnation

    def shown(self, unit: int, life: int, epoch: int, seq: int, entry_hash: bytes) -> None:
        """An answer that depends on everything through `seq` leaves."""
        releaser = self.releasers.setdefault(epoch, (unit, life))
        promise = self.unit_promise(unit) if releaser != (unit, life) else None
        if promise is not None and releaser[0] == unit and promise.alone_epoch == epoch:
            self.releasers[epoch] = releaser = (unit, life)  # a survivor that began again by its note
        if releaser != (unit, life):
            raise ViolationError("one active", f"unit {unit} and unit {releaser[0]} answer in epoch {epoch}")
        if self.hashes.setdefault(seq, entry_hash) != entry_hash:
            raise ViolationError("lost", f"unit {unit} shows another entry {seq} than was shown before")
        self.shown_seq = max(self.shown_seq, seq)

    def cut(self, unit: int, seq: int) -> None:
        """A unit cuts its log: what was shown stays, unless this unit is out of the set anyway."""
        record = self.record()
        if (
            seq < self.shown_seq
            and record is not None
            and unit in record.in_sync
            and not self.places[unit].harmed
            and not self.is_bound(unit, record.epoch)
        ):
            raise ViolationError(
                "lost", f"in-sync unit {unit} cuts its log to {seq}; {self.shown_seq} was shown"
            )

    def stamped(self, unit: int, time_ms: int) -> None:
        """An active gives an entry its time. Too late a one is judged when it is released."""
        true_ms = self.true_ms()
        if self.behind_max_ms and time_ms < true_ms - self.behind_max_ms:
            raise ViolationError("clock", f"unit {unit} says {true_ms - time_ms} ms before the true time")

    def slewed(self, unit: int, before: LogClock, after: LogClock) -> None:
        """Between two entries of one active, log time follows its monotonic clock. (rule 17)"""
        passed_ms, moved_ms = after.mono_ms - before.mono_ms, after.log_ms - before.log_ms
        most_ms = passed_ms + passed_ms * SLEW_MAX_PPM // 1_000_000 + 2
        if moved_ms > most_ms and not before.owed:
            raise ViolationError("clock", f"unit {unit}: log time moved {moved_ms} ms in {passed_ms} ms")

    def outcome(self, request_id: bytes, seq: int, time_ms: int, outcome: bytes, ran: bool) -> None:
        """What a released entry did; `ran` if the machine ran it, not the memory of an earlier run."""
        before_ms = self.times.get(seq - 1, 0)
        if time_ms < before_ms:
            raise ViolationError("clock", f"log time {time_ms} at {seq} after {before_ms} at {seq - 1}")
        if time_ms > self.true_ms() + self.ahead_max_ms:
            ahead_ms = time_ms - self.true_ms()
            raise ViolationError("clock", f"{seq} is answered {ahead_ms} ms ahead: what was valid has ended")
        self.times[seq] = time_ms
        if not request_id or outcome[:1] == TOO_OLD:
            return
        if ran and self.applied.setdefault(request_id, seq) != seq:
            raise ViolationError(
                "doubled", f"{request_id.decode()} ran at {self.applied[request_id]} and again at {seq}"
            )
        known = self.answers.setdefault(request_id, outcome)
        if known != outcome:
            raise ViolationError(
                "doubled", f"{request_id.decode()} was answered {known!r}, then {outcome!r} at {seq}"
            )

    def record_changed(self, before: Record | None, after: Record) -> None:
        """The witness took a swap: who is in the set now must hold all that was shown."""
        mine = self.unit_promise(after.active)
        if mine is not None and mine.witness_id != after.witness_id:
            return  # a late swap at a witness that its own sender obeys no more: nobody will ever act on it
        self.actives += before is not None and before.active != after.active
        known, self.newest = self.newest or before, after
        if known is not None and not self.places[after.active].harmed:
            self._rule_11(known, after, first=before is None)
        for member in after.in_sync:
            place = self.places[member]
            if place.incarnation() != after.incarnation_of(member):
                place.harmed = True  # a late swap names a disk that is no more: nobody can act on it
                continue
            if before is None or before.incarnation_of(member) != after.incarnation_of(member):
                place.harmed = False
            if place.harmed:
                continue  # a record that is renewed says no more of this disk than the one before
            self.holds_all(member, f"is put in sync in epoch {after.epoch}")

    def _rule_11(self, before: Record, after: Record, first: bool) -> None:
        """What a swap may not be: of one who is bound, of one who keeps a right, at a witness not agreed."""
        mine, other = self.unit_promise(after.active), 1 - after.active
        if mine is not None and mine.bound_epoch >= before.epoch:
            raise ViolationError("designation", f"unit {after.active} wins, and is bound in {before.epoch}")
        if mine is not None and mine.note == before and other in after.in_sync:
            raise ViolationError("designation", f"unit {after.active} keeps its right beside {after}")
        if not first or other not in before.in_sync or self.places[other].harmed:
            return
        theirs = self.unit_promise(other)
        obeys = theirs is not None and theirs.witness_id == after.witness_id
        if not obeys and not self.is_bound(other, before.epoch):
            raise ViolationError(
                "designation", f"a first record at {after.witness_id}; {other} obeys another"
            )

    def holds_all(self, unit: int, why: str) -> None:
        """A unit must have everything shown on its disk."""
        place, seq = self.places[unit], self.shown_seq
        if not seq:
            return
        known = self.hashes.get(seq)
        held = place.durable_hash.get(seq)
        if held is None or (known is not None and held != known):
            other = "" if held is None else ", and another entry there"
            raise ViolationError(
                "lost", f"unit {unit} {why}; {seq} was shown, it holds {place.durable_seq}{other}"
            )
