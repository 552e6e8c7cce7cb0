"""A link that loses packets stays bad over the connections that it costs, and is well when it is well."""

import pytest

from ftnode.hardware.losses import Losses

LIMIT = 8
STEP_S = 0.25  # between two looks

# What each look sees (sent again so far; None: no connection; a `w`: TCP waits), and what is said of it.
STORIES = {
    "a quiet link": ([0, 0, 1, 1, 2], [0, 0, 1, 1, 2]),
    "no connection is no reading": ([None, None, 0, 0], [None, None, 0, 0]),
    "a burst is counted for a second": ([0, 6, 6, 6, 6, 6], [0, 6, 6, 6, 6, 0]),
    "many": ([0, 5, 9, 13], [0, 5, 9, 13]),
    "TCP waits longer and longer": ([0, 9, "9w", "9w", "9w", "10w", "10w"], [0, 9, 9, 9, 9, 9, 9]),
    "the connection is gone, and the next one has counted nothing": (
        [0, 9, None, None, 0, 1, 1, 1],
        [0, 9, 9, 9, 9, 9, 9, 9],
    ),
    "the next one is good for a second": ([0, 9, None, 0, 0, 0, 0, 0], [0, 9, 9, 9, 9, 9, 9, 0]),
    "more than half as bad is not well": ([0, 9, 11, 13, 14, 16, 17, 19], [0, 9, 11, 13, 14, 14, 14, 14]),
    "a partner that is gone is no bad link": ([0, 0, "1w", "2w", "2w", None], [0, 0, 1, 2, 2, None]),
}


@pytest.mark.parametrize(("seen", "told"), STORIES.values(), ids=STORIES)
def test_story(seen: list[int | str | None], told: list[int | None]) -> None:
    losses, found = Losses(LIMIT), []
    for number, look in enumerate(seen):
        waits = isinstance(look, str)
        resent = int(look.rstrip("w")) if isinstance(look, str) else look
        found.append(losses.look(number * STEP_S, resent, waits))
    assert found == told
