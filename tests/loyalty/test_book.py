"""The book of promotions: what goes into the search, the index, what is kept, explanations, dry runs."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty import commands as cmd
from loyalty.commands import LineKind, Promotion, SpendMode
from loyalty.commands import limits as lim
from loyalty.commands.conditions import Bought, Measure
from loyalty.commands.promotions import Audience, Bundle, BundlePart, BuyGet, Caps, When, Where
from loyalty.engine import book, book_index, buyers, keys, programmes, records
from loyalty.engine.pending import Pending
from loyalty.engine.plans import Basket
from loyalty.engine.promote import Purse
from loyalty.engine.state import Question
from loyalty.outcomes import (
    Code,
    ConfirmDone,
    GetPromotionDone,
    HoldDone,
    QuoteDone,
    Reason,
    Rejected,
    Usage,
)
from tests.loyalty.kit import DAY_MS, NOON, PHONE, SOURCES_ONLY, Shop, expect, goods, purchase
from tests.loyalty.promotions import (
    BUSINESS_DAY as TODAY,
)
from tests.loyalty.promotions import (
    about,
    can,
    give_coupon,
    graz,
    line,
    look,
    missed,
    numbers,
    pause,
    promotion,
    publish,
    same_again,
    take,
    use,
)
from tests.profile import examples

R = Reason
SHOES: Final = about("shoes")


@pytest.fixture
def shop() -> Shop:
    """Store 17 of partner 5 in Graz, a silver member who has bought before."""
    return graz()


def test_without_a_book_one_read_is_all(shop: Shop) -> None:
    """The path of every purchase in a programme without promotions."""
    state, entry = Pending(shop.state), Question(NOON, 1)
    buyer = buyers.find(state, entry, shop.enrol_id)
    assert not isinstance(buyer, Rejected)
    place = programmes.find_place(state, 1, 17, buyer.programme.rules)
    assert place is not None
    basket = Basket(place, TODAY, NOON, (goods(100_00),), 0, SpendMode.NONE)
    shop.state.reads = shop.state.scanned = 0
    assert book.find_candidates(state, entry, buyer, basket, True) is book.NONE
    assert (shop.state.reads, shop.state.scanned) == (1, 0)


def test_a_candidate_names_its_lines(shop: Shop) -> None:
    """From 0, in the basket's order: its own, what comes free, and each part's."""
    parts = (BundlePart(SHOES, 1), BundlePart(about("socks", "cap"), 1))
    publish(
        shop,
        promotion(1, lines=SHOES, effect=BuyGet(1, 1, about("socks"))),
        promotion(2, effect=Bundle(parts, 1)),
        promotion(3),
    )
    basket = (line("post", 1, LineKind.DELIVERY), line("socks", 1), line("shoes", 1), line("cap", 1))
    one, two, three = can(shop, *basket).candidates
    assert (one.lines, one.get, one.parts) == ((2,), (1,), ())
    assert (two.lines, two.get, two.parts) == ((1, 2, 3), None, ((2,), (1, 3)))
    assert (three.lines, three.version) == ((1, 2, 3), 1)


def test_what_is_left_goes_into_the_search(shop: Shop) -> None:
    """Of its own limits into the candidate, of the funder's, who is shared, into a purse."""
    caps = Caps(budget_minor=100, total_times=5)
    publish(shop, promotion(1, caps=caps, funder=5), promotion(2, funder=5), promotion(3))
    take(shop, use(30, number=1, funder=5), use(20, 7, number=2, funder=5))
    found = can(shop)
    one, two, three = found.candidates
    assert (one.minor_left, one.points_left, one.times_left) == (70, None, 4)
    assert (two.minor_left, two.points_left, two.times_left) == (None, None, None)
    assert found.purses == {5: Purse(950, 43)}
    assert three.promotion.funder == 0


def test_two_tills_race_for_one_budget(shop: Shop) -> None:
    """10.00 are left: the first takes 7.00, the second is offered 3.00, the third nothing."""
    publish(shop, promotion(caps=Caps(budget_minor=1000)))
    left = []
    for wanted in (700, 700, 700):
        found = can(shop).candidates
        left.append(found[0].minor_left if found else None)
        if found:
            take(shop, use(min(wanted, found[0].minor_left or 0)))
    assert left == [1000, 300, None]
    assert missed(shop) == (R.BUDGET, "a budget that is not used up")


