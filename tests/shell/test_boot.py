"""What a unit finds when it opens its directory: whose it is, what is wrong with it, in one line each."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ftnode.config import UnitSettings, unit_from
from ftnode.core.promise import Promise
from ftnode.shell.boot import EXIT_FAULT, EXIT_SETUP, BootError, Opened, open_unit
from ftnode.store.disk import RealDisk
from ftnode.store.entry import Entry, encode_run
from ftnode.store.promise import PromiseFault, PromiseFile
from tests.machines import Bank

MACHINES = [Bank()]


def settings(directory: Path, unit: int = 0, cabinet: str = "shop", keep_days: int = 35) -> UnitSettings:
    """A unit with a small log."""
    limits = {"batch_max_bytes": 65_536}
    log = {"segment_bytes": 131_072, "local_window_bytes": 524_288}
    return unit_from(
        {
            "unit": {"cabinet": cabinet, "id": unit, "dir": str(directory)},
            "till": {"message_max_bytes": 65_536},
            "limits": limits,
            "log": log,
            "state": {"checkpoint_bytes": 262_144, "request_keep_days": keep_days},
        }
    )


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where a unit lives."""
    return tmp_path / "unit"


def open_and_close(directory: Path, unit: int = 0, cabinet: str = "shop") -> Opened:
    opened = open_unit(settings(directory, unit, cabinet), MACHINES)
    close(opened)
    return opened


def close(opened: Opened) -> None:
    opened.wal.close()
    opened.store.close()
    os.close(opened.lock_fd)


def noops(count: int) -> list[Entry]:
    return [Entry(seq, 1, 1000 + seq, 7, MACHINES[0].version, 0) for seq in range(1, count + 1)]


def give_past(directory: Path, count: int = 5) -> None:
    """The directory of a unit that took `count` entries and was killed."""
    opened = open_unit(settings(directory), MACHINES)
    opened.promises.keep(Promise("shop", 0, boot=1, epoch=1))
    opened.wal.append(encode_run(opened.wal.head_hash, noops(count))[0], 0, 0)
    opened.wal.sync()
    close(opened)


def test_a_blank_directory_is_made_and_is_blank(directory: Path) -> None:
    """First start: no promise, an empty log, a state at 0; the directory is the owner's alone."""
    opened = open_and_close(directory)
    assert (opened.promise, opened.found.head_seq, opened.fits) == (None, 0, True)
    assert directory.stat().st_mode & 0o077 == 0


def test_a_unit_killed_before_its_first_promise_is_still_blank(directory: Path) -> None:
    """An empty log without a promise claims nothing."""
    open_and_close(directory)
    assert open_and_close(directory).promise is None


def test_the_log_is_replayed_behind_the_state(directory: Path) -> None:
    """What was in the log and in no checkpoint is executed before anything else happens."""
    give_past(directory)
    opened = open_and_close(directory)
    assert (opened.found.head_seq, opened.runner.executor.executed_seq) == (5, 5)


def test_an_end_that_rotted_is_promised_before_it_is_cut(directory: Path) -> None:
    """Synced, perhaps acknowledged, no mark says so yet, and a bit of it changes: every later start knows."""
    give_past(directory)
    segment = directory / "log" / "0000000001.seg"
    data = bytearray(segment.read_bytes())
    data[len(data.rstrip(b"\0")) - 1] ^= 1
    segment.write_bytes(data)
    with capture_logs() as lines:
        opened = open_and_close(directory)
    assert [(line["from_seq"], line["rotten"]) for line in lines if line["event"] == "log_cut_at_start"] == [
        (1, True)
    ]
    for _ in range(2):
        assert opened.promise is not None
        assert (opened.found.head_seq, opened.promise.cut_seq, opened.promise.cut_rotten) == (0, 1, True)
        opened = open_and_close(directory)


