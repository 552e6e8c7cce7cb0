"""Where each epoch's entries end in a log, and what two logs have in common.

Within one epoch one active gave out all entries, so two logs that both hold entry n of an
epoch hold the same entries up to n.
"""

from typing import TypeAlias

Ends: TypeAlias = tuple[tuple[int, int], ...]  # (epoch, last seq in it), both rising


def extended(ends: Ends, epoch: int, last_seq: int) -> Ends:
    """The log after entries of `epoch` through `last_seq` were added."""
    if ends and ends[-1][0] == epoch:
        return (*ends[:-1], (epoch, last_seq))
    return (*ends, (epoch, last_seq))


def merged(ends: Ends, more: Ends) -> Ends:
    """The log after a run of entries that has its own ends was added."""
    for epoch, last_seq in more:
        ends = extended(ends, epoch, last_seq)
    return ends


def cut(ends: Ends, seq: int) -> Ends:
    """The log after everything above `seq` was cut."""
    kept: list[tuple[int, int]] = []
    before = 0
    for epoch, last_seq in ends:
        if before < seq:
            kept.append((epoch, min(last_seq, seq)))
        before = last_seq
    return tuple(kept)


def between(ends: Ends, from_seq: int, to_seq: int) -> Ends:
    """The ends of the entries `from_seq..to_seq`; empty if there are none."""
    found: list[tuple[int, int]] = []
    before = 0
    for epoch, last_seq in ends:
        if last_seq >= from_seq and before < to_seq:
            found.append((epoch, min(last_seq, to_seq)))
        before = last_seq
    return tuple(found)


def last(ends: Ends) -> tuple[int, int]:
    """(epoch, seq) of the last entry; (0, 0) of an empty log."""
    return ends[-1] if ends else (0, 0)


def common_seq(mine: Ends, theirs: Ends) -> int:
    """The last seq that both logs hold with the same epoch; 0 if none."""
    held = dict(theirs)
    for epoch, last_seq in reversed(mine):
        if epoch in held:
            return min(last_seq, held[epoch])
    return 0
