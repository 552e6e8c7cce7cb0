"""Read a TOML file and the environment into checked settings."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from ftnode.config.parse import ConfigError, build, variables_of
from ftnode.config.relations import unit_problems, witness_problems
from ftnode.config.unit import UnitSettings
from ftnode.config.witness import WitnessSettings

FILE_MAX_BYTES = 1_048_576


def load_unit(path: str | Path, environ: Mapping[str, str] | None = None) -> UnitSettings:
    """The settings of a unit from its file; the environment (default: the process's) overrides it.

    Raises:
        ConfigError: naming the file, each setting that is wrong, and what would be right.
    """
    return unit_from(document_of(path), os.environ if environ is None else environ, str(path))


def load_witness(path: str | Path, environ: Mapping[str, str] | None = None) -> WitnessSettings:
    """The settings of the witness daemon, as `load_unit`."""
    return witness_from(document_of(path), os.environ if environ is None else environ, str(path))


def unit_from(
    document: Mapping[str, object], environ: Mapping[str, str] | None = None, source: str = "settings"
) -> UnitSettings:
    """A unit's settings from a parsed document; without `environ` nothing overrides it."""
    foreign = variables_of(WitnessSettings)
    settings: UnitSettings = build(UnitSettings, document, environ or {}, source, foreign)
    _refuse(unit_problems(settings), source)
    return settings


def witness_from(
    document: Mapping[str, object], environ: Mapping[str, str] | None = None, source: str = "settings"
) -> WitnessSettings:
    """The witness's settings from a parsed document, as `unit_from`."""
    foreign = variables_of(UnitSettings)
    settings: WitnessSettings = build(WitnessSettings, document, environ or {}, source, foreign)
    _refuse(witness_problems(settings), source)
    return settings


def _refuse(problems: list[str], source: str) -> None:
    if problems:
        raise ConfigError([f"{source}: {problem}" for problem in problems])


def document_of(path: str | Path) -> dict[str, object]:
    """A settings file, parsed and not yet checked. Raises ConfigError."""
    try:
        with open(path, "rb") as file:
            data = file.read(FILE_MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    if len(data) > FILE_MAX_BYTES:
        raise ConfigError([f"{path}: larger than {FILE_MAX_BYTES} bytes, which is no settings file of ours"])
    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: not valid TOML: {error}"]) from error
