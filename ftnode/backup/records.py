"""What the files of a backup say of themselves: their headers. Hashes in hex, times in UTC milliseconds."""

from typing import Literal

from msgspec import Struct


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose data it is, and what it takes to read it."""

    cabinet: str
    unit: int
    software: str
    state_format: str
    entry_format: int
    settings: dict[str, int]  # that decide what executing an entry does, by their full names


class SnapshotHead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state at a checkpoint. The body is its packed slot roots; the pairs lie in slot files."""

    kind: Literal["snapshot"] = "snapshot"
    source: Source
    seq: int
    epoch: int
    time_ms: int  # log time of entry `seq`
    entry_hash: str
    digest: str
    engine_version: int
    slots: int  # that hold anything
    taken_ms: int  # wall time of whoever took it

    @property
    def name(self) -> str:
        """File name. The digest tells two histories of one seq apart."""
        return f"{self.seq:020d}-{self.digest[:8]}.snapshot"


class SlotHead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All pairs of one slot, as chunks of a snapshot, packed. Snapshots with the same root share it."""

    kind: Literal["slot"] = "slot"
    slot: int
    root: str

    @property
    def name(self) -> str:
        """File name."""
        return f"{self.slot:04d}-{self.root}.slot"


class LogHead(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entries as they lie in the log, packed."""

    kind: Literal["log"] = "log"
    source: Source
    first_seq: int
    last_seq: int
    prev_hash: str  # of entry first_seq - 1
    last_hash: str
    first_time_ms: int
    last_time_ms: int
    last_epoch: int
    engine_versions: tuple[int, ...]  # that these entries ask for, ascending
    raw_bytes: int
    digest: str  # of the last entry; empty if the unit did not know it any more
    taken_ms: int

    @property
    def name(self) -> str:
        """File name."""
        return f"{self.first_seq:020d}-{self.last_seq:020d}-{self.last_hash[:8]}.log"
