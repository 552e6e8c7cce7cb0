"""The programmes that come along: they are read, what they name is there, and they print and read back."""

from pathlib import Path

import pytest

from loyalty.commands import DefineProgramme, Line, LineKind, PublishPromotion
from loyalty.commands.promotions import GiveCoupon
from loyalty.engine import faults
from loyalty.engine.promotion_faults import of_promotion
from loyalty.outcomes import Bill, Rejected
from loyalty.text.files import (
    print_programme,
    print_promotion,
    print_promotions,
    read_programme,
    read_promotions,
)
from tests.loyalty.kit import Shop

SAMPLES = sorted((Path(__file__).parents[2] / "deploy" / "programmes").glob("*.toml"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_as_it_should_be(path: Path) -> None:
    """It is read, it may be published, and what it names is there."""
    file = read_programme(path.read_text())
    assert list(faults.of_rules(file.rules)) == []
    assert [fault for store in file.stores for fault in faults.of_store(store, file.rules)] == []
    assert [fault for partner in file.partners for fault in faults.of_partner(partner)] == []
    assert [fault for promotion in file.promotions for fault in of_promotion(promotion, file.rules)] == []
    partners = {0, *(partner.partner for partner in file.partners)}
    assert partners >= {store.partner for store in file.stores}
    assert partners >= {promotion.funder for promotion in file.promotions}
    assert partners >= {number for promotion in file.promotions for number in promotion.where.partners}
    assert {tier.name for tier in file.rules.tiers} >= {
        name for promotion in file.promotions for name in promotion.who.tiers
    }
    with_coupon = {promotion.number for promotion in file.promotions if promotion.who.coupon}
    given = {promotion.effect for promotion in file.promotions if isinstance(promotion.effect, GiveCoupon)}
    assert {effect.promotion for effect in given} == with_coupon
    assert read_programme(print_programme(file.rules, file.zone)).rules == file.rules


def opened(name: str) -> Shop:
    """An engine in which a sample is published, as the back office would do it."""
    file = read_programme(next(path for path in SAMPLES if path.stem == name).read_text())
    shop = Shop()
    promotions = [PublishPromotion(promotion) for promotion in file.promotions]
    for command in (DefineProgramme(file.rules), *file.partners, *file.stores, *promotions):
        assert not isinstance(shop.run(command), Rejected), command
    shop.enrol(store=file.stores[0].store)
    return shop


def line(sku: str, amount_minor: int, quantity_milli: int = 1000, **attributes: str | int) -> Line:
    """Goods as a till sends them."""
    carried = tuple(sorted(attributes.items()))
    return Line(sku, quantity_milli, amount_minor, LineKind.GOODS, attributes=carried)


def applied(bill: Bill) -> dict[int, tuple[int, int]]:
    """By number of promotion: money off and points."""
    return {found.promotion: (found.minor, found.points) for found in bill.applied}


def test_a_saturday_at_the_club() -> None:
    """A bike with a helmet in its brand's weeks, three pairs of socks, and the first purchase ever."""
    shop = opened("sports-club")
    bill = shop.buy(
        shop.enrol_id,
        line("B1", 899_00, category="bike"),
        line("H1", 80_00, category="helmet", brand="Nordkap"),
        line("S1", 12_90, category="socks"),
        line("S2", 9_90, category="socks"),
        line("S3", 14_90, category="socks"),
        store=1,
    ).bill
    assert applied(bill) == {
        201: (16_00, 0),  # Nordkap: 20 % of 80.00
        301: (9_90, 0),  # the cheapest socks
        303: (32_00, 0),  # half of the 64.00 that are left
        304: (0, 500),  # first purchase
        302: (0, 0),  # the service below
    }
    assert [(given.line, given.service, given.times) for given in bill.services] == [(1, "tune-up", 2)]
    assert bill.paid_minor == 899_00 + 32_00 + 12_90 + 14_90
    assert bill.earned_points == 3 * 958 + 2 + 500  # 958.80 euros make 2,876


def test_a_journey_through_the_platform() -> None:
    """Earned with fuel and a journey in Austria, spent on books in Czechia."""
    shop = opened("platform")
    fuel = shop.buy(shop.enrol_id, line("F", 60_00, 40_000, category="fuel"), store=101).bill
    assert [(earning.wallet, earning.points) for earning in fuel.earnings] == [(0, 60), (1, 120)]
    assert [coupon.of_promotion for coupon in fuel.coupons] == [4001]
    journey = shop.buy(shop.enrol_id, line("J", 800_00, category="journey", nights=7), store=501).bill
    assert applied(journey) == {5001: (0, 2000), 5003: (0, 500)}
    shop.pass_days(1)
    books = [line("978-1", 600_00, category="book"), line("978-2", 400_00, category="book")]
    sold = shop.buy(shop.enrol_id, *books, store=402, day=20261123, spend=2000).bill
    assert (sold.spent_points, sold.spent_minor, sold.paid_minor) == (2000, 500_00, 500_00)  # half, in crowns
    assert sold.earned_points == 20  # a point for each 25 crowns that were paid


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_promotion_of_a_sample_prints_and_reads_back(path: Path) -> None:
    """Alone, in UTC, and all of them in the file's zone."""
    file = read_programme(path.read_text())
    for promotion in file.promotions:
        assert read_promotions(print_promotion(promotion, file.rules), file.rules) == (promotion,)
    assert (
        read_promotions(print_promotions(file.promotions, file.rules, file.zone), file.rules)
        == file.promotions
    )


def test_there_are_two_samples() -> None:
    """A club of one company, and a platform of six."""
    assert [path.stem for path in SAMPLES] == ["platform", "sports-club"]
