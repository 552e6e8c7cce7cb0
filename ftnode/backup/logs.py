"""Entries in files: what came is checked against the chain before it is kept, and whenever it is read."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from ftnode.backup.files import BackupFault, Damaged, Draft, OtherHistory, Reader
from ftnode.backup.records import LogHead, Source
from ftnode.store.archive import PACK_LEVEL, RAW_MAX_BYTES, Manifest
from ftnode.store.entry import (
    Entry,
    EntryFaultError,
    NewerEntryError,
    Run,
    cut_run,
    decode_run,
    ends_of,
    walk_run,
)

FILE_BYTES: Final = 4 << 20  # of entries that came one by one, in one file


class LogEntries(NamedTuple):
    """The entries of a log file, with the hash of each."""

    run: Run
    entries: list[Entry]
    hashes: list[bytes]


def draft_log(directory: Path, source: Source, run: Run, digest: bytes, taken_ms: int) -> Draft:
    """A file with the entries of `run`, which was checked. Raises BackupFault.

    Args:
        digest: of the last entry; empty if it is not known.
    """
    _, entries, _ = decode_run(run.prev_hash, run.first_seq, run.data)
    head = LogHead(
        source=source,
        first_seq=run.first_seq,
        last_seq=run.last_seq,
        prev_hash=run.prev_hash.hex(),
        last_hash=run.last_hash.hex(),
        first_time_ms=entries[0].time_ms,
        last_time_ms=entries[-1].time_ms,
        last_epoch=entries[-1].epoch,
        engine_versions=tuple(sorted({entry.engine_version for entry in entries})),
        raw_bytes=len(run.data),
        digest=digest.hex(),
        taken_ms=taken_ms,
    )
    draft = Draft(directory / head.name, head)
    draft.add(zlib.compress(run.data, PACK_LEVEL))
    return draft


def read_log(directory: Path, head: LogHead) -> LogEntries:
    """All entries of a file, chain and header checked. Raises Damaged."""
    reader = Reader(directory / head.name)
    if reader.head(LogHead) != head:
        raise Damaged(reader.path, "another file bears its name")
    packed = b"".join(reader.body())
    try:
        raw = _unpacked(packed, head.raw_bytes)
        run, entries, hashes = decode_run(bytes.fromhex(head.prev_hash), head.first_seq, raw)
    except (ValueError, EntryFaultError) as fault:
        raise Damaged(reader.path, str(fault)) from fault
    said = (run.last_seq, run.last_hash.hex(), entries[0].time_ms, entries[-1].time_ms, entries[-1].epoch)
    if said != (head.last_seq, head.last_hash, head.first_time_ms, head.last_time_ms, head.last_epoch):
        raise Damaged(reader.path, "holds other entries than its header says")
    return LogEntries(run, entries, hashes)


def checked_entries(data: bytes, from_seq: int, prev_hash: bytes) -> Run:
    """Entries that came one by one. Raises BackupFault: they do not follow what is there."""
    try:
        places = walk_run(prev_hash, from_seq, data)
    except NewerEntryError as newer:
        raise BackupFault(f"entries from {from_seq} on: {newer}") from newer
    except EntryFaultError as fault:
        raise BackupFault(f"entries from {from_seq} on came damaged: {fault}") from fault
    if not places:
        raise BackupFault(f"no entry came where {from_seq} was due")
    last_seq, _, _, last_hash = places[-1]
    return Run(data, from_seq, last_seq, prev_hash, last_hash, ends_of(places))


def checked_segment(manifest: Manifest, packed: bytes, from_seq: int, prev_hash: bytes) -> Run:
    """An archived segment that came: its entries from `from_seq` on.

    Raises:
        BackupFault: it is not what its manifest says. OtherHistory: it does not follow what is there.
    """
    what = f"archived entries {manifest.first_seq}..{manifest.last_seq}"
    try:
        raw = _unpacked(packed, manifest.raw_bytes)
        run, _, hashes = decode_run(bytes.fromhex(manifest.prev_hash), manifest.first_seq, raw)
    except (ValueError, EntryFaultError) as fault:
        raise BackupFault(f"{what} came damaged: {fault}") from fault
    if not manifest.first_seq <= from_seq <= run.last_seq or run.last_hash.hex() != manifest.last_hash:
        raise BackupFault(f"{what} came where entry {from_seq} was due, or are not what their manifest says")
    before = run.prev_hash if from_seq == run.first_seq else hashes[from_seq - run.first_seq - 1]
    if before != prev_hash:
        raise OtherHistory(from_seq - 1)
    return cut_run(run, from_seq, run.last_seq)


def joined(runs: Sequence[Run]) -> Run:
    """Runs that follow each other, as one."""
    first, last = runs[0], runs[-1]
    ends = {epoch: seq for run in runs for epoch, seq in run.ends}
    data = b"".join(run.data for run in runs)
    return Run(data, first.first_seq, last.last_seq, first.prev_hash, last.last_hash, tuple(ends.items()))


def _unpacked(packed: bytes, raw_bytes: int) -> bytes:
    if not 0 < raw_bytes <= RAW_MAX_BYTES:
        raise ValueError(f"{raw_bytes} bytes claimed; want at most {RAW_MAX_BYTES}")
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(packed, raw_bytes + 1)
    except zlib.error as fault:
        raise ValueError(f"cannot be unpacked: {fault}") from fault
    if len(raw) != raw_bytes:
        raise ValueError(f"{len(raw)} bytes unpacked, {raw_bytes} claimed")
    return raw
