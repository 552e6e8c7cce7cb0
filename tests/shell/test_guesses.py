"""A question that the application answers in two ways on one state: whose fault is that?"""

import os
from pathlib import Path

from ftnode.machine.contract import StateReader
from ftnode.shell.reading import Asked
from tests.machines import Counter, body
from tests.shell.test_self_trial import DOUBT_SEQ, EQUAL_SEQ, Unit, counter_key


class Guesses(Counter):
    """Answers one question on one state differently in each process."""

    def query(self, state: StateReader, at_ms: int, body: bytes) -> bytes:
        return super().query(state, at_ms, body) + os.getpid().to_bytes(4, "big")


async def test_an_application_that_guesses_convicts_nobody(tmp_path: Path) -> None:
    """Its answers differ in a clean process, and all that it read is right: both units would go out for its
    bug. A value that is wrong in memory is still found."""
    unit = Unit(tmp_path, Guesses())
    unit.fill()
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    unit.reader._keep(5, (Asked(False, b"me", body("read")),))
    unit.heard.clear()
    told = await unit.tried(barrier=5)
    assert told.fault == ""
    unit.heard.clear()
    unit.executor._overlay.newest.values[counter_key(unit)] = (13).to_bytes(8, "big")
    told = await unit.tried(barrier=5)
    assert "its memory contradicts its own log" in told.fault
