"""What the engine is given: state and entry. Structural types; nothing of the runtime is imported."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Reader(Protocol):
    """Ordered key-value state."""

    def get(self, key: bytes) -> bytes | None:
        """The value under `key`, or None."""

    def scan(self, start: bytes, stop: bytes, limit: int) -> Sequence[tuple[bytes, bytes]]:
        """At most `limit` pairs with `start <= key < stop`, in key order."""


class Store(Reader, Protocol):
    """State that can be changed."""

    def put(self, key: bytes, value: bytes) -> None:
        """Set `key`."""

    def delete(self, key: bytes) -> None:
        """Remove `key`."""


class Writer(Store, Protocol):
    """State as a rule sees it while its entry is executed."""

    def wrote(self, key: bytes) -> bool:
        """Whether this entry set or removed `key` so far."""


class Entry(Protocol):
    """The part of a log entry that the engine reads."""

    @property
    def seq(self) -> int:
        """Place in the log."""

    @property
    def time_ms(self) -> int:
        """Log time; never goes back."""

    @property
    def kind(self) -> int:
        """What the body is."""

    @property
    def tenant(self) -> int:
        """The programme."""

    @property
    def actor(self) -> bytes:
        """Who asked."""

    @property
    def body(self) -> bytes:
        """The command in canonical bytes."""


class Question(NamedTuple):
    """What a query looks like to the rules: an entry that is never in the log."""

    time_ms: int
    tenant: int
    seq: int = 0
    kind: int = 0
    actor: bytes = b""
    body: bytes = b""
