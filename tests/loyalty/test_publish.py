"""Promotions are published, paused, listed; what contradicts itself is refused with what would be right."""

from typing import Any, Final

import pytest
from msgspec.structs import replace

from loyalty import commands as cmd
from loyalty.commands import Tier, Wallet, WalletKind
from loyalty.commands import limits as lim
from loyalty.commands.conditions import AttributeType, Begins, Bought, Measure, OneOf, Within
from loyalty.commands.promotions import (
    AmountOff,
    Audience,
    Bundle,
    BundlePart,
    BuyGet,
    Caps,
    CheapestFree,
    FixedPrice,
    GiveCoupon,
    GiveLot,
    GiveService,
    PercentOff,
    PointsFixed,
    PointsPer,
    PointsTimes,
    Scope,
    Stacking,
    When,
    Where,
)
from loyalty.commands.rules import Currency
from loyalty.engine import keys, records
from loyalty.outcomes import (
    NEVER_MS,
    Code,
    DefineDone,
    GetPromotionDone,
    ListPromotionsDone,
    Rejected,
    Usage,
)
from tests.loyalty.kit import DAY_MS, NOON, Shop, expect
from tests.loyalty.promotions import about, pause, promotion, publish

RULES: Final[dict[str, Any]] = {
    "countries": ("DE", "AT"),
    "currencies": (Currency("CZK", 2, 5, 2500, 1, 25),),
    "tiers": (Tier("blue", 0, 10_000), Tier("gold", 100_000, 12_000)),
    "wallets": (Wallet(1, "Ski points", WalletKind.BONUS, 0, 1),),
    "attributes": (("brand", AttributeType.TEXT),),
}
SHOES: Final = about("shoes")


@pytest.fixture
def shop() -> Shop:
    """A programme with two tiers, two wallets, two currencies, and partner 5."""
    shop = Shop()
    expect(shop.define(**RULES), DefineDone)
    expect(shop.run(cmd.DefinePartner(5, "Nordkap")), DefineDone)
    return shop


