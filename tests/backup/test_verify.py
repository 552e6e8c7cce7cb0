"""A byte that changed, a file that is cut short or gone: each is found, named, and what is left is said."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from typer import Typer
from typer.testing import CliRunner

from ftnode.backup import command
from ftnode.backup.contents import LOCK, LOG, SLOT_FILES, SNAPSHOTS, look, writing
from ftnode.backup.files import MAGIC, BackupFault, Damaged, Draft, OtherFormat, Reader, publish
from ftnode.backup.prune import prune
from ftnode.backup.records import SlotHead
from ftnode.backup.verify import verify
from ftnode.machine.contract import Machine
from tests.backup.kit import Past, put, small_past
from tests.machines import Register

PAST = small_past()


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Snapshots at 10 and 30, the log from 11 to 60; whoever changes something puts it back."""
    root = tmp_path_factory.mktemp("sound") / "backup"
    PAST.back_up(root, [10, 30], [(11, 25), (26, 40), (41, 60)])
    return root


def files(root: Path) -> list[Path]:
    """Every file of a backup."""
    return sorted(path for path in root.rglob("*") if path.is_file() and path.name != LOCK)


def test_a_sound_backup(backup: Path) -> None:
    """All of it is read, and what can be restored is one stretch."""
    verdict = verify(backup)
    assert verdict.ok, verdict.problems
    assert (verdict.cabinet, verdict.snapshots, verdict.entries) == ("shop", 2, 50)
    assert verdict.slots == 14  # each of seven registers' slots, changed between the snapshots
    assert verdict.read_bytes == sum(
        path.stat().st_size for path in files(backup) if path.suffix != ".snapshot"
    )
    assert [(reach.first_seq, reach.last_seq) for reach in verdict.reaches] == [(10, 60)]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_byte_that_changes_is_found(backup: Path, data: st.DataObject) -> None:
    """In any file, at any place, to any other value."""
    path = data.draw(st.sampled_from(files(backup)))
    sound = path.read_bytes()
    # Small parts would seldom be hit in a snapshot of 64 KiB of roots.
    at = data.draw(
        st.integers(0, min(400, len(sound) - 1)) | st.integers(-40, -1) | st.integers(0, len(sound) - 1)
    )
    changed = bytearray(sound)
    changed[at] ^= data.draw(st.integers(1, 255))
    found_in(backup, path, sound, bytes(changed))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_file_cut_short_or_with_more_behind_it_is_found(backup: Path, data: st.DataObject) -> None:
    """A copy that did not end, at any length; or one that went on too long."""
    path = data.draw(st.sampled_from(files(backup)))
    sound = path.read_bytes()
    size = data.draw(st.integers(0, len(sound) - 1))
    changed = data.draw(
        st.sampled_from([sound[:size], sound[:size] + bytes(len(sound) - size), sound + b"\0"])
    )
    if changed != sound:
        found_in(backup, path, sound, changed)


