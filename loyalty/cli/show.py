"""Shows answers: for people with rich, for programs as one JSON object. And the exit status they mean."""

import json
import sys
from datetime import UTC, datetime
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table

from loyalty.client.answers import Answer, Done, NotTaken, Rejected
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

EXIT_DONE: Final = 0
EXIT_REJECTED: Final = 1
EXIT_NOT_TAKEN: Final = 3  # 2 is a wrong command line
EXIT_UNKNOWN: Final = 4

console = Console()


def show(answer: Answer[Any], as_json: bool, request_id: bytes = b"") -> int:
    """Print an answer.

    Args:
        request_id: of a command, so that the person can ask again.

    Returns:
        The exit status.
    """
    if as_json:
        print(json.dumps(as_dict(answer, request_id)))
    else:
        _tell(answer, request_id)
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
            return {"answer": "done", **ours, **place, "tries": answer.tries, "outcome": _plain(outcome)}
        case Rejected():
            details = {"reason": answer.reason, "field": answer.field, "acceptable": answer.acceptable}
            quote = getattr(answer.details, "new_quote", None)
            if isinstance(quote, Message) and quote.ByteSize():
                details["new_quote"] = _plain(quote)
            return {"answer": "rejected", **ours, **details, "seq": answer.seq, "tries": answer.tries}
        case NotTaken():
            why = {"status": answer.status, "problem": answer.problem, "field": answer.field}
            return {"answer": "not_taken", **ours, **why, "retry_after_ms": answer.retry_after_ms}
    more = {"why": answer.why, "tries": answer.tries, "seen_ms": answer.seen_ms}
    return {"answer": "unknown", **ours, **more}


def _plain(outcome: Any) -> Any:
    """A message, an answer within an answer, or nothing."""
    if isinstance(outcome, Message):
        return MessageToDict(
            outcome, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
    return None if outcome is None else as_dict(outcome)


def _tell(answer: Answer[Any], request_id: bytes) -> None:
    match answer:
        case Done(outcome=outcome):
            tries = f", asked {answer.tries} times" if answer.tries > 1 else ""
            console.print(f"[green]done[/]  [dim]entry {answer.seq}, epoch {answer.epoch}{tries}[/]")
            _tell_outcome(outcome)
        case Rejected():
            at = f" at {answer.field}" if answer.field else ""
            would = f"; would be taken: {answer.acceptable}" if answer.acceptable else ""
            console.print(f"[yellow]rejected[/]  {answer.reason}{at}{would}", highlight=False)
        case NotTaken():
            console.print(f"[red]not taken[/]  {answer.status}: {answer.problem}", highlight=False)
            if answer.retry_after_ms:
                console.print(
                    f"nothing is wrong with the command: try again after {answer.retry_after_ms} ms"
                )
        case _:
            console.print(f"[red]unknown[/]  {answer.why}", highlight=False)
            if request_id:
                console.print("it may have happened; asking again with the same id is safe:")
                console.print(f"  --request-id {request_id.hex()}", highlight=False)
                if answer.seen_ms:
                    console.print("or give it up: loyalty abandon", end=" ")
                    console.print(f"{request_id.hex()} --seen-ms {answer.seen_ms}", highlight=False)


def _tell_outcome(outcome: Any) -> None:
    match outcome:
        case None:
            console.print("nothing is known under this id so far")
        case Done() | Rejected() | NotTaken():
            _tell(outcome, b"")
        case till.GetStatementDone():
            _tell_statement(outcome)
        case till.QuoteDone() | till.ConfirmDone():
            _tell_bill(outcome.bill)
            _tell_balance(outcome.balance)
        case till.EnrolDone() | till.GetBalanceDone() | till.FindMemberDone():
            console.print(f"member {outcome.member_id}", highlight=False)
            _tell_balance(outcome.balance)
        case Message():
            console.print_json(data=_plain(outcome))


def _tell_balance(balance: common.Balance) -> None:
    owed = f", {balance.debt_points} owed" if balance.debt_points else ""
    console.print(
        f"[bold]{balance.spendable_points}[/] points to spend, {balance.future_points} to come{owed}",
        highlight=False,
    )


def _tell_bill(bill: common.Bill) -> None:
    table = Table(show_footer=True, box=None, pad_edge=False)
    columns = [("line", "all")]
    columns += [
        ("amount", money(bill.amount_minor)),
        ("points spent", str(bill.spent_points)),
        ("to pay", money(bill.paid_minor)),
        ("points earned", str(bill.earned_points)),
    ]
    for title, footer in columns:
        table.add_column(title, footer, justify="right")
    for number, line in enumerate(bill.lines, start=1):
        table.add_row(
            str(number),
            money(line.amount_minor),
            str(line.spent_points),
            money(line.paid_minor),
            str(line.earned_points),
        )
    console.print(table)


def _tell_statement(statement: till.GetStatementDone) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("when (UTC)", "entry", "what", "receipt", "points"):
        table.add_column(title, justify="right" if title in ("entry", "points") else "left")
    for item in statement.items:
        receipt = item.receipt
        table.add_row(
            datetime.fromtimestamp(item.time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            str(item.seq),
            till.Movement.Name(item.movement).removeprefix("MOVEMENT_").lower(),
            f"{receipt.store}/{receipt.terminal}/{receipt.number}/{receipt.business_day}"
            if item.HasField("receipt")
            else "",
            f"{item.points:+d}",
        )
    console.print(table)
    if statement.next_page_token:
        console.print(f"[dim]there is more: --page {statement.next_page_token.hex()}[/]", highlight=False)


def money(minor: int) -> str:
    """Cents as people write them; the programme's own exponent is not known here."""
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def complain(text: str) -> None:
    """An error line on standard error."""
    print(f"loyalty: {text}", file=sys.stderr)
