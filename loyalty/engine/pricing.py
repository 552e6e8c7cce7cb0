"""What a basket comes to: the same for a quote and a confirm. Reads, computes, changes nothing.

In this order: what the member can pay with, which promotions can apply, which combination of them is best
(with the spending plan inside, for what points pay earns nothing), then the bill.
"""

from collections.abc import Sequence
from typing import Final

from loyalty.commands import Line, LineKind, Promotion, Rules, SpendMode, Status
from loyalty.commands import limits as lim
from loyalty.commands.conditions import AnyCondition
from loyalty.engine import billing, book, budgets, conditions, lots, paying, purses, terms, tiers
from loyalty.engine.book import Candidates
from loyalty.engine.lots import Payer
from loyalty.engine.paying import Payment, Purposed, SpendPlan
from loyalty.engine.plans import Basket, Buyer, Plan, Spending
from loyalty.engine.promote import Best, Earn, Scene, Spent, best
from loyalty.engine.promote.points import earning_base, regular_points
from loyalty.engine.records import Parts, Purse
from loyalty.engine.state import Entry, Writer
from loyalty.engine.terms import Worth
from loyalty.outcomes import Code, PassedOver, Rejected, Search

_GOODS: Final = LineKind.GOODS
_NO_SPEND: Final = SpendMode.NONE
_UP_TO: Final = SpendMode.UP_TO


class Means:
    """What the member can pay with here: one wallet's points."""

    def __init__(
        self,
        worth: Worth,
        unit_points: int,
        payable: Sequence[bool],  # per line: points may pay for it
        general_points: int = 0,  # in lots without a purpose, less debt
        general: Sequence[Payer] | None = None,  # which lots these are, if they were looked at already
        payers: Sequence[Payer] = (),  # with a purpose, active
        purposed: Sequence[Purposed] = (),  # the same, as the plan sees them
    ) -> None:
        self.worth = worth
        self.unit_points = unit_points
        self.payable = payable
        self.general_points = general_points
        self.general = general
        self.payers = payers
        self.purposed = purposed


_ACTIVE: Final = Status.ACTIVE
_ONE_FOR_ONE: Final = Worth(1, 1)
_NO_VALUE: Final = (0, 1)  # there is nothing to compare it with
_NOTHING_TRIED: Final = Search(True, 0, 0)
_NO_MEANS: Final = Means(_ONE_FOR_ONE, 1, ())  # nothing is to be paid with points


def price(
    state: Writer,
    entry: Entry,
    buyer: Buyer,
    basket: Basket,
    explain: bool,
    extra: tuple[Promotion, ...] = (),
    alone: bool = False,
) -> Plan | Rejected:
    """Compute promotions, spending and earning.

    Args:
        buyer: as of the previous entry, sums brought to this entry's log time.
        basket: in range, see `baskets.py`.
        explain: also tell why each other promotion was not applied.
        extra: promotions that nobody has published, in place of those of the same number.
        alone: look at these only.

    Returns:
        The plan, its parts summing to its whole; or the first rejection that applies. Never raises, changes
        nothing but what was due by time anyway.

    Source: loyalty/RULES.md, "Promotions", "Spending", "Spreading", "Earning".
    """
    rules = buyer.programme.rules
    currency = terms.currency_of(rules, basket.place.currency)
    if currency is None:
        return Rejected(Code.STORE_UNKNOWN, "store", "a store whose currency the programme has")
    means = _find_means(state, buyer, basket, explain)
    if not isinstance(means, Means):
        return means
    found = book.find_candidates(state, entry, buyer, basket, explain, extra, alone)
    if isinstance(found, Rejected):
        return found
    tier_basis_points = _tier_basis_points(buyer, basket) if rules.tiers else lim.BASIS_POINTS
    earn = Earn(currency.earn_points, currency.earn_per_minor, tier_basis_points)
    if found.candidates:
        made = _with_promotions(buyer, basket, found, means, earn)
    else:  # the way of most purchases
        made = _without_promotions(buyer, basket, means, earn)
    if not isinstance(made, tuple):
        return _refusal(means, buyer, basket, made)
    chosen, spent = made
    payers = _payers(state, buyer, basket, means, spent)
    parts: Parts = ()
    if len(payers) > 1:
        general = [payer.draw.points for payer in payers if not payer.draw.purposed]
        parts = paying.parts_of(spent, means.worth.points, general)
    spending = Spending(payers, parts, spent.grains, means.worth, spent.most_points)
    passed_over = tuple(sorted((*found.passed_over, *chosen.passed_over), key=_number)) if explain else ()
    uses = book.uses_of(chosen, found) if chosen.applied else ()
    return billing.plan(buyer, basket, chosen, spending, currency, uses, passed_over)


