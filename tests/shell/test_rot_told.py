"""What becomes of entries that cannot be read: put back from here, else the core asks the partner."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ftnode.core import events as ev
from ftnode.observe.count import Tally
from ftnode.shell.rot import Rot
from ftnode.store.rot_note import RotNote

KNOWN = (3, 4)  # since the start: the core has it
MET = (7, 9)


class Log:
    """A log with holes; `held` says what is in memory."""

    def __init__(self, held: bool) -> None:
        self.rotten: tuple[tuple[int, int], ...] = (KNOWN,)
        self.repaired: list[str] = []
        self.wal = self
        self._held = held

    def in_memory(self, first_seq: int, last_seq: int) -> bytes | None:
        return b"entries" if self._held else None

    def repairs(self, seqs: range, data: bytes) -> list[str]:
        return [f"{seqs[0]}..{seqs[-1]}"]

    def repair(self, run: str) -> None:
        self.repaired.append(run)
        self.rotten = (KNOWN,)

    def sync(self) -> None:
        pass


def rot_of(log: Log, told: list[tuple[int, ...]], directory: Path) -> Rot:
    def run(job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        done(job())

    def feed(event: ev.Event) -> None:
        assert isinstance(event, ev.Rotted)
        told.append(event.seqs)

    nothing = cast(Any, lambda *_: None)
    return Rot(
        directory=directory,
        note=RotNote(),
        store=nothing,
        logbook=cast(Any, log),
        archive=cast(Any, SimpleNamespace(entries=lambda first_seq, last_seq: None)),
        disk=cast(Any, SimpleNamespace(run=run)),
        feed=feed,
        failed=nothing,
        found=Tally(("", "")),
    )


@pytest.mark.parametrize("held", [True, False])
def test_each_hole_is_dealt_with_once(held: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked at all the time. The core may not listen at first: it is told again, later."""
    log, told = Log(held), list[tuple[int, ...]]()
    rot = rot_of(log, told, tmp_path)
    log.rotten = (KNOWN, MET)
    for _ in range(3):
        rot.log()
    assert log.repaired == (["7..9"] if held else [])
    assert told == ([] if held else [(7, 8, 9)])
    monkeypatch.setattr("ftnode.shell.rot.TELL_AGAIN_S", 0.0)
    rot.log()
    assert told == ([(3, 4)] if held else [(7, 8, 9), (3, 4), (7, 8, 9)])
    rot.stop()
