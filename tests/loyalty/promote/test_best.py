"""The best combination: the search beside every permitted set, and what holds for any scene."""

from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from loyalty.commands.basket import LineKind
from loyalty.commands.policies import LineFloor
from loyalty.engine.promote import Scene, best
from loyalty.outcomes import Reason
from tests.loyalty.promote.kit import numbers
from tests.loyalty.promote.plain import best_of_all, is_gift
from tests.loyalty.promote.scenes import scenes
from tests.profile import examples


@examples(1500)
@given(scenes())
def test_the_search_finds_what_trying_every_set_finds(scene: Scene) -> None:
    """Value, promotions, and money off each line; points, too."""
    found, wanted = best(scene), best_of_all(scene)
    assert Fraction(*found.value) == wanted.value
    gifts = [one.promotion.number for one in scene.candidates if is_gift(scene, one)]
    assert sorted(number for number in numbers(found) if number not in gifts) == list(wanted.numbers)
    assert list(found.discounts) == wanted.discounts
    assert sum(found.regular) == wanted.points[0]
    points = {one.promotion: one.points for one in found.applied if one.promotion in wanted.points}
    assert all(points[number] == wanted.points[number] for number in points)
    assert found.search.exact


@examples(500)
@given(scenes(most_candidates=9, most_lines=6))
def test_parts_sum_and_no_line_is_below_its_floor(scene: Scene) -> None:
    """To the cent and the point, whatever was applied."""
    found = best(scene)
    off = [0] * len(scene.lines)
    for one in found.applied:
        assert one.minor == sum(line.minor for line in one.lines)
        assert one.points == sum(line.points for line in one.lines)
        for part in one.lines:
            assert part.minor >= 0
            assert part.points >= 0
            off[part.line - 1] += part.minor
    assert list(found.discounts) == off
    for line, minor in zip(scene.lines, off, strict=True):
        floor = line.floor_minor if scene.policies.line_floor is LineFloor.LINE else 0
        assert line.amount_minor - minor >= min(floor, line.amount_minor)
        assert not minor or line.kind is LineKind.GOODS
    given_points = {one.promotion.number: sum(one.points) for one in found.given}
    assert given_points == {
        one.promotion: one.points for one in found.applied if one.promotion in given_points
    }
    assert min(found.regular) >= 0


@examples(500)
@given(scenes(most_candidates=7), st.data())
def test_one_more_promotion_never_makes_it_worse(scene: Scene, data: st.DataObject) -> None:
    """Whichever it is."""
    if not scene.candidates:
        return
    without = data.draw(st.integers(0, len(scene.candidates) - 1))
    fewer = replace(scene, candidates=tuple(one for at, one in enumerate(scene.candidates) if at != without))
    assert Fraction(*best(scene).value) >= Fraction(*best(fewer).value)


@examples(300)
@given(scenes(most_candidates=8), st.integers(0, 99))
def test_the_order_of_the_candidates_does_not_matter(scene: Scene, seed: int) -> None:
    """Nor that of worths and purses: the whole answer is the same."""
    shuffled = list(scene.candidates)
    Random(seed).shuffle(shuffled)
    again = replace(
        scene,
        candidates=tuple(shuffled),
        worths=dict(reversed(list(scene.worths.items()))),
        purses=dict(reversed(list(scene.purses.items()))),
    )
    assert best(again) == best(scene)


@examples(300)
@given(scenes(most_candidates=9))
def test_every_promotion_is_applied_or_explained(scene: Scene) -> None:
    """Once, by number; another one is named only if it was applied."""
    found = best(scene)
    applied = numbers(found)
    passed = [one.promotion for one in found.passed_over]
    assert sorted(applied + passed) == sorted(one.promotion.number for one in scene.candidates)
    assert passed == sorted(passed)
    assert all(one.by == 0 or one.by in applied for one in found.passed_over)
    assert all(one.by for one in found.passed_over if one.reason is Reason.GROUP)


@examples(500)
@given(scenes(most_candidates=7), st.integers(0, 60))
def test_when_the_steps_end_the_bound_holds(scene: Scene, steps_max: int) -> None:
    """What is found is no better than the best, and with the bound no worse."""
    exact, found = best(scene), best(replace(scene, steps_max=steps_max))
    most, value = Fraction(*exact.value), Fraction(*found.value)
    assert value <= most <= value + found.search.bound_minor
    assert found.search.exact or 2 * found.search.steps >= steps_max
    if found.search.exact:
        assert (value, found.search.bound_minor) == (most, 0)
