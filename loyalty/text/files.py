"""Programmes and promotions in TOML files: read with every mistake's place, printed so that they read alike.

A programme file holds `[programme]` (the rules), and any number of `[[partner]]`, `[[store]]` and
`[[promotion]]`; deploy/programmes has two whole ones. A file of promotions holds `[[promotion]]` only. Above
the tables may stand `zone`, in which dates are meant that carry no offset (else UTC; stores that name none
are in it), and `zone_years`, for which stores' zones are written out. An end is exclusive: with
`until = 2027-03-01` it is the midnight with which that day begins.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from loyalty.commands import DefinePartner, DefineStore, Promotion, Rules
from loyalty.commands.conditions import AttributeType
from loyalty.text.errors import TextError, one_of
from loyalty.text.forms import (
    EXPONENT,
    TEXT,
    Place,
    Scope,
    Shape,
    choice,
    pairs,
    read_record,
    show_record,
    shown,
)
from loyalty.text.instants import ZONE_UTC, default_years, find_zone
from loyalty.text.programme import PARTNER, RULES, STORE
from loyalty.text.promotions import PROMOTION
from loyalty.text.source import Source
from loyalty.text.toml import Bare, print_toml

FILE_MAX_BYTES: Final = 4 * 1024 * 1024
YEARS_MAX: Final = 60

_ABOVE: Final = ("zone", "zone_years")
_TABLES: Final = ("programme", "partner", "store", "promotion")
_TOML_PLACE: Final = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


class ProgrammeFile(NamedTuple):
    """What a programme file describes, in the order in which it is to be published."""

    rules: Rules
    partners: tuple[DefinePartner, ...]
    stores: tuple[DefineStore, ...]
    promotions: tuple[Promotion, ...]
    zone: str  # in which its dates are meant


def read_programme(text: str) -> ProgrammeFile:
    """The whole file.

    Raises:
        TextError: the first mistake: its line, if it can be told, its key ("promotion[2].effect.percent"),
            what is wrong and what would be right. Whether the values are allowed is looked at on publication.
    """
    place, table = _open_programme(text)
    rules = read_record(RULES, table["programme"], place.at("programme"))
    return ProgrammeFile(
        rules,
        _read_several(PARTNER, "partner", table, place),
        _read_several(STORE, "store", table, place),
        _read_several(PROMOTION, "promotion", table, place),
        place.scope.zone,
    )


def programme_mistakes(text: str) -> list[TextError]:
    """What `read_programme` refuses: the first mistake of each table, not only that of the file."""
    try:
        place, table = _open_programme(text)
    except TextError as mistake:
        return [mistake]
    found = []
    try:
        read_record(RULES, table["programme"], place.at("programme"))
    except TextError as mistake:
        found.append(mistake)
    several: tuple[tuple[Shape[Any], str], ...] = ((PARTNER, "partner"), (STORE, "store"))
    for shape, name in (*several, (PROMOTION, "promotion")):
        found += _mistakes_of_several(shape, name, table, place)
    return found


def read_promotions(text: str, rules: Rules) -> tuple[Promotion, ...]:
    """A file of promotions, for a programme with these rules. Raises TextError as `read_programme`."""
    place, table = open_file(text, (_ABOVE[0], "promotion"))
    place = place._replace(scope=scope_of_rules(rules, place.scope.zone))
    return _read_several(PROMOTION, "promotion", table, place)


def zone_of(text: str) -> str:
    """The zone that a file's dates are meant in. Raises TextError as `read_promotions`."""
    return open_file(text, (*_ABOVE, *_TABLES))[0].scope.zone


def promotions_mistakes(text: str, rules: Rules) -> list[TextError]:
    """What `read_promotions` refuses: the first mistake of each table."""
    try:
        place, table = open_file(text, (_ABOVE[0], "promotion"))
    except TextError as mistake:
        return [mistake]
    place = place._replace(scope=scope_of_rules(rules, place.scope.zone))
    return _mistakes_of_several(PROMOTION, "promotion", table, place)


def print_promotion(promotion: Promotion, rules: Rules) -> str:
    """One promotion as a file; its times in UTC."""
    return print_promotions([promotion], rules)


def print_promotions(promotions: Sequence[Promotion], rules: Rules, zone: str = ZONE_UTC) -> str:
    """A file that `read_promotions` reads as these; its times in the zone."""
    scope = scope_of_rules(rules, zone)
    shown_ones = [show_record(PROMOTION, promotion, scope) for promotion in promotions]
    above = {} if zone == ZONE_UTC else {"zone": zone}
    return print_toml({**above, "promotion": list(shown_ones)}).lstrip("\n")


def print_programme(rules: Rules, zone: str = ZONE_UTC) -> str:
    """A file that `read_programme` reads as these rules, without partners, stores and promotions."""
    above = {} if zone == ZONE_UTC else {"zone": zone}
    shown_rules = show_record(RULES, rules, scope_of_rules(rules, zone))
    return print_toml({**above, "programme": shown_rules}).lstrip("\n")


def _open_programme(text: str) -> tuple[Place, dict[str, Any]]:
    """The table of a programme file, and a place that knows how its values are written."""
    place, table = open_file(text, (*_ABOVE, *_TABLES))
    if "programme" not in table:
        raise TextError("[programme] is missing", "the rules of the programme: [programme]")
    return place._replace(scope=_scope_of_table(table["programme"], place)), _with_zones(table)


