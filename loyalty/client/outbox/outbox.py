"""A file that keeps commands until their answers are definite, across any crash of the till.

One process has it at a time. Entries have positions from 1 without a gap and are settled in that order, the
first that waits (the head) before all others. Nothing that waits is ever given up by the outbox itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from loyalty.client.clock import Clock, SystemClock
from loyalty.client.outbox import contents, file, limits
from loyalty.client.outbox.checks import body_of, the_same
from loyalty.client.outbox.entries import (
    KEPT_METHODS,
    Entry,
    Fate,
    OutboxDiskError,
    OutboxFullError,
    Settled,
    Verdict,
)
from loyalty.client.outbox.file import Tally
from loyalty.client.outbox.lock import Lock


class Outbox:
    """Open it with `Outbox.open`; close it, or use it in a `with`."""

    def __init__(self, path: Path, lock: Lock, clock: Clock) -> None:
        """For `open`."""
        self.path = path
        self._lock = lock
        self._clock = clock
        self._connection = file.connect(path)
        self._failed = ""  # why nothing more may be written before it is opened anew
        with file.trouble(path):
            self._tally = contents.check(self._connection, path)
            self._waiting_bytes = sum(len(entry.body) for entry in self.pending())

    @classmethod
    def open(cls, path: str | Path, clock: Clock | None = None) -> Self:
        """Take the file for this process alone; make it if it is not there.

        Raises:
            OutboxHeldError: another process has it; the text says which.
            OutboxDamagedError: it is not what was written; the text says what and what to do.
            OutboxDiskError: it cannot be opened or made.
        """
        path = Path(path).resolve()
        with file.trouble(path):
            lock = Lock.take(path)
        try:
            if not path.exists():
                file.create(path)
            return cls(path, lock, clock or SystemClock())
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Everything is on disk already; others may have the file now."""
        self._connection.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What a till does.

    def put(self, command: Any, *, in_doubt: bool = False) -> int:
        """Keep a command behind all others; it is on disk when this returns.

        Args:
            command: an EnrolRequest, ConfirmRequest, ReturnLinesRequest, as `TillClient.prepare` makes
                it. A purchase that was never sent must be `offline`, with `sold_ms` and without points.
            in_doubt: it was sent, and the answer was unknown; or it leaves as soon as this returns.

        Returns:
            Its position. Putting what is there already changes nothing and returns where it is.

        Raises:
            OutboxRefusedError: such a command is nothing for an outbox.
            OutboxFullError: OUTBOX_MAX_ENTRIES or OUTBOX_MAX_BYTES wait.
            OutboxDiskError: nothing is promised; put it again when there is room.
        """
        body = body_of(command, in_doubt)
        with self._changing():
            known = self._connection.execute(
                "SELECT position, body FROM entry WHERE request_id = ?", (command.request_id,)
            ).fetchone()
            if known is not None:
                return the_same(known, body)
            self._check_room(len(body))
            position = self._tally.next
            after = Tally(self._tally.head, position + 1, max(self._tally.seen_ms, command.seen_ms))
            method = KEPT_METHODS[type(command)]
            entry = Entry(position, method, command.request_id, body, self._clock.now_ms(), in_doubt)
            with file.transaction(self._connection):
                file.write_entry(self._connection, entry)
                file.write_tally(self._connection, after)
            self._tally = after
            self._waiting_bytes += len(body)
        return position

    def take_number(self, name: str, at_least: int = 1) -> int:
        """The next number under a name, never given out before: a till's receipt numbers.

        Raises:
            OutboxDiskError: it could not be noted, so it is not given out.
        """
        with self._changing():
            row = self._connection.execute("SELECT value FROM number WHERE name = ?", (name,)).fetchone()
            value = max(row[0] + 1 if row else 1, at_least)
            with file.transaction(self._connection):
                file.write_number(self._connection, name, value)
        return int(value)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._tally.waiting

    @property
    def seen_ms(self) -> int:
        """Newest log time that this till was told; what a restarted till begins with."""
        return self._tally.seen_ms

    def pending(self) -> list[Entry]:
        """All that wait, in the order of sending."""
        with file.trouble(self.path):
            return contents.read_entries(self._connection, self.path, self._tally.head)

    def head(self) -> Entry | None:
        """The one that is sent next."""
        if not self.waiting:
            return None
        with file.trouble(self.path):
            return contents.read_entry(self._connection, self.path, self._tally.head)

    def settled(self) -> tuple[Settled, ...]:
        """What came of earlier ones, as far as it is kept, in order."""
        with file.trouble(self.path):
            return contents.read_settled(self._connection, self.path)

    def rejected(self) -> tuple[Settled, ...]:
        """Those that a person has to look at: rejected, refused, and those that nobody can tell about."""
        return tuple(settled for settled in self.settled() if settled.fate is not Fate.DONE)

    def untold(self) -> tuple[Settled, ...]:
        """Those of all kinds that no person has seen yet, in order."""
        with file.trouble(self.path):
            return contents.read_settled(self._connection, self.path, "told = 0")

    def tell(self, settled: Settled) -> None:
        """Note that a person has seen it."""
        with self._changing(), file.transaction(self._connection):
            file.write_verdict(self._connection, settled._replace(told=True))

    # What the sender does.

    def mark_in_doubt(self, entry: Entry) -> Entry:
        """To be on disk before the first try leaves. Returns the entry as it is then."""
        if entry.in_doubt:
            return entry
        after = entry._replace(in_doubt=True)
        with self._changing(), file.transaction(self._connection):
            file.write_entry(self._connection, after)
        return after

    def settle(self, entry: Entry, verdict: Verdict) -> Settled:
        """Note the head's definite answer; the next one is the head then."""
        if entry.position != self._tally.head:
            raise ValueError(f"entry {entry.position} is settled before {self._tally.head}: out of order")
        settled = Settled(entry, verdict, self._clock.now_ms())
        seen_ms = max(self._tally.seen_ms, verdict.log_time_ms)
        after = Tally(entry.position + 1, self._tally.next, seen_ms)
        with self._changing(), file.transaction(self._connection):
            file.write_verdict(self._connection, settled)
            file.write_tally(self._connection, after)
            self._forget("=", limits.OUTBOX_KEEP_DONE_ENTRIES)
            self._forget("<>", limits.OUTBOX_KEEP_SET_ASIDE_ENTRIES)
        self._tally = after
        self._waiting_bytes -= len(entry.body)
        return settled

    # How it is done.

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """After a failed write nothing says what the disk holds: the file has to be opened anew."""
        if self._failed:
            raise OutboxDiskError(f"{self._failed}; it has to be opened anew")
        try:
            with file.trouble(self.path):
                yield
        except OutboxDiskError as problem:
            if not file.is_full(problem):
                self._failed = str(problem)
            raise

    def _check_room(self, size: int) -> None:
        if self.waiting >= limits.OUTBOX_MAX_ENTRIES:
            what = f"OUTBOX_MAX_ENTRIES ({limits.OUTBOX_MAX_ENTRIES})"
        elif self._waiting_bytes + size > limits.OUTBOX_MAX_BYTES:
            what = f"OUTBOX_MAX_BYTES ({limits.OUTBOX_MAX_BYTES})"
        else:
            return
        raise OutboxFullError(
            f"outbox {self.path} is full: {self.waiting} commands of {self._waiting_bytes} bytes wait, and "
            f"{what} is the limit. This one was not kept: send what waits first"
        )

    def _forget(self, compared: str, keep: int) -> None:
        """Of those that were done ("="), or were not, the oldest beyond so many."""
        query = f"SELECT position FROM verdict WHERE fate {compared} 'done' ORDER BY position DESC"
        old = self._connection.execute(f"{query} LIMIT -1 OFFSET ?", (keep,)).fetchall()
        for (position,) in old:
            self._connection.execute("DELETE FROM verdict WHERE position = ?", (position,))
            self._connection.execute("DELETE FROM entry WHERE position = ?", (position,))
