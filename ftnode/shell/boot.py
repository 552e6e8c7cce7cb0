"""From a directory to a unit that may start: whose it is, what its log and state say, everything replayed.

All of it happens before a port is opened and may block. What stands in the way is one line for a
person and an exit status; nothing is repaired by guessing.
"""

import errno
import fcntl
import os
import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from ftnode.config import UnitSettings
from ftnode.core import log_end
from ftnode.core.promise import Promise
from ftnode.core.reconfigure import Named
from ftnode.core.versions import Ordered, Standing, begun_with
from ftnode.machine.contract import Machine
from ftnode.machine.executor import EngineMissing, Executor
from ftnode.machine.reconfigure import named_by
from ftnode.machine.upgrades import began, orders_of
from ftnode.shell import execution, opening
from ftnode.shell.driver import wall_ms
from ftnode.shell.execution import ExecutionSettingsError
from ftnode.shell.ledger import Ledger
from ftnode.shell.opening import keep_rot, open_state
from ftnode.shell.runner import Runner
from ftnode.store.archive import Archive, ArchiveFault
from ftnode.store.disk import RealDisk
from ftnode.store.entry import NewerEntryError, decode_run
from ftnode.store.promise import ForeignDisk, PromiseFault, PromiseFile
from ftnode.store.rot_note import RotNote
from ftnode.store.state import RottenValue, StateStore, StoreFault
from ftnode.store.wal import Wal
from ftnode.store.wal_faults import LogFault
from ftnode.store.wal_recover import Recovered
from ftnode.witness.naming import ETCD, spelled

EXIT_FAULT: Final = 1  # the disk failed: a supervisor may start us again, the disk will tell
EXIT_SETUP: Final = 2  # settings, certificates, directory or ports: starting again will not help
REPLAY_BYTES: Final = 1 << 20  # of the log read at once
RESTORING: Final = "restoring"  # in a unit's directory while it is being restored from a backup
STATE: Final = opening.STATE
DAY_MS: Final = 24 * 60 * 60 * 1000


class BootError(Exception):
    """This unit cannot start; the text says why, and what would be right."""

    def __init__(self, text: str, status: int = EXIT_SETUP) -> None:
        """`status` is the exit status."""
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the core is told of entries read at boot."""

    named: Named | None = None  # the last that names a witness
    orders: tuple[Ordered, ...] = ()  # what UPGRADE entries among them say
    began: int = 0  # engine version of entry 1; 0: it is not among them


@dataclass(slots=True)
class Opened:
    """What a unit has in its hands before it starts."""

    directory: Path
    lock_fd: int
    promises: PromiseFile
    promise: Promise | None
    archive: Archive
    wal: Wal
    found: Recovered
    store: StateStore
    runner: Runner
    ledger: Ledger
    stands: Standing  # which engine versions executed the log, as of the state
    read: Replayed  # of the entries behind the state
    fits: bool  # log and state are of one history; if not, the unit joins anew
    rot: RotNote  # what of the state is known to be rotten


def open_unit(settings: UnitSettings, machines: Sequence[Machine]) -> Opened:
    """Open and check everything.

    Raises:
        BootError: in words.
    """
    directory = Path(settings.unit.dir)
    lock_fd = take_directory(directory)
    undo = ExitStack()
    undo.callback(os.close, lock_fd)
    try:
        with undo:
            opened = _open(settings, machines, directory, lock_fd, undo)
            undo.pop_all()  # all of it stays open
            return opened
    except (LogFault, StoreFault, PromiseFault, ArchiveFault) as fault:
        raise BootError(str(fault), EXIT_FAULT) from fault
    except (ExecutionSettingsError, EngineMissing, NewerEntryError) as different:
        raise BootError(f"{directory}: {different}") from different
    except OSError as error:
        raise BootError(_told(directory, error), EXIT_FAULT) from error


def _open(
    settings: UnitSettings, machines: Sequence[Machine], directory: Path, lock_fd: int, undo: ExitStack
) -> Opened:
    promises, promise = load_promise(settings, directory)
    _check_witness(settings, promise)
    archive = Archive(RealDisk(), os.path.abspath(settings.archive_dir), settings.unit.cabinet)
    for why in archive.unreadable.values():
        structlog.get_logger().error("archive_unreadable", why=why)
    store, rot = open_state(directory, settings.state.map_max_bytes, blank=promise is None)
    undo.callback(store.close)
    stands = store.checkpoint
    wal, found = Wal.recover(
        RealDisk(),
        str(directory / "log"),
        segment_bytes=settings.log.segment_bytes,
        durable_seq=stands.seq,
        on_cut=partial(_note_cut, promises),
    )
    undo.callback(wal.close)
    promise = promises.newest
    if promise is None and (found.head_seq or stands.seq):
        raise BootError(f"{directory} holds entries but no promise: their history is unknown; start blank")
    execution.check(settings, directory, blank=found.head_seq == 0 and stands.seq == 0)
    fits = not found.short and _same_history(wal, found, store)
    if fits:
        wal.rewrite_tail()
        wal.sync()
    executor = executor_of(settings, machines, store)
    ledger = Ledger()
    runner = Runner(executor, ledger)
    at_state, read = executor.standing(), Replayed()
    if fits:
        try:
            read = replay(wal, runner)
            at_state = begun_with(read.began) if read.began else at_state
        except RottenValue as met:
            rot = rot.with_slots([met.slot], str(met), wall_ms())
            store.quarantine(rot.slots)
            keep_rot(directory, rot)
            runner.stop()
            fits = False
    return Opened(
        directory,
        lock_fd,
        promises,
        promise,
        archive,
        wal,
        found,
        store,
        runner,
        ledger,
        at_state,
        read,
        fits,
        rot,
    )


def _note_cut(promises: PromiseFile, first_seq: int, rotten: bool) -> None:
    """The log's end is about to be cut: the promise says so before. Raises PromiseFault."""
    structlog.get_logger().warning("log_cut_at_start", from_seq=first_seq, rotten=rotten)
    if promises.newest is not None:
        promises.keep(log_end.cut(promises.newest, first_seq, rotten))


