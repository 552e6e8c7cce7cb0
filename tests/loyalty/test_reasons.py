"""Why promotions cannot apply: each reason with its boundaries beside each other."""

from collections.abc import Sequence
from typing import Any, Final

import pytest
from msgspec.structs import replace

from loyalty.commands import Line, LineKind
from loyalty.commands.conditions import All, Bought, Measure, OneOf, Within
from loyalty.commands.promotions import (
    Audience,
    Bundle,
    BundlePart,
    BuyGet,
    Caps,
    GiveService,
    PointsFixed,
    When,
    Where,
)
from loyalty.engine import calendar
from loyalty.outcomes import Code, PassedOver, Reason, Rejected
from tests.loyalty.kit import DAY_MS, NOON, Shop, expect, receipt
from tests.loyalty.promotions import (
    BUSINESS_DAY as TODAY,
)
from tests.loyalty.promotions import (
    about,
    can,
    give_coupon,
    graz,
    know,
    line,
    look,
    missed,
    pause,
    promotion,
    publish,
    take,
    use,
)

R = Reason
MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
SPRING: Final = 1_774_746_000_000  # 2026-03-29 02:00 becomes 03:00
AUTUMN: Final = 1_792_890_000_000  # 2026-10-25 03:00 becomes 02:00
SHOES: Final = about("shoes")


@pytest.fixture
def shop() -> Shop:
    """Store 17 of partner 5 in Graz, a silver member who has bought before."""
    return graz()


# 2026-11-22 is a Sunday (bit 6); noon UTC is 13:00 in the store.
WHEN: Final = [  # window, sold, what would be right
    (When(NOON, 0), NOON - 1, "from 2026-11-22 13:00"),
    (When(NOON, 0), NOON, None),
    (When(0, NOON), NOON - 1, None),
    (When(0, NOON), NOON, "before 2026-11-22 13:00"),  # the end is exclusive
    (When(NOON - 13 * HOUR + DAY_MS, 0), NOON, "from 2026-11-23"),
    (When(0, 0, weekdays=0b100_0000), NOON, None),
    (When(0, 0, weekdays=0b011_1111), NOON, "on Monday, Tuesday, Wednesday, Thursday, Friday, Saturday"),
    (When(0, 0, 127, 13 * 60, 14 * 60), NOON - 1, "from 13:00 to 14:00"),
    (When(0, 0, 127, 13 * 60, 14 * 60), NOON, None),
    (When(0, 0, 127, 13 * 60, 14 * 60), NOON + HOUR - 1, None),
    (When(0, 0, 127, 13 * 60, 14 * 60), NOON + HOUR, "from 13:00 to 14:00"),
    # Over midnight, from 22:00 to 02:00.
    (When(0, 0, 127, 1320, 120), NOON + 9 * HOUR - 1, "from 22:00 to 02:00"),
    (When(0, 0, 127, 1320, 120), NOON + 9 * HOUR, None),
    (When(0, 0, 127, 1320, 120), NOON + 11 * HOUR, None),  # midnight
    (When(0, 0, 127, 1320, 120), NOON + 13 * HOUR - 1, None),
    (When(0, 0, 127, 1320, 120), NOON + 13 * HOUR, "from 22:00 to 02:00"),
    # The clock jumps from 02:00 to 03:00: half past two does not come, three comes at once.
    (When(0, 0, 127, 120, 180), SPRING - 1, "from 02:00 to 03:00"),
    (When(0, 0, 127, 120, 180), SPRING, "from 02:00 to 03:00"),
    (When(0, 0, 127, 180, 240), SPRING, None),
    # The clock goes back from 03:00 to 02:00: half past two comes twice.
    (When(0, 0, 127, 120, 180), AUTUMN - 30 * MINUTE, None),
    (When(0, 0, 127, 120, 180), AUTUMN, None),
    (When(0, 0, 127, 120, 180), AUTUMN + HOUR - 1, None),
    (When(0, 0, 127, 120, 180), AUTUMN + HOUR, "from 02:00 to 03:00"),
]


