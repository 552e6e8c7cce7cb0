"""`make docs`: everything that is printed from a table in the code, written anew.

The states' diagram, the example settings, the operator's list of alarms, Prometheus' rules and the schema of
what is posted. Tests hold each to be current.
"""

import tomllib
from pathlib import Path

from ftnode.alarms import printed
from ftnode.config.table import example_toml
from ftnode.core import fsm
from tools.needs import ROOT

CORE = ROOT / "ftnode" / "core" / "README.md"
ALARMS = ROOT / "ftnode" / "alarms" / "README.md"
RULES = ROOT / "deploy" / "prometheus" / "ftnode.rules.yml"
SCHEMA = ROOT / "deploy" / "alarm-webhook.schema.json"
EXAMPLES = {"unit0": ("unit", 0), "unit1": ("unit", 1), "witness": ("witness", 0)}
LIST_BEGINS = "<!-- printed by `make docs` from catalogue.py: change it there -->\n\n"
RULES_BEGIN = "# Printed by `make docs` from ftnode/alarms/catalogue.py: change it there.\n"


def diagram(text: str) -> str:
    """A document with the diagram of the states put in anew."""
    before, mark, rest = text.partition("```mermaid\n")
    _, end, after = rest.partition("```")
    return before + mark + fsm.diagram() + end + after


def example(text: str, which: str, unit_id: int) -> str:
    """An example of settings; what it gives and its first lines stay."""
    given = {
        f"{section}.{key}": value
        for section, table in tomllib.loads(text).items()
        for key, value in table.items()
    }
    head = text[: text.index("\n[") + 1]
    return head + example_toml(which, given, unit_id=unit_id).rstrip() + "\n"


def alarms(text: str) -> str:
    """A document that ends with the list of alarms."""
    return text.partition(LIST_BEGINS)[0] + LIST_BEGINS + printed.as_list()


def fresh() -> dict[Path, str]:
    """Every printed file as it should be."""
    made = {
        CORE: diagram(CORE.read_text()),
        ALARMS: alarms(ALARMS.read_text()),
        RULES: RULES_BEGIN + printed.rules(),
        SCHEMA: printed.schema(),
    }
    for name, (which, unit_id) in EXAMPLES.items():
        path = ROOT / "deploy" / f"{name}.toml"
        made[path] = example(path.read_text(), which, unit_id)
    return made


def main() -> None:
    """Write what differs."""
    for path, text in fresh().items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
