"""Values of the core in a few characters, for the lines of a trace."""

from enum import Enum

from msgspec import Struct

from ftnode.core.record import Record


def said(value: object) -> str:
    """A short text: class and fields, without clocks, bytes in hex, records in brief."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Record):
        units = ",".join(str(unit) for unit in value.in_sync)
        return f"[e{value.epoch} {value.active}*{{{units}}}]"
    if isinstance(value, Struct):
        parts = (
            f"{name}={said(getattr(value, name))}"
            for name in value.__struct_fields__
            if name not in ("now_ms", "wall_ms", "timing")
        )
        return f"{type(value).__name__}({' '.join(parts)})"
    if isinstance(value, bytes):
        return value.hex()[:8] or "-"
    if isinstance(value, tuple):
        return "(" + ",".join(said(part) for part in value) + ")"
    return str(value)
