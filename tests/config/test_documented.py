"""Every setting is declared well, and documented wherever operators look."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ftnode.config import load_unit, load_witness, settings_json, settings_table, unit_from, witness_from
from ftnode.config.parse import variables_of
from ftnode.config.schema import REQUIRED, PerUnit, sections_of, settings_of
from ftnode.config.table import SCHEMAS, example_toml
from ftnode.config.unit import UnitSettings
from ftnode.config.witness import WitnessSettings

DEPLOY = Path(__file__).parents[2] / "deploy"
ALL: list[tuple[str, str, Any]] = [
    (which, f"{section}.{name}", setting)
    for which, schema in SCHEMAS.items()
    for section, kind in sections_of(schema)
    for name, setting in settings_of(kind)
]
# A number's name ends with its unit; what it counts is a unit too.
UNIT = re.compile(
    r"_(ms|us|hours|days|percent|bytes|bytes_per_s|entries|ppm|per_s|faults|max|in_flight|per_entry)$"
)
PLAIN = {"id", "port"}


@pytest.mark.parametrize(("name", "declared"), [(full, setting) for _, full, setting in ALL])
def test_every_setting_is_declared_well(name: str, declared: Any) -> None:
    """A range that holds the default, a unit in a number's name, a sentence that says what it is for."""
    short = name.split(".")[1]
    assert declared.text.endswith("."), name
    if declared.kind is int:
        assert declared.low < declared.high
        assert short in PLAIN or UNIT.search(short), f"{name} has no unit"
        if declared.default is not REQUIRED:
            defaults = (
                declared.default.values if isinstance(declared.default, PerUnit) else [declared.default]
            )
            assert all(declared.low <= value <= declared.high for value in defaults)


@pytest.mark.parametrize("name", ["unit0", "unit1", "witness"])
def test_examples_document_every_setting(name: str) -> None:
    """deploy/ has every setting; taking the comment marks off its defaults changes nothing."""
    text = (DEPLOY / f"{name}.toml").read_text()
    which = "witness" if name == "witness" else "unit"
    as_shipped = load_witness(DEPLOY / f"{name}.toml", {}) if which == "witness" else None
    uncommented = tomllib.loads(re.sub(r"^# (?=[a-z0-9_]+ = )", "", text, flags=re.MULTILINE))
    for at, full, setting in ALL:
        if at == which:
            section, setting_name = full.split(".")
            assert setting_name in uncommented[section], f"{full} is not in {name}.toml"
            assert setting.text.split()[0] in text
    if which == "witness":
        assert witness_from(uncommented) == as_shipped
    else:
        assert unit_from(uncommented) == load_unit(DEPLOY / f"{name}.toml", {})


@pytest.mark.parametrize("name", ["unit0", "unit1", "witness"])
def test_examples_are_current(name: str) -> None:
    """Below its first lines an example is what `example_toml` makes: texts cannot go stale."""
    text = (DEPLOY / f"{name}.toml").read_text()
    which = "witness" if name == "witness" else "unit"
    document = tomllib.loads(text)
    given = {f"{section}.{key}": value for section, table in document.items() for key, value in table.items()}
    fresh = example_toml(which, given, unit_id=1 if name == "unit1" else 0)
    assert text.endswith(fresh.rstrip() + "\n"), f"deploy/{name}.toml differs from the declared settings"


def test_table_and_json_have_every_setting() -> None:
    """`ftnode settings` shows all there is."""
    table, listed = settings_table(), json.loads(settings_json())
    for which, full, setting in ALL:
        assert f"| {full.split('.')[1]} |" in table
        assert setting.text in table
        assert any(row["setting"] == full for row in listed[which])


def test_one_environment_serves_both_processes() -> None:
    """A variable means the same thing to unit and witness, or belongs to one of them only."""
    shared = variables_of(UnitSettings) & variables_of(WitnessSettings)
    assert {name.split("_")[1] for name in shared} == {"METRICS", "OBSERVE", "TLS"}