def open_file(text: str, keys: tuple[str, ...]) -> tuple[Place, dict[str, Any]]:
    """The file's table, and a place at its top that knows zone and years."""
    table = _toml(text)
    place = Place(Source(text), Scope({}, {}, ZONE_UTC))
    for key in table:
        if key not in keys:
            raise place.at(key).error(f"unknown key {key!r}", one_of(keys, key))
    zone = place.at("zone").read(TEXT, table.get("zone", ZONE_UTC))
    try:
        find_zone(zone)
    except TextError as error:
        raise place.at("zone").error(error.problem, error.wanted) from None
    return place._replace(scope=Scope({}, {}, zone, _years(table, place))), table


def _toml(text: str) -> dict[str, Any]:
    if len(text) > FILE_MAX_BYTES:
        raise TextError(f"the file has {len(text)} characters", f"at most {FILE_MAX_BYTES}")
    try:
        return tomllib.loads(text, parse_float=Bare)  # a float would lose what was written
    except RecursionError:
        raise TextError("lists in lists in lists", "a few levels") from None
    except tomllib.TOMLDecodeError as error:
        found = _TOML_PLACE.fullmatch(str(error))
        lines = text.split("\n")
        line = int(found[2]) if found and found[2] else len(lines)
        column = int(found[3]) if found and found[3] else len(lines[-1]) + 1
        problem = f"no TOML: {found[1] if found else error}"
        raise TextError.at(text, line, column, problem, "TOML (toml.io), as in deploy/programmes") from None


def _years(table: dict[str, Any], place: Place) -> tuple[int, int]:
    if "zone_years" not in table:
        return default_years()
    match table["zone_years"]:
        case [int(first), int(last)] if 1970 <= first <= last < first + YEARS_MAX and last < 9999:
            return first, last
    problem = f"{shown(table['zone_years'])} are no years"
    raise place.at("zone_years").error(problem, f"[2026, 2036]: the first and the last, at most {YEARS_MAX}")


def _scope_of_table(programme: object, place: Place) -> Scope:
    """What the file's other values are read by; what is missing is told when the rules are read."""
    if not isinstance(programme, dict):
        raise place.at("programme").error(f"{shown(programme)} is no table", "[programme]")
    here = place.at("programme")
    attributes = here.at("attributes").read(pairs(choice(AttributeType)), programme.get("attributes", {}))
    first = here.at("currency").read(TEXT, programme.get("currency", ""))
    exponents = {first: here.at("exponent").read(EXPONENT, programme.get("exponent", 2))}
    further = programme.get("currencies", [])
    for at, currency in enumerate(further if isinstance(further, list) else [], 1):
        if isinstance(currency, dict) and isinstance(currency.get("code"), str) and "exponent" in currency:
            exponent = here.at("currencies", at, "exponent")
            exponents.setdefault(currency["code"], exponent.read(EXPONENT, currency["exponent"]))
    return Scope(exponents, dict(attributes), place.scope.zone, place.scope.years)


def scope_of_rules(rules: Rules, zone: str) -> Scope:
    """What files for a programme with these rules are read and printed by."""
    exponents = {rules.currency: rules.exponent}
    for currency in rules.currencies:
        exponents.setdefault(currency.code, currency.exponent)
    return Scope(exponents, dict(rules.attributes), zone)


def _with_zones(table: dict[str, Any]) -> dict[str, Any]:
    """Stores that name no zone are in the file's."""
    stores = table.get("store", [])
    if "zone" not in table or not isinstance(stores, list):
        return table
    zone = {"zone": table["zone"]}
    return {**table, "store": [{**zone, **store} if isinstance(store, dict) else store for store in stores]}


def _read_several(shape: Shape[Any], name: str, table: Mapping[str, Any], place: Place) -> tuple[Any, ...]:
    """All tables of a name; their numbers are their names, so each is there once."""
    found: dict[int, int] = {}
    return tuple(
        _read_numbered(shape, name, at, part, place, found)
        for at, part in enumerate(_tables(name, table, place), 1)
    )


def _mistakes_of_several(
    shape: Shape[Any], name: str, table: Mapping[str, Any], place: Place
) -> list[TextError]:
    mistakes = []
    found: dict[int, int] = {}
    try:
        tables = _tables(name, table, place)
    except TextError as mistake:
        return [mistake]
    for at, part in enumerate(tables, 1):
        try:
            _read_numbered(shape, name, at, part, place, found)
        except TextError as mistake:
            mistakes.append(mistake)
    return mistakes


def _tables(name: str, table: Mapping[str, Any], place: Place) -> list[Any]:
    tables = table.get(name, [])
    if not isinstance(tables, list):
        raise place.at(name).error(f"{shown(tables)} is no list of tables", f"[[{name}]]")
    return tables


def _read_numbered(
    shape: Shape[Any], name: str, at: int, part: Any, place: Place, found: dict[int, int]
) -> Any:
    """One of several tables; `found` tells which numbers are taken, by which."""
    struct = read_record(shape, part, place.at(name, at))
    first = found.setdefault(part["number"], at)
    if first != at:
        problem = f"number {part['number']} is {name}[{first}]'s already"
        raise place.at(name, at, "number").error(problem, "a number of its own")
    return struct
