"""Promotions in force, ready to be looked at, and an index of them.

The index names for each promotion one thing that a basket must have, or it cannot apply: its *gate*. That is
a coupon of it, or a value of an attribute of the lines, or a store, partner, city, country or channel. A
basket is looked up by what it has, so that of thousands of promotions few are looked at in vain.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from loyalty.commands import Promotion
from loyalty.commands.conditions import AnyCondition
from loyalty.commands.promotions import Bundle, BuyGet
from loyalty.engine.checks import About, Check, about, checks_of, part_lines
from loyalty.engine.conditions import required_values, value_of_line
from loyalty.engine.occasion import Occasion, left
from loyalty.engine.plans import Basket
from loyalty.engine.promote import Candidate

Value = str | int
Gate = tuple[str, tuple[Value, ...]]  # what it is of, and the values that let through

_ALWAYS: Final[Gate] = (".always", (0,))  # nothing that it must have: every basket is let through
# What a basket has besides the attributes of its lines; no attribute of a programme begins with a dot.
_PLACES: Final[Mapping[str, Callable[[Basket], Value]]] = {
    ".store": lambda basket: basket.place.store,
    ".partner": lambda basket: basket.place.partner,
    ".city": lambda basket: basket.place.city,
    ".country": lambda basket: basket.place.country,
    ".channel": lambda basket: basket.place.channel,
    ".always": lambda basket: 0,
}


class Listed:
    """One promotion; compiled when it is first looked at, for most never are."""

    def __init__(self, promotion: Promotion, version: int) -> None:
        self.promotion, self.version = promotion, version
        self._about: About | None = None  # for mypyc a cached_property is one that is worked out each time
        self._checks: tuple[Check, ...] | None = None

    @property
    def about(self) -> About:
        """Which lines it is about."""
        if self._about is None:
            self._about = about(self.promotion)
        return self._about

    @property
    def checks(self) -> tuple[Check, ...]:
        """What it asks of an occasion."""
        if self._checks is None:
            self._checks = checks_of(self.promotion, self.about)
        return self._checks

    def missed(self, occasion: Occasion) -> Check | None:
        """The first check that does not hold; None: the promotion applies."""
        for check in self.checks:
            if not check.holds(occasion):
                return check
        return None

    def candidate(self, occasion: Occasion) -> Candidate:
        """What it found in the basket, and what is left of its limits."""
        one, promotion, caps = self.about, self.promotion, self.promotion.caps
        counted = caps.total_times or caps.budget_minor or caps.budget_points
        used = occasion.used(promotion.number) if counted else None
        return Candidate(
            promotion,
            self.version,
            occasion.meeting(one.lines),
            occasion.meeting(one.get) if one.get is not None else None,
            tuple([part_lines(occasion, one, part) for part in one.parts]),
            left(caps.budget_minor, used.minor) if used else None,
            left(caps.budget_points, used.points) if used else None,
            left(caps.total_times, used.times) if used else None,
            occasion.codes[promotion.number] if promotion.who.coupon else "",
        )


class Index:
    """Promotions by number, and by what lets them through; never changed, only replaced."""

    def __init__(
        self,
        listed: dict[int, Listed],
        gates: dict[str, Mapping[Value, tuple[int, ...]]],  # numbers; of those that are not paused
    ) -> None:
        self.listed, self.gates = listed, gates

    def renewed(self, changes: Mapping[int, Listed | None]) -> "Index":
        """With some promotions published anew, or (None) gone."""
        listed = dict(self.listed)
        gates = dict(self.gates)
        copied: dict[str, dict[Value, tuple[int, ...]]] = {}
        for number, one in changes.items():
            before = listed.pop(number, None)
            if before is not None:
                for by_value, value in _places(before, gates, copied):
                    others = tuple([other for other in by_value.pop(value, ()) if other != number])
                    if others:
                        by_value[value] = others
            if one is not None:
                listed[number] = one
                for by_value, value in _places(one, gates, copied):
                    by_value[value] = (*by_value.get(value, ()), number)
        return Index(listed, gates)

    def meeting(self, basket: Basket, codes: Mapping[int, str]) -> list[int]:
        """The numbers of those that a basket, with the coupons given, has the gate of, ascending."""
        found: dict[int, None] = {}
        for of, by_value in self.gates.items():
            if of == ".coupon":
                values: Iterable[Value | None] = codes
            elif of in _PLACES:
                values = (_PLACES[of](basket),)
            else:
                values = [value_of_line(line, of) for line in basket.lines]
            for value in values:
                if value is not None and value in by_value:
                    found.update(dict.fromkeys(by_value[value]))
        return sorted(found) if found else []


def build(listed: Iterable[Listed]) -> Index:
    """An index of many promotions."""
    return Index({}, {}).renewed({one.promotion.number: one for one in listed})


def _places(
    one: Listed,
    gates: dict[str, Mapping[Value, tuple[int, ...]]],
    copied: dict[str, dict[Value, tuple[int, ...]]],
) -> Iterator[tuple[dict[Value, tuple[int, ...]], Value]]:
    """Where one stands in the gates; these are copied before they are first changed."""
    if one.promotion.paused:
        return
    of, values = gate_of(one.promotion)
    if of not in copied:
        copied[of] = dict(gates.get(of, {}))
        gates[of] = copied[of]
    for value in values:
        yield copied[of], value


def gate_of(promotion: Promotion) -> Gate:
    """The one thing that lets few baskets through: a coupon, then goods, then places, small ones first."""
    if promotion.who.coupon:
        return ".coupon", (promotion.number,)
    required = [found for found in map(required_values, _conditions(promotion)) if found is not None]
    if required:
        attribute, texts = min(required, key=lambda one: len(one[1]))
        return attribute, texts
    where = promotion.where
    places: tuple[Gate, ...] = (
        (".store", where.stores),
        (".partner", where.partners),
        (".city", where.cities),
        (".country", where.countries),
        (".channel", where.channels),
    )
    for of, values in places:
        if values:
            return of, tuple(dict.fromkeys(values))
    return _ALWAYS


def _conditions(promotion: Promotion) -> Iterator[AnyCondition | None]:
    """Conditions each of which some line has to meet."""
    effect = promotion.effect
    yield promotion.lines
    yield promotion.receipt
    if isinstance(effect, BuyGet):
        yield effect.get
    if isinstance(effect, Bundle):
        for part in effect.parts:
            yield part.lines
