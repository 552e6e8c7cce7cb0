"""A unit in doubt re-executes its log in a clean process and finds out what is wrong with it, and where."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from ftnode.core import effects as ef
from ftnode.core import events as ev
from ftnode.core.messages import Doubt, Sid
from ftnode.machine.arbitration import EVIDENCE_MAX_BYTES
from ftnode.machine.contract import EntryView, StateWriter
from ftnode.machine.executor import REQUEST_KEEP_MS, Executor
from ftnode.machine.requests import PRUNE_PER_ENTRY
from ftnode.shell.calls import Call
from ftnode.shell.ledger import Ledger
from ftnode.shell.logbook import Logbook
from ftnode.shell.reader import Reader
from ftnode.shell.reading import Asked
from ftnode.shell.runner import Runner
from ftnode.shell.self_trial import SelfTrial
from ftnode.shell.table import Command, Lane
from ftnode.store.disk import RealDisk
from ftnode.store.entry import Entry, Run
from ftnode.store.state_lmdb import LmdbStateStore
from ftnode.store.wal import Wal
from tests.machines import Counter, body

SLOT = 7
EQUAL_SEQ, DOUBT_SEQ = 8, 12
ADD = body("add", 1)


def made_calls(count: int, at: int = 0) -> list[Call]:
    return [
        Call(Command(16, 1, SLOT, b"id-%05d" % n, 0, 0, ADD), Lane.TILL, b"me", 0, None)
        for n in range(at, at + count)
    ]


class Unsure(Counter):
    """Another number, from the first entry in doubt on: no unit of a pair contradicts itself."""

    def execute(self, state: StateWriter, entry: EntryView) -> bytes:
        outcome = super().execute(state, entry)
        if entry.seq > EQUAL_SEQ:
            state.put(self.TOTAL, (1000 + entry.seq).to_bytes(8, "big"))
        return outcome


class Unit:
    """Log, state and executor of a unit, its checkpoint at entry 4, its head at 12."""

    def __init__(self, directory: Path, machine: Counter) -> None:
        self.directory, self.machine = directory, machine
        self.store = LmdbStateStore(directory / "state")
        self.wal, _ = Wal.recover(RealDisk(), str(directory / "log"), segment_bytes=1 << 17)
        self.logbook = Logbook(self.wal)
        self.executor = Executor(self.store, [machine])
        self.runner = Runner(self.executor, Ledger())
        self.heard: list[ev.Event] = []
        self.reader = Reader(self.runner, Ledger(), self.heard.append)
        self.rotten: list[int] = []
        self.packed_roots = b""

    def fill(self) -> None:
        self.run(4)
        self.checkpoint()
        self.run(EQUAL_SEQ - 4)
        self.executor.compared(EQUAL_SEQ)

    def checkpoint(self) -> None:
        self.executor.compared(4)
        job = self.executor.begin_checkpoint()
        job.prepare()
        job.write()
        job.sync()
        self.executor.finish_checkpoint(job)

    def run(self, count: int) -> None:
        """Entries that each add 1 to the one counter."""
        at = self.wal.head_seq
        self.take(*self.logbook.make(made_calls(count, at), at + 1, 1, 1000 + at, Counter().version))

    def take(self, run: Run, entries: Sequence[Entry], hashes: Sequence[bytes]) -> None:
        """Of this unit, or of another one that made them."""
        self.logbook.append(run, 0, 0)
        self.wal.sync()
        for entry, entry_hash in zip(entries, hashes, strict=True):
            self.executor.execute(entry, entry_hash)

    def self_trial(self, limit_ms: int = 20_000) -> SelfTrial:
        return SelfTrial(
            state=self.directory / "state",
            machines=[self.machine],
            request_keep_ms=REQUEST_KEEP_MS,
            prune_per_entry=PRUNE_PER_ENTRY,
            limit_ms=limit_ms,
            runner=self.runner,
            logbook=self.logbook,
            reader=self.reader,
            tell=self.heard.append,
            roots=lambda: self.packed_roots,
            rotten=lambda slots, why: self.rotten.extend(slots),
        )

    async def tried(self, limit_ms: int = 20_000, barrier: int = 0, roots: bool = False) -> ev.Arbitrated:
        self_trial = self.self_trial(limit_ms)
        self_trial.arbitrate(ef.Arbitrate(DOUBT_SEQ, EQUAL_SEQ, roots, barrier))
        assert self_trial._task is not None
        await self_trial._task
        (told,) = self.heard
        assert isinstance(told, ev.Arbitrated)
        assert told.seq == DOUBT_SEQ
        return told


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Unit]:
    made = Unit(tmp_path, Counter())
    made.fill()
    yield made
    made.wal.close()
    made.store.close()


def counter_key(unit: Unit) -> bytes:
    """Where the counter lies, as the last entry wrote it."""
    return next(key for key in unit.executor.writes_of(unit.executor.executed_seq) or {} if len(key) < 16)


async def test_a_verdict_in_a_doubt_that_is_over_is_not_told(unit: Unit) -> None:
    """Another doubt at the same entry would take it for its own."""
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    self_trial = unit.self_trial()
    self_trial.arbitrate(ef.Arbitrate(DOUBT_SEQ, EQUAL_SEQ, False, 0))
    first = self_trial._task
    self_trial.arbitrate(ef.Arbitrate(DOUBT_SEQ, EQUAL_SEQ, False, 0))
    second = self_trial._task
    assert first is not None
    assert second is not None
    await asyncio.gather(first, second, return_exceptions=True)
    assert len(unit.heard) == 1


async def test_a_sound_unit_vouches_for_itself(unit: Unit) -> None:
    """Log, checkpoint and memory agree."""
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    told = await unit.tried()
    assert (told.fault, told.disk) == ("", False)


async def test_a_value_that_changed_in_memory_is_named_with_both_values(unit: Unit) -> None:
    """Seq, key, what is in memory and what it should be: 8 became 72 by one bit before entry 9 read it."""
    unit.run(1)
    key = counter_key(unit)
    unit.executor.discard_above(EQUAL_SEQ)
    unit.wal.cut(EQUAL_SEQ)
    unit.logbook.forget_recent()
    values = unit.executor._overlay.newest.values
    assert values[key] == (8).to_bytes(8, "big")
    values[key] = (8 | 64).to_bytes(8, "big")
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    told = await unit.tried()
    assert not told.disk
    assert f"entry 9 wrote {key.hex()} = {73:016x}, re-executed it wrote {key.hex()} = {9:016x}" in told.fault


async def test_a_key_that_moved_in_memory_is_named(unit: Unit) -> None:
    """A key that is lost is as bad as a value that changed."""
    unit.run(1)
    key = counter_key(unit)
    unit.executor.discard_above(EQUAL_SEQ)
    unit.wal.cut(EQUAL_SEQ)
    unit.logbook.forget_recent()
    values = unit.executor._overlay.newest.values
    values[key[:-1] + bytes([key[-1] ^ 1])] = values.pop(key)
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    told = await unit.tried()
    assert "its memory contradicts its own log: entry 9 wrote" in told.fault


async def test_a_digest_that_changed_in_memory_is_our_fault_too(unit: Unit) -> None:
    """Everything was done right, only what we say of it is wrong."""
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    unit.executor._digests[DOUBT_SEQ] = bytes(16)
    told = await unit.tried()
    assert "entry 12 wrote the same both times" in told.fault


async def test_a_state_that_does_not_add_up_is_the_disk(unit: Unit) -> None:
    """A key that vanished from the checkpoint has no checksum to fail: its slot's root tells."""
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    key = counter_key(unit)
    file = unit.store._file
    with file.env.begin(write=True) as txn:
        assert any(txn.delete(key, db=bank) for bank in file.banks)
    told = await unit.tried()
    assert told.disk
    assert "does not add up to its roots at checkpoint 4: slots 7" in told.fault