def _find_means(state: Writer, buyer: Buyer, basket: Basket, explain: bool) -> Means | Rejected:
    """What may pay, or why this wallet cannot."""
    rules, place, wallet = buyer.programme.rules, basket.place, basket.wallet
    unit_points = terms.spend_unit_points(rules, wallet)
    if not unit_points:
        return Rejected(Code.WALLET_UNKNOWN, "spend.wallet", "0, or one of the programme's wallets")
    if basket.spend_mode is _NO_SPEND and not explain:
        return _NO_MEANS
    worth = terms.worth_of(rules, wallet, place.currency, basket.sold_ms)
    if not terms.accepted_here(rules, wallet, place.partner):
        worth = None
    may = buyer.member.status is _ACTIVE  # a blocked member earns and returns, but never spends
    if basket.spend_mode is not _NO_SPEND:
        if not may:
            return Rejected(Code.MEMBER_BLOCKED, "spend", "nothing: this member earns, but does not spend")
        if worth is None:
            return Rejected(Code.WALLET_NOT_HERE, "spend.wallet", "a wallet whose points this store takes")
    if worth is None or not may:
        return Means(_ONE_FOR_ONE, 1, [False] * len(basket.lines))
    purse = purses.find(buyer.member, wallet)
    general_points, general = purses.spendable_points(purse), None
    if purse is not None and purse.open_lots > lim.SPEND_MAX_LOTS:
        wish_points = lim.ACCOUNT_MAX_POINTS if explain else basket.spend_points
        general_points, general = _find_general(state, buyer, wallet, general_points, wish_points)
    payable = [line.kind is _GOODS for line in basket.lines]
    if rules.no_spend is not None:
        allowed = _outside(rules.no_spend, basket.lines)
        payable = [pays and may for pays, may in zip(payable, allowed, strict=True)]
    if purse is None or purse.purposed_until_ms <= buyer.member.as_of_ms:
        return Means(worth, unit_points, payable, general_points, general)
    payers = _active_purposed(state, buyer, purse)
    purposed = [Purposed(payer.draw.points, _meets(basket.lines, payer, payable)) for payer in payers]
    return Means(worth, unit_points, payable, general_points, general, payers, purposed)


def _find_general(
    state: Writer, buyer: Buyer, wallet: int, points: int, wish_points: int
) -> tuple[int, list[Payer]]:
    """How many of the points, as far as the wish goes, no more lots hold than one receipt may empty."""
    wanted = min(points, wish_points)
    found, paid = lots.find_payers(state, buyer.tenant, buyer.member_id, buyer.member, wallet, wanted)
    return (points if paid == wanted else paid), found


def _outside(barred: AnyCondition, lines: tuple[Line, ...]) -> list[bool]:
    """Which lines do not meet a condition."""
    test = conditions.compile_line(barred)
    return [not test(conditions.facts_of_line(line)) for line in lines]


def _active_purposed(state: Writer, buyer: Buyer, purse: Purse) -> list[Payer]:
    now_ms = buyer.member.as_of_ms
    found = lots.find_purposed(state, buyer.tenant, buyer.member_id, buyer.member, purse)
    return [payer for payer in found if payer.draw.active_from_ms <= now_ms]


def _meets(lines: tuple[Line, ...], payer: Payer, payable: Sequence[bool]) -> list[bool]:
    """Which lines a lot with a purpose may pay for."""
    test = conditions.compile_line(payer.held.purpose)
    return [may and test(conditions.facts_of_line(line)) for line, may in zip(lines, payable, strict=True)]


def _tier_basis_points(buyer: Buyer, basket: Basket) -> int:
    rules = buyer.programme.rules
    return rules.tiers[tiers.tier_at(rules, buyer.member.turnover, basket.day)].earn_basis_points


def _with_promotions(
    buyer: Buyer, basket: Basket, found: Candidates, means: Means, earn: Earn
) -> tuple[Best, SpendPlan] | Rejected:
    """The best combination, and how points pay what it leaves."""
    chosen = best(_scene(buyer, basket, found, means, earn))
    planned = chosen.spent.plan
    if isinstance(planned, SpendPlan) and (
        basket.spend_mode is _UP_TO or planned.points == basket.spend_points
    ):
        return chosen, planned  # the plan that the search went by is what was asked for
    left = [line.amount_minor - off for line, off in zip(basket.lines, chosen.discounts, strict=True)]
    spent = _plan_spending(means, buyer.programme.rules, basket, left, basket.spend_mode)
    return spent if isinstance(spent, Rejected) else (chosen, spent)