REFUSED: Final = [  # what is changed, the field, what would be right
    ({"number": 0}, "number", "1 to 4294967295"),
    ({"number": 2**32}, "number", "1 to 4294967295"),
    ({"name": ""}, "name", "a name, for people"),
    # When.
    ({"when": When(-1, 0)}, "when.from_ms", f"0 to {NEVER_MS - 1}"),
    ({"when": When(5, 5)}, "when.until_ms", "above 5, or 0"),
    ({"when": When(5, 4)}, "when.until_ms", "above 5, or 0"),
    ({"when": When(5, NEVER_MS)}, "when.until_ms", "above 5, or 0"),
    ({"when": When(0, 0, weekdays=0)}, "when.weekdays", "1 to 127"),
    ({"when": When(0, 0, weekdays=128)}, "when.weekdays", "1 to 127"),
    ({"when": When(0, 0, from_minute=-1)}, "when.from_minute", "0 to 1439"),
    ({"when": When(0, 0, from_minute=1440, until_minute=60)}, "when.from_minute", "0 to 1439"),
    ({"when": When(0, 0, until_minute=1441)}, "when.until_minute", "0 to 1440"),
    (
        {"when": When(0, 0, from_minute=60, until_minute=60)},
        "when.until_minute",
        "another minute than from_minute; 0 to 1440 is the whole day",
    ),
    # Where.
    ({"where": Where(countries=("DE", "FR"))}, "where.countries[2]", "one of DE, AT"),
    ({"where": Where(countries=("DE", "DE"))}, "where.countries[2]", "each once"),
    ({"where": Where(cities=("",))}, "where.cities[1]", "a name"),
    ({"where": Where(cities=("Graz", "Graz"))}, "where.cities[2]", "each once"),
    ({"where": Where(partners=(5, 5))}, "where.partners[2]", "each once"),
    ({"where": Where(stores=(0,))}, "where.stores[1]", "1 to 4294967295"),
    ({"where": Where(stores=(1, 2**32))}, "where.stores[2]", "1 to 4294967295"),
    ({"where": Where(stores=(3, 3))}, "where.stores[2]", "each once"),
    ({"where": Where(channels=("web", ""))}, "where.channels[2]", "a name"),
    # Who.
    ({"who": Audience(tiers=("gold", "pink"))}, "who.tiers[2]", "one of blue, gold"),
    ({"who": Audience(tiers=("gold", "gold"))}, "who.tiers[2]", "each once"),
    ({"who": Audience(segments=("",))}, "who.segments[1]", "a name"),
    ({"who": Audience(birthday_before_days=-2)}, "who.birthday_before_days", "-1 to 92"),
    ({"who": Audience(birthday_before_days=93)}, "who.birthday_before_days", "-1 to 92"),
    (
        {"who": Audience(birthday_before_days=0, birthday_after_days=-1)},
        "who.birthday_after_days",
        "0 or more if birthday_before_days is, else -1",
    ),
    (
        {"who": Audience(birthday_before_days=-1, birthday_after_days=3)},
        "who.birthday_after_days",
        "0 or more if birthday_before_days is, else -1",
    ),
    # Conditions.
    (
        {"lines": OneOf("colour", ("red",))},
        "lines.attribute",
        "one of brand, sku, kind, amount, unit_price, quantity",
    ),
    ({"lines": Begins("amount", "1")}, "lines.attribute", "a text: amount is a number, use within"),
    (
        {"lines": Bought(Measure.LINES, None, 1, None)},
        "lines",
        "a test of one line; sums over lines belong to what must hold for the receipt",
    ),
    (
        {"receipt": Bought(Measure.LINES, OneOf("colour", ("red",)), 1, None)},
        "receipt.lines.attribute",
        "one of brand, sku, kind, amount, unit_price, quantity",
    ),
    ({"receipt": Within("weekday", 3, 2)}, "receipt.least", "at most 2: as much as most"),
    # Effects on money.
    ({"effect": PercentOff(0)}, "effect.basis_points", "1 to 10000"),
    ({"effect": PercentOff(10_001)}, "effect.basis_points", "1 to 10000"),
    ({"effect": AmountOff(0)}, "effect.minor", "1 to 1000000000000000"),
    ({"effect": AmountOff(10**15 + 1)}, "effect.minor", "1 to 1000000000000000"),
    (
        {"effect": AmountOff(1, per_piece=True), "scope": Scope.RECEIPT},
        "effect.per_piece",
        "false: with the scope RECEIPT it is one amount for all lines together",
    ),
    ({"effect": FixedPrice(-1)}, "effect.minor", "0 to 1000000000000000"),
    ({"effect": CheapestFree(1, 0)}, "effect.of_pieces", "2 to 1000"),
    ({"effect": CheapestFree(3, 0)}, "effect.free_pieces", "1 to 2"),
    ({"effect": CheapestFree(3, 3)}, "effect.free_pieces", "1 to 2"),
    ({"effect": CheapestFree(1001, 1)}, "effect.of_pieces", "2 to 1000"),
    ({"effect": BuyGet(0, 1, None)}, "effect.buy_pieces", "1 to 1000"),
    ({"effect": BuyGet(1, 1001, None)}, "effect.get_pieces", "1 to 1000"),
    ({"effect": BuyGet(1, 1, None, 0)}, "effect.basis_points", "1 to 10000"),
    (
        {"effect": BuyGet(1, 1, Within("sku", 1, 2))},
        "effect.get.attribute",
        "a number: sku is a text, use one_of or begins",
    ),
    (
        {"effect": Bundle((BundlePart(SHOES, 1), BundlePart(Within("sku", 1, 2), 1)), 500)},
        "effect.parts[2].lines.attribute",
        "a number: sku is a text, use one_of or begins",
    ),
    (
        {"effect": Bundle((BundlePart(SHOES, 1), BundlePart(SHOES, 0)), 500)},
        "effect.parts[2].pieces",
        "1 to 1000",
    ),
    ({"effect": Bundle((BundlePart(SHOES, 1),) * 2, -1)}, "effect.minor", "0 to 1000000000000000"),
    # Effects on points.
    ({"effect": PointsPer(2, 5, 100)}, "effect.wallet", "0, or one of the programme's wallets"),
    ({"effect": PointsPer(0, 0, 100)}, "effect.points", "1 to 1000000"),
    ({"effect": PointsPer(0, 5, 0)}, "effect.per_minor", "1 to 1000000"),
    ({"effect": PointsTimes(10_000)}, "effect.basis_points", "10001 to 1000000"),  # it would change nothing
    ({"effect": PointsFixed(0, 0)}, "effect.points", "1 to 1000000000000000"),
    ({"effect": PointsFixed(0, 10**15 + 1)}, "effect.points", "1 to 1000000000000000"),
    ({"effect": PointsFixed(-1, 5)}, "effect.wallet", "0, or one of the programme's wallets"),
    ({"effect": GiveLot(2, 5, None, 0, 10)}, "effect.wallet", "0, or one of the programme's wallets"),
    ({"effect": GiveLot(1, 5, Within("sku", 1, 2), 0, 10)}, "effect.purpose.attribute", None),
    ({"effect": GiveLot(1, 5, None, -1, 10)}, "effect.delay_days", "0 to 366"),
    ({"effect": GiveLot(1, 5, None, 0, 36_501)}, "effect.window_days", "0 to 36500"),
    ({"effect": GiveLot(1, 5, None, 0, 10, 256)}, "effect.priority", "0 to 255"),
    ({"effect": GiveService("", 1, 365)}, "effect.service", "a kind of service"),
    ({"effect": GiveService("tune-up", 1001, 365)}, "effect.times", "1 to 1000"),
    ({"effect": GiveService("tune-up", 2, 0)}, "effect.window_days", "1 to 36500"),
    ({"effect": GiveCoupon(7, 30)}, "effect.promotion", "another promotion than this one"),
    ({"effect": GiveCoupon(0, 30)}, "effect.promotion", "1 to 4294967295"),
    ({"effect": GiveCoupon(8, 0)}, "effect.window_days", "1 to 36500"),
    # Stacking and caps.
    ({"stacking": Stacking(zone=256)}, "stacking.zone", "0 to 255"),
    ({"stacking": Stacking(group=65_536)}, "stacking.group", "0 to 65535"),
    ({"caps": Caps(member_times=-1)}, "caps.member_times", "0 to 1000000000"),
    ({"caps": Caps(budget_minor=-1)}, "caps.budget_minor", "0 to 1000000000000000"),
    ({"caps": Caps(budget_points=1)}, "caps.budget_points", "0: it gives no points"),
    ({"caps": Caps(receipt_points=1)}, "caps.receipt_points", "0: it gives no points"),
    ({"caps": Caps(receipt_times=1)}, "caps.receipt_times", "0: it does not count pieces"),
    (
        {"caps": Caps(budget_minor=1), "effect": PointsFixed(0, 5)},
        "caps.budget_minor",
        "0: it takes no money off",
    ),
    ({"currency": "USD"}, "currency", "one of EUR, CZK"),
]