async def test_a_rotten_value_is_the_disk(unit: Unit) -> None:
    """It never becomes an input to execute."""
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    key = counter_key(unit)
    file = unit.store._file
    with file.env.begin(write=True) as txn:
        for bank in file.banks:
            if (sealed := txn.get(key, db=bank)) is not None:
                txn.put(key, bytes([sealed[0] ^ 1]) + sealed[1:], db=bank)
    told = await unit.tried()
    assert told.disk
    assert "does not match its checksum" in told.fault


async def test_a_rotten_log_is_the_disk(unit: Unit, tmp_path: Path) -> None:
    """The chain of hashes from the checkpoint on is what counts, read from the files."""
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    segment = next(path for path in sorted((tmp_path / "log").iterdir()) if ADD in path.read_bytes())
    data = bytearray(segment.read_bytes())
    at = data.rindex(ADD)
    data[at] ^= 1
    segment.write_bytes(data)
    told = await unit.tried()
    assert told.disk
    assert "log" in told.fault


async def test_who_is_not_done_in_time_has_not_vouched_for_itself(unit: Unit) -> None:
    """The child is ended, the core is told."""
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    told = await unit.tried(limit_ms=1)
    assert "within timing.arbitration_ms = 1" in told.fault


async def test_a_state_that_cannot_be_opened_is_no_excuse(unit: Unit) -> None:
    """The child ends with a traceback; the unit cannot vouch for itself."""
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    unit.directory /= "elsewhere"
    told = await unit.tried()
    assert "could not re-execute its log" in told.fault


