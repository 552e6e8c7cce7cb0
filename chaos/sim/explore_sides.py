"""Questions about one unit of the small world of `explore_model`."""

from typing import TYPE_CHECKING

from ftnode.core.rules import accepts, accepts_reads

if TYPE_CHECKING:
    from chaos.sim.explore_model import Entry, Side


def bound(side: "Side", epoch: int) -> bool:
    """Does this unit's disk say that it obeys the other one in this epoch?"""
    return side.promise is not None and side.promise.bound_epoch >= epoch


def survivor(side: "Side", epoch: int) -> bool:
    """Does this unit's disk say that it went alone in this epoch?"""
    return side.promise is not None and side.promise.note is not None and side.promise.alone_epoch == epoch


def takes_writes(side: "Side") -> bool:
    """Would this unit take a command?"""
    return side.unit is not None and accepts(side.unit)


def takes_reads(side: "Side") -> bool:
    """Would this unit take a read?"""
    return side.unit is not None and accepts_reads(side.unit) and not side.reads


def holds(side: "Side", entries: "tuple[Entry, ...]") -> bool:
    """Has this unit these entries on its disk, first of all?"""
    return side.log[: side.durable][: len(entries)] == entries


def held_of(side: "Side", entries: "tuple[Entry, ...]") -> int:
    """How many of these entries, from the first one on, has this unit on its disk?"""
    return next((seq for seq in range(len(entries), 0, -1) if holds(side, entries[:seq])), 0)


def down(side: "Side", keep: bool) -> "Side":
    """The unit without its process. `keep`: what was under way to the disk got there all the same."""
    promise = side.promise
    if keep and side.unit is not None and side.unit.writing is not None:
        promise = side.unit.writing
    log = side.log if keep else side.log[: side.durable]
    return side._replace(
        unit=None, promise=promise, log=log, durable=min(side.durable, len(log)), writing=(), reads=()
    )


def ends_of(log: "tuple[Entry, ...]") -> tuple[tuple[int, int], ...]:
    """(epoch, last seq) of a log."""
    found: dict[int, int] = {}
    for seq, (epoch, _) in enumerate(log, start=1):
        found[epoch] = seq
    return tuple(found.items())
