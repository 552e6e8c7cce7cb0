"""A link that loses packets stays bad over the connections that it costs, and is well when it is well."""

import sys
from typing import Any

import pytest

from ftnode.hardware import probes
from ftnode.hardware.losses import Losses, Seen
from ftnode.observe.figures import UnitFigures
from ftnode.shell.health import _Look

LIMIT = 8
STEP_S = 0.25  # between two looks
BUSY, IDLE = 50, 5  # packets between two looks

# What each look sees (lost so far; None: no connection; a `w`: TCP waits), how much is sent, what is said.
STORIES: dict[str, tuple[list[int | str | None], int, list[int | None]]] = {
    "a quiet link": ([0, 0, 1, 1, 2], BUSY, [0, 0, 1, 1, 2]),
    "no connection is no reading": ([None, None, 0, 0], BUSY, [None, None, 0, 0]),
    "a burst is counted for a second": ([0, 6, 6, 6, 6, 6], BUSY, [0, 6, 6, 6, 6, 0]),
    "many": ([0, 5, 9, 13], BUSY, [0, 5, 9, 13]),
    "well when a hundred have arrived": ([0, 9, 9, 9, 9], BUSY, [0, 9, 9, 9, 9]),
    "and the window is over": ([0, 9, 9, 9, 9, 9, 9], BUSY, [0, 9, 9, 9, 9, 9, 0]),
    "TCP waits longer and longer": (
        [0, 9, "9w", "9w", "9w", "10w", "10w"],
        BUSY,
        [0, 9, 9, 9, 9, 9, 9],
    ),
    "the connection is gone, and the next one has counted nothing": (
        [0, 9, None, None, 0, 3, 3, 6],
        BUSY,
        [0, 9, 9, 9, 9, 9, 9, 9],
    ),
    "the next one is good": ([0, 9, None, 0, 0, 0, 0], BUSY, [0, 9, 9, 9, 9, 0, 0]),
    "few are lost where few are sent": ([0, 9, 9, 10, 10, 11, 11, 12], IDLE, [0, 9, 9, 10, 10, 10, 10, 10]),
    "one in eight is not well": ([0, 9, 12, 14, 18, 21, 23, 25], BUSY, [0, 9, 12, 14, 18, 12, 11, 11]),
    "what the other side had already was not lost": (
        [0, 1, 0, 1, 2, 1, 2, 2],
        BUSY,
        [0, 1, 1, 1, 2, 1, 1, 1],
    ),
    "a partner that is gone is no bad link": ([0, 0, "1w", "2w", "2w", None], BUSY, [0, 0, 1, 2, 2, None]),
}


@pytest.mark.parametrize(("looks", "sent", "told"), STORIES.values(), ids=STORIES)
def test_story(looks: list[int | str | None], sent: int, told: list[int | None]) -> None:
    losses, found = Losses(LIMIT), []
    for number, look in enumerate(looks):
        lost = int(look.rstrip("w")) if isinstance(look, str) else look
        seen = None if lost is None else Seen(lost, number * sent, waits=isinstance(look, str))
        found.append(losses.look(number * STEP_S, seen))
    assert found == told


class Wire:
    """A socket whose kernel says so of it."""

    def __init__(self, again: int, in_vain: int, size: int = 256) -> None:
        told = bytearray(256)
        for at, number in ((100, again), (156, 30), (216, in_vain)):
            told[at : at + 4] = number.to_bytes(4, "little")
        self.told = bytes(told[:size])

    def getsockopt(self, *_: int) -> bytes:
        return self.told


@pytest.mark.skipif(sys.byteorder != "little", reason="the numbers here are little-endian")
@pytest.mark.parametrize(
    ("wire", "lost"),
    [
        (Wire(9, 0), Seen(9, 30)),
        (Wire(9, 7), Seen(2, 30)),  # the other side had seven of them already
        (Wire(3, 5), Seen(0, 30)),  # doubled on the way
        (Wire(9, 7, size=160), Seen(9, 30)),  # an older kernel
        (Wire(9, 7, size=104), None),
    ],
)
def test_what_was_sent_again_in_vain_was_not_lost(wire: Any, lost: Seen | None) -> None:
    """A starved process makes TCP send again what its host has had for long."""
    assert probes.losses(wire) == lost


def test_another_connection_counts_from_its_own_beginning() -> None:
    """Also where nobody looked between the two."""
    look = _Look(UnitFigures(), LIMIT)
    first, second = Wire(50, 0), Wire(0, 0)
    for wire in (first, first, second):
        assert look.lost_per_s(wire) in (0, None)  # type: ignore[arg-type]
    second.told = Wire(4, 0).told
    assert look.lost_per_s(second) == 4  # type: ignore[arg-type]