async def test_a_question_that_memory_answers_wrongly_is_named(unit: Unit) -> None:
    """No entry read it yet, so all digests are right: asked again, memory and log say different things."""
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    unit.reader.run(ef.RunReads(Sid(1, 2, 3), 5, DOUBT_SEQ), [Asked(False, b"me", body("read"))])
    (done,) = unit.heard
    assert isinstance(done, ev.ReadsDone)
    unit.heard.clear()
    told = await unit.tried(barrier=5)
    assert told.fault == ""
    unit.heard.clear()
    values = unit.executor._overlay.newest.values
    values[counter_key(unit)] = (13).to_bytes(8, "big")
    told = await unit.tried(barrier=5)
    assert not told.disk
    assert f"it answers {body('is', 13).hex()}, re-executed it answers {body('is', 12).hex()}" in told.fault


async def test_a_question_that_the_disk_answers_wrongly_is_named(unit: Unit) -> None:
    """Memory and clean process read the same checkpoint, from which a key is gone: its root tells."""
    unit.executor.compared(EQUAL_SEQ)
    key = counter_key_on_disk(unit)
    file = unit.store._file
    with file.env.begin(write=True) as txn:
        assert any(txn.delete(key, db=bank) for bank in file.banks)
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    unit.reader.run(ef.RunReads(Sid(1, 2, 3), 5, DOUBT_SEQ), [Asked(False, b"me", body("read"))])
    unit.heard.clear()
    told = await unit.tried(barrier=5)
    assert told.disk
    assert "does not add up" in told.fault


def counter_key_on_disk(unit: Unit) -> bytes:
    return next(key for key, _ in unit.store.scan(b"", b"\xff" * 8, 100) if len(key) < 16)


async def test_a_state_that_would_be_written_wrongly_is_named(unit: Unit) -> None:
    """A value changed in memory that nobody reads: the roots of the next checkpoint tell, by the slot."""
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    unit.packed_roots = unit.executor.roots()
    told = await unit.tried(roots=True)
    assert told.fault == ""
    unit.heard.clear()
    unit.executor._overlay.newest.values[counter_key(unit)] = (13).to_bytes(8, "big")
    unit.packed_roots = unit.executor.roots()
    told = await unit.tried(roots=True)
    assert not told.disk
    assert f"it would write other values in slots {SLOT}" in told.fault


def test_roots_are_those_of_the_checkpoint_that_would_be_written(unit: Unit) -> None:
    """Counted from the overlay, and as the store counts them when it prepares one."""
    unit.run(3)
    seq = unit.executor.executed_seq
    unit.executor.compared(seq)
    counted = unit.executor.roots()
    job = unit.executor.begin_checkpoint()
    assert job.prepare() == counted
    job.abort()


