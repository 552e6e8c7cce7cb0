"""The witness's file: whole or old, synced before it counts, and honest about damage."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftnode.witness.disk import Kept, RecordDisk, WitnessDiskError, decode, encode
from tests.witness.make import CABINET, duplex

RECORD = duplex()
KEPT = Kept(CABINET, "w1", 5, RECORD)
GOOD = encode(KEPT)


class Tracker:
    """Counts fsyncs of files and directories; fails the one that it is told to."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.fail_at = 0

    def __call__(self, fd: int) -> None:
        self.order.append(os.path.basename(os.readlink(f"/proc/self/fd/{fd}")))
        if len(self.order) == self.fail_at:
            raise OSError(errno.EIO, "Input/output error")
        os.fsync(fd)


def test_an_empty_directory_becomes_a_new_witness_once(tmp_path: Path) -> None:
    """The id is drawn with the empty disk and stays; two witnesses never share one."""
    first, second = RecordDisk(tmp_path / "w"), RecordDisk(tmp_path / "x")
    kept = first.open(CABINET)
    assert kept.record is None
    assert kept.witness_id != second.open(CABINET).witness_id
    first.close()
    assert RecordDisk(tmp_path / "w").open(CABINET) == kept


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    """A restart finds the last value, all of it."""
    disk = RecordDisk(tmp_path)
    kept = disk.open(CABINET)
    written = Kept(CABINET, kept.witness_id, 9, duplex(kept.witness_id))
    disk.write(written)
    disk.close()
    assert RecordDisk(tmp_path).open(CABINET) == written


def test_order_of_syncs(tmp_path: Path) -> None:
    """Data before the name, the name before the answer; at start everything anew, the parent too."""
    tracker = Tracker()
    disk = RecordDisk(tmp_path / "w", tracker)
    disk.open(CABINET)
    assert tracker.order == [tmp_path.name, "record.new", "w"]
    tracker.order.clear()
    disk.write(KEPT)
    assert tracker.order == ["record.new", "w"]


@pytest.mark.parametrize("fail_at", [1, 2])  # the file's fsync, the directory's
def test_a_failed_sync_is_never_retried(tmp_path: Path, fail_at: int) -> None:
    """After one failed fsync this disk object refuses for ever, and the text says which file and why."""
    tracker = Tracker()
    disk = RecordDisk(tmp_path, tracker)
    disk.open(CABINET)
    tracker.order.clear()
    tracker.fail_at = fail_at
    with pytest.raises(WitnessDiskError, match=r"record cannot be kept: Input/output error"):
        disk.write(KEPT)
    synced = len(tracker.order)
    with pytest.raises(WitnessDiskError, match=r"Input/output error"):
        disk.write(KEPT)
    assert len(tracker.order) == synced


def test_a_crash_before_the_rename_leaves_the_old_value(tmp_path: Path) -> None:
    """Whatever a half-written record.new holds, the next start reads the old record and goes on."""
    disk = RecordDisk(tmp_path)
    kept = disk.open(CABINET)
    disk.close()
    (tmp_path / "record.new").write_bytes(GOOD[:20])
    assert RecordDisk(tmp_path).open(CABINET) == kept


DAMAGE = [  # what became of the file, what the error says
    (b"", "begins with b''"),
    (GOOD[:-3], "cut off"),
    (GOOD + b"x", "cut off, or longer"),
    (GOOD.replace(b'"epoch":1', b'"epoch":2'), "the checksum differs"),
    (GOOD.replace(b"ftnode-witness 1", b"ftnode-witness 2"), "begins with b'ftnode-witness 2'"),
    (bytes(70_000), "too long"),
    (encode(Kept(CABINET, "", 5, None)), "is no name"),
    (encode(Kept(CABINET, "w1", -1, None)), "negative"),
    (encode(Kept(CABINET, "w2", 5, RECORD)), "belongs to another cabinet or witness"),
    (encode(Kept(CABINET, "w1", 5, duplex(epoch=0))), "epoch 0 is not in"),
]


@pytest.mark.parametrize(("content", "said"), DAMAGE)
def test_a_corrupt_file_refuses_to_start(tmp_path: Path, content: bytes, said: str) -> None:
    """It is neither guessed at nor overwritten, and the operator is told what to do."""
    (tmp_path / "record").write_bytes(content)
    with pytest.raises(WitnessDiskError) as caught:
        RecordDisk(tmp_path).open(CABINET)
    assert said in str(caught.value)
    assert "ftctl replace-witness" in str(caught.value)
    assert (tmp_path / "record").read_bytes() == content


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_any_single_damaged_byte_is_noticed(at: int, flip: int) -> None:
    """No byte of the file is outside the checksum."""
    damaged = bytearray(GOOD)
    damaged[at] ^= flip
    with pytest.raises(ValueError, match=r"."):
        decode(bytes(damaged))


def test_of_another_cabinet(tmp_path: Path) -> None:
    """A directory mixed up is named with both cabinets."""
    disk = RecordDisk(tmp_path)
    disk.open("station")
    disk.close()
    with pytest.raises(WitnessDiskError, match=r"belongs to cabinet 'station', not 'store-street'"):
        RecordDisk(tmp_path).open(CABINET)


def test_two_witnesses_cannot_share_a_directory(tmp_path: Path) -> None:
    """Two processes on one record could each grant an epoch."""
    disk = RecordDisk(tmp_path)
    disk.open(CABINET)
    with pytest.raises(WitnessDiskError, match=r"in use by another witness"):
        RecordDisk(tmp_path).open(CABINET)
    disk.close()
    RecordDisk(tmp_path).open(CABINET)


def test_a_path_that_is_no_directory(tmp_path: Path) -> None:
    """The error names the path and the reason."""
    (tmp_path / "file").write_text("")
    with pytest.raises(WitnessDiskError, match=r"file/w: Not a directory"):
        RecordDisk(tmp_path / "file" / "w").open(CABINET)
