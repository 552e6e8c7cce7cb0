"""LMDB keeps the contract, in this process and by its helper, and fails with clear words."""

import subprocess
import sys
from pathlib import Path

import pytest

from ftnode.store import state_lmdb_read
from ftnode.store.state import (
    BLANK,
    Change,
    StateStore,
    StoreFault,
    StoreFull,
    StoreUnusable,
)
from ftnode.store.state_helper import HelperStateStore
from ftnode.store.state_lmdb import LmdbStateStore
from tests.state.contract import (
    AFTER_ONE,
    AFTER_TWO,
    ONE,
    TWO,
    A,
    StateContract,
    at,
    everything,
    key,
    make,
)

HEAD_BYTES = 2 * 4096  # LMDB's two head pages: all that tells the newest commit from the one before


class LmdbDisk:
    """A directory. A power loss takes back the head pages, the only ones not synced by a commit."""

    kind: type[LmdbStateStore] = LmdbStateStore

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head = b""

    def open(self) -> LmdbStateStore:
        store = self.kind(self.path)
        self.synced()
        return store

    def synced(self) -> None:
        with open(self.path / "data.mdb", "rb") as file:
            self.head = file.read(HEAD_BYTES)

    def crash(self, store: StateStore, keep_unsynced: bool) -> None:
        store.close()
        if not keep_unsynced:
            self.overwrite(0, self.head)

    def rot(self, store: StateStore, key: bytes) -> None:
        """Find the pair in the file and change its value's last bit, whichever page it is in."""
        text = (self.path / "data.mdb").read_bytes()
        place = text.index(key) + len(key)
        self.overwrite(place, bytes([text[place] ^ 1]))

    def overwrite(self, place: int, text: bytes) -> None:
        with open(self.path / "data.mdb", "r+b") as file:
            file.seek(place)
            file.write(text)


class HelperDisk(LmdbDisk):
    def open(self) -> HelperStateStore:
        store = HelperStateStore(self.path)
        self.synced()
        return store


class TestLmdbStateStore(StateContract):
    @pytest.fixture
    def disk(self, tmp_path: Path) -> LmdbDisk:
        return LmdbDisk(tmp_path / "state")


class TestHelperStateStore(StateContract):
    @pytest.fixture
    def disk(self, tmp_path: Path) -> LmdbDisk:
        return HelperDisk(tmp_path / "state")


@pytest.fixture
def disk(tmp_path: Path) -> LmdbDisk:
    return LmdbDisk(tmp_path / "state")


KILLED = """
import os, sys
from pathlib import Path
from ftnode.store.state_lmdb import LmdbStateStore
from tests.state.contract import TWO, at
store = LmdbStateStore(Path(sys.argv[1]))
writer = store.begin_checkpoint(at(2))
writer.put_slice(TWO)
for step in (writer.prepare, writer.write, writer.sync)[: int(sys.argv[2])]:
    step()
os._exit(9)
"""


@pytest.mark.parametrize(("steps", "state"), [(0, AFTER_ONE), (1, AFTER_ONE), (2, AFTER_TWO), (3, AFTER_TWO)])
def test_a_process_that_dies_in_the_middle(disk: LmdbDisk, steps: int, state: dict[bytes, bytes]) -> None:
    """No close, no abort: the next process finds one checkpoint or the other, and can write."""
    store = disk.open()
    make(disk, store, 1, ONE)
    store.close()
    ended = subprocess.run([sys.executable, "-c", KILLED, str(disk.path), str(steps)], check=False)
    assert ended.returncode == 9
    store = disk.open()
    assert everything(store) == state
    make(disk, store, 3, TWO)
    store.close()


def test_commits_are_synced_but_for_the_head(disk: LmdbDisk) -> None:
    """What the crash contract rests on: LMDB syncs pages before the head page, `sync()` then the head."""
    store = disk.open()
    flags = store._file.env.flags()
    assert (flags["sync"], flags["metasync"], flags["writemap"]) == (True, False, False)
    store.close()


