"""The table of gRPC methods that loyalty offers. The runtime serves it without seeing a type of ours.

`METHODS` is the table. A `Method` has:

- `path`: "/loyalty.v1.TillService/Confirm"
- `shape`: "unary", "batch" (many in one call, answered in order) or "stream" (one by one, in order)
- `lane`: "till" or "back_office"
- `decode(bytes) -> Sequence[Command | Query | Lookup]`: one for unary and each message of a stream,
  any number for a batch; raises RefusalError(field, problem, wanted) for what is surely not taken
- `encode(Sequence[answer]) -> bytes`: of as many answers as `decode` gave; an answer has `seq`, `epoch`,
  `time_ms`, `verdict`, `outcome`. For a look-up: what was kept, or verdict NOT_FOUND. For an abandon: verdict
  EXECUTED with the outcome that had come before, or ABANDONED.
- `encode_not_taken(field, problem, wanted, retry_after_ms) -> bytes`: for streams, the answer to one
  message that was surely not taken while the stream goes on; elsewhere None, a status says it.

`SCANS` are the methods with one request and a stream of answers. A `ScanMethod` has `path` and `lane` as
above and

- `decode(bytes) -> Scan`; raises RefusalError
- `encode(answer) -> bytes`: of each chunk that the machine's scan gives, with `seq`, `epoch`, `time_ms` of
  the checkpoint that was read. It runs in another process, which imports it by its module and name.

`SERVICES` are the services' full names, for health and reflection.
"""

from loyalty.front.scans import REPORTS, SCANS, ScanMethod
from loyalty.front.table import METHODS, Method
from loyalty.front.table import SERVICES as _SERVICES
from loyalty.wire.calls import (
    ABANDONED,
    EXECUTED,
    NOT_FOUND,
    REUSED,
    TOO_OLD,
    Answer,
    Command,
    Lookup,
    Query,
    RefusalError,
    Scan,
    Want,
)

SERVICES = (*_SERVICES, REPORTS)

__all__ = [
    "ABANDONED",
    "EXECUTED",
    "METHODS",
    "NOT_FOUND",
    "REUSED",
    "SCANS",
    "SERVICES",
    "TOO_OLD",
    "Answer",
    "Command",
    "Lookup",
    "Method",
    "Query",
    "RefusalError",
    "Scan",
    "ScanMethod",
    "Want",
]
