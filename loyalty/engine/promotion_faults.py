"""What cannot be in a promotion: field by field, and what would be right, in the order of the values."""

from collections.abc import Sequence
from typing import Final

from loyalty.commands import Promotion, Rules
from loyalty.commands import limits as lim
from loyalty.commands.conditions import AnyCondition
from loyalty.commands.promotions import (
    AmountOff,
    Audience,
    Bundle,
    BuyGet,
    Caps,
    CheapestFree,
    Effect,
    FixedPrice,
    GiveCoupon,
    GiveLot,
    GiveService,
    MoneyEffect,
    PercentOff,
    PointsFixed,
    PointsPer,
    PointsTimes,
    Scope,
    Stacking,
    When,
    Where,
)
from loyalty.engine import registry, terms
from loyalty.engine.conditions import problem_of
from loyalty.engine.faults import Faults
from loyalty.engine.state import Reader
from loyalty.outcomes import NEVER_MS, Code, Rejected

_PIECES: Final = (CheapestFree, BuyGet, Bundle)  # effects that count groups of pieces
_OF_MONEY: Final = (PercentOff, AmountOff, FixedPrice, *_PIECES)
_OF_POINTS: Final = (PointsPer, PointsTimes, PointsFixed, GiveLot)
_CAPS: Final = (  # field, highest, of which effects
    ("receipt_minor", lim.AMOUNT_MAX_MINOR, _OF_MONEY, "it takes no money off"),
    ("receipt_points", lim.POINTS_MAX, _OF_POINTS, "it gives no points"),
    ("receipt_times", lim.COUPON_MAX_TIMES, _PIECES, "it does not count pieces"),
    ("member_times", lim.COUPON_MAX_TIMES, (), ""),
    ("member_day_times", lim.COUPON_MAX_TIMES, (), ""),
    ("total_times", lim.COUPON_MAX_TIMES, (), ""),
    ("budget_minor", lim.AMOUNT_MAX_MINOR, _OF_MONEY, "it takes no money off"),
    ("budget_points", lim.POINTS_MAX, _OF_POINTS, "it gives no points"),
)


def refuse(
    state: Reader, tenant: int, rules: Rules, promotion: Promotion, field: str = "promotion"
) -> Rejected | None:
    """The first thing that keeps a promotion from being published."""
    for at, partner in enumerate(promotion.where.partners, 1):
        if not registry.is_partner(state, tenant, partner):
            return registry.partner_unknown(f"{field}.where.partners[{at}]")
    if promotion.funder and not registry.is_partner(state, tenant, promotion.funder):
        return registry.partner_unknown(f"{field}.funder")
    for where, wanted in of_promotion(promotion, rules):
        return Rejected(Code.PROMOTION_INVALID, f"{field}.{where}", wanted)
    return None


def refuse_all(state: Reader, tenant: int, rules: Rules, promotions: Sequence[Promotion]) -> Rejected | None:
    """The first thing that keeps one of several from being tried out together."""
    numbers: list[int] = []
    for at, promotion in enumerate(promotions, 1):
        refused = refuse(state, tenant, rules, promotion, f"promotions[{at}]")
        if refused is not None:
            return refused
        if promotion.number in numbers:
            return Rejected(Code.PROMOTION_INVALID, f"promotions[{at}].number", "each promotion once")
        numbers.append(promotion.number)
    return None


def of_promotion(promotion: Promotion, rules: Rules) -> Faults:
    """Every field of a promotion that cannot be; partners are looked at elsewhere."""
    yield from _range("number", promotion.number, 1, lim.PROMOTION_NUMBER_MAX)
    if not promotion.name:
        yield "name", "a name, for people"
    yield from _under("when.", _of_when(promotion.when))
    yield from _under("where.", _of_where(promotion.where, rules))
    yield from _under("who.", _of_audience(promotion.who, rules))
    attributes = dict(rules.attributes)
    for field, condition in (("lines", promotion.lines), ("receipt", promotion.receipt)):
        problem = problem_of(condition, field == "lines", attributes, field)
        if problem is not None:
            yield problem
    yield from _under("effect.", _of_effect(promotion, rules))
    yield from _under("stacking.", _of_stacking(promotion.stacking))
    yield from _under("caps.", _of_caps(promotion.caps, promotion.effect))
    if terms.currency_of(rules, promotion.currency) is None:
        codes = [rules.currency, *[currency.code for currency in rules.currencies]]
        yield "currency", "one of " + ", ".join(codes)


def _under(prefix: str, faults: Faults) -> Faults:
    return ((prefix + field, wanted) for field, wanted in faults)


def _range(field: str, value: int, lowest: int, highest: int) -> Faults:
    if not lowest <= value <= highest:
        yield field, f"{lowest} to {highest}"


def _once(field: str, values: Sequence[str | int]) -> Faults:
    """Values that are not empty, each once."""
    for at, value in enumerate(values, 1):
        if value == "":
            yield f"{field}[{at}]", "a name"
        if value in values[: at - 1]:
            yield f"{field}[{at}]", "each once"


def _of_when(when: When) -> Faults:
    yield from _range("from_ms", when.from_ms, 0, NEVER_MS - 1)
    if when.until_ms and not when.from_ms < when.until_ms < NEVER_MS:
        yield "until_ms", f"above {when.from_ms}, or 0"
    yield from _range("weekdays", when.weekdays, 1, 127)
    yield from _range("from_minute", when.from_minute, 0, 1439)
    yield from _range("until_minute", when.until_minute, 0, 1440)
    if when.from_minute == when.until_minute:
        yield "until_minute", "another minute than from_minute; 0 to 1440 is the whole day"


