"""Settings: one TOML file for a unit, one for the witness; every setting checked before anything starts."""

from ftnode.config.load import load_unit, load_witness, unit_from, witness_from
from ftnode.config.parse import ConfigError
from ftnode.config.table import settings_json, settings_table
from ftnode.config.unit import UnitSettings
from ftnode.config.witness import WitnessSettings

__all__ = [
    "ConfigError",
    "UnitSettings",
    "WitnessSettings",
    "load_unit",
    "load_witness",
    "settings_json",
    "settings_table",
    "unit_from",
    "witness_from",
]
