"""Programmes and stores: published data in the state, and what holds until somebody publishes."""

from collections.abc import Iterator
from math import gcd
from typing import Final

from loyalty.commands import (
    PROGRAMME_DEFAULT,
    DefineProgramme,
    DefineStore,
    GetProgramme,
    GetStore,
    Rules,
    Shortfall,
    UnknownStore,
    Zone,
)
from loyalty.commands import limits as lim
from loyalty.engine import keys, records
from loyalty.engine.calendar import UTC
from loyalty.engine.records import Programme, Store
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import AnyOutcome, Code, DefineDone, GetProgrammeDone, GetStoreDone, Rejected

BUILT_IN: Final = Programme(
    0,
    Rules(
        name="Default",
        currency="EUR",
        earn_points=5,
        earn_per_minor=100,
        earn_delay_days=1,
        lot_window_days=365,
        point_value_minor=1,
        point_value_points=1,
        spend_unit_points=1,
        line_limit_basis_points=3000,
        receipt_limit_basis_points=3000,
        welcome_points=500,
        welcome_window_days=90,
        late_receipt_max_days=30,
        ending_soon_days=30,
        shortfall=Shortfall.NEGATIVE,
        unknown_store=UnknownStore.UTC,
    ),
)
UNKNOWN: Final = Rejected(Code.PROGRAMME_UNKNOWN, "programme", "1, or one that was published")


def in_force(state: Reader, tenant: int) -> Programme | None:
    """The rules that hold now, or None if there is no such programme."""
    value = state.get(keys.programme(tenant, 0))
    if value is not None:
        return records.programme(value)
    return BUILT_IN if tenant == PROGRAMME_DEFAULT else None


def of_version(state: Reader, tenant: int, version: int) -> Programme:
    """The rules that a receipt was sold under; versions are never deleted."""
    value = state.get(keys.programme(tenant, version)) if version else None
    return BUILT_IN if value is None else records.programme(value)


def find_zone(state: Reader, tenant: int, store: int, rules: Rules) -> Zone | None:
    """The store's zone; UTC for one never registered, or None if the programme takes no such store."""
    value = state.get(keys.store(tenant, store))
    if value is not None:
        return records.store(value).zone
    return UTC if rules.unknown_store is UnknownStore.UTC else None


def store_unknown(field: str) -> Rejected:
    """The answer where `find_zone` finds none."""
    return Rejected(Code.STORE_UNKNOWN, field, "a store registered with DefineStore")


def define_programme(state: Writer, entry: Entry, command: DefineProgramme) -> AnyOutcome:
    """Publish the first or the next version."""
    for field, wanted in _faults_of_rules(command.rules):
        return Rejected(Code.PROGRAMME_INVALID, "rules." + field, wanted)
    before = in_force(state, entry.tenant)
    version = 1 if before is None else before.version + 1
    value = records.encode(Programme(version, command.rules))
    state.put(keys.programme(entry.tenant, version), value)
    state.put(keys.programme(entry.tenant, 0), value)
    return DefineDone(version)


def define_store(state: Writer, entry: Entry, command: DefineStore) -> AnyOutcome:
    """Register a store or replace what is known of it."""
    if in_force(state, entry.tenant) is None:
        return UNKNOWN
    for field, wanted in _faults_of_store(command):
        return Rejected(Code.STORE_INVALID, "store." + field, wanted)
    key = keys.store(entry.tenant, command.store)
    before = state.get(key)
    version = 1 if before is None else records.store(before).version + 1
    state.put(key, records.encode(Store(version, command.name, command.zone)))
    return DefineDone(version)


def get_programme(state: Reader, query: GetProgramme) -> AnyOutcome:
    """The rules in force."""
    found = in_force(state, query.programme)
    return UNKNOWN if found is None else GetProgrammeDone(found.version, found.rules)


def get_store(state: Reader, query: GetStore) -> AnyOutcome:
    """A registered store."""
    if in_force(state, query.programme) is None:
        return UNKNOWN
    in_range = 1 <= query.store <= lim.STORE_MAX
    value = state.get(keys.store(query.programme, query.store)) if in_range else None
    if value is None:
        return store_unknown("store")
    store = records.store(value)
    return GetStoreDone(store.version, query.store, store.name, store.zone)


def grain(rules: Rules) -> tuple[int, int]:
    """The fewest points that are worth whole money, and what they are worth in minor units."""
    divisor = gcd(rules.point_value_points, rules.point_value_minor)
    return rules.point_value_points // divisor, rules.point_value_minor // divisor


def _faults_of_rules(rules: Rules) -> Iterator[tuple[str, str]]:
    """Every field that cannot be, and what would be right, in the order of the proto."""
    ranges = (  # field, value, lowest, highest
        ("earn_points", rules.earn_points, 0, lim.RATE_MAX),
        ("earn_per_minor", rules.earn_per_minor, 1, lim.RATE_MAX),
        ("earn_delay_days", rules.earn_delay_days, 0, lim.EARN_DELAY_MAX_DAYS),
        ("lot_window_days", rules.lot_window_days, 0, lim.WINDOW_MAX_DAYS),
        ("point_value_minor", rules.point_value_minor, 1, lim.RATE_MAX),
        ("point_value_points", rules.point_value_points, 1, lim.RATE_MAX),
        ("spend_unit_points", rules.spend_unit_points, 1, lim.RATE_MAX),
        ("line_limit_basis_points", rules.line_limit_basis_points, 0, lim.BASIS_POINTS),
        ("receipt_limit_basis_points", rules.receipt_limit_basis_points, 0, lim.BASIS_POINTS),
        ("welcome_points", rules.welcome_points, 0, lim.POINTS_MAX),
        ("welcome_window_days", rules.welcome_window_days, 0, lim.WINDOW_MAX_DAYS),
        ("late_receipt_max_days", rules.late_receipt_max_days, 0, lim.LATE_RECEIPT_MAX_DAYS),
        ("ending_soon_days", rules.ending_soon_days, 0, lim.ENDING_SOON_MAX_DAYS),
    )
    currency = rules.currency
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        yield "currency", "three capital letters, as EUR"
    for field, value, lowest, highest in ranges:
        if not lowest <= value <= highest:
            yield field, f"{lowest} to {highest}"
    grain_points = grain(rules)[0] if rules.point_value_points > 0 else 1
    if rules.spend_unit_points % grain_points:
        yield "spend_unit_points", f"a multiple of {grain_points}: that many points are worth whole money"


def _faults_of_store(command: DefineStore) -> Iterator[tuple[str, str]]:
    if not 1 <= command.store <= lim.STORE_MAX:
        yield "store", f"1 to {lim.STORE_MAX}"
    if not 1 <= len(command.zone) <= lim.ZONE_MAX_OFFSETS:
        yield "zone", f"1 to {lim.ZONE_MAX_OFFSETS} offsets"
    before_ms = -1
    for at, (from_ms, offset_s) in enumerate(command.zone, 1):
        if at == 1 and from_ms != 0:
            yield "zone[1].from_ms", "0: the first holds since ever"
        if from_ms <= before_ms:
            yield f"zone[{at}].from_ms", f"later than {before_ms}"
        if not -lim.ZONE_OFFSET_MAX_S <= offset_s <= lim.ZONE_OFFSET_MAX_S:
            yield f"zone[{at}].offset_s", f"-{lim.ZONE_OFFSET_MAX_S} to {lim.ZONE_OFFSET_MAX_S}"
        before_ms = from_ms
