"""A closer bound for percentages that compound: 10 % and 10 % of the rest are 19 %, not 20 %.

Take the promotions that are a percentage of each line and in no group. Whatever else takes r off a line
before, between or after them, one of them leaves of a line at least

    (1 - percentage) * what it would have left without r  -  r  -  a unit or two by rounding

for it takes no more off a lower amount. So all of them after a stage leave at least the product of the
(1 - percentage) of each stage, less r; and together with r the customer saves no more than

    what is left now * (1 - product) + rounding + r

where r is bounded as ever (`Bound`). Of what is taken off before all of them, only r * product counts: they
take less off then. Within a stage percentages are added, not multiplied.
"""

from collections.abc import Sequence
from operator import mul
from typing import Final, NamedTuple

from loyalty.commands.promotions import PercentOff
from loyalty.engine.promote.ground import Ground
from loyalty.engine.promote.offers import Offer, Offers

_ONE: Final = 1 << 32
_ROUNDED_MINOR: Final = 2  # a line's part is less than this above its exact share, under every policy


class _Row(NamedTuple):
    """Of the promotions from one on, per line, as fractions of 2 ** 32."""

    net: list[int]  # taken off in this stage, less what later ones would have taken of it
    later: list[int]  # taken off in later stages
    kept: list[int]  # left by these
    most_kept: int
    rounded: int  # minor units


class Compound:
    """Per promotion in the order of evaluation, what those from it on take off: now, and in later stages."""

    def __init__(self, offers: Offers, ground: Ground) -> None:
        lines = len(ground.amounts)
        self._mine = [at >= offers.competing and _is_one(offer) for at, offer in enumerate(offers.money)]
        stages = [stage for stage, mine in zip(offers.stages, self._mine, strict=True) if mine]
        self.useful = bool(stages) and stages[0] != stages[-1]
        self._rows: list[_Row] = []
        if self.useful:
            self._fill(offers, lines)

    def has(self, at: int) -> bool:
        """Whether the promotion is one of those."""
        return self.useful and self._mine[at]

    def _fill(self, offers: Offers, lines: int) -> None:
        now, kept, rounded = [0] * lines, [_ONE] * lines, 0
        stage = None
        for at in range(len(offers.money) - 1, -1, -1):
            offer = offers.money[at]
            if offers.stages[at] != stage:
                kept = [part * max(0, _ONE - taken) >> 32 for part, taken in zip(kept, now, strict=True)]
                now, stage = [0] * lines, offers.stages[at]
            if self._mine[at]:
                now = list(now)
                share = -(-_basis_points(offer) * _ONE // 10_000)
                for line in offer.money.lines:
                    now[line] += share
                rounded += _ROUNDED_MINOR * len(offer.money.lines)
            net = [-(-taken * part >> 32) for taken, part in zip(now, kept, strict=True)]
            self._rows.append(_Row(net, [_ONE - part for part in kept], kept, max(kept), rounded))
        self._rows.reverse()

    def most_minor(
        self, at: int, base: Sequence[int], left: Sequence[int], gains: Sequence[int], more_minor: int
    ) -> int:
        """What those from `at` on take off at most, and what is taken off before them, together.

        Args:
            base: what the stage of promotion `at` computes on, minor units per line.
            left: what is left of the lines now.
            gains, more_minor: what is still taken off before; per line (or empty), and of any line.
        """
        if at == len(self._rows):
            return sum(gains) + more_minor
        row = self._rows[at]
        exact: int = more_minor * row.most_kept + sum(map(mul, gains, row.kept))
        exact += sum(map(mul, base, row.net)) + sum(map(mul, left, row.later))
        return (exact >> 32) + 1 + row.rounded


def _basis_points(offer: Offer) -> int:
    effect = offer.money.effect
    return effect.basis_points if isinstance(effect, PercentOff) else 0


def _is_one(offer: Offer) -> bool:
    return isinstance(offer.money.effect, PercentOff) and not offer.money.pooled and not offer.group
