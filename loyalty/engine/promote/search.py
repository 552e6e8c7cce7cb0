"""Branch and bound: which promotions to take, exactly, or as well as a number of steps allows."""

from typing import Final, NamedTuple

from loyalty.commands.basket import LineKind
from loyalty.commands.limits import RECEIPT_MAX_APPLIED
from loyalty.engine.promote.bound import SHIFT, Bound
from loyalty.engine.promote.ground import Ground
from loyalty.engine.promote.leaf import Leaf, leaf_of
from loyalty.engine.promote.offers import Offers
from loyalty.engine.promote.scene import Scene
from loyalty.engine.promote.walk import Node, Walk
from loyalty.engine.promote.worth import Worths

# What things cost, in steps: a step is one promotion computed on one line.
_NODE_STEPS: Final = 8  # the bounds of a decision, and on so many lines one more
_NODE_LINES: Final = 8
_TRY_STEPS: Final = 4  # a choice among promotions of points


class Found(NamedTuple):
    """`most_value`: no combination is worth more; what `leaf` is worth if it is known to be the best."""

    leaf: Leaf
    most_value: int
    steps: int


def search(scene: Scene, ground: Ground, offers: Offers, worths: Worths, steps_max: int) -> Found:
    """Decide promotion after promotion, first in, then out; leave out what cannot become better.

    The first combination tried takes of each group what is worth most alone, and all others: mostly it is
    the best, and then little else has to be looked at. A promotion that would change nothing stays out.
    """
    return _Search(scene, ground, offers, worths).run(steps_max)


class _Branch(NamedTuple):
    """What is still to be looked at: the node, or the node with its next promotion in."""

    most: int  # value times 2 ** SHIFT that it can come to
    node: Node
    with_next: bool


class _Search:
    def __init__(self, scene: Scene, ground: Ground, offers: Offers, worths: Worths) -> None:
        self._scene, self._offers, self._worths = scene, offers, worths
        self._bound = Bound(scene, ground, offers, worths)
        self._walk = Walk(ground, offers, self._bound, scene.purses)
        kinds = [0 if line.kind is LineKind.GOODS else line.amount_minor for line in scene.lines]
        self._others = kinds if any(kinds) else []
        self._hoped = _hoped(offers)
        lines = len(scene.lines)
        self._node_steps = _NODE_STEPS + lines // _NODE_LINES
        self._leaf_steps = lines * (1 + len(offers.points) + scene.spend_steps)
        self._best: Leaf | None = None
        self._most_value = 0  # of the leaves, and of what was not looked at

    def run(self, steps_max: int) -> Found:
        """Look at everything that could be better, as far as the steps go; at one combination in any case."""
        walk, money = self._walk, len(self._offers.money)
        stack = [_Branch(0, walk.start, False)]
        while stack:
            branch = stack.pop()
            if not self._promising(branch.most, len(branch.node.chosen) + branch.with_next):
                continue
            if walk.steps >= steps_max and self._best is not None:
                most = max(it.most for it in (branch, *stack))
                self._most_value = max(self._most_value, -(-most >> SHIFT))
                break
            walk.steps += self._node_steps
            node = walk.with_next(branch.node) if branch.with_next else branch.node
            if node is not None and node.at == money:
                self._try(node)
            elif node is not None:
                self._branch(walk.enter(node), stack)
        best = self._best or self._leaf(walk.start)
        most_value = max(-best.rank[0], self._most_value)
        if self._offers.untried:
            most_value = max(most_value, self._bound.with_untried(self._scene, self._worths))
        return Found(best, most_value, walk.steps)

    def _branch(self, node: Node, stack: list[_Branch]) -> None:
        """The next promotion in, and out; what is hoped for is looked at first."""
        offer, money, bound = self._offers.money[node.at], self._offers.money, self._bound
        stages, after = self._offers.stages, node.at + 1
        base = node.stage.base
        if after < len(money) and stages[after] != node.stage.number:
            base = node.left
        count, branches = len(node.chosen), []
        most = bound.most(after, node.taken, node.off_minor, node.left, base, node.tops)
        if self._promising(most, count):
            branches.append(_Branch(most, node._replace(at=after), False))
        bit = bound.bit(offer.group)
        if not node.taken & bit and count < RECEIPT_MAX_APPLIED:
            most = bound.most(after, node.taken | bit, node.off_minor, node.left, base, node.tops, offer)
            if self._promising(most, count + 1):
                branches.append(_Branch(most, node, True))
        stack += branches if self._hoped[node.at] else branches[::-1]

    def _promising(self, most: int, count: int) -> bool:
        """Whether it can be better. At equal value fewer unrestricted points, or fewer promotions, are."""
        if self._best is None:
            return True
        value, general_points, best_count, _ = self._best.rank
        least = -value << SHIFT
        if most != least:
            return most > least
        return bool(general_points) or count <= best_count

    def _try(self, node: Node) -> None:
        """A whole decision about money off."""
        if self._best is not None:
            most = self._bound.most(node.at, node.taken, node.off_minor, node.left, node.left, node.tops)
            if not self._promising(most, len(node.chosen)):
                return
        leaf = self._leaf(node)
        self._most_value = max(self._most_value, leaf.most_value)
        if self._best is None or leaf.rank < self._best.rank:
            self._best = leaf

    def _leaf(self, node: Node) -> Leaf:
        self._walk.steps += self._leaf_steps
        leaf = leaf_of(self._scene, self._offers, self._worths, self._bound, self._others, node)
        self._walk.steps += _TRY_STEPS * leaf.tries
        return leaf


def _hoped(offers: Offers) -> list[bool]:
    """All promotions without a group, and of each group the one that takes most off alone."""
    best: dict[int, int] = {}
    for at, offer in enumerate(offers.money):
        if offer.group and (
            offer.group not in best or offers.money[best[offer.group]].most_minor < offer.most_minor
        ):
            best[offer.group] = at
    return [not offer.group or best[offer.group] == at for at, offer in enumerate(offers.money)]
