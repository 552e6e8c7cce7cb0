"""The log times of entries that came, as the core judges them."""

from collections.abc import Sequence

from ftnode.core.bound import Times
from ftnode.machine.kinds import Kind
from ftnode.store.entry import Entry


def times_of(entries: Sequence[Entry]) -> Times:
    """Of one or more entries that continue a log. Cheap where none of them moves the time."""
    first, last_ms = entries[0], entries[-1].time_ms
    stamps = [entry.time_ms for entry in entries]
    ordered = stamps == sorted(stamps)
    set_ms = 0
    if last_ms != first.time_ms:
        set_ms = sum(
            entry.time_ms - before_ms
            for before_ms, entry in zip(stamps, entries[1:], strict=False)
            if entry.kind == Kind.SET_TIME
        )
    return Times(first.time_ms, last_ms, ordered, first.kind == Kind.SET_TIME, set_ms)
