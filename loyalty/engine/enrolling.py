"""Enrolment: a person becomes a member, once per phone, card and id of another system."""

from loyalty.commands import Enrol, Rules, Zone
from loyalty.commands.places import (
    NUMBER_BITS,
    card_token,
    external_token,
    natural_token,
    phone_token,
    token_slot,
)
from loyalty.engine import due, keys, lots, members, postings, programmes, purses
from loyalty.engine.calendar import UTC, day_at, day_start_ms
from loyalty.engine.records import HeldLot, Member
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import (
    NEVER_MS,
    Account,
    AnyOutcome,
    Code,
    EnrolDone,
    Lot,
    Movement,
    Posting,
    Rejected,
    Source,
)


def enrol(state: Writer, entry: Entry, command: Enrol) -> AnyOutcome:
    """Make a person a member, with the programme's welcome points."""
    tenant = entry.tenant
    programme = programmes.in_force(state, tenant)
    if programme is None:
        return programmes.UNKNOWN
    refused = _check(command) or _check_free(state, tenant, command)
    if refused is not None:
        return refused
    zone: Zone = UTC
    if command.store:
        place = programmes.find_place(state, tenant, command.store, programme.rules)
        if place is None:
            return programmes.store_unknown("store")
        zone = place.zone

    member_id = _next_id(state, tenant, command)
    now_ms = entry.time_ms
    member = Member(command.phone, command.cards, now_ms, now_ms, [])
    member.externals, member.store = command.externals, command.store
    if command.phone and command.phone_passed_on:
        members.take_phone(state, entry, command.phone, "")
    id_bytes = member_id.to_bytes(8)
    for token in _tokens(command):
        state.put(keys.directory(tenant, token), id_bytes)
    members.save_profile(state, tenant, member_id, member, command.profile)
    posted = _welcome(state, tenant, member_id, member, zone, programme.rules, programme.version)
    postings.record(state, entry, member_id, Movement.ENROL, None, None, posted)
    due.give_gifts(state, entry, programme, member_id, member)
    members.save(state, tenant, member_id, member)
    return EnrolDone(member_id, purses.balance(member))


def _check(command: Enrol) -> Rejected | None:
    if not command.phone and not command.cards and not command.externals:
        return Rejected(Code.IDENTITY_MISSING, "phone", "a phone or at least one card")
    return (
        members.check_phone(command.phone)
        or members.check_cards(command.cards, "cards")
        or members.check_externals(command.externals, "externals")
        or members.check_profile(command.profile, "profile")
    )


def _check_free(state: Reader, tenant: int, command: Enrol) -> Rejected | None:
    if (
        command.phone
        and not command.phone_passed_on
        and state.get(keys.directory(tenant, phone_token(command.phone))) is not None
    ):
        return Rejected(Code.PHONE_TAKEN, "phone", "a phone of nobody yet; FindMember tells whose it is")
    return members.check_cards_free(state, tenant, command.cards, "cards") or members.check_externals_free(
        state, tenant, command.externals, "externals"
    )


def _tokens(command: Enrol) -> list[str]:
    phone = [phone_token(command.phone)] if command.phone else []
    cards = [card_token(card) for card in command.cards]
    return phone + cards + [external_token(external) for external in command.externals]


def _next_id(state: Writer, tenant: int, command: Enrol) -> int:
    """A fresh id in the slot of the person's natural token."""
    slot = token_slot(tenant, natural_token(command.phone, command.cards, command.externals))
    key = keys.members_of_slot(slot, tenant)
    number = int.from_bytes(state.get(key) or b"") + 1
    state.put(key, number.to_bytes(8))
    return slot << NUMBER_BITS | number


def _welcome(
    state: Writer, tenant: int, member_id: int, member: Member, zone: Zone, rules: Rules, version: int
) -> list[Posting]:
    """The welcome lot, active at once."""
    points, now_ms = rules.welcome_points, member.as_of_ms
    if not points:
        return []
    until_ms = NEVER_MS
    if rules.welcome_window_days:
        until_ms = day_start_ms(zone, day_at(zone, now_ms) + rules.welcome_window_days)
    lot = Lot(1, points, now_ms, until_ms)
    held = HeldLot(points, Source.WELCOME, None, version)
    lots.open_lot(state, tenant, member_id, member, lot, held)
    return [Posting(Account.ISSUER, 0, -points), Posting(Account.MEMBER_LOT, 1, points)]
