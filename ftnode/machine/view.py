"""The state as an application sees it: its own writes over the overlay over the store."""

from typing import Final

from ftnode.machine.overlay import Overlay
from ftnode.store.state import KEY_MAX_BYTES, KEY_MIN_BYTES, SLOTS, VALUE_MAX_BYTES, Pair, StateStore

RUNTIME_TENANT: Final = b"\xff\xff"  # keys of the runtime; an application cannot write them
SCAN_PORTION_MORE_PAIRS: Final = 1  # one that is deleted above costs no second portion


class StateView:
    """`StateReader` for queries: everything executed, nothing else."""

    __slots__ = ("_newest", "_older", "_overlay", "_store", "_store_get", "writes")

    def __init__(self, store: StateStore, overlay: Overlay) -> None:
        self.writes: dict[bytes, bytes | None] = {}
        self._store = store
        self.follow(overlay)

    def follow(self, overlay: Overlay) -> None:
        """Look at the overlay's layers as they are now: needed whenever it replaced one."""
        self._overlay = overlay
        self._newest = overlay.newest.values
        self._older = tuple(layer.values for layer in reversed(overlay.older))
        self._store_get = self._store.get

    def get(self, key: bytes) -> bytes | None:
        """The value under `key`, or None. Raises StoreFault."""
        if key in self.writes:
            return self.writes[key]
        if key in self._newest:
            return self._newest[key]
        for values in self._older:
            if key in values:
                return values[key]
        return self._store_get(key)

    def scan(self, start: bytes, stop: bytes, limit: int) -> list[Pair]:
        """At most `limit` pairs with `start <= key < stop`, in key order. Raises StoreFault."""
        if limit <= 0 or start >= stop:
            return []
        portion = limit + SCAN_PORTION_MORE_PAIRS
        above = self._keys_above(start, stop, portion)
        if not above:
            return self._store.scan(start, stop, limit)
        return self._merged(start, stop, limit, portion, above)

    def _keys_above(self, start: bytes, stop: bytes, limit: int) -> list[bytes]:
        """The first keys in the range that do not come from the store, in order, maybe twice."""
        overlay = self._overlay
        found = overlay.newest.keys(start, stop, limit)
        more = [key for layer in overlay.older for key in layer.keys(start, stop, limit)]
        if self.writes:
            more += [key for key in self.writes if start <= key < stop]
        return sorted(found + more)[:limit] if more else found

    def _merged(self, start: bytes, stop: bytes, limit: int, portion: int, above: list[bytes]) -> list[Pair]:
        """Lay what is above over the store's pairs, read in growing portions until there are enough."""
        found: list[Pair] = []
        while True:
            stored = self._store.scan(start, stop, portion)
            known_to = stored[-1][0] if len(stored) == portion else stop  # what lies beyond is not read yet
            if len(above) == portion:
                known_to = min(known_to, above[-1])
            pairs: dict[bytes, bytes | None] = dict(stored)
            for key in above:
                if key > known_to:
                    break
                pairs[key] = self.get(key)
            for key in sorted(pairs):
                value = pairs[key]
                if value is not None and key <= known_to:
                    found.append((key, value))
            if len(found) >= limit or known_to == stop:
                return found[:limit]
            start = known_to + b"\0"
            portion *= 2
            above = self._keys_above(start, stop, portion)


class EntryState(StateView):
    """`StateWriter` for one entry at a time. What it wrote counts only when the executor takes it."""

    __slots__ = ()

    def begin(self) -> dict[bytes, bytes | None]:
        """Forget the writes of the entry before; the dict that this entry's go into."""
        writes: dict[bytes, bytes | None] = {}
        self.writes = writes
        return writes

    def put(self, key: bytes, value: bytes) -> None:
        """Set `key`. Raises ValueError on a key or value that no store could take: the machine's bug."""
        if (
            type(key) is not bytes
            or type(value) is not bytes
            or not KEY_MIN_BYTES <= len(key) <= KEY_MAX_BYTES
            or key[0] > _SLOT_HIGH
            or (key[2] == _RUNTIME_BYTE and key[3] == _RUNTIME_BYTE)
            or len(value) > VALUE_MAX_BYTES
        ):
            raise ValueError(_what_is_wrong(key, value))
        self.writes[key] = value

    def delete(self, key: bytes) -> None:
        """Remove `key`; a key that is not there is no error. Raises ValueError like `put`."""
        self.put(key, b"")
        self.writes[key] = None


_SLOT_HIGH: Final = (SLOTS - 1) >> 8
_RUNTIME_BYTE: Final = RUNTIME_TENANT[0]  # both are the same


def _what_is_wrong(key: object, value: object) -> str:
    """Which limit a write breaks, and what would be right."""
    if type(key) is not bytes or type(value) is not bytes:
        return f"put({type(key).__name__}, {type(value).__name__}): key and value must be bytes"
    if not KEY_MIN_BYTES <= len(key) <= KEY_MAX_BYTES:
        return f"key of {len(key)} bytes, must have {KEY_MIN_BYTES}..{KEY_MAX_BYTES}"
    if key[0] > _SLOT_HIGH:
        return f"key {key.hex()} is in slot {key[0] << 8 | key[1]}, slots are 0..{SLOTS - 1}"
    if key[2:4] == RUNTIME_TENANT:
        return f"key {key.hex()} is the runtime's own (tenant ffff)"
    return f"value of {len(value)} bytes, at most {VALUE_MAX_BYTES}"
