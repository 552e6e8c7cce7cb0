"""One piece of a world of `explore_model` as its shape and the names in it, for `explore_names`.

Left out is what the future cannot ask for: bounds of a session stage that is over, promises to ask in an
epoch that was passed, numbers of calls and probes but for whether they are awaited, times of one moment.
"""

from typing import Any, Final

from chaos.sim.explore_model import NOW_MS, Entry, Item, Side, Swap, World
from ftnode.core import events as ev
from ftnode.core import lost_witness, rules
from ftnode.core.fsm import State
from ftnode.core.messages import Ack, Append, Goodbye, Hello, Open, Reads, ReadsRun, Sid
from ftnode.core.promise import Promise
from ftnode.core.reconfigure import Designation, Named
from ftnode.core.record import Record
from ftnode.core.state import NEVER, Read, Stage, Timers, Unit

ON_DISK: Final = 2  # added to a unit where its boot is the one on its own disk


class Sheet:
    """Writes down one piece: returns its shape, collects its names."""

    def __init__(self, me: int, drop: int) -> None:
        self.me, self.drop = me, drop
        self.epochs: list[int] = []
        self.lives: list[int] = []
        self.names: list[str | Entry] = []
        self.hellos: list[tuple[int, int]] = []
        self.boots: list[tuple[int, int]] = []

    # --- names and positions ------------------------------------------------------------------

    def at(self, seq: int) -> int:
        """A position: none lies among the entries that are left out. Of a bound those are all one."""
        if seq <= 0:
            return seq
        return seq - self.drop if seq > self.drop else 1

    def entries(self, log: tuple[Entry, ...]) -> int:
        left = log[self.drop :]
        self.epochs += [epoch for epoch, _ in left]
        self.names += left
        return len(left)

    def ends(self, ends: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
        left = [end for end in ends if end[1] > self.drop]
        self.epochs += [epoch for epoch, _ in left]
        return tuple(seq - self.drop for _, seq in left)

    def name(self, name: str) -> bool:
        if name:
            self.names.append(name)
        return bool(name)

    def sid(self, sid: Sid) -> None:
        self.lives += [sid.active_life, sid.standby_life]
        self.hellos.append((sid.standby_life, sid.hello))

    def record(self, record: Record | None) -> Any:
        if record is None:
            return None
        self.epochs.append(record.epoch)
        for at in sorted(record.incarnations, key=lambda one: one[0] ^ self.me):
            self.names.append(at[1])
        mine = tuple(sorted(at ^ self.me for at in record.in_sync))
        named = tuple(sorted(at ^ self.me for at, _ in record.incarnations))
        return (record.active ^ self.me, mine, named)

    def promise(self, promise: Promise | None) -> Any:
        if promise is None:
            return None
        self.boots.append((promise.unit, promise.boot))
        asked = promise.asked_epoch if promise.asked_epoch >= promise.epoch else 0
        self.epochs += [
            promise.epoch,
            asked,
            promise.bound_epoch,
            promise.alone_epoch,
            promise.given_up_epoch,
        ]
        named, note = self.name(promise.incarnation), self.record(promise.note)
        cut = (promise.cut_seq > 0, promise.cut_rotten)
        return (promise.witness_id, named, promise.broken, promise.offline, note, cut)

    # --- pieces -----------------------------------------------------------------------------------

    def side(self, side: Side) -> Any:
        probe = side.unit.ask.probe if side.unit is not None and side.unit.ask is not None else 0
        writing = tuple(
            one.number == probe if isinstance(one, ev.DiskProbed) else type(one).__name__
            for one in side.writing
        )
        self.boots.append((ON_DISK + self.me, side.promise.boot if side.promise is not None else 0))
        return (
            self.promise(side.promise),
            self.entries(side.log),
            self.at(side.durable),
            self.at(side.commit_seq),
            writing,
            side.reads,
            side.harmed,
            self.unit(side.unit) if side.unit is not None else None,
        )

    def unit(self, unit: Unit) -> Any:
        log = unit.log
        self.lives.append(unit.life)
        self.hellos.append((unit.life, unit.hello))
        seqs = (
            log.head_seq,
            log.durable_seq,
            log.executed_seq,
            log.commit_seq,
            log.compared_seq,
            log.released_seq,
            log.checkpoint_seq,
            log.first_seq - 1,
            unit.told_seq,
            unit.peer_floor_seq,
        )
        return (
            unit.state.value,
            self.promise(unit.promise),
            self.promise(unit.want),
            self.promise(unit.writing),
            self.name(unit.candidate),
            self.record(unit.record),
            tuple(self.at(seq) for seq in seqs),
            self.ends(log.ends),
            self.peer(unit),
            self.lead(unit),
            self.partner(unit),
            self.source(unit),
            unit.suspect,
            self.ask(unit),
            tuple(self.record(wanted) for wanted in unit.unsettled),
            (unit.reading != 0, unit.probing != 0, unit.checked, unit.rotten, unit.mending),
            (unit.unfit, unit.leaving, unit.changing, unit.force != NEVER),
            _running(unit.timers),
            self.change(unit.change),
            lost_witness.witness_lost(unit),
        )

    def peer(self, unit: Unit) -> Any:
        peer = unit.peer
        if peer is None:
            return None
        self.lives.append(peer.life)
        self.hellos.append((peer.life, peer.hello))
        if peer.heard_ms != NOW_MS:
            return "long ago"  # only its number counts
        self.boots.append((unit.other, peer.boot))
        epoch, seq = peer.last
        old = 0 < seq <= self.drop  # below every log that is not blank
        self.epochs.append(0 if old else epoch)
        named = self.name(peer.incarnation)
        return (peer.state.value, named, peer.electable, -1 if old else self.at(seq))

    def lead(self, unit: Unit) -> Any:
        lead = unit.lead
        if lead is None:
            return None
        self.epochs.append(lead.epoch)
        noop_seq = lead.noop_seq if unit.log.compared_seq < lead.noop_seq else 0
        return (
            self.at(noop_seq),
            self.at(lead.join_floor_seq) if lead.join_required else -1,
            lead.barrier,
            tuple(self.read(read) for read in lead.reads),
            lead.stopped,
            lead.draining,
            lead.handed_over,
            (lead.alone, lead.by_note, self.at(lead.designated_seq)),
        )

    def read(self, read: Read) -> Any:
        if read.sid is not None:
            self.sid(read.sid)
        return (read.barrier, self.at(read.seq), read.sid is not None, read.compared)

    def partner(self, unit: Unit) -> Any:
        partner = unit.partner
        if partner is None:
            return None
        self.sid(partner.sid)
        named = self.name(partner.incarnation)
        seqs = (
            partner.received_seq,
            partner.acked_seq,
            partner.compared_seq,
            partner.sent_seq,
            partner.change_seq,
        )
        digests = tuple((self.at(seq), self.entries(entries_of(digest))) for seq, digest in partner.digests)
        shape = (named, partner.opened, partner.snapshot, partner.barrier, digests, partner.asked)
        return (shape, tuple(self.at(seq) for seq in seqs))

    def source(self, unit: Unit) -> Any:
        source = unit.source
        if source is None:
            return None
        self.sid(source.sid)
        ready = source.stage is Stage.READY
        say = (
            rules.held_seq(unit),
            source.barrier,
            unit.promise.epoch,
            unit.promise.incarnation,
            lost_witness.obeyed_seq(unit, source),
            lost_witness.has_asked(unit),
        )
        return (
            source.stage.value,
            0 if ready else self.at(source.common_seq),
            0 if unit.state is State.STANDBY else self.at(source.target_seq),
            source.snapshot,
            self.at(source.told_commit_seq),
            self.at(source.told_compared_seq),
            source.barrier,
            say == source.said,
            self.change(source.change),
        )

    def change(self, named: Named | None) -> Any:
        if named is None or not isinstance(named[1], Designation):
            return None  # witnesses are not replaced here
        self.epochs.append(named[1].epoch)
        return (self.at(named[0]), named[1].unit ^ self.me)

    def ask(self, unit: Unit) -> Any:
        ask = unit.ask
        if ask is None:
            return None
        self.epochs.append(ask.epoch)
        return (ask.purpose.value, ask.probe != 0, ask.proved, ask.op != 0)

    def item(self, item: Item) -> Any:
        message, carried = item
        match message:
            case Hello():
                return self.hello(message)
            case Open():
                self.sid(message.sid)
                common = self.entries(entries_of(message.common_hash))
                record = self.record(message.record)
                seqs = (self.at(message.common_seq), self.at(message.head_seq))
                return ("open", record, common, seqs, message.snapshot)
            case Append():
                return self.append(message, carried)
            case Ack():
                self.sid(message.sid)
                self.epochs.append(message.epoch)
                named = self.name(message.incarnation)
                told = (self.at(message.seq), self.at(message.received_seq), self.at(message.change_seq))
                digest = self.entries(entries_of(message.digest))
                return ("ack", named, told, digest, message.barrier, message.asked)
            case Reads():
                self.sid(message.sid)
                return ("reads", message.barrier, self.at(message.seq))
            case ReadsRun():
                self.sid(message.sid)
                return ("reads run", message.barrier, message.passed)
            case Goodbye():
                self.lives.append(message.life)
                self.epochs.append(message.epoch)
                return ("goodbye", message.unit ^ self.me, message.reason)
        raise TypeError(f"no unit of the small world says {message}")

    def hello(self, hello: Hello) -> Any:
        self.boots.append((hello.unit, hello.boot))
        self.lives.append(hello.life)
        self.hellos.append((hello.life, hello.hello))
        self.epochs += [hello.epoch, hello.given_up_epoch]
        named = self.name(hello.incarnation)
        seqs = (self.at(hello.head_seq), self.at(hello.checkpoint_seq))
        ends = self.ends(hello.ends)
        return ("hello", hello.state, self.record(hello.record), named, hello.electable, ends, seqs)

    def append(self, append: Append, carried: tuple[Entry, ...]) -> Any:
        self.sid(append.sid)
        if not carried:
            from_seq = to_seq = 0
        else:
            from_seq, to_seq = self.at(append.from_seq - 1), self.at(append.to_seq)
        if append.from_seq == 1:
            self.entries(carried)
        else:
            self.epochs += [epoch for epoch, _ in carried]
            self.names += carried
        seqs = (append.head_seq, append.commit_seq, append.compared_seq)
        change = self.change((append.change_seq, append.change) if append.change is not None else None)
        ends = self.ends(append.ends)
        record = self.record(append.record)
        positions = tuple(self.at(seq) for seq in seqs)
        return ("append", record, from_seq, to_seq, ends, append.barrier, positions, change)

    def rest(self, world: World, swaps: tuple[tuple[Swap, bool], ...], releasers: tuple[Any, ...]) -> Any:
        record = self.record(world.record)
        under_way = tuple((swap.by ^ self.me, awaited, self.swap(world, swap)) for swap, awaited in swaps)
        late = tuple((swap.by ^ self.me, self.swap(world, swap)) for swap in world.late)
        self.epochs += [epoch for *_, epoch in releasers]
        cuts = tuple(sorted((_turned(a, self.me), _turned(b, self.me)) for a, b in world.cuts))
        shown = self.entries(world.shown)
        released = tuple(one[:2] for one in releasers)
        told = (self.at(world.told_seq), world.forced)
        return (record, told, under_way, late, cuts, shown, released)

    def swap(self, world: World, swap: Swap) -> Any:
        """One whose condition does not hold any more never lands: records do not come back."""
        return self.record(swap.wanted) if swap.expected == world.record else "void"


def _turned(at: int, first: int) -> int:
    return at ^ first if at < 2 else at


def entries_of(digest: Any) -> tuple[Entry, ...]:
    """What a digest stands for."""
    return digest or ()


def _running(timers: Timers) -> tuple[bool, ...]:
    """Which of the timers that matter run."""
    read = (timers.closed_ms, timers.busy_ms, timers.behind_ms, timers.read_ms, timers.ask_ms)
    return (*(at_ms != NEVER for at_ms in read), timers.gone)
