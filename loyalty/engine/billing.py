"""The bill of a basket, once it is decided what applies and what pays: line by line, lot by lot."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from msgspec.structs import replace

from loyalty.commands import WALLET_BONUS, LineKind, Rules
from loyalty.commands import limits as lim
from loyalty.commands.conditions import AnyCondition
from loyalty.commands.policies import SameReceipt
from loyalty.commands.promotions import GiveCoupon, GiveLot, GiveService, PointsFixed, PointsPer
from loyalty.commands.rules import Currency
from loyalty.engine import calendar, purses, records, terms
from loyalty.engine.calendar import day_start_ms
from loyalty.engine.plans import Basket, Buyer, Plan, Spending
from loyalty.engine.promote.scene import Best, Given
from loyalty.engine.records import Owed, Parts, Use
from loyalty.outcomes import (
    NEVER_MS,
    Bill,
    BillLine,
    CouponGiven,
    Earning,
    Lot,
    PassedOver,
    QuoteDone,
    ServiceGiven,
)

_GOODS: Final = LineKind.GOODS
_AT_ONCE: Final = SameReceipt.AT_ONCE
_NO_PARTS: Final[tuple[tuple[int, int], ...]] = ()


def plan(
    buyer: Buyer,
    basket: Basket,
    chosen: Best,
    spending: Spending,
    currency: Currency,
    uses: tuple[Use, ...],
    passed_over: tuple[PassedOver, ...],
) -> Plan:
    """Put together what was decided. All sums are over the lines."""
    bonus: Sequence[int] = chosen.regular
    earned: Parts = ()
    if chosen.given:
        earnings, earned = _earnings(buyer, basket, chosen)
        bonus = [_bonus_points(parts, earnings) for parts in earned]
    else:
        earnings = _regular_only(buyer, basket, bonus)
    lines, amount_minor, goods_minor = _lines(basket, chosen, spending, bonus)
    discount_minor = sum(chosen.discounts)
    spent_minor = sum(spending.grains) * spending.worth.minor
    debt_paid_points = 0
    for earning in earnings:
        if not earning.wallet:
            debt_paid_points += earning.debt_paid_points
    bill = Bill(
        lines,
        amount_minor,
        sum(spending.grains) * spending.worth.points,
        spent_minor,
        amount_minor - discount_minor - spent_minor,
        sum(bonus),
        earnings,
        tuple([payer.draw for payer in spending.payers]),
        debt_paid_points,
        buyer.programme.version,
        discount_minor,
        chosen.applied,
        _services(basket, chosen) if chosen.given else (),
        _coupons(basket, chosen) if chosen.given else (),
        basket.wallet,
        "" if basket.place.currency == buyer.programme.rules.currency else basket.place.currency,
    )
    turnover = 0
    if buyer.programme.rules.tiers:
        turnover = goods_minor * currency.turnover_minor // currency.turnover_per_minor
        turnover = min(turnover, lim.AMOUNT_MAX_MINOR)  # enough for every tier, and no rate makes it endless
    return Plan(
        bill,
        spending.payers,
        spending.parts,
        earned,
        spending.most_points,
        uses,
        turnover,
        _purposes(earnings, chosen) if chosen.given else (None,) * len(earnings),
        _issuers(basket, spending),
        _owed(buyer.programme.rules, basket, chosen) if chosen.applied else (),
        passed_over,
        chosen.search,
    )


def _lines(
    basket: Basket, chosen: Best, spending: Spending, bonus: Sequence[int]
) -> tuple[tuple[BillLine, ...], int, int]:
    """The lines, what they cost together, and what is paid for goods."""
    grain_points, grain_minor = spending.worth.points, spending.worth.minor
    lines = []
    amount_minor = goods_minor = 0
    for line, off, grains, points in zip(basket.lines, chosen.discounts, spending.grains, bonus, strict=True):
        minor, spent_minor = line.amount_minor, grains * grain_minor
        paid_minor = minor - off - spent_minor
        lines.append(BillLine(minor, grains * grain_points, spent_minor, paid_minor, points, off))
        amount_minor += minor
        if line.kind is _GOODS:
            goods_minor += paid_minor
    return tuple(lines), amount_minor, goods_minor


def _bonus_points(parts: tuple[tuple[int, int], ...], earnings: tuple[Earning, ...]) -> int:
    """What one line earned in wallet 0."""
    return sum([points for at, points in parts if not earnings[at].wallet])


def _regular_only(buyer: Buyer, basket: Basket, points: Sequence[int]) -> tuple[Earning, ...]:
    """The regular lot of wallet 0, if anything is earned."""
    total = sum(points)
    return (_regular(buyer, basket, WALLET_BONUS, total, buyer.member.lots + 1),) if total else ()


def _earnings(buyer: Buyer, basket: Basket, chosen: Best) -> tuple[tuple[Earning, ...], Parts]:
    """Into which lots the points go: one regular lot for each wallet, then those that promotions give."""
    regular: dict[int, list[int]] = {}
    if any(chosen.regular):
        regular[0] = list(chosen.regular)
    own: list[Given] = []
    for given in chosen.given:
        effect = given.promotion.effect
        if isinstance(effect, GiveLot):
            own.append(given)
        elif any(given.points):
            wallet = _wallet_of(given)
            before = regular.get(wallet)
            regular[wallet] = list(given.points) if before is None else _added(before, given.points)
    if not regular and not own:
        return (), (_NO_PARTS,) * len(basket.lines)

    earnings: list[Earning] = []
    per_line: list[list[tuple[int, int]]] = [[] for _ in basket.lines]
    number = buyer.member.lots
    for wallet in sorted(regular):
        number = _add_regular(buyer, basket, wallet, regular[wallet], number, earnings, per_line)
    for given in own:
        number = _add_own(buyer, basket, given, number, earnings, per_line)
    return tuple(earnings), tuple([tuple(parts) for parts in per_line])


def _added(before: list[int], more: tuple[int, ...]) -> list[int]:
    return [one + other for one, other in zip(before, more, strict=True)]


def _add_regular(
    buyer: Buyer,
    basket: Basket,
    wallet: int,
    points: list[int],
    number: int,
    earnings: list[Earning],
    per_line: list[list[tuple[int, int]]],
) -> int:
    """The wallet's regular lot, less what pays a debt; the number of the newest lot."""
    earning = _regular(buyer, basket, wallet, sum(points), number + 1)
    _note(earnings, per_line, earning, points)
    return number if earning.lot is None else number + 1


