"""What an entry changes, until it is known that it changes anything.

Every rule runs on this. A rejection throws it away, so nothing was changed by one, wherever it was found.
A question is answered on one that is always thrown away: what is due by time alone (holds that ran out,
gifts that began) is there for it in the same way as for a command.
"""

from collections.abc import Sequence

from loyalty.engine.state import Reader, Store


class Pending:
    """A state with changes on top; `flush` makes them."""

    __slots__ = ("_changes", "_state")

    def __init__(self, state: Reader) -> None:
        self._state = state
        self._changes: dict[bytes, bytes | None] = {}  # None: deleted

    def get(self, key: bytes) -> bytes | None:
        """The value under `key`, or None."""
        changes = self._changes
        return changes[key] if key in changes else self._state.get(key)

    def scan(self, start: bytes, stop: bytes, limit: int) -> Sequence[tuple[bytes, bytes]]:
        """At most `limit` pairs with `start <= key < stop`, in key order."""
        changes = self._changes
        inside = [key for key in changes if start <= key < stop]
        if not inside:
            return self._state.scan(start, stop, limit)
        merged = dict(self._state.scan(start, stop, limit + len(inside)))  # as many may be deleted
        for key in inside:
            value = changes[key]
            if value is None:
                merged.pop(key, None)
            else:
                merged[key] = value
        return sorted(merged.items())[:limit]

    def put(self, key: bytes, value: bytes) -> None:
        """Set `key`."""
        self._changes[key] = value

    def delete(self, key: bytes) -> None:
        """Remove `key`."""
        self._changes[key] = None

    def wrote(self, key: bytes) -> bool:
        """Whether this entry set or removed `key` so far."""
        return key in self._changes

    def flush(self, into: Store) -> None:
        """Make the changes, in the order in which their keys were first touched."""
        for key, value in self._changes.items():
            if value is None:
                into.delete(key)
            else:
                into.put(key, value)
