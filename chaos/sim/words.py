"""Counts the words of doubt that the units say to one another: they end. (rule 16)"""

from collections import deque
from typing import Final

from chaos.sim.judge import ViolationError
from chaos.sim.world import MS, World
from ftnode.core.messages import Doubt, Fetched, Message

STORM_WORDS: Final = 400
STORM_MS: Final = 1000
"""More words in so short a time are answers to answers: two units say 16 by themselves."""


class Words:
    """What was said of doubts."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._at_us: deque[int] = deque(maxlen=STORM_WORDS)
        self.of_reads: Doubt | None = None  # the first one of a doubt of reads, to be heard again
        self.of_reads_from = 0
        self.loss = 0.0  # of words of doubt, and of nothing else
        self.lost = 0

    def loses(self, message: Message) -> bool:
        """Does this word not arrive?"""
        if not self.loss or not isinstance(message, Doubt) or not self._world.chance(self.loss):
            return False
        self.lost += 1
        return True

    def said(self, sender: int, message: Doubt | Fetched) -> None:
        """A word leaves."""
        if not isinstance(message, Doubt):
            return
        if message.barrier and not message.done and self.of_reads is None:
            self.of_reads, self.of_reads_from = message, sender
        now_us = self._world.now_us
        self._at_us.append(now_us)
        if len(self._at_us) == STORM_WORDS and now_us - self._at_us[0] < STORM_MS * MS:
            raise ViolationError("storm", f"{STORM_WORDS} words of doubt within {STORM_MS} ms: {message}")
