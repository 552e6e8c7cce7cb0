"""The next version of the engine: as today's, but for one rule: a line has at most 12 pieces."""

from typing import Final

from msgspec import DecodeError, msgpack

from loyalty import commands as cmd
from loyalty.commands import Kind
from loyalty.engine.machine import Engine
from loyalty.engine.records import encode
from loyalty.engine.state import Entry, Store
from loyalty.outcomes import Code, Rejected

MOST_PIECES: Final = 12
_CONFIRM: Final = msgpack.Decoder(cmd.Confirm).decode
_REFUSED: Final = encode(
    Rejected(Code.QUANTITY_OUT_OF_RANGE, "lines", f"at most {MOST_PIECES} pieces of one article")
)


class NextEngine(Engine):
    """See the module."""

    version = Engine.version + 1  # type: ignore[misc]

    def execute(self, state: Store, entry: Entry) -> bytes:
        """Run one entry."""
        if entry.kind == Kind.CONFIRM and _too_many(entry.body):
            return _REFUSED
        return super().execute(state, entry)


def _too_many(body: bytes) -> bool:
    try:
        command = _CONFIRM(body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return False  # today's engine says what is wrong with it
    return any(line.quantity_milli > MOST_PIECES * 1000 for line in command.lines)
