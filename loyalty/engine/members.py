"""Members: found through the directory, enrolled once per phone and card."""

import re
from typing import Final

from loyalty.commands import Enrol, FindMember, Rules, Who, Zone
from loyalty.commands import limits as lim
from loyalty.commands.places import (
    MEMBER_ID_MAX,
    NUMBER_BITS,
    card_token,
    natural_token,
    phone_token,
    token_slot,
)
from loyalty.engine import keys, lots, postings, programmes, records
from loyalty.engine.calendar import UTC, day_at, day_start_ms
from loyalty.engine.records import HeldLot, Member
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import (
    NEVER_MS,
    Account,
    AnyOutcome,
    Code,
    EnrolDone,
    FindMemberDone,
    Lot,
    Movement,
    Posting,
    Rejected,
)

UNKNOWN: Final = Rejected(Code.MEMBER_UNKNOWN, "member", "a person enrolled with Enrol")

_PHONE: Final = re.compile(
    rf"\+[1-9][0-9]{{{lim.PHONE_MIN_DIGITS - 1},{lim.PHONE_MAX_DIGITS - 1}}}", re.ASCII
)
_CARD: Final = re.compile(rf"[A-Za-z0-9-]{{{lim.CARD_MIN_CHARS},{lim.CARD_MAX_CHARS}}}", re.ASCII)


def find_id(state: Reader, tenant: int, who: Who) -> int | None:
    """The id behind a phone, card or id; that anybody has it is not checked for an id."""
    if isinstance(who, int):
        return who if 0 <= who <= MEMBER_ID_MAX else None
    value = state.get(keys.directory(tenant, who))
    return None if value is None else int.from_bytes(value)


def load(state: Reader, tenant: int, member_id: int, now_ms: int) -> Member | None:
    """The member with his sums as of now."""
    value = state.get(keys.of_member(tenant, member_id, b"M"))
    if value is None:
        return None
    member = records.member(value)
    lots.catch_up(state, tenant, member_id, member, now_ms)
    return member


def save(state: Writer, tenant: int, member_id: int, member: Member) -> None:
    """Write the member's record."""
    state.put(keys.of_member(tenant, member_id, b"M"), records.encode(member))


def find_member(state: Reader, at_ms: int, query: FindMember) -> AnyOutcome:
    """Who it is, with his balance."""
    if programmes.in_force(state, query.programme) is None:
        return programmes.UNKNOWN
    member_id = find_id(state, query.programme, query.member)
    member = None if member_id is None else load(state, query.programme, member_id, at_ms)
    if member_id is None or member is None:
        return UNKNOWN
    return FindMemberDone(member_id, member.phone, member.cards, member.enrolled_ms, lots.balance(member))


def enrol(state: Writer, entry: Entry, command: Enrol) -> AnyOutcome:
    """Make a person a member, with the programme's welcome points."""
    tenant = entry.tenant
    programme = programmes.in_force(state, tenant)
    if programme is None:
        return programmes.UNKNOWN
    refused = _check(command) or _check_free(state, tenant, command)
    if refused is not None:
        return refused
    zone: Zone | None = UTC
    if command.store:
        in_range = 0 < command.store <= lim.STORE_MAX
        zone = programmes.find_zone(state, tenant, command.store, programme.rules) if in_range else None
    if zone is None:
        return programmes.store_unknown("store")

    member_id = _next_id(state, tenant, command)
    now_ms = entry.time_ms
    member = Member(command.phone, command.cards, now_ms, 0, 0, 0, 0, now_ms, NEVER_MS, ())
    id_bytes = member_id.to_bytes(8)
    for token in _tokens(command):
        state.put(keys.directory(tenant, token), id_bytes)
    posted = _welcome(state, tenant, member_id, member, zone, programme.rules, programme.version)
    postings.record(state, entry, member_id, Movement.ENROL, None, None, posted)
    save(state, tenant, member_id, member)
    return EnrolDone(member_id, lots.balance(member))


def _check(command: Enrol) -> Rejected | None:
    if not command.phone and not command.cards:
        return Rejected(Code.IDENTITY_MISSING, "phone", "a phone or at least one card")
    if command.phone and not _PHONE.fullmatch(command.phone):
        return Rejected(Code.PHONE_MALFORMED, "phone", "E.164, as +886912345678")
    for at, card in enumerate(command.cards, 1):
        if not _CARD.fullmatch(card):
            wanted = f"{lim.CARD_MIN_CHARS} to {lim.CARD_MAX_CHARS} of A-Z a-z 0-9 and hyphen"
            return Rejected(Code.CARD_MALFORMED, f"cards[{at}]", wanted)
    if len(command.cards) > lim.ENROL_MAX_CARDS:
        return Rejected(Code.TOO_MANY_CARDS, "cards", f"at most {lim.ENROL_MAX_CARDS}")
    for at, card in enumerate(command.cards, 1):
        if card in command.cards[: at - 1]:
            return Rejected(Code.CARD_REPEATED, f"cards[{at}]", "each card once")
    return None


def _check_free(state: Reader, tenant: int, command: Enrol) -> Rejected | None:
    if command.phone and state.get(keys.directory(tenant, phone_token(command.phone))) is not None:
        return Rejected(Code.PHONE_TAKEN, "phone", "a phone of nobody yet; FindMember tells whose it is")
    for at, card in enumerate(command.cards, 1):
        if state.get(keys.directory(tenant, card_token(card))) is not None:
            return Rejected(Code.CARD_TAKEN, f"cards[{at}]", "a card of nobody yet")
    return None


def _tokens(command: Enrol) -> list[str]:
    phone = [phone_token(command.phone)] if command.phone else []
    return phone + [card_token(card) for card in command.cards]


def _next_id(state: Writer, tenant: int, command: Enrol) -> int:
    """A fresh id in the slot of the person's natural token."""
    slot = token_slot(tenant, natural_token(command.phone, command.cards))
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
    held = HeldLot(points, Movement.ENROL, None, version)
    lots.open_lot(state, tenant, member_id, member, lot, held)
    return [Posting(Account.ISSUER, 0, -points), Posting(Account.MEMBER_LOT, 1, points)]
