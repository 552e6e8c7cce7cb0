"""What an outbox takes in: whole commands, ready to be sent as they are."""

from typing import Any

from loyalty.client.outbox.entries import KEPT_METHODS, OFFLINE_METHODS, OutboxRefusedError
from loyalty.commands.limits import COMMAND_MAX_BYTES, REQUEST_ID_MAX_BYTES, REQUEST_ID_MIN_BYTES
from loyalty.v1 import till_pb2 as till


def body_of(command: Any, in_doubt: bool) -> bytes:
    """The bytes to keep; `in_doubt` ones were sent before, and stay as they were sent.

    Raises:
        OutboxRefusedError: it cannot be kept, and what would be right.
    """
    if type(command) not in KEPT_METHODS:
        wanted = ", ".join(sorted(KEPT_METHODS.values()))
        raise OutboxRefusedError(f"{type(command).__name__} is no command that an outbox keeps: {wanted}")
    body: bytes = command.SerializeToString()
    if not REQUEST_ID_MIN_BYTES <= len(command.request_id) <= REQUEST_ID_MAX_BYTES:
        raise OutboxRefusedError(
            f"request_id has {len(command.request_id)} bytes, wanted {REQUEST_ID_MIN_BYTES} to "
            f"{REQUEST_ID_MAX_BYTES}: use TillClient.prepare"
        )
    if len(body) > COMMAND_MAX_BYTES:
        raise OutboxRefusedError(f"{len(body)} bytes are more than a command may have: {COMMAND_MAX_BYTES}")
    if not in_doubt:
        _check_offline(command)
    return body


def _check_offline(command: Any) -> None:
    """What was never sent: only what a till may promise by itself."""
    if KEPT_METHODS[type(command)] not in OFFLINE_METHODS:
        wanted = ", ".join(OFFLINE_METHODS)
        raise OutboxRefusedError(f"{type(command).__name__} needs a line; without one a till does {wanted}")
    if not isinstance(command, till.ConfirmRequest):
        return
    if command.HasField("spend"):
        raise OutboxRefusedError(
            "points are not spent without a line: nobody can say whether they are there. "
            "Take the whole amount in money; the purchase earns as it would have"
        )
    if not command.offline or command.sold_ms <= 0:
        raise OutboxRefusedError(
            "a purchase that was never sent is kept with offline = true, and with sold_ms: when it was sold"
        )


def the_same(known: tuple[int, bytes], body: bytes) -> int:
    """The position of what is there already under the same request id.

    Raises:
        OutboxRefusedError: it is another command.
    """
    position, kept = known
    if kept != body:
        raise OutboxRefusedError(
            f"entry {position} has this request id and is another command: a new command needs a new id"
        )
    return position
