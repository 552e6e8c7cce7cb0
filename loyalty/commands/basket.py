"""What a till sells: receipts, lines, tenders, and the wish to pay with points."""

from enum import IntEnum
from typing import Annotated

from msgspec import Meta, Struct

from loyalty.commands.basics import Text
from loyalty.commands.limits import LINE_MAX_ATTRIBUTES, RECEIPT_MAX_TENDERS, SPEND_MAX_COUPONS


class LineKind(IntEnum):
    """Whether a line earns, takes points and discounts: only goods do."""

    GOODS = 1
    DELIVERY = 2
    GIFT_CARD = 3


class SpendMode(IntEnum):
    """How firmly the till asks to spend."""

    NONE = 0
    UP_TO = 1
    EXACTLY = 2


class TenderKind(IntEnum):
    """How money was paid. No tender lowers what is earned."""

    CARD = 1
    CASH = 2
    GIFT_CARD = 3
    OTHER = 4


class ReceiptId(Struct, frozen=True, array_like=True, gc=False, order=True):
    """The natural identity of a receipt or return. `business_day` is YYYYMMDD."""

    store: int
    terminal: int
    number: int
    business_day: int


# Names and values, ascending by name, each name once; a value is a text or a whole number.
Attributes = Annotated[tuple[tuple[Text, Text | int], ...], Meta(max_length=LINE_MAX_ATTRIBUTES)]


class Line(Struct, frozen=True, array_like=True, gc=False):
    """One line of a basket; the amount is the till's word, before promotions and points."""

    sku: Text
    quantity_milli: int
    amount_minor: int
    kind: LineKind
    unit_price_minor: int = 0  # of one piece; 0: not told, it is amount by quantity, rounded down
    tax_minor: int = 0  # contained in the amount
    floor_minor: int = 0  # below what no discount takes the line, if the programme's policy says so
    attributes: Attributes = ()


class Tender(Struct, frozen=True, array_like=True, gc=False):
    """Money that was paid, in one way."""

    kind: TenderKind
    amount_minor: int


Tenders = Annotated[tuple[Tender, ...], Meta(max_length=RECEIPT_MAX_TENDERS)]
Coupons = Annotated[tuple[Text, ...], Meta(max_length=SPEND_MAX_COUPONS)]


class ReturnLine(Struct, frozen=True, array_like=True, gc=False, order=True):
    """`line` counts from 1 in the confirmed basket."""

    line: int
    quantity_milli: int