@pytest.mark.parametrize(("changes", "field", "wanted"), REFUSED)
def test_what_contradicts_itself_is_refused(
    shop: Shop, changes: dict[str, Any], field: str, wanted: str | None
) -> None:
    """Each field names what would be right; the first in their order."""
    before = dict(shop.state.pairs)
    refused = expect(shop.run(cmd.PublishPromotion(replace(promotion(), **changes))), Rejected)
    assert (refused.code, refused.field) == (Code.PROMOTION_INVALID, "promotion." + field)
    assert wanted in (None, refused.acceptable)
    assert dict(shop.state.pairs) == before


TAKEN: Final = [  # beside what is refused above
    {"number": 1},
    {"number": 2**32 - 1},
    {"when": When(5, 6)},
    {"when": When(0, 0, weekdays=1, from_minute=1439, until_minute=0)},  # over midnight, one minute
    {"where": Where(("DE", "AT"), ("Graz",), (5,), (1, 2**32 - 1), ("web",))},
    {"who": Audience(("blue", "gold"), ("runners",), 0, 0, True, True)},
    {"who": Audience(birthday_before_days=92, birthday_after_days=92)},
    {"lines": OneOf("brand", ("nordkap",)), "receipt": Bought(Measure.AMOUNT, None, 1, None)},
    {"effect": PercentOff(10_000)},
    {"effect": AmountOff(10**15), "scope": Scope.RECEIPT},
    {"effect": FixedPrice(0)},
    {"effect": CheapestFree(2, 1), "caps": Caps(receipt_times=1, receipt_minor=1, budget_minor=1)},
    {"effect": BuyGet(1, 1, SHOES, 10_000)},
    {"effect": PointsPer(1, 1, 1), "caps": Caps(receipt_points=1, budget_points=1, total_times=1)},
    {"effect": PointsTimes(10_001)},
    {"effect": GiveLot(1, 10**15, SHOES, 0, 0, 0)},
    {"effect": GiveService("tune-up", 1, 36_500)},
    {"effect": GiveCoupon(8, 1)},  # that promotion may be published later
    {"stacking": Stacking(255, 65_535, True)},
    {"currency": "CZK"},
    {"funder": 5},
]