@pytest.mark.parametrize(("when", "sold_ms", "wanted"), WHEN)
def test_when(shop: Shop, when: When, sold_ms: int, wanted: str | None) -> None:
    """By the time of sale and the store's own clock."""
    publish(shop, promotion(when=when))
    assert missed(shop, sold_ms=sold_ms) == (None if wanted is None else (R.NOT_NOW, wanted))


def test_the_weekday_is_the_business_days(shop: Shop) -> None:
    """A shop that is open past midnight still sells on Saturday at one on Sunday morning."""
    publish(shop, promotion(when=When(0, 0, weekdays=0b010_0000)))
    one_in_the_morning = NOON - 12 * HOUR
    assert missed(shop, sold_ms=one_in_the_morning, day=TODAY - 1) is None
    assert missed(shop, sold_ms=one_in_the_morning, day=TODAY) == (R.NOT_NOW, "on Saturday")


WHERE: Final = [  # where, currency, store, what would be right
    (Where(), "", 17, None),
    (Where(), "", 18, "in EUR"),  # amounts are of the first currency if none is named
    (Where(), "CZK", 18, None),
    (Where(), "CZK", 17, "in CZK"),
    (Where(countries=("DE", "AT")), "", 17, None),
    (Where(countries=("DE",)), "", 17, "in DE"),
    (Where(cities=("Wien", "Graz")), "", 17, None),
    (Where(cities=("Wien", "Linz")), "", 17, "in Wien, Linz"),
    (Where(partners=(5,)), "", 17, None),
    (Where(partners=(5,)), "CZK", 18, "partner 5"),
    (Where(stores=(16, 17)), "", 17, None),
    (Where(stores=tuple(range(1, 8))), "", 17, "store 1, 2, 3, 4, 5, ..."),
    (Where(channels=("web",)), "CZK", 18, None),
    (Where(channels=("web",)), "", 17, "channel web"),
    (Where(("AT",), ("Graz",), (5,), (17,), ("shop",)), "", 17, None),  # what is named must all fit
    (Where(("AT",), ("Graz",), (5,), (17,), ("web",)), "", 17, "channel web"),
]


@pytest.mark.parametrize(("where", "currency", "store", "wanted"), WHERE)
def test_where(shop: Shop, where: Where, currency: str, store: int, wanted: str | None) -> None:
    """Country, city, partner, store, channel and currency."""
    publish(shop, promotion(where=where, currency=currency))
    assert missed(shop, store=store) == (None if wanted is None else (R.NOT_HERE, wanted))


WHO: Final = [  # who, day, what would be right
    (Audience(tiers=("silver", "gold")), TODAY, None),
    (Audience(tiers=("blue", "gold")), TODAY, "tier blue, gold"),
    (Audience(segments=("runners", "skiers")), TODAY, None),
    (Audience(segments=("skiers",)), TODAY, "segment skiers"),
    (Audience(birthday_before_days=0, birthday_after_days=0), TODAY, None),
    (Audience(birthday_before_days=0, birthday_after_days=0), TODAY - 1, "on the birthday"),
    (Audience(birthday_before_days=0, birthday_after_days=0), TODAY + 1, "on the birthday"),
    (Audience(birthday_before_days=7, birthday_after_days=3), TODAY - 7, None),
    (Audience(birthday_before_days=7, birthday_after_days=3), TODAY + 3, None),
    (Audience(birthday_before_days=7, birthday_after_days=3), TODAY - 8, "from 7 days before the birthday"),
    (Audience(birthday_before_days=7, birthday_after_days=3), TODAY + 4, "from 7 days before the birthday"),
    (Audience(first_purchase=True), TODAY, "the first purchase"),
]


@pytest.mark.parametrize(("who", "day", "wanted"), WHO)
def test_who(shop: Shop, who: Audience, day: int, wanted: str | None) -> None:
    """Tier, segment, birthday and first purchase of a silver runner, born on the 22nd of November."""
    know(shop, segments=("runners",))
    publish(shop, promotion(who=who))
    found = missed(shop, day=day)
    assert (found is None) is (wanted is None)
    if found is not None and wanted is not None:
        assert found[0] is R.NOT_FOR_MEMBER
        assert found[1].startswith(wanted)


