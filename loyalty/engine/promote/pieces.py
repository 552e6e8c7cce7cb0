"""Effects that count pieces: the cheapest free, buy some and get some.

Pieces of a line cost what is left of the line by their number; cents that do not divide lie on its first
pieces. Pieces of equal price stay together in runs, so a million of them cost no more than two.
"""

from collections.abc import Sequence
from typing import NamedTuple

from loyalty.commands.promotions import BuyGet, CheapestFree
from loyalty.engine.promote.ground import Ground, fractions


class Run(NamedTuple):
    """So many pieces of one line, of one price."""

    price_minor: int
    line: int
    pieces: int


def runs_of(lines: Sequence[int], left: Sequence[int], pieces: Sequence[int]) -> list[Run]:
    """All pieces of the lines, the dearest first; of equal price those of the earlier line first."""
    runs = []
    for line in lines:
        price, dearer = divmod(left[line], pieces[line])
        if dearer:
            runs.append(Run(price + 1, line, dearer))
        runs.append(Run(price, line, pieces[line] - dearer))
    runs.sort(key=_dearest_first)
    return runs


def cheapest_free(
    effect: CheapestFree, lines: Sequence[int], ground: Ground, left: Sequence[int], times_max: int
) -> tuple[list[int], int]:
    """Groups of `of_pieces` from the dearest on; of each full group the cheapest pieces are free.

    Returns:
        Money off per line of `lines`, and how many groups.
    """
    return _in_groups(lines, ground, left, effect.of_pieces, effect.free_pieces, times_max)


def buy_get(
    effect: BuyGet,
    lines: Sequence[int],
    get: Sequence[int] | None,
    ground: Ground,
    left: Sequence[int],
    times_max: int,
) -> tuple[list[int], int]:
    """For each `buy_pieces` of `lines`, `get_pieces` of `get` at a part of their price, as often as fits.

    A piece is either bought or got. Of the same lines, groups are made from the dearest piece on and the
    cheapest of each group are got, as for the cheapest free. Of other lines, the dearest pieces are got
    that leave enough to buy: that is best for the customer.

    Returns:
        Money off per line of `get` (of `lines`, if there is none), and how many times.
    """
    if get is None or tuple(get) == tuple(lines):
        of_pieces = effect.buy_pieces + effect.get_pieces
        amounts, times = _in_groups(lines, ground, left, of_pieces, effect.get_pieces, times_max)
    else:
        amounts, times = _of_others(effect, lines, get, ground, left, times_max)
    return fractions(ground, amounts, effect.basis_points, 10_000), times


def _dearest_first(run: Run) -> tuple[int, int]:
    return -run.price_minor, run.line


def _in_groups(
    lines: Sequence[int],
    ground: Ground,
    left: Sequence[int],
    of_pieces: int,
    free_pieces: int,
    times_max: int,
) -> tuple[list[int], int]:
    """What the cheapest `free_pieces` of each group cost, per line."""
    runs = runs_of(lines, left, ground.pieces)
    times = min(sum(run.pieces for run in runs) // of_pieces, times_max)
    free_minor = dict.fromkeys(lines, 0)
    paid_pieces = of_pieces - min(free_pieces, of_pieces)
    begin, end_all = 0, times * of_pieces
    for run in runs:
        end = min(begin + run.pieces, end_all)
        if begin >= end:
            break
        free = _free_before(end, of_pieces, paid_pieces) - _free_before(begin, of_pieces, paid_pieces)
        free_minor[run.line] += free * run.price_minor
        begin = end
    return list(free_minor.values()), times


def _free_before(place: int, of_pieces: int, paid_pieces: int) -> int:
    """How many of the first `place` pieces are free; in each group the first ones are paid."""
    groups, rest = divmod(place, of_pieces)
    return groups * (of_pieces - paid_pieces) + max(0, rest - paid_pieces)


def _of_others(
    effect: BuyGet,
    lines: Sequence[int],
    get: Sequence[int],
    ground: Ground,
    left: Sequence[int],
    times_max: int,
) -> tuple[list[int], int]:
    """What the got pieces cost, per line of `get`; lines in both kinds are shared between them."""
    pieces = ground.pieces
    both = frozenset(lines).intersection(get)
    buyable, gettable = sum(pieces[line] for line in lines), sum(pieces[line] for line in get)
    together = buyable + gettable - sum(pieces[line] for line in get if line in both)
    times = min(
        buyable // effect.buy_pieces,
        gettable // effect.get_pieces,
        together // (effect.buy_pieces + effect.get_pieces),
        times_max,
    )
    wanted, spare = times * effect.get_pieces, buyable - times * effect.buy_pieces
    got_minor = dict.fromkeys(get, 0)
    for run in runs_of(get, left, pieces):
        taken = min(run.pieces, wanted)
        if run.line in both:
            taken = min(taken, spare)
            spare -= taken
        wanted -= taken
        got_minor[run.line] += taken * run.price_minor
    return list(got_minor.values()), times
