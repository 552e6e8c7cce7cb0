"""Long reads of the back office: pure generators over a reader that stands still, answering in chunks.

They run beside the unit, never in it (`Engine.scan`). Nothing here writes. What is due by time alone and
nobody has touched yet (gifts that began, holds that ran out) is not counted, as in the index of what is
outstanding.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import DecodeError, msgpack

from loyalty.commands.limits import PROGRAMME_MAX
from loyalty.commands.scans import (
    AnyScan,
    ScanBirthdays,
    ScanEndingSoon,
    ScanLiability,
    ScanMembers,
    ScanStatements,
)
from loyalty.engine import programmes
from loyalty.engine.scans import birthdays, chunks, ending, liability, members, usage
from loyalty.engine.state import Reader
from loyalty.outcomes import Code, Rejected

_SCAN: Final = msgpack.Decoder(AnyScan).decode
_MALFORMED: Final = Rejected(Code.MALFORMED, "body", "a scan of this version in canonical bytes")


def run(state: Reader, at_ms: int, body: bytes) -> Iterator[bytes]:
    """Answer a scan as of log time `at_ms`; never raises for what a client sent."""
    try:
        scan = _SCAN(body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return chunks.refused(_MALFORMED)
    if not 0 < scan.programme <= PROGRAMME_MAX or programmes.in_force(state, scan.programme) is None:
        return chunks.refused(programmes.UNKNOWN)
    return _run(state, at_ms, scan)


def _run(state: Reader, at_ms: int, scan: AnyScan) -> Iterator[bytes]:
    match scan:
        case ScanLiability():
            return liability.run(state, at_ms, scan)
        case ScanEndingSoon():
            return ending.run(state, at_ms, scan)
        case ScanBirthdays():
            return birthdays.run(state, scan)
        case ScanMembers():
            return members.run(state, at_ms, scan)
        case ScanStatements():
            return members.statements(state, scan)
        case _:
            return usage.run(state, at_ms, scan)