def test_birthdays_at_the_turn_of_the_year(shop: Shop) -> None:
    """Born on 3 January, a week before: from 27 December on; without a birthday, never."""
    publish(shop, promotion(who=Audience(birthday_before_days=7, birthday_after_days=0)))
    know(shop, birthday=103)
    december_27 = calendar.parse_day(20261227) or 0
    assert missed(shop, day=december_27) is None
    assert missed(shop, day=december_27 - 1) is not None
    assert missed(shop, day=december_27 + 8) is not None  # 4 January
    know(shop, birthday=0)
    assert missed(shop, day=december_27) is not None


def test_the_tier_is_that_of_the_business_day(shop: Shop) -> None:
    """Silver by November's turnover: not yet in October."""
    publish(shop, promotion(who=Audience(tiers=("silver",))))
    assert missed(shop) is None
    assert missed(shop, day=TODAY - 31) == (R.NOT_FOR_MEMBER, "tier silver")


def test_the_first_purchase(shop: Shop) -> None:
    """Nothing bought yet, and no order held: or two orders could be the first."""
    publish(shop, promotion(who=Audience(first_purchase=True)))
    know(shop, purchases=0)
    assert missed(shop) is None
    know(shop, purchases=0, holds=((NOON + 1, receipt()),))
    assert missed(shop) is not None


BRANDED: Final = Line("cap", 1000, 20_00, LineKind.GOODS, attributes=(("brand", "nordkap"),))
LINES: Final = [  # what the promotion is about and its effect, lines, what would be right
    ({}, (line("shoes", 1),), None),
    ({}, (line("post", 1, LineKind.DELIVERY),), "goods"),
    (
        {"lines": OneOf("kind", ("delivery",))},
        (line("post", 1, LineKind.DELIVERY),),
        "goods that it is about",
    ),
    ({"lines": SHOES}, (line("socks", 1), line("shoes", 1)), None),
    ({"lines": SHOES}, (line("socks", 1),), "goods with sku shoes"),
    ({"lines": OneOf("brand", ("nordkap",))}, (BRANDED,), None),
    ({"lines": OneOf("brand", ("nordkap",))}, (line("cap", 1),), "goods with brand nordkap"),
    ({"lines": Within("amount", 100, None)}, (line("cap", 100),), None),
    ({"lines": Within("amount", 100, None)}, (line("cap", 99),), "goods that it is about"),
    ({"lines": SHOES, "effect": BuyGet(1, 1, about("socks"))}, (line("shoes", 1), line("socks", 1)), None),
    ({"lines": SHOES, "effect": BuyGet(1, 1, about("socks"))}, (line("shoes", 1),), "goods with sku socks"),
    ({"lines": SHOES, "effect": BuyGet(1, 1, about("socks"))}, (line("socks", 1),), "goods with sku shoes"),
    (
        {"effect": Bundle((BundlePart(SHOES, 1), BundlePart(about("socks"), 1)), 1)},
        (line("shoes", 1), line("socks", 1)),
        None,
    ),
    (
        {"effect": Bundle((BundlePart(SHOES, 1), BundlePart(about("socks"), 1)), 1)},
        (line("shoes", 1),),
        "goods with sku socks",
    ),
    (  # parts are among the lines that it is about
        {
            "lines": Within("amount", 100, None),
            "effect": Bundle((BundlePart(SHOES, 1), BundlePart(about("socks"), 1)), 1),
        },
        (line("shoes", 100), line("socks", 99)),
        "goods with sku socks",
    ),
]


@pytest.mark.parametrize(("changes", "lines", "wanted"), LINES)
def test_lines(shop: Shop, changes: dict[str, Any], lines: Sequence[Line], wanted: str | None) -> None:
    """Something in the basket that it is about; never a delivery or a gift card."""
    publish(shop, promotion(**changes))
    assert missed(shop, *lines) == (None if wanted is None else (R.NO_LINES, wanted))


