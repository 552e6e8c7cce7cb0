"""The witness is away for long, loses its disk, is replaced; and a unit goes before, during and after.

In `single.py`'s words: one story at a time, out of a duplex pair at rest, each of which must be borne.
"""

from collections.abc import Callable
from typing import Final

from chaos.sim.cabinet import Cabinet, Late
from chaos.sim.harm import Harm
from chaos.sim.network import WITNESS
from chaos.sim.world import MS
from ftnode.core.ends import last

LOST_MS: Final = 4500
"""After so long without a witness a duplex pair has a designated survivor that knows it."""
AWAY_MS: Final = 9000
POWER_MS: Final = 3000
"""After a power cut, until both units are there again and the operator has looked."""
ALONE_MS: Final = 1200
"""The active alone, before the power goes."""
OFF_MS: Final = 1500
"""From switching a unit off to forcing the other one: nobody is forced against a unit that is heard."""
Expect = Callable[[str, int], None]
Story = Callable[[int, int], None]


class LostWitness(Harm):
    """Faults for schedules: long, and with nobody looking after whether they must be borne."""

    def away_long(self) -> bool:
        """Long enough for a designation, at times much longer."""
        if not self.cabinet.witness.up:
            return False
        length_us = self.world.between(2500, 12_000) * MS
        self.world.fault("witness away for long", f"for {length_us // MS} ms")
        self.cabinet.crash_witnesses()
        self.undo(length_us, self.cabinet.restart_witnesses)
        return True

    def replaced(self) -> bool:
        """The operator names another witness; the old one stays there, or goes with it or before it."""
        count = len(self.cabinet.witnesses)
        made = self.cabinet.new_witness(f"w{count}", f"witness-{count + 1}")
        draw = self.world.random.random()
        if draw < 0.4:
            for address, witness in self.cabinet.witnesses.items():
                if address != f"w{count}":
                    witness.crash()
        elif draw < 0.6:
            made.crash()  # the operator had looked; it goes right after
            self.undo(self.world.between(50, 4000) * MS, made.restart)
        return self.cabinet.replace_witness(f"w{count}", made.witness_id)


