"""A log on a disk that breaks, and beside it what the log ought to hold. Tests drive it and let it check."""

from dataclasses import dataclass, field
from random import Random

from chaos.sim.disk import SimDisk
from ftnode.store.entry import GENESIS_HASH, Entry, Run, decode_run, encode_run
from ftnode.store.wal import Recovered, Wal
from ftnode.store.wal_frame import HEADER_BYTES, Frame
from ftnode.store.wal_scan import Found, read_segment, segment_name, segments_in

DIRECTORY = "/unit/log"
SEGMENT_BYTES = 8192  # sixteen sectors: rolls are frequent


def entries(rng: Random, first_seq: int, count: int, epoch: int) -> list[Entry]:
    """So many entries with bodies of all sizes, most of them small."""
    return [
        Entry(
            seq=first_seq + at,
            epoch=epoch,
            time_ms=1000 + first_seq + at,
            chance=rng.getrandbits(64),
            engine_version=1,
            kind=16,
            request_id=rng.randbytes(8),
            body=rng.randbytes(rng.choice((0, 30, 30, 200, 900))),
        )
        for at in range(count)
    ]


@dataclass
class World:
    """The disk, the log that is open on it, and the truth.

    `held` are the entries the log was given, from `base_seq + 1` on; `durable_seq` is the highest one
    that a sync has covered: that much may have been acknowledged.
    """

    seed: int
    disk: SimDisk = field(default_factory=SimDisk)
    base_seq: int = 0
    base_hash: bytes = GENESIS_HASH
    base_epoch: int = 0
    held: list[Entry] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)
    durable_seq: int = 0
    commit_seq: int = 0
    checkpoint_seq: int = 0
    epoch: int = 1
    cutting_to: int | None = None  # a cut, or a reset, that may or may not have happened
    resetting_to: tuple[int, int] | None = None
    told: list[tuple[int, bool]] = field(default_factory=list)  # what was said before an end was cut

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self.disk.mkdir("/unit")
        self.disk.fsync_dir("/")
        self.wal, self.found = self._recover()

    @property
    def head_seq(self) -> int:
        """Last seq given to the log."""
        return self.base_seq + len(self.held)

    def hash_of(self, seq: int) -> bytes:
        """The right hash of an entry, or of the one before the first."""
        return self.hashes[seq - self.base_seq - 1] if seq > self.base_seq else self.base_hash

    def run(self, first_seq: int, last_seq: int) -> Run:
        """The right entries, as the other unit would send them."""
        part = self.held[first_seq - self.base_seq - 1 : last_seq - self.base_seq]
        return encode_run(self.hash_of(first_seq - 1), part)[0]

    def append(self, count: int = 3) -> None:
        """Hand the log a batch. It is part of the truth even if the process ends on the way."""
        new = entries(self.rng, self.head_seq + 1, count, self.epoch)
        run, hashes = encode_run(self.hash_of(self.head_seq), new)
        self.held += new
        self.hashes += hashes
        self.wal.append(run, self.commit_seq, 0)

    def sync(self) -> None:
        """Sync, and remember what may be acknowledged from now on."""
        covered = self.wal.sync()
        assert covered == self.wal.synced_seq
        self.durable_seq = max(self.durable_seq, covered)

    def cut(self, to_seq: int) -> None:
        """Cut, and forget the rest."""
        self.cutting_to = to_seq
        self.wal.cut(to_seq)
        self.cutting_to = None
        self.forget_above(to_seq)

    def reset(self, seq: int, epoch: int) -> None:
        """Begin anew behind an entry that came with a snapshot."""
        self.resetting_to = (seq, epoch)
        self.wal.reset(seq, epoch, bytes([seq % 256] * 16))
        self.resetting_to = None
        self.forget_all(seq, epoch)

    def forget_above(self, seq: int) -> None:
        """The truth ends at `seq` now."""
        del self.held[seq - self.base_seq :], self.hashes[seq - self.base_seq :]
        self.durable_seq = min(self.durable_seq, seq)

    def forget_all(self, seq: int, epoch: int) -> None:
        """The truth begins behind `seq` now."""
        self.base_seq, self.base_hash, self.base_epoch = seq, bytes([seq % 256] * 16), epoch
        self.held, self.hashes = [], []
        self.durable_seq = self.commit_seq = self.checkpoint_seq = seq
        self.epoch = max(self.epoch, epoch)

    def restart(self, *, power_cut: bool, but_stop: int | None = None) -> Recovered:
        """The process is gone, perhaps the power too; a new one opens the log, if it is not stopped."""
        if power_cut:
            self.disk.power_cut(self.rng)
        else:
            self.disk.kill()
        self.disk.stop_after = None if but_stop is None else self.disk.steps + but_stop
        self.wal, self.found = self._recover()
        return self.found

    def _recover(self) -> tuple[Wal, Recovered]:
        return Wal.recover(
            self.disk,
            DIRECTORY,
            segment_bytes=SEGMENT_BYTES,
            durable_seq=self.checkpoint_seq,
            draw=lambda: 7,
            on_cut=lambda first_seq, rotten: self.told.append((first_seq, rotten)),
        )

    def live(self) -> None:
        """What every unit does first in its life: prove the log durable."""
        self.wal.rewrite_tail()
        self.sync()
        self.wal.mark_idle(0, 0)
        self.wal.sync()

    def accept_head(self) -> None:
        """After a crash the log ends between what was durable and what it was given, or at a cut."""
        head_seq, cutting_to, resetting_to = self.found.head_seq, self.cutting_to, self.resetting_to
        self.cutting_to = self.resetting_to = None
        if resetting_to is not None and head_seq == resetting_to[0]:
            self.forget_all(*resetting_to)
        elif cutting_to is not None and head_seq == cutting_to:
            self.forget_above(cutting_to)
        else:
            assert self.durable_seq <= head_seq <= self.head_seq
            self.forget_above(head_seq)

    def check(self) -> None:
        """Every entry of the truth is in the log, byte for byte, and nothing else."""
        wal = self.wal
        assert (wal.head_seq, wal.head_hash) == (self.head_seq, self.hash_of(self.head_seq))
        first_seq = wal.first_seq
        assert self.base_seq < first_seq <= self.durable_seq + 1
        seq, seen = first_seq, []
        while (run := wal.read(seq, 4000)) is not None:
            assert run.first_seq == seq
            _, found, hashes = decode_run(run.prev_hash, seq, run.data)
            assert wal.hash_at(run.last_seq) == hashes[-1] == run.last_hash
            seen += found
            seq = run.last_seq + 1
        assert seen == self.held[first_seq - self.base_seq - 1 :]
        assert wal.hash_at(first_seq - 1) == self.hash_of(first_seq - 1)
        assert wal.rotten == ()
        self.check_ends()

    def check_ends(self) -> None:
        """The log knows where epochs ended, as far back as it reaches."""
        first_seq = self.wal.first_seq
        wanted: dict[int, int] = {}
        if self.base_epoch:
            wanted[self.base_epoch] = self.base_seq
        for entry in self.held:
            wanted[entry.epoch] = entry.seq
        ends = {epoch: seq for epoch, seq in self.wal.ends if seq >= first_seq}
        assert ends == {epoch: seq for epoch, seq in wanted.items() if seq >= first_seq}
        assert set(self.wal.ends) <= set(wanted.items())  # the one before the first may be unknown
        head_epoch = self.held[-1].epoch if self.held else self.base_epoch
        has_entries = self.wal.head_seq >= first_seq
        assert self.wal.head_epoch in ({head_epoch} if has_entries else {head_epoch, 0})

    def scrub_all(self) -> None:
        """Read every byte of the log once, piece by piece."""
        seq = self.wal.scrub(self.wal.first_seq, 3000)
        while seq != 1:
            seq = self.wal.scrub(seq, 3000)

    def repair_all(self) -> None:
        """Fetch what is rotten from the other unit, which has it."""
        for first_seq, last_seq in self.wal.rotten:
            self.wal.repair(self.run(first_seq, last_seq))
        self.wal.sync()


def frames_on(disk: SimDisk) -> list[Frame]:
    """Every whole frame that lies on the disk, in order."""
    numbers = segments_in(disk, DIRECTORY)
    scans = [read_segment(disk, DIRECTORY, number, None) for number in numbers]
    return [item.frame for scan in scans for item in scan.items if isinstance(item, Found)]


def frame_of(disk: SimDisk, seq: int) -> Frame:
    """The frame that holds entry `seq`."""
    return next(frame for frame in frames_on(disk) if frame.first_seq <= seq <= frame.last_seq)


def spoil(disk: SimDisk, frame: Frame, byte: int = HEADER_BYTES + 20) -> None:
    """Flip a bit in a byte of a frame; by default one in the middle of its first entry."""
    disk.flip(f"{DIRECTORY}/{segment_name(frame.segment)}", (frame.at + byte) * 8)