RECEIPTS: Final = [  # condition, lines, what would be right
    (Bought(Measure.AMOUNT, None, 200_00, None), (line("a", 200_00),), None),
    (Bought(Measure.AMOUNT, None, 200_00, None), (line("a", 199_99),), "goods, 200.00 EUR or more"),
    (
        Bought(Measure.AMOUNT, SHOES, 5, None),
        (line("shoes", 4), line("a", 9)),
        "goods with sku shoes, 0.05 EUR",
    ),
    (Bought(Measure.QUANTITY, None, 2500, None), (line("a", 1),), "goods, 2.500 pieces or more"),
    (Bought(Measure.QUANTITY, None, 2000, None), (line("a", 1),), "goods, 2 pieces or more"),
    (Bought(Measure.LINES, None, 2, None), (line("a", 1),), "goods, 2 lines or more"),
    (Bought(Measure.AMOUNT, None, None, 10), (line("a", 11),), "what its condition"),
    (OneOf("channel", ("web",)), (line("a", 1),), "what its condition"),
    (OneOf("channel", ("shop",)), (line("a", 1),), None),
    (All((Within("weekday", 7, 7), Within("store", 17, 17), Within("partner", 5, 5))), (line("a", 1),), None),
    (All((OneOf("city", ("Graz",)), OneOf("country", ("AT",)))), (line("a", 1),), None),
    (
        All((OneOf("channel", ("shop",)), Bought(Measure.LINES, None, 2, None))),
        (line("a", 1),),
        "goods, 2 lines or more",
    ),
]


@pytest.mark.parametrize(("condition", "lines", "wanted"), RECEIPTS)
def test_the_receipt(shop: Shop, condition: Any, lines: Sequence[Line], wanted: str | None) -> None:
    """What must hold besides: sums over lines as the till sent them, and where it is bought."""
    publish(shop, promotion(receipt=condition))
    found = missed(shop, *lines)
    assert (found is None) is (wanted is None)
    if found is not None and wanted is not None:
        assert found[0] is R.CONDITION
        assert found[1].startswith(wanted)


def test_coupons(shop: Shop) -> None:
    """Only with a coupon of the promotion itself; one that is not asked for is not used."""
    publish(shop, promotion(1, who=Audience(coupon=True)), promotion(2))
    give_coupon(shop, "SKI-10", 1)
    give_coupon(shop, "SKI-20", 2)
    without = can(shop, codes=("SKI-20",))
    assert [(one.promotion.number, one.coupon) for one in without.candidates] == [(2, "")]
    wanted = "a coupon of this promotion"
    assert without.passed_over == (PassedOver(1, "Ten off", R.NO_COUPON, 0, wanted),)
    found = can(shop, codes=("ski-10",)).candidates
    assert [(one.promotion.number, one.coupon) for one in found] == [(1, "SKI-10"), (2, "")]
    assert expect(look(shop, codes=("NONE-1",)), Rejected).code is Code.COUPON_UNKNOWN


def test_a_coupons_window_holds_at_the_sale(shop: Shop) -> None:
    """A receipt that comes late: what counts is when it was sold."""
    publish(shop, promotion(1, who=Audience(coupon=True)))
    give_coupon(shop, "SKI-10", 1, until_ms=NOON)
    shop.now_ms = NOON + DAY_MS
    assert missed(shop, codes=("SKI-10",), sold_ms=NOON - 1) is None
    assert expect(look(shop, codes=("SKI-10",), sold_ms=NOON), Rejected).code is Code.COUPON_ENDED


def test_coupons_are_looked_at_without_a_book_too(shop: Shop) -> None:
    """A code that nobody issued is refused, whatever is published."""
    assert expect(look(shop, codes=("NONE-1",)), Rejected).code is Code.COUPON_UNKNOWN