def test_another_process_reads_beside_the_writer(disk: LmdbDisk) -> None:
    """Long scans run elsewhere, on the checkpoint that was there when they began."""
    store = disk.open()
    make(disk, store, 1, ONE)
    script = (
        "import sys; from pathlib import Path; from ftnode.store.state_lmdb import LmdbStateStore\n"
        "store = LmdbStateStore(Path(sys.argv[1]), read_only=True)\n"
        "print(store.checkpoint.seq, flush=True); sys.stdin.readline()\n"
        "print(len(store.scan(b'', b'\\xff', 9)), store.refresh().seq, len(store.scan(b'', b'\\xff', 9)))"
    )
    reader = subprocess.Popen(
        [sys.executable, "-c", script, str(disk.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdin is not None
    assert reader.stdout is not None
    assert reader.stdout.readline() == "1\n"
    make(disk, store, 2, [(A, None)])
    out, _ = reader.communicate("go\n")
    assert out == "4 2 3\n"
    store.close()


def test_read_only_takes_nothing(disk: LmdbDisk) -> None:
    """A reader cannot begin a checkpoint, nor read where nothing is."""
    with pytest.raises(StoreFault, match="no state here to read"):
        LmdbStateStore(disk.path, read_only=True)
    disk.open().close()
    reader = LmdbStateStore(disk.path, read_only=True)
    with pytest.raises(StoreFault, match="opened read-only; a unit needs a writable disk"):
        reader.begin_checkpoint(at(1))
    reader.close()


def test_a_place_that_cannot_be_written() -> None:
    """Not even a superuser makes a directory there."""
    with pytest.raises(StoreFault, match="/proc/state: cannot open"):
        LmdbStateStore(Path("/proc/state"))


DAMAGE = [  # what happens to the files, what the fault says
    (lambda path: (path / "data.mdb").unlink(), "a state was here, but data.mdb is gone or empty"),
    (lambda path: (path / "data.mdb").write_bytes(b""), "gone or empty"),  # LMDB would start anew
    (
        lambda path: (path / "data.mdb").write_bytes((path / "data.mdb").read_bytes()[:-4096]),
        "cut short: .* should be at least",  # LMDB would die by a signal
    ),
    (lambda path: (path / "data.mdb").write_bytes(b"\0" * 65536), "cannot open"),
    (lambda path: (path / "FORMAT").write_bytes(b"ftnode state 9\n"), "this version reads"),
    (
        lambda path: (path / "FORMAT").write_bytes(b"ftnode state 1\n"),
        "move the unit's whole directory away: it starts blank",
    ),
]


@pytest.mark.parametrize(("hurt", "says"), DAMAGE)
def test_damaged_files_are_refused(disk: LmdbDisk, hurt: object, says: str) -> None:
    """Corrupt is not absent: no damage makes a store look new."""
    store = disk.open()
    make(disk, store, 1, [(key(1, f"{number:05}"), b"x" * 100) for number in range(2000)])
    store.close()
    assert callable(hurt)
    hurt(disk.path)
    with pytest.raises(StoreFault, match=says):
        LmdbStateStore(disk.path)


def test_a_creation_cut_off_may_be_repeated(disk: LmdbDisk) -> None:
    """Without the mark there never was a state: an empty file is what a crash left."""
    disk.path.mkdir()
    (disk.path / "data.mdb").write_bytes(b"")
    store = disk.open()
    assert store.checkpoint == BLANK
    store.close()


def test_a_rotten_record_is_a_fault(disk: LmdbDisk) -> None:
    """Checkpoint, roots and banks are checked like any value."""
    store = disk.open()
    make(disk, store, 1, ONE)
    store.close()
    disk.rot(store, b"checkpoint")
    with pytest.raises(StoreFault, match="record 'checkpoint' does not match its checksum"):
        disk.open()


def test_a_state_that_reaches_its_limit(disk: LmdbDisk) -> None:
    """A clear fault; the checkpoint before stands, a smaller one goes, and with more allowed all goes on."""
    much: list[Change] = [(key(1, f"{number:05}"), b"x" * 1000) for number in range(2000)]
    store = LmdbStateStore(disk.path, map_max_bytes=1 << 20)
    make(disk, store, 1, ONE)
    with pytest.raises(StoreFull, match="1048576 bytes are full; allow the state more"):
        make(disk, store, 2, much)
    assert store.refresh() == at(1)
    make(disk, store, 2, TWO)
    store.refresh()
    assert everything(store) == AFTER_TWO
    store.close()
    store = HelperStateStore(disk.path, map_max_bytes=1 << 23)
    make(disk, store, 3, much)
    store.refresh()
    assert len(everything(store)) == len(AFTER_TWO) + 2000
    store.close()
    store = HelperStateStore(disk.path, map_max_bytes=1 << 20)  # less than it has: it can be read
    assert len(everything(store)) == len(AFTER_TWO) + 2000
    with pytest.raises(StoreFull, match="allow the state more"):
        make(disk, store, 4, [(key(2, f"{number:05}"), b"x" * 1000) for number in range(2000)])
    store.close()


def test_a_reader_follows_a_writer_that_is_allowed_more(disk: LmdbDisk) -> None:
    """The limits of two processes need not be equal."""
    disk.open().close()
    store = LmdbStateStore(disk.path, read_only=True, map_max_bytes=1 << 17)
    script = (
        "import sys; from pathlib import Path; from ftnode.store.state_lmdb import LmdbStateStore\n"
        "from tests.state.contract import at, key\n"
        "writer = LmdbStateStore(Path(sys.argv[1])).begin_checkpoint(at(1))\n"
        "writer.put_slice([(key(1, f'{n:05}'), b'x' * 1000) for n in range(2000)])\n"
        "writer.prepare(); writer.write(); writer.sync()"
    )
    subprocess.run([sys.executable, "-c", script, str(disk.path)], check=True)
    assert store.refresh() == at(1)
    assert len(everything(store)) == 2000
    store.close()


FULL_DISK = """
import errno, os, resource, sys
from pathlib import Path
from ftnode.store.state import StoreFault
from ftnode.store.state_lmdb import LmdbStateStore
from tests.state.contract import AFTER_ONE, TWO, at, everything, key
if sys.argv[2] == "no room left":
    room = os.statvfs_result((4096, 4096, 9, 0, 0, 0, 0, 0, 0, 255))
    os.statvfs = lambda path: room
store = LmdbStateStore(Path(sys.argv[1]))
size = (Path(sys.argv[1]) / "data.mdb").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 8192, size + 8192))
for _ in range(2):
    try:
        writer = store.begin_checkpoint(at(2))
        writer.put_slice([(key(1, f"{number:05}"), b"x" * 1000) for number in range(2000)])
        writer.prepare()
        writer.write()
    except StoreFault as fault:
        print(type(fault).__name__, fault)
assert store.refresh() == at(1) and everything(store) == AFTER_ONE
"""
FULL_CASES = [  # what the system says of the free room, the first fault, the fault of a second try
    ("no room left", "StoreFull", "no room on the disk", "StoreFull", "no room on the disk"),
    ("room enough", "StoreFault", "bytes free", "StoreUnusable", "a write failed"),
]


@pytest.mark.parametrize("case", FULL_CASES)
def test_a_disk_that_takes_no_more(disk: LmdbDisk, case: tuple[str, ...]) -> None:
    """The file may not grow. Full: it may be tried again. Else the disk is not to be trusted."""
    free, *wanted = case
    store = disk.open()
    make(disk, store, 1, ONE)
    store.close()
    ended = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(disk.path), free], check=True, capture_output=True, text=True
    )
    first, second = ended.stdout.splitlines()
    assert first.startswith(wanted[0] + " ")
    assert wanted[1] in first
    assert second.startswith(wanted[2] + " ")
    assert wanted[3] in second
    store = disk.open()
    assert everything(store) == AFTER_ONE
    store.close()


def test_a_failed_sync_is_never_tried_again(disk: LmdbDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It raises once; afterwards every step of every writer refuses."""
    import lmdb

    class Broken:
        def sync(self, force: bool) -> None:
            raise lmdb.Error("Input/output error", 5)

    store = disk.open()
    env = store._file.env
    monkeypatch.setattr(store._file, "env", Broken())
    writer = store.begin_checkpoint  # bound before the disk breaks
    monkeypatch.setattr(store._file, "env", env)
    one = writer(at(1))
    one.put_slice(ONE)
    one.prepare()
    one.write()
    monkeypatch.setattr(store._file, "env", Broken())
    with pytest.raises(StoreFault, match="the unit must stop"):
        one.sync()
    monkeypatch.setattr(store._file, "env", env)
    with pytest.raises(StoreUnusable, match="a sync failed"):
        one.sync()
    with pytest.raises(StoreUnusable):
        store.begin_checkpoint(at(2))
    store.close()


def test_few_small_values_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read lately is not found again; neither how many nor how large they are has no limit."""
    monkeypatch.setattr(state_lmdb_read, "KEPT_PAIRS", 3)
    monkeypatch.setattr(state_lmdb_read, "KEPT_MAX_BYTES", 4)
    disk = LmdbDisk(tmp_path / "state")
    store = disk.open()
    small = [(key(1, f"s{at}"), b"1234") for at in range(5)]
    make(disk, store, 1, [*small, (key(1, "large"), b"12345")])
    store.refresh()
    for name, value in small * 2:
        assert store.get(name) == value
        assert store.get(name) is store.get(name)
        assert len(store._reading._kept) <= 3
    large = key(1, "large")
    assert store.get(large) == b"12345"
    assert store.get(large) is not store.get(large)
    store.close()
