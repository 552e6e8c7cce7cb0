"""The LMDB file under the state store: opening it with care, its records, its faults in our words.

LMDB checks no page, takes an empty file for a new one, and dies by a signal when a mapped file
is shorter than it claims. So: a `FORMAT` file beside it says that a state was here, the length
is compared at opening, and every value ends with a checksum over key and value.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from struct import Struct
from typing import TYPE_CHECKING, Final
from zlib import crc32

import lmdb
import msgspec

from ftnode.store.state import (
    BLANK,
    SLOTS,
    Checkpoint,
    Pair,
    RottenValue,
    StateBroken,
    StoreFault,
    StoreFull,
    StoreUnusable,
)
from ftnode.store.state_roots import EMPTY_ROOTS

if TYPE_CHECKING:
    from lmdb import Cursor, Transaction, _Database

# Of all that lies in the state, the application's records too. 2: a member's keys lie together, a receipt
# under its identity, a lot has what is missing in it. A state of another format would be misread.
FORMAT: Final = b"ftnode state 2\n"
MAP_MAX_BYTES: Final = 64 << 30  # address space, not disk: the file grows only as it fills
MAX_READERS: Final = 32
_SEAL: Final = Struct("<I")
SEAL_BYTES: Final = _SEAL.size
# crc32 over anything followed by its own little-endian crc32 is always this.
SOUND: Final = 0x2144DF1C
FREE_MIN_BYTES: Final = 1 << 20
BROKEN: Final = (lmdb.CorruptedError, lmdb.PageNotFoundError, lmdb.InvalidError, lmdb.PanicError)
OUT_OF_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

CHECKPOINT: Final = b"checkpoint"
ROOTS: Final = b"roots"
BANKS: Final = b"banks"
STALE: Final = b"stale"
STAGED: Final = b"staged"

_encode_checkpoint = msgspec.msgpack.Encoder().encode
_decode_checkpoint = msgspec.msgpack.Decoder(Checkpoint).decode


def seal(key: bytes, value: bytes) -> bytes:
    """`value` with its checksum over key and value behind it."""
    return value + _SEAL.pack(crc32(value, crc32(key)))


def sound(key: bytes, sealed: bytes) -> bool:
    """Whether a stored value is the one that was put under `key`."""
    return len(sealed) >= SEAL_BYTES and crc32(sealed, crc32(key)) == SOUND


class StateFile:
    """One LMDB environment: a database of records about the state and two banks of pairs.

    Each slot's pairs lie in one of the banks; what a snapshot brings is built in the other.

    Args:
        path: directory of the state; made if it is not there.
        read_only: for readers in other processes; needs a state that exists.
        map_max_bytes: the file grows no larger; one that is larger already can be read, and written
            as far as room becomes free in it.

    Raises:
        StoreFault: missing, cut short, of another format, not writable.
    """

    def __init__(self, path: Path, read_only: bool = False, map_max_bytes: int = MAP_MAX_BYTES) -> None:
        self.path = path
        self.read_only = read_only
        self.unusable = ""
        data = path / "data.mdb"
        marked = _read_mark(path)
        present = data.exists() and data.stat().st_size > 0
        if marked and not present:
            raise StateBroken(f"{path}: FORMAT says that a state was here, but {data.name} is gone or empty")
        if read_only and not marked:
            raise StoreFault(f"{path}: no state here to read")
        used_bytes = data.stat().st_size if present else 0
        self.map_bytes = max(map_max_bytes, used_bytes)
        with self.faults("open"):
            path.mkdir(parents=True, exist_ok=True)
            self.env = lmdb.open(
                str(path),
                map_size=self.map_bytes,
                max_dbs=3,
                max_readers=MAX_READERS,
                readonly=read_only,
                create=not marked,
                metasync=False,  # write() and sync() are two steps; pages are synced in both
                readahead=False,
            )
        self._check_length(data)
        with self.faults("open"):
            self.env.reader_check()
            self.meta: _Database = self.env.open_db(b"meta", create=not read_only)
            self.banks: tuple[_Database, _Database] = (
                self.env.open_db(b"bank0", create=not read_only),
                self.env.open_db(b"bank1", create=not read_only),
            )
            if not marked:
                self.env.sync(True)
                _write_mark(path)

    def _check_length(self, data: Path) -> None:
        wanted_bytes = (self.env.info()["last_pgno"] + 1) * self.env.stat()["psize"]
        actual_bytes = data.stat().st_size
        # A file that was never written has only its two head pages.
        if actual_bytes < wanted_bytes:
            self.env.close()
            raise StateBroken(f"{data}: cut short: {actual_bytes} bytes, should be at least {wanted_bytes}")

    def begin_read(self) -> "Transaction[bytes]":
        """A view of the newest checkpoint written, by whichever process."""
        with self.faults("read"):
            try:
                return self.env.begin()
            except lmdb.MapResizedError:  # another process was allowed more than we
                self.env.set_mapsize(0)
                self.map_bytes = self.env.info()["map_size"]
                return self.env.begin()

    def writable(self) -> None:
        """Raise the fault that stands in the way of writing, if any."""
        if self.unusable:
            raise StoreUnusable(f"{self.path}: {self.unusable}; open the store anew")
        if self.read_only:
            raise StoreFault(f"{self.path}: opened read-only; a unit needs a writable disk")

    def sync(self) -> None:
        """Make every commit so far durable. Fails once, then nothing may be written any more."""
        self.writable()
        try:
            self.env.sync(True)
        except lmdb.Error as fault:
            self.unusable = f"a sync failed ({fault})"
            raise StoreFault(f"{self.path}: sync failed: {fault}; the unit must stop") from fault

    @contextmanager
    def faults(self, doing: str) -> Iterator[None]:
        """Turn what LMDB and the system raise into faults that name this state."""
        try:
            yield
        except lmdb.MapFullError as fault:
            raise StoreFull(
                f"{self.path}: cannot {doing}: {self.map_bytes} bytes are full; "
                "allow the state more (map_max_bytes)"
            ) from fault
        except BROKEN as fault:
            raise StateBroken(f"{self.path}: cannot {doing}: its pages are rotten ({fault})") from fault
        except (lmdb.Error, OSError) as fault:
            code = fault.code if isinstance(fault, lmdb.Error) else fault.errno
            free_bytes = _free_bytes(self.path)
            # LMDB calls it an I/O error when the last of the room took part of a write.
            if code in OUT_OF_ROOM or (code == errno.EIO and free_bytes < FREE_MIN_BYTES):
                raise StoreFull(f"{self.path}: cannot {doing}: no room on the disk ({fault})") from fault
            if doing in ("write", "stage", "install"):
                self.unusable = f"a write failed ({fault})"
            raise StoreFault(f"{self.path}: cannot {doing}: {fault} ({free_bytes} bytes free)") from fault

    def value(self, txn: "Transaction[bytes]", key: bytes, bank: "_Database") -> bytes | None:
        """The checked value of a key. Raises StoreFault."""
        try:
            sealed = txn.get(key, None, bank)
        except lmdb.Error as fault:
            raise RottenValue(str(self.path), key, f"cannot be read ({fault})") from fault
        if sealed is None:
            return None
        if crc32(sealed, crc32(key)) != SOUND:
            raise self.rotten(key)
        return sealed[:-SEAL_BYTES]

    def pairs(self, cursor: "Cursor[bytes]", start: bytes, stop: bytes, limit: int) -> list[Pair]:
        """Up to `limit` checked pairs of one bank with `start <= key < stop`. Raises StoreFault."""
        found: list[Pair] = []
        try:
            if not cursor.set_range(start):
                return found
            for key, sealed in cursor.iternext():
                if key >= stop:
                    break
                if crc32(sealed, crc32(key)) != SOUND:
                    raise self.rotten(key)
                found.append((key, sealed[:-SEAL_BYTES]))
                if len(found) == limit:
                    break
        except lmdb.Error:
            with self.faults("read"):
                raise
        return found

    def rotten(self, key: bytes) -> RottenValue:
        """What to say of a pair that is not what was put."""
        return RottenValue(str(self.path), key, "the stored pair does not match its checksum")

    def record(self, txn: "Transaction[bytes]", name: bytes, default: bytes) -> bytes:
        """A record about the state, checked."""
        sealed = txn.get(name, None, self.meta)
        if sealed is None:
            return default
        if not sound(name, sealed):
            raise StateBroken(
                f"{self.path}: record {name.decode('ascii', 'replace')!r} does not match its checksum; "
                "the state must come from the other unit"
            )
        return sealed[:-SEAL_BYTES]

    def put_record(self, txn: "Transaction[bytes]", name: bytes, value: bytes) -> None:
        """Write a record about the state."""
        txn.put(name, seal(name, value), db=self.meta)

    def checkpoint(self, txn: "Transaction[bytes]") -> Checkpoint:
        """Where the state stands in this view."""
        text = self.record(txn, CHECKPOINT, b"")
        return _decode_checkpoint(text) if text else BLANK

    def put_checkpoint(self, txn: "Transaction[bytes]", checkpoint: Checkpoint, roots: bytes) -> None:
        """Checkpoint and roots, in the transaction that changes the pairs."""
        self.put_record(txn, CHECKPOINT, _encode_checkpoint(checkpoint))
        self.put_record(txn, ROOTS, roots)

    def roots(self, txn: "Transaction[bytes]") -> bytes:
        """Packed slot roots in this view."""
        return self.record(txn, ROOTS, EMPTY_ROOTS)

    def bank_of_slots(self, txn: "Transaction[bytes]") -> bytes:
        """One byte a slot: which bank its pairs lie in."""
        return self.record(txn, BANKS, bytes(SLOTS))

    def close(self) -> None:
        """Let the file go."""
        self.unusable = self.unusable or "it was closed"
        self.env.close()


def _free_bytes(path: Path) -> int:
    """Room left for us; 0 if even that cannot be learned."""
    try:
        disk = os.statvfs(path)
    except OSError:
        return 0
    return disk.f_bavail * disk.f_frsize


def _read_mark(path: Path) -> bool:
    mark = path / "FORMAT"
    try:
        text = mark.read_bytes()
    except FileNotFoundError:
        return False
    except OSError as fault:
        raise StoreFault(f"{mark}: cannot read: {fault}") from fault
    if text != FORMAT:
        raise StoreFault(
            f"{mark}: says {text[:40]!r}, this version reads {FORMAT!r}: start the version that wrote it, or "
            "move the unit's whole directory away: it starts blank and takes the state from its partner, "
            "if that one is of this version; if not, form the pair anew"
        )
    return True


def _write_mark(path: Path) -> None:
    """Say durably that a state is here; whole or not at all."""
    half = path / "FORMAT.new"
    with open(half, "wb") as file:
        file.write(FORMAT)
        file.flush()
        os.fsync(file.fileno())
    os.replace(half, path / "FORMAT")
    directory = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot sync a directory
            os.fsync(directory)
    finally:
        os.close(directory)
