"""A link that loses packets stays bad over the connections that it costs, and is well when it is well."""

import sys
from typing import Any

import pytest

from ftnode.hardware import probes
from ftnode.hardware.losses import Losses
from ftnode.observe.figures import UnitFigures
from ftnode.shell.health import _Look

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
    "what the other side had already was not lost": ([0, 1, 0, 1, 2, 1, 2, 2], [0, 1, 1, 1, 2, 1, 1, 1]),
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


class Wire:
    """A socket whose kernel says so of it."""

    def __init__(self, again: int, in_vain: int, size: int = 256) -> None:
        told = bytearray(256)
        told[100:104], told[216:220] = again.to_bytes(4, "little"), in_vain.to_bytes(4, "little")
        self.told = bytes(told[:size])

    def getsockopt(self, *_: int) -> bytes:
        return self.told


@pytest.mark.skipif(sys.byteorder != "little", reason="the numbers here are little-endian")
@pytest.mark.parametrize(
    ("wire", "lost"),
    [
        (Wire(9, 0), (9, False)),
        (Wire(9, 7), (2, False)),  # the other side had seven of them already
        (Wire(3, 5), (0, False)),  # doubled on the way
        (Wire(9, 7, size=104), (9, False)),  # an older kernel
        (Wire(9, 7, size=64), None),
    ],
)
def test_what_was_sent_again_in_vain_was_not_lost(wire: Any, lost: tuple[int, bool] | None) -> None:
    """A starved process makes TCP send again what its host has had for long."""
    assert probes.resent(wire) == lost


def test_another_connection_counts_from_its_own_beginning() -> None:
    """Also where nobody looked between the two."""
    look = _Look(UnitFigures(), LIMIT)
    first, second = Wire(50, 0), Wire(0, 0)
    for wire in (first, first, second):
        assert look.lost_per_s(wire) in (0, None)  # type: ignore[arg-type]
    second.told = Wire(4, 0).told
    assert look.lost_per_s(second) == 4  # type: ignore[arg-type]
