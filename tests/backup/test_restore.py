"""What is restored is the state that the log leaves, at exactly the point asked for, on a disk of its own."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ftnode.backup import execute
from ftnode.backup import restore as restoring
from ftnode.backup.contents import LOG, SNAPSHOTS, look, slot_path, writing
from ftnode.backup.execute import EngineGone, Mismatch
from ftnode.backup.files import BackupFault, Draft, publish
from ftnode.backup.points import NoSuchPoint, find, instant, parse_instant
from ftnode.backup.restore import Note, Order, restore
from ftnode.config import unit_from
from ftnode.machine.contract import Machine
from ftnode.shell import execution
from ftnode.shell.boot import BootError, load_promise, open_unit
from ftnode.store.entry import Entry
from ftnode.store.state_lmdb import LmdbStateStore
from ftnode.store.state_roots import count_root, root_at
from tests.backup import kit
from tests.backup.kit import NOON_MS, Past, everything, put, quiet, small_past
from tests.machines import Register

ENGINE: Sequence[Machine] = [Register()]


def restored(root: Path, to: Path, seq: int = 0, at_ms: int | None = None) -> Note:
    """Restore into a new cabinet."""
    order = Order(root, to, "second", seq=seq, at_ms=at_ms)
    return restore(order, ENGINE, quiet, quiet)


def same_state(to: Path, past: Past, seq: int) -> None:
    """The restored state is the directly executed one: place, digest, roots, every pair."""
    store, direct = LmdbStateStore(to / "state", read_only=True), past.state_at(seq)
    try:
        assert store.checkpoint == direct.checkpoint
        assert store.checkpoint.digest == past.digests[seq]
        assert store.roots == direct.roots
        assert everything(store) == everything(direct)
    finally:
        store.close()


def settings_of(to: Path, cabinet: str = "second", **more: object) -> object:
    """Settings of a unit on the restored disk."""
    state = {"request_keep_days": kit.KEEP_DAYS, "prune_per_entry": 4, **more}
    return unit_from({"unit": {"cabinet": cabinet, "id": 0, "dir": str(to)}, "state": state})


COMMANDS = st.lists(
    st.tuples(
        st.integers(0, 4),  # slot
        st.binary(max_size=20),
        st.sampled_from([0, 0, 0, 1, 500, 3_600_000, 90_000_000]),  # ms since the entry before
        st.sampled_from([b"", b"request-1", b"request-2", b"request-3"]),  # some come again
    ),
    min_size=2,
    max_size=30,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(COMMANDS, st.data())
def test_any_point_of_any_history(commands: list[tuple[int, bytes, int, bytes]], data: st.DataObject) -> None:
    """Whatever happened, wherever snapshots stand and files end: any point, by seq and by time."""
    time_ms, entries = 1, list[Entry]()
    for seq, (slot, value, later_ms, request_id) in enumerate(commands, 1):
        time_ms += later_ms
        entries.append(put(seq, slot, value, time_ms, request_id))
    past, last_seq = Past(entries), len(entries)
    snapshots = data.draw(st.sets(st.integers(1, last_seq), min_size=1, max_size=3))
    first_seq = min(snapshots) + 1
    cuts = (
        data.draw(st.sets(st.integers(first_seq, last_seq), max_size=4)) if first_seq <= last_seq else set()
    )
    ends = sorted(cuts | {last_seq})
    files = [(begin, end) for begin, end in zip([first_seq, *(end + 1 for end in ends)], ends, strict=False)]
    seq = data.draw(st.integers(min(snapshots), last_seq))
    with TemporaryDirectory() as place:
        root, to = Path(place) / "backup", Path(place) / "unit0"
        past.back_up(root, sorted(snapshots), [one for one in files if one[0] <= one[1]])
        note = restored(root, to, seq)
        same_state(to, past, seq)
        assert (note.seq, note.dropped_entries) == (seq, last_seq - seq)
        at_ms = entries[seq - 1].time_ms
        last_then = max(entry.seq for entry in entries if entry.time_ms <= at_ms)
        assert find(look(root), at_ms=at_ms).seq == last_then


@pytest.fixture
def backup(tmp_path: Path) -> tuple[Path, Past]:
    """Snapshots at 10 and 30, the log from 11 to 60."""
    past = small_past()
    past.back_up(tmp_path / "backup", [10, 30], [(11, 25), (26, 40), (41, 60)])
    return tmp_path / "backup", past


def test_the_nearest_snapshot_and_every_digest_on_the_way(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """What was proved is said: the last recorded digest is that of entry 40."""
    note = restored(backup[0], tmp_path / "unit0", 55)
    assert (note.snapshot_seq, note.proved_seq, note.executed_entries, note.dropped_entries) == (
        30,
        40,
        25,
        5,
    )


def test_the_end_is_the_default(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """Everything that is there, and all of it proved."""
    note = restored(backup[0], tmp_path / "unit0")
    assert (note.seq, note.proved_seq, note.dropped_entries) == (60, 60, 0)
    assert note.log_time == instant(NOON_MS + 60_000)


def test_a_unit_starts_on_it(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """Log, state, promise and execution settings fit each other. The epoch is that of the last entry, so that
    the new cabinet's first one is above it; the incarnation is its own; no witness of before is known."""
    root, past = backup
    restored(root, tmp_path / "unit0", 33)
    opened = open_unit(settings_of(tmp_path / "unit0"), ENGINE)  # type: ignore[arg-type]
    assert opened.fits
    assert not opened.found.short
    assert (opened.found.first_seq, opened.found.head_seq, opened.found.head_epoch) == (34, 33, 1)
    assert opened.found.head_hash == past.hashes[32]
    assert opened.runner.executor.digest == past.digests[33]
    promise = opened.promise
    assert promise is not None
    assert (promise.cabinet, promise.unit, promise.epoch, promise.boot) == ("second", 0, 1, 0)
    assert len(promise.incarnation) == 32
    assert promise.witness_id == ""
    opened.wal.close()
    opened.store.close()


