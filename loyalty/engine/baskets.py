"""Baskets as they were sent: what cannot be is refused before anything is computed."""

from functools import lru_cache
from typing import Final

from loyalty.commands import Line, ReceiptId, Rules, SpendMode, Tenders
from loyalty.commands import limits as lim
from loyalty.commands.conditions import AttributeType
from loyalty.engine.calendar import parse_day
from loyalty.outcomes import Code, Rejected

_QUANTITY_MAX_MILLI: Final = lim.QUANTITY_MAX_MILLI
_NO_SPEND: Final = SpendMode.NONE
_TEXT: Final = AttributeType.TEXT
_AMOUNT_MAX_MINOR: Final = lim.AMOUNT_MAX_MINOR


def check_receipt(receipt: ReceiptId, field: str) -> Rejected | None:
    """Refuse a receipt identity that cannot be."""
    if not 1 <= receipt.store <= lim.STORE_MAX:
        return Rejected(Code.RECEIPT_MALFORMED, field + ".store", f"1 to {lim.STORE_MAX}")
    if not 1 <= receipt.terminal <= lim.TERMINAL_MAX:
        return Rejected(Code.RECEIPT_MALFORMED, field + ".terminal", f"1 to {lim.TERMINAL_MAX}")
    if not 1 <= receipt.number <= lim.RECEIPT_NUMBER_MAX:
        return Rejected(Code.RECEIPT_MALFORMED, field + ".number", f"1 to {lim.RECEIPT_NUMBER_MAX}")
    if parse_day(receipt.business_day) is None:
        return Rejected(Code.RECEIPT_MALFORMED, field + ".business_day", "a date as 20261122")
    return None


def check_lines(lines: tuple[Line, ...]) -> Rejected | None:
    """Refuse baskets that cannot be."""
    if not lines:
        return Rejected(Code.NO_LINES, "lines", f"1 to {lim.RECEIPT_MAX_LINES}")
    if len(lines) > lim.RECEIPT_MAX_LINES:
        return Rejected(Code.TOO_MANY_LINES, "lines", f"1 to {lim.RECEIPT_MAX_LINES}")
    total_minor = 0
    for line in lines:
        amount_minor = line.amount_minor
        if (
            not (1 <= line.quantity_milli <= _QUANTITY_MAX_MILLI and 0 <= amount_minor <= _AMOUNT_MAX_MINOR)
            or (line.tax_minor and not 0 <= line.tax_minor <= amount_minor)
            or (line.floor_minor and not 0 <= line.floor_minor <= _AMOUNT_MAX_MINOR)
            or (line.unit_price_minor and not 0 <= line.unit_price_minor <= _AMOUNT_MAX_MINOR)
        ):
            return _refuse_line(lines)
        total_minor += amount_minor
    if total_minor > _AMOUNT_MAX_MINOR:
        return Rejected(Code.AMOUNT_OUT_OF_RANGE, "lines", f"together at most {_AMOUNT_MAX_MINOR}")
    return None


def _refuse_line(lines: tuple[Line, ...]) -> Rejected | None:
    """The first bad quantity of all lines or, if there is none, the first bad amount."""
    for at, line in enumerate(lines, 1):
        if not 1 <= line.quantity_milli <= _QUANTITY_MAX_MILLI:
            field = f"lines[{at}].quantity_milli"
            return Rejected(Code.QUANTITY_OUT_OF_RANGE, field, f"1 to {_QUANTITY_MAX_MILLI}")
    for at, line in enumerate(lines, 1):
        for name, most in (
            ("amount_minor", _AMOUNT_MAX_MINOR),
            ("tax_minor", line.amount_minor),
            ("floor_minor", _AMOUNT_MAX_MINOR),
            ("unit_price_minor", _AMOUNT_MAX_MINOR),
        ):
            if not 0 <= getattr(line, name) <= most:
                return Rejected(Code.AMOUNT_OUT_OF_RANGE, f"lines[{at}].{name}", f"0 to {most}")
    return None


def check_attributes(lines: tuple[Line, ...], rules: Rules) -> Rejected | None:
    """Refuse attributes out of order or doubled, and a number where the programme has a text."""
    declared = _declared(rules)
    for at, line in enumerate(lines, 1):
        before = ""
        for name, value in line.attributes:
            if name <= before:
                field = f"lines[{at}].attributes"
                return Rejected(Code.ATTRIBUTE_INVALID, field, "names ascending, each once")
            before = name
            wanted = declared.get(name)
            if wanted is not None and (wanted is _TEXT) is not isinstance(value, str):
                kind = "a text" if wanted is _TEXT else "a number"
                return Rejected(Code.ATTRIBUTE_INVALID, f"lines[{at}].attributes.{name}", kind)
    return None


@lru_cache(maxsize=256)  # asked for with every basket
def _declared(rules: Rules) -> dict[str, AttributeType]:
    return dict(rules.attributes)


def check_spend(points: int, mode: SpendMode) -> Rejected | None:
    """Refuse a wish to spend that cannot be."""
    if mode is not _NO_SPEND and not 1 <= points <= lim.POINTS_MAX:
        return Rejected(Code.SPEND_OUT_OF_RANGE, "spend.points", f"1 to {lim.POINTS_MAX}")
    return None


def check_tenders(tenders: Tenders, paid_minor: int) -> Rejected | None:
    """Refuse money that is not what is to be paid; a till that tells none is not asked."""
    if tenders and (
        any(tender.amount_minor < 0 for tender in tenders)
        or sum(tender.amount_minor for tender in tenders) != paid_minor
    ):
        return Rejected(Code.TENDERS_WRONG, "tenders", f"together {paid_minor}")
    return None
