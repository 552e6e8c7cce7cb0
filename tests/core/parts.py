"""What a walk's world is made of: weather, disks, and the nodes that live on them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from ftnode.core import events as ev
from ftnode.core import log_end
from ftnode.core import messages as msg
from ftnode.core.bound import Times
from ftnode.core.promise import Promise
from ftnode.core.state import Unit

Entry: TypeAlias = tuple[int, int, int]  # (epoch, log time, a number that no other entry has)


@dataclass(frozen=True)
class Weather:
    """How fast and how reliable everything is just now."""

    link_ms: int = 1
    disk_ms: int = 3
    engine_ms: int = 1
    witness_ms: int = 2
    lost: float = 0.0
    doubled: float = 0.0
    in_order: bool = True


CALM: Final = Weather()


@dataclass
class Disk:
    """What of a unit outlives its process (`log`), and a power cut (`durable`)."""

    promise: Promise | None = None
    log: list[Entry] = field(default_factory=list)
    durable: int = 0  # entries that survive a power cut
    first_seq: int = 1
    checkpoint_seq: int = 0
    marks: list[tuple[int, int, int]] = field(default_factory=list)  # (seq of frame, commit, peer floor)
    rotten: set[int] = field(default_factory=set)
    short: bool = False

    def copy(self) -> "Disk":
        """As it is now."""
        return replace(self, log=list(self.log), marks=list(self.marks), rotten=set(self.rotten))

    def cut(self, seq: int) -> None:
        """Nothing above `seq` is left."""
        del self.log[seq:]
        self.durable = min(self.durable, seq)
        self.marks = [mark for mark in self.marks if mark[0] <= seq]
        self.rotten = {at for at in self.rotten if at <= seq}

    def cut_at_start(self, seq: int, rotten: bool) -> None:
        """The next start finds the end behind `seq` unreadable: it is noted, and cut."""
        if self.promise is not None:
            self.promise = log_end.cut(self.promise, seq + 1, rotten)
        self.cut(seq)

    @property
    def ends(self) -> tuple[tuple[int, int], ...]:
        """(epoch, last seq in it), from the entry before the oldest on."""
        found: dict[int, int] = {}
        for seq, (epoch, _, _) in enumerate(self.log, 1):
            if seq >= self.first_seq - 1:
                found[epoch] = seq
        return tuple(found.items())


@dataclass
class Node:
    """One unit: its core, its disk, and one life of its process."""

    unit: Unit
    disk: Disk
    up: bool = False
    life: int = 0
    executed: list[Entry] = field(default_factory=list)
    reads: dict[int, tuple[int, int]] = field(default_factory=dict)  # barrier to (seq asked at, seq seen)
    free_ms: dict[str, int] = field(default_factory=dict)  # when each of its threads is free
    paused_ms: int = 0
    waiting: list[tuple[ev.Event, Sequence[Entry]]] = field(default_factory=list)  # while it is paused
    faulty: bool = False  # its disk was tampered with: it may hold less than it acknowledged
    trace: list[str] = field(default_factory=list)


def time_of(entries: Sequence[Entry]) -> int:
    """Log time of the last one."""
    return entries[-1][1] if entries else 0


def times_of(disk: Disk, message: msg.Message, carried: Sequence[Entry]) -> Times | None:
    """Log times of an Append's entries that continue our log."""
    if not isinstance(message, msg.Append) or message.from_seq > len(disk.log) + 1:
        return None
    new = carried[len(disk.log) :]
    if not new:
        return None
    stamps = [entry[1] for entry in new]
    return Times(stamps[0], stamps[-1], stamps == sorted(stamps))


def digest_of(entries: list[Entry]) -> bytes:
    """Of everything executed, in order; equal only if all of it is."""
    return hash(tuple(entries)).to_bytes(8, "little", signed=True)


def is_sound(disk: Disk, message: msg.Message, carried: list[Entry]) -> bool:
    """Does what a message carries fit our log: chain of an Append, hash of an Open, entries fetched?"""
    match message:
        case msg.Append() if message.from_seq <= len(disk.log) + 1 <= message.to_seq:
            return carried[: len(disk.log)] == disk.log
        case msg.Open():
            seq = message.common_seq
            return seq <= len(disk.log) and message.common_hash == digest_of(disk.log[:seq])
        case msg.Fetched():
            return all(carried[:seq] == disk.log[:seq] for seq in message.seqs)
        case _:
            return True
