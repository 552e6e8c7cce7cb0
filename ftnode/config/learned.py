"""What a blank unit need not be told, because its partner knows: a file of a few lines is enough.

The pair's own settings are the same on both units: the witness, deadlines, what decides execution. Where the
newcomer is to listen follows from where its partner looks for it. What its own file says always counts.
"""

from collections.abc import Mapping
from typing import Final

from ftnode.config.parse import ConfigError, is_address
from ftnode.config.relations import is_loopback
from ftnode.config.schema import settings_of
from ftnode.config.timing import Timing
from ftnode.config.unit import UnitSettings, Witness

WITNESS: Final = (
    "kind",
    "address",
    "etcd_addresses",
    "etcd_prefix",
    "etcd_told_ms",
    "deadline_ms",
    "probe_ms",
)
STATE: Final = ("request_keep_days", "prune_per_entry", "checkpoint_entries", "checkpoint_bytes")
TIMING: Final = tuple(name for name, _ in settings_of(Timing))
LISTENING: Final = ("till", "metrics", "console")  # beside the two ports that the partner dials
VALUES: Final = (bool, int, str, list)

Learned = Mapping[str, object]  # "section.name": value


def offered(settings: UnitSettings, witness: Witness) -> dict[str, object]:
    """What the partner of a unit with these settings is told. `witness` is the one that counts.

    Its two ports that we dial are those that we dial; our own are found by the address that it asked at.
    """
    found: dict[str, object] = {}
    for section, at, names in (
        ("witness", witness, WITNESS),
        ("state", settings.state, STATE),
        ("timing", settings.timing, TIMING),
    ):
        found |= {f"{section}.{name}": _plain(getattr(at, name)) for name in names}
    for section, address in (
        ("lockstep", settings.lockstep.peer_address),
        ("admin", settings.lockstep.peer_admin_address),
    ):
        host, port = _split(address)
        found |= {f"{section}.host": host, f"{section}.port": port}
    found["lockstep.frame_max_bytes"] = settings.lockstep.frame_max_bytes
    reached = found["lockstep.host"]
    for section in LISTENING:
        host = getattr(settings, section).host
        if not is_loopback(host):
            found[f"{section}.host"] = host if host in ("0.0.0.0", "::", "[::]") else reached
    found["lockstep.peer_port"] = settings.lockstep.port
    return found


def merged(document: Mapping[str, object], learned: Learned, asked_at: str) -> dict[str, object]:
    """The document with what it leaves out. `asked_at` is the partner's back office, host:port.

    Raises:
        ConfigError: what was learned is not of the form in which it is told.
    """
    if not is_address(asked_at):
        raise ConfigError([f"join.learn_from = {asked_at!r}: want host:port of the other unit's admin port"])
    known = {**learned, "lockstep.peer_admin_address": asked_at}
    peer_port = known.pop("lockstep.peer_port", None)
    if isinstance(peer_port, int):
        known["lockstep.peer_address"] = f"{asked_at.rpartition(':')[0]}:{peer_port}"
    whole: dict[str, object] = {
        section: dict(table) if isinstance(table, Mapping) else table for section, table in document.items()
    }
    for name, value in known.items():
        section, dot, key = name.partition(".")
        if not dot or not isinstance(value, VALUES):
            raise ConfigError([f"what {asked_at} told: {name} = {value!r} is no setting"])
        table = whole.setdefault(section, {})
        if name in KNOWN and isinstance(table, dict):  # others are of a later version
            table.setdefault(key, value)
    return whole


KNOWN: Final = frozenset(
    [
        *(f"witness.{name}" for name in WITNESS),
        *(f"state.{name}" for name in STATE),
        *(f"timing.{name}" for name in TIMING),
        *(f"{section}.host" for section in (*LISTENING, "lockstep", "admin")),
        *(
            "lockstep.port",
            "admin.port",
            "lockstep.frame_max_bytes",
            "lockstep.peer_address",
            "lockstep.peer_admin_address",
        ),
    ]
)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)
