"""What fits into an entry, whatever its format."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ftnode.store.entry import Entry

REQUEST_ID_MAX_BYTES: Final = 64
ACTOR_MAX_BYTES: Final = 128
BODY_MAX_BYTES: Final = 1 << 20
SLOTS: Final = 4096
FITS: Final = "entry does not fit its format"  # said where every field does

_U64: Final = (0, 2**64 - 1)
_I64: Final = (-(2**63), 2**63 - 1)
_U16: Final = (0, 2**16 - 1)
_RANGES: Final = {
    "seq": (1, 2**64 - 1),
    "epoch": _U64,
    "time_ms": _I64,
    "chance": _U64,
    "client_ms": _I64,
    "seen_ms": _I64,
    "engine_version": _U16,
    "kind": _U16,
    "tenant": _U16,
    "slot": (0, SLOTS - 1),
}


class EntryLimitError(ValueError):
    """A value does not fit into an entry. Whoever let it in should have refused it."""


def which_limit(entry: "Entry") -> str:
    """The first field that does not fit, and what would."""
    for name, limit in (
        ("request_id", REQUEST_ID_MAX_BYTES),
        ("actor", ACTOR_MAX_BYTES),
        ("body", BODY_MAX_BYTES),
    ):
        size = len(getattr(entry, name))
        if size > limit:
            return f"{name} has {size} bytes; want at most {limit}"
    for name, (least, most) in _RANGES.items():
        value = getattr(entry, name)
        if not isinstance(value, int) or not least <= value <= most:
            return f"{name} is {value!r}; want {least}..{most}"
    return FITS
