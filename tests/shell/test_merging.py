"""What is compared is merged behind the answers, once a turn of the loop, through the newest seq."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from ftnode.core import effects as ef
from ftnode.shell.hands import Hands


def hands_at(compared_seq: int, halted: bool = False) -> tuple[Hands, list[int]]:
    """Hands whose core has compared so far, and the seqs that the checkpoints are told."""
    told: list[int] = []
    hands = Hands.__new__(Hands)
    hands._merging = False
    hands._checkpoints = cast(Any, SimpleNamespace(compared=told.append))
    hands.on_compared = lambda: told.append(0)
    unit = SimpleNamespace(log=SimpleNamespace(compared_seq=compared_seq))
    hands.driver = cast(Any, SimpleNamespace(unit=unit, halted=halted))
    return hands, told


async def test_what_waits_in_the_loop_already_goes_first() -> None:
    """An answer's caller is woken up by then; two marks are one merge, and the feed's readers hear of it."""
    hands, told = hands_at(compared_seq=7)
    asyncio.get_running_loop().call_soon(told.append, -1)
    hands._mark_compared(ef.MarkCompared(5))
    hands._mark_compared(ef.MarkCompared(7))
    assert told == []
    await asyncio.sleep(0)
    assert told == [-1, 7, 0]
    hands._mark_compared(ef.MarkCompared(7))
    await asyncio.sleep(0)
    assert told == [-1, 7, 0, 7, 0]


async def test_nothing_is_merged_once_the_end_was_asked_for() -> None:
    hands, told = hands_at(compared_seq=7, halted=True)
    hands._mark_compared(ef.MarkCompared(7))
    await asyncio.sleep(0)
    assert told == []