class WitnessStories(Harm):
    """Single faults. `expect(what, after_ms)` asks for a write then, and for its answer soon after."""

    def __init__(self, cabinet: Cabinet, expect: Expect) -> None:
        super().__init__(cabinet)
        self._expect = expect

    def stories(self) -> tuple[tuple[str, Story], ...]:
        """(name, what it does to (active, standby))."""
        return (
            ("witness lost, then the standby", self._then_the_standby),
            ("witness lost, then the standby, then a restart", self._then_a_restart),
            ("witness lost, the standby comes and goes", self._comes_and_goes),
            ("witness back, then the active", self._back_then_the_active),
            ("only the standby reaches the witness, then the active goes", self._through_the_standby),
            ("only the standby reaches the witness, and joins anew", self._joins_through_the_standby),
            ("witness blanked and replaced, then the active", self._blanked),
            ("witness replaced, then the standby", self._replaced_then_the_standby),
            ("a takeover that was asked for lands late", self._takeover_lands_late),
            ("witness named, and the active does not hear yes", self._named_and_not_heard),
            ("a survivor that answered alone breaks", self._survivor_breaks),
            ("all lose power, the witness for good, and who holds more is forced", self._all_gone),
        )

    def _later(self, ms: int, call: Callable[..., None], *args: object) -> None:
        self.world.after(ms * MS, call, *args)

    def _lose(self) -> None:
        self.cabinet.crash_witnesses()
        self._later(AWAY_MS, self.cabinet.restart_witnesses)

    def _then_the_standby(self, active: int, standby: int) -> None:
        self._lose()
        self._later(LOST_MS, self.cabinet.kill, standby, self.world.chance(0.5), AWAY_MS * MS)
        self._expect("the witness was lost, then the standby", LOST_MS + 1000)

    def _then_a_restart(self, active: int, standby: int) -> None:
        self._lose()
        power = self.world.chance(0.5)
        self._later(LOST_MS - 500, self.cabinet.kill, standby, power, AWAY_MS * MS)
        self._later(LOST_MS, self.cabinet.kill, active, power, self.world.between(50, 300) * MS)
        self._expect("the survivor was restarted, alone", LOST_MS + 3000)

    def _comes_and_goes(self, active: int, standby: int) -> None:
        self._lose()
        self._later(LOST_MS, self.cabinet.kill, standby, False, 300 * MS)
        self._later(LOST_MS + 2000, self.cabinet.kill, standby, self.world.chance(0.5), AWAY_MS * MS)
        self._expect("the standby came back to the survivor, and went", LOST_MS + 2800)

    def _back_then_the_active(self, active: int, standby: int) -> None:
        self.cabinet.crash_witnesses()
        self._later(LOST_MS, self.cabinet.restart_witnesses)
        self._later(LOST_MS + 1500, self.cabinet.kill, active, self.world.chance(0.5), AWAY_MS * MS)
        self._expect("the witness was lost and is back, and the active went", LOST_MS + 3000)

    def _cut(self, unit: int, cut: bool) -> None:
        ways = self.cabinet.network.ways
        ways[unit][WITNESS].cut = ways[WITNESS][unit].cut = cut

    def _through_the_standby(self, active: int, standby: int) -> None:
        """The pair has not lost the witness: nobody is designated, so the standby may take over."""
        self._cut(active, True)
        self._later(AWAY_MS, self._cut, active, False)
        self._later(LOST_MS, self.cabinet.kill, active, self.world.chance(0.5), AWAY_MS * MS)
        self._expect("the active did not reach the witness, and went", LOST_MS + 1500)

    def _joins_through_the_standby(self, active: int, standby: int) -> None:
        """A simplex active without a witness of its own lets its newcomer join: then it may go itself."""
        self.cabinet.kill(standby, False, 1500 * MS)
        self._later(1000, self._cut, active, True)
        self._later(AWAY_MS, self._cut, active, False)
        self._later(LOST_MS, self.cabinet.kill, active, False, AWAY_MS * MS)
        self._expect("the newcomer joined through itself, and the active went", LOST_MS + 1500)

    def _blanked(self, active: int, standby: int) -> None:
        """Its disk is lost: an empty one counts as lost until the operator names it."""
        witness = self.cabinet.witness
        address = next(at for at, one in self.cabinet.witnesses.items() if one is witness)
        witness.blank()
        self._later(300, witness.restart)
        self._later(LOST_MS - 1000, self._name, address)
        self._later(LOST_MS, self.cabinet.kill, active, self.world.chance(0.5), AWAY_MS * MS)
        self._expect("the witness was blanked and replaced, and the active went", LOST_MS + 1500)

    def _name(self, address: str) -> None:
        self.cabinet.replace_witness(address, self.cabinet.witnesses[address].witness_id)

    def _another(self) -> str:
        """All witnesses are gone, and there is a new, empty one; its address."""
        self.cabinet.crash_witnesses()
        count = len(self.cabinet.witnesses)
        self.cabinet.new_witness(f"w{count}", f"witness-{count + 1}")
        return f"w{count}"

    def _replaced_then_the_standby(self, active: int, standby: int) -> None:
        """The old one is gone for good, the new one counts."""
        self._later(500, self._name, self._another())
        gone = standby if self.world.chance(0.5) else active
        self._later(2000, self.cabinet.kill, gone, self.world.chance(0.5), AWAY_MS * MS)
        self._expect(f"the witness was replaced, and unit {gone} went", 3500)

    def _all_gone(self, active: int, standby: int) -> None:
        """No unit may answer by itself. One of the two holds everything that was answered; the other one is
        switched off for it, returns as a stranger, and the old witness wakes up when all is over."""
        alone_ms = ALONE_MS if self.world.chance(0.5) else 0
        if alone_ms:  # then the standby lacks what was answered meanwhile
            self.cabinet.kill(standby, False, 2 * alone_ms * MS)
        self._later(alone_ms, self._power_cut)

    def _power_cut(self) -> None:
        if self.cabinet.healed:
            return  # from here on all that is off is switched on
        address = self._another()
        for unit in (0, 1):
            self.cabinet.kill(unit, True, self.world.between(100, 500) * MS)
        self._later(POWER_MS, self._switch_off, address)
        self._expect("who holds more was forced", POWER_MS + OFF_MS + 1500)

    def _switch_off(self, address: str) -> None:
        if self.cabinet.healed:
            return  # the old witness is there again, and they go on by themselves
        more, less = sorted((0, 1), key=self._holds, reverse=True)
        self.cabinet.kill(less, self.world.chance(0.5), AWAY_MS * MS)
        self._later(OFF_MS, self.cabinet.force, more, address)

    def _holds(self, unit: int) -> tuple[int, int]:
        """(epoch, seq) of the last entry on its disk, as `ftctl status` shows it."""
        life = self.cabinet.lives[unit]
        return (0, 0) if life is None else last(life.unit.log.ends)

    # --- stories in which nobody need answer: nothing may be lost --------------------------------

    def _one_way(self, source: int, target: int, cut: bool) -> None:
        self.cabinet.network.ways[source][target].cut = cut

    def _takeover_lands_late(self, active: int, standby: int) -> None:
        """The standby asks, and its swap is kept on the way; then nobody reaches the witness for long. It has
        asked, so it may not be bound, also after a restart; the swap lands when it is gone."""
        self.cabinet.held_count = 0
        self.cabinet.late = Late(1.0, 7000 * MS, 0.0, in_order=True)
        self._one_way(active, standby, True)
        self._later(800, self._one_way, active, standby, False)
        self._later(800, self._in_time)
        for unit in (active, standby):
            self._later(800, self._cut, unit, True)
            self._later(AWAY_MS + 1000, self._cut, unit, False)
        if self.world.chance(0.5):
            self._later(900, self.cabinet.kill, standby, self.world.chance(0.5), 100 * MS)
        self._later(LOST_MS + 1000, self.cabinet.kill, standby, False, AWAY_MS * MS)

    def _in_time(self) -> None:
        self.cabinet.late = None

    def _named_and_not_heard(self, active: int, standby: int) -> None:
        """The standby agrees to a new witness, and its word is lost: the active goes on with the old one,
        and the standby, which has no record there, waits."""
        count = len(self.cabinet.witnesses)
        self.cabinet.new_witness(f"w{count}", f"witness-{count + 1}")
        self._later(5, self._one_way, standby, active, True)
        self._later(6, self._name, f"w{count}")
        self._later(100, self._one_way, active, standby, True)
        self._one_way(WITNESS, active, True)  # so its shrink at the old one lands, and it does not know
        self._later(1800, self._one_way, WITNESS, active, False)
        self._later(3000, self._one_way, standby, active, False)
        self._later(3000, self._one_way, active, standby, False)

    def _survivor_breaks(self, active: int, standby: int) -> None:
        """What it answered alone is on its disk only: until somebody looks after it, nobody may serve."""
        self._lose()
        self._later(LOST_MS, self.cabinet.kill, standby, False, 2500 * MS)
        self._later(LOST_MS + 2000, self._break, active)

    def _break(self, unit: int) -> None:
        if self.cabinet.healed:
            return  # nobody might look after it before the end
        self.cabinet.boxes[unit].ill = "the self test of the disk failed"
        self.cabinet.kill(unit, False, 300 * MS)
