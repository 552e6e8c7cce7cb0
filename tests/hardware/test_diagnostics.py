"""What a unit finds out about its own parts: it passes here, and each kind of harm is found and named."""

import os
from pathlib import Path

import pytest

from ftnode.hardware import diagnostics, probes
from ftnode.hardware.diagnostics import Bounds, Check, code_digest, problem_of, run

BOUNDS = Bounds(free_min_bytes=0, fsync_fail_ms=60_000)


def named(checks: list[Check], name: str) -> Check:
    """The check of this name."""
    return next(check for check in checks if check.name == name)


def test_a_sound_unit_passes_and_nothing_is_left_behind(tmp_path: Path) -> None:
    """Every part is looked at; the test file is gone."""
    checks = run(tmp_path, BOUNDS, [])
    assert [check.problem for check in checks] == [""] * len(checks)
    assert {check.part.value for check in checks} >= {"disk", "memory", "clock", "unit"}
    assert problem_of(checks) == ""
    assert not (tmp_path / diagnostics.TEST_NAME).exists()


def test_a_disk_that_gives_back_something_else_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bit of one block."""
    real = os.pread

    def rotten(fd: int, size: int, at: int) -> bytes:
        data = bytearray(real(fd, size, at))
        if at == 3 * diagnostics.BLOCK_BYTES:
            data[100] ^= 4
        return bytes(data)

    monkeypatch.setattr(os, "pread", rotten)
    assert "block 3 came back other" in problem_of(run(tmp_path, BOUNDS, []))


def test_a_failing_and_a_slow_disk_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first cannot sync; the second takes longer than it may."""
    assert "No such file" in problem_of(run(tmp_path / "gone", BOUNDS, []))
    slow = Bounds(0, fsync_fail_ms=-1)
    assert "an fsync took" in problem_of(run(tmp_path, slow, []))

    def fails(fd: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fails)
    assert "Input/output error" in problem_of(run(tmp_path, BOUNDS, []))


def test_little_room_is_told_and_is_no_broken_disk(tmp_path: Path) -> None:
    """Room comes back; a unit that convicts itself for it would stay out."""
    checks = run(tmp_path, Bounds(1 << 62, 60_000), [])
    assert "below log.free_min_bytes" in named(checks, "room").problem
    assert problem_of(checks) == ""


def test_a_program_that_changed_is_told_once(tmp_path: Path) -> None:
    """An upgrade, or a hand in the installed files: somebody should know which."""
    root = tmp_path / "program"
    root.mkdir()
    (root / "a.py").write_text("one")
    before = code_digest([root])
    assert named(run(tmp_path, BOUNDS, [root]), "installed code").problem == ""
    (root / "a.py").write_text("two")
    found = named(run(tmp_path, BOUNDS, [root]), "installed code").problem
    assert before in found
    assert code_digest([root]) in found
    assert named(run(tmp_path, BOUNDS, [root]), "installed code").problem == ""


def test_probes_read_what_is_there(tmp_path: Path) -> None:
    """Numbers that make sense on this machine; the second probe of a disk takes no more room."""
    assert probes.memory_left_bytes() > 1 << 20
    assert probes.free_bytes(tmp_path) > 0
    probes.sync_probe(tmp_path)
    size = (tmp_path / probes.PROBE_NAME).stat().st_size
    probes.sync_probe(tmp_path)
    assert (tmp_path / probes.PROBE_NAME).stat().st_size == size
