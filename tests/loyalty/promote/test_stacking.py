"""How promotions go together: zones, the competition, groups, floors, budgets of funders."""

import pytest

from loyalty.commands.basket import Line
from loyalty.commands.policies import Distribution, LineFloor, Policies, StackingModel
from loyalty.commands.promotions import AmountOff, CheapestFree, Effect, FixedPrice, PercentOff
from loyalty.engine.promote import Purse, best
from loyalty.outcomes import Reason
from tests.loyalty.promote.kit import candidate, goods, numbers, promotion, reasons, scene

BY_ZONE = Policies(stacking=StackingModel.BY_ZONE)
COMPETE = Policies(stacking=StackingModel.COMPETE_THEN_COMPOUND)
TEN, TWENTY = PercentOff(1000), PercentOff(2000)

# Each promotion: effect, zone, competes, lines. Numbers 1, 2, ... in this order.
STACKS = [  # model, amounts, promotions, money off by each
    (BY_ZONE, [1000], [(TEN, 0, False, [0]), (TWENTY, 0, False, [0])], [100, 200]),  # one zone: the same base
    (BY_ZONE, [1000], [(TEN, 0, False, [0]), (TWENTY, 1, False, [0])], [100, 180]),  # zones compound
    (BY_ZONE, [1000], [(TEN, 1, False, [0]), (TWENTY, 0, False, [0])], [80, 200]),  # lower zones first
    (BY_ZONE, [1000], [(PercentOff(6000), 0, False, [0]), (PercentOff(6000), 0, False, [0])], [600, 400]),
    (BY_ZONE, [1000], [(AmountOff(300), 0, False, [0]), (TEN, 1, False, [0])], [300, 70]),
    (BY_ZONE, [1000], [(TEN, 0, False, [0]), (AmountOff(300), 1, False, [0])], [100, 300]),
    (BY_ZONE, [1000], [(TEN, 0, True, [0]), (TWENTY, 0, True, [0])], [100, 200]),  # nothing competes here
    (BY_ZONE, [500, 400], [(AmountOff(200), 0, False, [0]), (CheapestFree(2), 1, False, [0, 1])], [200, 300]),
    (COMPETE, [1000], [(TEN, 0, True, [0]), (TWENTY, 0, True, [0])], [None, 200]),  # the largest only
    (COMPETE, [1000], [(TEN, 0, True, [0]), (AmountOff(100), 0, True, [0])], [100, None]),  # equal: the lower
    (COMPETE, [1000, 90], [(TWENTY, 0, True, [0, 1]), (AmountOff(50), 0, True, [0, 1])], [200, 50]),
    (COMPETE, [1000], [(TWENTY, 5, True, [0]), (TEN, 0, False, [0])], [200, 80]),  # then the others compound
    (COMPETE, [1000], [(TEN, 0, False, [0]), (TWENTY, 0, False, [0])], [100, 180]),  # also within a zone
    (COMPETE, [1000], [(TEN, 1, False, [0]), (TWENTY, 0, False, [0])], [80, 200]),
    (COMPETE, [1000], [(FixedPrice(600), 0, True, [0]), (PercentOff(3000), 0, True, [0])], [400, None]),
]


@pytest.mark.parametrize(("policies", "amounts", "stack", "wanted"), STACKS)
def test_stacking(
    policies: Policies,
    amounts: list[int],
    stack: list[tuple[Effect, int, bool, list[int]]],
    wanted: list[int | None],
) -> None:
    """Both models; None: not applied."""
    of = [
        candidate(promotion(number, effect, zone=zone, competes=competes), lines)
        for number, (effect, zone, competes, lines) in enumerate(stack, 1)
    ]
    found = best(scene([goods(amount) for amount in amounts], of, policies))
    minor = {one.promotion: one.minor for one in found.applied}
    assert [minor.get(number) for number in range(1, len(stack) + 1)] == wanted


