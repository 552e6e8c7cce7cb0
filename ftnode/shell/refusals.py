"""What a client is told when there is no answer: surely not taken, or unknown. Nothing else leaves a unit.

Surely not taken: INVALID_ARGUMENT, RESOURCE_EXHAUSTED (with a pushback), FAILED_PRECONDITION,
UNAUTHENTICATED, PERMISSION_DENIED, each with ErrorInfo reason NOT_TAKEN. UNAVAILABLE and
DEADLINE_EXCEEDED are unknown, whoever made them.
"""

import asyncio
from typing import Any, Final, NamedTuple

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from ftnode.shell.table import BadRequestError

REASON: Final = "NOT_TAKEN"
DOMAIN: Final = "ftnode"
PUSHBACK: Final = "grpc-retry-pushback-ms"  # gRPC's own name: stock clients obey it
_DETAILS: Final = "grpc-status-details-bin"
_TEXT_MAX_CHARS: Final = 500  # of a message that goes back; a peer's own nonsense may be in it
Metadata = tuple[tuple[str, str | bytes], ...]


class Refusal(NamedTuple):
    """A status as it leaves: made once, sent many times."""

    code: grpc.StatusCode
    message: str
    metadata: Metadata


def not_taken(code: grpc.StatusCode, message: str, pushback_ms: int | None = None, **more: str) -> Refusal:
    """A status that says that the call was surely not taken; `more` goes into the ErrorInfo."""
    message = message[:_TEXT_MAX_CHARS]
    detail = AnyMessage()
    detail.Pack(ErrorInfo(reason=REASON, domain=DOMAIN, metadata=more))
    status = Status(code=code.value[0], message=message, details=[detail])
    metadata: Metadata = ((_DETAILS, status.SerializeToString()),)
    if pushback_ms is not None:
        metadata = (*metadata, (PUSHBACK, str(pushback_ms)))
    return Refusal(code, message, metadata)


def bad_request(error: ValueError) -> Refusal:
    """What does not parse: the field, what is wrong with it, and what would be right."""
    if isinstance(error, BadRequestError):
        more = {"field": error.field, "problem": error.problem, "wanted": error.wanted}
        more = {name: text[:_TEXT_MAX_CHARS] for name, text in more.items()}
        return not_taken(grpc.StatusCode.INVALID_ARGUMENT, str(error), None, **more)
    return not_taken(grpc.StatusCode.INVALID_ARGUMENT, str(error))


def unknown(message: str) -> Refusal:
    """A status that says that nobody knows: it may have happened."""
    return Refusal(grpc.StatusCode.UNAVAILABLE, message[:_TEXT_MAX_CHARS], ())


def too_long(message: str) -> Refusal:
    """A status that says that the time for an answer is over."""
    return Refusal(grpc.StatusCode.DEADLINE_EXCEEDED, message[:_TEXT_MAX_CHARS], ())


async def send(context: "grpc.aio.ServicerContext[Any, Any]", refusal: Refusal) -> None:
    """End the call with this status.

    Raises:
        grpc.aio.AbortError: always, when it is sent; must be let through.
        asyncio.CancelledError: the caller hung up meanwhile: nobody is there to be told.
    """
    try:
        await context.abort(refusal.code, refusal.message, refusal.metadata)
    except grpc.aio.AbortError:
        raise
    except Exception as error:  # grpc's own, which it does not export
        raise asyncio.CancelledError(f"the caller is gone: {error}") from error
