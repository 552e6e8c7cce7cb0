"""The whole simulated pair: two boxes, their processes, the wires, the witness, the judge.

Here are the things that happen to processes and boxes; `chaos.sim.nemesis` decides when.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import structs

from chaos.sim.box import Box
from chaos.sim.calls import Answer as Reply
from chaos.sim.calls import Done, History, Job, Request
from chaos.sim.clients import Client
from chaos.sim.clock import Clock
from chaos.sim.judge import Judge, ViolationError
from chaos.sim.life import Life
from chaos.sim.logfile import log_after_power_cut
from chaos.sim.network import CLIENTS, WITNESS, Network
from chaos.sim.promises import read_promise, write_promise
from chaos.sim.witness import Answer, SimWitness
from chaos.sim.words import Words
from chaos.sim.world import MS, World
from ftnode.core.events import ForceAsked, WitnessNamed
from ftnode.core.fsm import State
from ftnode.core.messages import Doubt, Fetched, Message
from ftnode.core.promise import Promise
from ftnode.core.record import Record
from ftnode.core.state import Timing
from ftnode.machine.contract import Machine
from ftnode.store.entry import Run

if TYPE_CHECKING:
    from chaos.sim.moments import Moments

AUDITS: Final = 0.35  # of boots are followed by an audit of the disk
FIRST_INCARNATION: Final = "first"
WITNESS_ID: Final = "witness-1"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is made of, chosen by its profile."""

    timing: Timing = field(default_factory=Timing)
    name: str = "sim"
    stall_ms: int = 200
    segment_bytes: int = 32_768
    checkpoint_entries: int = 24
    window_entries: int = 60  # entries kept in the log below the checkpoint
    keep_ms: int = 10_000  # request ids are kept for so much log time
    twice: bool = False  # decide everything twice and compare


@dataclass(frozen=True, slots=True)
class Late:
    """Swaps that land late: how many, how late at most, and how often somebody goes meanwhile."""

    chance: float
    most_us: int
    gone: float
    in_order: bool = False  # each lands half a second after the one before, the first after `most_us`


