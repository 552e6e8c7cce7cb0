"""What a bill says beyond its table: everything that a promotion can do, in words."""

from datetime import UTC

import pytest

from loyalty.cli.till.bill import REASONS, Drawn, bill_texts, changes
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

DRAWN = Drawn(2, UTC)
MIDNIGHT_MS = 1_795_392_000_000  # 23 November 2026, UTC
LOT = common.Lot(lot=3, points=50, active_from_ms=MIDNIGHT_MS, purposed=True)

TEXTS = [  # a bill, what is said
    (
        common.Bill(applied=[common.Applied(promotion=7, name="Brand week", minor=1290, points=5, times=2)]),
        [("applied", "Brand week: -12.90, +5 points, 2 times")],
    ),
    (
        common.Bill(
            applied=[
                common.Applied(
                    promotion=7, points=9, coupon="SKI-26", lines=[common.AppliedLine(line=2, points=9)]
                )
            ]
        ),
        [("applied", "promotion 7: +9 points (line 2 +9), by coupon SKI-26")],
    ),
    (
        common.Bill(
            applied=[common.Applied(promotion=7, name="Ski bonus", points=50)],
            earnings=[
                common.Earning(points=10, debt_paid_points=10),
                common.Earning(promotion=7, wallet=1, points=50, lot=LOT),
            ],
        ),
        [
            ("applied", "Ski bonus: +50 points"),
            ("earns", "10 points, 10 of them pay what is owed"),
            ("", "50 points of wallet 1 from 2026-11-23, for some goods only, Ski bonus"),
        ],
    ),
    (
        common.Bill(
            services=[common.ServiceGiven(promotion=1, line=2, service="tune-up", times=2)],
            coupons=[common.CouponGiven(promotion=1, of_promotion=8, active_until_ms=MIDNIGHT_MS)],
        ),
        [
            ("services", "2 × tune-up with line 2"),
            ("coupons", "a code when it is paid, for promotion 8, until 2026-11-23"),
        ],
    ),
]


@pytest.mark.parametrize(("bill", "texts"), TEXTS)
def test_what_a_bill_says(bill: common.Bill, texts: list[tuple[str, str]]) -> None:
    assert list(bill_texts(DRAWN, bill, None)) == texts


def test_why_promotions_were_not_applied() -> None:
    quote = till.QuoteDone(
        passed_over=[
            till.PassedOver(name="Gold days", reason=till.PASSED_OVER_REASON_NOT_FOR_MEMBER, wanted="gold"),
            till.PassedOver(promotion=8, reason=till.PASSED_OVER_REASON_GROUP, by=7),
            till.PassedOver(name="Newer", reason=99),  # type: ignore[arg-type]  # by a newer pair
        ],
        search=till.Search(cut_short=True, bound_minor=25),
    )
    assert list(bill_texts(DRAWN, quote.bill, quote)) == [
        ("not applied", "Gold days: not for this member: gold"),
        ("", "promotion 8: goes only instead of another (promotion 7 took its place)"),
        ("", "Newer: reason 99"),
        ("search", "ended before everything was tried: at most 0.25 more would have been possible"),
    ]


def test_every_reason_has_words() -> None:
    named = {name.removeprefix("PASSED_OVER_REASON_") for name, _ in till.PassedOverReason.items()}
    assert named - {"UNSPECIFIED"} == set(REASONS)


def test_changes_are_said() -> None:
    before = till.QuoteDone(bill=common.Bill(paid_minor=1000, applied=[common.Applied(name="Old")]))
    now = till.QuoteDone(bill=common.Bill(paid_minor=900, discount_minor=100, earned_points=3))
    now.bill.applied.add(name="New")
    assert list(changes(DRAWN, before, now)) == [
        "to pay: 10.00 before, 9.00 now",
        "discount: 0.00 before, 1.00 now",
        "points earned: 0 before, 3 now",
        "no longer applied: Old",
        "applied now: New",
    ]
    assert list(changes(DRAWN, before, before)) == ["the same sums, by other rules or other lots"]
