"""From a backup to the disk of the first unit of a new cabinet.

The new cabinet has another name and its unit an incarnation of its own: nothing of the old pair takes it for
one of its own, and it takes nothing of theirs. The promise is written last: without it a directory with
entries is no unit's, so that what was interrupted is never started. A witness is not restored: the new
cabinet is formed at an empty one, in an epoch above all that are in the log.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from ftnode.backup import execute
from ftnode.backup.contents import Contents, look
from ftnode.backup.files import BackupFault, Damaged, sync_directory, told
from ftnode.backup.points import Point, find, instant, possible
from ftnode.backup.records import SnapshotHead
from ftnode.core.promise import Promise
from ftnode.core.record import NAME_MAX_CHARS
from ftnode.machine.contract import Machine
from ftnode.machine.executor import Executor
from ftnode.shell import execution
from ftnode.shell.boot import RESTORING, STATE, BootError, take_directory
from ftnode.store.disk import RealDisk, write_whole
from ftnode.store.promise import PromiseFault, PromiseFile
from ftnode.store.state import StoreFault
from ftnode.store.state_lmdb import LmdbStateStore
from ftnode.store.wal import Wal
from ftnode.store.wal_faults import LogFault

NOTE: Final = "restored.json"
MAP_MAX_BYTES: Final = 4 << 40  # address space: whatever the old pair was allowed, it fits
FIRST_SEGMENT_BYTES: Final = 1 << 20  # of its log; those that the unit makes are as large as its settings say

Say = Callable[[str, int, int], None]
Tell = Callable[[str], None]  # a sentence for a person


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a restored unit began with; for people, nothing reads it."""

    source: str
    from_cabinet: str
    cabinet: str
    unit: int
    snapshot_seq: int
    seq: int
    epoch: int
    log_time: str
    entry_hash: str
    digest: str
    proved_seq: int  # through it the digest was compared with one that the old pair had recorded
    executed_entries: int
    dropped_entries: int
    settings: dict[str, int]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be restored, and where to."""

    source: Path
    to: Path
    cabinet: str
    unit: int = 0
    seq: int = 0  # 0: by `at_ms`
    at_ms: int | None = None  # None: the end of the backup


def restore(order: Order, machines: Sequence[Machine], say: Say, tell: Tell) -> Note:
    """Build the directory; it is durable and may be started when this returns.

    Args:
        machines: the application, one for each engine version that this program has.

    Raises:
        BackupFault: why not, and what can be restored. What is left of the attempt cannot be started; the
            same command begins anew.
    """
    contents = look(order.source)
    check_name(order.cabinet, contents)
    point = find(contents, order.seq, order.at_ms)
    execute.check_readable(point.snapshots[0], point, machines)
    try:
        lock_fd = _begin(order.to)
        try:
            return _build(order, contents, point, machines, say, tell)
        finally:
            os.close(lock_fd)
    except (StoreFault, LogFault, PromiseFault, BootError) as fault:
        raise BackupFault(f"{order.to}: cannot be restored to: {fault}") from fault
    except OSError as trouble:
        raise told(order.to, trouble) from trouble


def check_name(cabinet: str, contents: Contents) -> None:
    """Raises BackupFault: the name could be mistaken for the old pair's, or is none."""
    if not 0 < len(cabinet) <= NAME_MAX_CHARS:
        raise BackupFault(f"--cabinet {cabinet!r}: want a name of 1 to {NAME_MAX_CHARS} characters")
    if cabinet.casefold() == contents.cabinet.casefold():
        raise BackupFault(
            f"--cabinet {cabinet}: this is the cabinet that was backed up, and it may still run somewhere: "
            "what is restored is a new cabinet and needs another name"
        )


def _begin(to: Path) -> int:
    """Take an empty directory, or one in which a restore did not end; the descriptor of its lock."""
    there = sorted(os.listdir(to)) if to.exists() else []
    if there and RESTORING not in there:
        raise BackupFault(f"{to}: not empty ({there[0]!r} is in it); give a directory that is not there yet")
    lock_fd = take_directory(to)
    write_whole(RealDisk(), f"{os.path.abspath(to)}/{RESTORING}", b"a restore is under way, or did not end\n")
    _clear(to)
    return lock_fd


