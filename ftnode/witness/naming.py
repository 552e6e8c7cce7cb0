"""How a witness is spelled in a log, on a command line and in messages: HOST:PORT, or an etcd's URL."""

from dataclasses import replace
from typing import Any, Final

from ftnode.config.unit import Witness

ETCD: Final = "etcd://"
ADDRESS_MAX_CHARS: Final = 400
WANTED: Final = "HOST:PORT of `ftnode witness`, or etcd://HOST:PORT,HOST:PORT/PREFIX/"


def spelled(settings: Witness) -> str:
    """The witness that a unit's settings name."""
    if settings.kind == "daemon":
        return settings.address
    return f"{ETCD}{','.join(settings.etcd_addresses)}/{settings.etcd_prefix.lstrip('/')}"


def meant(address: str, settings: Witness) -> Witness:
    """The settings with this witness in the place of theirs; empty: as they are.

    Raises:
        ValueError: this is no address; the text says what would be one.
    """
    return replace(settings, **fields(address)) if address else settings


def fields(address: str) -> dict[str, Any]:
    """The settings that an address stands for, by name.

    Raises:
        ValueError: this is no address; the text says what would be one.
    """
    if len(address) > ADDRESS_MAX_CHARS:
        raise ValueError(f"has {len(address)} characters, at most {ADDRESS_MAX_CHARS} are possible")
    if not address.startswith(ETCD):
        if not _is_address(address):
            raise ValueError(f"{address!r} is no address: want {WANTED}")
        return {"kind": "daemon", "address": address}
    members, slash, prefix = address.removeprefix(ETCD).partition("/")
    given = tuple(members.split(","))
    if not slash or not all(_is_address(one) for one in given):
        raise ValueError(f"{address!r} is no address: want {WANTED}")
    return {"kind": "etcd", "etcd_addresses": given, "etcd_prefix": f"/{prefix}"}


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdigit() and 0 < int(port) < 65536
