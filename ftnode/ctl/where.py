"""Find the pair: by its directory, by a unit's settings file, or by addresses."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc

from ftnode.config import ConfigError, UnitSettings, load_unit
from ftnode.config.shared import Tls
from ftnode.core.record import UNITS
from ftnode.pair.layout import PairDir, PairError, PairFacts, read_facts
from ftnode.tls import TlsError, channel_credentials

ENV_DIR: Final = "FTCTL_DIR"
HOW_TO_SAY: Final = (
    "say which pair: --dir D (of `ftnode pair`), --config FILE (a unit's settings), or "
    "--units HOST:PORT,HOST:PORT (their admin ports, unit 0 first)"
)


class WhereError(Exception):
    """The pair cannot be found; the text says what to type."""


@dataclass(frozen=True, slots=True)
class Where:
    """Admin addresses of unit 0 and 1, the witness's address if it is our daemon, and how to talk."""

    units: tuple[str, str]
    witness: str = ""
    cabinet: str = ""
    credentials: grpc.ChannelCredentials | None = None
    pair: PairDir | None = None  # if it is one of `ftnode pair`

    def out_reason(self, unit: int) -> str:
        """Why `ftnode pair` keeps the unit out just now; empty if it does not, or that is not known here."""
        return self.pair.out_reason(unit) if self.pair is not None else ""


def find(directory: str = "", config: str = "", units: str = "", witness: str = "", tls: str = "") -> Where:
    """The pair that the options name; without any, $FTCTL_DIR or a pair in the current directory.

    Raises:
        WhereError: nothing is named, or what is named cannot be used.
    """
    if sum(map(bool, (directory, config, units))) > 1:
        raise WhereError("only one of --dir, --config and --units")
    try:
        if units:
            return _by_addresses(units, witness, tls)
        if config:
            return _by_settings(load_unit(config), tls)
        directory = directory or os.environ.get(ENV_DIR, "") or ("." if Path("pair.json").exists() else "")
        if not directory:
            raise WhereError(HOW_TO_SAY)
        return _by_directory(PairDir.at(directory), tls)
    except (PairError, ConfigError, TlsError) as problem:
        raise WhereError(str(problem)) from problem


def _operator(tls: str) -> Tls | None:
    """Settings for the certificate that `ftctl make-certs` made for operators in this directory."""
    if not tls:
        return None
    base = Path(tls)
    return Tls(
        ca_file=str(base / "ca.pem"),
        cert_file=str(base / "operator.pem"),
        key_file=str(base / "operator.key"),
        till="server",
        metrics="server",
        expiry_warning_days=0,
    )


def _credentials(operator: Tls | None, own: Tls | None = None) -> grpc.ChannelCredentials | None:
    """The operator's certificate, else the unit's own where its settings name one, else none."""
    if operator is not None:
        return channel_credentials(operator)
    return channel_credentials(own) if own is not None and own.on else None


def _by_addresses(units: str, witness: str, tls: str) -> Where:
    given = [part.strip() for part in units.split(",")]
    if len(given) != len(UNITS) or not all(_is_address(part) for part in given):
        raise WhereError(f"--units {units}: want two addresses, HOST:PORT,HOST:PORT, unit 0 first")
    if witness and not _is_address(witness):
        raise WhereError(f"--witness {witness}: want HOST:PORT")
    return Where((given[0], given[1]), witness, credentials=_credentials(_operator(tls)))


def _is_address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isdigit() and 0 < int(port) < 65536


def _by_settings(unit: UnitSettings, tls: str) -> Where:
    mine, other = f"{unit.admin.host}:{unit.admin.port}", unit.lockstep.peer_admin_address
    return Where(
        (mine, other) if unit.unit.id == 0 else (other, mine),
        unit.witness.address if unit.witness.kind == "daemon" else "",
        unit.unit.cabinet,
        _credentials(_operator(tls), unit.tls),
    )


def _by_directory(pair: PairDir, tls: str) -> Where:
    facts: PairFacts = read_facts(pair)
    settings = load_unit(pair.config("unit0"))
    return Where(
        (facts.units[0].admin, facts.units[1].admin),
        settings.witness.address if settings.witness.kind == "daemon" else "",
        facts.cabinet,
        _credentials(_operator(tls), settings.tls),
        pair,
    )
