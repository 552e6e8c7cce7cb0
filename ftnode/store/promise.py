"""Where a unit keeps its promises: one small file, written whole before anything is done by it.

Two slots of a page each hold the same record. A slot is written and synced, then the other one: a
crash in between leaves the old or the new promise whole, and afterwards either slot may rot and the
promise still stands. An older promise is never taken for the newest because of a rotten page.

No file is a blank disk. A file without a readable slot is a broken one, and never a blank one.
"""

import struct
from hashlib import blake2b
from typing import Final

import msgspec

from ftnode.core.invariants import invariant
from ftnode.core.promise import Promise
from ftnode.store.disk import Disk, DiskFile, parent, read_whole, write_whole

SLOT_BYTES: Final = 4096  # no disk writes more than that at once without being asked to
PROMISE_MAX_BYTES: Final = 3840
_MAGIC: Final = b"FTP1"
_HEAD: Final = struct.Struct("<4sIQ")  # magic, length of the record, number of the promise
_CHECK_BYTES: Final = 16
_NAME: Final = "promise"
_FIELDS: Final = frozenset(Promise.__struct_fields__)


class PromiseFault(Exception):
    """The promise cannot be read or kept. Says where, and what would be right."""


class ForeignDisk(PromiseFault):
    """This directory belongs to another unit or another cabinet."""


class PromiseFile:
    """The promise of one unit. Made by `open` only."""

    def __init__(self, disk: Disk, path: str, cabinet: str, unit: int) -> None:
        """Knows the place, reads nothing yet."""
        self._disk = disk
        self._path = path
        self._cabinet = cabinet
        self._unit = unit
        self._number = 0
        self._newest: Promise | None = None
        self._broken = ""

    @classmethod
    def open(
        cls, disk: Disk, directory: str, cabinet: str, unit: int
    ) -> tuple["PromiseFile", Promise | None]:
        """Read what was promised, and make it durable anew: None if this disk is blank.

        What was read may have been in the kernel's memory only; it is returned after a sync of this life.

        Args:
            directory: made if it is not there; its parent is.

        Raises:
            PromiseFault: both slots are bad, or the disk failed. ForeignDisk: another's directory.
        """
        file = cls(disk, f"{directory}/{_NAME}", cabinet, unit)
        try:
            disk.mkdir(directory)
            disk.fsync_dir(parent(directory))
            disk.fsync_dir(directory)
            data = read_whole(disk, file._path)
        except OSError as trouble:
            raise PromiseFault(f"{file._path}: {trouble}") from trouble
        if data is not None:
            number, promise = _newest(data, file._path)
            file._refuse_foreign(promise)
            file._number = number
            file.keep(promise)
        return file, file._newest

    @property
    def newest(self) -> Promise | None:
        """What was kept last."""
        return self._newest

    def keep(self, promise: Promise) -> None:
        """Put `promise` in place of the one before; durable when this returns. For a thread.

        Raises:
            PromiseFault: the disk failed, now or earlier. It is never tried again: end the process.
        """
        if self._broken:
            raise PromiseFault(f"{self._path}: {self._broken}; this process must end")
        before = self._newest
        invariant((promise.cabinet, promise.unit) == (self._cabinet, self._unit), "promise of another unit")
        invariant(
            before is None or promise.epoch >= before.epoch, "promised epoch went back", to=promise.epoch
        )
        invariant(before is None or promise.boot >= before.boot, "boot number went back", to=promise.boot)
        slot = _pack(self._number + 1, promise)
        try:
            self._write(slot)
        except OSError as trouble:
            self._broken = f"the disk failed: {trouble}"
            raise PromiseFault(f"{self._path}: {self._broken}; this process must end") from trouble
        self._number += 1
        self._newest = promise

    def keep_again(self) -> None:
        """Write the newest promise anew, because a slot rotted. Raises as `keep`."""
        if self._newest is not None:
            self.keep(self._newest)

    def _write(self, slot: bytes) -> None:
        if self._number == 0:
            write_whole(self._disk, self._path, slot + slot)
            return
        file: DiskFile = self._disk.open(self._path)
        try:
            for at in (0, SLOT_BYTES):
                file.pwrite(slot, at)
                file.fdatasync()
        finally:
            file.close()

    def _refuse_foreign(self, promise: Promise) -> None:
        found, wanted = (promise.cabinet, promise.unit), (self._cabinet, self._unit)
        if found != wanted:
            raise ForeignDisk(
                f"{self._path}: this disk is unit {found[1]} of cabinet {found[0]!r}, configured is unit "
                f"{wanted[1]} of cabinet {wanted[0]!r}; give it back, or empty the directory to start blank"
            )


def promise_rot(disk: Disk, directory: str) -> str:
    """Which slot of the promise is not what was written; empty if both are whole. Repairs nothing.

    Both may differ for a moment, while the newest is being written.
    """
    data = read_whole(disk, f"{directory}/{_NAME}") or b""
    bad = [str(at) for at in (0, 1) if _unpack(data[at * SLOT_BYTES : (at + 1) * SLOT_BYTES]) is None]
    return f"{directory}/{_NAME}: rotten: slot {' and slot '.join(bad)}" if bad else ""


def _pack(number: int, promise: Promise) -> bytes:
    record = msgspec.msgpack.encode(promise)
    invariant(len(record) <= PROMISE_MAX_BYTES, "promise too large", bytes=len(record))
    text = _HEAD.pack(_MAGIC, len(record), number) + record
    slot = text + blake2b(text, digest_size=_CHECK_BYTES).digest()
    return slot + bytes(SLOT_BYTES - len(slot))


def _newest(data: bytes, path: str) -> tuple[int, Promise]:
    """The promise with the highest number among the slots that are whole."""
    whole = [slot for at in (0, SLOT_BYTES) if (slot := _unpack(data[at : at + SLOT_BYTES])) is not None]
    if not whole:
        raise PromiseFault(
            f"{path}: both slots are rotten; keep this disk for audit and start with a blank one"
        )
    number, record = max(whole)
    try:
        unknown = set(msgspec.msgpack.decode(record, type=dict[str, object])) - _FIELDS
        promise = msgspec.msgpack.decode(record, type=Promise)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as trouble:
        raise PromiseFault(f"{path}: not a promise of this version: {trouble}") from trouble
    if unknown:
        raise PromiseFault(f"{path}: written by a newer version, which also promised {sorted(unknown)}")
    return number, promise


def _unpack(slot: bytes) -> tuple[int, bytes] | None:
    if len(slot) < SLOT_BYTES:
        return None
    magic, size_bytes, number = _HEAD.unpack_from(slot)
    end = _HEAD.size + size_bytes
    if magic != _MAGIC or size_bytes > PROMISE_MAX_BYTES:
        return None
    if blake2b(slot[:end], digest_size=_CHECK_BYTES).digest() != slot[end : end + _CHECK_BYTES]:
        return None
    return number, slot[_HEAD.size : end]
