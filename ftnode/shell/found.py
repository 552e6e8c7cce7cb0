"""A condition of the catalogue that holds just now, with the facts of this case."""

from dataclasses import dataclass
from typing import Final

from ftnode.alarms.catalogue import ROWS, Severity, in_words
from ftnode.v1 import admin_pb2 as pb

_SEVERITIES: Final = {Severity.CRITICAL: pb.SEVERITY_CRITICAL, Severity.WARNING: pb.SEVERITY_WARNING}


@dataclass
class Problem:
    """As `ftnode.v1.Problem`; `unit` is the one that it is about."""

    code: str
    severity: pb.Severity
    what: str
    consequence: str
    remedy: str
    since_ms: int
    unit: int

    def shown(self) -> pb.Problem:
        """For a status."""
        return pb.Problem(
            code=self.code,
            severity=self.severity,
            what=self.what,
            consequence=self.consequence,
            remedy=self.remedy,
            since_ms=self.since_ms,
        )


def found(code: str, unit: int, what: str, since_ms: int) -> Problem:
    """A condition of the catalogue holds.

    Args:
        code: names the row of the catalogue.
        unit: which one it is about; for the pair and the witness, which one sees it.
        what: the facts of this case, one sentence without a full stop.
        since_ms: wall time at which it began, as far as is known.
    """
    row = ROWS[code]
    consequence, todo = in_words(row.consequence, unit), in_words(row.todo, unit)
    return Problem(code, _SEVERITIES[row.severity], what, consequence, todo, since_ms, unit)
