"""Shows answers: for people with rich, for programs as one JSON object. And the exit status they mean."""

import json
import re
import sys
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from loyalty.cli.console import console, say
from loyalty.cli.tell import tell
from loyalty.cli.view import View
from loyalty.cli.words import why_rejected
from loyalty.client.answers import Answer, Done, NotTaken, Rejected, Unknown

EXIT_DONE: Final = 0
EXIT_REJECTED: Final = 1
EXIT_USAGE: Final = 2  # a wrong command line
EXIT_NOT_TAKEN: Final = 3
EXIT_UNKNOWN: Final = 4

_NUMBER: Final = re.compile(r"\d+")


def show(answer: Answer[Any], as_json: bool, request_id: bytes = b"", view: View | None = None) -> int:
    """Print an answer.

    Args:
        request_id: of a command, so that the person can ask again.
        view: how figures are shown to people; none: money in its smallest unit, times in UTC.

    Returns:
        The exit status.
    """
    if as_json:
        print(json.dumps(as_dict(answer, request_id)))
    else:
        _tell(answer, request_id, view or View())
    return exit_status(answer)


def exit_status(answer: Answer[Any]) -> int:
    match answer:
        case Done():
            return EXIT_DONE
        case Rejected():
            return EXIT_REJECTED
        case NotTaken():
            return EXIT_NOT_TAKEN
    return EXIT_UNKNOWN


def as_dict(answer: Answer[Any], request_id: bytes = b"") -> dict[str, Any]:
    """An answer for programs."""
    ours: dict[str, Any] = {"request_id": request_id.hex()} if request_id else {}
    match answer:
        case Done(outcome=outcome):
            place = {"seq": answer.seq, "epoch": answer.epoch, "log_time_ms": answer.log_time_ms}
            return {"answer": "done", **ours, **place, "tries": answer.tries, "outcome": plain(outcome)}
        case Rejected():
            details = {"reason": answer.reason, "field": answer.field, "acceptable": answer.acceptable}
            quote = getattr(answer.details, "new_quote", None)
            if isinstance(quote, Message) and quote.ByteSize():
                details["new_quote"] = plain(quote)
            return {"answer": "rejected", **ours, **details, "seq": answer.seq, "tries": answer.tries}
        case NotTaken():
            why = {"status": answer.status, "problem": answer.problem, "field": answer.field}
            return {"answer": "not_taken", **ours, **why, "retry_after_ms": answer.retry_after_ms}
    more = {"why": answer.why, "tries": answer.tries, "seen_ms": answer.seen_ms}
    return {"answer": "unknown", **ours, **more}


def plain(outcome: Any) -> Any:
    """A message, an answer within an answer, or nothing."""
    if isinstance(outcome, Message):
        return MessageToDict(
            outcome, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
    return None if outcome is None else as_dict(outcome)


def _tell(answer: Answer[Any], request_id: bytes, view: View) -> None:
    match answer:
        case Done(outcome=outcome):
            tries = f", asked {answer.tries} times" if answer.tries > 1 else ""
            say(("done", "green"), (f"  entry {answer.seq}, epoch {answer.epoch}{tries}", "dim"))
            _tell_outcome(outcome, view)
        case Rejected():
            _tell_rejected(answer, view)
        case NotTaken():
            say(("not taken", "red"), f"  {answer.status}: {answer.problem}")
            if answer.retry_after_ms:
                say(f"nothing is wrong with the command: try again after {answer.retry_after_ms} ms")
        case Unknown():
            _tell_unknown(answer, request_id)


def _tell_outcome(outcome: Any, view: View) -> None:
    match outcome:
        case None:
            say("nothing is known under this id so far")
        case Done() | Rejected() | NotTaken():
            _tell(outcome, b"", view)
        case Message() if not tell(outcome, view):
            console.print_json(data=plain(outcome))


def _tell_rejected(answer: Rejected, view: View) -> None:
    say(("rejected", "yellow"), f"  {why_rejected(answer.reason)} ", (f"({answer.reason})", "dim"))
    if answer.field:
        say("  field   ", answer.field)
    if answer.acceptable:
        say("  wanted  ", in_words(answer.acceptable, answer.field, view))
    quote = getattr(answer.details, "new_quote", None)
    if isinstance(quote, Message) and quote.ByteSize():
        say("it would be now:")
        tell(quote, view)


def in_words(acceptable: str, field: str, view: View) -> str:
    """What would be right; times and amounts in it as people write them."""
    if field.endswith("_ms"):
        return _NUMBER.sub(
            lambda found: view.stated(int(found[0])) if int(found[0]) else found[0], acceptable
        )
    if field.endswith(("minor", "tenders")) and view.rules is not None:
        currency = view.local if field == "tenders" else ""
        return _NUMBER.sub(lambda found: view.money(int(found[0]), currency), acceptable)
    return acceptable


def _tell_unknown(answer: Unknown, request_id: bytes) -> None:
    say(("unknown", "red"), f"  {answer.why}")
    if not request_id:
        return
    say("it may have happened; asking again with the same id is safe:")
    say(f"  --request-id {request_id.hex()}")
    if answer.seen_ms:
        say(f"or give it up: loyalty abandon {request_id.hex()} --seen-ms {answer.seen_ms}")


def complain(text: str) -> None:
    """An error line on standard error."""
    print(f"loyalty: {text}", file=sys.stderr)
