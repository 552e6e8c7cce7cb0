"""Points given or taken by a person, with a reason; once for ever by a reference of his own."""

from msgspec.structs import replace

from loyalty.commands import Adjust, Rules
from loyalty.commands import limits as lim
from loyalty.engine import buyers, keys, lots, members, postings, programmes, purses, records, registry, terms
from loyalty.engine.lots import Payer
from loyalty.engine.plans import Buyer
from loyalty.engine.postings import ISSUER, MEMBER_DEBT, MEMBER_LOT
from loyalty.engine.records import Adjusted, HeldLot
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import NEVER_MS, AdjustDone, AnyOutcome, Code, Lot, Movement, Posting, Rejected, Source


def adjust(state: Writer, entry: Entry, command: Adjust) -> AnyOutcome:
    """Give points in a lot of their own, a debt paid first, or take them in spending order.

    Returns:
        What was done; the same again, with `repeated`, for a reference booked before with this command;
        or the first rejection that applies.
    """
    programme = programmes.in_force(state, entry.tenant)
    if programme is None:
        return programmes.UNKNOWN
    refused = _check(command, programme.rules, entry.time_ms)
    buyer = buyers.find(state, entry, command.member)
    earlier = None if isinstance(buyer, Rejected) else _earlier(state, buyer, command)
    if isinstance(earlier, AdjustDone):
        return earlier  # whatever holds now: its window may have ended
    if refused is not None:
        return refused
    if isinstance(buyer, Rejected):
        return buyer
    refused = _check_room(buyer, command) if command.points > 0 else _check_balance(state, buyer, command)
    refused = refused or _check_partner(state, buyer, command) or earlier
    if refused is not None:
        return refused

    done = _give(state, entry, buyer, command) if command.points > 0 else _take(state, entry, buyer, command)
    state.put(keys.reference(buyer.tenant, command.reference), records.encode(done))
    members.save(state, buyer.tenant, buyer.member_id, buyer.member)
    return _answer(buyer, command, done, False)


def _check(command: Adjust, rules: Rules, now_ms: int) -> Rejected | None:
    """What is wrong with the command alone."""
    refused = postings.check_reason(command.reason)
    if refused is not None:
        return refused
    if not terms.spend_unit_points(rules, command.wallet):
        return Rejected(Code.WALLET_UNKNOWN, "wallet", "0, or one of the programme's wallets")
    earliest_ms = max(command.from_ms, now_ms)
    for field, holds, wanted in (
        ("reference", bool(command.reference), f"1 to {lim.TEXT_MAX_BYTES} bytes"),
        ("points", 1 <= abs(command.points) <= lim.POINTS_MAX, f"1 to {lim.POINTS_MAX}, or below 0"),
        ("from_ms", 0 <= command.from_ms < NEVER_MS, "0, or milliseconds since 1970"),
        (
            "until_ms",
            not command.until_ms or earliest_ms < command.until_ms <= NEVER_MS,
            f"above {earliest_ms}, or 0",
        ),
        ("priority", 0 <= command.priority <= lim.PRIORITY_MAX, f"0 to {lim.PRIORITY_MAX}"),
    ):
        if not holds:
            return Rejected(Code.ADJUST_OUT_OF_RANGE, field, wanted)
    return None


def _earlier(state: Reader, buyer: Buyer, command: Adjust) -> AdjustDone | Rejected | None:
    """What stands under the reference already: the same command is answered again, another refused."""
    value = state.get(keys.reference(buyer.tenant, command.reference))
    if value is None:
        return None
    kept = records.adjusted(value)
    whose = members.found_as(state, buyer.tenant, kept.member_id)
    if kept.asked != _asked(command) or whose != buyer.member_id:
        return Rejected(
            Code.REFERENCE_TAKEN, "reference", "what it was booked with, or a reference never used"
        )
    return _answer(buyer, command, kept, True)


def _asked(command: Adjust) -> bytes:
    """The command without its member: he may be named in many ways."""
    return records.encode(replace(command, member=0))