def _without_promotions(
    buyer: Buyer, basket: Basket, means: Means, earn: Earn
) -> tuple[Best, SpendPlan] | Rejected:
    """Nothing to choose: how points pay, and the regular points on the rest."""
    rules, lines = buyer.programme.rules, basket.lines
    left = [line.amount_minor for line in lines]
    spent = _plan_spending(means, rules, basket, left, basket.spend_mode)
    if not isinstance(spent, SpendPlan):
        return spent
    minor = means.worth.minor
    paid = spent.grains if minor == 1 else [grains * minor for grains in spent.grains]
    base = earning_base(lines, rules.policies, left, paid)
    earns = None if rules.no_earn is None else _outside(rules.no_earn, lines)
    limited = rules.receipt_max_points or rules.member_day_max_points
    most = _points_max(rules, buyer, basket) if limited else None
    regular = regular_points(base, earns, earn, rules.policies, most)
    paid_by = Spent(paid, spent.general_points, spent)
    return Best((0,) * len(lines), paid_by, tuple(regular), (), (), _NO_VALUE, (), _NOTHING_TRIED), spent


def _scene(buyer: Buyer, basket: Basket, found: Candidates, means: Means, earn: Earn) -> Scene:
    """All that the search needs to know; points are worth what they pay here."""
    rules = buyer.programme.rules

    def spend(left_minor: Sequence[int]) -> Spent:
        planned = _plan_spending(means, rules, basket, left_minor, _UP_TO)
        if isinstance(planned, Rejected):  # never: as many as possible is always possible
            return Spent([0] * len(left_minor), 0)
        minor = means.worth.minor
        paid = planned.grains if minor == 1 else [grains * minor for grains in planned.grains]
        return Spent(paid, planned.general_points, planned)

    return Scene(
        basket.lines,
        found.candidates,
        rules.policies,
        earn,
        _worths(rules, basket),
        None if rules.no_earn is None else tuple(_outside(rules.no_earn, basket.lines)),
        _points_max(rules, buyer, basket),
        found.purses,
        None if basket.spend_mode is _NO_SPEND else spend,
        spend_steps=len(means.purposed),
    )


def _worths(rules: Rules, basket: Basket) -> dict[int, tuple[int, int]]:
    """What a point of each wallet is worth here, as (minor, points)."""
    worths = {}
    for wallet in (0, *[one.number for one in rules.wallets]):
        worth = terms.worth_of(rules, wallet, basket.place.currency, basket.sold_ms)
        if worth is not None:
            worths[wallet] = (worth.minor, worth.points)
    return worths


def _points_max(rules: Rules, buyer: Buyer, basket: Basket) -> int | None:
    """Points that the receipt, and the member on this day, may still earn."""
    limits = [rules.receipt_max_points] if rules.receipt_max_points else []
    if rules.member_day_max_points:
        earned = budgets.on_day(buyer.member.earned_days, basket.day)
        limits.append(max(rules.member_day_max_points - earned, 0))
    return min(limits) if limits else None


def _plan_spending(
    means: Means, rules: Rules, basket: Basket, left_minor: Sequence[int], mode: SpendMode
) -> SpendPlan | Rejected:
    """How points pay what is left of the lines, or why they cannot as the till wishes."""
    if means is _NO_MEANS:
        nothing = [0] * len(left_minor)
        return SpendPlan(0, nothing, 0, 0, nothing, [], [])
    return paying.plan_spending(
        Payment(
            left_minor,
            means.payable,
            rules.line_limit_basis_points,
            rules.receipt_limit_basis_points,
            means.worth.points,
            means.worth.minor,
            means.unit_points,
            means.general_points,
            basket.spend_points,
            mode,
            rules.policies.distribution,
            means.purposed,
        )
    )


def _refusal(means: Means, buyer: Buyer, basket: Basket, refused: Rejected) -> Rejected:
    """Too low because of how many lots hold the points is another answer than too low."""
    purse = purses.find(buyer.member, basket.wallet)
    if means.general is not None and refused.code is Code.BALANCE_TOO_LOW:
        held = purses.spendable_points(purse) + sum([payer.draw.points for payer in means.payers])
        if basket.spend_points <= held:
            return Rejected(Code.SPEND_TOO_MANY_LOTS, refused.field, refused.acceptable)
    return refused


def _payers(state: Writer, buyer: Buyer, basket: Basket, means: Means, spent: SpendPlan) -> list[Payer]:
    """Which lots pay, with what is drawn of each: those with a purpose first."""
    payers: list[Payer] = []
    if not spent.points:
        return payers
    for payer, points in zip(means.payers, spent.purposed_points, strict=True):
        if points:
            payers.append(Payer(payer.key, lots.part_of(payer.draw, points), payer.held))
    if spent.general_points:
        wallet, points = basket.wallet, spent.general_points
        found = means.general
        if found is None:
            payers += lots.find_payers(state, buyer.tenant, buyer.member_id, buyer.member, wallet, points)[0]
        else:
            payers += lots.cut(found, points)
    return payers


def _number(passed: PassedOver) -> int:
    return passed.promotion
