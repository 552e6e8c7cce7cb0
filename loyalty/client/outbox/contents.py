"""Reading an outbox: rows into values, each checked, and everything that must be there counted."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from loyalty.client.outbox import file
from loyalty.client.outbox.entries import (
    KEPT_METHODS,
    Entry,
    Fate,
    OutboxDamagedError,
    OutboxHeldError,
    Settled,
    Verdict,
)
from loyalty.client.outbox.file import DO_NOT, Tally, crc
from loyalty.client.outbox.lock import Lock

NAMES: Final = frozenset(KEPT_METHODS.values())
ENTRY: Final = "SELECT position, method, request_id, body, put_ms, in_doubt, crc FROM entry"
VERDICT: Final = (
    "SELECT fate, seq, reason, field, acceptable, outcome, log_time_ms, position, settled_ms, told, crc "
    "FROM verdict"
)


class Contents(NamedTuple):
    """All that an outbox holds. `damage` is what is wrong with it; empty: nothing."""

    waiting: tuple[Entry, ...]
    settled: tuple[Settled, ...]
    damage: tuple[str, ...]


def look(path: str | Path) -> Contents:
    """Read an outbox, also while a till has it, also if it is damaged: then what is still whole.

    Raises:
        OutboxDamagedError: it is no outbox, or nothing of it can be read.
        OutboxDiskError: it is not there, or cannot be opened.
    """
    path = Path(path).resolve()
    try:
        lock = Lock.take(path) if path.exists() else None  # nobody has it: undo what a crash left half done
    except OutboxHeldError:
        lock = None
    try:
        connection = file.connect(path, read_only=lock is None)
        try:
            with file.trouble(path):
                return _read(connection, path)
        finally:
            connection.close()
    finally:
        if lock is not None:
            lock.release()


def _read(connection: sqlite3.Connection, path: Path) -> Contents:
    connection.execute("BEGIN")  # one state of it, whatever the till does meanwhile
    damage = damages(connection, path)
    entries: dict[int, Entry] = {}
    for entry in _entries(connection, damage):
        entries[entry.position] = entry
    settled = _settled(connection, entries, damage)
    done = {each.entry.position for each in settled}
    waiting = tuple(entry for position, entry in sorted(entries.items()) if position not in done)
    return Contents(waiting, settled, tuple(dict.fromkeys(damage)))


def damages(connection: sqlite3.Connection, path: Path) -> list[str]:
    """Everything that is not as it was written; empty if all is well."""
    damage: list[str] = []
    said = [row[0] for row in _rows(connection, "PRAGMA integrity_check(10)", damage)]
    damage += [] if said == ["ok"] else [f"SQLite says: {line}" for line in said]
    try:
        tally = file.read_tally(connection, path)
    except (OutboxDamagedError, sqlite3.DatabaseError):
        return [*damage, "the tally of what waits does not match its checksum"]
    positions = {entry.position for entry in _entries(connection, damage)}
    damage += [
        f"entry {position} is missing, or damaged"
        for position in range(tally.head, tally.next)
        if position not in positions
    ]
    damage += [f"entry {position} was never put" for position in sorted(positions) if position >= tally.next]
    for row in _rows(connection, VERDICT, damage):
        if crc(*row[:-1]) != row[-1]:
            damage.append(f"what came of entry {row[7]} does not match its checksum")
    for name, value, check in _rows(connection, "SELECT name, value, crc FROM number", damage):
        if crc(name, value) != check:
            damage.append(f"the number {name!r} does not match its checksum")
    return damage


def check(connection: sqlite3.Connection, path: Path) -> Tally:
    """What an outbox must be before a till goes on with it.

    Raises:
        OutboxDamagedError: names everything that is damaged.
    """
    damage = damages(connection, path)
    if damage:
        raise OutboxDamagedError(f"outbox {path} is damaged: {'; '.join(damage)}. {DO_NOT}")
    return file.read_tally(connection, path)


def read_entry(connection: sqlite3.Connection, path: Path, position: int) -> Entry:
    """Raises OutboxDamagedError."""
    row = connection.execute(f"{ENTRY} WHERE position = ?", (position,)).fetchone()
    if row is None or not _is_whole(row):
        raise OutboxDamagedError(f"outbox {path} is damaged: entry {position} is not what was put. {DO_NOT}")
    return _entry(row)


def read_entries(connection: sqlite3.Connection, path: Path, since: int) -> list[Entry]:
    """From a position on, in order. Raises OutboxDamagedError."""
    damage: list[str] = []
    entries = list(_entries(connection, damage, f"{ENTRY} WHERE position >= {since} ORDER BY position"))
    if damage:
        raise OutboxDamagedError(f"outbox {path} is damaged: {'; '.join(damage)}. {DO_NOT}")
    return entries


def read_settled(connection: sqlite3.Connection, path: Path, where: str = "TRUE") -> tuple[Settled, ...]:
    """Those that are kept and meet a condition, in order. Raises OutboxDamagedError."""
    damage: list[str] = []
    query = f"{ENTRY} WHERE position IN (SELECT position FROM verdict WHERE {where})"
    entries = {entry.position: entry for entry in _entries(connection, damage, query)}
    settled = _settled(connection, entries, damage, f"{VERDICT} WHERE {where} ORDER BY position")
    if damage:
        raise OutboxDamagedError(f"outbox {path} is damaged: {'; '.join(damage)}. {DO_NOT}")
    return settled


def _entries(connection: sqlite3.Connection, damage: list[str], query: str = ENTRY) -> Iterator[Entry]:
    for row in _rows(connection, query, damage):
        if _is_whole(row):
            yield _entry(row)
        else:
            damage.append(f"entry {row[0]} does not match its checksum")


def _settled(
    connection: sqlite3.Connection,
    entries: dict[int, Entry],
    damage: list[str],
    query: str = f"{VERDICT} ORDER BY position",
) -> tuple[Settled, ...]:
    settled = []
    for row in _rows(connection, query, damage):
        position, settled_ms, told = row[7:10]
        if crc(*row[:-1]) != row[-1]:
            damage.append(f"what came of entry {position} does not match its checksum")
        elif position in entries:
            verdict = Verdict(Fate(row[0]), *row[1:7])
            settled.append(Settled(entries[position], verdict, settled_ms, bool(told)))
        else:
            damage.append(f"entry {position} is missing, or damaged")
    return tuple(settled)


def _rows(connection: sqlite3.Connection, query: str, damage: list[str]) -> Iterator[tuple[Any, ...]]:
    """As many as can be read."""
    try:
        yield from connection.execute(query)
    except sqlite3.DatabaseError as problem:
        if isinstance(problem, sqlite3.OperationalError):  # the disk, or somebody else: not the file's bytes
            raise
        damage.append(f"SQLite says: {problem}")


def _is_whole(row: tuple[Any, ...]) -> bool:
    return crc(*row[:-1]) == row[-1] and row[1] in NAMES


def _entry(row: tuple[Any, ...]) -> Entry:
    position, method, request_id, body, put_ms, in_doubt, _ = row
    return Entry(position, method, request_id, body, put_ms, bool(in_doubt))
