"""Many commands in one call."""

from loyalty.commands import limits as lim
from loyalty.v1 import till_pb2 as pb
from loyalty.wire import parts
from loyalty.wire.calls import Command, RefusalError
from loyalty.wire.requests.till import one_of


def batch(body: bytes) -> list[Command]:
    """All commands of a batch, or the refusal of the first that is wrong: then none is taken."""
    message = parts.parse(pb.ExecuteBatchRequest, body, lim.BATCH_MAX_BYTES)
    count = len(message.commands)
    if not 1 <= count <= lim.BATCH_MAX_COMMANDS:
        raise RefusalError("commands", f"are {count}", f"1 to {lim.BATCH_MAX_COMMANDS}")
    lines = sum([_lines_of(command) for command in message.commands])
    if lines > lim.BATCH_MAX_LINES:
        raise RefusalError("commands", f"have {lines} lines together", f"at most {lim.BATCH_MAX_LINES}")
    found: list[Command] = []
    try:
        for command in message.commands:
            found.append(one_of(command))
    except RefusalError as why:
        raise why.inside(f"commands[{len(found) + 1}]") from None
    return found


def _lines_of(command: pb.Command) -> int:
    """Lines of the basket in a command."""
    match command.WhichOneof("command"):
        case "confirm":
            return len(command.confirm.lines)
        case "hold":
            return len(command.hold.order.lines)
        case "correct_receipt":
            return len(command.correct_receipt.right.lines)
        case "return_lines":
            return len(command.return_lines.lines)
    return 0
