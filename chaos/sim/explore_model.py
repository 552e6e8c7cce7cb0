"""The shipped core in a world small enough to be walked through whole: two units, a witness, few commands.

Time is abstract: a Tick is short (something is due to be said) or long (every patience is at an end),
and after each step all timers stand at one moment; a hello from before a session, or from before patience
ended, is long past. Entries are (epoch, name) pairs, digests are what they
stand for. Messages of one direction arrive in order, as on a connection; what a fault takes is gone.
"""

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec.structs import replace

from chaos.sim.explore_sides import bound, down, ends_of, held_of, holds, survivor
from ftnode.core import effects as eff
from ftnode.core import events as ev
from ftnode.core.invariants import BrokenInvariantError
from ftnode.core.messages import Append, Message, Open
from ftnode.core.promise import Promise
from ftnode.core.record import Record, stays
from ftnode.core.state import Timing, Unit, fresh

if TYPE_CHECKING:
    from chaos.sim.explore_memory import Memory

NAME: Final = "small"
UNSEEN: Final = -1
WITNESS_ID: Final = "w"
NOW_MS: Final = 100_000
SHORT_MS: Final = 120
LONG_MS: Final = 30_000
TIMING: Final = Timing(probe_ms=10_000_000, resend_ms=100, boot_wait_ms=3000)
QUEUE_MAX: Final = 4  # messages under way in one direction; more would only say the same again
WITNESS: Final = 2
ASKED: Final = 1
ANSWERED_SINCE: Final = 2

Entry = tuple[int, str]  # (epoch, name)
Item = tuple[Message, tuple[Entry, ...]]  # a message and the entries that it carries
FRESH: Final = (fresh(TIMING, 0, NAME), fresh(TIMING, 1, NAME))


class Wrong(Exception):
    """A check failed on this path."""


class Side(NamedTuple):
    """One unit: its process (None: down), what its disk holds, what is under way to the disk."""

    unit: Unit | None
    promise: Promise | None
    log: tuple[Entry, ...]
    durable: int  # entries of the log that are synced
    boots: int
    commit_seq: int = 0
    writing: tuple[ev.Event, ...] = ()  # completions that the next sync brings, but for entries
    reads: tuple[tuple[int, int], ...] = ()  # (barrier, UNSEEN if it must not be answered)
    harmed: bool = False


class Swap(NamedTuple):
    """A compare-and-swap under way."""

    by: int
    op: int
    expected: Record
    wanted: Record


class World(NamedTuple):
    """Everything. Two equal worlds have the same future."""

    sides: tuple[Side, Side]
    record: Record
    told_seq: int
    queues: tuple[tuple[Item, ...], tuple[Item, ...]]
    swaps: tuple[Swap, ...]
    late: tuple[Swap, ...]
    cuts: tuple[tuple[int, int], ...]
    faults: int  # that may still happen
    delays: int  # times that something may still overtake
    timeouts: int  # times that a unit's patience may still end
    writes: int
    reads: int
    shown: tuple[Entry, ...]
    releasers: tuple[tuple[int, int, int], ...]  # (epoch, unit, boots)
    faulted: bool
    away: int = 0  # times that the witness may still go for long, both ways of both units
    forces: int = 0  # times that the operator may still force a unit
    forced: int = 0  # ASKED, ANSWERED_SINCE, or 0: nobody asked


def first_world() -> World:
    """Both units are down; unit 0's disk was prepared with the witness's record."""
    first = Promise(NAME, 0, WITNESS_ID, epoch=1, incarnation="first")
    record = Record(NAME, WITNESS_ID, 1, 0, (0,), ((0, "first"),))
    sides = (Side(None, first, (), 0, 0), Side(None, None, (), 0, 0))
    return World(sides, record, 0, ((), ()), (), (), (), 0, 0, 0, 0, 0, (), (), False)