def test_who_loses_the_competition_is_told_by_whom() -> None:
    """It is not applied at all, and the winner is named."""
    of = [candidate(promotion(n, PercentOff(n * 1000), competes=True), [0]) for n in (1, 3, 2)]
    assert reasons(best(scene([goods(1000)], of, COMPETE))) == {
        1: (Reason.WORTH_LESS, 3),
        2: (Reason.WORTH_LESS, 3),
    }


def test_one_of_a_group() -> None:
    """Across zones and lines: the one that is worth most, though another has the lower number."""
    of = [
        candidate(promotion(1, TEN, zone=0, group=1), [0]),
        candidate(promotion(2, TWENTY, zone=1, group=1), [1]),
        candidate(promotion(3, TEN, group=2), [0, 1]),
    ]
    found = best(scene([goods(1000), goods(1000)], of))
    assert (numbers(found), reasons(found)) == ([3, 2], {1: (Reason.GROUP, 2)})
    assert found.discounts == (100, 280)


@pytest.mark.parametrize(
    ("distribution", "wanted"),
    [
        (Distribution.LARGEST_REMAINDER, (1000, 400)),
        (Distribution.EVEN, (1000, 400)),
        (Distribution.FIRST_TAKES_REST, (1000, 400)),
    ],
)
def test_an_amount_off_the_receipt_goes_where_there_is_room(
    distribution: Distribution, wanted: tuple[int, ...]
) -> None:
    """Promotion 1 makes line 1 free; promotion 2, of the same zone, takes its 4.00 off line 2."""
    of = [
        candidate(promotion(1, PercentOff(10_000)), [0]),
        candidate(promotion(2, AmountOff(400), receipt=True), [0, 1]),
    ]
    found = best(scene([goods(1000), goods(1000)], of, Policies(distribution=distribution)))
    assert (found.discounts, numbers(found)) == (wanted, [1, 2])


def test_a_percentage_does_not_slide_onto_another_line() -> None:
    """60 % and 60 % of line 1 are all of it; line 2 has its 60 % and no more."""
    of = [candidate(promotion(1, PercentOff(6000)), [0]), candidate(promotion(2, PercentOff(6000)), [0, 1])]
    assert best(scene([goods(1000), goods(1000)], of)).discounts == (1000, 600)


def test_floors_hold_for_all_together() -> None:
    """Each alone would stay above it; the earlier number comes first."""
    of = [candidate(promotion(1, PercentOff(3000)), [0]), candidate(promotion(2, PercentOff(3000)), [0])]
    found = best(scene([goods(1000, floor=500)], of, Policies(line_floor=LineFloor.LINE)))
    assert [one.minor for one in found.applied] == [300, 200]


FUNDED = [  # what funder 7 has left, money off by promotions 1, 2 (his), 3
    (None, [100, 200, 300]),
    (300, [100, 200, 300]),
    (250, [100, 150, 300]),  # in the order of evaluation
    (200, [None, 200, 300]),  # no better with promotion 1: fewer are enough
    (0, [None, None, 300]),
]


@pytest.mark.parametrize(("left", "wanted"), FUNDED)
def test_a_funder_pays_no_more_than_he_has(left: int | None, wanted: list[int | None]) -> None:
    """All his promotions on the receipt together."""
    of = [
        candidate(promotion(1, TEN, funder=7), [0]),
        candidate(promotion(2, TWENTY, funder=7), [0]),
        candidate(promotion(3, PercentOff(3000)), [0]),
    ]
    found = best(scene([goods(1000)], of, purses={7: Purse(left, None)}))
    minor = {one.promotion: one.minor for one in found.applied}
    assert [minor.get(number) for number in (1, 2, 3)] == wanted
    assert all(reason == (Reason.BUDGET, 0) for reason in reasons(found).values())


def test_no_more_than_a_receipt_takes() -> None:
    """32 of 40 that are all worth something: the eight least are too many."""
    lines: list[Line] = [goods(1000 + at) for at in range(40)]
    of = [candidate(promotion(at + 1, TEN), [at]) for at in range(40)]
    found = best(scene([*lines[1:], lines[0]], of, steps_max=2000))
    assert len(found.applied) == 32
    assert {reason for reason, _ in reasons(found).values()} == {Reason.TOO_MANY}
