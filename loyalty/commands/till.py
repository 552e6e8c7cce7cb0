"""What tills want done."""

from typing import Annotated

from msgspec import Meta

from loyalty.commands.back_office import Profile
from loyalty.commands.basics import Command, Text, Who
from loyalty.commands.basket import Coupons, Line, ReceiptId, ReturnLine, SpendMode, Tenders
from loyalty.commands.limits import MEMBER_MAX_EXTERNALS


class Enrol(Command, frozen=True):
    """Make a person a member. `store` 0: not in a store."""

    phone: str
    cards: tuple[str, ...]
    store: int
    externals: Annotated[tuple[Text, ...], Meta(max_length=MEMBER_MAX_EXTERNALS)] = ()
    profile: Profile = Profile()
    phone_passed_on: bool = False


class Confirm(Command, frozen=True):
    """Book a purchase. `sold_ms` 0: at log time."""

    receipt: ReceiptId
    member: Who
    sold_ms: int
    lines: tuple[Line, ...]
    spend_points: int
    spend_mode: SpendMode
    quote_digest: bytes
    accept_changed: bool
    offline: bool
    wallet: int = 0  # whose points are spent
    coupons: Coupons = ()
    tenders: Tenders = ()


class ReturnLines(Command, frozen=True):
    """Take lines of a confirmed receipt back."""

    return_receipt: ReceiptId
    receipt: ReceiptId
    lines: tuple[ReturnLine, ...]


class VoidReceipt(Command, frozen=True):
    """Undo a receipt on its own business day, as if it had never been."""

    receipt: ReceiptId
    reason: Text


class CorrectReceipt(Command, frozen=True):
    """Undo a receipt on its own business day and book the right one under the same identity."""

    right: Confirm
    reason: Text


class Hold(Command, frozen=True):
    """Reserve points and budgets for a basket until a time: a web order. Its receipt names it."""

    order: Confirm
    until_ms: int


class Capture(Command, frozen=True):
    """Book the purchase that was held, as it was held. `sold_ms` 0: at log time."""

    receipt: ReceiptId
    sold_ms: int
    tenders: Tenders = ()


class CancelHold(Command, frozen=True):
    """Give back what was held."""

    receipt: ReceiptId


class UseService(Command, frozen=True):
    """Use entitlements of a kind; `use` is the identity of the use, in receipts' name space."""

    use: ReceiptId
    member: Who
    service: Text
    times: int
