"""Two members are one person: everything of the one goes to the other, and nothing is lost on the way.

The source stays as a name: its id leads to the target, and receipts of its purchases can be returned for
ever. Its statement stays too, and ends with the merge. What moved leaves the source's books for the issuer's
account and enters the target's from there, lot by lot; the issuer's posting names the other member.
"""

from loyalty.commands import MergeMembers, Profile, Status
from loyalty.commands import limits as lim
from loyalty.commands.places import card_token, external_token, phone_token
from loyalty.engine import (
    budgets,
    buyers,
    coupons,
    due,
    keys,
    lots,
    members,
    moving,
    postings,
    programmes,
    purses,
    services,
)
from loyalty.engine.moving import Things, add_pairs
from loyalty.engine.postings import ISSUER, MEMBER_DEBT, MEMBER_LOT
from loyalty.engine.records import Member, Programme
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import AnyOutcome, Code, MergeMembersDone, Movement, Posting, Rejected

Person = tuple[int, Member]  # id and record, with his sums as of now


def merge_members(state: Writer, entry: Entry, command: MergeMembers) -> AnyOutcome:
    """Move all of `source` to `target`.

    Returns:
        What moved; or, with `repeated`, that they were merged before; or the first rejection that applies.
    """
    programme = programmes.in_force(state, entry.tenant)
    if programme is None:
        return programmes.UNKNOWN
    refused = postings.check_reason(command.reason)
    if refused is not None:
        return refused
    named_id = members.find_id(state, entry.tenant, command.source)
    target_id = members.find_id(state, entry.tenant, command.target)
    source = None if named_id is None else buyers.follow(state, entry.tenant, named_id, entry.time_ms)
    target = None if target_id is None else buyers.follow(state, entry.tenant, target_id, entry.time_ms)
    if named_id is None or source is None:
        return Rejected(Code.MEMBER_UNKNOWN, "source", members.UNKNOWN.acceptable)
    if target is None:
        return Rejected(Code.MEMBER_UNKNOWN, "target", members.UNKNOWN.acceptable)
    if named_id != source[0] == target[0]:
        return MergeMembersDone(target[0], named_id, 0, purses.balance(target[1]), True)
    return _merge(state, entry, programme, source[:2], target[:2], command.reason)


def _merge(
    state: Writer, entry: Entry, programme: Programme, source: Person, target: Person, reason: str
) -> AnyOutcome:
    tenant, (source_id, away), (target_id, into) = entry.tenant, source, target
    due.end_holds(state, entry, source_id, away)
    if away.holds:
        return Rejected(Code.HOLD_OPEN, "source", "a member without open holds: capture or cancel them")
    if source_id == target_id:
        return Rejected(Code.MERGE_SAME, "target", "another member than the source")
    due.end_holds(state, entry, target_id, into)
    things = moving.find(state, tenant, source_id, away)
    refused = _check_things(state, tenant, things, target)
    if refused is not None:
        return refused

    offset = max(into.lots, into.rights)  # behind every lot and every right of the target
    debts = [(purse.wallet, purse.debt_points) for purse in away.purses if purse.debt_points]
    moving.move(state, tenant, source_id, target_id, things, offset)
    _move_names(state, tenant, source, target)
    _move_sums(away, into)
    _link(away, into, target_id, offset)
    refused = _check_sums(into)
    if refused is not None:
        return refused
    for member_id, other_id, sign in ((source_id, target_id, -1), (target_id, source_id, 1)):
        posted = _post(things, debts, other_id, sign, offset)
        postings.record(state, entry, member_id, Movement.MERGE, None, None, posted, reason)
    due.give_gifts(state, entry, programme, target_id, into)
    members.save(state, tenant, source_id, away)
    members.save(state, tenant, target_id, into)
    return MergeMembersDone(target_id, source_id, len(things.lots), purses.balance(into), False)


def _too_much(field: str, most: int) -> Rejected:
    return Rejected(Code.MERGE_TOO_MUCH, "source." + field, f"at most {most}")


def _check_things(state: Reader, tenant: int, things: Things, target: Person) -> Rejected | None:
    """Refuse what is too much for one entry to move, or for one member to have."""
    target_id, into = target
    now_ms = into.as_of_ms
    rights = services.find(state, tenant, target_id, into, now_ms)
    codes = [code for code, until_ms in coupons.of_member(state, tenant, target_id) if until_ms > now_ms]
    purposed = sum([len(lots.find_purposed(state, tenant, target_id, into, purse)) for purse in into.purses])
    purposed += sum([one.lot.purposed and one.lot.active_until_ms > now_ms for one in things.lots])
    for field, count, most in (
        ("lots", len(things.lots), lim.MERGE_MAX_LOTS),
        ("purposed_lots", purposed, lim.MEMBER_MAX_PURPOSE_LOTS),
        ("services", len(rights) + len(things.rights), lim.MEMBER_MAX_SERVICES),
        ("coupons", len(codes) + len(things.codes), lim.MEMBER_MAX_COUPONS),
        ("promotions", len(things.counts), lim.MERGE_MAX_PROMOTIONS),
    ):
        if count > most:
            return _too_much(field, most)
    return None


