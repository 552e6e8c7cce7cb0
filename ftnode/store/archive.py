"""Closed log segments, compressed, each with a manifest of hashes: what a log may only then forget.

A segment is archived when its manifest is: data first, then manifest, each durable before the next.
The data are the entries exactly as they were in the log, so the chain of hashes that proves the log
also proves the archive, from its first entry to its last.
"""

import errno
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import msgspec

from ftnode.store.disk import Disk, parent, read_whole, write_whole
from ftnode.store.entry import (
    GENESIS_HASH,
    EntryFaultError,
    NewerEntryError,
    Run,
    check_run,
    cut_run,
    decode_run,
)
from ftnode.store.wal import Wal

FORMAT: Final = 1
PACK_LEVEL: Final = 6  # zlib's own default; 16 MiB of entries take half a second, outside the GIL
RAW_MAX_BYTES: Final = 1 << 30  # of one segment; a manifest that claims more is not believed
READ_BYTES: Final = 1 << 16  # at once: checking the chain of so many entries takes about a millisecond
MS_PER_DAY: Final = 86_400_000
_DATA: Final = ".entries.z"
_MANIFEST: Final = ".json"


class ArchiveFault(Exception):
    """The archive cannot take or give a segment. Says which, and what would be right."""


class ArchiveFull(ArchiveFault):
    """No room. The log keeps its segments meanwhile."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one archived segment holds. Hashes in hex; JSON, so that any tool can read it."""

    format: int
    cabinet: str
    first_seq: int
    last_seq: int
    prev_hash: str  # of entry first_seq - 1
    last_hash: str
    ends: tuple[tuple[int, int], ...]  # (epoch, last seq in it) of the entries inside
    last_time_ms: int  # log time of the last entry
    raw_bytes: int
    packed_bytes: int
    packed_hash: str  # blake2b-256 of the data file

    @property
    def name(self) -> str:
        """File name without its ending. The hash tells two histories of the same seqs apart."""
        return f"{self.first_seq:020d}-{self.last_seq:020d}-{self.last_hash[:8]}"


@dataclass(frozen=True, slots=True)
class Span:
    """What an archived segment should hold; a hash that nothing in the archive says is empty."""

    seqs: tuple[int, int]
    prev_hash: bytes  # of the entry before the first
    last_hash: bytes


