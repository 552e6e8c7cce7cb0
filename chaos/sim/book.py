"""The log, the state and the promises of one life: the real ones, over the simulated disk.

Every write is split where a process can die: what is handed to the disk now is synced a moment later.
"""

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from chaos.sim.calls import Answer, Request
from chaos.sim.checkpoints import Checkpoints
from chaos.sim.judge import ViolationError
from chaos.sim.logfile import LOG_DIR, LogFile, open_log
from chaos.sim.pages import Pages
from chaos.sim.promises import read_promise, write_promise
from chaos.sim.scrub import WHY
from chaos.sim.watched import watched
from ftnode.core import effects as eff
from ftnode.core import events as ev
from ftnode.core import log_end, versions
from ftnode.core.reconfigure import Named, to_body
from ftnode.core.versions import Ordered
from ftnode.machine.executor import Executor
from ftnode.machine.kinds import Kind
from ftnode.machine.reconfigure import named_by
from ftnode.machine.upgrades import began, orders_of
from ftnode.store.entry import Entry, Run, cut_run, decode_run, encode_run
from ftnode.store.snapshot import SnapshotReceiver
from ftnode.store.state import RottenValue
from ftnode.store.state_dict import DictStateStore
from ftnode.store.wal_writer import Ticket

if TYPE_CHECKING:
    from chaos.sim.life import Life

ACTOR: Final = b"anonymous"


