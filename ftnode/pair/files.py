"""Settings files of a pair's directory: written at the first start, read at every one."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ftnode.config import ConfigError, UnitSettings, WitnessSettings, load_unit, load_witness
from ftnode.config.table import example_toml
from ftnode.core.record import UNITS
from ftnode.pair import ports
from ftnode.pair.layout import NAMES, WITNESS, PairDir, PairError, UnitFacts, WitnessFacts, write_whole

_PORTS_OF_A_UNIT: Final = ("till", "lockstep", "metrics", "admin", "console")
_HEAD: Final = "# Written by `ftnode pair` at its first start; yours to edit. Read again at every start.\n\n"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the three processes are told."""

    units: tuple[UnitSettings, UnitSettings]
    witness: WitnessSettings


def prepare(pair: PairDir, cabinet: str, free_ports: bool) -> Settings:
    """Make the directory and its settings files where they are missing, and read them.

    Raises:
        PairError: the directory cannot be used, or a settings file is wrong.
    """
    try:
        pair.root.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            if name == WITNESS or not pair.out_reason(int(name[-1])):
                pair.data(name).mkdir(exist_ok=True)
    except OSError as problem:
        raise PairError(f"{pair.root}: cannot be used: {problem.strerror}") from problem
    missing = [name for name in NAMES if not pair.config(name).exists()]
    if missing and len(missing) < len(NAMES):
        raise PairError(
            f"{pair.root}: {', '.join(f'{name}.toml' for name in missing)} missing beside the others; "
            "put it back, or start in an empty directory"
        )
    if missing:
        _write_settings(pair, cabinet or f"pair-{secrets.token_hex(3)}", free_ports)
    return read(pair)


def read(pair: PairDir) -> Settings:
    """The settings as they are in the files, with the environment's overrides.

    Raises:
        PairError: one of them is wrong; the text names file, setting and what would be right.
    """
    try:
        zero, one = (load_unit(pair.config(f"unit{unit}")) for unit in UNITS)
        return Settings((zero, one), load_witness(pair.config(WITNESS)))
    except ConfigError as problem:
        raise PairError(str(problem)) from problem


def _write_settings(pair: PairDir, cabinet: str, free_ports: bool) -> None:
    """All three files at once; `given` ports override the design's."""
    given = ports.free(2 * len(_PORTS_OF_A_UNIT) + 2) if free_ports else _designed_ports()
    by_unit = [dict(zip(_PORTS_OF_A_UNIT, given[5 * unit : 5 * unit + 5], strict=True)) for unit in UNITS]
    witness_port, witness_metrics = given[-2:]
    for unit in UNITS:
        mine, other = by_unit[unit], by_unit[1 - unit]
        document: dict[str, object] = {
            "unit.cabinet": cabinet,
            "unit.id": unit,
            "unit.dir": str(pair.data(f"unit{unit}")),
            "lockstep.peer_address": f"{ports.LOOPBACK}:{other['lockstep']}",
            "lockstep.peer_admin_address": f"{ports.LOOPBACK}:{other['admin']}",
            "witness.address": f"{ports.LOOPBACK}:{witness_port}",
            **{f"{name}.port": port for name, port in mine.items()},
        }
        _write(pair, f"unit{unit}", example_toml("unit", document, unit))
    document = {
        "witness.cabinet": cabinet,
        "witness.dir": str(pair.data(WITNESS)),
        "witness.port": witness_port,
        "metrics.port": witness_metrics,
    }
    _write(pair, WITNESS, example_toml("witness", document))


def _write(pair: PairDir, name: str, text: str) -> None:
    write_whole(pair.config(name), (_HEAD + text).encode())


def _designed_ports() -> list[int]:
    return [7400, 7401, 7402, 7403, 7404, 7410, 7411, 7412, 7413, 7414, 7420, 7422]


def ports_of(settings: Settings, name: str) -> Iterator[tuple[str, str, int]]:
    """(setting, host, port) of everything that one process listens on."""
    if name == WITNESS:
        yield "witness.port", settings.witness.witness.host, settings.witness.witness.port
        yield "metrics.port", settings.witness.metrics.host, settings.witness.metrics.port
        return
    unit = settings.units[int(name[-1])]
    for section in (unit.till, unit.lockstep, unit.metrics, unit.admin, unit.console):
        yield f"{type(section).__name__.lower()}.port", section.host, section.port


def check_ports(pair: PairDir, settings: Settings, name: str) -> None:
    """Raises:
    PairError: somebody else listens where this process has to.
    """
    for setting, host, port in ports_of(settings, name):
        if not ports.is_free(port, host):
            raise PairError(
                f"port {port} is in use by another program; change {setting} in {pair.config(name)}, "
                "or start in a new directory with --free-ports"
            )


def check_writable(pair: PairDir) -> None:
    """Raises:
    PairError: this process may not write there, so none of its children could.
    """
    if not os.access(pair.root, os.W_OK | os.X_OK):
        raise PairError(f"{pair.root}: may not be written by this user; choose another --dir")
    probe = pair.root / ".write-probe"
    write_whole(probe, b"")
    probe.unlink()


def witness_facts(settings: Settings) -> WitnessFacts:
    """Where the witness will be found."""
    daemon, metrics = settings.witness.witness, settings.witness.metrics
    return WitnessFacts(f"{daemon.host}:{daemon.port}", f"{metrics.host}:{metrics.port}")


def unit_facts(settings: Settings, unit: int) -> UnitFacts:
    """Where a unit will be found."""
    given = settings.units[unit]
    return UnitFacts(
        unit,
        f"{given.till.host}:{given.till.port}",
        f"{given.lockstep.host}:{given.lockstep.port}",
        f"{given.metrics.host}:{given.metrics.port}",
        f"{given.admin.host}:{given.admin.port}",
        f"{given.console.host}:{given.console.port}",
    )
