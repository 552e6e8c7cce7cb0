"""Which clock is off, and what the pair does about its time: conditions of the catalogue."""

from typing import Final

from ftnode.core import clock, timekeeping
from ftnode.core.fsm import State
from ftnode.core.state import Unit
from ftnode.shell.found import Problem, found

STEPS: Final = ((86_400_000, "days"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"))


def clock_problems(unit: Unit, since_ms: int) -> list[Problem]:
    """What this unit knows of its own clock, its partner's and the witness's."""
    wrong = [_wall(unit, since_ms), _rate(unit, since_ms), _refused(unit, since_ms)]
    wrong.append(_unconfirmed(unit, since_ms))
    return [problem for problem in wrong if problem is not None]


def _wall(unit: Unit, since_ms: int) -> Problem | None:
    off = clock.odd_one(unit.clock, unit.timing.clock_alarm_ms)
    if off is None:
        return None
    by = f"{in_words(abs(off.by_ms))} {'ahead of' if off.by_ms > 0 else 'behind'}"
    if off.who == clock.WITNESS:
        return found("witness-clock-off", unit.me, f"the witness's clock is {by} both units'", since_ms)
    if off.who == clock.NOBODY:
        apart = f"clocks differ by {in_words(abs(off.by_ms))}, and no two of them outvote a third"
        return found("clocks-differ", unit.me, apart, since_ms)
    bad, good = _who(unit, off.who)
    return found("clock-off", bad, f"unit {bad}'s clock is {by} unit {good}'s and the witness's", since_ms)


def _rate(unit: Unit, since_ms: int) -> Problem | None:
    off = timekeeping.runs_off(unit)
    if off is None:
        return None
    pace = f"{in_ppm(abs(off.by_ms))} too {'fast' if off.by_ms > 0 else 'slowly'}"
    if off.who == clock.WITNESS:
        return found("witness-clock-off", unit.me, f"the witness's clock runs {pace}", since_ms)
    if off.who == clock.NOBODY:
        apart = f"clocks run apart by {in_ppm(abs(off.by_ms))}, and no two of them outvote a third"
        return found("clocks-differ", unit.me, apart, since_ms)
    bad, _ = _who(unit, off.who)
    return found("clock-runs-off", bad, f"unit {bad}'s clock runs {pace}", since_ms)


def _refused(unit: Unit, since_ms: int) -> Problem | None:
    if unit.source is not None and unit.source.refused:
        why = unit.source.refused
        return found("time-refused", unit.other, f"unit {unit.other} is not believed: {why}", since_ms)
    if unit.partner is not None and unit.partner.refused:
        why = unit.partner.refused
        return found(
            "time-refused", unit.me, f"unit {unit.other} does not believe unit {unit.me}: {why}", since_ms
        )
    return None


def _unconfirmed(unit: Unit, since_ms: int) -> Problem | None:
    if unit.state is not State.ACTIVE:
        return None
    if clock.agreed_offset(unit.clock, unit.timing.clock_tolerance_ms) is not None:
        return None
    known = len(clock.heard(unit.clock))
    why = "it hears no other clock" if known < 2 else f"no two of {known} clocks agree"
    return found("time-unconfirmed", unit.me, f"log time follows unit {unit.me}'s own pace: {why}", since_ms)


def _who(unit: Unit, name: str) -> tuple[int, int]:
    """The unit that is meant, and the other one."""
    return (unit.me, unit.other) if name == clock.MINE else (unit.other, unit.me)


def in_words(ms: int) -> str:
    """Rounded, so that both units say the same: "365 days", "27 h", "1.2 s"."""
    for step_ms, name in STEPS:
        if ms >= 2 * step_ms:
            return f"{(ms + step_ms // 2) // step_ms} {name}"
    return f"{ms / 1000:.1f} s"


def in_ppm(ppm: int) -> str:
    """One figure tells enough, and does not change with every look: "10 %", "0.2 %"."""
    return f"{ppm / 10_000:.0f} %" if ppm >= 10_000 else f"{ppm / 10_000:.1f} %"
