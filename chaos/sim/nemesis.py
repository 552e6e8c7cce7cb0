"""Does harm on a schedule drawn from the seed, within what the design says can be borne; and repairs.

What may not be destroyed: the only copy of an entry that somebody was shown. A disk is blanked, rolled
back or rotten only while the other unit is in sync and holds everything; no swap of the harmed unit may
be under way then (it would name a unit that is no more: one of the accepted outages).
"""

from collections.abc import Callable

from chaos.sim.cabinet import Cabinet
from chaos.sim.harm_clocks import Clocks
from chaos.sim.harm_disks import Disks
from chaos.sim.harm_doubts import Doubts
from chaos.sim.harm_ends import Ends
from chaos.sim.harm_upgrades import Upgrades
from chaos.sim.harm_wires import Wires
from chaos.sim.harm_witness import LostWitness
from chaos.sim.moments import Moments
from chaos.sim.profiles import Profile
from chaos.sim.single import SingleFaults
from chaos.sim.single_clocks import SingleClocks
from chaos.sim.single_grey import SingleGrey
from chaos.sim.world import MS
from ftnode.core.events import BringUpAsked
from ftnode.core.fsm import State


class Nemesis:
    """The schedule of one run's faults, and the operator who repairs."""

    def __init__(self, cabinet: Cabinet, profile: Profile, until_us: int) -> None:
        self.cabinet = cabinet
        self.world = cabinet.world
        self.profile = profile
        self._until_us = until_us
        self._names = tuple(name for name, weight in profile.faults.items() for _ in range(weight))
        cabinet.moments = Moments(cabinet)
        single_clocks = SingleClocks(cabinet)
        wires, disks = Wires(cabinet), Disks(cabinet)
        self._upgrades = Upgrades(cabinet, wires, disks)
        self._faults = _faults(
            Ends(cabinet),
            wires,
            disks,
            Clocks(cabinet),
            SingleFaults(cabinet),
            single_clocks,
            SingleGrey(cabinet, single_clocks),
            cabinet.moments,
            LostWitness(cabinet),
        )
        self._faults["doubt"] = Doubts(cabinet).begin
        self._faults |= {"install": self._upgrades.install, "upgrade ordered": self._upgrades.order}

    def start(self) -> None:
        """Begin to do harm, and to look after what is broken."""
        self.world.after(self.world.between(500 * MS, 2000 * MS), self._strike)
        self.world.after(1000 * MS, self._operate)
        if not {"single", "single clock", "single witness", "doubt"} & set(self.profile.faults):
            self.cabinet.moments.until_us = self._until_us
        if "rolled back" in self.profile.faults:
            self.world.after(self.world.between(1000, 9000) * MS, self._keep_image)

    def _strike(self) -> None:
        if self.world.now_us >= self._until_us:
            return
        for _ in range(8):  # what may not be done now is not done: try another
            if self._faults[self.world.random.choice(self._names)]():
                break
        pause_us = int(self.world.random.expovariate(1.0) * self.profile.every_ms * MS) + 20 * MS
        self.world.after(pause_us, self._strike)

    def _keep_image(self) -> None:
        self.cabinet.boxes[self.world.between(0, 1)].keep_image()
        if self.world.now_us < self._until_us:
            self.world.after(self.world.between(4000, 12_000) * MS, self._keep_image)

    def _operate(self) -> None:
        """Somebody looks after what waits for a person."""
        self._upgrades.look_after()
        for life in list(self.cabinet.lives):
            if life is None or life.unit.state not in (State.BROKEN, State.OFFLINE):
                continue
            if self.cabinet.moments.leaves_alone(life.me):
                continue
            if life.book.harmed:
                self.cabinet.kill(life.me, False, 100 * MS)  # what it has in memory is not worth keeping
            elif self.world.chance(0.3):
                self.world.fault("brought up", f"unit {life.me}, was {life.unit.state}")
                life.run(life.feed, BringUpAsked(life.now_ms()))
        self.world.after(700 * MS, self._operate)


def _faults(
    ends: Ends,
    wires: Wires,
    disks: Disks,
    clocks: Clocks,
    single: SingleFaults,
    single_clocks: SingleClocks,
    single_grey: SingleGrey,
    moments: Moments,
    lost: LostWitness,
) -> dict[str, Callable[[], bool]]:
    """By the names that profiles use."""
    return {
        "kill": lambda: ends.end(power=False),
        "power": lambda: ends.end(power=True),
        "effect": ends.end_between_effects,
        "disk step": ends.end_within_disk_step,
        "torn": ends.torn,
        "power both": lambda: ends.end_both(power=True),
        "kill both": lambda: ends.end_both(power=False),
        "stall": ends.stall,
        "switchover": ends.switchover,
        "take out": lambda: ends.take_out(stay_out=True),
        "stop": lambda: ends.take_out(stay_out=False),
        "clock off": clocks.wall_off,
        "clock runs off": clocks.runs_off,
        "clock leaps": clocks.leaps,
        "two clocks off": clocks.two_off,
        "set time": clocks.set_time,
        "single clock": single_clocks.begin,
        "single grey": single_grey.begin,
        "memory": ends.memory,
        "cut link": wires.cut_link,
        "cut one way": wires.cut_one_way,
        "isolate": wires.isolate,
        "cut witness": wires.cut_witness,
        "cut clients": wires.cut_clients,
        "loss": wires.loss,
        "doubles": wires.doubles,
        "overtaking": wires.overtaking,
        "echoes": wires.echoes,
        "delay": wires.delay,
        "close channel": wires.close_channel,
        "witness down": wires.witness_down,
        "witness slow": wires.witness_slow,
        "witness restart": wires.witness_restart,
        "late swaps": wires.late_swaps,
        "stale answers": wires.stale_answers,
        "strange witness": wires.strange_witness,
        "wire flips": wires.wire_flips,
        "fsync fails": disks.fsync_fails,
        "rot": disks.rot,
        "rot in state": disks.rot_in_state,
        "slow disk": disks.slow_disk,
        "disk hangs": disks.disk_hangs,
        "blank": disks.blank,
        "diagnosis": disks.diagnosis_fails,
        "rolled back": disks.roll_back,
        "slow comparison": moments.slow_compare,
        "witness long": lost.away_long,
        "witness replaced": lost.replaced,
        "single": single.begin,
        "single witness": single.begin_with_witness,
    }
