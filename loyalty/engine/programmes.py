"""Programmes and stores as commands find them: published data, and what holds until somebody publishes."""

from typing import Final

from loyalty.commands import PROGRAMME_DEFAULT, Rules, Shortfall, UnknownStore, Zone
from loyalty.commands import limits as lim
from loyalty.engine import keys, records
from loyalty.engine.calendar import UTC
from loyalty.engine.records import Programme
from loyalty.engine.state import Reader
from loyalty.outcomes import Code, Rejected

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


class Place:
    """Where a basket is bought. Without registration: the programme's own partner and first currency."""

    def __init__(
        self,
        store: int,
        zone: Zone,
        partner: int,
        country: str,
        city: str,
        channel: str,
        currency: str,  # never empty
    ) -> None:
        self.store = store
        self.zone = zone
        self.partner = partner
        self.country = country
        self.city = city
        self.channel = channel
        self.currency = currency


def find_place(state: Reader, tenant: int, store: int, rules: Rules) -> Place | None:
    """The store; one in UTC if it was never registered, or None if the programme takes no such store."""
    value = state.get(keys.store(tenant, store)) if 1 <= store <= lim.STORE_MAX else None
    if value is not None:
        found = records.store(value)
        currency = found.currency or rules.currency
        return Place(store, found.zone, found.partner, found.country, found.city, found.channel, currency)
    if rules.unknown_store is not UnknownStore.UTC or not 1 <= store <= lim.STORE_MAX:
        return None
    return _unregistered(store, rules)


def place_of(state: Reader, tenant: int, store: int, rules: Rules) -> Place:
    """The same for a store that was good enough before."""
    return find_place(state, tenant, store, rules) or _unregistered(store, rules)


def _unregistered(store: int, rules: Rules) -> Place:
    return Place(store, UTC, 0, "", "", "shop", rules.currency)


def zone_of(state: Reader, tenant: int, store: int) -> Zone:
    """The days of a store; UTC for none, and for one that was never registered."""
    value = state.get(keys.store(tenant, store)) if store else None
    return UTC if value is None else records.store(value).zone


def store_unknown(field: str) -> Rejected:
    """The answer where `find_place` finds none."""
    return Rejected(Code.STORE_UNKNOWN, field, "a store registered with DefineStore")
