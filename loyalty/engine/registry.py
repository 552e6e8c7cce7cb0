"""Programmes, stores and partners: published, and read back."""

from loyalty.commands import (
    DefinePartner,
    DefineProgramme,
    DefineStore,
    GetPartner,
    GetProgramme,
    GetStore,
)
from loyalty.commands import limits as lim
from loyalty.engine import budgets, faults, keys, programmes, records
from loyalty.engine.programmes import UNKNOWN, store_unknown
from loyalty.engine.records import Partner, Programme, Store
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import (
    AnyOutcome,
    Code,
    DefineDone,
    GetPartnerDone,
    GetProgrammeDone,
    GetStoreDone,
    Rejected,
)


def define_programme(state: Writer, entry: Entry, command: DefineProgramme) -> AnyOutcome:
    """Publish the first or the next version."""
    for field, wanted in faults.of_rules(command.rules):
        return Rejected(Code.PROGRAMME_INVALID, "rules." + field, wanted)
    before = programmes.in_force(state, entry.tenant)
    if before is not None and before.version:
        for name in ("currency", "exponent"):  # what is booked in the first currency names none
            stays = getattr(before.rules, name)
            if getattr(command.rules, name) != stays:
                return Rejected(Code.PROGRAMME_INVALID, "rules." + name, f"{stays}: it stays for ever")
    version = 1 if before is None else before.version + 1
    value = records.encode(Programme(version, command.rules))
    state.put(keys.programme(entry.tenant, version), value)
    state.put(keys.programme(entry.tenant, 0), value)
    return DefineDone(version)


def define_store(state: Writer, entry: Entry, command: DefineStore) -> AnyOutcome:
    """Register a store or replace what is known of it."""
    programme = programmes.in_force(state, entry.tenant)
    if programme is None:
        return UNKNOWN
    for field, wanted in faults.of_store(command, programme.rules):
        return Rejected(Code.STORE_INVALID, "store." + field, wanted)
    if command.partner and not is_partner(state, entry.tenant, command.partner):
        return partner_unknown("store.partner")
    key = keys.store(entry.tenant, command.store)
    before = state.get(key)
    version = 1 if before is None else records.store(before).version + 1
    store = Store(
        version,
        command.name,
        command.zone,
        command.partner,
        command.country,
        command.city,
        command.channel,
        command.currency,
    )
    state.put(key, records.encode(store))
    return DefineDone(version)


def define_partner(state: Writer, entry: Entry, command: DefinePartner) -> AnyOutcome:
    """Register a partner or replace what is known of it."""
    if programmes.in_force(state, entry.tenant) is None:
        return UNKNOWN
    for field, wanted in faults.of_partner(command):
        return Rejected(Code.PARTNER_INVALID, "partner." + field, wanted)
    key = keys.partner(entry.tenant, command.partner)
    before = state.get(key)
    version = 1 if before is None else records.partner(before).version + 1
    partner = Partner(version, command.name, command.funds_minor, command.funds_points)
    state.put(key, records.encode(partner))
    return DefineDone(version)


def is_partner(state: Reader, tenant: int, number: int) -> bool:
    """Whether a partner is registered."""
    return 1 <= number <= lim.STORE_MAX and state.get(keys.partner(tenant, number)) is not None


def partner_unknown(field: str) -> Rejected:
    """The answer where there is no such partner."""
    return Rejected(Code.PARTNER_UNKNOWN, field, "a partner registered with DefinePartner")


def get_programme(state: Writer, entry: Entry, query: GetProgramme) -> AnyOutcome:
    """The rules in force."""
    found = programmes.in_force(state, query.programme)
    return UNKNOWN if found is None else GetProgrammeDone(found.version, found.rules)


def get_store(state: Writer, entry: Entry, query: GetStore) -> AnyOutcome:
    """A registered store."""
    if programmes.in_force(state, query.programme) is None:
        return UNKNOWN
    in_range = 1 <= query.store <= lim.STORE_MAX
    value = state.get(keys.store(query.programme, query.store)) if in_range else None
    if value is None:
        return store_unknown("store")
    found = records.store(value)
    return GetStoreDone(
        found.version,
        query.store,
        found.name,
        found.zone,
        found.partner,
        found.country,
        found.city,
        found.channel,
        found.currency,
    )


def get_partner(state: Writer, entry: Entry, query: GetPartner) -> AnyOutcome:
    """A registered partner."""
    if programmes.in_force(state, query.programme) is None:
        return UNKNOWN
    if not is_partner(state, query.programme, query.partner):
        return partner_unknown("partner")
    value = state.get(keys.partner(query.programme, query.partner)) or b""
    found = records.partner(value)
    used = budgets.used(state, entry, keys.OF_FUNDER, query.partner)
    return GetPartnerDone(
        found.version,
        query.partner,
        found.name,
        found.funds_minor,
        found.funds_points,
        used.minor,
        used.points,
    )
