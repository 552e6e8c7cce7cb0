"""A story of two units that are both sound and never agree: they stop, and say where they differ. (rule 16)

One unit's engine writes something else than the other's, from one entry on, in its memory and in a clean
process alike: a mistake of whoever built it. Nobody contradicts himself. Which entry it was, under which key
and with which values, is known here, and has to stand on both disks.
"""

from dataclasses import dataclass, replace
from typing import Final

from msgspec import structs

from chaos.sim.cabinet import Cabinet
from chaos.sim.judge import ViolationError
from chaos.sim.profiles import Profile
from chaos.sim.promises import read_promise
from chaos.sim.run import Run
from chaos.sim.watched import TWISTED, TWISTED_VALUE
from chaos.sim.world import MS, World
from ftnode.core.arbitration import NEITHER

QUIET: Final = Profile("evidence", {})
BEGIN_MS: Final = (4000, 9000)
LOSS: Final = 0.15  # of words of doubt
ARBITRATION_MS: Final = 3000
END_MS: Final = 20_000  # from the first twisted entry until both have stopped


@dataclass(slots=True)
class Found:
    """What came of it."""

    seq: int  # the first entry that the two engines executed differently
    reasons: tuple[str, str]  # on the disks of units 0 and 1
    lost_words: int


def play(seed: int) -> Found:
    """One seed. Raises ViolationError if an answer left, or a disk does not say what differs."""
    world = World(seed)
    run = Run(world, QUIET)
    cabinet, crooked = run.cabinet, world.between(0, 1)
    timing = structs.replace(cabinet.settings.timing, arbitration_ms=ARBITRATION_MS)
    cabinet.settings = replace(cabinet.settings, timing=timing)
    for unit in (0, 1):
        world.after(world.between(0, 300) * MS, cabinet.boot, unit)
    for client in cabinet.clients[:-1]:
        client.start(60_000 * MS)
    world.run_until(world.between(*BEGIN_MS) * MS)
    while not (cabinet.duplex() and cabinet.connected):
        world.run_until(world.now_us + 100 * MS)
    for box in cabinet.boxes:
        box.trial_us = world.between(20, 250) * MS
        box.twisted = crooked == box.unit
    _lose_words(cabinet)
    cabinet.restarts = False
    world.run_until(world.now_us + END_MS * MS)
    return _judged(cabinet, crooked)


def _lose_words(cabinet: Cabinet) -> None:
    """Some are, so that whoever stops too early is not heard any more."""
    cabinet.words.loss = LOSS


def _judged(cabinet: Cabinet, crooked: int) -> Found:
    seq = cabinet.boxes[crooked].twisted_seq
    if not seq:
        raise ViolationError("evidence", "no entry was executed after the engine had changed")
    if cabinet.judge.shown_seq >= seq:
        raise ViolationError("digest", f"{cabinet.judge.shown_seq} was shown; engines differ from {seq} on")
    promises = [read_promise(box.disk) for box in cabinet.boxes]
    reasons = tuple("" if promise is None else promise.broken for promise in promises)
    for unit, reason in enumerate(reasons):
        mine, other = ("", TWISTED_VALUE.hex()) if unit != crooked else (TWISTED_VALUE.hex(), "")
        if NEITHER not in reason:
            raise ViolationError("evidence", f"unit {unit} did not stop because both are sound: {reason!r}")
        told = f"entry {seq}: " in reason and TWISTED.hex() in reason and f" = {mine or other}" in reason
        if not told:
            raise ViolationError("evidence", f"unit {unit}: entry {seq} differs; its disk says {reason!r}")
    return Found(seq, (reasons[0], reasons[1]), cabinet.words.lost)
