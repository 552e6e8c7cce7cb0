"""What was executed since the last checkpoint, kept in memory above the stored state.

Read from the top: `newest` (everything executed), `older` (set aside, each to be written as a
checkpoint), the store. What is needed to go back is kept in `tail`: for each entry that was not yet
compared, what its keys had before. Where a checkpoint is due, `newest` with the tail undone is set
aside, and the tail, which is short then, is laid anew.
"""

from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Final

PREFIX_BYTES: Final = 4  # slot and tenant: keys are listed in order within these
SORT_FROM_PART: Final = 32  # sort anew if more than one in so many keys is not in order, else insert

CRUMBLE_KEYS: Final = 1000  # freed with each batch that is compared
KEYS_OF_A_PREFIX: Final = 16  # as a rule, between two checkpoints

_NO_KEYS: Final[list[bytes]] = []  # never changed


class Executed:
    """An entry that ran: where the state stood after it, and what it wrote (None: deleted)."""

    __slots__ = ("digest", "engine_version", "entry_hash", "epoch", "seq", "time_ms", "writes")

    def __init__(
        self,
        seq: int,
        digest: bytes,
        entry_hash: bytes,
        epoch: int,
        time_ms: int,
        engine_version: int,
        writes: dict[bytes, bytes | None],
    ) -> None:
        self.seq = seq
        self.digest = digest
        self.entry_hash = entry_hash
        self.epoch = epoch
        self.time_ms = time_ms
        self.engine_version = engine_version  # in force behind it
        self.writes = writes


class Layer:
    """Values by key, and the keys in order: sorted only where a scan looks."""

    __slots__ = ("_fresh", "_order", "values")

    def __init__(self, values: dict[bytes, bytes | None] | None = None) -> None:
        self.values: dict[bytes, bytes | None] = {} if values is None else values
        self._order: dict[bytes, list[bytes]] = {}  # by prefix, sorted; may list keys that are gone, or twice
        self._fresh: defaultdict[bytes, list[bytes]] = defaultdict(list)  # by prefix, not yet in order

    def merge(self, writes: Mapping[bytes, bytes | None]) -> dict[bytes, bytes | None]:
        """Lay `writes` over what is here; what lay here under their keys, as far as something did."""
        values, fresh = self.values, self._fresh
        before: dict[bytes, bytes | None] = {}
        for key in writes:
            if key in values:
                before[key] = values[key]
            else:
                fresh[key[:PREFIX_BYTES]].append(key)
        values.update(writes)
        return before

    def undo(self, writes: Mapping[bytes, bytes | None], before: Mapping[bytes, bytes | None]) -> None:
        """Take away what was laid here last, with what `merge` gave for it."""
        values = self.values
        for key in writes:
            if key not in before:
                del values[key]
        values.update(before)

    def keys(self, start: bytes, stop: bytes, limit: int) -> list[bytes]:
        """The first keys with a value (or deleted) here, `start <= key < stop`, in order, maybe twice."""
        values, found = self.values, list[bytes]()
        low, high = start[:PREFIX_BYTES], stop[:PREFIX_BYTES]
        for prefix in (low,) if low == high else self._prefixes(low, high):
            keys = self._in_order(prefix)
            first = bisect_left(keys, start)
            for place in range(first, bisect_left(keys, stop, first)):
                key = keys[place]
                if key in values:
                    found.append(key)
                    if len(found) == limit:
                        return found
        return found

    def crumble(self, keys: int) -> bool:
        """Forget about so many keys of a layer that nobody reads; whether all are gone."""
        for _ in range(min(keys, len(self.values))):
            self.values.popitem()
        for names in (self._order, self._fresh):
            for _ in range(min(keys // KEYS_OF_A_PREFIX, len(names))):
                names.popitem()
        return not (self.values or self._order or self._fresh)

    def _prefixes(self, low: bytes, high: bytes) -> list[bytes]:
        return sorted(name for name in {**self._order, **self._fresh} if low <= name <= high)

    def _in_order(self, prefix: bytes) -> list[bytes]:
        keys = self._order.get(prefix, _NO_KEYS)
        fresh = self._fresh.pop(prefix, None)
        if fresh is None:
            return keys
        if len(fresh) * SORT_FROM_PART > len(keys):
            keys = self._order[prefix] = sorted(keys + fresh)
        else:
            for key in fresh:
                insort(keys, key)
        return keys


class _Step:
    """An entry that may have to be undone, and what its keys had in `newest`, as far as they were there."""

    __slots__ = ("before", "executed")

    def __init__(self, executed: Executed, before: dict[bytes, bytes | None]) -> None:
        self.executed, self.before = executed, before


class Overlay:
    """The layers and the tail; see the module's text."""

    def __init__(self, stands: Executed) -> None:
        self.newest = Layer()
        self.older: deque[Layer] = deque()  # the oldest first
        self.compared = stands  # the last entry that is final
        self._tail: deque[_Step] = deque()
        self._spent: Layer | None = None

    def push(self, executed: Executed) -> None:
        """One more entry ran."""
        self._tail.append(_Step(executed, self.newest.merge(executed.writes)))

    def merge_through(self, seq: int) -> None:
        """Everything through `seq` is final."""
        tail = self._tail
        while tail and tail[0].executed.seq <= seq:
            self.compared = tail.popleft().executed
        if self._spent is not None and self._spent.crumble(CRUMBLE_KEYS):
            self._spent = None

    def discard_above(self, seq: int) -> Executed:
        """Undo what ran after `seq`, which is compared or later; where the state stands now."""
        while self._tail and self._tail[-1].executed.seq > seq:
            step = self._tail.pop()
            self.newest.undo(step.executed.writes, step.before)
        return self._tail[-1].executed if self._tail else self.compared

    @property
    def pairs(self) -> int:
        """Held in memory; a key in two layers counts twice."""
        return len(self.newest.values) + sum(len(layer.values) for layer in self.older)

    def set_aside(self) -> None:
        """What is final becomes a layer of its own, to be written as a checkpoint at `compared`."""
        tail = self._lift_tail()
        self.older.append(self.newest)
        self.newest = Layer()
        for executed in tail:
            self.push(executed)

    def drop_oldest(self) -> None:
        """The layer that was set aside first is in the store now. Freed at once, it would stop the loop."""
        self._spent = self.older.popleft()

    def take_back_oldest(self) -> None:
        """Its checkpoint failed: what was set aside first is part of the next layer."""
        oldest = self.older.popleft()
        tail = self._lift_tail() if not self.older else []
        joined, since = Layer(), self.older[0] if self.older else self.newest
        joined.merge(oldest.values)  # which is not changed: somebody may still be reading it
        joined.merge(since.values)
        if self.older:
            self.older[0] = joined
        else:
            self.newest = joined
        for executed in tail:
            self.push(executed)

    def _lift_tail(self) -> list[Executed]:
        """Take what was not yet compared off `newest`, to lay it elsewhere."""
        tail = [step.executed for step in self._tail]
        self.discard_above(self.compared.seq)
        return tail

    def writes_of(self, seq: int) -> Mapping[bytes, bytes | None] | None:
        """What an entry not yet compared wrote; None if it is not in the tail."""
        return next((one.executed.writes for one in self._tail if one.executed.seq == seq), None)

    def touched_slots(self) -> list[int]:
        """Slots written since the last checkpoint."""
        return sorted({int.from_bytes(key[:2], "big") for key in self.values()})

    def values(self) -> dict[bytes, bytes | None]:
        """What lies above the store, a copy."""
        values: dict[bytes, bytes | None] = {}
        for layer in (*self.older, self.newest):
            values.update(layer.values)
        return values
