"""What an entry changes, until it is known that it changes anything.

Every rule runs on this. A rejection throws it away, so nothing was changed by one, wherever it was found.
A question is answered on one that is always thrown away: what is due by time alone (holds that ran out,
gifts that began) is there for it in the same way as for a command.
"""

from collections.abc import Callable, Sequence
from functools import partial

from loyalty.engine.state import Reader, Store

Changes = dict[bytes, bytes | None]  # None: deleted


class Pending:
    """A state with changes on top; `flush` makes them."""

    __slots__ = ("_changes", "_state", "get", "scan", "wrote")

    def __init__(self, state: Reader) -> None:
        self._state = state
        self._changes: Changes = {}
        # As long as nothing is changed, reading is the state's own affair.
        self.get: Callable[[bytes], bytes | None] = state.get
        self.wrote: Callable[[bytes], bool] = self._changes.__contains__
        self.scan: Callable[[bytes, bytes, int], Sequence[tuple[bytes, bytes]]] = state.scan

    def put(self, key: bytes, value: bytes) -> None:
        """Set `key`."""
        if not self._changes:
            self._look_at_changes()
        self._changes[key] = value

    def delete(self, key: bytes) -> None:
        """Remove `key`."""
        if not self._changes:
            self._look_at_changes()
        self._changes[key] = None

    def flush(self, into: Store) -> None:
        """Make the changes, in the order in which their keys were first touched."""
        for key, value in self._changes.items():
            if value is None:
                into.delete(key)
            else:
                into.put(key, value)

    def _look_at_changes(self) -> None:
        """From now on. What does it knows nothing of `self`, which would never be free of itself."""
        self.get = partial(_get, self._changes, self._state)
        self.scan = partial(_scan, self._changes, self._state)


def _get(changes: Changes, state: Reader, key: bytes) -> bytes | None:
    return changes[key] if key in changes else state.get(key)


def _scan(
    changes: Changes, state: Reader, start: bytes, stop: bytes, limit: int
) -> Sequence[tuple[bytes, bytes]]:
    inside = [key for key in changes if start <= key < stop]
    if not inside:
        return state.scan(start, stop, limit)
    merged = dict(state.scan(start, stop, limit + len(inside)))  # as many may be deleted
    for key in inside:
        value = changes[key]
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    return sorted(merged.items())[:limit]
