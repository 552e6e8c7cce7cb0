"""The scrubber: where a pass goes on, in what portions, and that a doubt is looked at twice."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from ftnode.core.fsm import State
from ftnode.shell.scrubber import FILE, KEEP_S, PARTS, SLOTS_AT_ONCE, Position, Scrubber
from ftnode.store.scrub import Finding
from ftnode.store.scrub_helper import Ask, Reply
from ftnode.store.state import SLOTS


class Tallied(list[tuple[str, str]]):
    def add(self, what: tuple[str, str]) -> None:
        self.append(what)


def scrubber(directory: Path, archived: tuple[str, ...] = ()) -> Any:
    """With a unit that has a log of three segments, and does what it is told."""
    wal = SimpleNamespace(pieces=lambda: [SimpleNamespace(segment=n, end_at=100) for n in (3, 4, 5)])
    acted: list[tuple[Any, ...]] = []
    running: Any = SimpleNamespace(
        settings=SimpleNamespace(
            scrub=SimpleNamespace(pass_hours=24, max_bytes_per_s=1000, cpu_percent=5),
            unit=SimpleNamespace(cabinet="shop"),
            archive_dir=str(directory),
        ),
        opened=SimpleNamespace(
            directory=directory,
            archive=SimpleNamespace(names=lambda: list(archived), manifests=()),
        ),
        logbook=SimpleNamespace(wal=wal),
        driver=SimpleNamespace(unit=SimpleNamespace(state=State.ACTIVE, changing=False, unfit="")),
        rot=SimpleNamespace(slots=lambda slots, why: acted.append(("slots", slots, why))),
        figures=SimpleNamespace(rot=Tallied()),
        acted=acted,
    )
    return Scrubber(running)


def portions(made: Any, part: str, start: str = "") -> list[tuple[Ask, str]]:
    made.position = Position(began_ms=1, part=PARTS.index(part), next=start)
    return list(made._portions(made.position))


@pytest.mark.parametrize("start", ["", "160", str(SLOTS - SLOTS_AT_ONCE)])
def test_every_slot_is_read_once_from_where_it_was(tmp_path: Path, start: str) -> None:
    """A few at a time: LMDB frees no page while they are read."""
    asked = portions(scrubber(tmp_path), "state", start)
    assert [slot for ask, _ in asked for slot in ask.slots] == list(range(int(start or 0), SLOTS))
    assert all(len(ask.slots) == SLOTS_AT_ONCE for ask, _ in asked)
    assert asked[-1][1] == str(SLOTS)


@pytest.mark.parametrize(("start", "read"), [("", [3, 4, 5]), ("4", [4, 5]), ("6", []), ("1", [3, 4, 5])])
def test_segments_are_read_from_where_it_was(tmp_path: Path, start: str, read: list[int]) -> None:
    """Those that left meanwhile are not missed."""
    asked = portions(scrubber(tmp_path), "log", start)
    assert [ask.piece.segment for ask, _ in asked if ask.piece is not None] == read


def test_archived_segments_are_read_once(tmp_path: Path) -> None:
    """Going on after the last name that was read, never with it again."""
    names = tuple(f"{number:04d}" for number in range(10))
    made = scrubber(tmp_path, names)
    asked = portions(made, "archive")
    assert [name for ask, _ in asked for name in ask.archived] == list(names)
    rest = portions(made, "archive", asked[0][1])
    assert [name for ask, _ in rest for name in ask.archived] == list(names[4:])


async def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    made = scrubber(tmp_path)
    made.position = Position(began_ms=5, part=2, next="64", read_bytes=7, found=1)
    made._kept_s = -KEEP_S
    await made._keep(0.0)
    assert scrubber(tmp_path)._recall() == made.position


PLACES = [  # what lies in the file, where it goes on
    (b"{", Position()),
    (b'{"part": "log"}', Position()),
    (b'{"began_ms": 5, "part": 9, "next": "x"}', Position(began_ms=5)),
    (b'{"began_ms": 5, "part": 2, "next": "drop table"}', Position(began_ms=5)),
    (b'{"began_ms": 5, "part": 3, "next": "0007"}', Position(began_ms=5, part=3, next="0007")),
]


@pytest.mark.parametrize(("text", "position"), PLACES)
def test_a_place_that_is_none_begins_anew(tmp_path: Path, text: bytes, position: Position) -> None:
    """It is only a place: nothing is worth a unit that does not start."""
    (tmp_path / FILE).write_bytes(text)
    assert scrubber(tmp_path)._recall() == position


@pytest.mark.parametrize("again", [True, False])
async def test_what_is_found_is_looked_at_once_more(
    tmp_path: Path, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slot that was being written is no rot; one that is rotten twice is out of use at once."""
    made = scrubber(tmp_path)
    finding = Finding("slot", "slot 7 does not add up", 7, 7)
    asked: list[Ask] = []

    def ask(portion: Ask) -> Reply:
        asked.append(portion)
        return Reply(findings=[finding] if again else [])

    monkeypatch.setattr(made, "_ask", ask)
    assert await made.look_again(finding, Ask(slots=list(range(16)))) is again
    assert [(portion.slots, portion.let_go) for portion in asked] == [([7], True)], "at the newest checkpoint"
    acted = made._running.acted
    assert acted == ([("slots", [7], "slot 7 does not add up")] if again else [])
    assert made.position.found == int(again)
    assert made._running.figures.rot == ([] if again else [("slot", "not confirmed")])
    assert msgspec.json.decode(msgspec.json.encode(made.position), type=Position) == made.position