def found_in(root: Path, path: Path, sound: bytes, changed: bytes) -> None:
    """Verify with one file changed: that one is named."""
    path.write_bytes(changed)
    try:
        verdict = verify(root)
    finally:
        path.write_bytes(sound)
    assert not verdict.ok
    assert str(path) in {problem.file for problem in verdict.problems}


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_damaged_header_is_seen_at_a_glance(backup: Path, data: st.DataObject) -> None:
    """Also by who only lists what is there, and reads no body."""
    path = data.draw(st.sampled_from(files(backup / LOG) + files(backup / SNAPSHOTS)))
    sound = path.read_bytes()
    length = int.from_bytes(sound[len(MAGIC) : len(MAGIC) + 4], "big")
    changed = bytearray(sound)
    changed[data.draw(st.integers(0, len(MAGIC) + 4 + length + 15))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(changed)
    try:
        assert [fault.path for fault in look(backup).damaged] == [path]
    finally:
        path.write_bytes(sound)


def test_a_file_that_is_gone(tmp_path: Path, backup: Path) -> None:
    """Any of them, but for what nothing else names: the newest of the log, and one of two snapshots."""
    for path in files(backup):
        copy = tmp_path / path.name
        shutil.copytree(backup, copy)
        (copy / path.relative_to(backup)).unlink()
        verdict = verify(copy)
        newest = path.parent.name == LOG and path.name.startswith(f"{41:020d}")
        assert verdict.ok == (newest or path.parent.name == SNAPSHOTS), path
        shutil.rmtree(copy)


def test_what_is_left_of_a_damaged_backup(tmp_path: Path) -> None:
    """Two reaches, around the file that is damaged."""
    root = tmp_path / "backup"
    PAST.back_up(root, [10, 45], [(11, 25), (26, 40), (41, 60)])
    damaged = root / LOG / look(root).logs[1].name
    damaged.write_bytes(damaged.read_bytes()[:-1])
    verdict = verify(root)
    assert {problem.file for problem in verdict.problems} >= {str(damaged)}
    assert [(reach.first_seq, reach.last_seq) for reach in verdict.reaches] == [(10, 25), (45, 60)]


def test_a_snapshot_of_another_history(tmp_path: Path) -> None:
    """Whole in itself, but its entry is not the one in the log beside it."""
    root = tmp_path / "backup"
    PAST.back_up(root, [10], [(11, 60)])
    fork = Past([*PAST.entries[:20], *(put(seq, 1, b"otherwise") for seq in range(21, 31))])
    with writing(root):
        head = fork.keep_snapshot(root, 30)
    verdict = verify(root)
    assert [problem.what for problem in verdict.problems] == ["is not of this log: entry 30 is another one"]
    assert head.name in verdict.problems[0].file


def test_a_file_under_another_s_name(tmp_path: Path, backup: Path) -> None:
    """Two slots exchanged: both are whole, neither is what its name says."""
    copy = tmp_path / "copy"
    shutil.copytree(backup, copy)
    one, two = sorted((copy / SLOT_FILES).iterdir())[:2]
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)
    assert {problem.file for problem in verify(copy).problems} >= {str(one), str(two)}


def test_a_newer_format_is_no_damage(tmp_path: Path, backup: Path) -> None:
    """It says which version reads it; one file of it among others is told beside the rest."""
    copy = tmp_path / "copy"
    shutil.copytree(backup, copy)
    for path in files(copy):
        path.write_bytes(path.read_bytes().replace(MAGIC, b"ftnode backup 7\n", 1))
    with pytest.raises(OtherFormat, match="format 7, this version reads 1"):
        verify(copy)


NOT_A_BACKUP = [  # what lies in the directory, a word of the refusal
    (None, "No such file"),
    ([], "nothing of one is in it"),
    (["holiday.jpg"], "nothing of one is in it"),
]


@pytest.mark.parametrize(("names", "words"), NOT_A_BACKUP)
def test_what_is_no_backup(tmp_path: Path, names: Sequence[str] | None, words: str) -> None:
    """Said, and nothing is written to it."""
    root = tmp_path / "some"
    if names is not None:
        root.mkdir()
        for name in names:
            (root / name).touch()
    with pytest.raises(BackupFault, match=words):
        look(root)
    if names:
        with pytest.raises(BackupFault, match=r"'holiday\.jpg' is in it"), writing(root):
            pass
        assert sorted(path.name for path in root.iterdir()) == names


def test_two_cabinets_in_one_directory(tmp_path: Path, backup: Path) -> None:
    """Somebody copied files together: refused, both named."""
    copy = tmp_path / "copy"
    shutil.copytree(backup, copy)
    path = files(copy / LOG)[0]
    head = look(copy).logs[0]
    foreign = replace(head, source=replace(head.source, cabinet="market"), first_seq=head.first_seq + 100)
    draft = Draft(path.with_name(foreign.name), foreign)
    publish([draft])
    with pytest.raises(BackupFault, match="cabinets market, shop"):
        verify(copy)


def test_a_disk_of_its_own(tmp_path: Path) -> None:
    """A file system's own directory is in the way of nothing, nor is a note that somebody put beside."""
    (tmp_path / "lost+found").mkdir()
    PAST.back_up(tmp_path, [10], [(11, 60)])
    (tmp_path / "call Ann before you touch this.txt").touch()
    PAST.back_up(tmp_path, [30], [])
    assert verify(tmp_path).ok


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    """The second one is told, and may come again."""
    with (
        writing(tmp_path),
        pytest.raises(BackupFault, match="another `ftctl backup` is writing"),
        writing(tmp_path),
    ):
        pass
    with writing(tmp_path):
        pass


def test_what_was_left_unfinished_counts_for_nothing(tmp_path: Path) -> None:
    """Killed while it wrote: nobody reads it, and the next backup sweeps it away."""
    root = tmp_path / "backup"
    PAST.back_up(root, [10], [(11, 60)])
    left = root / SLOT_FILES / "0001-torn.slot.tmp"
    left.write_bytes(b"half")
    assert verify(root).ok
    with writing(root):
        assert not left.exists()


