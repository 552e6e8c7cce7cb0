"""Two cores, two disks, a network and a witness that do whatever they may; everything from one seed.

Coarser than `chaos/sim` (no bytes, no machine) and much faster: an entry is a unique number, a log is a
list of them, a digest is a hash over such a list. What is promised is checked at every step (`Judge`).
"""

import heapq
import random
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from ftnode.core import effects as ef
from ftnode.core import events as ev
from ftnode.core import messages as msg
from ftnode.core import rules
from ftnode.core.fsm import State
from ftnode.core.promise import Promise
from ftnode.core.record import Record
from ftnode.core.state import Timing, fresh
from ftnode.core.step import step
from tests.core.asking import ask
from tests.core.judge import Judge
from tests.core.parts import CALM, Disk, Entry, Node, digest_of, is_sound, time_of, times_of

CABINET, WITNESS = "shop", "w1"
TICK_MS: Final = 10


class World:
    """See the module. `at(delay, deed)` is the only way in which anything happens."""

    def __init__(self, seed: int, timing: Timing | None = None) -> None:
        self.random = random.Random(seed)
        self.timing = timing or Timing()
        self.now_ms = 1_000
        self.weather = CALM
        self.link_up = True
        self.witness_up = [True, True]
        self.crash_chance = 0.0  # between any two effects
        self.nodes = [Node(fresh(self.timing, at, CABINET), Disk()) for at in (0, 1)]
        self.nodes[0].disk.promise = Promise(CABINET, 0, witness_id=WITNESS, epoch=1, incarnation="first")
        self.record = Record(CABINET, WITNESS, 1, 0, (0,), ((0, "first"),))
        self.told_seq = 0
        self.judge = Judge(self)
        self.swaps = 0  # sent and not yet decided
        self.clock_off_ms = [1_000_000, 1_000_000, 1_000_000]  # of both units and the witness
        self._deeds: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    def later(self, delay_ms: int, deed: Callable[[], None]) -> None:
        """Do it after so long."""
        self._count += 1
        heapq.heappush(self._deeds, (self.now_ms + delay_ms, self._count, deed))

    def run(self, ms: int) -> None:
        """Let so much time pass."""
        until_ms = self.now_ms + ms
        while self._deeds and self._deeds[0][0] <= until_ms:
            self.now_ms, _, deed = heapq.heappop(self._deeds)
            deed()
        self.now_ms = until_ms

    def wall_ms(self, at: int) -> int:
        """The wall clock of a unit, or (2) of the witness."""
        return self.now_ms + self.clock_off_ms[at]

    def _thread(self, node: Node, name: str, most_ms: int, deed: Callable[[], None]) -> None:
        """In the order asked for, one after the other, while this life lasts."""
        life = node.life
        due_ms = max(self.now_ms, node.free_ms.get(name, 0)) + self.random.randint(0, most_ms)
        node.free_ms[name] = due_ms

        def work() -> None:
            if node.up and node.life == life:
                deed()

        self.later(due_ms - self.now_ms, work)

    def hang(self, at: int, name: str, ms: int) -> None:
        """A thread of a unit ("disk", "promise", "engine") does nothing for a while."""
        node = self.nodes[at]
        node.free_ms[name] = max(self.now_ms, node.free_ms.get(name, 0)) + ms

    def pause(self, at: int, ms: int) -> None:
        """The whole process stands still."""
        self.nodes[at].paused_ms = max(self.nodes[at].paused_ms, self.now_ms + ms)
        self.later(ms, lambda: self._awake(at))

    def _awake(self, at: int) -> None:
        node = self.nodes[at]
        if not node.up or node.paused_ms > self.now_ms:
            return
        node.paused_ms = 0
        waiting, node.waiting = node.waiting, []
        self.feed(at, ev.Paused(self.now_ms, 1_000))
        for event, carried in waiting:
            self.feed(at, replace(event, now_ms=self.now_ms), carried)

    # --- lives -----------------------------------------------------------------------------

    def boot(self, at: int) -> None:
        """A process starts, reads its disk and syncs what it read."""
        node = self.nodes[at]
        disk = node.disk
        node.up, node.life, node.paused_ms = True, self.random.getrandbits(32) * 2 + at, 0
        node.reads, node.free_ms, node.waiting, node.trace = {}, {}, [], []
        self.judge.allowed_broken[at] = False
        node.unit = fresh(self.timing, at, CABINET)
        head_seq = len(disk.log)
        disk.durable = head_seq
        executed_seq = min([head_seq, *(seq - 1 for seq in disk.rotten)])
        node.executed = list(disk.log[:executed_seq])
        booted = ev.Booted(
            self.now_ms,
            disk.promise,
            Promise(CABINET, at),
            chance=node.life,
            first_seq=disk.first_seq,
            head_seq=head_seq,
            ends=disk.ends,
            executed_seq=executed_seq,
            commit_seq=max((mark[1] for mark in disk.marks), default=0),
            peer_floor_seq=max((mark[2] for mark in disk.marks), default=0),
            checkpoint_seq=disk.checkpoint_seq,
            log_time_ms=time_of(node.executed),
            wall_ms=self.wall_ms(at),
            rotten=tuple(sorted(disk.rotten)),
            short=disk.short,
        )
        self.feed(at, booted)
        self.feed(at, ev.Connected(self.now_ms))
        self._tick(at, node.life)

    def _tick(self, at: int, life: int) -> None:
        if self.nodes[at].up and self.nodes[at].life == life:
            self.feed(at, ev.Tick(self.now_ms, self.wall_ms(at)))
            self.later(TICK_MS, lambda: self._tick(at, life))

    def kill(self, at: int, power: bool) -> None:
        """The process is gone; with the power, so is what was not synced."""
        node, disk = self.nodes[at], self.nodes[at].disk
        node.up = False
        self.judge.lives[at] += 1
        if power:
            kept_seq = self.random.randint(disk.durable, len(disk.log))
            if kept_seq < len(disk.log):
                disk.cut_at_start(kept_seq, rotten=False)
        if self.random.random() < 0.7:
            self.later(1, lambda: self.feed(1 - at, ev.Closed(self.now_ms)))
            self.later(self.random.randint(2, 80), lambda: self.feed(1 - at, ev.Gone(self.now_ms)))

    def feed(self, at: int, event: ev.Event, carried: Sequence[Entry] = ()) -> None:
        """One event into a core, and all that it asks for, in order; it may die in between.

        `carried` is the sender's log up to the last entry that a message brings.
        """
        node = self.nodes[at]
        if not node.up:
            return
        if self.now_ms < node.paused_ms:
            if not isinstance(event, ev.Tick):
                node.waiting.append((event, carried))
            return
        life = node.life
        node.trace.append(f"{self.now_ms} {event}")
        node.unit, effects = step(node.unit, event)
        self.judge.look(at)
        for effect in effects:
            if self.crash_chance and self.random.random() < self.crash_chance:
                self.kill(at, power=self.random.random() < 0.5)
            if not node.up or node.life != life:
                return
            node.trace.append(f"{self.now_ms}     {effect}")
            self._do(at, node, effect, carried)

    # --- deeds -----------------------------------------------------------------------------

    def _do(self, at: int, node: Node, effect: ef.Effect, carried: Sequence[Entry]) -> None:
        match effect:
            case ef.KeepPromise(number, promise):
                self._thread(node, "promise", self.weather.disk_ms, lambda: self._kept(at, number, promise))
            case ef.ProbeDisk(number):
                self._thread(
                    node,
                    "disk",
                    self.weather.disk_ms,
                    lambda: self.feed(at, ev.DiskProbed(self.now_ms, number)),
                )
            case ef.Diagnose():
                self.later(1, lambda: self.feed(at, ev.Diagnosed(self.now_ms, "")))
            case ef.Send(message):
                self._send(at, message)
            case ef.ReadRecord(op, compared_seq):
                ask(self, at, op, None, None, compared_seq)
            case ef.SwapRecord(op, expected, wanted, compared_seq):
                ask(self, at, op, expected, wanted, compared_seq)
            case ef.GiveOut(from_seq, to_seq, epoch, time_ms):
                made = [(epoch, time_ms, self._unique()) for _ in range(from_seq, to_seq + 1)]
                self._write(at, from_seq, made)
            case ef.Take(from_seq, to_seq):
                self._write(at, from_seq, carried[from_seq - 1 : to_seq])
            case ef.Cut(seq):
                self._thread(node, "disk", 2 * self.weather.disk_ms, lambda: self._cut(at, seq))
            case ef.Compare(seq, digest):
                same = digest == digest_of(node.executed[:seq])
                self.judge.compared(at, seq, same)
                self._thread(
                    node,
                    "compare",
                    self.weather.engine_ms,
                    lambda: self.feed(at, ev.Compared(self.now_ms, seq, same)),
                )
            case ef.Release(seq):
                self.judge.released(at, seq)
            case ef.TakeReads(barrier, seq):
                node.reads[barrier] = (self.judge.answered_seq, seq)
            case ef.TakeReadsBack(barrier):
                node.reads = {number: read for number, read in node.reads.items() if number > barrier}
            case ef.RunReads(sid, barrier, seq):
                passed = len(node.executed) != seq
                self._thread(
                    node,
                    "reads",
                    self.weather.engine_ms,
                    lambda: self.feed(at, ev.ReadsDone(self.now_ms, sid, barrier, passed)),
                )
            case ef.CompareReads(barrier):
                self.feed(at, ev.ReadsCompared(self.now_ms, barrier, equal=True))
            case ef.ReleaseReads(barrier):
                for number in [number for number in node.reads if number <= barrier]:
                    self.judge.read(at, *node.reads.pop(number))
            case ef.MarkCompared(seq):
                if self.random.random() < 0.1:
                    self._thread(
                        node, "checkpoint", 10 * self.weather.disk_ms, lambda: self._checkpoint(at, seq)
                    )
            case ef.FetchSnapshot():
                self._thread(node, "snapshot", 20 * self.weather.link_ms, lambda: self._fetch(at))
            case ef.Repair(seqs):
                self._thread(node, "disk", self.weather.disk_ms, lambda: self._repair(at, seqs))
            case ef.Halt():
                node.up = False
                self.judge.lives[at] += 1
            case _:
                pass

    def _unique(self) -> int:
        self._count += 1
        return self._count

    def _kept(self, at: int, number: int, promise: Promise) -> None:
        node, before = self.nodes[at], self.nodes[at].disk.promise
        node.disk.promise = promise
        if before is not None and before.cut_rotten and not promise.cut_rotten:
            node.faulty = False  # by its own word it holds all of it again: from now on it is held to that
        self.feed(at, ev.PromiseKept(self.now_ms, number))

    def _write(self, at: int, from_seq: int, entries: Sequence[Entry]) -> None:
        node, disk = self.nodes[at], self.nodes[at].disk
        self.judge.check(len(disk.log) == from_seq - 1, "entries are written behind the head", at, from_seq)
        self.judge.stamped(at, disk.log[-1:], entries)
        disk.log += entries
        disk.marks.append((len(disk.log), node.unit.log.commit_seq, node.unit.peer_floor_seq))
        head_seq = len(disk.log)
        self._thread(node, "disk", self.weather.disk_ms, lambda: self._synced(at, head_seq))
        self._thread(node, "engine", self.weather.engine_ms, lambda: self._execute(at, head_seq))

    def _synced(self, at: int, seq: int) -> None:
        disk = self.nodes[at].disk
        disk.durable = max(disk.durable, min(seq, len(disk.log)))
        self.feed(at, ev.Persisted(self.now_ms, disk.durable))

    def _execute(self, at: int, seq: int) -> None:
        node = self.nodes[at]
        node.executed += node.disk.log[len(node.executed) : seq]
        self.feed(at, ev.Executed(self.now_ms, len(node.executed)))

    def _cut(self, at: int, seq: int) -> None:
        self.judge.cut(at, seq)
        node = self.nodes[at]
        node.disk.cut(seq)
        del node.executed[seq:]
        self.feed(at, ev.CutDone(self.now_ms, seq, time_of(node.disk.log)))

    def _checkpoint(self, at: int, seq: int) -> None:
        node = self.nodes[at]
        disk, partner = node.disk, node.unit.partner
        if seq < disk.checkpoint_seq or seq > len(node.executed):
            return
        disk.checkpoint_seq = seq
        if node.unit.lead is None or (partner is not None and partner.acked_seq >= seq):
            disk.first_seq = max(disk.first_seq, self.random.choice([1, seq - 5, seq + 1]))
        self.feed(at, ev.Checkpointed(self.now_ms, seq, disk.first_seq))

    def _fetch(self, at: int) -> None:
        """The state at the other unit's checkpoint comes, is built beside ours and replaces it later."""
        node, other = self.nodes[at], self.nodes[1 - at]
        if not self.link_up or not other.up or self.random.random() < 0.1:
            self.later(5, lambda: self.feed(at, ev.SnapshotFailed(self.now_ms, "the link broke")))
            return
        state = list(other.executed[: other.disk.checkpoint_seq])
        self._thread(node, "disk", 2 * self.weather.disk_ms, lambda: self._install(at, state))

    def _install(self, at: int, state: list[Entry]) -> None:
        node, seq = self.nodes[at], len(state)
        promise = node.disk.promise
        node.disk = Disk(promise, list(state), seq, seq + 1, seq)
        node.executed = list(state)
        node.faulty = False
        self.feed(at, ev.SnapshotInstalled(self.now_ms, seq, node.disk.ends[-1:], time_of(state)))

    def _repair(self, at: int, seqs: tuple[int, ...]) -> None:
        node = self.nodes[at]
        self.judge.check(set(seqs) <= node.disk.rotten, "what is repaired was rotten", at, seqs)
        node.disk.rotten -= set(seqs)
        if not node.disk.rotten:
            node.executed = list(node.disk.log)
        self.feed(at, ev.Repaired(self.now_ms, seqs, time_of(node.executed)))
        self.feed(at, ev.Executed(self.now_ms, len(node.executed)))

    # --- the network -----------------------------------------------------------------------

    def _send(self, at: int, message: msg.Message) -> None:
        node = self.nodes[at]
        carried: list[Entry] = []
        match message:
            case msg.Ack():
                message = replace(message, digest=digest_of(node.executed[: message.seq]))
            case msg.Open():
                message = replace(message, common_hash=digest_of(node.disk.log[: message.common_seq]))
            case msg.Append():
                self.judge.check(
                    message.to_seq < message.from_seq or message.from_seq >= node.disk.first_seq,
                    "only entries that are still there are sent",
                    at,
                    message,
                )
                carried = node.disk.log[: message.to_seq]
            case msg.Fetched():
                carried = list(node.disk.log)
            case _:
                pass
        for _ in range(1 + (self.random.random() < self.weather.doubled)):
            if self.link_up and self.random.random() >= self.weather.lost:
                self._carry(at, message, carried)

    def _carry(self, at: int, message: msg.Message, carried: list[Entry]) -> None:
        def arrive() -> None:
            if self.link_up:
                self._arrived(1 - at, message, carried)

        if self.weather.in_order:
            node = self.nodes[at]
            due_ms = max(
                self.now_ms + self.random.randint(0, self.weather.link_ms), node.free_ms.get("out", 0)
            )
            node.free_ms["out"] = due_ms
            self.later(due_ms - self.now_ms, arrive)
        else:
            self.later(self.random.randint(0, self.weather.link_ms), arrive)

    def _arrived(self, at: int, message: msg.Message, carried: list[Entry]) -> None:
        disk = self.nodes[at].disk
        sound, times = is_sound(disk, message, carried), times_of(disk, message, carried)
        self.feed(at, ev.Received(self.now_ms, message, sound, times), carried)

    # --- clients ---------------------------------------------------------------------------

    def active(self) -> int | None:
        """Who gives out seqs; the one in the higher epoch if both believe that they do."""
        found = [at for at in (0, 1) if self.nodes[at].up and self.nodes[at].unit.lead is not None]
        return max(found, key=lambda at: self.nodes[at].unit.promise.epoch, default=None)

    def write(self, at: int, count: int) -> None:
        if rules.accepts(self.nodes[at].unit):
            self.feed(at, ev.Proposed(self.now_ms, self.wall_ms(at), count))

    def read(self, at: int) -> None:
        if rules.accepts_reads(self.nodes[at].unit):
            self.feed(at, ev.ReadAsked(self.now_ms))

    def states(self) -> list[State | None]:
        return [node.unit.state if node.up else None for node in self.nodes]
