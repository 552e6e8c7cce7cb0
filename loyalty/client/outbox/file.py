"""The outbox's file: an SQLite database, with a checksum in every row and a tally of what must be there.

SQLite's rollback journal makes each change whole or not at all, whenever the till dies. What it does not
notice is a disk that gives back other bytes than it was given: therefore the checksums. And the tally says
which positions wait, so that a row that is gone is missed. Source: decisions/0090.
"""

import errno
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from loyalty.client.outbox.entries import Entry, OutboxDamagedError, OutboxDiskError, Settled
from loyalty.client.outbox.limits import OUTBOX_BUSY_MS

APPLICATION_ID: Final = 0x4C4F_5958  # "LOYX"
VERSION: Final = 1
SCHEMA: Final = f"""
BEGIN IMMEDIATE;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
CREATE TABLE entry (
    position INTEGER PRIMARY KEY, method TEXT NOT NULL, request_id BLOB NOT NULL UNIQUE, body BLOB NOT NULL,
    put_ms INTEGER NOT NULL, in_doubt INTEGER NOT NULL, crc INTEGER NOT NULL
) STRICT;
CREATE TABLE verdict (
    position INTEGER PRIMARY KEY, fate TEXT NOT NULL, seq INTEGER NOT NULL, reason TEXT NOT NULL,
    field TEXT NOT NULL, acceptable TEXT NOT NULL, outcome BLOB NOT NULL, log_time_ms INTEGER NOT NULL,
    settled_ms INTEGER NOT NULL, told INTEGER NOT NULL, crc INTEGER NOT NULL
) STRICT;
CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE tally (
    one INTEGER PRIMARY KEY CHECK (one = 1), head INTEGER NOT NULL, next INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL, crc INTEGER NOT NULL
) STRICT;
"""
DO_NOT: Final = (
    "Nothing in it was changed. Keep a copy for whoever looks into it; `loyalty outbox list` shows what is "
    "still whole. Then move it away: the till begins a new one"
)


class Tally(NamedTuple):
    """What must be there: positions from `head` (the first that waits) up to `next`, without a gap."""

    head: int
    next: int
    seen_ms: int  # newest log time that this till was told

    @property
    def waiting(self) -> int:
        return self.next - self.head


def crc(*values: object) -> int:
    """Over the values of a row, each with its type and length."""
    return zlib.crc32(msgspec.msgpack.encode(values))


def create(path: Path) -> None:
    """Make an empty outbox. It has its name only when it is whole: an empty file is a damaged one.

    Raises:
        OutboxDiskError: it cannot be made there.
    """
    new = path.with_name(path.name + ".new")
    try:
        new.unlink(missing_ok=True)
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # it holds phone numbers
        connection = sqlite3.connect(new, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = EXTRA")
            connection.executescript(SCHEMA)
            write_tally(connection, Tally(1, 1, 0))
            connection.execute("COMMIT")
        finally:
            connection.close()
        new.rename(path)
        _sync_directory(path.parent)
    except (OSError, sqlite3.Error) as problem:
        raise OutboxDiskError(f"outbox {path} cannot be made: {problem}") from None


def connect(path: Path, read_only: bool = False) -> sqlite3.Connection:
    """Open an existing outbox; what a crash left half done is undone.

    Raises:
        OutboxDamagedError: it is no outbox, or of another version.
        OutboxDiskError: it cannot be opened.
    """
    mode = "ro" if read_only else "rw"
    with trouble(path):
        if path.stat().st_size == 0:
            raise OutboxDamagedError(f"outbox {path} is empty: no till makes such a file. {DO_NOT}")
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=OUTBOX_BUSY_MS / 1000
        )
        try:
            _set_up(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _set_up(connection: sqlite3.Connection, path: Path) -> None:
    ours = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if ours != APPLICATION_ID:
        raise OutboxDamagedError(f"{path} is a database, but no outbox: it was left alone")
    if version != VERSION:
        raise OutboxDamagedError(
            f"outbox {path} is of version {version}, this till writes {VERSION}: "
            "send what waits with the version that wrote it"
        )
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = EXTRA")  # the journal's directory too: the commit is its removal


@contextmanager
def trouble(path: Path) -> Iterator[None]:
    """Say in an outbox's words what SQLite and the system say.

    Raises:
        OutboxDamagedError: SQLite finds its pages damaged.
        OutboxDiskError: everything else.
    """
    try:
        yield
    except sqlite3.Error as problem:
        code = getattr(problem, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise OutboxDamagedError(f"outbox {path} is damaged: {problem}. {DO_NOT}") from None
        raise OutboxDiskError(f"outbox {path}: {problem}") from problem
    except OSError as problem:
        raise OutboxDiskError(f"outbox {path}: {problem}") from problem


def is_full(problem: OutboxDiskError) -> bool:
    """Whether there was no room: nothing was written, and the next try may find some."""
    cause = problem.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL
    return isinstance(cause, OSError) and cause.errno == errno.ENOSPC


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing; on disk when it is left."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def read_tally(connection: sqlite3.Connection, path: Path) -> Tally:
    """Raises OutboxDamagedError."""
    row = connection.execute("SELECT head, next, seen_ms, crc FROM tally").fetchone()
    if row is None or crc(*row[:3]) != row[3] or not 1 <= row[0] <= row[1]:
        raise OutboxDamagedError(f"outbox {path} is damaged: its tally does not match its checksum. {DO_NOT}")
    return Tally(*row[:3])


def write_verdict(connection: sqlite3.Connection, settled: Settled) -> None:
    verdict = settled.verdict
    row = (verdict.fate.value, *verdict[1:], settled.entry.position, settled.settled_ms, int(settled.told))
    connection.execute(
        "INSERT OR REPLACE INTO verdict (fate, seq, reason, field, acceptable, outcome, log_time_ms, "
        "position, settled_ms, told, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*row, crc(*row)),
    )


def write_entry(connection: sqlite3.Connection, entry: Entry) -> None:
    row = (*entry[:-1], int(entry.in_doubt))
    connection.execute(
        "INSERT OR REPLACE INTO entry (position, method, request_id, body, put_ms, in_doubt, crc) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*row, crc(*row)),
    )


def write_number(connection: sqlite3.Connection, name: str, value: int) -> None:
    connection.execute("INSERT OR REPLACE INTO number VALUES (?, ?, ?)", (name, value, crc(name, value)))


def write_tally(connection: sqlite3.Connection, tally: Tally) -> None:
    connection.execute("INSERT OR REPLACE INTO tally VALUES (1, ?, ?, ?, ?)", (*tally, crc(*tally)))


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
