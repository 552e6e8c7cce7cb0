"""One fault at a time, out of a duplex pair at rest: each of them must be borne, so somebody must answer.

The other checks ask whether answers were right. This one asks whether there were any: a rule that is
too strict shows only here.
"""

from collections.abc import Callable
from typing import Final

from chaos.sim.cabinet import Cabinet, Late
from chaos.sim.calls import Done
from chaos.sim.harm_witness import AWAY_MS, LOST_MS, WitnessStories
from chaos.sim.judge import ViolationError
from chaos.sim.network import WITNESS
from chaos.sim.world import MS
from ftnode.core import rules

LENGTH_MS: Final = 6000
GRACE_MS: Final = 2500
"""After so long with one fault a write must be taken..."""
ANSWER_MS: Final = 2500
"""...and answered in this time, the fault still there."""


class SingleFaults:
    """Begins a fault, asks for a write in the middle of it, and says who was not answered."""

    def __init__(self, cabinet: Cabinet) -> None:
        self.cabinet = cabinet
        self.world = cabinet.world
        self._busy_until_us = 0
        self._kinds: tuple[tuple[str, Callable[[int, int], None]], ...] = (
            ("kill", lambda active, standby: self._kill(active)),
            ("kill", lambda active, standby: self._kill(standby)),
            ("stall", lambda active, standby: self._stall(active)),
            ("stall", lambda active, standby: self._stall(standby)),
            ("disk hangs", lambda active, standby: self._hang(active)),
            ("disk hangs", lambda active, standby: self._hang(standby)),
            ("cut link", self._cut_link),
            ("cut one way", lambda active, standby: self._cut((active, standby))),
            ("cut one way", lambda active, standby: self._cut((standby, active))),
            ("isolate", lambda active, standby: self._isolate(active)),
            ("isolate", lambda active, standby: self._isolate(standby)),
            ("witness down", lambda active, standby: self._witness_down()),
            ("cut witness", lambda active, standby: self._cut((active, WITNESS), (WITNESS, active))),
            ("cut witness", lambda active, standby: self._cut((standby, WITNESS), (WITNESS, standby))),
            ("newcomer dies without witness", self._newcomer_dies),
            ("join swap lands late", self._join_lands_late),
            ("lost answer of a shrink", self._lost_answer),
            ("link breaks without witness", self._break_without_witness),
            ("cut link with a hung disk", self._cut_with_hung_disk),
            ("engine stands still", self._engine_stands_still),
            ("standby restarts at once", self._restart_at_once),
        )
        self._witness_kinds = WitnessStories(cabinet, self._expect).stories()

    def begin(self) -> bool:
        """Do one of them, if the pair is duplex and at rest."""
        world, active = self.world, self.cabinet.active()
        if world.now_us < self._busy_until_us or active is None or not self._at_rest():
            return False
        name, fault = world.random.choice(self._kinds)
        return self._do(name, fault, LENGTH_MS, active.me)

    def begin_with_witness(self) -> bool:
        """The same, of the stories in which the witness is lost or replaced; they take longer."""
        active = self.cabinet.active()
        if self.world.now_us < self._busy_until_us or active is None or not self._at_rest():
            return False
        name, fault = self.world.random.choice(self._witness_kinds)
        return self._do(name, fault, LOST_MS + AWAY_MS, active.me)

    def _at_rest(self) -> bool:
        """Duplex, and nobody designated any more: else the next fault would be the second one at a time."""
        cabinet = self.cabinet
        bound = any(life is not None and rules.bound(life.unit) for life in cabinet.lives)
        return cabinet.duplex() and cabinet.connected and not bound

    def _do(self, name: str, fault: Callable[[int, int], None], length_ms: int, active: int) -> bool:
        self.world.fault(name, f"alone; unit {active} is active")
        self._busy_until_us = self.world.now_us + (length_ms + 500) * MS
        fault(active, 1 - active)
        return True

    def _expect(self, what: str, after_ms: int = GRACE_MS) -> None:
        self.world.after(after_ms * MS, self._ask, what)

    def _ask(self, what: str) -> None:
        done = self.cabinet.probe()
        self.world.after(ANSWER_MS * MS, self._judge, done, what)

    def _judge(self, done: Done, what: str) -> None:
        self.world.seen["progress asked for under a fault"] += 1
        if done.returned_us is None:
            raise ViolationError("stall", f"{what}: a write asked for {ANSWER_MS} ms ago has no answer")

    def _kill(self, unit: int) -> None:
        self.cabinet.kill(unit, self.world.chance(0.5), LENGTH_MS * MS)
        self._expect(f"unit {unit} is dead")

    def _stall(self, unit: int) -> None:
        life = self.cabinet.lives[unit]
        if life is not None:
            life.pause(LENGTH_MS * MS)
            self._expect(f"unit {unit} stands still")

    def _hang(self, unit: int) -> None:
        self.cabinet.boxes[unit].hangs_until_us = self.world.now_us + LENGTH_MS * MS
        self._expect(f"the disk of unit {unit} hangs")

    def _cut(self, *ways: tuple[int, int]) -> None:
        self._set_cut(ways, True)
        self.world.after(LENGTH_MS * MS, self._set_cut, ways, False)
        self._expect(f"cut: {ways}")

    def _cut_link(self, active: int, standby: int) -> None:
        """Both units are well and reach the witness: the active wins."""
        self._cut((0, 1), (1, 0))
        self._expect_same(active, "only the link between the units is cut")

    def _restart_at_once(self, active: int, standby: int) -> None:
        """The standby's process is replaced so fast that hardly anybody notices."""
        self.cabinet.kill(standby, False, self.world.between(1, 30) * MS)
        self._expect_same(active, "the standby was restarted")

    def _break_without_witness(self, active: int, standby: int) -> None:
        """The link breaks for a while, and nobody can be asked: when it is mended, all goes on."""
        self.cabinet.crash_witnesses()
        self.world.after(LENGTH_MS * MS, self.cabinet.restart_witnesses)
        ways = ((active, standby), (standby, active))
        self._set_cut(ways, True)
        self.world.after(1200 * MS, self._set_cut, ways, False)
        self._expect("the link was mended and the witness is down", 2000)

    def _cut_with_hung_disk(self, active: int, standby: int) -> None:
        """The link breaks, and the active's disk has just died: the standby is well and must win."""
        self._hang(active)
        self._set_cut(((active, standby), (standby, active)), True)
        self.world.after(LENGTH_MS * MS, self._set_cut, ((active, standby), (standby, active)), False)

    def _engine_stands_still(self, active: int, standby: int) -> None:
        """The standby's log and network are well; it executes nothing."""
        self.cabinet.boxes[standby].engine_until_us = self.world.now_us + LENGTH_MS * MS
        self._expect(f"unit {standby} executes nothing")

    def _expect_same(self, active: int, what: str) -> None:
        self.world.after(GRACE_MS * MS, self._judge_same, active, what)

    def _judge_same(self, active: int, what: str) -> None:
        record = self.cabinet.record
        self.world.seen["the active asked to be the same"] += 1
        if record is not None and record.active != active:
            raise ViolationError("race", f"{what}, and unit {record.active} replaced unit {active}")

    def _set_cut(self, ways: tuple[tuple[int, int], ...], cut: bool) -> None:
        for source, target in ways:
            self.cabinet.network.ways[source][target].cut = cut

    def _isolate(self, unit: int) -> None:
        self._cut((unit, 1 - unit), (1 - unit, unit), (unit, WITNESS), (WITNESS, unit))

    def _witness_down(self) -> None:
        self.cabinet.crash_witnesses()
        self.world.after(LENGTH_MS * MS, self.cabinet.restart_witnesses)
        self._expect("the witness is down")

    def _newcomer_dies(self, active: int, standby: int) -> None:
        """The standby dies and comes back; as soon as it is required again, it and the witness go."""
        self.cabinet.kill(standby, False, 600 * MS)
        self.cabinet.boxes[standby].fsync_us = 100 * MS  # so that joining takes a while
        self.world.after(700 * MS, self._watch_newcomer, active, standby, 600)

    def _watch_newcomer(self, active: int, standby: int, left: int) -> None:
        life = self.cabinet.lives[active]
        if life is None or life.unit.lead is None or not left:
            self.cabinet.boxes[standby].fsync_us = 300
            return
        if life.unit.lead.join_required and not self.cabinet.swap_pending(active):
            self.cabinet.crash_witnesses()
            self.cabinet.boxes[standby].fsync_us = 300
            self.cabinet.kill(standby, False, LENGTH_MS * MS)
            self.world.after(LENGTH_MS * MS, self.cabinet.restart_witnesses)
            self._busy_until_us = self.world.now_us + (LENGTH_MS + 500) * MS
            self.world.after(60 * MS, self._expect_unless_joining, active)
            return
        self.world.after(5 * MS, self._watch_newcomer, active, standby, left - 1)

    def _expect_unless_joining(self, active: int) -> None:
        """A last acknowledgement may have been on its way: if the swap was sent after all, it binds."""
        if not self.cabinet.swap_pending(active):
            self._expect("a newcomer died before its swap was sent, and the witness is down")

    def _join_lands_late(self, active: int, standby: int) -> None:
        """The standby comes back; the swap that adds it is held, and meanwhile it dies. Nobody need be
        answered: what is proved is that nothing is lost when the swap lands."""
        self.cabinet.kill(standby, False, 600 * MS)
        self.world.after(500 * MS, self._hold_swaps)
        self.world.after(520 * MS, self._watch_join, active, standby, 500)

    def _hold_swaps(self) -> None:
        self.cabinet.held_count = 0
        self.cabinet.late = Late(1.0, 2000 * MS, 0.0, in_order=True)
        self.world.after(4500 * MS, self._let_swaps_go)

    def _let_swaps_go(self) -> None:
        self.cabinet.late = None

    def _watch_join(self, active: int, standby: int, left: int) -> None:
        if self.cabinet.swap_pending(active):
            self.cabinet.kill(standby, False, 5000 * MS)
        elif left:
            self.world.after(5 * MS, self._watch_join, active, standby, left - 1)

    def _lost_answer(self, active: int, standby: int) -> None:
        """The link breaks; the active's shrink lands, and its answer is lost; the link is mended."""
        self._set_cut(((active, standby), (standby, active), (WITNESS, active)), True)
        heal_ms = self.world.between(900, 1200)
        self.world.after(heal_ms * MS, self._set_cut, ((active, standby), (standby, active)), False)
        self.world.after((heal_ms + 300) * MS, self._set_cut, ((WITNESS, active),), False)
        self._expect("the answer of a swap was lost")