def _check_witness(settings: UnitSettings, promise: Promise | None) -> None:
    """Which witness counts is an entry of the log, not a setting: one that differs is an error. (rule 11)"""
    named = promise.witness_address if promise is not None else ""
    if promise is None or not named or named == spelled(settings.witness):
        return
    wanted = (
        "witness.address" if not named.startswith(ETCD) else "witness.kind, etcd_addresses and etcd_prefix"
    )
    raise BootError(
        f"the settings name the witness {spelled(settings.witness)}, but this unit's log names another one: "
        f"{promise.witness_id} at {named}. Set {wanted} to that; to go back to the first one, or on to a "
        "third one, start the pair and use `ftctl replace-witness`"
    )


def executor_of(settings: UnitSettings, machines: Sequence[Machine], store: StateStore) -> Executor:
    """An executor that stands at the store's checkpoint."""
    at = settings.state
    return Executor(store, machines, at.request_keep_days * DAY_MS, at.prune_per_entry)


def load_promise(settings: UnitSettings, directory: Path) -> tuple[PromiseFile, Promise | None]:
    """The promise on this disk, None if it is blank.

    Raises:
        BootError: the directory is another unit's.
        PromiseFault: it cannot be read.
    """
    own = settings.unit
    if (directory / RESTORING).exists():
        raise BootError(
            f"{directory}: a restore into it did not end: give the same `ftctl restore` again, or empty it"
        )
    try:
        promises, promise = PromiseFile.open(RealDisk(), os.path.abspath(directory), own.cabinet, own.id)
    except ForeignDisk as foreign:
        raise BootError(str(foreign)) from foreign
    return promises, promise


def take_directory(directory: Path) -> int:
    """Make the directory if need be and lock it; the lock's descriptor, kept until the process ends.

    Raises:
        BootError: it cannot be written, or another process has it.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BootError(_told(directory, error), EXIT_FAULT) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        owner = os.pread(fd, 32, 0).decode(errors="replace").strip() or "unknown"
        os.close(fd)
        raise BootError(
            f"{directory} is in use by another process (pid {owner}); stop that one, or change unit.dir",
            EXIT_SETUP,
        ) from error
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, str(os.getpid()).encode(), 0)
    except OSError as error:
        raise BootError(_told(directory, error), EXIT_FAULT) from error
    return fd


def replay(wal: Wal, runner: Runner) -> Replayed:
    """Execute what the log holds behind the state; stops at the first rotten entry."""
    executor = runner.executor
    named: Named | None = None
    orders: tuple[Ordered, ...] = ()
    first_version = 0
    while executor.executed_seq < wal.head_seq:
        from_seq = executor.executed_seq + 1
        try:
            run = wal.read(from_seq, REPLAY_BYTES)
        except LogFault as fault:
            structlog.get_logger().error("replay_stopped", seq=from_seq, why=str(fault))
            break
        if run is None:
            break
        _, entries, hashes = decode_run(run.prev_hash, run.first_seq, run.data)
        runner.add(entries, hashes)
        while runner.run_slice():
            pass
        named = next((found for entry in reversed(entries) if (found := named_by(entry))), named)
        orders += orders_of(entries)
        first_version = first_version or began(entries)
    return Replayed(named, orders, first_version)


def blank_promise(settings: UnitSettings) -> Promise:
    """What a blank disk is given: no claim at all."""
    return Promise(settings.unit.cabinet, settings.unit.id)


def draw_life() -> int:
    """64 random bits that name this life of the process; never 0."""
    return secrets.randbits(63) | 1


def _same_history(wal: Wal, found: Recovered, store: StateStore) -> bool:
    """Does the log go on exactly where the state stands?"""
    stands = store.checkpoint
    if not found.first_seq - 1 <= stands.seq <= found.head_seq:
        why = f"the state stands at {stands.seq}, the log holds {found.first_seq}..{found.head_seq}"
        structlog.get_logger().error("log_and_state_differ", why=why)
        return False
    try:
        same = stands.seq == 0 or wal.hash_at(stands.seq) == stands.entry_hash
    except LogFault:
        return True  # that entry is rotten: the partner has it
    if not same:
        structlog.get_logger().error("log_and_state_differ", why=f"another entry {stands.seq} is in the log")
    return same


def _told(directory: Path, error: OSError) -> str:
    what = {
        errno.EACCES: "is not ours to write; give it to this user",
        errno.EPERM: "is not ours to write; give it to this user",
        errno.EROFS: "is on a read-only file system; a unit needs a writable disk",
        errno.ENOSPC: "is on a full disk; make room",
        errno.EDQUOT: "is over its quota; make room",
        errno.ENOTDIR: "is no directory",
        errno.EEXIST: "is no directory",
    }.get(error.errno or 0, f"cannot be used: {error.strerror or error}")
    return f"{directory} {what}"