async def test_a_question_that_meets_rot_here_still_ends_in_a_verdict(unit: Unit) -> None:
    """Asking ourselves again reads the rotten value, before the clean process could: the core is told all the
    same, else nothing would ever leave again."""
    unit.executor.compared(EQUAL_SEQ)
    key = counter_key_on_disk(unit)
    file = unit.store._file
    with file.env.begin(write=True) as txn:
        for bank in file.banks:
            if (sealed := txn.get(key, db=bank)) is not None:
                txn.put(key, bytes([sealed[0] ^ 1]) + sealed[1:], db=bank)
    unit.executor._overlay.newest.values.clear()
    unit.store.refresh()
    unit.reader._keep(5, (Asked(False, b"me", body("read")),))
    told = await unit.tried(barrier=5)
    assert told.disk
    assert "does not match its checksum" in told.fault
    assert SLOT in unit.rotten


def word(at: int, seq: int = DOUBT_SEQ) -> Doubt:
    """A sound unit's."""
    return Doubt(Sid(1, 2, 3), at, seq, EQUAL_SEQ, 0, roots=False, done=True, fault="", heard=False)


async def test_two_sound_units_find_the_first_thing_in_which_they_differ(tmp_path: Path) -> None:
    """Entry, key and both values, on either unit, whoever is done first: a person has to look."""
    told: list[list[str]] = []
    for first in (0, 1):
        units = [Unit(tmp_path / f"{first}{at}", machine) for at, machine in enumerate((Counter(), Unsure()))]
        written = units[0].logbook.make(made_calls(DOUBT_SEQ), 1, 1, 1000, Counter().version)
        for made in units:
            made.take(*written)
            made.executor.compared(EQUAL_SEQ)
        trials = [made.self_trial() for made in units]
        for at in (first, 1 - first):
            trials[at].arbitrate(ef.Arbitrate(DOUBT_SEQ, EQUAL_SEQ, False, 0))
            task = trials[at]._task
            assert task is not None
            await task
            trials[1 - at].hear(trials[at].filled_in(word(at)))
        trials[first].hear(trials[1 - first].filled_in(word(1 - first)))
        verdicts = [event for made in units for event in made.heard if isinstance(event, ev.Arbitrated)]
        assert [event.fault for event in verdicts] == ["", ""]
        told.append([event.what for made in units for event in made.heard if isinstance(event, ev.Differed)])
        for made in units:
            made.wal.close()
            made.store.close()
    key, seq = Counter.TOTAL.hex(), EQUAL_SEQ + 1
    one, two = f"{key} = {seq:016x}", f"{key} = {1000 + seq:016x}"
    assert told == 2 * [
        [f"entry {seq}: write 1: ours {one}, theirs {two}", f"entry {seq}: write 1: ours {two}, theirs {one}"]
    ]


async def test_what_is_not_said_of_this_doubt_is_no_evidence(unit: Unit) -> None:
    """Nor is that of a unit that is not done, or too long; nonsense is said to be nonsense."""
    unit.run(DOUBT_SEQ - EQUAL_SEQ)
    self_trial = unit.self_trial()
    self_trial.arbitrate(ef.Arbitrate(DOUBT_SEQ, EQUAL_SEQ, False, 0))
    assert self_trial._task is not None
    await self_trial._task
    assert self_trial.filled_in(word(0)) != word(0)
    assert self_trial.filled_in(replace(word(0), done=False)) == replace(word(0), done=False)
    assert self_trial.filled_in(word(0, seq=5)) == word(0, seq=5)
    for said in (b"", b"x" * (EVIDENCE_MAX_BYTES + 1)):
        self_trial.hear(replace(word(1), evidence=said))
    self_trial.hear(replace(word(1, seq=5), evidence=b"x"))
    assert len(unit.heard) == 1
    self_trial.hear(replace(word(1), evidence=b"\xc1"))
    (_, differed) = unit.heard
    assert isinstance(differed, ev.Differed)
    assert "does not parse" in differed.what