class Book(Checkpoints):
    """What one life knows of its disk, and how it changes it."""

    def __init__(self, life: "Life") -> None:
        super().__init__(life)
        self.log: LogFile
        self.store: DictStateStore
        self.executor: Executor
        self._machines = watched(life.cabinet.machine, life.box.program, self._ran, life.box)
        self._ran_by = 0  # the version of the machine that ran last; 0: none did
        self._hashes: dict[int, bytes] = {}
        self._entries: dict[int, Entry] = {}  # not executed yet
        self._results: dict[int, tuple[bytes, Entry, bool]] = {}  # not released yet
        self.pages = Pages(self)
        self._named: Named | None = None  # the last entry read at boot that names a witness
        self._orders: tuple[Ordered, ...] = ()  # of the entries read last
        self._began = 0
        self._syncing = False
        self._executing = False
        self._released_seq = 0
        self._stuck = False  # what comes next would need what is rotten
        self.flipped_seq = 0  # from here on, memory tells a wrong digest
        self.reads_flipped = False  # memory shows questions something else than it has
        self.doubted_seq = 0  # its digests differed from the other unit's here
        self.harmed = False  # and whatever else makes a unit unable to vouch for itself

    # --- at boot ---------------------------------------------------------------------------

    def recover(self) -> ev.Booted:
        """Read everything, make the log durable, run what was not yet in the checkpoint."""
        box, life, settings = self._box, self._life, self._life.cabinet.settings
        self.store = DictStateStore(box.medium)
        stands = self.store.checkpoint
        self.log, found = open_log(
            self._disk, LOG_DIR, settings.segment_bytes, stands, self._world, self._note_cut
        )
        promise = read_promise(self._disk)
        held_seq = self.log.head_seq
        box.cut(held_seq)
        self._hashes = self.log.hashes()
        box.learned(held_seq, self._hashes)
        rotten = self.log.all_read()
        self.store.quarantine(box.rot_slots)
        self.executor = Executor(self.store, self._machines, settings.keep_ms)
        self._released_seq = stands.seq
        at_state = self.executor.standing()
        needed = self._replayed()
        at_state = versions.begun_with(self._began) if self._began else at_state
        return ev.Booted(
            now_ms=life.now_ms(),
            promise=promise,
            blank=life.cabinet.blank_promise(life.me),
            chance=self._world.random.getrandbits(64),
            first_seq=self.log.first_seq,
            head_seq=self.log.head_seq,
            ends=found.ends,
            executed_seq=self.executor.executed_seq,
            commit_seq=found.commit_seq,
            peer_floor_seq=found.peer_seq,
            checkpoint_seq=stands.seq,
            roots=blake2b(self.store.roots, digest_size=16).digest() if stands.seq else b"",
            log_time_ms=self.executor.time_ms,
            wall_ms=life.wall_ms(),
            rotten=rotten,
            short=found.short or needed,
            named=self._named,
            can=tuple(sorted(life.box.program)),
            stands=at_state,
            orders=self._orders,
            rot=WHY if box.rot_slots else "",
        )

    def _note_cut(self, first_seq: int, rotten: bool) -> None:
        """As the shell does: on disk before the log's end is cut."""
        self._world.seen["rotten end cut" if rotten else "torn end cut"] += 1
        promise = read_promise(self._disk)
        if promise is not None:
            write_promise(self._disk, log_end.cut(promise, first_seq, rotten))

    def _replayed(self) -> bool:
        """Whether something rotten was needed for that: then this unit does not go on from here."""
        try:
            self._replay()
        except RottenValue as rot:
            self._box.rot_slots.add(rot.slot)
            self.store.quarantine([rot.slot])
            return self._stuck_now()
        return False

    def _stuck_now(self) -> bool:
        self._stuck = True
        self._entries.clear()
        return True

    def _replay(self) -> None:
        """Run the log from where the state stands, up to the first rotten entry."""
        self._orders, self._began = (), 0
        seq = self.executor.executed_seq + 1
        while self.log.first_seq <= seq <= self.log.head_seq:
            run = self.log.read(seq)
            if run is None:
                return
            _, entries, hashes = decode_run(run.prev_hash, run.first_seq, run.data)
            self._orders += orders_of(entries)
            self._began = self._began or began(entries)
            for entry, entry_hash in zip(entries, hashes, strict=True):
                self._hashes[entry.seq] = entry_hash
                self._named = named_by(entry) or self._named
                self._execute(entry, entry_hash)
            seq = run.last_seq + 1

    def probe(self, number: int) -> None:
        """Write a little, sync it, say so."""
        ticket = self.trying(self.log.begin_probe, self._marks())
        if ticket is not None:
            self.after_write(self._probed, number, ticket)

    def _probed(self, number: int, ticket: Ticket) -> None:
        self._note_durable(self.log.wal.sync_end(ticket))
        self._life.feed(ev.DiskProbed(self._life.now_ms(), number))

    # --- entries in ------------------------------------------------------------------------------

    def give_out(self, effect: eff.GiveOut) -> None:
        """Make entries of what waits, write them, begin to sync and to execute."""
        self._life.cabinet.judge.stamped(self._life.me, effect.time_ms)
        entries = []
        own = effect.noop or effect.set_time or effect.change is not None or effect.order is not None
        requests = [None] if own else self._life.desk.take(effect.to_seq - effect.from_seq + 1)
        for seq, request in enumerate(requests, start=effect.from_seq):
            entries.append(self._entry(seq, effect, request))
            if request is not None:
                self._life.desk.await_release(seq, request)
        prev_hash = self.log.head_hash
        run, hashes = encode_run(prev_hash, entries)
        self._append(run, entries, hashes)

    def _entry(self, seq: int, effect: eff.GiveOut, request: Request | None) -> Entry:
        chance = self._world.random.getrandbits(64)
        head = (seq, effect.epoch, effect.time_ms, chance, effect.version)
        if effect.order is not None:
            return Entry(*head, Kind.UPGRADE, body=versions.to_body(effect.order))
        if effect.change is not None:
            return Entry(*head, Kind.RECONFIGURE, body=to_body(effect.change))
        if request is None:
            return Entry(*head, Kind.SET_TIME if effect.set_time else Kind.NOOP)
        job = request.job
        kind = Kind.ABANDON if request.abandon else job.kind
        body = b"" if request.abandon else job.body
        ids = (request.request_id, ACTOR, request.client_ms, request.seen_ms)
        return Entry(*head, kind, 1, job.slot, *ids, body)

    def take(self, effect: eff.Take) -> None:
        """Write the entries of the Append just heard, begin to sync and to execute."""
        if self.pages.taken is None:
            return
        run, entries, hashes = self.pages.taken
        start = effect.from_seq - run.first_seq
        end = effect.to_seq - run.first_seq + 1
        self._append(cut_run(run, effect.from_seq, effect.to_seq), entries[start:end], hashes[start:end])

    def _append(self, run: Run, entries: list[Entry], hashes: list[bytes]) -> None:
        self.trying(self.log.append, run, self._marks())
        if self.log.head_seq != run.last_seq:
            return
        for entry, entry_hash in zip(entries, hashes, strict=True):
            self._entries[entry.seq] = entry
            self._hashes[entry.seq] = entry_hash
        self._sync_soon()
        self._execute_soon()

    def _marks(self) -> tuple[int, int]:
        """What the frames say besides: the commit, and what the partner is known to hold."""
        unit = self._life.unit
        return unit.log.commit_seq, unit.peer_floor_seq

    def _sync_soon(self) -> None:
        if not self._syncing:
            ticket = self.trying(self.log.begin_sync)
            if ticket is not None:
                self._syncing = True
                self.after_write(self._sync, ticket)

    def _sync(self, ticket: Ticket) -> None:
        self._syncing = False
        seq = self.log.wal.sync_end(ticket)
        self._note_durable(seq)
        self._life.feed(ev.Persisted(self._life.now_ms(), seq))
        if self._life.alive and self.log.head_seq > seq:
            self._sync_soon()

    def _note_durable(self, seq: int) -> None:
        self._box.synced(seq, self.hash_at)

    def _execute_soon(self) -> None:
        if not self._executing and self._entries and not self._stuck:
            self._executing = True
            self._life.later(self._box.execute_us * len(self._entries), self._execute_all)

    def _execute_all(self) -> None:
        if self._box.engine_until_us > self._world.now_us:
            self._life.later(self._box.engine_until_us - self._world.now_us, self._execute_all)
            return
        self._executing = False
        seq = self.executor.executed_seq + 1
        try:
            while seq in self._entries:
                self._execute(self._entries.pop(seq), self._hashes[seq])
                seq += 1
        except RottenValue as rot:
            self._stuck_now()
            self._life.scrubber.met(rot)
            return
        self._life.feed(ev.Executed(self._life.now_ms(), self.executor.executed_seq))

    def _execute(self, entry: Entry, entry_hash: bytes) -> None:
        self._ran_by = 0
        result = self.executor.execute(entry, entry_hash)
        if self._ran_by:
            self._life.cabinet.judge.executed(self._life.me, entry.seq, entry_hash, self._ran_by)
        self._results[entry.seq] = (result, entry, self._ran_by > 0)
        self._life.reader.reached(entry.seq)

    def _ran(self, version: int) -> None:
        self._ran_by = version

    @property
    def executed_seq(self) -> int:
        """Where the executed state stands."""
        return self.executor.executed_seq

    def query(self, text: bytes) -> tuple[bytes, int]:
        """Run a read on it."""
        try:
            return self.executor.query(text), self.executor.time_ms
        except RottenValue as rot:
            self._life.scrubber.read(rot)
            raise

    # --- cutting, repairing, replacing ----------------------------------------------------------------

    def cut(self, seq: int) -> None:
        self._life.cabinet.moments.cut(self._life.me)
        self.after_write(self._cut, seq)

    def _cut(self, seq: int) -> None:
        self._life.cabinet.judge.cut(self._life.me, seq)
        self.log.cut(seq)
        self._world.seen["tail cut"] += 1
        self._forget_above(seq)
        self.executor.discard_above(seq)
        self._life.feed(ev.CutDone(self._life.now_ms(), seq, self.executor.time_ms))

    def _forget_above(self, seq: int) -> None:
        self._box.cut(seq)
        self._hashes = {at: known for at, known in self._hashes.items() if at <= seq}
        self._life.reader.cut(seq)
        self._entries = {at: entry for at, entry in self._entries.items() if at <= seq}
        self._results = {at: result for at, result in self._results.items() if at <= seq}

    def repair(self, seqs: tuple[int, ...]) -> None:
        self.after_write(self._repair, seqs)

    def _repair(self, seqs: tuple[int, ...]) -> None:
        for run in self.pages.fetched:
            self.log.repair(run)
        self.pages.fetched = []
        self._box.rot.difference_update(seqs)
        self._world.seen["rot repaired"] += 1
        self._orders, self._began, self._named = (), 0, None
        if not self._stuck and not self._entries:
            self._replay()
        found = (self._orders, self._began, self._named)
        self._life.feed(ev.Repaired(self._life.now_ms(), seqs, 0, *found))
        self._life.feed(ev.Executed(self._life.now_ms(), self.executor.executed_seq))

    def install(self, receiver: SnapshotReceiver) -> None:
        """State and log become the snapshot's."""
        stands = receiver.install()
        self.log.begin_anew(stands)
        self._box.replaced(stands.seq, stands.entry_hash)
        self._hashes = {stands.seq: stands.entry_hash}
        self._entries.clear()
        self._results.clear()
        self._job, self._waiting, self._stuck = None, 0, False
        self._released_seq = stands.seq
        self.executor = Executor(self.store, self._machines, self._life.cabinet.settings.keep_ms)
        at_state = self.executor.standing()
        ends = ((stands.epoch, stands.seq),) if stands.seq else ()
        self._life.feed(ev.SnapshotInstalled(self._life.now_ms(), stands.seq, ends, stands.time_ms, at_state))

    # --- comparing and releasing -----------------------------------------------------------------------

    def digest_at(self, seq: int) -> bytes:
        """Our digest, as this life's memory has it."""
        digest = self.executor.digest_at(seq) or b""
        if self.flipped_seq and seq >= self.flipped_seq:
            return bytes([digest[0] ^ (1 << self._life.me)]) + digest[1:] if digest else digest
        return digest

    def flip_memory(self) -> None:
        """A bit in memory flips: from the next entry on, digests are wrong."""
        self.flipped_seq = self.executor.executed_seq + 1
        self.harmed = True

    def compare(self, effect: eff.Compare) -> None:
        ours = self.digest_at(effect.seq)
        if not ours:
            self._world.seen["digest older than this life"] += 1
            return  # below our checkpoint: a later digest covers it, they are a chain
        equal = ours == effect.digest
        twisted = any(box.twisted for box in self._life.cabinet.boxes)
        if not equal and not self._world.faults["memory flip"] and not twisted:
            raise ViolationError("digest", f"digests differ at {effect.seq}, and nobody's memory was harmed")
        if self._box.compare_us:
            delay_us = self._world.between(1, self._box.compare_us)
            self._life.later(delay_us, self._compared, effect.seq, equal)
        else:
            self._compared(effect.seq, equal)

    def _compared(self, seq: int, equal: bool) -> None:
        self._life.feed(ev.Compared(self._life.now_ms(), seq, equal))

    def hash_at(self, seq: int) -> bytes:
        """Hash of an entry in the log."""
        found = self._hashes.get(seq)
        if found is None:
            found = self._hashes[seq] = self.log.hash_at(seq)
        return found

    def hash_or_none(self, seq: int) -> bytes | None:
        return self.log.hash_or_none(seq)

    def noted(self, what: str) -> None:
        """A doubt begins. What changes in memory later on is of none."""
        trial = self._life.unit.trial
        if what == "miscompare" and trial is not None:
            self.doubted_seq = trial.seq

    def release(self, seq: int) -> None:
        """Let the answers out, under the judge's eyes."""
        life, judge = self._life, self._life.cabinet.judge
        if 0 < self.flipped_seq <= min(seq, self.doubted_seq):
            raise ViolationError("digest", f"unit {life.me} answers {seq}: in doubt, and with a bad memory")
        for at in range(self._released_seq + 1, seq + 1):
            judge.released(life.me, life.number, life.epoch, at, self.hash_at(at))
            result, entry, ran = self._results.pop(at, (b"", None, False))
            if entry is None:
                continue
            judge.outcome(entry.request_id, at, entry.time_ms, result, ran)
            life.desk.release(at, Answer(True, at, entry.time_ms, result[0], result[1:]))
        self._released_seq = max(self._released_seq, seq)
