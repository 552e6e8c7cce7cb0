"""Members: found through the directory, enrolled once per phone and card."""

import re
from typing import Final

from loyalty.commands import Profile, Status, Who
from loyalty.commands import limits as lim
from loyalty.commands.places import (
    MEMBER_ID_MAX,
    card_token,
    external_token,
    phone_token,
)
from loyalty.engine import calendar, keys, postings, purses, records
from loyalty.engine.records import Member
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import (
    Code,
    Movement,
    Rejected,
)

_ACTIVE: Final = Status.ACTIVE
UNKNOWN: Final = Rejected(Code.MEMBER_UNKNOWN, "member", "a person enrolled with Enrol")

_PHONE: Final = re.compile(
    rf"\+[1-9][0-9]{{{lim.PHONE_MIN_DIGITS - 1},{lim.PHONE_MAX_DIGITS - 1}}}", re.ASCII
)
_CARD: Final = re.compile(rf"[A-Za-z0-9-]{{{lim.CARD_MIN_CHARS},{lim.CARD_MAX_CHARS}}}", re.ASCII)
_EXTERNAL: Final = re.compile(rf"[ -~]{{1,{lim.TEXT_MAX_BYTES}}}")
_LANGUAGE: Final = re.compile(r"[a-z]{2}")


def find_id(state: Reader, tenant: int, who: Who) -> int | None:
    """The id behind a phone, card or id; that anybody has it is not checked for an id."""
    if isinstance(who, int):
        return who if 0 <= who <= MEMBER_ID_MAX else None
    value = state.get(keys.directory(tenant, who))
    return None if value is None else int.from_bytes(value)


def found_as(state: Reader, tenant: int, member_id: int) -> int:
    """The id under which a member is found now: his own, or that of the one he was merged into."""
    for _ in range(lim.MERGE_MAX_CHAIN):
        value = state.get(keys.of_member(tenant, member_id, b"M"))
        merged_into = 0 if value is None else records.member(value).merged_into
        if not merged_into:
            break
        member_id = merged_into
    return member_id


def load(state: Reader, tenant: int, member_id: int, now_ms: int) -> Member | None:
    """The member with his sums as of now, as he is: not followed if merged, nothing due done."""
    value = state.get(keys.of_member(tenant, member_id, b"M"))
    if value is None:
        return None
    member = records.member(value)
    purses.catch_up(state, tenant, member_id, member, now_ms)
    return member


def save(state: Writer, tenant: int, member_id: int, member: Member) -> None:
    """Write the member's record."""
    state.put(keys.of_member(tenant, member_id, b"M"), records.encode(member))


def profile_of(state: Reader, tenant: int, member_id: int) -> Profile:
    """What is known of the person besides."""
    value = state.get(keys.of_member(tenant, member_id, b"P"))
    return Profile() if value is None else records.profile(value)


def save_profile(state: Writer, tenant: int, member_id: int, member: Member, profile: Profile) -> None:
    """Write the profile; the birthday index and the member's own copy follow it."""
    if member.birthday:
        state.delete(keys.birthday(tenant, member_id, member.birthday % 10_000))
    member.birthday = profile.birthday
    if profile.birthday:
        state.put(keys.birthday(tenant, member_id, profile.birthday % 10_000), b"")
    if profile == Profile():
        state.delete(keys.of_member(tenant, member_id, b"P"))
    else:
        state.put(keys.of_member(tenant, member_id, b"P"), records.encode(profile))


def check_phone(phone: str, field: str = "phone") -> Rejected | None:
    """Refuse what is no phone number."""
    if phone and not _PHONE.fullmatch(phone):
        return Rejected(Code.PHONE_MALFORMED, field, "E.164, as +886912345678")
    return None


