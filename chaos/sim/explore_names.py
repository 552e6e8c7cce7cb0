"""What makes two worlds of `explore_model` the same: equal but for names. The walk visits one of each.

The core asks of a life, an incarnation or a command only whether it is the same as another one; of epochs,
of hellos of one life and of boots of one unit, which is greater (and which epoch follows at once). It never
asks which of the two units is unit 0. So a world's key says who is active in the record first, and numbers
names by their first appearance, epochs, hellos and boots by rank. What the future cannot ask for is left out.

Entries that begin every log, and that nobody's position lies before, are left out, too (`_drop`): positions
are counted from there on. A position of 0 (a blank disk, nothing compared yet) stays 0.
"""

from collections.abc import Callable
from hashlib import blake2b
from marshal import dumps
from typing import Any, Final, NamedTuple

from chaos.sim.explore_model import Entry, Item, Side, Swap, World
from chaos.sim.explore_sheet import ON_DISK, Sheet, entries_of
from ftnode.core.messages import Ack, Append, Hello, Open
from ftnode.core.state import Stage

FAR: Final = 1 << 30
PLAIN: Final = 2  # of marshal's formats, the one without references: equal things, equal bytes


class Part(NamedTuple):
    """A piece of a world: its shape, and the names in it in the order of their appearance, all as numbers."""

    shape: int  # equal if everything but the names is
    epochs: int
    lives: int
    names: int
    hellos: int  # (life, hello)
    boots: int  # (unit, boot)


class Reach(NamedTuple):
    """How far down a piece of a world reaches."""

    seq: int  # lowest position in it but 0
    epoch: int  # lowest epoch of a record in it
    starts: tuple[tuple[Entry, ...], ...]  # beginnings of logs in it


class Names:
    """Makes keys of worlds; remembers the pieces it has seen, which all live as long as it does."""

    def __init__(self) -> None:
        self._shapes: dict[Any, int] = {}
        self._parts: dict[tuple[int, int, int], Part] = {}
        self._reaches: dict[int, Reach] = {}
        self._shared: dict[Any, Part] = {}
        self._kinds = (Kind(_ranked), Kind(_numbered), Kind(_numbered), Kind(_hellos), Kind(_boots))

    def key(self, world: World) -> bytes:
        """Equal for two worlds if their futures are, but for names; budgets are not in it."""
        first = world.record.active
        sides = (world.sides[first], world.sides[1 - first])
        reaches = [self._reach(side) for side in sides]
        reaches += [self._reach(item) for at in (first, 1 - first) for item in world.queues[at]]
        drop = _drop(world, reaches)
        parts = [self._of(side, first ^ place, drop) for place, side in enumerate(sides)]
        parts += [self._of(item, at, drop) for at in (first, 1 - first) for item in world.queues[at]]
        parts.append(self._rest(world, drop, min(reach.epoch for reach in reaches)))
        shapes, *names = zip(*parts, strict=True)
        called = tuple(kind.common(numbers) for kind, numbers in zip(self._kinds, names, strict=True))
        return blake2b(dumps((shapes, called), PLAIN), digest_size=16).digest()

    def _reach(self, piece: Side | Item) -> Reach:
        found = self._reaches.get(id(piece))
        if found is None:
            found = _side_reach(piece) if isinstance(piece, Side) else _item_reach(piece)
            self._reaches[id(piece)] = found
        return found

    def _of(self, piece: Side | Item, at: int, drop: int) -> Part:
        found = self._parts.get((id(piece), at, drop))
        if found is None:
            sheet = Sheet(at, drop)
            shape = sheet.side(piece) if isinstance(piece, Side) else sheet.item(piece)
            found = self._parts[id(piece), at, drop] = self._part(sheet, shape)
        return found

    def _rest(self, world: World, drop: int, epoch: int) -> Part:
        """The witness, swaps under way, what was shown and by whom."""
        first, record = world.record.active, world.record
        low = min(epoch, record.epoch)
        releasers = tuple(
            (at ^ first, boots == world.sides[at].boots and world.sides[at].unit is not None, epoch)
            for epoch, at, boots in world.releasers
            if epoch >= low
        )
        swaps = tuple((swap, _awaited(world, swap)) for swap in world.swaps)
        cuts = tuple(sorted((source, target) for source, target in world.cuts))
        key = (record, world.told_seq, swaps, world.late, cuts, world.shown, world.forced, releasers, drop)
        found = self._shared.get(key)
        if found is None:
            sheet = Sheet(first, drop)
            found = self._shared[key] = self._part(sheet, sheet.rest(world, swaps, releasers))
        return found

    def _part(self, sheet: Sheet, shape: Any) -> Part:
        names: tuple[list[Any], ...] = (sheet.epochs, sheet.lives, sheet.names, sheet.hellos, sheet.boots)
        numbers = (kind.number(tuple(one)) for kind, one in zip(self._kinds, names, strict=True))
        return Part(self._shapes.setdefault(shape, len(self._shapes)), *numbers)


