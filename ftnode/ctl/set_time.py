"""`ftctl set-time`: what the step would do, a question, the step."""

from datetime import UTC, datetime
from typing import Any, Final

from ftnode.ctl.words import duration, moment
from ftnode.v1 import admin_pb2

FORMS: Final = "now, 2026-11-23T04:05:06Z, or 2026-11-23T05:05:06+01:00"
CONSEQUENCES: Final = (
    "everything that ends or begins within the step has ended or begun at once: points, coupons, promotions",
    "there is no way back: log time never goes back, and a step too far ends what members still own",
    "if two clocks agree, `ftctl status` names no trouble with clocks and no step is needed",
)


def time_ms_of(text: str, now_ms: int) -> int:
    """UTC milliseconds of what was typed.

    Raises:
        ValueError: it is no time, or has no zone; says what would be right.
    """
    if text == "now":
        return now_ms
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no time; want {FORMS}") from None
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone, and it matters here; want {FORMS}")
    return int(at.astimezone(UTC).timestamp() * 1000)


def explained(unit: int, to_ms: int, checked: admin_pb2.SetTimeResponse) -> list[str]:
    """What an operator has to know before he says yes, in lines."""
    lines = [
        f"log time now   {moment(checked.was_ms)}, on unit {unit}, which is active",
        f"to be set to   {moment(to_ms)}: {duration(to_ms - checked.was_ms)} forward",
    ]
    for reading in checked.clocks:
        lines.append(f"{reading.name:<14} {moment(reading.time_ms)}, {_beside(reading.time_ms, to_ms)}")
    return [*lines, *(f"- {text}" for text in CONSEQUENCES)]


def done(to_ms: int, answer: admin_pb2.SetTimeResponse) -> str:
    """What was done, in a line."""
    return f"log time was {moment(answer.was_ms)} and is {moment(to_ms)}, by entry {answer.seq} on both units"


def as_json(to_ms: int, answer: admin_pb2.SetTimeResponse) -> dict[str, Any]:
    """For scripts."""
    clocks = {reading.name: reading.time_ms for reading in answer.clocks}
    return {"was_ms": answer.was_ms, "time_ms": to_ms, "seq": answer.seq, "clocks_ms": clocks}


def _beside(clock_ms: int, to_ms: int) -> str:
    later = "later" if clock_ms > to_ms else "earlier"
    return f"{duration(abs(clock_ms - to_ms))} {later} than that"