def test_two_restores_are_two_incarnations(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """Neither is taken for the other."""
    names = set()
    for name in ("one", "two"):
        restored(backup[0], tmp_path / name)
        _, promise = load_promise(settings_of(tmp_path / name), tmp_path / name)  # type: ignore[arg-type]
        assert promise is not None
        names.add(promise.incarnation)
    assert len(names) == 2


def test_it_is_no_unit_of_the_old_cabinet(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """Its own name is refused, whatever its case; with the old name in the settings the disk is refused."""
    for name in ("shop", "Shop"):
        with pytest.raises(BackupFault, match="needs another name"):
            restore(Order(backup[0], tmp_path / "no", name), ENGINE, quiet, quiet)
    assert not (tmp_path / "no").exists()
    restored(backup[0], tmp_path / "unit0")
    with pytest.raises(BootError, match="this disk is unit 0 of cabinet 'second'"):
        load_promise(settings_of(tmp_path / "unit0", "shop"), tmp_path / "unit0")  # type: ignore[arg-type]


def test_other_execution_settings_are_refused_at_the_start(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """The new cabinet executes as the old one did, or not at all."""
    restored(backup[0], tmp_path / "unit0")
    with pytest.raises(
        BootError, match="request_keep_days is 35, but the log on this disk was executed with 2"
    ):
        open_unit(settings_of(tmp_path / "unit0", request_keep_days=35), ENGINE)  # type: ignore[arg-type]


# -------------------------------------------------------------------- where one cannot go back to


def test_points_that_are_not_there(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """Before the oldest snapshot, behind the end: what is possible is said."""
    reach = "reaches from 2027-01-15 08:00:10.000Z \\(entry 10\\) to 2027-01-15 08:01:00.000Z \\(entry 60\\)"
    for seq, at_ms in ((9, None), (61, None), (0, NOON_MS + 9_999), (0, NOON_MS + 60_001)):
        with pytest.raises(NoSuchPoint, match=reach):
            restored(backup[0], tmp_path / "unit0", seq, at_ms)
    assert not (tmp_path / "unit0").exists()
    assert find(look(backup[0]), at_ms=NOON_MS + 60_000).seq == 60
    assert find(look(backup[0]), at_ms=NOON_MS + 10_000).seq == 10
    assert find(look(backup[0]), at_ms=NOON_MS + 37_000).seq == 37
    assert find(look(backup[0]), at_ms=NOON_MS + 37_999).seq == 37


def test_a_point_in_a_gap(tmp_path: Path) -> None:
    """Entries that no unit had any more are in no backup: neither they nor the time between can be had."""
    past, root = small_past(), tmp_path / "backup"
    past.back_up(root, [10, 40], [(11, 20), (41, 60)])
    assert [(reach.first_seq, reach.last_seq) for reach in look(root).reaches] == [(10, 20), (40, 60)]
    for seq, at_ms in ((30, None), (0, NOON_MS + 25_000)):
        with pytest.raises(NoSuchPoint, match=r"\(entry 20\), and from .* \(entry 40\)"):
            restored(root, tmp_path / "unit0", seq, at_ms)
    same_state(tmp_path / "late", past, restored(root, tmp_path / "late", 55).seq)
    assert restored(root, tmp_path / "early", 20).dropped_entries == 40


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2027-01-15T08:00:00Z", NOON_MS),
        ("2027-01-15 08:00", NOON_MS),
        ("2027-01-15T16:00:00.250+08:00", NOON_MS + 250),
    ],
)
def test_times_as_people_write_them(text: str, ms: int) -> None:
    """With a zone, or UTC."""
    assert parse_instant(text) == ms


def test_what_is_no_time() -> None:
    """The right form is shown."""
    with pytest.raises(BackupFault, match="want a time like"):
        parse_instant("yesterday")


# -------------------------------------------------------------------- what goes wrong on the way


def test_a_directory_with_something_in_it_is_left_alone(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """Nothing is ever overwritten."""
    (tmp_path / "unit0").mkdir()
    (tmp_path / "unit0" / "precious").write_text("x")
    with pytest.raises(BackupFault, match="not empty"):
        restored(backup[0], tmp_path / "unit0")
    assert [path.name for path in (tmp_path / "unit0").iterdir()] == ["precious"]


@pytest.mark.parametrize("step", ["recount", "_write_log", "_promise"])
def test_an_interrupted_restore_is_no_unit_and_begins_anew(
    backup: tuple[Path, Past], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Wherever it was killed: the directory cannot be started or formed, and the same command mends it."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    place = execute if step == "recount" else restoring
    with monkeypatch.context() as patch:
        patch.setattr(place, step, killed)
        with pytest.raises(KeyboardInterrupt):
            restored(backup[0], tmp_path / "unit0", 50)
    with pytest.raises(BootError, match="did not end"):
        load_promise(settings_of(tmp_path / "unit0"), tmp_path / "unit0")  # type: ignore[arg-type]
    restored(backup[0], tmp_path / "unit0", 45)
    same_state(tmp_path / "unit0", backup[1], 45)
    load_promise(settings_of(tmp_path / "unit0"), tmp_path / "unit0")  # type: ignore[arg-type]


def test_a_damaged_snapshot_is_passed_over(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """The one before and more of the log lead to the same state; it is said."""
    root, past = backup
    newest = look(root).snapshots[-1]
    roots = past.state_at(30).roots
    path = slot_path(root, 3, root_at(roots, 3))
    path.write_bytes(path.read_bytes()[:-1])
    said: list[str] = []
    note = restore(Order(root, tmp_path / "unit0", "second", seq=50), ENGINE, quiet, said.append)
    assert (newest.seq, note.snapshot_seq) == (30, 10)
    assert str(path) in said[0]
    same_state(tmp_path / "unit0", past, 50)


def test_a_damaged_log_file_ends_the_way(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """It is named, and so is the last point before it; points on other ways are not touched by it."""
    root, past = backup
    path = root / LOG / look(root).logs[1].name  # 26..40
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    with pytest.raises(BackupFault, match=f"{path.name}.*--seq 30 and all before can be restored"):
        restored(root, tmp_path / "unit0", 35)
    same_state(tmp_path / "unit0", past, restored(root, tmp_path / "unit0", 25).seq)


def test_every_setting_that_decides_execution_is_known_to_a_restore() -> None:
    """One more of them, and a restore that ignored it would execute the log in another way."""
    given = unit_from({"unit": {"cabinet": "shop", "id": 0, "dir": "x"}})
    assert set(execution.deciding(given)) == {execute.KEEP_DAYS, execute.PRUNE} == set(kit.SOURCE.settings)


def test_settings_this_version_never_heard_of(tmp_path: Path) -> None:
    """Written by a later version: refused before anything is made."""
    past, root = small_past(5), tmp_path / "backup"
    later = replace(kit.SOURCE, settings={**kit.SOURCE.settings, "state.tax_year": 1})
    with writing(root):
        head = past.keep_snapshot(root, 3)
        draft = Draft(root / SNAPSHOTS / head.name, replace(head, source=later))
        draft.add(past.state_at(3).roots)
        publish([draft])
    with pytest.raises(EngineGone, match=r"state\.tax_year decide"):
        restored(root, tmp_path / "unit0")
    assert not (tmp_path / "unit0").exists()


def test_an_engine_that_is_not_here(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """Said before anything is made, with the version that is needed."""

    class Later(Register):
        version = 2

    with pytest.raises(EngineGone, match="needs engine version 1, this program has 2"):
        restore(Order(backup[0], tmp_path / "unit0", "second"), [Later()], quiet, quiet)
    assert not (tmp_path / "unit0").exists()


def test_an_engine_that_executes_otherwise(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """The same version number and other writes: the first recorded digest finds it."""

    class Otherwise(Register):
        def execute(self, state, entry):  # type: ignore[no-untyped-def]
            outcome = super().execute(state, entry)
            if entry.seq == 37:
                state.put(bytes(5), b"one more")
            return outcome

    with pytest.raises(Mismatch, match="at entry 40 the digest is"):
        restore(Order(backup[0], tmp_path / "unit0", "second"), [Otherwise()], quiet, quiet)


def test_roots_are_counted_from_what_was_written(backup: tuple[Path, Past], tmp_path: Path) -> None:
    """The restored pairs add up to the restored roots."""
    restored(backup[0], tmp_path / "unit0", 42)
    store = LmdbStateStore(tmp_path / "unit0" / "state", read_only=True)
    counted = [
        count_root(store.iterate(slot.to_bytes(2, "big"), (slot + 1).to_bytes(2, "big"))) for slot in range(8)
    ]
    assert counted == [root_at(store.roots, slot) for slot in range(8)]
    store.close()