def _check_sums(into: Member) -> Rejected | None:
    """Refuse what one member may not be, with all of the other's in his record."""
    for field, count, most in (
        ("cards", len(into.cards), lim.MEMBER_MAX_CARDS),
        ("externals", len(into.externals), lim.MEMBER_MAX_EXTERNALS),
        ("lots", sum([purse.open_lots for purse in into.purses]), lim.MEMBER_MAX_OPEN_LOTS),
        ("merges", into.merges, lim.MERGE_MAX_CHAIN),
    ):
        if count > most:
            return _too_much(field, most)
    for purse in into.purses:
        if len(purse.future) > lim.MEMBER_MAX_FUTURE_STARTS:
            return _too_much("future_starts", lim.MEMBER_MAX_FUTURE_STARTS)
        points = purse.active_points + purses.future_points(purse)
        if max(points, purse.debt_points) > lim.ACCOUNT_MAX_POINTS:
            return _too_much("points", lim.ACCOUNT_MAX_POINTS)
    return None


def _move_names(state: Writer, tenant: int, source: Person, target: Person) -> None:
    """How he is found, and what is known of him: the target's own first, then what only the source had.

    A source's phone that the target does not need leads to nobody any more.
    """
    (source_id, away), (target_id, into) = source, target
    tokens = [card_token(card) for card in away.cards] + [external_token(name) for name in away.externals]
    if away.phone and not into.phone:
        into.phone = away.phone
        tokens.append(phone_token(away.phone))
    elif away.phone:
        state.delete(keys.directory(tenant, phone_token(away.phone)))
    for token in tokens:
        state.put(keys.directory(tenant, token), target_id.to_bytes(8))
    into.cards += away.cards
    into.externals += away.externals
    away.phone, away.cards, away.externals = "", (), ()
    theirs, ours = members.profile_of(state, tenant, source_id), members.profile_of(state, tenant, target_id)
    members.save_profile(state, tenant, source_id, away, Profile())
    merged = Profile(
        ours.birthday or theirs.birthday,
        ours.language or theirs.language,
        ours.city or theirs.city,
        ours.consents or theirs.consents,
        ours.segments or theirs.segments,
    )
    members.save_profile(state, tenant, target_id, into, merged)


def _move_sums(away: Member, into: Member) -> None:
    """Points, turnover and purchases add up; he is a member since the earlier day, blocked if either was."""
    moving.add_purses(away, into)
    into.turnover = add_pairs(into.turnover, away.turnover)
    into.purchases += away.purchases
    into.gifts = tuple(sorted(dict.fromkeys(into.gifts + away.gifts)))  # nobody gets a birthday twice
    into.earned_days = budgets.join_days(into.earned_days, away.earned_days)
    into.rights_until_ms = max(into.rights_until_ms, away.rights_until_ms)
    into.enrolled_ms = min(into.enrolled_ms, away.enrolled_ms)
    into.store = into.store or away.store
    if away.status is Status.BLOCKED:
        into.status = Status.BLOCKED
    away.turnover, away.purchases, away.gifts, away.earned_days = (), 0, (), ()


def _link(away: Member, into: Member, target_id: int, offset: int) -> None:
    """From now on the source is a name of the target."""
    away.status, away.merged_into, away.moved_lots = Status.MERGED, target_id, offset
    into.lots = offset + away.lots
    into.rights = offset + away.rights
    into.merges = max(into.merges, away.merges + 1)


def _post(
    things: Things, debts: list[tuple[int, int]], other_id: int, sign: int, offset: int
) -> list[Posting]:
    """One member's side: -1 of the source, 1 of the target."""
    posted: list[Posting] = []
    issued: dict[tuple[int, int], int] = {(0, 0): 0}  # by wallet and partner; one posting there is always
    for one in things.lots:
        lot, points = one.lot, sign * one.lot.points
        if points:
            number = lot.lot + offset if sign > 0 else lot.lot
            posted.append(Posting(MEMBER_LOT, number, points, lot.wallet, one.partner))
            issued[lot.wallet, one.partner] = issued.get((lot.wallet, one.partner), 0) + points
    for wallet, debt in debts:
        posted.append(Posting(MEMBER_DEBT, 0, -sign * debt, wallet))
        issued[wallet, 0] = issued.get((wallet, 0), 0) - sign * debt
    for (wallet, partner), points in issued.items():
        posted.append(Posting(ISSUER, other_id, -points, wallet, partner))
    return posted
