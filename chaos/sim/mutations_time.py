"""The planted bugs about time: each breaks one sentence of rule 17, or springs trap 18."""

from typing import Any, Final

from msgspec.structs import replace

from chaos.sim.cabinet import Cabinet
from chaos.sim.planting import Plant
from ftnode.core import active, bound, clock, step, timekeeping, witnessing
from ftnode.core import effects as eff

LAZY_US: Final = 3_000_000


def own_clock_believed(plant: Plant) -> None:
    plant.set(clock, "agreed_offset", lambda heard, tolerance_ms: heard.mine_ms)


def any_clock_will_do(plant: Plant) -> None:
    """Without two that agree, the first that is heard is followed."""

    def agreed_offset(held: Any, tolerance_ms: int) -> int | None:
        found = before(held, tolerance_ms)
        return int(held.mine_ms) if found is None else found

    before = plant.set(clock, "agreed_offset", agreed_offset)


def corrected_at_once(plant: Plant) -> None:
    plant.set(clock, "SLEW_PPM", 500_000)


def steps_at_any_time(plant: Plant) -> None:
    """To where two clocks agree, but not only after an outage."""

    def stamp(held: Any, now_ms: int, tolerance_ms: int) -> Any:
        return before(replace(held, owed=True), now_ms, tolerance_ms)

    before = clock.stamp
    plant.set(active, "stamp", stamp)


def outage_forgotten(plant: Plant) -> None:
    """If no two clocks agree when it begins to answer, it does not look again."""

    def begin(held: Any, now_ms: int, tolerance_ms: int) -> Any:
        begun, said = before(held, now_ms, tolerance_ms)
        return replace(begun, owed=False), said

    before = clock.begin
    plant.set(witnessing, "begin", begin)


def leap_is_time(plant: Plant) -> None:
    plant.set(step, "GAP_MS", 1 << 60)


def any_time_is_taken(plant: Plant) -> None:
    plant.set(timekeeping, "objection", lambda unit, event: "")


def refuses_and_waits(plant: Plant) -> None:
    """The standby takes no bad times, and leaves it at that."""
    plant.set(
        timekeeping, "withhold", lambda unit, why: (unit, [eff.Ignore("entries whose time is refused")])
    )


def refused_and_goes_on(plant: Plant) -> None:
    """The active does not care that its time is refused; the standby's swap is slow."""

    def send(self: Cabinet, unit: int, wanted: Any, call: Any, *args: Any) -> None:
        life = self.lives[unit]
        if life is not None and life.unit.source is not None and life.unit.source.refused:
            self.world.after(LAZY_US, call, *args)
        else:
            before(self, unit, wanted, call, *args)

    before = plant.set(Cabinet, "swap_leaves", send)
    plant.set(timekeeping, "heed", lambda unit, refused: (unit, []))


def set_time_is_refused(plant: Plant) -> None:
    plant.set(bound, "_set_by", lambda held, times: 0)


def set_time_goes_back(plant: Plant) -> None:
    plant.set(timekeeping, "cannot_set_time", lambda unit, time_ms: "")


def nobody_is_named(plant: Plant) -> None:
    plant.set(clock, "odd_one", lambda held, alarm_ms: None)


def the_other_is_named(plant: Plant) -> None:
    """Whoever differs from us is off, without asking the third."""

    def odd_one(held: Any, alarm_ms: int) -> Any:
        found = before(held, alarm_ms)
        return found and found._replace(who=clock.PARTNER)

    before = plant.set(clock, "odd_one", odd_one)


def stays_with_a_bad_rate(plant: Plant) -> None:
    plant.set(timekeeping, "yields", lambda unit: 0)


def yields_for_anybody(plant: Plant) -> None:
    """It hands over whenever its clock and another run apart."""

    def yields(unit: Any) -> int:
        found = timekeeping.runs_off(unit) if unit.lead is not None else None
        return found.by_ms if found is not None else 0

    plant.set(timekeeping, "yields", yields)


def time_only_slews(plant: Plant) -> None:
    def begin(held: Any, now_ms: int, tolerance_ms: int) -> Any:
        if held.log_ms == 0:
            return before(held, now_ms, tolerance_ms)
        return replace(held, mono_ms=now_ms, slew_left_us=0, owed=False), ""

    before = clock.begin
    plant.set(witnessing, "begin", begin)
