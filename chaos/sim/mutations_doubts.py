"""Planted bugs in what happens beside a doubt: late swaps, pauses, words that come twice. (rule 16)"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from chaos.sim.planting import Plant
from ftnode.core import arbitration, rules, step, witnessing
from ftnode.core import events as ev
from ftnode.core.messages import Doubt


def takeover_ends_a_doubt(plant: Plant) -> None:
    """Who wins the record is taken for sound."""

    def ours(unit: Any, record: Any) -> Any:
        return before(replace(unit, trial=None) if unit.lead is None else unit, record)

    before = plant.set(witnessing, "_ours", ours)


def stopped_for_one_reason(plant: Plant) -> None:
    """What else stopped an active is over: it goes on, whatever digests say."""

    def without_doubt(before: Callable[..., Any]) -> Callable[..., Any]:
        return lambda unit, *more: before(replace(unit, trial=None), *more)

    for name in ("accepts", "accepts_reads", "answers", "compared_seq"):
        plant.set(rules, name, without_doubt(getattr(rules, name)))


def lone_active_waits(plant: Plant) -> None:
    """A newcomer's verdict is waited for, as if it were in the set."""

    def go_on_alone(unit: Any, trial: Any) -> Any:
        late = unit.timers.now_ms - trial.since_ms > unit.timing.arbitration_ms
        return before(unit, trial) if trial.theirs is not None or unit.suspect or late else (unit, [])

    before = plant.set(arbitration, "_go_on_alone", go_on_alone)


def _doubt_stays(plant: Plant, kind: type) -> None:
    """As it was before an event of this kind."""

    def on_event(unit: Any, event: Any) -> Any:
        after, effects = before(unit, event)
        return replace(after, trial=unit.trial), effects

    before = plant.put(step._HANDLERS, kind, on_event)


def pause_is_the_partner_s(plant: Plant) -> None:
    """The time of our own pause is taken from what the other unit has for its verdict."""
    _doubt_stays(plant, ev.Paused)


def pause_is_silence_on_roots(plant: Plant) -> None:
    """The same, of its word on the roots of a checkpoint."""

    def on_paused(unit: Any, event: ev.Paused) -> Any:
        after, effects = before(unit, event)
        timers = replace(after.timers, unwritten_ms=unit.timers.unwritten_ms)
        return replace(after, timers=timers), effects

    before = plant.put(step._HANDLERS, ev.Paused, on_paused)


def last_words_are_answered(plant: Plant) -> None:
    """Also those of who is over it himself."""

    def on_doubt(unit: Any, said: Doubt) -> Any:
        return before(unit, replace(said, over=False))

    before = plant.set(arbitration, "on_doubt", on_doubt)


def old_words_count(plant: Plant) -> None:
    """A word of reads in doubt begins the doubt again that was settled."""

    def may_begin(unit: Any, said: Doubt) -> bool:
        return bool(before(replace(unit, agreed=None), said))

    before = plant.set(arbitration, "_may_begin", may_begin)


def snapshot_stays_in_doubt(plant: Plant) -> None:
    """The state that was in doubt is gone, the doubt is not."""
    _doubt_stays(plant, ev.SnapshotInstalled)


def rot_is_no_verdict(plant: Plant) -> None:
    """What is in doubt is not executed any more, and goes on being waited for."""
    _doubt_stays(plant, ev.RottenState)


def waits_for_its_own_trial(plant: Plant) -> None:
    """For ever, if it hangs."""
    plant.set(arbitration, "_hangs", lambda unit, trial: False)


def barriers_without_limit(plant: Plant) -> None:
    plant.set(rules, "BARRIERS_MAX", 1 << 60)


def standby_s_roots_count_for_nothing(plant: Plant) -> None:
    """The active begins no doubt that the standby saw first."""

    def may_begin(unit: Any, said: Doubt) -> bool:
        return unit.source is not None and bool(before(unit, said))

    before = plant.set(arbitration, "_may_begin", may_begin)


def stops_before_the_other_knows(plant: Plant) -> None:
    """One that found both sound halts at once: the other one never hears what it did."""

    def neither(unit: Any, trial: Any) -> Any:
        return before(unit, replace(trial, heard=True))

    before = plant.set(arbitration, "_neither", neither)


def difference_is_forgotten(plant: Plant) -> None:
    plant.put(step._HANDLERS, ev.Differed, lambda unit, event: (unit, []))


def reads_begin_a_trial_each(plant: Plant) -> None:
    """However often both units were found sound."""
    plant.set(arbitration, "application_unsure", lambda unit: False)
