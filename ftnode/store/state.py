"""The port behind which a unit keeps its state on disk: ordered keys and values, one checkpoint at a time.

What a caller reads is always the state as of one checkpoint; what was executed since lives
above this port, in the overlay (`ftnode.machine`). Two implementations run the same contract
suite (`tests/state/contract.py`): LMDB for real units, a sorted dict for the simulator.

After a power loss a store opens at the last checkpoint whose `sync()` returned, or, if one
more was written and its `sync()` had not returned, at either of the two; never in between.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

SLOTS: Final = 4096
KEY_MIN_BYTES: Final = 4  # slot and tenant
KEY_MAX_BYTES: Final = 511  # LMDB's own limit
VALUE_MAX_BYTES: Final = 512 << 10  # so that any pair fits into one chunk of a snapshot
DIGEST_BYTES: Final = 16

Pair: TypeAlias = tuple[bytes, bytes]
Change: TypeAlias = tuple[bytes, bytes | None]  # None: the key goes


class StoreFault(Exception):
    """The disk, or what lies on it, failed. Says what, where, and what would be right."""


class RottenValue(StoreFault):
    """A stored pair does not match its checksum. It never becomes an input to execute."""

    def __init__(self, where: str, key: bytes, problem: str) -> None:
        self.key = key
        self.slot = slot_of(key)
        super().__init__(
            f"{where}: slot {self.slot}, key {key.hex()}: {problem}; fetch the slot from the other unit"
        )


class StateBroken(StoreFault):
    """What holds the pairs together is rotten: nothing of this state can be read any more."""


class StoreFull(StoreFault):
    """No room for the checkpoint. The one before still stands."""


class StoreUnusable(StoreFault):
    """An earlier write or sync failed: what the disk holds is unknown until the store is opened anew."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the stored state stands. Written in the same transaction as the state itself."""

    seq: int  # the last entry whose effect is in it; 0 for a blank store
    digest: bytes  # of that entry, 16 bytes
    entry_hash: bytes  # of that entry, as in the log, 16 bytes
    epoch: int  # of that entry
    time_ms: int  # log time of that entry
    engine_version: int  # in force behind it
    extra: bytes = b""  # the shell's own: designation, which witness, ends of epochs


BLANK: Final = Checkpoint(0, bytes(DIGEST_BYTES), bytes(DIGEST_BYTES), 0, 0, 0)


class CheckpointWriter(Protocol):
    """One checkpoint in the making. The steps are apart so that a crash can fall between any two."""

    def put_slice(self, changes: Sequence[Change]) -> None:
        """Take some of what changed since the last checkpoint. Every key at most once in all slices.

        Raises:
            StoreFault: the helper that writes is gone.
        """

    def prepare(self) -> bytes:
        """Bring all slices into the transaction; the packed slot roots (64 KiB) as they will be.

        Both units compare these before `write`. Raises StoreFault (rotten old value, full, unusable).
        """

    def write(self) -> None:
        """Commit. A process that dies from here on finds the new checkpoint; a power loss may not."""

    def sync(self) -> None:
        """Make it durable. Fails once: afterwards the store refuses everything (`StoreUnusable`)."""

    def abort(self) -> None:
        """Forget it. Does nothing after `write`."""


class SnapshotReader(Protocol):
    """One checkpoint held still while later ones are written."""

    @property
    def checkpoint(self) -> Checkpoint:
        """The one held."""

    @property
    def roots(self) -> bytes:
        """Its packed slot roots."""

    def pairs(self, slot: int) -> Iterator[Pair]:
        """Everything in `slot`, in key order. Raises RottenValue."""

    def close(self) -> None:
        """Let go; may be called twice."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some pairs of a slot on their way in. A slot's parts come in order, one slot after the other."""

    slot: int
    first: bool  # whatever was staged for the slot before is forgotten
    pairs: Sequence[Pair]
    root: bytes | None  # of the whole slot, counted, if this is its last part


class Staging(Protocol):
    """Slots that arrive from the other unit, built beside the state. What came whole survives a restart."""

    def staged_roots(self) -> dict[int, bytes]:
        """Slots that arrived whole, with their roots."""

    def stage(self, parts: Sequence[Part]) -> None:
        """Add parts, in one transaction. A power loss may take the last call back. Raises StoreFault."""

    def stage_drop(self) -> None:
        """Forget everything staged."""

    def install(self, checkpoint: Checkpoint, roots: bytes, slots: Iterable[int]) -> None:
        """In one step: `slots` become what was staged for them, and the checkpoint this one. Durable."""


class StateStore(Staging, Protocol):
    """See the module's text. Not safe for two threads at once, but for the writer's steps."""

    @property
    def checkpoint(self) -> Checkpoint:
        """The one that reads see; `BLANK` before the first."""

    @property
    def roots(self) -> bytes:
        """Packed slot roots of that checkpoint."""

    def get(self, key: bytes) -> bytes | None:
        """The value, checked. Raises RottenValue, StoreFault."""

    def scan(self, start: bytes, stop: bytes, limit: int) -> list[Pair]:
        """At most `limit` pairs with `start <= key < stop` in key order, each checked."""

    def iterate(self, start: bytes, stop: bytes) -> Iterator[Pair]:
        """The same without a limit, one by one; not to be kept across `refresh`."""

    def begin_checkpoint(self, checkpoint: Checkpoint) -> CheckpointWriter:
        """Start the next checkpoint; one at a time. Raises StoreFault (read-only, unusable)."""

    def refresh(self) -> Checkpoint:
        """Let reads see the newest checkpoint written."""

    def quarantine(self, slots: Iterable[int]) -> None:
        """What lies in these slots is not what was written: every read there raises RottenValue.

        Until `install`. What a snapshot of this store sends is checked against the roots anyway.
        """

    def open_snapshot(self) -> SnapshotReader:
        """Hold the newest checkpoint written."""

    def close(self) -> None:
        """End all use; may be called twice."""


def slot_of(key: bytes) -> int:
    """The part of the key space that `key` lies in."""
    return key[0] << 8 | key[1]


def slot_start(slot: int) -> bytes:
    """The smallest key of `slot`; `slot_start(slot + 1)` is the end, also for the last slot."""
    return slot.to_bytes(2, "big")