def test_the_profile_is_read_only_if_it_matters(shop: Shop) -> None:
    """One read for segments, none for what the member's record tells."""
    reads = []
    for who in (Audience(tiers=("silver",)), Audience(segments=("runners",))):
        publish(shop, promotion(who=who))
        can(shop)  # indexed by now
        shop.state.reads = 0
        can(shop)
        reads.append(shop.state.reads)
    assert reads[1] == reads[0] + 1


def test_nothing_is_explained_unless_asked_for(shop: Shop) -> None:
    """A confirm wants candidates only."""
    publish(shop, promotion(1), promotion(2, currency="CZK"))
    assert can(shop, explain=False).passed_over == ()


@SOURCES_ONLY
def test_those_that_come_nearest_are_explained(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many, first those that the basket has goods for; listed by number."""
    monkeypatch.setattr(lim, "EXPLAINED_MAX", 3)
    publish(
        shop,
        *[promotion(number, lines=about("socks")) for number in (1, 2, 3, 4)],
        promotion(8, lines=SHOES, currency="CZK"),
        promotion(9, lines=SHOES, when=When(NOON + 1, 0)),
        promotion(10, lines=SHOES),
    )
    found = can(shop)
    assert numbers(found) == [10]
    reasons = [(one.promotion, one.reason) for one in found.passed_over]
    assert reasons == [(1, R.NO_LINES), (8, R.NOT_HERE), (9, R.NOT_NOW)]


@SOURCES_ONLY
def test_a_dry_run_explains_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """People who try out a promotion want to see what else there is."""
    monkeypatch.setattr(lim, "EXPLAINED_MAX", 1)
    monkeypatch.setattr(lim, "DRY_RUN_MAX_EXPLAINED", 2)
    publish(shop, *[promotion(number, currency="CZK") for number in (1, 2, 3)])
    assert len(can(shop).passed_over) == 1
    assert len(can(shop, extra=(promotion(4),)).passed_over) == 2


def test_candidates_come_by_number(shop: Shop) -> None:
    """Whatever let them through, and in whatever order they were published."""
    publish(shop, promotion(9), promotion(4, lines=SHOES), promotion(2), promotion(6, lines=SHOES))
    assert numbers(can(shop)) == [2, 4, 6, 9]


@SOURCES_ONLY
def test_of_thousands_few_are_looked_at(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """4,000 promotions, 5 of them for what is in the basket, this store and this coupon: 5 are looked at."""
    for number in range(1, 4001):
        one = promotion(number, lines=about(f"sku{number}"))
        if number % 4 == 0:
            one = promotion(number, where=Where(stores=(number + 100,)))
        elif number % 5 == 0:
            one = promotion(number, who=Audience(coupon=True))
        value = records.encode(records.Published(1, one))
        shop.state.put(keys.promotion(1, number), value)
    publish(shop, promotion(1, lines=about("sku1")))
    publish(
        shop, promotion(8, where=Where(stores=(17,))), promotion(10, who=Audience(coupon=True)), promotion(12)
    )
    give_coupon(shop, "SKI-10", 10)
    publish(shop, promotion(11, lines=about("sku1")))
    pause(shop, 11)
    looked: list[int] = []
    missed_of = book_index.Listed.missed

    def noted(one: book_index.Listed, occasion: Any) -> Any:
        looked.append(one.promotion.number)
        return missed_of(one, occasion)

    monkeypatch.setattr(book_index.Listed, "missed", noted)
    basket = (line("sku1", 100), line("sku1", 200), line("sku7", 100))
    found = can(shop, *basket, codes=("SKI-10",), explain=False)
    assert looked == [1, 7, 8, 10, 12]
    assert numbers(found) == looked


GATES: Final = [  # promotion, what a basket must have
    ({}, (".always", (0,))),
    ({"who": Audience(coupon=True), "lines": SHOES}, (".coupon", (7,))),
    ({"lines": SHOES, "where": Where(stores=(17,))}, ("sku", ("shoes",))),
    ({"receipt": Bought(Measure.AMOUNT, about("a", "b"), 1, None)}, ("sku", ("a", "b"))),
    ({"receipt": Bought(Measure.AMOUNT, SHOES, None, 5)}, (".always", (0,))),  # none is fine, too
    ({"lines": about("a", "b"), "effect": BuyGet(1, 1, SHOES)}, ("sku", ("shoes",))),
    (
        {"effect": Bundle((BundlePart(about("a", "b"), 1), BundlePart(SHOES, 1)), 1)},
        ("sku", ("shoes",)),
    ),
    ({"where": Where(("AT",), ("Graz",), (5,), (3, 17), ("shop",))}, (".store", (3, 17))),
    ({"where": Where(("AT",), ("Graz",), (5,), (), ("shop",))}, (".partner", (5,))),
    ({"where": Where(("AT",), ("Graz",), (), (), ("shop",))}, (".city", ("Graz",))),
    ({"where": Where(("AT",), (), (), (), ("shop",))}, (".country", ("AT",))),
    ({"where": Where(channels=("web", "shop"))}, (".channel", ("web", "shop"))),
]


@pytest.mark.parametrize(("changes", "gate"), GATES)
def test_gates(shop: Shop, changes: dict[str, Any], gate: book_index.Gate) -> None:
    """The one thing that lets fewest baskets through; who has it is let through."""
    one = promotion(**changes)
    assert book_index.gate_of(one) == gate
    publish(shop, one)
    give_coupon(shop, "SKI-10", 7)
    basket = (line("a", 100), line("shoes", 5))
    found = can(shop, *basket, codes=("SKI-10",))
    assert numbers(found) == [7]


def test_the_book_is_that_of_the_state(shop: Shop) -> None:
    """Published, changed, paused and let go on between baskets: each sees what holds for it."""
    publish(shop, promotion(1, lines=SHOES))
    assert numbers(can(shop)) == [1]
    publish(shop, promotion(2))
    assert numbers(can(shop)) == [1, 2]
    publish(shop, promotion(1, lines=about("socks")))
    assert numbers(can(shop)) == [2]
    pause(shop, 2)
    assert numbers(can(shop)) == []
    pause(shop, 2, paused=False)
    publish(shop, promotion(1, lines=SHOES))  # two changes since the last basket
    found = can(shop)
    assert [(one.promotion.number, one.version) for one in found.candidates] == [(1, 3), (2, 3)]


def test_a_dropped_promotion_is_looked_at_no_more(shop: Shop) -> None:
    """It ended longer ago than receipts may come late, and the next publication drops it."""
    publish(shop, promotion(1, lines=SHOES, when=When(0, NOON)), promotion(2))
    assert [one.promotion for one in can(shop).passed_over] == [1]
    shop.pass_days(31)
    publish(shop, promotion(3))
    found = can(shop)
    assert (numbers(found), found.passed_over) == ([2, 3], ())


def test_two_states_do_not_mix(shop: Shop) -> None:
    """What is kept is kept by content: a copy that goes another way sees its own."""
    publish(shop, promotion(1))
    other = same_again(shop)
    publish(shop, promotion(2))
    publish(other, promotion(3))
    for _ in range(2):
        assert numbers(can(shop)) == [1, 2]
        assert numbers(can(other)) == [1, 3]


CHANGES: Final = st.lists(
    st.tuples(
        st.integers(1, 4),  # promotion
        st.sampled_from(["publish", "pause", "resume", "look"]),
        st.sampled_from([None, SHOES, about("socks")]),
        st.sampled_from([0, 1]),  # whether its window ended long ago
    ),
    max_size=12,
)


@given(CHANGES)
@examples(60)
def test_what_is_kept_is_what_is_read(changes: list[tuple[int, str, Any, int]]) -> None:
    """After any changes, with or without baskets between them, the book kept is the book read anew."""
    shop = Shop()
    shop.enrol(PHONE)
    shop.now_ms += 40 * DAY_MS
    for number, what, lines, ended in changes:
        if what == "publish":
            publish(shop, promotion(number, lines=lines, when=When(0, ended)))
        elif what == "look":
            can(shop)
        else:
            shop.run(cmd.PausePromotion(number, what == "pause", "as it is"))
    kept = can(shop)
    book._kept.clear()
    assert can(shop) == kept


def test_a_dry_run_tries_what_nobody_published(shop: Shop) -> None:
    """In place of that of the same number, or alone; the version is 0, and nothing stays."""
    publish(shop, promotion(1), promotion(2))
    extra = (promotion(2, lines=about("socks")), promotion(3))
    found = can(shop, extra=extra)
    assert [(one.promotion.number, one.version) for one in found.candidates] == [(1, 1), (3, 0)]
    assert [(one.promotion, one.reason) for one in found.passed_over] == [(2, R.NO_LINES)]
    assert numbers(can(shop, extra=extra, alone=True)) == [3]
    assert numbers(can(shop, alone=True)) == []
    assert numbers(can(shop)) == [1, 2]


@pytest.mark.parametrize(
    ("extra", "code", "field"),
    [
        ((promotion(1), promotion(2, name="")), Code.PROMOTION_INVALID, "promotions[2].name"),
        ((promotion(1), promotion(1)), Code.PROMOTION_INVALID, "promotions[2].number"),
        ((promotion(1, funder=6),), Code.PARTNER_UNKNOWN, "promotions[1].funder"),
    ],
)
def test_a_dry_run_refuses_what_publishing_would(
    shop: Shop, extra: tuple[Promotion, ...], code: Code, field: str
) -> None:
    """In the same words."""
    refused = expect(look(shop, extra=extra), Rejected)
    assert (refused.code, refused.field) == (code, field)


def bought(shop: Shop, number: int) -> int:
    """Money off of one more purchase for 100.00."""
    sold = shop.run(purchase(shop.enrol_id, goods(100_00), number=number))
    return expect(sold, ConfirmDone).bill.discount_minor


def test_tills_race_for_a_budget_and_for_a_number_of_times(shop: Shop) -> None:
    """10.00 off each, of 15.00 in all; a till that quoted before gets what is left when it confirms."""
    publish(shop, promotion(1, caps=Caps(budget_minor=15_00)))
    quotes = [expect(shop.ask(quote(shop)), QuoteDone).bill.discount_minor for _ in range(2)]
    assert quotes == [10_00, 10_00]  # a quote takes nothing
    assert [bought(shop, number) for number in (1, 2, 3)] == [10_00, 5_00, 0]
    usage = expect(shop.ask(cmd.GetPromotion(1, 1, 0)), GetPromotionDone).usage
    assert usage == Usage(2, 15_00, 0)

    publish(shop, promotion(1, caps=Caps(total_times=3)))  # the two of version 1 count
    assert [bought(shop, number) for number in (4, 5)] == [10_00, 0]
    assert bought(shop, 4) == 10_00  # sent again: the same answer, and nothing more is taken
    assert expect(shop.ask(cmd.GetPromotion(1, 1, 0)), GetPromotionDone).usage.times == 3
    explained = expect(shop.ask(quote(shop)), QuoteDone).passed_over
    assert [(one.promotion, one.reason) for one in explained] == [(1, R.LIMIT)]


def quote(shop: Shop) -> cmd.Quote:
    return cmd.Quote(1, shop.enrol_id, 17, 0, (goods(100_00),), 0, SpendMode.NONE)


def test_two_orders_race_for_a_funders_money(shop: Shop) -> None:
    """Partner 5 pays for 10.00: the first order holds them all, and gives them back with its time."""
    publish(shop, promotion(1, funder=5))
    until_ms = NOON + DAY_MS
    order = purchase(shop.enrol_id, goods(100_00), number=1)
    held = expect(shop.run(cmd.Hold(order, until_ms)), HoldDone)
    assert held.bill.discount_minor == 10_00
    assert bought(shop, 2) == 0
    shop.now_ms = until_ms - 1
    assert expect(shop.ask(quote(shop)), QuoteDone).bill.discount_minor == 0
    shop.now_ms = until_ms
    assert expect(shop.ask(quote(shop)), QuoteDone).bill.discount_minor == 10_00