def _of_where(where: Where, rules: Rules) -> Faults:
    for at, country in enumerate(where.countries, 1):
        if rules.countries and country not in rules.countries:
            yield f"countries[{at}]", "one of " + ", ".join(rules.countries)
    for field, values in (
        ("countries", where.countries),
        ("cities", where.cities),
        ("partners", where.partners),
    ):
        yield from _once(field, values)
    for at, store in enumerate(where.stores, 1):
        yield from _range(f"stores[{at}]", store, 1, lim.STORE_MAX)
    yield from _once("stores", where.stores)
    yield from _once("channels", where.channels)


def _of_audience(who: Audience, rules: Rules) -> Faults:
    names = [tier.name for tier in rules.tiers]
    wanted = "one of " + ", ".join(names) if names else "none: the programme has no tiers"
    for at, tier in enumerate(who.tiers, 1):
        if tier not in names:
            yield f"tiers[{at}]", wanted
    yield from _once("tiers", who.tiers)
    yield from _once("segments", who.segments)
    before, after = who.birthday_before_days, who.birthday_after_days
    yield from _range("birthday_before_days", before, -1, lim.GIFT_MAX_DAYS)
    yield from _range("birthday_after_days", after, -1, lim.GIFT_MAX_DAYS)
    if (before < 0) is not (after < 0):
        yield "birthday_after_days", "0 or more if birthday_before_days is, else -1"


def _of_effect(promotion: Promotion, rules: Rules) -> Faults:
    effect = promotion.effect
    if isinstance(effect, MoneyEffect):
        yield from _of_money(promotion, rules)
    elif isinstance(effect, GiveService):
        if not effect.service:
            yield "service", "a kind of service"
        yield from _range("times", effect.times, 1, lim.SERVICE_MAX_TIMES)
        yield from _range("window_days", effect.window_days, 1, lim.WINDOW_MAX_DAYS)
    elif isinstance(effect, GiveCoupon):
        yield from _range("promotion", effect.promotion, 1, lim.PROMOTION_NUMBER_MAX)
        if effect.promotion == promotion.number:
            yield "promotion", "another promotion than this one"
        yield from _range("window_days", effect.window_days, 1, lim.WINDOW_MAX_DAYS)
    else:
        yield from _of_points(effect, rules)


def _of_money(promotion: Promotion, rules: Rules) -> Faults:
    effect = promotion.effect
    if isinstance(effect, PercentOff):
        yield from _range("basis_points", effect.basis_points, 1, lim.BASIS_POINTS)
    elif isinstance(effect, AmountOff):
        yield from _range("minor", effect.minor, 1, lim.AMOUNT_MAX_MINOR)
        if effect.per_piece and promotion.scope is Scope.RECEIPT:
            yield "per_piece", "false: with the scope RECEIPT it is one amount for all lines together"
    elif isinstance(effect, FixedPrice):
        yield from _range("minor", effect.minor, 0, lim.AMOUNT_MAX_MINOR)
    elif isinstance(effect, CheapestFree):
        yield from _range("of_pieces", effect.of_pieces, 2, lim.PIECES_MAX)
        yield from _range("free_pieces", effect.free_pieces, 1, effect.of_pieces - 1)
    elif isinstance(effect, BuyGet):
        yield from _range("buy_pieces", effect.buy_pieces, 1, lim.PIECES_MAX)
        yield from _range("get_pieces", effect.get_pieces, 1, lim.PIECES_MAX)
        yield from _of_condition("get", effect.get, rules)
        yield from _range("basis_points", effect.basis_points, 1, lim.BASIS_POINTS)
    elif isinstance(effect, Bundle):
        for at, part in enumerate(effect.parts, 1):
            yield from _of_condition(f"parts[{at}].lines", part.lines, rules)
            yield from _range(f"parts[{at}].pieces", part.pieces, 1, lim.PIECES_MAX)
        yield from _range("minor", effect.minor, 0, lim.AMOUNT_MAX_MINOR)


def _of_points(effect: Effect, rules: Rules) -> Faults:
    if isinstance(effect, PointsTimes):
        yield from _range("basis_points", effect.basis_points, lim.BASIS_POINTS + 1, lim.RATE_MAX)
    if isinstance(effect, PointsPer | PointsFixed | GiveLot):
        if not terms.spend_unit_points(rules, effect.wallet):
            yield "wallet", "0, or one of the programme's wallets"
        most = lim.RATE_MAX if isinstance(effect, PointsPer) else lim.POINTS_MAX
        yield from _range("points", effect.points, 1, most)
    if isinstance(effect, PointsPer):
        yield from _range("per_minor", effect.per_minor, 1, lim.RATE_MAX)
    if isinstance(effect, GiveLot):
        yield from _of_condition("purpose", effect.purpose, rules)
        yield from _range("delay_days", effect.delay_days, 0, lim.EARN_DELAY_MAX_DAYS)
        yield from _range("window_days", effect.window_days, 0, lim.WINDOW_MAX_DAYS)
        yield from _range("priority", effect.priority, 0, lim.PRIORITY_MAX)


def _of_condition(field: str, condition: AnyCondition | None, rules: Rules) -> Faults:
    """A condition over lines."""
    problem = problem_of(condition, True, dict(rules.attributes), field)
    if problem is not None:
        yield problem


def _of_stacking(stacking: Stacking) -> Faults:
    yield from _range("zone", stacking.zone, 0, lim.PROMOTION_ZONE_MAX)
    yield from _range("group", stacking.group, 0, lim.PROMOTION_GROUP_MAX)


def _of_caps(caps: Caps, effect: Effect) -> Faults:
    """Ranges, and limits that would hold nothing back: they are a mistake that nobody would notice."""
    for field, most, effects, why in _CAPS:
        value = getattr(caps, field)
        yield from _range(field, value, 0, most)
        if value and effects and not isinstance(effect, effects):
            yield field, f"0: {why}"