class Archive:
    """The archive of one unit."""

    def __init__(self, disk: Disk, directory: str, cabinet: str) -> None:
        """Open the archive in `directory`, which is made if it is not there; its parent is.

        A manifest that cannot be read is named in `unreadable`; its segment counts as not archived.

        Raises:
            ArchiveFault: the disk failed, or a manifest is of another cabinet or format.
        """
        self.unreadable: dict[str, str] = {}  # why, by the manifest's file name
        self._disk = disk
        self._directory = directory
        self._cabinet = cabinet
        try:
            disk.mkdir(directory)
            disk.fsync_dir(parent(directory))
            names = disk.listdir(directory)
        except OSError as trouble:
            raise ArchiveFault(f"{directory}: {trouble}") from trouble
        read = (self._read_manifest(name) for name in names if name.endswith(_MANIFEST))
        found = (manifest for manifest in read if manifest is not None)
        self._manifests = sorted(found, key=lambda one: (one.first_seq, one.last_seq))

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """What is archived, ascending."""
        return tuple(self._manifests)

    def holds(self, first_seq: int, last_seq: int, last_hash: bytes) -> bool:
        """Whether exactly these entries are archived; their last hash stands for all of them."""
        wanted = (first_seq, last_seq, last_hash.hex())
        return any((one.first_seq, one.last_seq, one.last_hash) == wanted for one in self._manifests)

    def store(self, runs: Iterable[Run]) -> Manifest:
        """Archive the entries of one segment, durably. For a thread.

        Raises:
            ArchiveFull: no room. ArchiveFault: no entries, a gap between runs, or the disk failed.
        """
        packer, packed, ends = zlib.compressobj(PACK_LEVEL), [], dict[int, int]()
        first: Run | None = None
        last: Run | None = None
        raw_bytes = 0
        for run in runs:
            if last is not None and run.prev_hash != last.last_hash:
                raise ArchiveFault(
                    f"{self._directory}: entry {run.first_seq} does not follow {last.last_seq}"
                )
            first, last = first or run, run
            ends.update(run.ends)
            raw_bytes += len(run.data)
            packed.append(packer.compress(run.data))
        if first is None or last is None:
            raise ArchiveFault(f"{self._directory}: no entries to archive")
        data = b"".join((*packed, packer.flush()))
        manifest = Manifest(
            format=FORMAT,
            cabinet=self._cabinet,
            first_seq=first.first_seq,
            last_seq=last.last_seq,
            prev_hash=first.prev_hash.hex(),
            last_hash=last.last_hash.hex(),
            ends=tuple(ends.items()),
            last_time_ms=_last_time_ms(last),
            raw_bytes=raw_bytes,
            packed_bytes=len(data),
            packed_hash=blake2b(data, digest_size=32).hexdigest(),
        )
        self._write(manifest, data)
        return manifest

    def packed(self, manifest: Manifest) -> bytes:
        """The data file of one archived segment, as it is.

        Raises:
            ArchiveFault: it is not the one that the manifest names, or cannot be read.
        """
        path = f"{self._directory}/{manifest.name}{_DATA}"
        try:
            data = read_whole(self._disk, path)
        except OSError as trouble:
            raise ArchiveFault(f"{path}: {trouble}") from trouble
        if data is None:
            raise ArchiveFault(f"{path}: missing; take it from the other unit's archive")
        if blake2b(data, digest_size=32).hexdigest() != manifest.packed_hash:
            raise ArchiveFault(f"{path}: not the file that its manifest names; take the other unit's")
        return data

    def load(self, manifest: Manifest) -> Run:
        """The entries of one archived segment, all hashes checked.

        Raises:
            ArchiveFault: they are not what the manifest says.
        """
        path = f"{self._directory}/{manifest.name}{_DATA}"
        data = self.packed(manifest)
        if manifest.raw_bytes > RAW_MAX_BYTES:
            raise ArchiveFault(f"{path}: {manifest.raw_bytes} bytes claimed; want at most {RAW_MAX_BYTES}")
        try:
            raw = zlib.decompressobj().decompress(data, manifest.raw_bytes + 1)
            run = check_run(bytes.fromhex(manifest.prev_hash), manifest.first_seq, raw)
        except (zlib.error, EntryFaultError, NewerEntryError) as fault:
            raise ArchiveFault(f"{path}: {fault}") from fault
        if (run.last_seq, run.last_hash.hex()) != (manifest.last_seq, manifest.last_hash):
            raise ArchiveFault(f"{path}: ends with entry {run.last_seq}, not as its manifest says")
        return run

    def check(self, name: str) -> int:
        """Read one archived segment and check every hash; its bytes on disk.

        Args:
            name: of the segment, as `Manifest.name`.

        Raises:
            ArchiveFault: its manifest or its data are not what was written.
        """
        if name + _MANIFEST in self.unreadable:
            raise ArchiveFault(self.unreadable[name + _MANIFEST])
        for manifest in self._manifests:
            if manifest.name == name:
                run = self.load(manifest)
                if (run.ends, _last_time_ms(run)) != (manifest.ends, manifest.last_time_ms):
                    path = f"{self._directory}/{name}{_MANIFEST}"
                    raise ArchiveFault(f"{path}: epochs or time are not those of its entries")
                return manifest.packed_bytes
        return 0

    def entries(self, first_seq: int, last_seq: int) -> bytes | None:
        """Encoded entries, every hash checked; None if not all of them are archived. For a thread.

        Raises:
            ArchiveFault: what is archived is not what its manifest says.
        """
        found: list[bytes] = []
        for manifest in self._manifests:
            if manifest.first_seq <= first_seq <= manifest.last_seq:
                run = self.load(manifest)
                upto_seq = min(last_seq, run.last_seq)
                found.append(cut_run(run, first_seq, upto_seq).data)
                first_seq = upto_seq + 1
                if first_seq > last_seq:
                    return b"".join(found)
        return None

    def span(self, name: str) -> Span:
        """What an archived segment should hold, by what its neighbours say, or else its own manifest.

        Raises:
            ArchiveFault: no segment has this name.
        """
        own = next((one for one in self._manifests if one.name == name), None)
        if own is None and name + _MANIFEST not in self.unreadable:
            raise ArchiveFault(f"{self._directory}: no segment {name} any more")
        try:
            first_seq, last_seq = (int(part) for part in name.split("-")[:2])
        except ValueError as trouble:
            raise ArchiveFault(f"{self._directory}/{name}: not the name of a segment") from trouble
        before = next((one.last_hash for one in self._manifests if one.last_seq == first_seq - 1), "")
        behind = next((one.prev_hash for one in self._manifests if one.first_seq == last_seq + 1), "")
        if own is not None:
            before, behind = before or own.prev_hash, behind or own.last_hash
        if first_seq == 1:
            before = GENESIS_HASH.hex()
        return Span((first_seq, last_seq), bytes.fromhex(before), bytes.fromhex(behind))

    def put_back(self, name: str, run: Run) -> None:
        """The entries of a segment that rotted, which the caller has checked. For a thread.

        Raises:
            ArchiveFault: they are another segment's, or as `store`.
        """
        if not name.endswith(f"-{run.last_hash.hex()[:8]}"):
            raise ArchiveFault(f"{self._directory}/{name}: not its entries, they end with another hash")
        self.store([run])

    def names(self) -> list[str]:
        """Of all archived segments, ascending, those with a manifest that cannot be read too."""
        bad = (name.removesuffix(_MANIFEST) for name in self.unreadable)
        return sorted({*(one.name for one in self._manifests), *bad})

    def verify(self) -> list[str]:
        """Read everything and check every hash, and that segments follow each other; what is wrong."""
        problems = list(self.unreadable.values())
        before: Manifest | None = None
        for manifest in self._manifests:
            try:
                self.load(manifest)
            except ArchiveFault as fault:
                problems.append(str(fault))
            if before is not None and manifest.prev_hash != before.last_hash:
                problems.append(
                    f"{self._directory}: entry {manifest.first_seq} does not follow {before.last_seq} "
                    f"of {before.name}: a gap, or another history"
                )
            before = manifest
        return problems

    def expire(self, now_ms: int, keep_days: int) -> int:
        """Delete segments whose last entry is older than `keep_days` of log time (0: none); how many.

        Raises:
            ArchiveFault: the disk failed; what is left is whole.
        """
        limit_ms = now_ms - keep_days * MS_PER_DAY
        gone = [one for one in self._manifests if keep_days and one.last_time_ms < limit_ms]
        try:
            for manifest in gone:
                for ending in (_MANIFEST, _DATA):
                    with suppress(FileNotFoundError):
                        self._disk.unlink(f"{self._directory}/{manifest.name}{ending}")
                self._manifests.remove(manifest)
            if gone:
                self._disk.fsync_dir(self._directory)
        except OSError as trouble:
            raise ArchiveFault(f"{self._directory}: {trouble}") from trouble
        return len(gone)

    def _write(self, manifest: Manifest, data: bytes) -> None:
        path = f"{self._directory}/{manifest.name}"
        try:
            write_whole(self._disk, path + _DATA, data)
            text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
            write_whole(self._disk, path + _MANIFEST, text)
        except OSError as trouble:
            kind = ArchiveFull if trouble.errno == errno.ENOSPC else ArchiveFault
            raise kind(f"{path}: {trouble}") from trouble
        self.unreadable.pop(manifest.name + _MANIFEST, None)
        self._manifests = [one for one in self._manifests if one.name != manifest.name]
        self._manifests.append(manifest)
        self._manifests.sort(key=lambda one: (one.first_seq, one.last_seq))

    def _read_manifest(self, name: str) -> Manifest | None:
        path = f"{self._directory}/{name}"
        try:
            manifest = msgspec.json.decode(read_whole(self._disk, path) or b"", type=Manifest)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as trouble:
            self.unreadable[name] = f"{path}: not a manifest: {trouble}; take the other unit's"
            return None
        if manifest.name + _MANIFEST != name:
            self.unreadable[name] = f"{path}: says that it is {manifest.name}; take the other unit's"
            return None
        if (manifest.format, manifest.cabinet) != (FORMAT, self._cabinet):
            raise ArchiveFault(
                f"{path}: format {manifest.format} of cabinet {manifest.cabinet!r}; "
                f"want {FORMAT} of {self._cabinet!r}"
            )
        return manifest


