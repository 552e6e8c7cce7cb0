"""How the model's values are written in a file, both ways: a form for each kind, a shape for a struct.

A file speaks of 20 percent and of 19.90, the model of basis points and of minor units. A shape says for each
field of a struct which key it has in the file and in which form it is written; so what is read and what is
printed cannot differ, and a key that no shape names is refused.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import NODEFAULT, Struct, ValidationError, msgpack

from loyalty.commands.conditions import AttributeType
from loyalty.text.errors import TextError, one_of
from loyalty.text.figures import INT64_MAX, print_figure, read_figure
from loyalty.text.source import Path, Source
from loyalty.text.toml import Bare, Shown

EXPONENT_MAX: Final = 3  # decimals that a currency has

S = TypeVar("S", bound=Struct)


@dataclass(frozen=True, slots=True)
class Scope:
    """What must be known to read or print a table's values."""

    exponents: Mapping[str, int]  # of the programme's currencies, the first one first
    attributes: Mapping[str, AttributeType]
    zone: str  # of dates without one
    years: tuple[int, int] = (0, 0)  # for which stores' zones are written out
    currency: str = ""  # of the amounts here; empty: the first

    @property
    def exponent(self) -> int:
        """Decimals of the amounts here."""
        return self.exponents[self.currency] if self.currency else self.first_exponent

    @property
    def first_exponent(self) -> int:
        """Decimals of the programme's first currency."""
        return next(iter(self.exponents.values()))


class Place(NamedTuple):
    """A key of the file, and what is known there."""

    source: Source
    scope: Scope
    path: Path = ()

    def at(self, *keys: str | int) -> "Place":
        return self._replace(path=(*self.path, *keys))

    def error(self, problem: str, wanted: str) -> TextError:
        return self.source.error(self.path, problem, wanted)

    def read(self, form: "Form", value: object) -> Any:
        """The value, or a TextError that names this place."""
        try:
            return form.read(value, self)
        except TextError as error:
            if error.where:
                raise
            here = self.error(error.problem, error.wanted)
            raise error.within(here.where, here.line) if error.excerpt else here from None


class Form(NamedTuple):
    """How one value is written."""

    read: Callable[[Any, Place], Any]  # raises TextError, with or without the place
    show: Callable[[Any, Scope], Shown]


class Key(NamedTuple):
    """A field of a struct in a file. Without a default here, the struct's own."""

    name: str
    form: Form
    field: str = ""  # empty: as the key
    default: Any = NODEFAULT


@dataclass(frozen=True, slots=True)
class Shape(Generic[S]):
    """A struct as a table. `currency`: the key that tells the currency of the table's amounts."""

    struct: type[S]
    keys: tuple[Key, ...]
    currency: str = ""


def read_record(shape: Shape[S], table: object, place: Place) -> S:
    """The struct that a table describes, or a TextError."""
    if not isinstance(table, dict):
        raise place.error(f"{shown(table)} is no table", one_of(key.name for key in shape.keys))
    _refuse_unknown(shape, table, place)
    place = _in_currency(shape, table, place)
    values = {}
    for key, field, default in _fields(shape):
        if key.name in table:
            values[field] = place.at(key.name).read(key.form, table[key.name])
        elif default is NODEFAULT:
            raise place.error(f"{key.name} is missing", f"{key.name} = ...")
        else:
            values[field] = default
    return _checked(shape, shape.struct(**values), place)


def show_record(shape: Shape[S], struct: S, scope: Scope) -> dict[str, Shown]:
    """The table of a struct; what has its default is left out."""
    table: dict[str, Shown] = {}
    if shape.currency:
        field = next(field for key, field, _ in _fields(shape) if key.name == shape.currency)
        scope = replace(scope, currency=getattr(struct, field))
    for key, field, default in _fields(shape):
        value = getattr(struct, field)
        if default is NODEFAULT or value != default:
            table[key.name] = key.form.show(value, scope)
    return table


def shown(value: object) -> str:
    """What was written, short enough to be repeated."""
    text = value.text if isinstance(value, Bare) else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def record(shape: Shape[Any]) -> Form:
    """A table."""
    return Form(
        lambda value, place: read_record(shape, value, place),
        lambda value, scope: show_record(shape, value, scope),
    )


def several(form: Form) -> Form:
    """A list, or one table after the other."""

    def read(value: Any, place: Place) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise place.error(f"{shown(value)} is no list", "[..., ...], or [[...]] before each table")
        return tuple(place.at(at).read(form, part) for at, part in enumerate(value, 1))

    return Form(read, lambda value, scope: [form.show(part, scope) for part in value])


