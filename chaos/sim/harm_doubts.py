"""Stories of doubt: digests, answers or roots differ, and something else happens right then. (rule 16)

One at a time, out of a duplex pair at rest. What has to come of each is known here, and is asked for.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from chaos.sim.cabinet import Cabinet, Late
from chaos.sim.calls import Done
from chaos.sim.harm import Harm
from chaos.sim.judge import ViolationError
from chaos.sim.world import MS
from ftnode.core import rules
from ftnode.core.events import ReadAsked
from ftnode.core.fsm import State

if TYPE_CHECKING:
    from chaos.sim.life import Life

LAST_MS: Final = 38_000
REST_MS: Final = 9000
PAUSE_MS: Final = 390  # longer than the shortest arbitration_ms, shorter than silence_ms: nobody takes over
LAND_MS: Final = 700  # from the first swap that is held to its landing
ANSWER_MS: Final = 1500
RESTART_MS: Final = 9000  # until a unit is started again, has waited for its partner, and answers
OURS_MS, THEIRS_MS = 40, 90  # a re-execution by the active, by the standby
LOOK_MS: Final = 3000
FLOOD_MS: Final = 150
FLOOD_READS: Final = 3 * rules.BARRIERS_MAX


class Doubts(Harm):
    """See the module."""

    def __init__(self, cabinet: Cabinet) -> None:
        super().__init__(cabinet)
        self._busy_until_us = 0
        self._kinds: tuple[tuple[str, Callable[[int, int], None]], ...] = (
            ("a takeover lands in a doubt", self._takeover_lands),
            ("the active stands still in a doubt", self._pause),
            ("the active stands still before roots are agreed", self._pause_before_roots),
            ("a newcomer to a lone active differs, and hangs", self._newcomer_hangs),
            ("a lone active's own trial hangs", self._own_trial_hangs),
            ("last words come twice", self._words_twice),
            ("an old word of reads comes back", self._old_word),
            ("many reads while the other unit stands still", self._flood),
        )

    def begin(self) -> bool:
        """Do one of them, if the pair is duplex and at rest."""
        world, cabinet = self.world, self.cabinet
        active = cabinet.active()
        late = world.now_us > LAST_MS * MS or world.now_us < self._busy_until_us
        if late or active is None or not cabinet.duplex() or not cabinet.connected:
            return False
        if any(life is None or life.book.harmed for life in cabinet.lives):
            return False
        name, story = world.random.choice(self._kinds)
        world.fault(name, f"alone; unit {active.me} is active")
        self._busy_until_us = world.now_us + REST_MS * MS
        cabinet.boxes[active.me].trial_us = OURS_MS * MS
        cabinet.boxes[1 - active.me].trial_us = THEIRS_MS * MS
        story(active.me, 1 - active.me)
        return True

    def _later(self, ms: int, call: Callable[..., None], *args: object) -> None:
        self.world.after(ms * MS, call, *args)

    def _life(self, unit: int) -> "Life | None":
        return self.cabinet.lives[unit]

    def _flip(self, unit: int) -> None:
        life = self._life(unit)
        if life is not None and not life.book.harmed:
            self.world.fault("memory flip", f"unit {unit}")
            life.book.flip_memory()

    def _pause_now(self, unit: int, ms: int) -> None:
        life = self._life(unit)
        if life is not None:
            life.pause(ms * MS)

    # --- digests ------------------------------------------------------------------------------

    def _takeover_lands(self, active: int, standby: int) -> None:
        """The standby missed the active, and asked; it hears it again, and then its memory goes bad."""
        away = self.cabinet.network.ways[active][standby]
        self.cabinet.held_count = 0
        self.cabinet.late = Late(1.0, LAND_MS * MS, 0.0, in_order=True)
        away.cut = True
        self._await_swap(active, standby, 0)

    def _await_swap(self, active: int, standby: int, tries: int) -> None:
        if not self.cabinet.held_count and tries < 100:
            self._later(20, self._await_swap, active, standby, tries + 1)
            return
        self.cabinet.network.ways[active][standby].cut = False
        self._later(150, self._flip, standby)
        self._later(2500, self._in_time)

    def _in_time(self) -> None:
        self.cabinet.late = None

    def _newcomer_hangs(self, active: int, standby: int) -> None:
        """It is in no set: the tills do not wait for it."""
        self.cabinet.kill(standby, False, 1200 * MS)
        self.cabinet.boxes[standby].trial_hangs = True
        self._await_newcomer(active, standby, 0)

    def _await_newcomer(self, active: int, standby: int, tries: int) -> None:
        life = self._life(standby)
        record = self.cabinet.record
        out = record is not None and standby not in record.in_sync
        if life is not None and life.booted and out:
            self._flip(standby)
            self._expect_in_doubt(active, standby, 0)
        elif tries < 300:
            self._later(10, self._await_newcomer, active, standby, tries + 1)

    def _expect_in_doubt(self, active: int, standby: int, tries: int) -> None:
        life = self._life(active)
        if life is not None and life.unit.trial is not None:
            self.world.seen["in doubt beside something else"] += 1
            own = self.cabinet.boxes[active].trial_hangs
            arbitration_ms, record = life.unit.timing.arbitration_ms, self.cabinet.record
            joined = record is not None and standby in record.in_sync  # before it differed: it is waited for
            theirs_ms = ANSWER_MS + (arbitration_ms if joined else 0)
            own_ms = 2 * arbitration_ms + RESTART_MS
            self._ask("a trial hangs beside a lone active", own_ms if own else theirs_ms)
            self._later(50, self._unhang)
        elif tries < 300:
            self._later(5, self._expect_in_doubt, active, standby, tries + 1)

    def _own_trial_hangs(self, active: int, standby: int) -> None:
        """Whatever it hangs in: its process ends, and the next one answers."""
        self.cabinet.kill(standby, False, 1200 * MS)
        self.cabinet.boxes[active].trial_hangs = True
        self._await_newcomer(active, standby, 0)

    def _unhang(self) -> None:
        for box in self.cabinet.boxes:
            box.trial_hangs = False

    # --- roots --------------------------------------------------------------------------------

    def _pause_before_roots(self, active: int, standby: int) -> None:
        """Its checkpoint has what nobody wrote; the other unit's word lies in the socket."""
        life = self._life(active)
        if life is None:
            return
        self.world.fault("memory flip", f"unit {active}")
        life.book.state_flipped = life.book.executor.compared_seq + 1
        life.book.harmed = True
        self._await_roots(active, 0)

    def _await_roots(self, active: int, tries: int) -> None:
        life = self._life(active)
        if life is not None and life.unit.unwritten_seq:
            self.world.seen["in doubt beside something else"] += 1
            self._pause_now(active, PAUSE_MS)
        elif tries < 4000:
            self.world.after(MS // 10, self._await_roots, active, tries + 1)

    # --- answers to reads ---------------------------------------------------------------------

    def _unsure(self) -> None:
        """The application answers the next questions differently on both units; nobody's memory is bad."""
        self.cabinet.unsure_reads = 1

    def _pause(self, active: int, standby: int) -> None:
        """The other unit's verdict lies in the socket: it is not put out. It may put out who stood still."""
        self._unsure()
        self._await_doubt(active, 0)
        self._later(LOOK_MS, self._standby_stays, active, self._epoch())

    def _await_doubt(self, active: int, tries: int) -> None:
        life = self._life(active)
        if life is not None and life.unit.trial is not None:
            self.world.seen["in doubt beside something else"] += 1
            self._pause_now(active, PAUSE_MS)
        elif tries < 4000:
            self.world.after(MS, self._await_doubt, active, tries + 1)

    def _standby_stays(self, active: int, epoch: int) -> None:
        record = self.cabinet.record
        if record is not None and record.active == active:
            self._both_stay(epoch)

    def _both_stay(self, epoch: int) -> None:
        record = self.cabinet.record
        if record is not None and record.epoch != epoch and not self.cabinet.healed:
            raise ViolationError("doubt", f"two sound units, and the record changed: {record}")

    def _words_twice(self, active: int, standby: int) -> None:
        """Every word between the units is doubled while a doubt ends."""
        self._unsure()
        for way in (self.cabinet.network.ways[0][1], self.cabinet.network.ways[1][0]):
            way.double = 1.0
            self._later(LOOK_MS, setattr, way, "double", 0.0)

    def _old_word(self, active: int, standby: int) -> None:
        """Two doubts, and then a word of the first one again: it begins none."""
        self.cabinet.words.of_reads = None
        self._unsure()
        self._later(LOOK_MS, self._unsure)
        self._later(2 * LOOK_MS, self._say_again, active)
        self._later(2 * LOOK_MS, self._remember, active)

    def _say_again(self, active: int) -> None:
        words = self.cabinet.words
        if words.of_reads is not None and words.of_reads_from == active:
            self.cabinet.hear(1 - active, words.of_reads, None)

    def _remember(self, active: int) -> None:
        self._later(LOOK_MS, self._both_stay, self._epoch())

    def _flood(self, active: int, standby: int) -> None:
        """What a shell remembers of reads has a limit; who asks for more shares a barrier."""
        self._pause_now(standby, FLOOD_MS)
        for _ in range(FLOOD_READS):
            life = self._life(active)
            if life is not None and life.unit.state is State.ACTIVE:
                life.run(life.feed, ReadAsked(life.now_ms()))
        self._later(LOOK_MS, self._both_stay, self._epoch())

    # --- what has to come of it ---------------------------------------------------------------

    def _epoch(self) -> int:
        record = self.cabinet.record
        return 0 if record is None else record.epoch

    def _ask(self, what: str, answer_ms: int) -> None:
        done = self.cabinet.probe()
        self._later(answer_ms, self._answered, done, what)

    def _answered(self, done: Done, what: str) -> None:
        if done.returned_us is None and not done.too_old and not self.cabinet.healed:
            raise ViolationError("stall", f"{what}: a write has no answer")
