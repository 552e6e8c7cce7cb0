"""Faults on the unit's own disk: they outlive its processes, torn lines, and disks without room."""

from pathlib import Path

import pytest

from ftnode.hardware import journal as journals
from ftnode.hardware.journal import LINES_MAX, NAME, Journal
from ftnode.hardware.parts import Kind, Part


class Host:
    """A clock that moves, and what was said."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.at_ms, self.said = directory, 0, list[str]()

    def wall_ms(self) -> int:
        self.at_ms += 1000
        return self.at_ms

    def open(self) -> Journal:
        return Journal(self.directory, self.wall_ms, self.said.append)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_life_that_was_told_to_end_is_no_fault(host: Host) -> None:
    """Only an end that nobody asked for counts."""
    first = host.open()
    first.begin()
    first.end()
    second = host.open()
    second.begin()
    assert second.faults == []
    third = host.open()  # the second never ended
    assert third.begin() is not None
    assert [fault.part for fault in third.faults] == [Part.UNIT]


def test_an_end_by_a_noted_hard_fault_counts_once(host: Host) -> None:
    """The failed fsync is the fault, not the end that follows from it."""
    first = host.open()
    first.begin()
    first.fault(Part.DISK, Kind.HARD, "fsync failed")
    second = host.open()
    second.begin()
    assert [(fault.part, fault.kind) for fault in second.faults] == [(Part.DISK, Kind.HARD)]


def test_cleared_faults_count_no_more_and_stay_in_the_file(host: Host) -> None:
    """Also after a restart."""
    first = host.open()
    first.fault(Part.LINK, Kind.SOFT, "old")
    first.clear("cable replaced")
    first.fault(Part.LINK, Kind.SOFT, "new")
    assert [fault.what for fault in host.open().faults] == ["new"]
    assert "old" in (host.directory / NAME).read_text()


@pytest.mark.parametrize(
    "harm", [b'{"at_ms":5,"does":"fau', b"\x00\xff\n", b'{"does":"dance"}\n', b"x" * 5000 + b"\n"]
)
def test_a_line_that_is_none_is_passed_over_and_said(host: Host, harm: bytes) -> None:
    """A torn or rotten line costs itself, not those before and after it."""
    host.open().fault(Part.DISK, Kind.SOFT, "before")
    with (host.directory / NAME).open("ab") as file:
        file.write(harm)
    host.open().fault(Part.DISK, Kind.SOFT, "after")
    assert [fault.what for fault in host.open().faults] == ["before", "after"]
    assert any("passed over" in text for text in host.said)


def test_the_file_does_not_grow_for_ever(host: Host) -> None:
    """The oldest half goes."""
    journal = host.open()
    for number in range(LINES_MAX + 10):
        journal.lines.append(journals.Line(number, "fault"))
    journal.fault(Part.DISK, Kind.SOFT, "newest")
    assert len(host.open().lines) == LINES_MAX // 2
    assert host.open().faults[-1].what == "newest"


def test_what_no_disk_takes_is_remembered_and_said(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk keeps nobody from counting, and ends nothing."""

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    journal = host.open()
    monkeypatch.setattr(journals, "_append", no_room)
    journal.fault(Part.DISK, Kind.SOFT, "full")
    assert [fault.what for fault in journal.faults] == ["full"]
    assert any("No space left" in text for text in host.said)
