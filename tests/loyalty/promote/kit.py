"""Short words for scenes: lines, promotions, programmes."""

from collections.abc import Mapping, Sequence

from loyalty.commands.basket import Line, LineKind
from loyalty.commands.policies import Policies
from loyalty.commands.promotions import Audience, Caps, Effect, Promotion, Scope, Stacking, When, Where
from loyalty.engine.promote import Best, Candidate, Earn, Scene, best
from loyalty.engine.promote.scene import Purse, Spend
from loyalty.outcomes import Reason

NO_EARNING = Earn(0, 1)
NO_CAPS = Caps()
DEFAULT = Policies()


def goods(
    amount_minor: int,
    pieces: int = 1,
    *,
    milli: int = 0,
    floor: int = 0,
    tax: int = 0,
    kind: int = LineKind.GOODS,
) -> Line:
    """A line; `milli` is for weighed goods."""
    return Line("sku", milli or pieces * 1000, amount_minor, LineKind(kind), tax_minor=tax, floor_minor=floor)


def promotion(
    number: int,
    effect: Effect,
    *,
    zone: int = 0,
    group: int = 0,
    competes: bool = False,
    receipt: bool = False,
    funder: int = 0,
    caps: Caps = NO_CAPS,
) -> Promotion:
    """Its conditions hold; what matters here is effect, stacking and caps."""
    return Promotion(
        number,
        f"promotion {number}",
        False,
        When(0, 0),
        Where(),
        Audience(),
        None,
        None,
        Scope.RECEIPT if receipt else Scope.LINE,
        effect,
        Stacking(zone, group, competes),
        caps,
        funder,
    )


def candidate(
    of: Promotion,
    lines: Sequence[int],
    *,
    get: Sequence[int] | None = None,
    parts: Sequence[Sequence[int]] = (),
    minor_left: int | None = None,
    points_left: int | None = None,
    times_left: int | None = None,
    coupon: str = "",
) -> Candidate:
    """Version 1."""
    return Candidate(
        of,
        1,
        tuple(lines),
        None if get is None else tuple(get),
        tuple(tuple(part) for part in parts),
        minor_left,
        points_left,
        times_left,
        coupon,
    )


def scene(
    lines: Sequence[Line],
    candidates: Sequence[Candidate],
    policies: Policies = DEFAULT,
    *,
    earn: Earn = NO_EARNING,
    worths: Mapping[int, tuple[int, int]] | None = None,
    earns: Sequence[bool] | None = None,
    points_max: int | None = None,
    purses: Mapping[int, Purse] | None = None,
    spend: Spend | None = None,
    steps_max: int | None = None,
) -> Scene:
    """Without regular points, unless told; 100 points of wallet 0 are worth 1.00."""
    return Scene(
        tuple(lines),
        tuple(candidates),
        policies,
        earn,
        {0: (1, 1)} if worths is None else worths,
        None if earns is None else tuple(earns),
        points_max,
        purses or {},
        spend,
        steps_max,
    )


def alone(lines: Sequence[Line], of: Candidate, policies: Policies = DEFAULT) -> Best:
    """What one promotion does by itself."""
    return best(scene(lines, [of], policies))


def numbers(result: Best) -> list[int]:
    """Which were applied, in the order of evaluation."""
    return [one.promotion for one in result.applied]


def reasons(result: Best) -> dict[int, tuple[Reason, int]]:
    """Why the others were not, and by which."""
    return {one.promotion: (one.reason, one.by) for one in result.passed_over}
