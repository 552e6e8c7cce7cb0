"""The history on disk: kept over crashes, bounded, and read past whatever spoilt it."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftnode.store.history import BEFORE, FORMAT, NOW, Happened, HistoryFile, read

MAX_BYTES = 65_536


def happened(number: int, why: str = "") -> Happened:
    return Happened(FORMAT, 1000 + number, 1, 3, number, "moved", why, more={"state": "ACTIVE"})


def numbers(directory: Path, since_ms: int = 0) -> list[int]:
    return [one.number for one in read(directory, since_ms)]


def test_what_was_written_is_read_after_a_restart(tmp_path: Path) -> None:
    """All fields, in order; from a moment on."""
    file = HistoryFile(tmp_path / "history", MAX_BYTES)
    file.append([happened(1), happened(2, "why — ünd wie\n?")])
    file.close()
    file = HistoryFile(tmp_path / "history", MAX_BYTES)
    file.append([happened(3)])
    assert list(read(tmp_path / "history")) == [happened(1), happened(2, "why — ünd wie\n?"), happened(3)]
    assert file.last() == happened(3)
    assert numbers(tmp_path / "history", since_ms=1002) == [2, 3]
    file.close()


def test_a_crash_at_any_byte_of_the_last_line(tmp_path: Path) -> None:
    """The lines before it are there, the torn one never is, and the next one is readable."""
    file = HistoryFile(tmp_path / "history", MAX_BYTES)
    file.append([happened(1), happened(2)])
    file.close()
    path = tmp_path / "history" / NOW
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for size in range(first, len(whole)):
        path.write_bytes(whole[:size])
        assert numbers(tmp_path / "history") == [1], "also before it was cut"
        file = HistoryFile(tmp_path / "history", MAX_BYTES)
        file.append([happened(9)])
        file.close()
        assert numbers(tmp_path / "history") == [1, 9]


@given(st.binary(max_size=200))
def test_whatever_is_in_the_middle_is_skipped(tmp_path_factory: pytest.TempPathFactory, rot: bytes) -> None:
    """Rot, another format, nonsense: the rest is read."""
    directory = tmp_path_factory.mktemp("rot")
    file = HistoryFile(directory, MAX_BYTES)
    file.append([happened(1)])
    with (directory / NOW).open("ab") as spoilt:
        spoilt.write(rot + b'\n{"v":99,"at_ms":5,"unit":1,"boot":1,"number":7,"what":"later"}\n[[[[\n')
    file.close()
    file = HistoryFile(directory, MAX_BYTES)
    file.append([happened(2)])
    file.close()
    assert numbers(directory) == [1, 2]


def test_it_never_grows_beyond_its_limit(tmp_path: Path) -> None:
    """The newest half at least is always there."""
    file = HistoryFile(tmp_path, MAX_BYTES)
    for number in range(2000):
        file.append([happened(number, "x" * 100)])
        if number % 100 == 0:
            assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= MAX_BYTES
    kept = numbers(tmp_path)
    assert kept == list(range(kept[0], 2000))
    assert len(kept) > 100
    assert (tmp_path / BEFORE).exists()
    file.close()


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a line is taken back; when there is room again it goes on."""
    file = HistoryFile(tmp_path, MAX_BYTES)
    file.append([happened(1)])
    real = os.write
    room = [30]

    def write(fd: int, data: memoryview) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        done, room[0] = real(fd, data[: room[0]]), 0
        return done

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space"):
        file.append([happened(2)])
    monkeypatch.undo()
    file.append([happened(3)])
    file.close()
    assert numbers(tmp_path) == [1, 3]
    assert (tmp_path / NOW).read_bytes().count(b"\n") == 2