def _regular(buyer: Buyer, basket: Basket, wallet: int, total: int, number: int) -> Earning:
    """What pays a debt, and the lot of that number for the rest."""
    rules = buyer.programme.rules
    purse = purses.find(buyer.member, wallet)
    debt_paid = 0 if purse is None else min(purse.debt_points, total)
    if total == debt_paid:
        return Earning(0, wallet, total, debt_paid, None)
    from_day, from_ms = _begins(rules, basket, buyer.member.as_of_ms)
    until_ms = _ends(rules, basket, from_day, from_ms, rules.lot_window_days)
    return Earning(0, wallet, total, debt_paid, Lot(number, total - debt_paid, from_ms, until_ms, wallet))


def earned_later(buyer: Buyer, basket: Basket, bill: Bill) -> Bill:
    """The bill of an order that is picked up on the basket's day: the same points, in lots that begin now.

    Regular points count from the pick-up; a lot of a promotion's own keeps the window that was promised.
    """
    earnings, number = [], buyer.member.lots
    for earning in bill.earnings:
        if not earning.promotion:
            earning = _regular(buyer, basket, earning.wallet, earning.points, number + 1)
        elif earning.lot is not None:
            earning = replace(earning, lot=replace(earning.lot, lot=number + 1))
        number += earning.lot is not None
        earnings.append(earning)
    debt_paid = sum([earning.debt_paid_points for earning in earnings if not earning.wallet])
    return replace(bill, earnings=tuple(earnings), debt_paid_points=debt_paid)


def _add_own(
    buyer: Buyer,
    basket: Basket,
    given: Given,
    number: int,
    earnings: list[Earning],
    per_line: list[list[tuple[int, int]]],
) -> int:
    """A lot of a promotion's own; it pays no debt."""
    effect, total = given.promotion.effect, sum(given.points)
    if not isinstance(effect, GiveLot) or not total:
        return number
    rules = buyer.programme.rules
    from_day = basket.day + effect.delay_days
    from_ms = day_start_ms(basket.place.zone, from_day) if effect.delay_days else buyer.member.as_of_ms
    until_ms = _ends(rules, basket, from_day, from_ms, effect.window_days)
    purposed = effect.purpose is not None
    lot = Lot(number + 1, total, from_ms, until_ms, effect.wallet, effect.priority, purposed)
    _note(
        earnings, per_line, Earning(given.promotion.number, effect.wallet, total, 0, lot), list(given.points)
    )
    return number + 1


def _note(
    earnings: list[Earning], per_line: list[list[tuple[int, int]]], earning: Earning, points: list[int]
) -> None:
    for parts, part in zip(per_line, points, strict=True):
        if part:
            parts.append((len(earnings), part))
    earnings.append(earning)


