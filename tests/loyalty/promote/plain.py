"""The rules once more, in the plainest code: every permitted set, evaluated with fractions, piece by piece.

Written separately from the engine; shared are the values that go in, and spreading over lines (which has
tests of its own). Slow on purpose.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import ceil, floor
from typing import Any, NamedTuple

from loyalty.commands.basket import LineKind
from loyalty.commands.policies import (
    Blocks,
    Discounts,
    LineFloor,
    Rounding,
    RoundingOn,
    StackingModel,
    Tax,
)
from loyalty.commands.promotions import (
    AmountOff,
    Bundle,
    BuyGet,
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
)
from loyalty.engine.promote import Candidate, Scene, Spent
from loyalty.engine.spread import spread, spread_by


class Result(NamedTuple):
    """One set of promotions, evaluated."""

    value: Fraction
    general_points: int
    numbers: tuple[int, ...]
    discounts: list[int]
    points: dict[int, int]  # by promotion; the regular ones under 0


def best_of_all(scene: Scene) -> Result:
    """The best of every permitted set of those that have a value."""
    results = [evaluate(scene, chosen) for chosen in permitted(scene)]
    return min(results, key=lambda it: (-it.value, it.general_points, len(it.numbers), it.numbers))


def permitted(scene: Scene) -> Iterator[tuple[Candidate, ...]]:
    """At most one of each group, none whose limit is reached."""
    able = [one for one in scene.candidates if one.times_left is None or one.times_left > 0]
    able = [one for one in able if not is_gift(scene, one)]
    for count in range(len(able) + 1):
        for chosen in combinations(able, count):
            groups = [one.promotion.stacking.group for one in chosen if one.promotion.stacking.group]
            if len(groups) == len(set(groups)):
                yield chosen


def is_gift(scene: Scene, one: Candidate) -> bool:
    """Whether it is worth nothing in the value."""
    effect = one.promotion.effect
    if isinstance(effect, GiveService | GiveCoupon):
        return True
    if isinstance(effect, PointsPer | PointsFixed | GiveLot | PointsTimes):
        return not _worth(scene, getattr(effect, "wallet", 0))
    return False


def _worth(scene: Scene, wallet: int) -> Fraction:
    minor, points = scene.worths.get(wallet, (0, 0))
    return Fraction(minor, points) if points else Fraction(0)


def evaluate(scene: Scene, chosen: Sequence[Candidate]) -> Result:
    """What these promotions come to, applied together."""
    by_order = sorted(chosen, key=lambda one: (one.promotion.stacking.zone, one.promotion.number))
    money = [one for one in by_order if isinstance(one.promotion.effect, _MONEY)]
    left, used = _money(scene, money)
    full = [
        line.amount_minor if line.kind is not LineKind.GOODS else rest
        for line, rest in zip(scene.lines, left, strict=True)
    ]
    spent = scene.spend(full) if scene.spend else Spent([0] * len(full), 0)
    base = [_base(scene, at, full[at], spent.minor[at]) for at in range(len(full))]
    earns = scene.earns or [True] * len(full)
    earning = [minor if does else Fraction(0) for minor, does in zip(base, earns, strict=True)]
    rate = Fraction(scene.earn.points * scene.earn.tier_basis_points, scene.earn.per_minor * 10_000)
    regular = _cut(_by_rate(scene, earning, rate, scene.earn.per_minor), scene.points_max)
    points = {0: sum(regular)}
    value = sum(used.values()) + points[0] * _worth(scene, 0)
    bonus = None if scene.points_max is None else scene.points_max - points[0]
    purses = {funder: purse.points for funder, purse in scene.purses.items()}
    for one in by_order:
        if one in money:
            continue
        wallet = getattr(one.promotion.effect, "wallet", 0)
        given = _points(scene, one, full, base, regular)
        limits = [
            one.points_left,
            one.promotion.caps.receipt_points or None,
            purses.get(one.promotion.funder),
        ]
        if wallet == 0:
            limits.append(bonus)
        given = min([given, *(limit for limit in limits if limit is not None)])
        if wallet == 0 and bonus is not None:
            bonus -= given
        if (purse := purses.get(one.promotion.funder)) is not None:
            purses[one.promotion.funder] = purse - given
        points[one.promotion.number] = given
        value += given * _worth(scene, wallet)
    discounts = [line.amount_minor - rest for line, rest in zip(scene.lines, full, strict=True)]
    numbers = tuple(sorted(one.promotion.number for one in chosen))
    return Result(Fraction(value), spent.general_points, numbers, discounts, points)


_MONEY = (PercentOff, AmountOff, FixedPrice, CheapestFree, BuyGet, Bundle)


def _money(scene: Scene, money: list[Candidate]) -> tuple[list[int], dict[int, int]]:
    """What is left of each line of goods, and what each promotion takes off."""
    till = [line.amount_minor if line.kind is LineKind.GOODS else 0 for line in scene.lines]
    floors = [0] * len(till)
    if scene.policies.line_floor is LineFloor.LINE:
        floors = [min(line.floor_minor, minor) for line, minor in zip(scene.lines, till, strict=True)]
    purses = {funder: purse.minor for funder, purse in scene.purses.items()}
    left, used = list(till), {one.promotion.number: 0 for one in money}
    compete = scene.policies.stacking is StackingModel.COMPETE_THEN_COMPOUND
    rivals = [one for one in money if compete and one.promotion.stacking.competes]
    rivals.sort(key=lambda one: one.promotion.number)
    best = [(0, 0)] * len(till)
    for one in rivals:
        parts = _purse(
            purses, one, _off(scene, one, till, [a - b for a, b in zip(till, floors, strict=True)])
        )
        for at, part in parts.items():
            if part > best[at][0]:
                best[at] = part, one.promotion.number
    for at, (part, number) in enumerate(best):
        if part:
            left[at] -= part
            used[number] += part
    others = [one for one in money if one not in rivals]
    stages: list[list[Candidate]] = [[one] for one in others]
    if not compete:
        zones = sorted({one.promotion.stacking.zone for one in others})
        stages = [[one for one in others if one.promotion.stacking.zone == zone] for zone in zones]
    for stage in stages:
        base = list(left)
        for one in stage:
            room = [a - b for a, b in zip(left, floors, strict=True)]
            parts = _purse(purses, one, _off(scene, one, base, room))
            for at, part in parts.items():
                left[at] -= part
                used[one.promotion.number] += part
    return left, used


def _purse(purses: dict[int, int | None], one: Candidate, parts: dict[int, int]) -> dict[int, int]:
    most = purses.get(one.promotion.funder)
    kept = dict(zip(parts, _cut(list(parts.values()), most), strict=True))
    if most is not None:
        purses[one.promotion.funder] = most - sum(kept.values())
    return kept


def _cut(parts: list[int], most: int | None) -> list[int]:
    return parts if most is None or sum(parts) <= most else spread(most, parts, parts)


def _off(scene: Scene, one: Candidate, base: list[int], room: list[int]) -> dict[int, int]:
    """Money off per line, of one promotion computed on `base`, as far as there is room."""
    most = min(
        limit
        for limit in (one.minor_left, one.promotion.caps.receipt_minor or None, 10**20)
        if limit is not None
    )
    full = [minor - scene_floor for minor, scene_floor in zip(base, _floors(scene), strict=True)]
    effect = one.promotion.effect
    pooled = one.promotion.scope is Scope.RECEIPT and isinstance(effect, PercentOff | AmountOff)
    wanted = _wanted(scene, one, base)
    if pooled:
        wanted = _pool(scene, one, base, full, sum(wanted.values()))
        wanted = dict(zip(wanted, _cut(list(wanted.values()), most), strict=True))
        if any(part > room[at] for at, part in wanted.items()):
            wanted = _pool(scene, one, base, room, _pool_total(scene, one, base))
            wanted = dict(zip(wanted, _cut(list(wanted.values()), most), strict=True))
        return wanted
    wanted = {at: min(part, full[at]) for at, part in wanted.items()}
    wanted = dict(zip(wanted, _cut(list(wanted.values()), most), strict=True))
    return {at: min(part, room[at]) for at, part in wanted.items()}


def _floors(scene: Scene) -> list[int]:
    if scene.policies.line_floor is LineFloor.ZERO:
        return [0] * len(scene.lines)
    return [
        min(line.floor_minor, line.amount_minor) if line.kind is LineKind.GOODS else 0 for line in scene.lines
    ]


def _pool_total(scene: Scene, one: Candidate, base: list[int]) -> int:
    return sum(_wanted(scene, one, base).values())


def _pool(scene: Scene, one: Candidate, base: list[int], room: list[int], total: int) -> dict[int, int]:
    lines = one.lines
    caps = [room[at] if base[at] else 0 for at in lines]
    weights = [base[at] for at in lines]
    parts = spread_by(scene.policies.distribution, min(total, sum(caps)), weights, caps)
    return dict(zip(lines, parts, strict=True))


def _wanted(scene: Scene, one: Candidate, base: list[int]) -> dict[int, int]:
    """Before any cap; of a pooled effect the total, on its first line."""
    effect: Any = one.promotion.effect
    lines = one.lines
    pooled = one.promotion.scope is Scope.RECEIPT
    if isinstance(effect, PercentOff):
        part = Fraction(effect.basis_points, 10_000)
        if pooled:
            return {lines[0]: _round(scene, sum(base[at] for at in lines) * part)}
        return _parts_of(scene, {at: base[at] for at in lines}, part)
    if isinstance(effect, AmountOff):
        times = {at: _pieces(scene, at) if effect.per_piece else 1 for at in lines}
        if pooled:
            return {lines[0]: effect.minor * (sum(times.values()) if effect.per_piece else 1)}
        return {at: effect.minor * times[at] for at in lines}
    if isinstance(effect, FixedPrice):
        cost = {at: Fraction(effect.minor * scene.lines[at].quantity_milli, 1000) for at in lines}
        return {at: _round(scene, max(Fraction(0), base[at] - cost[at])) for at in lines}
    if isinstance(effect, CheapestFree):
        return _groups(scene, one, base, effect.of_pieces, effect.free_pieces)
    if isinstance(effect, BuyGet):
        part = Fraction(effect.basis_points, 10_000)
        if one.get is None or one.get == lines:
            size = effect.buy_pieces + effect.get_pieces
            return _parts_of(scene, _groups(scene, one, base, size, effect.get_pieces), part)
        return _parts_of(scene, _got(scene, one, base, effect), part)
    return _bundles(scene, one, base, effect)


def _pieces(scene: Scene, at: int) -> int:
    milli = scene.lines[at].quantity_milli
    return milli // 1000 if milli % 1000 == 0 else 1


def _prices(scene: Scene, lines: Sequence[int], base: list[int]) -> list[tuple[int, int]]:
    """(price, line) of every single piece, the dearest first, of equal ones the earlier line's."""
    pieces = []
    for at in lines:
        count = _pieces(scene, at)
        pieces += [(base[at] // count + (1 if nth < base[at] % count else 0), at) for nth in range(count)]
    return sorted(pieces, key=lambda piece: (-piece[0], piece[1]))


def _times_max(one: Candidate) -> int:
    return one.promotion.caps.receipt_times or 10**9


def _groups(scene: Scene, one: Candidate, base: list[int], size: int, free: int) -> dict[int, int]:
    pieces = _prices(scene, one.lines, base)
    off = dict.fromkeys(one.lines, 0)
    for nth in range(min(len(pieces) // size, _times_max(one))):
        for price, at in pieces[nth * size : (nth + 1) * size][-free:]:
            off[at] += price
    return off


def _got(scene: Scene, one: Candidate, base: list[int], effect: BuyGet) -> dict[int, int]:
    """By trying: the most times, then the dearest pieces that leave enough to buy."""
    get = one.get or ()
    counts = {at: _pieces(scene, at) for at in {*one.lines, *get}}
    times = 0
    while times < _times_max(one) and _can_buy(one, get, counts, effect, times + 1):
        times += 1
    to_buy = sum(counts[at] for at in one.lines)
    off, wanted = dict.fromkeys(get, 0), times * effect.get_pieces
    for price, at in _prices(scene, get, base):
        if wanted and (at not in one.lines or to_buy > times * effect.buy_pieces):
            off[at] += price
            wanted -= 1
            to_buy -= at in one.lines
    return off


def _can_buy(one: Candidate, get: Sequence[int], counts: dict[int, int], effect: BuyGet, times: int) -> bool:
    """Whether so many pieces can be got, first those that nobody can buy, and the others bought."""
    only = sum(counts[at] for at in get if at not in one.lines)
    from_both = max(0, times * effect.get_pieces - only)
    both = sum(counts[at] for at in get if at in one.lines)
    buyable = sum(counts[at] for at in one.lines)
    return from_both <= both and buyable - from_both >= times * effect.buy_pieces


def _bundles(scene: Scene, one: Candidate, base: list[int], effect: Bundle) -> dict[int, int]:
    """For parts that share no line."""
    stacks = [_prices(scene, lines, base) for lines in one.parts]
    cost = {at: 0 for lines in one.parts for at in lines}
    gains = 0
    for _ in range(_times_max(one)):
        taken: list[tuple[int, int]] = []
        for stack, part in zip(stacks, effect.parts, strict=True):
            taken += stack[: part.pieces]
            del stack[: part.pieces]
        gain = sum(price for price, _ in taken) - effect.minor
        if len(taken) < sum(part.pieces for part in effect.parts) or gain <= 0:
            break
        gains += gain
        for price, at in taken:
            cost[at] += price
    return dict(zip(cost, spread(gains, list(cost.values())), strict=True))


def _parts_of(scene: Scene, amounts: dict[int, int], part: Fraction) -> dict[int, int]:
    if scene.policies.rounding_on is RoundingOn.RULE:
        return {at: _round(scene, minor * part) for at, minor in amounts.items()}
    total = _round(scene, sum(amounts.values()) * part)
    return dict(zip(amounts, spread(total, list(amounts.values())), strict=True))


def _round(scene: Scene, number: Fraction) -> int:
    rounding = scene.policies.rounding
    if rounding is Rounding.DOWN:
        return floor(number)
    if rounding is Rounding.UP:
        return ceil(number)
    if rounding is Rounding.HALF_EVEN:
        return round(number)
    return floor(number + Fraction(1, 2))


def _base(scene: Scene, at: int, left: int, spent: int) -> Fraction:
    line, policies = scene.lines[at], scene.policies
    if line.kind is not LineKind.GOODS:
        return Fraction(0)
    minor = (line.amount_minor if policies.base_discounts is Discounts.BEFORE else left) - spent
    if policies.base_tax is Tax.WITHOUT and minor:
        minor = max(0, minor - floor(Fraction(line.tax_minor * minor, line.amount_minor)))
    return Fraction(minor)


def _by_rate(scene: Scene, base: list[Fraction], rate: Fraction, per_minor: int) -> list[int]:
    if scene.policies.blocks is Blocks.WHOLE:
        total = _round(scene, (sum(base) // per_minor) * per_minor * rate)
    elif scene.policies.rounding_on is RoundingOn.RULE:
        return [_round(scene, minor * rate) for minor in base]
    else:
        total = _round(scene, sum(base) * rate)
    return spread(total, [int(minor) for minor in base])


def _points(scene: Scene, one: Candidate, left: list[int], base: list[Fraction], regular: list[int]) -> int:
    effect = one.promotion.effect
    if isinstance(effect, PointsPer):
        rate = Fraction(effect.points, effect.per_minor)
        return sum(_by_rate(scene, [base[at] for at in one.lines], rate, effect.per_minor))
    if isinstance(effect, PointsTimes):
        more = max(Fraction(0), Fraction(effect.basis_points, 10_000) - 1)
        return sum(_parts_of(scene, {at: regular[at] for at in one.lines}, more).values())
    return effect.points  # type: ignore[union-attr]
