"""Bugs of rules 11 and 16 that the simulator does not reach, planted: the story that guards each rule fails.

A snapshot in the middle of a doubt, rot that is met in it, two units that stop because both are sound: what
the simulator's wires and disks bring about too rarely is played here event by event.
"""

from collections.abc import Callable
from functools import partial

import pytest

from chaos.sim import mutations_doubts as d
from chaos.sim import mutations_witness as w
from chaos.sim.planting import Plant
from tests.core import test_arbitration as arbitration
from tests.core import test_designation as designation
from tests.core import test_doubts as doubts
from tests.core import test_new_witness as new_witness
from tests.core.test_arbitration import ACTIVE

Story = Callable[[], None]

GUARDED: list[tuple[Callable[[Plant], None], Story]] = [
    (
        d.takeover_ends_a_doubt,
        doubts.test_a_takeover_that_lands_in_a_doubt_answers_nothing_before_its_own_trial,
    ),
    (d.stopped_for_one_reason, doubts.test_what_else_stopped_an_active_is_over_and_the_doubt_is_not),
    (d.pause_is_silence_on_roots, doubts.test_after_a_pause_of_our_own_the_partner_s_roots_are_read_first),
    (d.snapshot_stays_in_doubt, doubts.test_a_state_that_is_replaced_is_in_doubt_no_more),
    (d.rot_is_no_verdict, doubts.test_rot_that_keeps_what_is_in_doubt_from_being_executed_is_the_verdict),
    (d.barriers_without_limit, partial(doubts.test_barriers_under_way_have_a_limit, 178)),
    (
        d.reads_begin_a_trial_each,
        doubts.test_an_application_that_is_not_sure_of_itself_begins_no_trial_with_each_read,
    ),
    (
        d.difference_is_forgotten,
        doubts.test_the_first_difference_between_two_sound_units_is_told_to_whoever_looks,
    ),
    (
        d.standby_s_roots_count_for_nothing,
        partial(arbitration.test_who_sees_that_roots_differ_is_believed_at_once, ACTIVE),
    ),
    (d.stops_before_the_other_knows, doubts.test_no_unit_stops_before_the_other_one_knows_what_it_did),
    (
        w.note_under_way_is_not_there,
        designation.test_a_right_that_is_being_written_down_is_gone_before_a_swap_to_both_leaves,
    ),
    (
        w.goes_back_to_an_older_witness,
        new_witness.test_a_witness_that_was_replaced_while_a_unit_was_out_is_not_gone_back_to,
    ),
]


@pytest.mark.parametrize(("plant_it", "story"), GUARDED, ids=lambda one: getattr(one, "__name__", None))
def test_a_planted_bug_fails_its_story(plant_it: Callable[[Plant], None], story: Story) -> None:
    """Without the bug the story passes; with it, it does not."""
    story()
    plant = Plant()
    try:
        plant_it(plant)
        with pytest.raises(AssertionError):
            story()
    finally:
        plant.dig_up()
