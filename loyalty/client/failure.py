"""What a failed try proves: that the command was surely not taken, or nothing at all.

A unit says "surely not taken" with ErrorInfo reason NOT_TAKEN. A status without it may come
from anywhere on the way (a library, a proxy), so it proves nothing, whatever its code.
"""

from dataclasses import dataclass
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

NOT_TAKEN: Final = "NOT_TAKEN"
DETAILS_KEY: Final = "grpc-status-details-bin"
PUSHBACK_KEY: Final = "grpc-retry-pushback-ms"
PUSHBACK_DEFAULT_MS: Final = 100


@dataclass(frozen=True, slots=True)
class Failure:
    """One try that brought no answer."""

    status: str  # gRPC status name
    problem: str
    field: str = ""
    not_taken: bool = False  # this unit surely did not take it
    retry_after_ms: int = 0  # above 0: not taken for now; the same command is welcome then


def failure_of(error: grpc.aio.AioRpcError) -> Failure:
    """Read status, ErrorInfo and pushback."""
    code = error.code()
    problem = error.details() or ""
    info, pushback_ms = _read_trailers(tuple(error.trailing_metadata() or ()))
    if code is grpc.StatusCode.UNIMPLEMENTED:  # nobody looked at the command: the wrong server, or version
        return Failure(code.name, problem or "this server has no such method", not_taken=True)
    if info is None or code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        return Failure(code.name, problem)
    retry_after_ms = 0
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        retry_after_ms = PUSHBACK_DEFAULT_MS if pushback_ms is None else max(pushback_ms, 0)
    return Failure(code.name, problem, info.metadata.get("field", ""), True, retry_after_ms)


def _read_trailers(
    trailers: tuple[Any, ...],  # (key, value) pairs; their type is private to grpc
) -> tuple[error_details_pb2.ErrorInfo | None, int | None]:
    info, pushback_ms = None, None
    for key, value in trailers:
        if key == DETAILS_KEY and isinstance(value, bytes):
            info = _not_taken_info(value)
        elif key == PUSHBACK_KEY:
            try:
                pushback_ms = int(value)
            except ValueError:
                pushback_ms = None  # nonsense counts as absent
    return info, pushback_ms


def _not_taken_info(details: bytes) -> error_details_pb2.ErrorInfo | None:
    info = error_details_pb2.ErrorInfo()
    try:
        status = status_pb2.Status.FromString(details)
        for part in status.details:
            if part.Unpack(info) and info.reason == NOT_TAKEN:
                return info
    except DecodeError:
        return None  # a garbled detail proves nothing
    return None