@dataclass(slots=True)
class Desk:
    """A world that is being changed by one action."""

    world: World
    sides: list[Side]
    queues: list[list[Item]]
    memory: "Memory"

    @classmethod
    def of(cls, world: World, memory: "Memory") -> "Desk":
        return cls(world, list(world.sides), [list(queue) for queue in world.queues], memory)

    def done(self, patient: int = -1) -> World:
        """The world after the action. `patient`: the unit whose every patience ended in it."""
        before = self.world.sides
        for at in (0, 1):
            if self.sides[at] is not before[at]:
                asks = any(swap.by == at for swap in self.world.swaps)
                self.sides[at] = self.memory.settled(self.sides[at], asks, at == patient)
        queues = (tuple(self.queues[0]), tuple(self.queues[1]))
        record = self.world.record  # a swap that expects an older one never lands: records do not come back
        late = tuple(swap for swap in self.world.late if swap.expected == record)
        return self.world._replace(sides=(self.sides[0], self.sides[1]), queues=queues, late=late)

    # --- stepping -------------------------------------------------------------------------

    def feed(self, at: int, event: ev.Event, carried: tuple[Entry, ...] = ()) -> None:
        """Let a unit decide, and do what it asks at once, but for what takes a disk or a wire."""
        events = deque([event])
        while events:
            side = self.sides[at]
            if side.unit is None:
                return
            try:
                unit, effects = self.memory.step(side.unit, events.popleft())
            except BrokenInvariantError as broken:
                raise Wrong(f"invariant: unit {at}: {broken}") from broken
            if unit is not side.unit:
                self.sides[at] = side._replace(unit=unit)
            for effect in effects:
                more = self._do(at, effect, carried)
                if self.sides[at].unit is None:
                    return
                events += more

    def _do(self, at: int, effect: eff.Effect, carried: tuple[Entry, ...]) -> list[ev.Event]:
        side = self.sides[at]
        now_ms = side.unit.timers.now_ms if side.unit else NOW_MS
        match effect:
            case eff.KeepPromise():
                self._write(at, ev.PromiseKept(now_ms, effect.number))
            case eff.ProbeDisk():
                self._write(at, ev.DiskProbed(now_ms, effect.number))
            case eff.Diagnose():
                return [ev.Diagnosed(now_ms, "")]
            case eff.Send():
                self._send(at, effect.message)
            case eff.ReadRecord():
                return [self._read(at, effect, now_ms)]
            case eff.SwapRecord():
                swap = Swap(at, effect.op, effect.expected, effect.wanted)
                self.world = self.world._replace(swaps=(*self.world.swaps, swap))
            case eff.GiveOut():
                own = "survivor" if effect.change is not None else "noop"
                names = (own,) if effect.noop or effect.change is not None else (f"w{self.world.writes}",)
                self._append(at, tuple((effect.epoch, name) for name in names))
                return [ev.Executed(now_ms, effect.to_seq)]
            case eff.Take():
                self._append(
                    at, carried[effect.from_seq - 1 - self._carried_from : effect.to_seq - self._carried_from]
                )
                return [ev.Executed(now_ms, effect.to_seq)]
            case eff.Cut():
                self._check_cut(at, effect.seq)
                self.sides[at] = side._replace(
                    log=side.log[: effect.seq], durable=min(side.durable, effect.seq)
                )
                return [ev.CutDone(now_ms, effect.seq)]
            case eff.Compare():
                return [ev.Compared(now_ms, effect.seq, digest(side.log, effect.seq) == effect.digest)]
            case eff.FetchSnapshot():
                return [self._snapshot(at, now_ms)]
            case eff.RunReads():
                passed = len(side.log) != effect.seq
                return [ev.ReadsDone(now_ms, effect.sid, effect.barrier, passed)]
            case eff.CompareReads():
                return [ev.ReadsCompared(now_ms, effect.barrier, equal=True)]
            case eff.TakeReadsBack():
                left = tuple(read for read in side.reads if read[0] > effect.barrier)
                self.sides[at] = side._replace(reads=left)
            case eff.TakeReads():
                read = (effect.barrier, 0)
                seen_seq = effect.seq
                if seen_seq < len(self.world.shown) or side.log[: len(self.world.shown)] != self.world.shown:
                    read = (effect.barrier, UNSEEN)  # it did not see what was shown: it must not be answered
                self.sides[at] = side._replace(reads=(*side.reads, read))
            case eff.ReleaseReads():
                self._answer_reads(at, effect.barrier)
            case eff.Release():
                self._release(at, effect.seq)
            case eff.Halt():
                self.sides[at] = down(side, keep=True)
        return []

    _carried_from: int = 0

    def _write(self, at: int, event: ev.Event) -> None:
        side = self.sides[at]
        self.sides[at] = side._replace(writing=(*side.writing, event))

    def _append(self, at: int, entries: tuple[Entry, ...]) -> None:
        side = self.sides[at]
        self.sides[at] = side._replace(log=side.log + entries)

    # --- wires ----------------------------------------------------------------------------

    def _send(self, at: int, message: Message) -> None:
        side = self.sides[at]
        if (at, 1 - at) in self.world.cuts or self.sides[1 - at].unit is None:
            return
        queue = self.queues[at]
        item = self.memory.item(message, side.log)
        if len(queue) < QUEUE_MAX and all(item is not said for said in queue):
            queue.append(item)

    def deliver(self, sender: int) -> None:
        """The oldest message of this direction arrives."""
        item = self.queues[sender].pop(0)
        message, carried = item
        at = 1 - sender
        side = self.sides[at]
        sound = True
        if isinstance(message, Open):
            sound = digest(side.log, message.common_seq) == message.common_hash
        if isinstance(message, Append):
            self._carried_from = message.from_seq - 1
        self.feed(at, self.memory.received(item, sound), carried)

    def _read(self, at: int, effect: eff.ReadRecord, now_ms: int) -> ev.Event:
        if self.out_of_reach(at):
            return ev.WitnessSilent(now_ms, effect.op)
        unit = self.sides[at].unit
        record = unit.record if unit is not None else None
        if record is not None and record.epoch == self.world.record.epoch:
            self.world = self.world._replace(told_seq=max(self.world.told_seq, effect.compared_seq))
        return ev.RecordRead(now_ms, effect.op, self.world.record, self.world.told_seq, now_ms)

    def out_of_reach(self, at: int) -> bool:
        """Is a direction between this unit and the witness cut?"""
        return (at, WITNESS) in self.world.cuts or (WITNESS, at) in self.world.cuts

    def land(self, swap: Swap) -> bool:
        """A swap arrives at the witness; whether it won."""
        won = self.world.record == swap.expected
        if won:
            if self.world.forced and not stays(swap.expected, swap.wanted):
                self._give_up(swap.by)
            self.world = self.world._replace(record=swap.wanted)
            for member in swap.wanted.in_sync:
                side = self.sides[member]
                if side.promise is None or side.promise.incarnation != swap.wanted.incarnation_of(member):
                    self.sides[member] = side._replace(harmed=True)
                elif not holds(side, self.world.shown):
                    raise Wrong(
                        f"lost: unit {member} is put in sync without {self.world.shown}, holds {side}"
                    )
        return won

    # --- checks ------------------------------------------------------------------------------

    def _give_up(self, at: int) -> None:
        """A force lands: what its unit does not hold of what was answered before it was asked is given up."""
        if self.world.forced == ANSWERED_SINCE:
            raise Wrong(f"given up: unit {at} strikes all, though more was answered since")
        side, shown = self.sides[at], self.world.shown
        self.world = self.world._replace(shown=shown[: held_of(side, shown)], told_seq=0, forced=0)

    def _release(self, at: int, seq: int) -> None:
        side = self.sides[at]
        self._releaser(at, side)
        entries = side.log[:seq]
        shown = self.world.shown
        if entries[: len(shown)] != shown[: len(entries)]:
            raise Wrong(f"lost: unit {at} answers {entries}, shown before {shown}")
        if len(entries) > len(shown):
            self.world = self.world._replace(shown=entries, forced=self.world.forced and ANSWERED_SINCE)
        epoch = side.unit.record.epoch if side.unit and side.unit.record else 0
        if self.world.record.epoch == epoch:
            for member in self.world.record.in_sync:
                if bound(self.sides[member], epoch) and survivor(side, epoch):
                    continue
                if not self.sides[member].harmed and not holds(self.sides[member], entries):
                    raise Wrong(f"durable: unit {at} releases {seq}, in-sync unit {member} does not hold it")

    def _answer_reads(self, at: int, barrier: int) -> None:
        side = self.sides[at]
        self._releaser(at, side)
        for number, floor in side.reads:
            if number <= barrier and floor == UNSEEN:
                raise Wrong(f"stale read: unit {at} answers a read that did not see {self.world.shown}")
        self.sides[at] = side._replace(reads=tuple(read for read in side.reads if read[0] > barrier))

    def _releaser(self, at: int, side: Side) -> None:
        epoch = side.unit.lead.epoch if side.unit and side.unit.lead else 0
        known = {one[0]: one[1:] for one in self.world.releasers}
        if survivor(side, epoch) and known.get(epoch, (at,))[0] == at:
            kept = tuple(one for one in self.world.releasers if one[0] != epoch)
            self.world = self.world._replace(releasers=(*kept, (epoch, at, side.boots)))
            return  # it may begin again by its note
        if known.setdefault(epoch, (at, side.boots)) != (at, side.boots):
            raise Wrong(f"one active: two lives answer in epoch {epoch}")
        if len(known) > len(self.world.releasers):
            self.world = self.world._replace(releasers=(*self.world.releasers, (epoch, at, side.boots)))

    def _check_cut(self, at: int, seq: int) -> None:
        if bound(self.sides[at], self.world.record.epoch):
            return
        if at in self.world.record.in_sync and not self.sides[at].harmed and seq < len(self.world.shown):
            raise Wrong(f"lost: in-sync unit {at} cuts to {seq}, shown {self.world.shown}")

    def _snapshot(self, at: int, now_ms: int) -> ev.Event:
        other = self.sides[1 - at]
        if other.unit is None or {(0, 1), (1, 0)} & set(self.world.cuts):
            return ev.SnapshotFailed(now_ms, "no way")
        seq = other.unit.log.compared_seq
        self.sides[at] = self.sides[at]._replace(log=other.log[:seq], durable=seq)
        return ev.SnapshotInstalled(now_ms, seq, ends_of(other.log[:seq]), NOW_MS)

    # --- what happens to units --------------------------------------------------------------------

    def sync(self, at: int) -> None:
        """Everything that is under way to the disk is on it."""
        side = self.sides[at]
        held, writing = len(side.log), side.writing
        promise = side.promise
        if side.unit is not None and side.unit.writing is not None:
            promise = side.unit.writing
        commit_seq = side.unit.log.commit_seq if side.unit else side.commit_seq
        self.sides[at] = side._replace(
            durable=held, promise=promise, writing=(), commit_seq=min(commit_seq, held)
        )
        for event in writing:
            self.feed(at, event)
        if held > side.durable:
            self.feed(at, ev.Persisted(NOW_MS, held))

    def boot(self, at: int) -> None:
        """The process starts; what it reads it syncs first."""
        side = self.sides[at]
        boots = side.boots + 1
        self.sides[at] = side._replace(unit=FRESH[at], boots=boots, durable=len(side.log), reads=())
        self.feed(
            at,
            ev.Booted(
                NOW_MS,
                side.promise,
                Promise(NAME, at, WITNESS_ID),
                chance=boots * 2 + at,
                head_seq=len(side.log),
                ends=ends_of(side.log),
                executed_seq=len(side.log),
                commit_seq=side.commit_seq,
                peer_floor_seq=side.commit_seq,
                log_time_ms=NOW_MS,
                wall_ms=NOW_MS,
            ),
        )
        for unit in (0, 1):
            if self.sides[1 - at].unit is not None:
                self.feed(unit, ev.Connected(NOW_MS))

    def miss(self, at: int) -> None:
        """A unit has not reached the witness for so long that it is lost."""
        side = self.sides[at]
        if side.unit is not None:
            timers = replace(side.unit.timers, witness_ms=NOW_MS - LONG_MS)
            self.sides[at] = side._replace(unit=replace(side.unit, timers=timers))
        self.feed(at, ev.Tick(NOW_MS + SHORT_MS, NOW_MS))

    def end(self, at: int, keep: bool) -> None:
        """The process ends. `keep`: what was under way to the disk got there all the same.

        A swap that it sent may land at any time from now on.
        """
        self.sides[at] = down(self.sides[at], keep)
        if any(one.by == at for one in self.world.swaps):
            left = tuple(one for one in self.world.swaps if one.by != at)
            sent = tuple(one for one in self.world.swaps if one.by == at)
            self.world = self.world._replace(swaps=left, late=(*self.world.late, *sent))
        if self.sides[1 - at].unit is not None:
            self.feed(1 - at, ev.Closed(NOW_MS))


def digest(log: tuple[Entry, ...], seq: int) -> Any:
    """What stands for hash and digest: the entries themselves."""
    return log[:seq]
