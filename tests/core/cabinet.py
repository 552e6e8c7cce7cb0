"""Two cores and a witness on one table: no disk, no network, no clock but a counter.

Effects are done at once and in order, unless a link is cut or a part is told to hold. Tests
read as stories: `cabinet.run(ms)`, `cabinet.kill(0)`, `cabinet.write()`, then look.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from ftnode.core import events as ev
from ftnode.core import upgrading
from ftnode.core.bound import Times
from ftnode.core.effects import (
    Arbitrate,
    Compare,
    CompareReads,
    CreateRecord,
    Cut,
    Diagnose,
    Effect,
    FetchSnapshot,
    GiveOut,
    Halt,
    KeepPromise,
    ProbeDisk,
    ReadRecord,
    RefuseReads,
    Release,
    ReleaseReads,
    Repair,
    RunReads,
    Send,
    SwapRecord,
    Take,
)
from ftnode.core.events import Event
from ftnode.core.messages import Append, Message
from ftnode.core.promise import Promise
from ftnode.core.reconfigure import Named
from ftnode.core.record import Record
from ftnode.core.state import Lead, Timing, Unit, fresh
from ftnode.core.step import step
from ftnode.core.versions import Order, Ordered, Standing, begun_with
from ftnode.witness.rules import told_after_read, told_after_swap

CABINET = "shop"
WITNESS = "w1"


@dataclass
class Disk:
    """What of a unit outlives its process."""

    promise: Promise | None = None
    head_seq: int = 0
    ends: tuple[tuple[int, int], ...] = ()
    commit_seq: int = 0
    time_ms: int = 0
    versions: dict[int, int] = field(default_factory=dict)  # by which each entry is executed
    orders: dict[int, Order] = field(default_factory=dict)  # what UPGRADE entries say


@dataclass
class Box:
    """One unit: its core, its disk, and what it let out."""

    unit: Unit
    disk: Disk
    up: bool = False
    can: tuple[int, ...] = (1,)  # engine versions of its program
    hold_disk: bool = False  # fsyncs do not end
    flipped: bool = False  # its memory is not what its log gives
    hold_reads: bool = False  # the active's reads do not run here
    rotten_disk: bool = False  # what its re-execution finds wrong lies on its disk
    hold_trial: bool = False  # its re-execution does not end
    hold_promise: bool = False  # promises are not kept yet; all else goes on
    hold_changes: bool = False  # cuts, snapshots and repairs do not end
    released_seq: int = 0
    set_time: bool = False  # the last entry that it gave out is one
    reads_released: int = 0
    reads_refused: int = 0
    named: Named | None = None  # what the log says of a witness behind what is rotten
    trace: list[str] = field(default_factory=list)
    held: list[Event] = field(default_factory=list)


class Cabinet:
    """The pair on a table."""

    def __init__(self, timing: Timing | None = None) -> None:
        self.timing = timing or Timing()
        self.now_ms = 1_000
        self.lives = 100
        self.boxes = [Box(fresh(self.timing, at, CABINET), Disk()) for at in (0, 1)]
        first = Promise(CABINET, 0, witness_id=WITNESS, epoch=1, incarnation="first")
        self.boxes[0].disk.promise = first
        first_record = Record(CABINET, WITNESS, 1, 0, (0,), ((0, "first"),))
        self.records: dict[str, Record | None] = {"": first_record}  # by the witness's address
        self.ids = {"": WITNESS}
        self.down: set[str] = set()  # witnesses that answer nobody, by address
        self.told_seq = 0
        self.reads_differ = False
        self.contradict = False  # digests differ, and nobody knows why
        self.witness_up = True
        self.reads_up = True  # the witness answers reads, not only swaps
        self.late_swaps: list[tuple[Record | None, Record]] | None = None  # not None: swaps are held back
        self.cut: set[tuple[int, int]] = set()  # (from, to) links that lose everything
        self.queue: deque[tuple[int, Event]] = deque()

    @property
    def record(self) -> Record:
        """The newest record that any witness keeps."""
        return max((one for one in self.records.values() if one is not None), key=lambda one: one.epoch)

    @record.setter
    def record(self, record: Record) -> None:
        self.records[""] = record

    def promise(self, at: int) -> Promise:
        """What a unit has on its disk."""
        promise = self.boxes[at].disk.promise
        assert promise is not None
        return promise

    def lead(self, at: int) -> Lead:
        """What a unit knows as the active that it is."""
        lead = self.boxes[at].unit.lead
        assert lead is not None
        return lead

    def kept(self, address: str) -> Record:
        """The record that the witness at an address keeps."""
        record = self.records[address]
        assert record is not None
        return record

    # --- the operator's hands ---------------------------------------------------------------

    def boot(self, at: int, **found: Any) -> None:
        """A process starts; `found` is what its disk shows other than it should."""
        box = self.boxes[at]
        self.lives += 1
        box.up, box.held, box.unit = True, [], fresh(self.timing, at, CABINET)
        box.flipped = False
        disk = box.disk
        booted = ev.Booted(
            self.now_ms,
            disk.promise,
            Promise(CABINET, at),
            chance=self.lives,
            head_seq=disk.head_seq,
            ends=disk.ends,
            executed_seq=disk.head_seq,
            commit_seq=disk.commit_seq,
            log_time_ms=disk.time_ms,
            wall_ms=self.now_ms,
            can=box.can,
            stands=begun_with(disk.versions[1]) if disk.head_seq and disk.versions else Standing(),
            orders=tuple(sorted(disk.orders.items())),
        )
        self.post(at, replace(booted, **found))
        self.settle()

    def kill(self, at: int) -> None:
        self.boxes[at].up = False
        self.queue = deque(item for item in self.queue if item[0] != at)
        self.post(1 - at, ev.Closed(self.now_ms))
        self.settle()

    def blank(self, at: int) -> None:
        self.boxes[at].disk = Disk()

    def write(self, count: int = 1) -> bool:
        """Give commands to whoever is active; True if all were released by the end."""
        at = self.active()
        if at is None:
            return False
        self.post(at, ev.Proposed(self.now_ms, self.now_ms, count))
        self.settle()
        return self.boxes[at].released_seq >= self.boxes[at].unit.log.head_seq

    def read(self, at: int) -> bool:
        box = self.boxes[at]
        before = box.reads_released
        self.post(at, ev.ReadAsked(self.now_ms))
        self.settle()
        return box.reads_released > before

    def active(self) -> int | None:
        found = [at for at in (0, 1) if self.boxes[at].up and self.boxes[at].unit.lead is not None]
        return max(found, key=lambda at: self.boxes[at].unit.promise.epoch, default=None)

    def run(self, ms: int) -> None:
        for _ in range(ms // 10):
            self.now_ms += 10
            for at in (0, 1):
                if self.boxes[at].up:
                    self.post(at, ev.Tick(self.now_ms, self.now_ms))
            self.settle()

    def states(self) -> str:
        return " ".join(box.unit.state.value if box.up else "-" for box in self.boxes)

    # --- the machinery ----------------------------------------------------------------------

    def post(self, at: int, event: Event) -> None:
        self.queue.append((at, event))

    def settle(self) -> None:
        for _ in range(10_000):
            if not self.queue:
                return
            at, event = self.queue.popleft()
            box = self.boxes[at]
            if not box.up:
                continue
            box.unit, effects = step(box.unit, event)
            for effect in effects:
                if box.up:
                    self.do(at, effect)
        raise AssertionError("the cores never come to rest")

    def do(self, at: int, effect: Effect) -> None:
        box, disk, now = self.boxes[at], self.boxes[at].disk, self.now_ms
        box.trace.append(f"{now} {effect}")
        match effect:
            case KeepPromise(number, promise):
                self.on_disk(at, ev.PromiseKept(now, number), promise)
            case ProbeDisk(number):
                self.on_disk(at, ev.DiskProbed(now, number))
            case Diagnose():
                self.post(at, ev.Diagnosed(now, ""))
            case Send(message):
                self.send(at, message)
            case ReadRecord(op, compared_seq, address):
                self.ask(at, op, None, None, compared_seq, address)
            case SwapRecord(op, expected, wanted, compared_seq, address):
                self.ask(at, op, expected, wanted, compared_seq, address)
            case CreateRecord(op, wanted, compared_seq, address):
                self.ask(at, op, None, wanted, compared_seq, address)
            case GiveOut(from_seq, to_seq, _, time_ms, _, set_time, _, order, version):
                disk.time_ms, box.set_time = time_ms, set_time
                disk.versions |= dict.fromkeys(range(from_seq, to_seq + 1), version)
                disk.orders |= {from_seq: order} if order is not None else {}
                self.write_log(at, to_seq)
            case Take(from_seq, to_seq):
                theirs = self.boxes[1 - at].disk
                disk.versions |= {seq: theirs.versions[seq] for seq in range(from_seq, to_seq + 1)}
                disk.orders |= {seq: one for seq, one in theirs.orders.items() if from_seq <= seq <= to_seq}
                self.write_log(at, to_seq)
            case Cut(seq):
                disk.head_seq = seq
                disk.versions = {at_seq: one for at_seq, one in disk.versions.items() if at_seq <= seq}
                disk.orders = {at_seq: one for at_seq, one in disk.orders.items() if at_seq <= seq}
                self.change(at, ev.CutDone(now, seq))
            case Compare(seq, _):
                equal = self.boxes[0].flipped == self.boxes[1].flipped and not self.contradict
                self.post(at, ev.Compared(now, seq, equal))
            case Arbitrate(seq, _, _, _):
                if not box.hold_trial:
                    self.post(
                        at, ev.Arbitrated(now, seq, "memory is wrong" if box.flipped else "", box.rotten_disk)
                    )
            case Release(seq):
                box.released_seq = seq
            case RunReads(sid, barrier, _):
                if not box.hold_reads:
                    self.post(at, ev.ReadsDone(now, sid, barrier, passed=False))
            case CompareReads(barrier, _):
                self.post(at, ev.ReadsCompared(now, barrier, not self.reads_differ))
            case RefuseReads():
                box.reads_refused += 1
            case ReleaseReads():
                box.reads_released += 1
            case FetchSnapshot():
                source, theirs = self.boxes[1 - at].unit, self.boxes[1 - at].disk
                disk.versions, disk.orders = dict(theirs.versions), {}
                stands = upgrading.standing(source)
                log = source.log
                self.change(at, ev.SnapshotInstalled(now, log.compared_seq, log.ends, 0, stands))
            case Repair(seqs):
                self.change(at, ev.Repaired(now, seqs, named=box.named))
                self.change(at, ev.Executed(now, box.unit.log.head_seq))
            case Halt():
                box.up = False
            case _:
                pass

    def change(self, at: int, event: Event) -> None:
        """The log is cut, replaced or repaired."""
        box = self.boxes[at]
        if box.hold_changes:
            box.held.append(event)
        else:
            self.post(at, event)

    def let_go(self, at: int) -> None:
        """What was held comes to its end, in order."""
        box = self.boxes[at]
        box.hold_changes = box.hold_disk = box.hold_promise = False
        held, box.held = box.held, []
        for event in held:
            self.post(at, event)
        self.settle()

    def on_disk(self, at: int, event: Event, promise: Promise | None = None) -> None:
        box = self.boxes[at]
        if box.hold_disk or (box.hold_promise and promise is not None):
            box.held.append(event)
            return
        if promise is not None:
            box.disk.promise = promise
        self.post(at, event)

    def write_log(self, at: int, to_seq: int) -> None:
        box = self.boxes[at]
        self.post(at, ev.Executed(self.now_ms, to_seq))
        if not box.hold_disk:
            box.disk.head_seq, box.disk.ends = to_seq, box.unit.log.ends
            box.disk.commit_seq = box.unit.log.commit_seq
        self.on_disk(at, ev.Persisted(self.now_ms, to_seq))

    def send(self, at: int, message: Message) -> None:
        to = 1 - at
        if (at, to) not in self.cut and self.boxes[to].up:
            told = (self.times(at, message), *self.orders(at, message))
            self.post(to, ev.Received(self.now_ms, message, True, *told))

    def orders(self, at: int, message: Message) -> tuple[tuple[Ordered, ...], int]:
        """What the shell finds in the entries of an Append that continue the other one's log."""
        head_seq, disk = self.boxes[1 - at].unit.log.head_seq, self.boxes[at].disk
        if not isinstance(message, Append) or not message.from_seq <= head_seq + 1 <= message.to_seq:
            return (), 0
        orders = sorted(one for one in disk.orders.items() if head_seq < one[0] <= message.to_seq)
        return tuple(orders), disk.versions.get(1, 0) if head_seq == 0 else 0

    def times(self, at: int, message: Message) -> Times | None:
        """All entries of one message have the time of the last one given out."""
        if not isinstance(message, Append) or message.to_seq < message.from_seq:
            return None
        box = self.boxes[at]
        return Times(box.disk.time_ms, box.disk.time_ms, ordered=True, first_set=box.set_time)

    def ask(
        self,
        at: int,
        op: int,
        expected: Record | None,
        wanted: Record | None,
        compared_seq: int,
        address: str,
    ) -> None:
        gone = not self.witness_up or address in self.down or address not in self.ids
        if gone or (at, 2) in self.cut or (wanted is None and not self.reads_up):
            self.post(at, ev.WitnessSilent(self.now_ms, op))
            return
        if wanted is not None and self.late_swaps is not None:
            self.late_swaps.append((expected, wanted))
            self.post(at, ev.WitnessSilent(self.now_ms, op))
            return
        held, known = self.records.get(address), self.ids[address]
        won = wanted is not None and expected == held and wanted.witness_id == known
        if won and wanted is not None:
            self.told_seq = told_after_swap(expected, self.told_seq, wanted, compared_seq)
            held = self.records[address] = wanted
        elif wanted is None:
            seen = self.boxes[at].unit.record
            self.told_seq = told_after_read(held, self.told_seq, compared_seq, seen.epoch if seen else 0)
        self.post(at, ev.RecordRead(self.now_ms, op, held, self.told_seq, self.now_ms, won, witness_id=known))

    def land_late_swaps(self) -> None:
        """Swaps of unknown result reach the witness now."""
        for expected, wanted in self.late_swaps or []:
            address = next(at for at, known in self.ids.items() if known == wanted.witness_id)
            if expected == self.records.get(address):
                self.records[address] = wanted
        self.late_swaps = None


def duplex(timing: Timing | None = None) -> Cabinet:
    """A pair in duplex: unit 0 active, unit 1 standby."""
    cabinet = Cabinet(timing)
    cabinet.boot(0)
    cabinet.boot(1)
    cabinet.run(500)
    return cabinet
