"""Stories that the simulator found, told on the core alone. Each names its seed's tale."""

from msgspec.structs import replace

from ftnode.core import rules
from ftnode.core.fsm import State
from ftnode.core.promise import Promise
from ftnode.core.record import Record
from ftnode.core.state import Timing, fresh


def test_a_unit_that_promised_more_than_it_knows_does_not_ask() -> None:
    """An earlier life won {1} at epoch 8, answered, and was killed with a join under way. The next life hears
    of the record at epoch 7 only, from the other unit's hello. The record that it would ask for is the very
    one that its earlier life won, so a conflict would look like a win: and then the join lands."""
    promise = Promise("shop", 1, "w1", boot=2, epoch=8, incarnation="b")
    old = Record("shop", "w1", 7, 1, (0, 1), ((0, "a"), (1, "b")))
    unit = replace(
        fresh(Timing(), 1, "shop"), state=State.DUPLEXING, promise=promise, want=promise, told_seq=0
    )
    assert not rules.electable(replace(unit, record=old))
    assert rules.electable(replace(unit, record=replace(old, epoch=8)))
