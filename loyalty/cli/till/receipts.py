"""What a cashier calls receipts and members, made into messages."""

from typing import Final

import typer

from loyalty.cli import arguments
from loyalty.cli.till.state import State
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

WANTED: Final = "NUMBER of this till today, STORE/TERMINAL/NUMBER of today, or STORE/TERMINAL/NUMBER/YYYYMMDD"


class NotAReceipt(ValueError):
    """The text says what was typed and what would be right."""


def read_receipt(text: str, state: State) -> common.ReceiptId:
    """As in `4711`, `17/3/4711`, `17/3/4711/20261122`.

    Raises:
        NotAReceipt: it is none.
    """
    parts = text.split("/")
    if len(parts) not in (1, 3, 4) or not all(part.isascii() and part.isdigit() for part in parts):
        raise NotAReceipt(f"receipt {text!r}: wanted {WANTED}")
    numbers = [int(part) for part in parts]
    today = state.receipt_id(0)
    if len(numbers) == 1:
        numbers = [today.store, today.terminal, *numbers]
    if len(numbers) == 3:
        numbers = [*numbers, today.business_day]
    store, terminal, number, day = numbers
    try:
        return common.ReceiptId(store=store, terminal=terminal, number=number, business_day=day)
    except ValueError:
        raise NotAReceipt(f"receipt {text!r}: a number is too large") from None


def member_of(text: str) -> common.MemberRef:
    """`+886912345678` is a phone, `81` an id, `card:81` or anything else a card.

    Raises:
        NotAReceipt: a number that is no id.
    """
    try:
        return arguments.member_ref(text)
    except typer.BadParameter as problem:
        raise NotAReceipt(problem.message) from None


def split_refs(request: till.EnrolRequest) -> str:
    """What a new member is called at the counter."""
    return request.phone or ", ".join(request.cards)
