"""How a snapshot travels in other formats than `snapshot.FORMAT`, and in which one two units pass it on.

Who asks for a snapshot says which formats its program reads, and gets the newest that the sender has, too:
the newer one of two programs sends and takes what the older one can. Nothing of it stays on a disk.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from ftnode.store.snapshot import FORMAT, SnapshotFault


class Form(Protocol):
    """One format, of manifests and of chunks."""

    @property
    def number(self) -> int:
        """As units tell each other."""

    def outgoing(self, text: bytes) -> bytes:
        """What `snapshot.encode` made, in this format."""

    def incoming(self, text: bytes) -> bytes:
        """And back. Raises SnapshotFault on what no unit of ours sends."""


FORMS: Final[dict[int, Form]] = {}  # by number, beside `snapshot.FORMAT`


def reads() -> tuple[int, ...]:
    """The formats that this program has, ascending."""
    return tuple(sorted({FORMAT, *FORMS}))


def agreed(theirs: Sequence[int]) -> int:
    """The newest format that both have. A program that names none has the first one.

    Raises:
        SnapshotFault: there is none; says which each has.
    """
    wanted = tuple(theirs) or (1,)
    number = max({*reads()} & {*wanted}, default=0)
    if not number:
        raise SnapshotFault(
            f"the caller reads snapshots of format {_words(wanted)}, this unit sends {_words(reads())}: "
            "start the caller with the program that this unit runs"
        )
    return number


def outgoing(number: int, text: bytes) -> bytes:
    """A manifest or a chunk, for the way."""
    return text if number == FORMAT else FORMS[number].outgoing(text)


def incoming(number: int, text: bytes) -> bytes:
    """One that came. Raises SnapshotFault: of a format that this program has not, or nonsense."""
    if number == FORMAT:
        return text
    if number not in FORMS:
        raise SnapshotFault(f"a snapshot of format {number} came; this program reads {_words(reads())}")
    return FORMS[number].incoming(text)


def _words(numbers: Sequence[int]) -> str:
    return " or ".join(map(str, numbers))
