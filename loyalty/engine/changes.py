"""What is known of a person is changed: phone, cards, ids of other systems, profile, blocked or not.

A member may be left with no way to be found but his id. It is no fault to add cards and ids that he has;
what is removed is removed first.
"""

from loyalty.commands import ChangeMember, Status
from loyalty.commands import limits as lim
from loyalty.commands.places import card_token, external_token, phone_token
from loyalty.engine import buyers, keys, members, postings
from loyalty.engine.records import Member
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import AnyOutcome, ChangeMemberDone, Code, Movement, Rejected


def change_member(state: Writer, entry: Entry, command: ChangeMember) -> AnyOutcome:
    """Change what the command names; the rest stays.

    Returns:
        Done, with whose the phone number was until now; or the first rejection that applies.
    """
    buyer = buyers.find(state, entry, command.member)
    if isinstance(buyer, Rejected) and buyer.code is Code.PROGRAMME_UNKNOWN:
        return buyer
    member = Member("", (), 0, 0, []) if isinstance(buyer, Rejected) else buyer.member
    member_id = 0 if isinstance(buyer, Rejected) else buyer.member_id
    refused = _check(command, member) or _check_free(state, entry.tenant, command, member_id)
    if refused is not None:
        return refused
    if isinstance(buyer, Rejected):
        return buyer
    refused = _check_his(command, member)
    if refused is not None:
        return refused

    taken_from = _change_phone(state, entry, command, member_id, member)
    _change_cards(state, entry.tenant, command, member_id, member)
    if command.profile is not None:
        members.save_profile(state, entry.tenant, member_id, member, command.profile)
    member.status = command.status or member.status
    postings.record(state, entry, member_id, Movement.CHANGE, None, None, [], command.reason)
    members.save(state, entry.tenant, member_id, member)
    return ChangeMemberDone(member_id, taken_from)


def _check(command: ChangeMember, member: Member) -> Rejected | None:
    """What is wrong with the command, whoever has the phone and the cards."""
    other_cards = _without(member.cards, command.remove_cards + command.add_cards)
    other_ids = _without(member.externals, command.remove_externals + command.add_externals)
    most_cards = min(lim.MEMBER_MAX_CARDS - len(other_cards), lim.ENROL_MAX_CARDS)
    most_ids = lim.MEMBER_MAX_EXTERNALS - len(other_ids)
    refused = (
        postings.check_reason(command.reason)
        or members.check_phone(command.phone or "")
        or members.check_cards(command.add_cards, "add_cards", most_cards)
        or members.check_externals(command.add_externals, "add_externals", most_ids)
    )
    if refused is None and command.profile is not None:
        refused = members.check_profile(command.profile, "profile")
    if refused is None and command.status is Status.MERGED:
        return Rejected(Code.PROFILE_INVALID, "status", "active or blocked; MergeMembers merges")
    return refused


def _check_free(state: Reader, tenant: int, command: ChangeMember, member_id: int) -> Rejected | None:
    """What he is to have has to be nobody's, or his own."""
    phone = "" if command.phone_passed_on else command.phone
    if phone and _is_others(state, tenant, phone_token(phone), member_id):
        return Rejected(Code.PHONE_TAKEN, "phone", "a phone of nobody yet, or phone_passed_on")
    for at, card in enumerate(command.add_cards, 1):
        if _is_others(state, tenant, card_token(card), member_id):
            return Rejected(Code.CARD_TAKEN, f"add_cards[{at}]", "a card of nobody yet")
    for at, external in enumerate(command.add_externals, 1):
        if _is_others(state, tenant, external_token(external), member_id):
            return Rejected(Code.EXTERNAL_TAKEN, f"add_externals[{at}]", "an id of nobody yet")
    return None


def _is_others(state: Reader, tenant: int, token: str, member_id: int) -> bool:
    whose = members.find_id(state, tenant, token)
    return whose is not None and whose != member_id


def _check_his(command: ChangeMember, member: Member) -> Rejected | None:
    """Only what he has can be removed."""
    for field, removed, his in (
        ("remove_cards", command.remove_cards, member.cards),
        ("remove_externals", command.remove_externals, member.externals),
    ):
        for at, one in enumerate(removed, 1):
            if one not in his:
                return Rejected(Code.NOT_HIS_CARD, f"{field}[{at}]", "one that FindMember lists")
    return None


def _change_phone(state: Writer, entry: Entry, command: ChangeMember, member_id: int, member: Member) -> int:
    """The number that leads to him; whose it was until now, 0: nobody else's."""
    phone, tenant = command.phone, entry.tenant
    if phone is None or phone == member.phone:
        return 0
    taken_from = members.take_phone(state, entry, phone, command.reason) if phone else 0
    if member.phone:
        state.delete(keys.directory(tenant, phone_token(member.phone)))
    if phone:
        state.put(keys.directory(tenant, phone_token(phone)), member_id.to_bytes(8))
    member.phone = phone
    return taken_from


def _change_cards(state: Writer, tenant: int, command: ChangeMember, member_id: int, member: Member) -> None:
    """Cards and ids of other systems: lost ones away, then new ones behind those he has."""
    lost = [card_token(card) for card in command.remove_cards]
    lost += [external_token(external) for external in command.remove_externals]
    for token in lost:
        state.delete(keys.directory(tenant, token))
    new = [card_token(card) for card in command.add_cards]
    new += [external_token(external) for external in command.add_externals]
    for token in new:
        state.put(keys.directory(tenant, token), member_id.to_bytes(8))
    cards = _without(member.cards, command.remove_cards)
    externals = _without(member.externals, command.remove_externals)
    member.cards = cards + _without(command.add_cards, cards)
    member.externals = externals + _without(command.add_externals, externals)


def _without(names: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([name for name in names if name not in others])
