"""The table of all settings, printed by `ftnode settings` and kept honest by the declarations."""

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from ftnode.config.schema import REQUIRED, PerUnit, env_name, sections_of, settings_of, toml_value
from ftnode.config.unit import UnitSettings
from ftnode.config.witness import WitnessSettings

SCHEMAS: dict[str, Any] = {"unit": UnitSettings, "witness": WitnessSettings}


def rows(which: str) -> Iterator[dict[str, str]]:
    """One row per setting of the `unit` or the `witness`: setting, default, range, environment, text."""
    for section, kind in sections_of(SCHEMAS[which]):
        for name, setting in settings_of(kind):
            yield {
                "setting": f"{section}.{name}",
                "default": setting.default_text(),
                "range": setting.range_text(),
                "environment": env_name(section, name),
                "text": setting.text,
            }


def settings_json() -> str:
    """All settings of both processes as one JSON object."""
    return json.dumps({which: list(rows(which)) for which in SCHEMAS}, indent=2)


def settings_table() -> str:
    """All settings as Markdown, a table per section, with what each section is for."""
    lines: list[str] = []
    for which, schema in SCHEMAS.items():
        lines += [f"# Settings of the {which}", ""]
        described = {name: (kind.__doc__ or "").strip() for name, kind in sections_of(schema)}
        by_section: dict[str, list[dict[str, str]]] = {name: [] for name in described}
        for row in rows(which):
            by_section[row["setting"].split(".")[0]].append(row)
        for section, content in by_section.items():
            lines += [f"## [{section}]", "", described[section], ""]
            lines += ["| setting | default | range | meaning |", "|---|---|---|---|"]
            lines += [_line(row) for row in content]
            lines.append("")
    return "\n".join(lines)


def _line(row: dict[str, str]) -> str:
    name = row["setting"].split(".", 1)[1]
    cells = (name, f"`{row['default']}`", row["range"].replace("|", "\\|"), row["text"])
    return f"| {' | '.join(cells)} |"


def example_toml(which: str, given: dict[str, object], unit_id: int = 0) -> str:
    """A settings file that documents every setting; those not `given` stay comments at their default."""
    lines: list[str] = []
    for section, kind in sections_of(SCHEMAS[which]):
        lines += [f"[{section}]", *_comment((kind.__doc__ or "").strip()), ""]
        for name, setting in settings_of(kind):
            lines += _comment(f"{setting.text} ({setting.range_text()})")
            full, default = f"{section}.{name}", setting.default
            default = default.values[unit_id] if isinstance(default, PerUnit) else default
            off = "" if full in given or default is REQUIRED else "# "
            lines += [f"{off}{name} = {toml_value(given.get(full, default))}", ""]
    return "\n".join(lines)


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, 100)]
