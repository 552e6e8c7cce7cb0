"""What an application must offer to run on the pair, and what it is given.

The types are structural: an application satisfies them without importing this package.
A machine is pure, total and bounded. It reads nothing but its arguments, answers every
entry with bytes (a business refusal is an answer, an exception is a bug), and limits its
work by counts, never by time. One log executed in two processes gives the same bytes.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol


class StateReader(Protocol):
    """Ordered key-value state. Keys start with slot (2 bytes) and tenant (2 bytes), big endian."""

    def get(self, key: bytes) -> bytes | None:
        """The value under `key`, or None."""

    def scan(self, start: bytes, stop: bytes, limit: int) -> Sequence[tuple[bytes, bytes]]:
        """At most `limit` pairs with `start <= key < stop`, in key order."""


class StateWriter(StateReader, Protocol):
    """State as an entry sees it: everything before it, and its own writes."""

    def put(self, key: bytes, value: bytes) -> None:
        """Set `key`. The write counts only if the entry's execution ends."""

    def delete(self, key: bytes) -> None:
        """Remove `key`; a key that is not there is no error."""


class EntryView(Protocol):
    """The part of a log entry that an application may read."""

    @property
    def seq(self) -> int:
        """Place in the log, from 1, no gaps."""

    @property
    def time_ms(self) -> int:
        """Log time, UTC milliseconds; never goes back from entry to entry."""

    @property
    def chance(self) -> int:
        """64 random bits, drawn by the active when it gave out the seq."""

    @property
    def kind(self) -> int:
        """What the body is; the application's own numbers start at 16."""

    @property
    def tenant(self) -> int:
        """For the loyalty engine: the programme."""

    @property
    def slot(self) -> int:
        """Part of the key space (0..4095) that the command belongs to."""

    @property
    def request_id(self) -> bytes:
        """8 to 64 bytes chosen by the client; empty for the runtime's own entries."""

    @property
    def actor(self) -> bytes:
        """Who asked: certificate subject, or `anonymous`."""

    @property
    def client_ms(self) -> int:
        """The client's clock when it asked, for audit only."""

    @property
    def body(self) -> bytes:
        """The command in canonical bytes."""


class Machine(Protocol):
    """The application: a deterministic state machine."""

    @property
    def version(self) -> int:
        """Grows whenever one entry would give other bytes than before."""

    def execute(self, state: StateWriter, entry: EntryView) -> bytes:
        """Run one entry; the outcome is what the client is told and what the digest covers."""

    def query(self, state: StateReader, at_ms: int, body: bytes) -> bytes:
        """Answer a question about the state as of log time `at_ms`; changes nothing."""


class TimedMachine(Machine, Protocol):
    """An application with timers. The active proposes a tick when the state says that one is due."""

    def tick(self, state: StateWriter, entry: EntryView) -> bytes:
        """Do what is due as of `entry.time_ms`, a bounded part of it; the outcome goes to nobody."""

    def due_ms(self, state: StateReader) -> int | None:
        """Log time from which a tick has something to do; None while nothing waits."""


class WarmMachine(Machine, Protocol):
    """An application that keeps something of the state in its process. It saves work and decides nothing."""

    def warm(self, state: StateReader) -> None:
        """Read it now, before anybody waits: called once, when a process begins to execute."""


class ScannedMachine(Machine, Protocol):
    """An application with long reads. They run in a process of their own, which makes its own machine from
    the same class, without arguments."""

    def scan(self, state: StateReader, at_ms: int, body: bytes) -> Iterator[bytes]:
        """Answer in chunks from the state as of log time `at_ms`; a total function of its arguments.

        It may take long, but each chunk is small (`scans.chunk_max_bytes` as it leaves the unit) and comes
        soon after the one before: it is also the sign of life, and where a client that reads slowly holds
        the scan up.
        """