class Kind:
    """Names of one kind. `rename` makes lists of names equal that differ in nothing the core asks for."""

    def __init__(self, rename: Callable[[list[Any]], tuple[Any, ...]]) -> None:
        self._rename = rename
        self._lists: dict[tuple[Any, ...], int] = {}
        self._back: list[tuple[Any, ...]] = []
        self._common: dict[tuple[int, ...], int] = {}
        self._renamed: dict[tuple[Any, ...], int] = {}

    def number(self, names: tuple[Any, ...]) -> int:
        """The number of a list of names."""
        found = self._lists.get(names)
        if found is None:
            found = self._lists[names] = len(self._back)
            self._back.append(names)
        return found

    def common(self, numbers: tuple[int, ...]) -> int:
        """The same number for lists that are the same but for names."""
        found = self._common.get(numbers)
        if found is None:
            renamed = self._rename([name for number in numbers for name in self._back[number]])
            found = self._common[numbers] = self._renamed.setdefault(renamed, len(self._renamed))
        return found


def _awaited(world: World, swap: Swap) -> bool:
    unit = world.sides[swap.by].unit
    return unit is not None and unit.ask is not None and unit.ask.op == swap.op


def _numbered(names: list[Any]) -> tuple[int, ...]:
    """By first appearance: only whether two are the same counts."""
    numbers: dict[Any, int] = {}
    return tuple(numbers.setdefault(name, len(numbers)) for name in names)


def _ranked(epochs: list[int]) -> tuple[int, ...]:
    """Which is greater, and which follows at once; 0 is none."""
    ranks, rank, before = {0: 0}, 0, 0
    for epoch in sorted(set(epochs) - {0}):
        rank += 1 if before and epoch == before + 1 else 2
        ranks[epoch] = rank
        before = epoch
    return tuple(ranks[epoch] for epoch in epochs)


def _hellos(pairs: list[tuple[int, int]]) -> tuple[int, ...]:
    """Hellos of one life: which is later."""
    by_life: dict[int, set[int]] = {}
    for life, hello in pairs:
        by_life.setdefault(life, set()).add(hello)
    ranks = {(life, hello): rank for life, said in by_life.items() for rank, hello in enumerate(sorted(said))}
    return tuple(ranks[pair] for pair in pairs)


def _boots(pairs: list[tuple[int, int]]) -> tuple[int, ...]:
    """Boots of one unit: how far ahead of the one on its disk (that was lost, then), or which behind it.

    How far behind would count only if the disk were lost after two crashes and booted twice: four faults.
    """
    own = {at - ON_DISK: boot for at, boot in pairs if at >= ON_DISK}
    behind = sorted({pair for pair in pairs if pair[0] < ON_DISK and pair[1] < own[pair[0]]}, reverse=True)
    places = [[boot for unit, boot in behind if unit == at] for at in (0, 1)]
    return tuple(
        boot - own[at] if boot >= own[at] else -1 - places[at].index(boot)
        for at, boot in pairs
        if at < ON_DISK
    )


def _drop(world: World, reaches: list[Reach]) -> int:
    """So many entries begin every log, and nobody's position lies among them."""
    shown = world.shown
    drop = min(len(shown), *(reach.seq for reach in reaches)) - 1
    while drop > 0:
        start = shown[: drop + 1]
        if all(log[: drop + 1] == start for reach in reaches for log in reach.starts):
            return drop
        drop -= 1
    return 0


def _lowest(*seqs: int) -> int:
    return min((seq for seq in seqs if seq > 0), default=FAR)


def _side_reach(side: Side) -> Reach:
    unit, starts = side.unit, [side.log]
    seqs = [side.durable, len(side.log), side.commit_seq]
    if unit is None:
        return _reach(seqs, FAR, starts)
    log = unit.log
    seqs += [log.head_seq, log.durable_seq, log.executed_seq, log.commit_seq, log.compared_seq]
    seqs += [log.released_seq, log.checkpoint_seq, log.first_seq - 1]
    seqs.append(unit.change[0] if unit.change is not None else 0)
    seqs.append(unit.lead.designated_seq if unit.lead is not None else 0)
    if unit.source is not None and unit.source.change is not None:
        seqs.append(unit.source.change[0])
    if unit.partner is not None:
        partner = unit.partner
        seqs.append(partner.change_seq)
        seqs += [partner.received_seq, partner.acked_seq, partner.compared_seq, partner.sent_seq]
        seqs += [seq for seq, _ in partner.digests]
        starts += [entries_of(digest) for _, digest in partner.digests]
    if unit.source is not None and unit.source.stage is not Stage.READY:
        seqs.append(unit.source.common_seq)
    return _reach(seqs, unit.record.epoch if unit.record else FAR, starts)


def _item_reach(item: Item) -> Reach:
    message, carried = item
    match message:
        case Hello():
            seqs = [message.head_seq, message.checkpoint_seq]
            return _reach(seqs, message.record.epoch if message.record else FAR, [])
        case Open():
            seqs = [message.common_seq, message.head_seq]
            return _reach(seqs, message.record.epoch, [entries_of(message.common_hash)])
        case Append():
            seqs = [message.head_seq, message.commit_seq, message.compared_seq, message.to_seq]
            seqs += [message.from_seq - 1, message.change_seq]
            return _reach(seqs, message.record.epoch, [carried] if message.from_seq == 1 else [])
        case Ack():
            seqs = [message.seq, message.received_seq, message.change_seq]
            return _reach(seqs, FAR, [entries_of(message.digest)])
    return Reach(FAR, FAR, ())


def _reach(seqs: list[int], epoch: int, starts: list[tuple[Entry, ...]]) -> Reach:
    return Reach(_lowest(*seqs), epoch, tuple(start for start in starts if start))