@pytest.mark.parametrize("changes", TAKEN)
def test_the_outermost_values_are_taken(shop: Shop, changes: dict[str, Any]) -> None:
    """What is just within each limit is published as it was sent."""
    sent = replace(promotion(), **changes)
    assert shop.run(cmd.PublishPromotion(sent)) == DefineDone(1)
    kept = shop.ask(cmd.GetPromotion(1, sent.number, 0))
    assert kept == GetPromotionDone(1, sent, Usage(0, 0, 0))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"funder": 6}, "promotion.funder"),
        ({"funder": -1}, "promotion.funder"),
        ({"funder": 2**40}, "promotion.funder"),
        ({"where": Where(partners=(5, 6))}, "promotion.where.partners[2]"),
        (
            {"where": Where(partners=(0,)), "name": ""},
            "promotion.where.partners[1]",
        ),  # first
    ],
)
def test_partners_must_be_registered(shop: Shop, changes: dict[str, Any], field: str) -> None:
    """A promotion that nobody could pay for, or that holds nowhere."""
    refused = expect(shop.run(cmd.PublishPromotion(replace(promotion(), **changes))), Rejected)
    assert (refused.code, refused.field) == (Code.PARTNER_UNKNOWN, field)


def test_without_a_programme_nothing_is_published() -> None:
    """Only programme 1 is built in; and it has no tiers."""
    shop = Shop(tenant=2)
    for command in (cmd.PublishPromotion(promotion()), cmd.PausePromotion(7, True, "")):
        assert expect(shop.run(command), Rejected).code is Code.PROGRAMME_UNKNOWN
    assert expect(shop.ask(cmd.GetPromotion(2, 7, 0)), Rejected).code is Code.PROGRAMME_UNKNOWN
    assert expect(shop.ask(cmd.ListPromotions(2, 0, 10)), Rejected).code is Code.PROGRAMME_UNKNOWN
    refused = expect(Shop().run(cmd.PublishPromotion(promotion(who=Audience(("gold",))))), Rejected)
    assert refused.acceptable == "none: the programme has no tiers"


def test_every_version_stays(shop: Shop) -> None:
    """Publishing, changing, pausing and letting go on: four versions, each as it was."""
    first, second = promotion(), promotion(name="Ten off, longer", when=When(0, 9))
    publish(shop, first, second)
    pause(shop, 7)
    pause(shop, 7, paused=False)
    versions = [first, second, replace(second, paused=True), second]
    for version, wanted in enumerate(versions, 1):
        assert expect(shop.ask(cmd.GetPromotion(1, 7, version)), GetPromotionDone).promotion == wanted
    assert expect(shop.ask(cmd.GetPromotion(1, 7, 0)), GetPromotionDone).version == 4
    for version in (-1, 5, 2**32):
        assert expect(shop.ask(cmd.GetPromotion(1, 7, version)), Rejected).code is Code.PROMOTION_UNKNOWN


def test_what_was_changed_says_who_and_why(shop: Shop) -> None:
    """The record of a version names actor, time and reason."""
    publish(shop, promotion())
    pause(shop, 7)
    kept = records.published(shop.state.get(keys.promotion_version(1, 7, 2)) or b"")
    assert (kept.actor, kept.time_ms, kept.reason) == (b"till-3", NOON, "sold out")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (cmd.PausePromotion(7, True, " "), Code.REASON_MISSING),
        (cmd.PausePromotion(8, True, ""), Code.REASON_MISSING),  # before the unknown promotion
        (cmd.PausePromotion(8, True, "sold out"), Code.PROMOTION_UNKNOWN),
        (cmd.PausePromotion(0, True, "sold out"), Code.PROMOTION_UNKNOWN),
        (cmd.PausePromotion(2**32, True, "sold out"), Code.PROMOTION_UNKNOWN),
    ],
)
def test_pausing_needs_a_promotion_and_a_reason(shop: Shop, command: cmd.PausePromotion, code: Code) -> None:
    """A rejection changes nothing."""
    publish(shop, promotion())
    assert expect(shop.run(command), Rejected).code is code