LIMITS: Final = [  # limits, business days it was used on, what would be right
    (Caps(member_times=2), [TODAY], None),
    (Caps(member_times=2), [TODAY, TODAY - 9], "at most 2 times by one member"),
    (Caps(member_day_times=1), [TODAY - 1, TODAY + 1], None),
    (Caps(member_day_times=1), [TODAY], "at most 1 times by one member on one day"),
    (Caps(member_day_times=2), [TODAY, TODAY + 1, TODAY], "at most 2 times by one member on one day"),
    (Caps(total_times=2), [TODAY], None),
    (Caps(total_times=2), [TODAY, TODAY], "at most 2 times in all"),
    (Caps(member_times=1, total_times=1), [TODAY], "at most 1 times by one member"),
]


@pytest.mark.parametrize(("caps", "days", "wanted"), LIMITS)
def test_limits(shop: Shop, caps: Caps, days: list[int], wanted: str | None) -> None:
    """Times by member, by day and in all; of a promotion that nobody asked for as of any other."""
    publish(shop, promotion(caps=caps))
    for day in days:
        take(shop, use(), day=day)
    assert missed(shop) == (None if wanted is None else (R.LIMIT, wanted))
    take(shop, use(), day=days[-1], sign=-1)
    assert missed(shop) is None  # given back


OWN: Final = "a budget that is not used up"
THEIRS: Final = "a funder who has something left"
FIFTY: Final = PointsFixed(0, 50)
BUDGETS: Final = [  # promotion, money off and points given so far, what would be right
    ({"caps": Caps(budget_minor=100)}, (99, 0), None),
    ({"caps": Caps(budget_minor=100)}, (100, 0), OWN),
    ({"caps": Caps(budget_points=100), "effect": FIFTY}, (0, 99), None),
    ({"caps": Caps(budget_points=100), "effect": FIFTY}, (0, 100), OWN),
    ({"funder": 5}, (999, 0), None),  # he pays for 10.00 and 50 points
    ({"funder": 5}, (1000, 0), THEIRS),
    ({"funder": 5}, (999, 50), None),  # of money off only the money matters
    ({"funder": 5, "effect": FIFTY}, (1000, 49), None),
    ({"funder": 5, "effect": FIFTY}, (0, 50), THEIRS),
    ({"funder": 5, "effect": GiveService("tune-up", 1, 365)}, (1000, 50), None),
]


@pytest.mark.parametrize(("changes", "given", "wanted"), BUDGETS)
def test_budgets(shop: Shop, changes: dict[str, Any], given: tuple[int, int], wanted: str | None) -> None:
    """Its own, and its funder's."""
    one = promotion(**changes)
    publish(shop, one)
    take(shop, use(*given, funder=one.funder))
    assert missed(shop) == (None if wanted is None else (R.BUDGET, wanted))


ORDER: Final[list[tuple[Reason, dict[str, Any]]]] = [  # one more fault each
    (R.BUDGET, {"caps": Caps(budget_minor=1)}),
    (R.LIMIT, {"caps": Caps(budget_minor=1, member_times=1)}),
    (R.CONDITION, {"receipt": OneOf("channel", ("web",))}),
    (R.NO_LINES, {"lines": about("socks")}),
    (R.NO_COUPON, {"who": Audience(coupon=True)}),
    (R.NOT_FOR_MEMBER, {"who": Audience(tiers=("gold",), coupon=True)}),
    (R.NOT_HERE, {"currency": "CZK"}),
    (R.NOT_NOW, {"when": When(NOON + 1, 0)}),
    (R.PAUSED, {"paused": True}),
]


def test_the_first_reason_is_told(shop: Shop) -> None:
    """In the order of the reasons' numbers, whatever else is wrong."""
    one = promotion()
    take(shop, use(1))
    for reason, changes in ORDER:
        one = replace(one, **changes)
        publish(shop, one)
        found = missed(shop)
        assert found is not None
        assert found[0] is reason
    reasons = [reason for reason, _ in ORDER]
    assert reasons == sorted(reasons, reverse=True)
    pause(shop, 7, paused=False)
    assert missed(shop) == (R.NOT_NOW, "from 2026-11-22 13:00")