class Cabinet:
    """Two boxes and all between them."""

    def __init__(self, world: World, settings: Settings, machine: Machine, history: History) -> None:
        self.world = world
        self.settings = settings
        self.machine = machine
        self.history = history
        self.network = Network(world)
        self.boxes = [self._box(unit) for unit in (0, 1)]
        self.lives: list[Life | None] = [None, None]
        self.judge = Judge(world)
        self.judge.places = list(self.boxes)
        self.witnesses: dict[str, SimWitness] = {}  # by address; "" is the one that the settings name
        self.new_witness("", WITNESS_ID, self._first_record())
        self.judge.record = lambda: self.record
        self.judge.unit_promise = lambda unit: read_promise(self.boxes[unit].disk)
        self.judge.true_ms = self.witness.clock.true_ms
        self.clients: list[Client] = []  # the last one only asks for probes
        self.probe_job: Callable[[], Job]
        self.connected = False
        self.late: Late | None = None
        self.held_count = 0
        self.flip_next = False
        self.unsure_reads = 0  # so many of the next questions are answered differently on both units
        self.unsure_barriers: set[int] = set()
        self.words = Words(world)
        self.moments: Moments  # listens to what begins
        self.swaps_sent: list[tuple[int, Record]] = []  # that may still land: (sender, wanted)
        write_promise(self.boxes[0].disk, self._first_promise())
        self.restarts = True  # a supervisor starts what ended
        self.healed = False  # no harm is done any more

    @property
    def witness(self) -> SimWitness:
        """The one whose record is in force: the newest there is."""
        newest = self.judge.newest
        found = [one for one in self.witnesses.values() if newest is not None and one.record == newest]
        return max(found or self.witnesses.values(), key=lambda one: one.record.epoch if one.record else 0)

    @property
    def record(self) -> Record | None:
        """The newest record that any witness ever took, also if it has lost it since."""
        return self.judge.newest or self.witness.record

    def crash_witnesses(self) -> None:
        """None of them answers."""
        for witness in self.witnesses.values():
            witness.crash()

    def restart_witnesses(self) -> None:
        """All of them answer again, with what is on their disks."""
        for witness in self.witnesses.values():
            witness.restart()

    def replace_witness(self, address: str, witness_id: str) -> bool:
        """The operator names a witness to the active; he has looked: it answers, and it is empty."""
        active = self.active()
        if active is None:
            return False
        self.world.fault("witness replaced", f"{witness_id} at {address!r}")
        active.run(active.feed, WitnessNamed(active.now_ms(), witness_id, address))
        return True

    def force(self, unit: int, address: str) -> None:
        """The operator, who has switched the other unit off, makes this one active at an empty witness."""
        life = self.lives[unit]
        if life is None:
            return
        witness_id = self.witnesses[address].witness_id
        self.world.fault("forced", f"unit {unit}, at {witness_id}")
        life.run(life.feed, ForceAsked(life.now_ms(), 1 - unit, witness_id, address))

    def new_witness(self, address: str, witness_id: str, record: Record | None = None) -> SimWitness:
        """Another witness is set up, empty unless it has the first record."""
        made = self.witnesses[address] = SimWitness(self.world, self.network, witness_id, record)
        made.on_change = self._record_changed
        return made

    def pass_on(
        self, asker: int, address: str, method: str, args: tuple[object, ...], answer: Answer
    ) -> None:
        """A unit asks the witness for the other one, which does not reach it."""
        life, other = self.lives[1 - asker], 1 - asker
        if life is None or not self.connected:
            return
        back = partial(self.network.send, other, asker, answer)
        life.run(self._ask_for, other, address, method, args, back)

    def _ask_for(self, unit: int, address: str, method: str, args: tuple[object, ...], back: Answer) -> None:
        self.world.seen["asked the witness for the other unit"] += 1
        witness = self.witnesses[address]
        self.network.send(unit, WITNESS, getattr(witness, method), unit, *args, back)

    # --- processes ------------------------------------------------------------------------

    def boot(self, unit: int) -> None:
        """Start the unit's process, if none runs."""
        if self.lives[unit] is not None:
            return
        life = Life(self, unit)
        self.lives[unit] = life
        self.world.note(f"unit {unit}", f"BOOT life {life.number}")
        if self.connected:
            self._close()
        life.boot()
        self._connect_soon()
        if self.world.chance(AUDITS):
            self.world.after(self.world.between(20, 700) * MS, self.audit, unit)

    def audit(self, unit: int) -> None:
        """Would a power cut now leave everything that was said to be durable? Tried on a copy of the disk."""
        box = self.boxes[unit]
        if box.rot or box.disk.stop_after is not None:
            return
        self.world.seen["durability audited"] += 1
        held_seq = log_after_power_cut(copy.deepcopy(box.disk), self.settings.segment_bytes, self.world)
        if held_seq < box.durable_seq:
            raise ViolationError(
                "durable", f"unit {unit} called {box.durable_seq} durable; a power cut would leave {held_seq}"
            )

    def life(self, unit: int) -> Life | None:
        """The process that runs on a box now."""
        return self.lives[unit]

    def kill(self, unit: int, power: bool, restart_us: int | None) -> None:
        """End the process; with `power`, the disk loses what was not synced. None: no restart."""
        life = self.lives[unit]
        if life is not None:
            life.restart_us = restart_us
            life.power = power
            life.end("power cut" if power else "killed")

    def life_ended(self, life: Life) -> None:
        """A process is gone: its disk keeps what it keeps, its partner's channel closes."""
        unit, box = life.me, self.boxes[life.me]
        self.lives[unit] = None
        box.paused_until_us = 0
        box.hangs_until_us = 0
        box.engine_until_us = 0
        if life.power:
            box.disk.power_cut(self.world.random)
            box.medium.power_loss(self.world.chance(0.5))
        else:
            box.disk.kill()
            box.medium.power_loss(True)
        if self.connected and not life.power:
            self.network.send(unit, 1 - unit, self._close)
            self.world.after(self.world.between(0, 40) * MS, self.refuse_calls, unit)
        if life.restart_us is not None and self.restarts:
            self.world.after(life.restart_us, self.boot, unit)

    def served(self, life: Life) -> None:
        """A unit begins to answer in an epoch it has won.

        Somebody may have won the next one meanwhile and gone on: whatever this one lets out is judged by what
        the new active holds.
        """
        self.world.seen["served"] += 1
        record = self.record
        if record is None or record.epoch <= life.epoch:
            self.judge.holds_all(life.me, f"serves epoch {life.epoch}")

    def active(self) -> Life | None:
        """The process that the record names active, if it answers."""
        record = self.record
        life = self.lives[record.active] if record else None
        if life is None or record is None or life.epoch != record.epoch:
            return None
        return life if life.unit.state is State.ACTIVE else None

    def duplex(self) -> bool:
        """Do both units run, in their states, as the record says?"""
        record, active = self.record, self.active()
        if record is None or active is None or record.in_sync != (0, 1):
            return False
        other = self.lives[1 - active.me]
        return other is not None and other.unit.state is State.STANDBY

    # --- wires ----------------------------------------------------------------------------

    def say(self, sender: int, message: Message, payload: object) -> None:
        """Carry a message to the other unit."""
        if not self.connected:
            return
        if self.flip_next and isinstance(payload, Run):
            self.flip_next = False
            at = self.world.between(0, len(payload.data) - 1)
            data = payload.data[:at] + bytes([payload.data[at] ^ 1]) + payload.data[at + 1 :]
            payload = structs.replace(payload, data=data)
        if isinstance(message, Doubt | Fetched):
            self.moments.said(sender, message, payload)
            self.words.said(sender, message)
        if self.words.loses(message):
            return
        self.network.send(sender, 1 - sender, self.hear, 1 - sender, message, payload)

    def hear(self, unit: int, message: Message, payload: object) -> None:
        """A unit hears what was said to it, if it runs."""
        life = self.lives[unit]
        if life is not None:
            life.run(life.hear, message, payload)

    def ferry(self, sender: int, method: str, *args: object) -> None:
        """Carry part of a snapshot to the other unit."""
        self.network.send(sender, 1 - sender, self._ferried, 1 - sender, method, *args)

    def _ferried(self, unit: int, method: str, *args: object) -> None:
        life = self.lives[unit]
        if life is not None:
            life.run(getattr(life.ferry, method), *args)

    def relay(self, sender: int, request: Request) -> None:
        """Carry a client's request to the other unit."""
        self.network.send(sender, 1 - sender, self.knock, 1 - sender, request)

    def knock(self, unit: int, request: Request) -> None:
        """A request arrives at a unit."""
        life = self.lives[unit]
        if life is not None:
            life.run(life.desk.arrive, request)

    def reply(self, unit: int, request: Request, answer: Reply) -> None:
        """Carry an answer to its client."""
        client = self.clients[request.client]
        self.network.send(unit, CLIENTS, client.hear, request.request_id, unit, answer)

    def swap_leaves(
        self, unit: int, wanted: Record, leave: Callable[[], None], land: Callable[[], None]
    ) -> None:
        """A swap is sent: it may land at any time from now on."""
        self.swaps_sent.append((unit, wanted))
        late, world = self.late, self.world
        if late is None or not world.chance(late.chance):
            leave()
            return
        gone = world.chance(late.gone)
        most_us = min(late.most_us, 4_000 * MS) if gone else late.most_us
        held_us = int((0.1 + 0.9 * world.random.random()) * most_us)
        if late.in_order:
            self.held_count += 1
            held_us = late.most_us + self.held_count * 500 * MS
        world.seen["swap held"] += 1
        world.note("chaos", f"swap of unit {unit} held for {held_us // MS} ms")
        world.after(held_us, land)
        if gone:
            goes = unit if world.chance(0.4) else 1 - unit
            restart_us = world.between(30, 5000) * MS
            world.after(world.between(0, 150) * MS, self.kill, goes, world.chance(0.3), restart_us)

    def swap_pending(self, unit: int) -> bool:
        """May a swap of this unit still land?"""
        record = self.record
        epoch = record.epoch if record else 0
        self.swaps_sent = [(by, wanted) for by, wanted in self.swaps_sent if wanted.epoch > epoch]
        return any(by == unit for by, _ in self.swaps_sent)

    # --- the channel between the units --------------------------------------------------------

    def close_channel(self) -> None:
        """The connection breaks, for no reason that anybody could name."""
        if self.connected:
            self._close()
            self._connect_soon()

    def refuse_calls(self, unit: int) -> None:
        """The unit's host tells the other unit that nobody listens there; somebody may be again by then."""
        other = self.lives[1 - unit]
        if other is None or self.connected or self.network.is_cut(unit, 1 - unit):
            return
        self.world.seen["told that the partner is gone"] += 1
        other.run(other.partner_gone)

    def _close(self) -> None:
        if not self.connected:
            return
        self.connected = False
        for life in self.lives:
            if life is not None:
                life.run(life.channel_closed)
            if life is not None and self.world.chance(0.05):
                life.run(life.channel_closed)  # both directions say so
        self._connect_soon()

    def _connect_soon(self) -> None:
        self.world.after(self.world.between(2 * MS, 120 * MS), self._connect)

    def _connect(self) -> None:
        if self.connected or None in self.lives:
            return
        if self.network.is_cut(0, 1) or self.network.is_cut(1, 0):
            self._connect_soon()
            return
        self.connected = True
        for life in self.lives:
            if life is not None:
                life.run(life.channel_open)

    # --- making -------------------------------------------------------------------------------

    def blank_promise(self, unit: int) -> Promise:
        """What a unit writes on a blank disk."""
        return Promise(self.settings.name, unit, witness_id=WITNESS_ID)

    def _first_promise(self) -> Promise:
        """Unit 0's disk was prepared together with the witness's record."""
        return Promise(self.settings.name, 0, WITNESS_ID, epoch=1, incarnation=FIRST_INCARNATION)

    def oldest_kept_seq(self, unit: int) -> int:
        """The oldest entry that the unit's log can still give."""
        life = self.lives[unit]
        return life.unit.log.first_seq if life is not None else self.boxes[unit].durable_seq + 1

    def probe(self) -> Done:
        """Ask for a write, as a patient client would."""
        client = self.clients[-1]
        client.learn(self.history.seen_ms)
        return client.ask(self.probe_job())

    def _first_record(self) -> Record:
        return Record(self.settings.name, WITNESS_ID, 1, 0, (0,), ((0, FIRST_INCARNATION),))

    def _box(self, unit: int) -> Box:
        drift_ppm = self.world.between(-150, 150)
        offset_ms = self.world.between(-200, 200)
        return Box(self.world, unit, Clock(self.world, drift_ppm, offset_ms))

    def _record_changed(self, before: Record | None, after: Record) -> None:
        self.world.seen["record changed"] += 1
        self.judge.record_changed(before, after)