def _begins(rules: Rules, basket: Basket, now_ms: int) -> tuple[int, int]:
    """Day and instant from which regular points count; at once is now, and never on the receipt itself."""
    days = rules.earn_delay_days
    for channel, delay_days in rules.channel_delays:
        if channel == basket.place.channel:
            days = delay_days
    if not days or rules.policies.same_receipt is _AT_ONCE:
        return basket.day, now_ms
    return basket.day + days, day_start_ms(basket.place.zone, basket.day + days)


def _ends(rules: Rules, basket: Basket, from_day: int, from_ms: int, days: int) -> int:
    if not days:
        return NEVER_MS
    return calendar.window_until_ms(basket.place.zone, from_ms, from_day, days, rules.policies.window_end)


def _purposes(earnings: tuple[Earning, ...], chosen: Best) -> tuple[AnyCondition | None, ...]:
    """What each new lot may pay for; None: everything that points may pay for."""
    purposes = {
        one.promotion.number: one.promotion.effect.purpose
        for one in chosen.given
        if isinstance(one.promotion.effect, GiveLot)
    }
    return tuple([purposes.get(earning.promotion) for earning in earnings])


def _issuers(basket: Basket, spending: Spending) -> tuple[int, ...]:
    """Whose points each draw is, if others than the store's partner are among them."""
    for payer in spending.payers:
        if payer.held.partner != basket.place.partner:
            return tuple([payer.held.partner for payer in spending.payers])
    return ()


def _owed(rules: Rules, basket: Basket, chosen: Best) -> tuple[Owed, ...]:
    """What funders owe the store: the money off, and the points at their worth there, rounded down.

    A line's points are worth no more than any amount can be.
    """
    owed = []
    wallets = {one.promotion.number: _wallet_of(one) for one in chosen.given}
    for one in chosen.applied:
        if not one.funder or one.funder == basket.place.partner:
            continue
        wallet = wallets.get(one.promotion, 0)
        worth = terms.worth_of(rules, wallet, basket.place.currency, basket.sold_ms)
        per_line = [0] * len(basket.lines)
        for part in one.lines:
            points_minor = part.points * worth.minor // worth.points if worth is not None else 0
            per_line[part.line - 1] += part.minor + min(points_minor, lim.AMOUNT_MAX_MINOR)
        if any(per_line):
            owed.append(Owed(one.promotion, one.funder, tuple(per_line)))
    return tuple(owed)


def _wallet_of(given: Given) -> int:
    effect = given.promotion.effect
    return effect.wallet if isinstance(effect, PointsPer | PointsFixed | GiveLot) else 0


def _services(basket: Basket, chosen: Best) -> tuple[ServiceGiven, ...]:
    """Rights to services, from the sale on."""
    zone, given = basket.place.zone, []
    for one in chosen.given:
        effect = one.promotion.effect
        if not isinstance(effect, GiveService):
            continue
        until_ms = NEVER_MS
        if effect.window_days:
            until_ms = day_start_ms(zone, basket.day + effect.window_days)
        for line, times in enumerate(one.times, 1):
            if times:
                number = one.promotion.number
                given.append(ServiceGiven(number, line, effect.service, times, basket.sold_ms, until_ms))
    return tuple(given)


def _coupons(basket: Basket, chosen: Best) -> tuple[CouponGiven, ...]:
    """Coupons that come with the purchase; their codes are made when it is booked."""
    given = []
    for one in chosen.given:
        effect = one.promotion.effect
        if isinstance(effect, GiveCoupon):
            until_ms = NEVER_MS
            if effect.window_days:
                until_ms = day_start_ms(basket.place.zone, basket.day + effect.window_days)
            given.append(CouponGiven(one.promotion.number, effect.promotion, "", until_ms))
    return tuple(given)


def digest(member_id: int, basket: Basket, bill: Bill) -> bytes:
    """What a customer was told, in 16 bytes: rules version, member, basket, plan and result.

    Not the number and start of new lots: where points begin at once, that is the confirm's own instant.
    """
    earnings = [
        (one.promotion, one.wallet, one.points, one.debt_paid_points, one.lot and one.lot.active_until_ms)
        for one in bill.earnings
    ]
    services = [(one.promotion, one.line, one.times, one.active_until_ms) for one in bill.services]
    told = (
        member_id,
        bill.programme_version,
        basket.lines,
        bill.currency,
        bill.lines,
        bill.draws,
        earnings,
        bill.applied,
        services,
        bill.coupons,
    )
    return blake2b(records.encode(told), digest_size=lim.QUOTE_DIGEST_BYTES).digest()


def quote_done(buyer: Buyer, basket: Basket, made: Plan) -> QuoteDone:
    """A plan as the till is told of it."""
    told = digest(buyer.member_id, basket, made.bill)
    balance = purses.balance(buyer.member, basket.wallet)
    return QuoteDone(made.bill, told, made.most_points, balance, made.passed_over, made.search)
