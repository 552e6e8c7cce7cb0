"""Bundles: so many pieces of each part, together for one price."""

from collections.abc import Sequence

from loyalty.commands.promotions import Bundle
from loyalty.engine.promote.ground import Ground
from loyalty.engine.promote.pieces import Run, runs_of
from loyalty.engine.spread import spread


def bundle(
    effect: Bundle,
    parts: Sequence[Sequence[int]],
    lines: Sequence[int],
    ground: Ground,
    left: Sequence[int],
    times_max: int,
) -> tuple[list[int], int]:
    """As many bundles as fit, of the dearest pieces first; none that would cost more than its pieces.

    Args:
        parts: per part of the effect, the lines that fit it; a line may fit several, a piece is in one
            bundle only.
        lines: all of them, ascending.

    Returns:
        Money off per line of `lines`, in proportion to what the pieces in bundles cost, and how many bundles.
    """
    needs = [part.pieces for part in effect.parts]
    fit = {line: [at for at, part in enumerate(parts) if line in part] for line in lines}
    times = min(_how_many(needs, fit, ground.pieces), times_max)
    stacks = _deal(runs_of(lines, left, ground.pieces), fit, [need * times for need in needs])
    cost_minor = dict.fromkeys(lines, 0)
    gain_minor = made = 0
    while made < times:
        count, used = _next_bundles(stacks, needs, times - made)
        gain = (sum(used.values()) - effect.minor) * count
        if gain <= 0:  # later bundles are of cheaper pieces
            break
        made, gain_minor = made + count, gain_minor + gain
        for line, minor in used.items():
            cost_minor[line] += minor * count
    return spread(gain_minor, list(cost_minor.values())), made


def _how_many(needs: Sequence[int], fit: dict[int, list[int]], pieces: Sequence[int]) -> int:
    """By Hall: so many that, for any choice of parts, the pieces that fit one of them are enough for all.

    Those that fit none of a choice fit only parts outside of it: their sums over all subsets come from one
    pass for each part.
    """
    counts: dict[int, int] = {}  # by the parts that a piece fits, as bits
    for line, parts in fit.items():
        mask = sum(1 << part for part in parts)
        counts[mask] = counts.get(mask, 0) + pieces[line]
    if all(len(parts) == 1 for parts in fit.values()):  # then one part at a time says it all
        return min(counts.get(1 << part, 0) // need for part, need in enumerate(needs))
    every = (1 << len(needs)) - 1
    inside = [counts.get(mask, 0) for mask in range(every + 1)]  # pieces that fit these parts and no other
    wanted = [0] * (every + 1)
    for part, need in enumerate(needs):
        bit = 1 << part
        for mask in range(every + 1):
            if mask & bit:
                inside[mask] += inside[mask ^ bit]
                wanted[mask] += need
    total = inside[every]
    return min([(total - inside[every ^ choice]) // wanted[choice] for choice in range(1, every + 1)])


def _deal(runs: list[Run], fit: dict[int, list[int]], wants: list[int]) -> list[list[Run]]:
    """Give the dearest pieces to the parts, until each part has what it wants.

    From the dearest on each piece is taken if it, too, can be in a bundle; pieces dealt before may change
    their part for it, and stay. So what is dealt is worth the most (the greedy choice of a matroid).
    """
    dealt: list[dict[int, int]] = [{} for _ in wants]  # part: run -> pieces
    full: list[list[int]] = []  # which parts fit a piece that found no place: none of its kind will
    for at, run in enumerate(runs):
        left = 0 if fit[run.line] in full else run.pieces
        while left:
            path = _path(at, runs, fit, wants, dealt)
            if not path:
                full.append(fit[run.line])
                break
            moved = min(left, wants[path[-1][1]], *(dealt[old][moving] for moving, _, old in path[1:]))
            for moving, to, old in path:
                if old >= 0:
                    dealt[old][moving] -= moved
                dealt[to][moving] = dealt[to].get(moving, 0) + moved
            wants[path[-1][1]] -= moved
            left -= moved
    return [[runs[at]._replace(pieces=part[at]) for at in sorted(part) if part[at]] for part in dealt]


def _path(
    at: int, runs: list[Run], fit: dict[int, list[int]], wants: list[int], dealt: list[dict[int, int]]
) -> list[tuple[int, int, int]]:
    """The shortest chain of moves (run, to part, from part or -1) that ends at a part which wants more."""
    for part in fit[runs[at].line]:
        if wants[part]:
            return [(at, part, -1)]
    came: dict[int, tuple[int, int]] = dict.fromkeys(fit[runs[at].line], (at, -1))
    queue = list(came)
    for part in queue:
        if wants[part]:
            path = []
            while part >= 0:
                run, old = came[part]
                path.append((run, part, old))
                part = old
            return path[::-1]
        for run in sorted(dealt[part]):
            if dealt[part][run]:
                for other in fit[runs[run].line]:
                    if other not in came:
                        came[other] = (run, part)
                        queue.append(other)
    return []


def _next_bundles(stacks: list[list[Run]], needs: Sequence[int], at_most: int) -> tuple[int, dict[int, int]]:
    """Take the next bundle off the stacks, with those after it that are the same. What its lines cost."""
    whole = all(stack[0].pieces >= need for stack, need in zip(stacks, needs, strict=True))
    count = 1
    if whole:
        count = min(at_most, *(stack[0].pieces // need for stack, need in zip(stacks, needs, strict=True)))
    used: dict[int, int] = {}
    for stack, need in zip(stacks, needs, strict=True):
        missing = need * count
        while missing:
            run = stack[0]
            taken = min(run.pieces, missing)
            missing -= taken
            used[run.line] = used.get(run.line, 0) + taken * run.price_minor // count
            if taken == run.pieces:
                del stack[0]
            else:
                stack[0] = run._replace(pieces=run.pieces - taken)
    return count, used