def _clear(to: Path) -> None:
    for path in to.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in (RESTORING, "lock"):
            path.unlink()


def _build(
    order: Order, contents: Contents, point: Point, machines: Sequence[Machine], say: Say, tell: Tell
) -> Note:
    head, executor, store, done = _state(order, point, machines, say, tell)
    try:
        execute.recount(store, say)
        _write_log(order.to, executor)
    finally:
        store.close()
    execution_json = execution.Execution(
        request_keep_days=head.source.settings[execute.KEEP_DAYS],
        prune_per_entry=head.source.settings[execute.PRUNE],
    )
    directory = os.path.abspath(order.to)
    write_whole(RealDisk(), f"{directory}/{execution.FILE}", msgspec.json.encode(execution_json))
    note = Note(
        source=str(order.source),
        from_cabinet=contents.cabinet,
        cabinet=order.cabinet,
        unit=order.unit,
        snapshot_seq=head.seq,
        seq=executor.executed_seq,
        epoch=executor.epoch,
        log_time=instant(executor.time_ms),
        entry_hash=executor.entry_hash.hex(),
        digest=executor.digest.hex(),
        proved_seq=done.compared_seq,
        executed_entries=done.entries,
        dropped_entries=contents.reaches[-1].last_seq - executor.executed_seq,
        settings=head.source.settings,
    )
    text = msgspec.json.format(msgspec.json.encode(note), indent=2) + b"\n"
    write_whole(RealDisk(), f"{directory}/{NOTE}", text)
    _promise(order, executor.epoch)
    return note


def _state(
    order: Order, point: Point, machines: Sequence[Machine], say: Say, tell: Tell
) -> tuple[SnapshotHead, Executor, LmdbStateStore, execute.Executed]:
    """The state at the point, from the nearest snapshot that is whole."""
    damaged: Damaged | None = None
    for head in point.snapshots:
        execute.check_readable(head, point, machines)
        store = LmdbStateStore(order.to / STATE, map_max_bytes=MAP_MAX_BYTES)
        try:
            execute.load_snapshot(order.source, head, store, say)
        except Damaged as fault:
            store.close()
            shutil.rmtree(order.to / STATE)
            damaged = damaged or fault
            tell(f"the snapshot at entry {head.seq} is damaged ({fault}); trying the one before")
            continue
        except BaseException:
            store.close()
            raise
        executor = execute.make_executor(head.source, machines, store)
        try:
            return head, executor, store, _executed(order, point, executor, store, machines, say)
        except BaseException:
            store.close()
            raise
    raise BackupFault(
        f"no snapshot from which entry {point.seq} can be reached is whole: {damaged}; see what else is "
        f"there with: ftctl verify-backup {order.source}"
    )


def _executed(
    order: Order,
    point: Point,
    executor: Executor,
    store: LmdbStateStore,
    machines: Sequence[Machine],
    say: Say,
) -> execute.Executed:
    try:
        return execute.replay(order.source, point, executor, machines, say, store)
    except Damaged as fault:
        raise BackupFault(
            f"{fault}: what lies behind entry {executor.executed_seq} cannot be reached by way of it; "
            f"--seq {executor.executed_seq} and all before can be restored. {possible(look(order.source))}"
        ) from fault


def _write_log(to: Path, executor: Executor) -> None:
    """A log without entries, behind the point."""
    wal, _ = Wal.recover(RealDisk(), f"{os.path.abspath(to)}/log", segment_bytes=FIRST_SEGMENT_BYTES)
    try:
        wal.reset(executor.executed_seq, executor.epoch, executor.entry_hash)
    finally:
        wal.close()


def _promise(order: Order, epoch: int) -> None:
    """From here on it is a unit's disk, of no running cabinet yet: `ftnode form` puts it on record."""
    directory = os.path.abspath(order.to)
    promises, before = PromiseFile.open(RealDisk(), directory, order.cabinet, order.unit)
    if before is not None:
        raise BackupFault(f"{directory}: there is a promise of another restore; give an empty directory")
    promises.keep(Promise(order.cabinet, order.unit, incarnation=secrets.token_hex(16), epoch=epoch))
    with suppress(FileNotFoundError):
        (order.to / RESTORING).unlink()
    sync_directory(order.to)