def check_cards(cards: tuple[str, ...], field: str, most: int = lim.ENROL_MAX_CARDS) -> Rejected | None:
    """Refuse what is no card number, more than so many, and the same one twice."""
    for at, card in enumerate(cards, 1):
        if not _CARD.fullmatch(card):
            wanted = f"{lim.CARD_MIN_CHARS} to {lim.CARD_MAX_CHARS} of A-Z a-z 0-9 and hyphen"
            return Rejected(Code.CARD_MALFORMED, f"{field}[{at}]", wanted)
    if len(cards) > most:
        return Rejected(Code.TOO_MANY_CARDS, field, f"at most {most}")
    for at, card in enumerate(cards, 1):
        if card in cards[: at - 1]:
            return Rejected(Code.CARD_REPEATED, f"{field}[{at}]", "each card once")
    return None


def check_externals(
    externals: tuple[str, ...], field: str, most: int = lim.MEMBER_MAX_EXTERNALS
) -> Rejected | None:
    """Refuse what is no id of another system, the same one twice, and more than so many."""
    for at, external in enumerate(externals, 1):
        if not _EXTERNAL.fullmatch(external) or external in externals[: at - 1]:
            wanted = f"1 to {lim.TEXT_MAX_BYTES} printable ASCII characters, each id once"
            return Rejected(Code.EXTERNAL_MALFORMED, f"{field}[{at}]", wanted)
    if len(externals) > most:
        return Rejected(Code.EXTERNAL_MALFORMED, field, f"at most {most}")
    return None


def check_profile(profile: Profile, field: str) -> Rejected | None:
    """Refuse a birthday that no calendar has (a year may be left out), and what is no list of names."""
    birthday = profile.birthday
    known = (
        calendar.is_day_of_year(birthday) if birthday <= 1231 else calendar.parse_day(birthday) is not None
    )
    if birthday and not known:
        return Rejected(
            Code.PROFILE_INVALID, field + ".birthday", "a date as 19840229, or 229 without a year"
        )
    if profile.language and not _LANGUAGE.fullmatch(profile.language):
        return Rejected(Code.PROFILE_INVALID, field + ".language", "two small letters, as de")
    return _check_names(profile.consents, field + ".consents") or _check_names(
        profile.segments, field + ".segments"
    )


def _check_names(names: tuple[str, ...], field: str) -> Rejected | None:
    for at, name in enumerate(names, 1):
        if not name or name in names[: at - 1]:
            return Rejected(Code.PROFILE_INVALID, f"{field}[{at}]", "a name, each once")
    return None


def take_phone(state: Writer, entry: Entry, phone: str, reason: str) -> int:
    """The number is another person's now: the old link ends, the points stay where they are.

    Returns:
        Whose it was; 0: nobody's.
    """
    tenant = entry.tenant
    before = find_id(state, tenant, phone_token(phone))
    if before is None:
        return 0
    member = load(state, tenant, before, entry.time_ms)
    if member is not None:
        member.phone = ""
        save(state, tenant, before, member)
        postings.record(state, entry, before, Movement.CHANGE, None, None, [], reason)
    state.delete(keys.directory(tenant, phone_token(phone)))
    return before


def check_cards_free(state: Reader, tenant: int, cards: tuple[str, ...], field: str) -> Rejected | None:
    """Refuse cards that are somebody's."""
    for at, card in enumerate(cards, 1):
        if state.get(keys.directory(tenant, card_token(card))) is not None:
            return Rejected(Code.CARD_TAKEN, f"{field}[{at}]", "a card of nobody yet")
    return None


def check_externals_free(state: Reader, tenant: int, ids: tuple[str, ...], field: str) -> Rejected | None:
    """Refuse ids of other systems that are somebody's."""
    for at, external in enumerate(ids, 1):
        if state.get(keys.directory(tenant, external_token(external))) is not None:
            return Rejected(Code.EXTERNAL_TAKEN, f"{field}[{at}]", "an id of nobody yet")
    return None


def can_spend(member: Member) -> bool:
    """A blocked member earns and returns, but never spends."""
    return member.status is _ACTIVE