def choice(names: type[IntEnum]) -> Form:
    """One of an enumeration, by its name in small letters."""
    known = {member.name.lower(): member for member in names}

    def read(value: Any, place: Place) -> IntEnum:
        if not isinstance(value, str) or value not in known:
            raise TextError(f"{shown(value)} is none of these", one_of(known, str(value)))
        return known[value]

    return Form(read, lambda value, scope: value.name.lower())


def pairs(form: Form) -> Form:
    """A table of names that the file chooses, ascending by name."""

    def read(value: Any, place: Place) -> tuple[tuple[str, Any], ...]:
        if not isinstance(value, dict):
            raise place.error(f"{shown(value)} is no table", "name = value, ...")
        return tuple((name, place.at(name).read(form, value[name])) for name in sorted(value))

    return Form(read, lambda value, scope: {name: form.show(part, scope) for name, part in value})


def _figures(decimals: Callable[[Scope], int], trimmed: bool) -> Form:
    def read(value: Any, place: Place) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str | Bare):
            raise TextError(f"{shown(value)} is no number", "a number")
        text = value.text.replace("_", "") if isinstance(value, Bare) else str(value)
        return read_figure(text, decimals(place.scope))

    def show(value: int, scope: Scope) -> Shown:
        return Bare(print_figure(value, decimals(scope), trimmed))

    return Form(read, show)


def _read_text(value: Any, place: Place) -> str:
    if not isinstance(value, str):
        raise TextError(f"{shown(value)} is no text", "a text in quotes")
    return value


def _read_whole(value: Any, place: Place) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TextError(f"{shown(value)} is no whole number", "a whole number")
    if abs(value) > INT64_MAX:
        raise TextError(f"{shown(value)} is too large", f"at most {INT64_MAX}")
    return value


def _read_exponent(value: Any, place: Place) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= EXPONENT_MAX:
        raise TextError(f"{shown(value)} is no currency's number of decimals", f"0 to {EXPONENT_MAX}")
    return value


def _read_switch(value: Any, place: Place) -> bool:
    if not isinstance(value, bool):
        raise TextError(f"{shown(value)} is neither true nor false", "true or false")
    return value


TEXT: Final = Form(_read_text, lambda value, scope: value)
WHOLE: Final = Form(_read_whole, lambda value, scope: value)
EXPONENT: Final = Form(_read_exponent, lambda value, scope: value)
SWITCH: Final = Form(_read_switch, lambda value, scope: value)
MONEY: Final = _figures(lambda scope: scope.exponent, trimmed=False)  # 19.90
FIRST_MONEY: Final = _figures(lambda scope: scope.first_exponent, trimmed=False)  # of the first currency
PERCENT: Final = _figures(lambda scope: 2, trimmed=True)  # 12.5 is 1,250 basis points
TIMES: Final = _figures(lambda scope: 4, trimmed=True)  # 1.5 is 15,000 basis points


def _fields(shape: Shape[Any]) -> list[tuple[Key, str, Any]]:
    """Each key with its field's name and default."""
    defaults = {field.name: field.default for field in msgspec.structs.fields(shape.struct)}
    fields = [(key, key.field or key.name) for key in shape.keys]
    return [
        (key, field, defaults[field] if key.default is NODEFAULT else key.default) for key, field in fields
    ]


def _refuse_unknown(shape: Shape[Any], table: dict[str, object], place: Place) -> None:
    names = [key.name for key in shape.keys]
    for name in table:
        if name not in names:
            raise place.at(name).error(f"unknown key {name!r}", one_of(names, name))


def _in_currency(shape: Shape[Any], table: dict[str, object], place: Place) -> Place:
    currency = table.get(shape.currency, "") if shape.currency else place.scope.currency
    known = place.scope.exponents
    if not isinstance(currency, str) or (currency and currency not in known):
        raise place.at(shape.currency).error(
            f"unknown currency {shown(currency)}", one_of(known, str(currency))
        )
    return place._replace(scope=replace(place.scope, currency=currency))


def _checked(shape: Shape[S], struct: S, place: Place) -> S:
    """The struct, if a command may carry it: the model's own limits of texts and lists."""
    try:
        msgpack.decode(msgpack.encode(struct), type=shape.struct)
    except ValidationError as error:
        problem, _, at = str(error).partition(" - at ")
        wanted = problem.removeprefix("Expected ").replace("`str`", "a text").replace("`array`", "a list")
        raise place.at(_key_at(shape, at)).error("too long, or too short", wanted) from None
    return struct


def _key_at(shape: Shape[Any], at: str) -> str:
    """The key of what msgspec calls `$[3]`; the tag of a union counts there too."""
    number = int((re.findall(r"\d+", at) or ["0"])[0]) - (shape.struct.__struct_config__.tag is not None)
    field = msgspec.structs.fields(shape.struct)[number].name
    return next(key.name for key in shape.keys if (key.field or key.name) == field)
