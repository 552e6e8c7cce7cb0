"""What a unit knows to be rotten of its own state, on its disk: a restart must not take it for sound."""

from collections.abc import Iterable
from typing import Final

import msgspec

from ftnode.store.disk import Disk, read_whole, write_whole

FILE: Final = "rotten.json"
_FORMAT: Final = 1


class RotNote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Empty if nothing is known to be rotten."""

    format: int = _FORMAT
    why: str = ""  # what was found first
    slots: tuple[int, ...] = ()
    whole: bool = False  # the state cannot be read at all: it is put aside at the next start
    found_ms: int = 0  # wall clock

    def __bool__(self) -> bool:
        return bool(self.slots or self.whole)

    def with_slots(self, slots: Iterable[int], why: str, now_ms: int) -> "RotNote":
        """Some more."""
        return RotNote(
            why=self.why or why,
            slots=tuple(sorted({*self.slots, *slots})),
            whole=self.whole,
            found_ms=self.found_ms or now_ms,
        )

    def with_all(self, why: str, now_ms: int) -> "RotNote":
        """Nothing can be told apart any more."""
        return RotNote(why=self.why or why, slots=self.slots, whole=True, found_ms=self.found_ms or now_ms)


def read_note(disk: Disk, directory: str) -> RotNote:
    """What was noted; a note that cannot be read says that nothing may be believed."""
    data = read_whole(disk, f"{directory}/{FILE}")
    if data is None:
        return RotNote()
    try:
        return msgspec.json.decode(data, type=RotNote)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as trouble:
        return RotNote(why=f"{directory}/{FILE} cannot be understood: {trouble}", whole=True)


def write_note(disk: Disk, directory: str, note: RotNote) -> None:
    """Durable when this returns; an empty note takes the file away. Raises OSError."""
    path = f"{directory}/{FILE}"
    if note:
        write_whole(disk, path, msgspec.json.encode(note))
    elif FILE in disk.listdir(directory):
        disk.unlink(path)
        disk.fsync_dir(directory)