def archive_closed(
    wal: Wal, archive: Archive, upto_seq: int, between_reads: Callable[[], None] = lambda: None
) -> int:
    """Archive every closed segment with no entry above `upto_seq` that is not archived yet. For a thread.

    Args:
        upto_seq: the highest seq that can never be cut any more (compared).
        between_reads: called again and again, for whoever wants to let others run.

    Returns:
        The `archived_seq` for `Wal.trim`: everything in this log up to there is archived. 0 if nothing.

    Raises:
        ArchiveFault: see `Archive.store`. LogFault: a segment cannot be read.
    """
    archived_seq = 0
    for closed in wal.closed(upto_seq):
        if not archive.holds(closed.first_seq, closed.last_seq, wal.hash_at(closed.last_seq)):
            archive.store(_runs(wal, closed.first_seq, closed.last_seq, between_reads))
        archived_seq = closed.last_seq
    return archived_seq


def _runs(wal: Wal, from_seq: int, to_seq: int, between_reads: Callable[[], None]) -> Iterable[Run]:
    """The entries of one segment, piece by piece; a read never goes beyond a segment."""
    while from_seq <= to_seq:
        run = wal.read(from_seq, READ_BYTES)
        if run is None:
            return
        yield run
        between_reads()
        from_seq = run.last_seq + 1


def _last_time_ms(run: Run) -> int:
    """Log time of a run's last entry."""
    _, entries, _ = decode_run(run.prev_hash, run.first_seq, run.data)
    return entries[-1].time_ms