# -------------------------------------------------------------------- fewer of them


def test_pruning_keeps_what_the_kept_need(tmp_path: Path) -> None:
    """Old snapshots go with their slots and log; shared slots and everything behind the oldest kept stay."""
    root = tmp_path / "backup"
    PAST.back_up(root, [10, 12, 30], [(11, 25), (26, 40), (41, 60)])
    before = verify(root)
    assert prune(root, 2) > 0
    middle = verify(root)
    assert middle.ok
    assert middle.snapshots == 2
    assert middle.slots == len(list((root / SLOT_FILES).iterdir())) < before.slots
    prune(root, 1)
    after = verify(root)
    assert after.ok
    assert [(reach.first_seq, reach.last_seq) for reach in after.reaches] == [(30, 60)]
    assert [head.first_seq for head in look(root).logs] == [26, 41]
    assert prune(root, 1) == 0


def test_nothing_is_pruned_for_a_snapshot_that_cannot_be_read(tmp_path: Path) -> None:
    """What it needs is not known, so everything stays."""
    root = tmp_path / "backup"
    PAST.back_up(root, [10, 30], [(11, 60)])
    newest = root / SNAPSHOTS / look(root).snapshots[-1].name
    newest.write_bytes(newest.read_bytes()[:-1] + b"?")
    names = files(root)
    with pytest.raises(Damaged):
        prune(root, 1)
    assert files(root) == names


# -------------------------------------------------------------------- the command


def run(*words: str, machines: Sequence[Machine] = (Register(),)) -> "tuple[int, str]":
    """Exit status, and everything said."""
    app = Typer()
    command.register(app, lambda: machines)
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.stderr + done.stdout


def test_the_command_says_what_is_wrong_and_what_is_left(tmp_path: Path) -> None:
    """For a person, and in its last line for a program; 0 only when all is sound."""
    root = tmp_path / "backup"
    PAST.back_up(root, [10], [(11, 25), (26, 60)])
    assert run("verify-backup", str(root))[0] == 0
    status, said = run("verify-backup", str(root), "--execute", "--scratch", str(tmp_path))
    assert status == 0
    assert '"digests_compared": 2' in said.splitlines()[-1]
    path = files(root / LOG)[1]
    path.write_bytes(path.read_bytes()[:-1])
    status, said = run("verify-backup", str(root))
    assert status == 1
    assert f"DAMAGED  {path}" in said
    assert "to 2027-01-15 08:00:25.000Z (entry 25)" in said
    assert '"ok": false' in said.splitlines()[-1]
    assert run("verify-backup", str(tmp_path / "nowhere"))[0] == 1


def test_executing_finds_what_no_hash_can(tmp_path: Path) -> None:
    """Every file is as it was written, but this program executes the entries in another way."""
    root = tmp_path / "backup"
    PAST.back_up(root, [10, 30], [(11, 25), (26, 60)])

    class Otherwise(Register):
        def execute(self, state, entry):  # type: ignore[no-untyped-def]
            return super().execute(state, entry) + b"!"

    status, said = run("verify-backup", str(root), "--execute", machines=[Otherwise()])
    assert status == 1
    assert "at entry 25 the digest is" in said


def test_executing_finds_a_state_that_never_was(tmp_path: Path) -> None:
    """A snapshot, whole and under the right digest, of another state: the log leaves other roots."""
    root = tmp_path / "backup"
    PAST.back_up(root, [10], [(11, 60)])
    other = Past([*PAST.entries[:20], *(put(seq, 1, b"otherwise") for seq in range(21, 31))])
    with writing(root):
        head = other.keep_snapshot(root, 30)
        (root / SNAPSHOTS / head.name).unlink()
        true = replace(head, digest=PAST.digests[30].hex(), entry_hash=PAST.hashes[29].hex())
        draft = Draft(root / SNAPSHOTS / true.name, true)
        draft.add(other.state_at(30).roots)
        publish([draft])
    assert verify(root).ok
    status, said = run("verify-backup", str(root), "--execute", "--scratch", str(tmp_path))
    assert status == 1
    assert "at entry 30 slot 0 has another root than the snapshot taken there" in said


def test_a_reader_looks_at_one_file_only(backup: Path) -> None:
    """A slot file's header is that of a slot."""
    path = files(backup / SLOT_FILES)[0]
    assert Reader(path).head(SlotHead).name == path.name
