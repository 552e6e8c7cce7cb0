"""How a setting is declared: a field of a frozen section with default, range and description.

The declaration is the only place that knows a setting: parsing, the environment override, the
printed table and the test on `deploy/` all read it from here.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

REQUIRED: Final = object()  # the file or the environment must give it
ENV_PREFIX: Final = "FTNODE_"


@dataclass(frozen=True, slots=True)
class PerUnit:
    """A default that depends on the unit's id: (for unit 0, for unit 1)."""

    values: tuple[int | str, int | str]


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of one setting besides its name."""

    kind: type  # int, bool, str or tuple (of texts)
    default: object
    text: str
    low: int = 0  # int: smallest value; str and tuple: smallest length
    high: int = 0  # int: largest value; str and tuple: largest length
    choices: tuple[str, ...] = ()
    step: int = 1  # int: only multiples of it
    address: bool = False  # a text of the form host:port

    def range_text(self) -> str:
        """The allowed values in words, for the table and for errors."""
        if self.kind is bool:
            return "true or false"
        if self.choices:
            return " | ".join(self.choices)
        if self.kind is int:
            steps = f", a multiple of {self.step}" if self.step > 1 else ""
            return f"{self.low}..{self.high}{steps}"
        if self.kind is tuple:
            return f"{self.low}..{self.high} times host:port"
        if self.address:
            return "host:port" + (" or empty" if self.low == 0 else "")
        return f"{self.low}..{self.high} characters"

    def default_text(self) -> str:
        """The default as a TOML value, or in words where there is no single one."""
        if self.default is REQUIRED:
            return "(required)"
        if isinstance(self.default, PerUnit):
            return " / ".join(toml_value(value) for value in self.default.values) + " (unit 0 / 1)"
        return toml_value(self.default)


def toml_value(value: object) -> str:
    """One setting's value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


# Declaring functions. They return a dataclass field and are typed Any, as `dataclasses.field` itself
# is typed by what it stands for.
def _declare(setting: Setting) -> Any:
    return field(metadata={"setting": setting})


def number(default: object, low: int, high: int, text: str, *, step: int = 1) -> Any:
    """A whole number in `low..high`, both included; a multiple of `step`."""
    return _declare(Setting(int, default, text, low, high, step=step))


def port(default: object, text: str) -> Any:
    """A TCP port."""
    return number(default, 0, 65535, f"{text} 0: any free one, for tests.")


def switch(default: bool, text: str) -> Any:
    """true or false."""
    return _declare(Setting(bool, default, text))


def words(default: object, text: str, low: int = 0, high: int = 4096) -> Any:
    """A text of `low..high` characters."""
    return _declare(Setting(str, default, text, low, high))


def choice(default: str, choices: tuple[str, ...], text: str) -> Any:
    """One of a few words."""
    return _declare(Setting(str, default, text, choices=choices))


def address(default: object, text: str, *, optional: bool = False) -> Any:
    """A peer's address, host:port (an IPv6 host in brackets)."""
    return _declare(Setting(str, default, text, 0 if optional else 1, 300, address=True))


def addresses(default: tuple[str, ...], text: str) -> Any:
    """A list of addresses, host:port each."""
    return _declare(Setting(tuple, default, text, 0, 16, address=True))


def settings_of(section: Any) -> Iterator[tuple[str, Setting]]:
    """(name, setting) of each field of a section class, in order of declaration."""
    for item in dataclasses.fields(section):
        yield item.name, item.metadata["setting"]


def sections_of(schema: Any) -> Iterator[tuple[str, Any]]:
    """(name, section class) of each field of a settings class, in order of declaration."""
    for item in dataclasses.fields(schema):
        yield item.name, item.type


def env_name(section: str, name: str) -> str:
    """The environment variable that overrides a setting."""
    return f"{ENV_PREFIX}{section}_{name}".upper()
