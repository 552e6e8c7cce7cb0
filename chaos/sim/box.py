"""A box: one unit's hardware. It outlives the processes that run on it.

The box knows the truth that nobody inside may know: which entries are durable on its disk.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

from chaos.sim.clock import Clock
from chaos.sim.disk import SimDisk
from chaos.sim.judge import ViolationError
from chaos.sim.promises import read_promise
from chaos.sim.world import MS, World
from ftnode.machine.executor import EngineMissing
from ftnode.store.state_dict import DictMedium


@dataclass(slots=True)
class Image:
    """A copy of a whole disk, with the truth about it."""

    disk: SimDisk
    medium: DictMedium
    durable_seq: int
    durable_hash: dict[int, bytes]
    at_us: int


@dataclass(slots=True)
class Box:
    """One unit's disk, clock and power."""

    world: World
    unit: int
    clock: Clock
    disk: SimDisk = field(default_factory=SimDisk)
    medium: DictMedium = field(default_factory=DictMedium)
    durable_seq: int = 0
    durable_hash: dict[int, bytes] = field(default_factory=dict)
    lives: int = 0
    fsync_us: int = 300  # a sync takes half to one and a half of this
    execute_us: int = 60  # an entry takes so long
    compare_us: int = 0  # a comparison takes at most so long; 0: it is answered at once
    engine_until_us: int = 0  # nothing is executed before this
    hangs_until_us: int = 0  # no write ends before this
    paused_until_us: int = 0  # the process stands still until then
    twisted: bool = False  # its engine writes something else than the other one's, from now on
    twisted_seq: int = 0  # the first entry that it executed so
    trial_us: int = 0  # a re-execution takes so long, and does not hang; 0: as the seed has it
    trial_hangs: bool = False  # a re-execution that begins here never ends
    ill: str = ""  # what the next diagnosis finds
    harmed: bool = False  # its disk is not the one that was admitted to the in-sync set
    rot: set[int] = field(default_factory=set)  # seqs flipped and not yet repaired
    rot_slots: set[int] = field(default_factory=set)  # of the state, as the unit noted them on its disk
    image: Image | None = None
    program: tuple[int, ...] = (1,)  # engine versions of what is installed
    misinstalled: bool = False  # and it is known to whoever installed it that it may not do

    def twists(self, seq: int) -> bool:
        """Does this box's engine execute an entry in its own way? The same whenever it is executed."""
        if self.twisted and not self.twisted_seq:
            self.twisted_seq = seq
        return 0 < self.twisted_seq <= seq

    def incarnation(self) -> str:
        """Which stay in the in-sync set this disk knows of; empty: none."""
        promise = read_promise(self.disk)
        return promise.incarnation if promise else ""

    def keep_image(self) -> None:
        """Copy the disk, as a backup would."""
        disk, medium = copy.deepcopy((self.disk, self.medium))
        self.image = Image(disk, medium, self.durable_seq, dict(self.durable_hash), self.world.now_us)

    def restore_image(self) -> None:
        """The copy is put in the place of the disk. No process may run."""
        if self.image is None:
            return
        image, self.image = self.image, None
        self.harmed = True
        self.disk, self.medium = image.disk, image.medium
        self.disk.power_cut(self.world.random)
        self.medium.power_loss(False)
        self.durable_seq, self.durable_hash = image.durable_seq, image.durable_hash
        self.rot.clear()
        self.rot_slots.clear()

    def replace_disk(self) -> None:
        """A blank disk. No process may run."""
        self.harmed = True
        self.disk, self.medium = SimDisk(), DictMedium()
        self.durable_seq, self.durable_hash = 0, {}
        self.rot.clear()
        self.rot_slots.clear()
        self.image = None

    def lacks(self, why: EngineMissing, booted: bool) -> None:
        """A start with a program that was known not to fit says so, and is mended; anything else is a bug."""
        if booted or not self.misinstalled:
            raise ViolationError("version", f"unit {self.unit} with {self.program}: {why}") from why
        self.world.seen["a program that does not fit was refused"] += 1
        self.program, self.misinstalled = tuple(range(1, max(self.program) + 5)), False

    def synced(self, seq: int, hash_at: Callable[[int], bytes]) -> None:
        """An fsync made the log durable through `seq`."""
        for at in range(self.durable_seq + 1, seq + 1):
            self.durable_hash[at] = hash_at(at)
        self.durable_seq = max(self.durable_seq, seq)

    def learned(self, head_seq: int, hashes: dict[int, bytes]) -> None:
        """A log was read and synced at boot: what it holds is durable."""
        self.durable_hash.update(hashes)
        self.durable_seq = head_seq

    def replaced(self, seq: int, entry_hash: bytes) -> None:
        """A snapshot replaced state and log."""
        self.durable_seq, self.durable_hash = seq, {seq: entry_hash}
        self.rot.clear()
        self.rot_slots.clear()

    def cut(self, seq: int) -> None:
        """What was above `seq` is gone from the disk."""
        for at in range(seq + 1, self.durable_seq + 1):
            self.durable_hash.pop(at, None)
        self.durable_seq = min(self.durable_seq, seq)

    def write_us(self) -> int:
        """How long the next write and sync will take, hangs apart."""
        return self.fsync_us // 2 + int(self.world.random.random() * self.fsync_us) + MS // 20
