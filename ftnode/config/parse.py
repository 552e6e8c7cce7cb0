"""From untyped values (TOML, environment) to frozen settings, or to every problem at once."""

import difflib
import re
from collections.abc import Mapping
from typing import Any, Final

from ftnode.config.schema import (
    ENV_PREFIX,
    REQUIRED,
    PerUnit,
    Setting,
    env_name,
    sections_of,
    settings_of,
    toml_value,
)

_ADDRESS: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):(\d{1,5})")
_SWITCH_WORDS: Final = {"true": True, "1": True, "false": False, "0": False}
OTHER_VARIABLES: Final = frozenset({"FTNODE_CONFIG"})  # read by the command line, not settings


class ConfigError(ValueError):
    """The settings cannot be used. `problems` has one sentence for each thing that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def build(
    schema: Any,
    document: Mapping[str, object],
    environ: Mapping[str, str],
    source: str,
    foreign: frozenset[str],
) -> Any:
    """Make `schema` (a settings class) out of a parsed TOML document and the environment.

    Args:
        schema: a frozen class whose fields are sections.
        document: what the file says, not yet trusted.
        environ: the process's environment; only names beginning with FTNODE_ are looked at.
        source: the file's name, for errors.
        foreign: variables that are right elsewhere (the witness's, in a unit) and ignored here.

    Raises:
        ConfigError: with one sentence per unknown, missing or bad setting.
    """
    problems = [*_unknown_keys(schema, document, source), *_unknown_variables(schema, environ, foreign)]
    unit_id = _unit_id(document, environ)
    sections = {
        name: _section(name, section, document.get(name, {}), environ, source, unit_id, problems)
        for name, section in sections_of(schema)
    }
    if problems:
        raise ConfigError(problems)
    return schema(**sections)


def _section(
    section_name: str,
    section: Any,
    table: object,
    environ: Mapping[str, str],
    source: str,
    unit_id: int,
    problems: list[str],
) -> Any:
    given = table if isinstance(table, Mapping) else {}
    values: dict[str, object] = {}
    for name, setting in settings_of(section):
        variable = env_name(section_name, name)
        if variable in environ:
            where, value = variable, _from_text(setting, environ[variable])
        elif name in given:
            where, value = f"{source}: {section_name}.{name}", given[name]
        else:
            where, value = f"{source}: {section_name}.{name}", _default(setting, unit_id)
        if value is REQUIRED:
            problems.append(f"{where} is missing: {setting.text} Set it there or in {variable}.")
            continue
        value = tuple(value) if isinstance(value, list) else value
        if wrong := _problem(setting, value):
            problems.append(f"{where} = {toml_value(value)}: {wrong}")
        values[name] = value
    return None if problems else section(**values)


def _default(setting: Setting, unit_id: int) -> object:
    return setting.default.values[unit_id] if isinstance(setting.default, PerUnit) else setting.default


def _unit_id(document: Mapping[str, object], environ: Mapping[str, str]) -> int:
    """The id that decides defaults; a bad one is reported by its own check."""
    unit = document.get("unit")
    said = environ.get(env_name("unit", "id"), unit.get("id") if isinstance(unit, Mapping) else 0)
    return 1 if str(said) == "1" else 0


def _from_text(setting: Setting, text: str) -> object:
    """An environment variable's text as the setting's kind; what does not parse stays text."""
    if setting.kind is bool:
        return _SWITCH_WORDS.get(text.strip().lower(), text)
    if setting.kind is tuple:
        return tuple(item.strip() for item in text.split(",") if item.strip())
    if setting.kind is int and re.fullmatch(r"-?\d{1,19}", text.strip().replace("_", "")):
        return int(text.strip().replace("_", ""))
    return text


def _problem(setting: Setting, value: object) -> str | None:
    """What is wrong with `value`, and what would be right; None when nothing is."""
    wanted = f"wanted {setting.range_text()}"
    if type(value) is not setting.kind:
        return wanted
    if isinstance(value, int):
        fits = setting.kind is bool or (setting.low <= value <= setting.high and value % setting.step == 0)
        return None if fits else wanted
    if setting.choices:
        return None if value in setting.choices else wanted
    if not isinstance(value, str | tuple) or not setting.low <= len(value) <= setting.high:
        return wanted
    texts = value if isinstance(value, tuple) else (value,)
    if setting.address and value != "" and not all(is_address(text) for text in texts):
        return f"{wanted}, for example 10.0.0.2:7411"
    return None


def is_address(text: object) -> bool:
    """Whether `text` is host:port with a port in 1..65535."""
    found = _ADDRESS.fullmatch(text) if isinstance(text, str) else None
    return found is not None and 0 < int(found[2]) < 65536


def _unknown_keys(schema: Any, document: Mapping[str, object], source: str) -> list[str]:
    known = dict(sections_of(schema))
    problems = []
    for section, table in document.items():
        if section not in known:
            problems.append(f"{source}: unknown section [{section}]{_nearest(section, known, '[{}]')}")
        elif not isinstance(table, Mapping):
            problems.append(f"{source}: {section} is a section: write [{section}] and its settings below it")
        else:
            problems += _unknown_in_section(schema, section, table, source)
    return problems


def _unknown_in_section(schema: Any, section: str, table: Mapping[str, object], source: str) -> list[str]:
    everywhere = {f"{at}.{name}" for at, kind in sections_of(schema) for name, _ in settings_of(kind)}
    here = {name for name in everywhere if name.startswith(f"{section}.")}
    problems = []
    for key in table:
        full = f"{section}.{key}"
        if full in here:
            continue
        moved = sorted(name for name in everywhere if name.endswith(f".{key}"))
        hint = f"; did you mean {moved[0]}?" if moved else _nearest(full, here, "{}")
        problems.append(f"{source}: unknown setting {full}{hint}")
    return problems


def _unknown_variables(schema: Any, environ: Mapping[str, str], foreign: frozenset[str]) -> list[str]:
    known = variables_of(schema) | foreign | OTHER_VARIABLES
    return [
        f"environment: unknown variable {name}{_nearest(name, known, '{}')}"
        for name in sorted(environ)
        if name.startswith(ENV_PREFIX) and name not in known
    ]


def variables_of(schema: Any) -> frozenset[str]:
    """The environment variables of every setting of a settings class."""
    return frozenset(
        env_name(section, name) for section, kind in sections_of(schema) for name, _ in settings_of(kind)
    )


def _nearest(name: str, known: Any, form: str) -> str:
    """`; did you mean X?` with the known name most like `name`."""
    match = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)
    return f"; did you mean {form.format(match[0])}?" if match else ""
