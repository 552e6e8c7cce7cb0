"""A state that cannot be read is put aside, once, wherever the process ends; what is rotten is not read."""

from pathlib import Path

import pytest

from ftnode.shell import opening
from ftnode.shell.opening import ASIDE, STATE, keep_rot, open_state, put_aside
from ftnode.store.disk import RealDisk
from ftnode.store.rot_note import RotNote, read_note
from ftnode.store.state import RottenValue, StateBroken
from ftnode.store.state_helper import HelperStateStore
from ftnode.store.state_lmdb import LmdbStateStore
from tests.state.contract import at, key

MAP_BYTES = 1 << 26
SLOT = 5


class Ended(Exception):
    """The process ended here."""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """A unit's directory with one value in its state."""
    store = LmdbStateStore(tmp_path / STATE)
    writer = store.begin_checkpoint(at(1))
    writer.put_slice([(key(SLOT, "a"), b"value")])
    writer.prepare()
    writer.write()
    writer.sync()
    store.close()
    return tmp_path


def note_of(unit: Path) -> RotNote:
    return read_note(RealDisk(), str(unit))


def test_a_sound_state_is_opened_as_it_is(unit: Path) -> None:
    store, note = open_state(unit, MAP_BYTES, blank=False)
    try:
        assert store.get(key(SLOT, "a")) == b"value"
        assert not note
    finally:
        store.close()
    assert not (unit / ASIDE).exists()


def test_what_is_known_to_be_rotten_is_not_read_after_a_restart(unit: Path) -> None:
    """Its slot is in quarantine from the first moment, also for keys that are not there."""
    keep_rot(unit, RotNote(why="it does not add up", slots=(SLOT,)))
    store, note = open_state(unit, MAP_BYTES, blank=False)
    try:
        assert note.slots == (SLOT,)
        for name in ("a", "never put"):
            with pytest.raises(RottenValue):
                store.get(key(SLOT, name))
        assert store.get(key(SLOT + 1, "a")) is None
    finally:
        store.close()


def test_a_state_that_cannot_be_read_is_put_aside_and_kept(unit: Path) -> None:
    """A blank one takes its place; the old one is there for audit, and nothing is known to be rotten."""
    (unit / STATE / "data.mdb").write_bytes(b"")
    store, note = open_state(unit, MAP_BYTES, blank=False)
    try:
        assert (store.get(key(SLOT, "a")), store.checkpoint.seq, bool(note)) == (None, 0, False)
    finally:
        store.close()
    assert (unit / ASIDE / "data.mdb").read_bytes() == b""
    assert not note_of(unit)


def test_on_a_blank_disk_it_is_not_ours_to_put_aside(unit: Path) -> None:
    """A directory that says nothing of a past, with a state in it: somebody has to look."""
    (unit / STATE / "data.mdb").write_bytes(b"")
    with pytest.raises(StateBroken):
        open_state(unit, MAP_BYTES, blank=True)
    assert (unit / STATE).exists()
    assert not (unit / ASIDE).exists()


@pytest.mark.parametrize("ended_in", ["put_aside", "the blank state", "the note"])
def test_ended_in_the_middle_it_goes_on(unit: Path, ended_in: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was done already: the next start has a blank state, and what was rotten is still kept."""

    opened: list[HelperStateStore] = []

    def end(*_: object) -> None:
        raise Ended

    def opens(directory: Path, map_max_bytes: int) -> HelperStateStore:
        if ended_in == "the blank state" and (unit / ASIDE).exists():
            raise Ended
        opened.append(HelperStateStore(directory, map_max_bytes))
        return opened[-1]

    def notes(directory: Path, note: RotNote) -> None:
        if ended_in == "the note" and not note:
            raise Ended
        keep_rot(directory, note)

    (unit / STATE / "data.mdb").write_bytes(b"")
    monkeypatch.setattr(opening, "HelperStateStore", opens)
    monkeypatch.setattr(opening, "keep_rot", notes)
    if ended_in == "put_aside":
        monkeypatch.setattr(opening, "put_aside", end)
    with pytest.raises(Ended):
        open_state(unit, MAP_BYTES, blank=False)
    monkeypatch.undo()
    for store in opened:  # it would have ended with the process
        store.close()
    store, note = open_state(unit, MAP_BYTES, blank=False)
    try:
        assert (store.checkpoint.seq, bool(note)) == (0, False)
    finally:
        store.close()
    assert (unit / ASIDE).exists()


def test_the_newest_takes_the_place_of_an_earlier_one(unit: Path) -> None:
    """A disk that rots again and again does not fill itself with what rotted before."""
    (unit / ASIDE).mkdir()
    (unit / ASIDE / "of last year").write_text("")
    put_aside(unit, "it is none")
    assert sorted(path.name for path in (unit / ASIDE).iterdir()) == ["FORMAT", "data.mdb", "lock.mdb"]
    assert not (unit / STATE).exists()
    put_aside(unit, "done again after a crash")  # there is nothing to move any more: what is kept stays
    assert (unit / ASIDE / "data.mdb").exists()
