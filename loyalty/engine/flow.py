"""Lots over lines where not every lot may pay for every line: augmenting chains. Pure arithmetic.

Lots come in their order; each pays as many grains as it can while all before it keep what they pay.
It is spread over those of its lines that have room. When they are full, lots that pay there give way
and pay elsewhere: by the shortest chain that ends at a line with room, among equals over the lowest
lines and lots. Where a search finds no room, none of the lines that it saw can ever get any again,
so no later search looks at them.

A set of lines, or of lots, is a whole number: bit `at` is line `at`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from loyalty.commands.limits import SPEND_MAX_CHAINS
from loyalty.commands.policies import Distribution
from loyalty.engine.spread import spread_by


class Payer(NamedTuple):
    """A lot: how many grains it holds, and the set of lines that it may pay for."""

    grains: int
    lines: int


class Flow(Struct, gc=False):
    """What the lots so far pay, and what that leaves."""

    left_minor: list[int]  # per line, of its amount
    room: list[int]  # per line: grains that points may still pay
    payers: list[dict[int, int]]  # per line: lot to grains, above 0
    paid: list[int]  # per lot: grains
    open: int  # the set of lines with room
    paying: list[int]  # per line: the set of lots that pay there
    shut: int = 0  # the set of lines from which no chain leads to room


class _Move(NamedTuple):
    """A lot pays less on one line and as much more on another."""

    line: int
    lot: int
    to: int


def lay_out(
    lots: Sequence[Payer],
    amounts_minor: Sequence[int],
    caps: Sequence[int],
    most: int,
    grain_minor: int,
    distribution: Distribution,
) -> Flow:
    """The lexicographically greatest payment.

    Args:
        lots: in the order in which they pay.
        amounts_minor: per line.
        caps: per line, the most grains that it takes, worth no more than its amount.
        most: grains that all lots may pay together.
        grain_minor: what a grain is worth.
        distribution: how a lot is spread, in proportion to what is left of the lines' amounts.

    Cost: a search looks once at each line and lot and at who pays what; after it a lot has paid all it
    can, a line is full, or a lot is off a line. Purposes that lie in one another made thousands of searches
    and took most of a second; so after SPEND_MAX_CHAINS of them lots pay only where room is.
    """
    open_lines = lines_of([cap > 0 for cap in caps])
    flow = Flow(list(amounts_minor), list(caps), [{} for _ in caps], [], open_lines, [0] * len(caps))
    chains = 0
    for at, lot in enumerate(lots):
        wanted = min(lot.grains, most)
        paid = _pay_where_room_is(flow, at, lot.lines, wanted, grain_minor, distribution)
        while paid < wanted and chains < SPEND_MAX_CHAINS:
            chain = _find_chain(flow, lots, lot.lines)
            if not chain:
                break
            chains += 1
            paid += _shift(flow, at, chain, wanted - paid, grain_minor)
        flow.paid.append(paid)
        most -= paid
    return flow


def lines_of(fits: Sequence[bool]) -> int:
    """The set of the lines that fit."""
    return sum([1 << at for at, fit in enumerate(fits) if fit])


def _pay_where_room_is(
    flow: Flow, lot: int, lines: int, wanted: int, grain_minor: int, distribution: Distribution
) -> int:
    mine = list(_each(lines & flow.open))
    room = [flow.room[at] for at in mine]
    paid = min(wanted, sum(room))
    parts = spread_by(distribution, paid, [flow.left_minor[at] for at in mine], room)
    for at, part in zip(mine, parts, strict=True):
        if part:
            _pay(flow, lot, at, part)
            _use(flow, at, part, grain_minor)
    return paid


def _find_chain(flow: Flow, lots: Sequence[Payer], lines: int) -> list[_Move]:
    """Moves that make room on one of `lines`, all of them full; the first of them last. Empty: none do."""
    reached: dict[int, _Move] = {}  # by the line moved to
    seen, seen_lots = flow.shut | lines, 0
    queue = list(_each(lines & ~flow.shut))
    for line in queue:  # which grows meanwhile: breadth first
        paying = flow.paying[line] & ~seen_lots
        seen_lots |= paying
        for lot in _each(paying):
            new = lots[lot].lines & ~seen
            seen |= new
            for to in _each(new):
                reached[to] = _Move(line, lot, to)
                queue.append(to)
            if new & flow.open:
                return _trace(reached, next(_each(new & flow.open)))
    flow.shut = seen
    return []


def _trace(reached: dict[int, _Move], end: int) -> list[_Move]:
    chain: list[_Move] = []
    while end in reached:
        chain.append(reached[end])
        end = reached[end].line
    return chain


def _shift(flow: Flow, lot: int, chain: list[_Move], wanted: int, grain_minor: int) -> int:
    """As many grains as all moves allow; `lot` gets the room that they make."""
    grains = min(wanted, flow.room[chain[0].to], *[flow.payers[move.line][move.lot] for move in chain])
    for move in chain:
        _pay(flow, move.lot, move.to, grains)
        _pay(flow, move.lot, move.line, -grains)
    _pay(flow, lot, chain[-1].line, grains)
    _use(flow, chain[0].to, grains, grain_minor)
    return grains


def _pay(flow: Flow, lot: int, line: int, grains: int) -> None:
    payers = flow.payers[line]
    payers[lot] = payers.get(lot, 0) + grains
    flow.paying[line] |= 1 << lot
    if not payers[lot]:
        del payers[lot]
        flow.paying[line] ^= 1 << lot


def _use(flow: Flow, line: int, grains: int, grain_minor: int) -> None:
    flow.room[line] -= grains
    flow.left_minor[line] -= grains * grain_minor
    if not flow.room[line]:
        flow.open &= ~(1 << line)


def _each(lines: int) -> Iterator[int]:
    """The lines of a set, lowest first."""
    while lines:
        lowest = lines & -lines
        yield lowest.bit_length() - 1
        lines ^= lowest