def test_promotions_are_listed_in_pages(shop: Shop) -> None:
    """By number, paused ones and those that begin later among them."""
    publish(shop, *[promotion(number, when=When(number, 0)) for number in (9, 2**32 - 1, 3, 5)])
    pause(shop, 5)

    def page(after: int, size: int) -> tuple[list[int], int]:
        found = expect(shop.ask(cmd.ListPromotions(1, after, size)), ListPromotionsDone)
        return [item.promotion for item in found.items], found.next_after

    assert page(0, 3) == ([3, 5, 9], 9)
    assert page(9, 3) == ([2**32 - 1], 0)
    assert page(0, 4) == ([3, 5, 9, 2**32 - 1], 0)
    assert page(4, 0) == ([5], 5)  # at least one
    assert page(-1, 1) == ([3], 3)
    assert page(2**32 - 1, 5) == page(2**40, 5) == ([], 0)
    found = expect(shop.ask(cmd.ListPromotions(1, 3, 1)), ListPromotionsDone).items[0]
    assert (found.version, found.name, found.paused, found.from_ms) == (2, "Ten off", True, 5)


def test_long_ended_promotions_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 3 at most: one more is refused until no late receipt (30 days) can fall into an ended one."""
    monkeypatch.setattr(lim, "PROMOTIONS_MAX", 3)
    shop = Shop()
    end_ms = NOON + DAY_MS
    publish(shop, promotion(1, when=When(0, end_ms)), promotion(2), promotion(3))
    publish(shop, promotion(3, name="changed"))  # a new version is not one more
    shop.now_ms = end_ms + 30 * DAY_MS  # a receipt of its last millisecond could still come
    refused = expect(shop.run(cmd.PublishPromotion(promotion(4))), Rejected)
    assert (refused.code, refused.acceptable) == (Code.TOO_MANY_PROMOTIONS, "at most 3 that have not ended")
    shop.now_ms += 1
    publish(shop, promotion(4))
    assert [item.promotion for item in listed(shop)] == [2, 3, 4]
    assert expect(shop.run(cmd.PausePromotion(1, True, "late")), Rejected).code is Code.PROMOTION_UNKNOWN
    assert expect(shop.ask(cmd.GetPromotion(1, 1, 0)), GetPromotionDone).version == 1  # still to be read


def test_a_dropped_promotion_goes_on_with_its_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Republished after years, with a new window: version 2; and its new end counts, not the old one."""
    monkeypatch.setattr(lim, "PROMOTIONS_MAX", 1)
    shop = Shop()
    publish(shop, promotion(1, when=When(0, NOON)))
    shop.pass_days(31)
    assert shop.run(cmd.PublishPromotion(promotion(1, when=When(0, shop.now_ms + 1)))) == DefineDone(2)
    assert expect(shop.run(cmd.PublishPromotion(promotion(2))), Rejected).code is Code.TOO_MANY_PROMOTIONS
    shop.pass_days(31)
    assert shop.run(cmd.PublishPromotion(promotion(2))) == DefineDone(1)


def test_one_publication_drops_a_few_at_most() -> None:
    """Of 20 that ended, 8 by each publication: its work is bounded."""
    shop = Shop()
    publish(shop, *[promotion(number, when=When(0, NOON + number)) for number in range(1, 21)])
    shop.pass_days(31)
    left = []
    for _ in range(4):
        publish(shop, promotion(99))
        left.append(len(listed(shop)))
    assert left == [13, 5, 1, 1]  # with 99 itself


def listed(shop: Shop) -> Any:
    return expect(shop.ask(cmd.ListPromotions(1, 0, 200)), ListPromotionsDone).items