def test_nothing_is_cut_if_the_promise_cannot_be_kept(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fails in between: the next start finds what rotted again."""
    give_past(directory)
    segment = directory / "log" / "0000000001.seg"
    data = bytearray(segment.read_bytes())
    data[len(data.rstrip(b"\0")) - 1] ^= 1
    segment.write_bytes(data)
    kept = PromiseFile.keep

    def keep(self: PromiseFile, promise: Promise) -> None:
        if promise.cut_seq:
            raise PromiseFault("the disk failed")
        kept(self, promise)

    monkeypatch.setattr(PromiseFile, "keep", keep)
    with pytest.raises(BootError, match="the disk failed"):
        open_and_close(directory)
    assert segment.read_bytes() == data


WRONG_OWNERS = [  # unit, cabinet, what is said
    (1, "shop", "this disk is unit 0 of cabinet 'shop'"),
    (0, "bank", "this disk is unit 0 of cabinet 'shop'"),
]


@pytest.mark.parametrize(("unit", "cabinet", "words"), WRONG_OWNERS)
def test_the_directory_of_another_unit_is_refused(
    directory: Path, unit: int, cabinet: str, words: str
) -> None:
    """Two units' disks swapped, or a copied settings file: nothing is touched."""
    give_past(directory)
    with pytest.raises(BootError, match=words) as caught:
        open_and_close(directory, unit, cabinet)
    assert caught.value.status == EXIT_SETUP


def test_a_log_is_executed_as_it_always_was(directory: Path) -> None:
    """With another `request_keep_days` the same entries leave another state: a lone unit that starts again
    would not know what it answered, a pair would miscompare weeks later."""
    give_past(directory)
    words = r"state.request_keep_days is 70, but .* was executed with 35.*: set it to 35, on both units"
    with pytest.raises(BootError, match=words) as caught:
        open_unit(settings(directory, keep_days=70), MACHINES)
    assert caught.value.status == EXIT_SETUP
    open_and_close(directory)


def test_a_blank_unit_is_executed_as_its_settings_say_now(directory: Path) -> None:
    """Sent away by the other unit for its settings, corrected, started again: nothing stands in its way."""
    close(open_unit(settings(directory, keep_days=70), MACHINES))
    open_and_close(directory)
    give_past(directory)
    open_and_close(directory)


def test_an_archive_that_cannot_be_read_is_reported_not_died_of(directory: Path) -> None:
    """Nothing in it is needed to serve tills."""
    give_past(directory)
    (directory / "archive" / "1-2-ab.json").write_text("{")
    with capture_logs() as lines:
        opened = open_and_close(directory)
    assert opened.fits
    assert ["not a manifest" in line["why"] for line in lines] == [True]


def test_a_second_process_is_refused(directory: Path) -> None:
    """Two processes on one disk would write over one another."""
    opened = open_unit(settings(directory), MACHINES)
    with pytest.raises(BootError, match=f"in use by another process .pid {os.getpid()}."):
        open_unit(settings(directory), MACHINES)
    close(opened)
    open_and_close(directory)


def test_entries_without_a_promise_are_refused(directory: Path) -> None:
    """Somebody removed the promise: what this unit once promised is unknown, and guessing loses data."""
    give_past(directory)
    (directory / "promise").unlink()
    with pytest.raises(BootError, match="entries but no promise"):
        open_and_close(directory)


def test_a_rotten_promise_is_not_a_blank_disk(directory: Path) -> None:
    """Both copies are bad: the unit says so and does not start."""
    give_past(directory)
    data = bytearray((directory / "promise").read_bytes())
    data[20] ^= 1
    data[4096 + 20] ^= 1
    (directory / "promise").write_bytes(data)
    with pytest.raises(BootError, match="rotten") as caught:
        open_and_close(directory)
    assert caught.value.status == EXIT_FAULT


def test_a_state_of_another_history_does_not_fit(directory: Path) -> None:
    """The log was replaced under the state: the unit may start, but only to join anew."""
    give_past(directory, 5)
    opened = open_unit(settings(directory), MACHINES)
    opened.runner.executor.compared(5)
    job = opened.runner.executor.begin_checkpoint()
    job.prepare()
    job.write()
    job.sync()
    opened.runner.executor.finish_checkpoint(job)
    close(opened)
    for name in (directory / "log").glob("*"):
        if name.is_file():
            name.unlink()
    opened = open_and_close(directory)
    assert not opened.fits


def test_a_file_where_the_directory_should_be(directory: Path) -> None:
    """A typing error in the settings."""
    directory.write_text("")
    with pytest.raises(BootError, match="is no directory"):
        open_and_close(directory)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A file system of a megabyte."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.root
def test_a_read_only_file_system(mounted: Path) -> None:
    """Said as what it is, not as a stack of calls."""
    subprocess.run(["mount", "-o", "remount,ro", str(mounted)], check=True)
    with pytest.raises(BootError, match="read-only file system") as caught:
        open_and_close(mounted / "unit")
    assert caught.value.status == EXIT_FAULT


@pytest.mark.root
def test_a_full_disk(mounted: Path) -> None:
    """No room for the log: said before anything was promised."""
    (mounted / "other").write_bytes(bytes(900_000))
    with pytest.raises(BootError, match=r"(?i)no room|space|full"):
        open_and_close(mounted / "unit")


def test_promises_are_kept_where_boot_looks(directory: Path) -> None:
    """The file that `ftnode form` writes is the one that a unit reads."""
    directory.mkdir()
    file, _ = PromiseFile.open(RealDisk(), str(directory), "shop", 0)
    file.keep(Promise("shop", 0, incarnation="aa"))
    assert open_and_close(directory).promise == Promise("shop", 0, incarnation="aa")
