"""One seed from cold start to verdict: hurt for a while, heal, converge, judge."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from chaos.sim.cabinet import Cabinet, Settings
from chaos.sim.calls import History, Job
from chaos.sim.clients import PINNED, STYLES, Client, Style
from chaos.sim.harm_upgrades import ALL
from chaos.sim.judge import ViolationError
from chaos.sim.life import Life
from chaos.sim.nemesis import Nemesis
from chaos.sim.profiles import Profile, pick
from chaos.sim.rotting import mend_state
from chaos.sim.workload import BankWork, RegisterWork, Work
from chaos.sim.world import MS, Trace, World
from ftnode.core.fsm import State
from ftnode.core.state import Timing

HURT_MS: Final = 46_000  # faults until then
CALM_MS: Final = 58_000  # clients until then, or for some seconds after the pair converged
CONVERGE_MS: Final = 40_000  # after healing, a pair has so long to be duplex and to answer
OUTAGE_MS: Final = 8000
DAY_MS: Final = 86_400_000
HEARD_MS: Final = 3000  # after an outage, until each unit has heard all clocks and an entry was given out
BEHIND_MAX_MS: Final = 3000
CLIENTS_MIN, CLIENTS_MAX = 3, 6
PROBER: Final = Style(try_ms=250, tries_max=400, again=0, abandon=0)


@dataclass(slots=True)
class Summary:
    """What became of a seed."""

    seed: int
    profile: str
    check: str = ""  # that failed; empty: none
    story: str = ""
    simulated_ms: int = 0
    commands: int = 0
    answered: int = 0
    unknown: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    search_steps: int = 0
    trace: str = ""

    @property
    def ok(self) -> bool:
        return not self.check


def run_seed(
    seed: int,
    trace: Trace | None = None,
    profile: Profile | None = None,
    twice: bool = False,
    work: Work | None = None,
) -> Summary:
    """Run one seed. Never raises for what the code under test did; that is in the summary.

    Args:
        work: the machine and its clients' half; the profile's own if it is None.
    """
    world = World(seed, trace)
    chosen = pick(world.random.random())
    run = Run(world, profile or chosen, twice, work)
    summary = Summary(seed, run.profile.name)
    try:
        run.through()
        summary.search_steps = run.judge()
    except ViolationError as violation:
        summary.check, summary.story = violation.check, violation.story
    except Exception as fell:
        summary.check, summary.story = "crash", f"{type(fell).__name__}: {fell}"
        if world.trace.on:
            raise
    return _filled(summary, run)


def _filled(summary: Summary, run: "Run") -> Summary:
    world, history = run.world, run.history
    if summary.check:
        world.note("judge", f"{summary.check}: {summary.story}")
    summary.simulated_ms = world.now_us // MS
    summary.commands = history.commands()
    summary.answered = history.answered
    summary.unknown = sum(done.returned_us is None for done in history.done)
    summary.faults, summary.rows, summary.ignored, summary.seen = (
        world.faults,
        world.rows,
        world.ignored,
        world.seen,
    )
    summary.steps = world.steps
    summary.trace = world.trace.digest() if world.trace.on else ""
    return summary


class Run:
    """A cabinet with its clients and its nemesis."""

    def __init__(self, world: World, profile: Profile, twice: bool = False, work: Work | None = None) -> None:
        self.world = world
        self.profile = profile
        self.history = History()
        self.work: Work = work or (BankWork() if profile.bank else RegisterWork())
        self.cabinet = Cabinet(
            world, Settings(timing=_timing(world), twice=twice), self.work.machine, self.history
        )
        self.cabinet.probe_job = self._probe_job
        for box in self.cabinet.boxes:
            box.execute_us = world.random.choice((20, 60, 60, 400, 3000))
        self._probes = 0
        self._make_clients()
        self.nemesis = Nemesis(self.cabinet, profile, HURT_MS * MS)

    def through(self) -> None:
        """Hurt, heal, converge."""
        world, cabinet = self.world, self.cabinet
        world.note("run", f"seed {world.seed} profile {self.profile.name}")
        for unit in (0, 1):
            world.after(world.between(0, 300) * MS, cabinet.boot, unit)
        for client in cabinet.clients[:-1]:
            client.start(CALM_MS * MS)
        self.nemesis.start()
        world.run_until(HURT_MS * MS)
        self._heal()
        self._converge()
        if self.profile.outage:
            self._outage()
        world.run_until(max(CALM_MS * MS, world.now_us) + 2000 * MS)
        self._look()
        self._equal()

    def judge(self) -> int:
        """The expensive judgement, over the whole history."""
        return self.work.judge(self.history.done)

    def _make_clients(self) -> None:
        count = self.world.between(CLIENTS_MIN, CLIENTS_MAX)
        styles = [self.world.random.choice(STYLES) for _ in range(count)]
        if self.profile.pinned:
            styles = [style for style in PINNED for _ in (0, 1)]
        cabinet = self.cabinet
        for number, style in enumerate([*styles, PROBER]):
            client = Client(self.world, cabinet.network, number, style, self.work, self.history)
            client.knock = cabinet.knock
            cabinet.clients.append(client)

    def _probe_job(self) -> Job:
        self._probes += 1
        return self.work.probe_job(self._probes)

    # --- heal ------------------------------------------------------------------------------

    def _heal(self) -> None:
        world, cabinet = self.world, self.cabinet
        world.note("run", "HEAL")
        cabinet.network.heal()
        cabinet.healed = True
        cabinet.late = None
        cabinet.flip_next = False
        for witness in cabinet.witnesses.values():
            witness.slow_us, witness.strange = 0, ""
            witness.clock.mend()
        cabinet.restart_witnesses()
        upgraded = any(box.program != (1,) for box in cabinet.boxes)
        for box in cabinet.boxes:
            box.ill = ""
            box.hangs_until_us = 0
            box.engine_until_us = 0
            box.fsync_us = 300
            box.compare_us = 0
            box.clock.mend()
            box.disk.fail_syncs = 0
            box.disk.stop_after = None
            if len(box.program) > 1 or box.misinstalled or upgraded:
                box.program, box.misinstalled = ALL, False
        self._restore_what_nobody_has()
        for life in cabinet.lives:
            if life is not None:
                life.end_in = -1
                if life.unit.can != life.box.program:
                    cabinet.kill(life.me, False, 100 * MS)  # the last program has everything
                elif life.book.flipped_seq or life.book.reads_flipped or life.book.state_flipped:
                    cabinet.kill(life.me, False, 100 * MS)  # what it has in memory is not worth keeping
        for unit in (0, 1):
            cabinet.boot(unit)
        self._start_what_is_down()

    def _rotten(self, life: Life) -> bool:
        """Is something rotten that its unit still counts as part of its log or state?"""
        box = life.box
        kept = any(seq >= life.unit.log.first_seq for seq in box.rot)
        return kept or bool(box.medium.rotten or box.rot_slots)

    def _restore_what_nobody_has(self) -> None:
        """A state that rotted, and then its unit was left alone: two faults, which only a backup mends."""
        record = self.cabinet.witness.record
        for box in self.cabinet.boxes:
            if (box.medium.rotten or box.rot_slots) and record is not None and record.in_sync == (box.unit,):
                self.world.seen["rotten state restored"] += 1
                self.cabinet.kill(box.unit, False, None)
                mend_state(box)

    def _start_what_is_down(self) -> None:
        if not self.profile.outage:
            for unit in (0, 1):
                self.cabinet.boot(unit)
        self.world.after(1000 * MS, self._start_what_is_down)

    def _converge(self) -> None:
        """A new write must be answered, and the pair be duplex again."""
        world, cabinet = self.world, self.cabinet
        deadline_us = world.now_us + CONVERGE_MS * MS
        probe = cabinet.probe()
        while not (cabinet.duplex() and probe.returned_us is not None):
            if probe.too_old:
                probe = cabinet.probe()  # nobody had seen an answer for so long: a new request, then
            if world.now_us >= deadline_us:
                raise ViolationError("converged", self._not_converged(probe.returned_us is not None))
            world.run_until(world.now_us + 100 * MS)

    def _outage(self) -> None:
        """Nothing runs for a while, one clock is off: log time has to be where the others agree. (rule 17)"""
        world, cabinet = self.world, self.cabinet
        for unit in (0, 1):
            cabinet.kill(unit, True, OUTAGE_MS * MS + world.between(0, 3000) * MS)
        clocks = [cabinet.witness.clock, *(box.clock for box in cabinet.boxes)]
        world.random.choice(clocks).set_off(world.random.choice((-DAY_MS, DAY_MS)))
        world.note("run", "OUTAGE")
        world.run_until(world.now_us + (OUTAGE_MS + 100) * MS)
        self._converge()
        world.run_until(world.now_us + HEARD_MS * MS)
        cabinet.judge.behind_max_ms = BEHIND_MAX_MS
        self._converge()

    def _look(self) -> None:
        """Read everything, so that the judges see how it ended."""
        looks = [self.cabinet.clients[-1].ask(job) for job in self.work.last_looks()]
        self.world.run_until(self.world.now_us + 1000 * MS)
        if any(look.returned_us is None for look in looks):
            raise ViolationError("converged", "healed and duplex, and a read is not answered")

    def _not_converged(self, answered: bool) -> str:
        states = [life.unit.state.value if life else "-" for life in self.cabinet.lives]
        record = self.cabinet.record
        return f"{CONVERGE_MS} ms after healing: answered {answered}, states {states}, record {record}"

    def _equal(self) -> None:
        """Both units stand at the same place, with the same digest."""
        ends = []
        for life in self.cabinet.lives:
            if life is None or life.unit.state not in (State.ACTIVE, State.STANDBY):
                raise ViolationError("converged", f"duplex did not last: {self._not_converged(True)}")
            ends.append(life)
        seq = min(life.unit.log.compared_seq for life in ends)
        digests = {life.book.executor.digest_at(seq) for life in ends}
        left = [life.me for life in ends if self._rotten(life)]
        if left:
            raise ViolationError("converged", f"rot is left on units {left}, healed for {CONVERGE_MS} ms")
        if len(digests) != 1 or seq < self.cabinet.judge.shown_seq - 64:
            raise ViolationError(
                "converged", f"digests at {seq}: {digests}; shown {self.cabinet.judge.shown_seq}"
            )


def _timing(world: World) -> Timing:
    """Margins that differ from seed to seed; one in sixteen has the defaults of a real unit.

    The others say less when idle: half the events, and so twice the seeds in the same time.
    """
    pick = world.random.choice
    if world.chance(0.0625):
        return Timing(chunk_entries=64)
    timing = Timing(
        heartbeat_ms=130,
        standby_extra_ms=180,
        hello_ms=100,
        probe_ms=1000,
        boot_wait_ms=pick((1000, 3000)),
        arbitration_ms=pick((300, 3000)),
        chunk_entries=pick((2, 16, 64)),
        window_entries=pick((8, 64, 8192)),
        join_lag_entries=pick((4, 64, 1024)),
        unreleased_max_entries=pick((8, 256, 8192)),
    )
    return replace(timing, catch_up_entries=max(4, timing.window_entries // 16))
