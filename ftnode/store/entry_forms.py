"""The formats of entries beside that of `entry.py`: each written by the engine version that it came with.

Which format an entry has follows from the engine version that executes it: both units write the same bytes,
and a program that has that version can read them. Nothing newer is written before the switch: until then a
unit may go back to the program that it had.

What is the same in all formats, so that every program can tell an entry of a later one from a rotten one:

    its length (4, little endian) | format (1) | ... | blake2b-128(predecessor's hash, all of the foregoing)

A new format is a `Form`, a row in `FORMS`, and a row in `WRITTEN` for each engine version that writes it.
"""

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from ftnode.store.entry import Entry

LENGTH_BYTES: Final = 4
FORM_AT: Final = 4
ENVELOPE_MIN_BYTES: Final = 5 + 16
HEADER_MORE_BYTES: Final = 4096  # a later format's header is longer than ours by at most so much


class Form(Protocol):
    """One format. `at` is where an entry starts in `data`, `end` the byte behind its hash."""

    @property
    def number(self) -> int:
        """Stands in every entry."""

    def text(self, entry: "Entry") -> bytes:
        """All of an entry but the hash. Raises struct.error or ValueError on what does not fit."""

    def place(self, data: bytes, at: int) -> tuple[int, int]:
        """Seq and epoch of an entry whose hash was checked."""

    def read(self, data: bytes, at: int, end: int) -> "Entry":
        """An entry whose hash was checked. Raises EntryFaultError on what no unit of ours writes."""


FORMS: Final[dict[int, Form]] = {}  # by number, beside `entry.FORMAT`
WRITTEN: Final[dict[int, Form]] = {}  # by engine version, where that is not `entry.FORMAT`
