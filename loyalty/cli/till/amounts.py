"""Money, pieces and times as people at a till type and read them. Whole numbers inside."""

from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Final

from loyalty.commands.limits import AMOUNT_MAX_MINOR, QUANTITY_MAX_MILLI

EXPONENT_MAX: Final = 3
NUMBER_MAX: Final = 10**18  # of points, receipts, entries
NEVER_MS: Final = 2**62  # beyond that a window has no end


class NotANumber(ValueError):
    """The text says what was typed and what would be right."""


def minor_of(text: str, exponent: int) -> int:
    """`12.90` or `12,90` in minor units.

    Raises:
        NotANumber: it is none, negative, or finer than the currency.
    """
    example = money(1290 if exponent else 129, exponent)
    amount = _decimal(text, f"amount {text!r} is no number: wanted as in {example}")
    minor = amount * 10**exponent
    if minor != int(minor):
        raise NotANumber(f"amount {text!r} is finer than the currency: wanted as in {example}")
    return int(minor)


def milli_of(text: str) -> int:
    """`2` or `1.234` in thousandths.

    Raises:
        NotANumber: it is none, not above zero, or finer than a thousandth.
    """
    pieces = _decimal(text, f"{text!r} is no number of pieces: wanted as in 2 or 1.234")
    milli = pieces * 1000
    if milli != int(milli) or not 1 <= milli <= QUANTITY_MAX_MILLI:
        most = QUANTITY_MAX_MILLI // 1000
        raise NotANumber(f"{text!r} pieces: wanted 0.001 to {most}, in thousandths at the finest")
    return int(milli)


def whole_of(text: str, what: str, most: int = NUMBER_MAX) -> int:
    """A whole number from 1.

    Raises:
        NotANumber: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 1 <= int(text) <= most):
        up_to = f" to {most}" if most < NUMBER_MAX else ""
        raise NotANumber(f"{text!r} is no {what}: wanted a whole number from 1{up_to}")
    return int(text)


def times(unit_minor: int, milli: int) -> int:
    """What so many pieces cost; half a cent goes up, as tills round.

    Raises:
        NotANumber: more than a line may cost.
    """
    minor = (unit_minor * milli + 500) // 1000
    if minor > AMOUNT_MAX_MINOR:
        raise NotANumber(f"{pieces(milli)} pieces at {unit_minor}: more than a line may cost")
    return minor


def money(minor: int, exponent: int) -> str:
    """`12.90`, `-0.05`, `1290` without decimals."""
    whole, part = divmod(abs(minor), 10**exponent)
    return f"{'-' if minor < 0 else ''}{whole}" + (f".{part:0{exponent}d}" if exponent else "")


def pieces(milli: int) -> str:
    """`2` or `1.234`."""
    whole, part = divmod(milli, 1000)
    return f"{whole}.{part:03d}".rstrip("0") if part else str(whole)


def clock_time(time_ms: int, zone: tzinfo | None) -> str:
    """`14:05`."""
    return _local(time_ms, zone).strftime("%H:%M")


def date_time(time_ms: int, zone: tzinfo | None) -> str:
    """`2026-11-22 14:05`; midnight is the day alone; `never`."""
    if not 0 < time_ms < NEVER_MS:
        return "never"
    local = _local(time_ms, zone)
    return local.strftime("%Y-%m-%d" if not (local.hour or local.minute) else "%Y-%m-%d %H:%M")


def day_number(time_ms: int, zone: tzinfo | None) -> int:
    """The business day: 20261122."""
    return int(_local(time_ms, zone).strftime("%Y%m%d"))


def ago(time_ms: int) -> str:
    """`40 s`, `12 min`, `3 h`."""
    seconds = max(time_ms, 0) // 1000
    for size, name in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"


def _local(time_ms: int, zone: tzinfo | None) -> datetime:
    """In a zone; None: that of this machine."""
    return datetime.fromtimestamp(time_ms / 1000, zone).astimezone(zone)


def _decimal(text: str, problem: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise NotANumber(problem) from None
    if not number.is_finite() or number < 0 or number >= 10**12:
        raise NotANumber(problem)
    return number