def _check_room(buyer: Buyer, command: Adjust) -> Rejected | None:
    member = buyer.member
    purse = purses.ensure(member, command.wallet)
    if command.points > purse.debt_points:
        if sum([one.open_lots for one in member.purses]) >= lim.MEMBER_MAX_OPEN_LOTS:
            return Rejected(Code.TOO_MANY_LOTS, "member", f"fewer than {lim.MEMBER_MAX_OPEN_LOTS} open lots")
        if command.from_ms > member.as_of_ms and len(purse.future) >= lim.MEMBER_MAX_FUTURE_STARTS:
            wanted = f"fewer than {lim.MEMBER_MAX_FUTURE_STARTS} instants at which points begin"
            return Rejected(Code.TOO_MANY_LOTS, "from_ms", wanted)
    most = lim.ACCOUNT_MAX_POINTS - purse.active_points - purses.future_points(purse)
    if command.points > most:
        return Rejected(Code.POINTS_TOO_LARGE, "points", f"at most {max(most, 0)}")
    return None


def _check_balance(state: Reader, buyer: Buyer, command: Adjust) -> Rejected | None:
    most = purses.spendable_points(purses.find(buyer.member, command.wallet))
    if -command.points > most:
        return Rejected(Code.BALANCE_TOO_LOW, "points", f"at least {-most}")
    paid = sum([payer.draw.points for payer in _payers(state, buyer, command)])
    if paid < -command.points:
        return Rejected(
            Code.SPEND_TOO_MANY_LOTS, "points", f"at least {-paid}: {lim.SPEND_MAX_LOTS} lots at once"
        )
    return None


def _payers(state: Reader, buyer: Buyer, command: Adjust) -> list[Payer]:
    wallet, points = command.wallet, -command.points
    return lots.find_payers(state, buyer.tenant, buyer.member_id, buyer.member, wallet, points)[0]


def _check_partner(state: Writer, buyer: Buyer, command: Adjust) -> Rejected | None:
    if command.partner and not registry.is_partner(state, buyer.tenant, command.partner):
        return registry.partner_unknown("partner")
    return None


def _give(state: Writer, entry: Entry, buyer: Buyer, command: Adjust) -> Adjusted:
    """Points from the issuer: as many as are owed to the debt, the rest into a lot."""
    member, wallet, partner = buyer.member, command.wallet, command.partner
    purse = purses.ensure(member, wallet)
    debt_paid = min(purse.debt_points, command.points)
    rest = command.points - debt_paid
    posted = [Posting(ISSUER, 0, -command.points, wallet, partner)]
    if debt_paid:
        purse.debt_points -= debt_paid
        posted.append(Posting(MEMBER_DEBT, 0, debt_paid, wallet, partner))
    lot = None
    if rest:
        from_ms, until_ms = command.from_ms or entry.time_ms, command.until_ms or NEVER_MS
        lot = Lot(member.lots + 1, rest, from_ms, until_ms, wallet, command.priority)
        held = HeldLot(rest, Source.ADJUSTMENT, None, buyer.programme.version, partner=partner)
        lots.open_lot(state, buyer.tenant, buyer.member_id, member, lot, held)
        posted.append(Posting(MEMBER_LOT, lot.lot, rest, wallet, partner))
    _record(state, entry, buyer, posted, command.reason)
    return Adjusted(_asked(command), buyer.member_id, debt_paid, lot, ())


def _take(state: Writer, entry: Entry, buyer: Buyer, command: Adjust) -> Adjusted:
    """Points back to those who issued them."""
    posted: list[Posting] = []
    draws: list[Lot] = []
    for payer in _payers(state, buyer, command):
        lots.take(state, buyer.tenant, buyer.member_id, buyer.member, payer)
        draw, partner = payer.draw, payer.held.partner
        draws.append(draw)
        posted.append(Posting(MEMBER_LOT, draw.lot, -draw.points, draw.wallet, partner))
        posted.append(Posting(ISSUER, 0, draw.points, draw.wallet, partner))
    _record(state, entry, buyer, posted, command.reason)
    return Adjusted(_asked(command), buyer.member_id, 0, None, tuple(draws))


def _record(state: Writer, entry: Entry, buyer: Buyer, posted: list[Posting], reason: str) -> None:
    postings.record(state, entry, buyer.member_id, Movement.ADJUST, None, None, posted, reason)


def _answer(buyer: Buyer, command: Adjust, done: Adjusted, repeated: bool) -> AdjustDone:
    return AdjustDone(
        buyer.member_id,
        command.reference,
        command.wallet,
        command.points,
        done.debt_paid_points,
        done.lot,
        done.draws,
        purses.balance(buyer.member, command.wallet),
        repeated,
    )
