"""When a condition becomes an alarm, and when the alarm is over. Pure: the time comes in.

Both units run this over the same sightings, so that either can go on telling when the other one is gone:
`merge` makes one of what both believe. An alarm is known by its key (what it is about, and the code), so
one thing is one alarm, whoever sees it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ftnode.alarms.catalogue import ROWS, About, Row

FLAPS: Final = 3  # raised so often within the window, an alarm comes and goes
FLAP_WINDOW_S: Final = 3600
FLAP_QUIET_S: Final = 1800  # such a one is over when it has been gone for so long
WHAT_MAX_CHARS: Final = 500


class Condition(Struct, frozen=True):
    """A row of the table holds now, as one unit sees it."""

    code: str
    unit: int  # which one it is about; for the pair and the witness, which one sees it
    what: str


class Alarm(Struct, frozen=True):
    """A person has been told, or is being told."""

    key: str
    code: str
    unit: int
    what: str
    since_ms: int  # when the condition was first seen
    raised_ms: int
    told_by: int
    seen_by: tuple[int, ...]
    comes_and_goes: bool = False


class Watch(Struct, frozen=True):
    """What is remembered of one key."""

    code: str
    unit: int
    what: str
    seen_by: tuple[int, ...]
    since_ms: int  # first seen; absences shorter than the row's clear delay do not count
    counted_ms: int  # from when the raise delay runs: later than `since_ms` after it was hidden
    gone_ms: int | None  # since when nobody sees it; None: somebody does, or it is not known
    alarm: Alarm | None = None
    raises_ms: tuple[int, ...] = ()  # within the window
    cleared_ms: int = 0  # `raised_ms` of the last alarm that is over


State = Mapping[str, Watch]
Sightings = Mapping[int, Sequence[Condition]]
"""By unit that was heard just now. A unit that is missing is silent: what it alone knew is unknown."""
Step = tuple[dict[str, Watch], list[Alarm], list[Alarm]]


def key_of(code: str, unit: int) -> str:
    """One thing, one key: `unit0/disk-full`, `pair/no-answers`, `witness/witness-unreachable`."""
    about = ROWS[code].about
    return f"{about}{unit}/{code}" if about is About.UNIT else f"{about}/{code}"


def alarms(state: State, seen: Sightings, now_ms: int, me: int, percent: int = 100) -> Step:
    """What is new and what is over.

    Args:
        state: by key, as this function left it.
        seen: what each unit that was heard sees now.
        now_ms: UTC; never earlier than before.
        me: the unit that tells.
        percent: of the table's delays: 100 as they are.

    Returns:
        The state after, the alarms raised, and the alarms cleared, in the order of their keys.
    """
    there = _there(seen)
    after: dict[str, Watch] = {}
    state = _not_ahead(state, now_ms)
    for key in sorted({*state, *there}):
        watch = _looked_at(state.get(key), there.get(key), seen, now_ms, percent)
        if watch is not None:
            after[key] = watch
    hiding = {key for key, watch in after.items() if _counts(watch)}
    raised, cleared = [], []
    for key, watch in after.items():
        row, hidden = ROWS[watch.code], _hidden(watch, hiding)
        if watch.alarm is not None and _over(watch, row, now_ms, percent):
            cleared.append(watch.alarm)
            after[key] = replace(watch, alarm=None, cleared_ms=watch.alarm.raised_ms)
        elif watch.alarm is None and hidden:
            after[key] = replace(watch, counted_ms=now_ms)
        elif watch.alarm is None and watch.gone_ms is None and _due(watch, row, now_ms, percent):
            after[key] = _raised(key, watch, now_ms, me)
            raised += [alarm for alarm in (after[key].alarm,) if alarm is not None]
    return after, raised, cleared


def merge(mine: State, theirs: State, lead: bool) -> Step:
    """One state of both. What stands and what is over is common; what is only suspected is the teller's own.

    Args:
        mine: this unit's state.
        theirs: the other one's.
        lead: whether this unit is the one that tells.

    Returns:
        The state after; the alarms that this unit had not heard of; those that are over without its doing.
    """
    first, second = (mine, theirs) if lead else (theirs, mine)
    after: dict[str, Watch] = {}
    for key in sorted({*first, *second}):
        watch = _merged(first.get(key), second.get(key))
        if watch is not None and watch.code in ROWS:
            after[key] = watch
    before, now = standing(mine), standing(after)
    raised = [alarm for key, alarm in now.items() if key not in before]
    return after, raised, [alarm for key, alarm in before.items() if key not in now]


def standing(state: State) -> dict[str, Alarm]:
    """The alarms that are not over, by key."""
    return {key: watch.alarm for key, watch in state.items() if watch.alarm is not None}


def after_restart(state: State) -> dict[str, Watch]:
    """What a unit that starts may believe of what it once wrote down: no delay ran while it was away."""
    return {
        key: replace(watch, gone_ms=None if watch.alarm else watch.since_ms)
        for key, watch in state.items()
        if watch.code in ROWS and (watch.alarm is not None or watch.cleared_ms)
    }


def by_this_clock(state: State, ahead_ms: int) -> dict[str, Watch]:
    """The other unit's state with its delays by our clock, which is `ahead_ms` ahead of its; what is told by
    name (when an alarm was raised) stays as it is."""
    return {
        key: replace(
            watch,
            since_ms=watch.since_ms + ahead_ms,
            counted_ms=watch.counted_ms + ahead_ms,
            gone_ms=None if watch.gone_ms is None else watch.gone_ms + ahead_ms,
        )
        for key, watch in state.items()
    }


def teller(can_tell: Mapping[int, bool]) -> int:
    """Which of the units that are heard tells people: the first one that can, else the first one."""
    return min(can_tell, key=lambda unit: (not can_tell[unit], unit))


# ---------------------------------------------------------------- one key


def _not_ahead(state: State, now_ms: int) -> dict[str, Watch]:
    """No delay began in the future: a clock was set back between two lives."""
    return {
        key: replace(
            watch,
            since_ms=min(watch.since_ms, now_ms),
            counted_ms=min(watch.counted_ms, now_ms),
            gone_ms=None if watch.gone_ms is None else min(watch.gone_ms, now_ms),
        )
        for key, watch in state.items()
    }


def _there(seen: Sightings) -> dict[str, list[tuple[int, Condition]]]:
    """Sightings by key."""
    found: dict[str, list[tuple[int, Condition]]] = {}
    for unit in sorted(seen):
        for condition in seen[unit]:
            if condition.code in ROWS:
                sightings = found.setdefault(key_of(condition.code, condition.unit), [])
                if unit not in [by for by, _ in sightings]:
                    sightings.append((unit, condition))
    return {
        key: sightings
        for key, sightings in found.items()
        if not ROWS[sightings[0][1].code].all_see or len(sightings) == len(seen)
    }


def _looked_at(
    watch: Watch | None,
    sightings: "list[tuple[int, Condition]] | None",
    seen: Sightings,
    now_ms: int,
    percent: int,
) -> Watch | None:
    """The watch after a look, None if there is nothing to remember."""
    if sightings is not None:
        first = sightings[0][1]
        what = "; ".join(dict.fromkeys(condition.what for _, condition in sightings))[:WHAT_MAX_CHARS]
        by = tuple(unit for unit, _ in sightings)
        if watch is None or _forgotten(watch, now_ms, percent):
            kept = (watch.raises_ms, watch.cleared_ms) if watch is not None else ((), 0)
            return Watch(first.code, first.unit, what, by, now_ms, now_ms, None, None, *kept)
        return replace(watch, what=what, seen_by=by, gone_ms=None)
    if watch is None or _unknown(watch, seen):
        return watch
    window_ms = _ms(FLAP_WINDOW_S, percent)
    recent = tuple(at_ms for at_ms in watch.raises_ms if at_ms > now_ms - window_ms)
    gone = replace(watch, gone_ms=now_ms if watch.gone_ms is None else watch.gone_ms, raises_ms=recent)
    worth_it = gone.alarm is not None or gone.cleared_ms or _short(gone, now_ms, percent)
    return gone if worth_it else None


def _unknown(watch: Watch, seen: Sightings) -> bool:
    """Only the unit itself said so, and it is silent: a unit that died with a full disk still has one."""
    itself = ROWS[watch.code].about is About.UNIT and watch.seen_by == (watch.unit,)
    return itself and watch.unit not in seen and watch.gone_ms is None


def _short(watch: Watch, now_ms: int, percent: int) -> bool:
    """It is gone, but not for so long that it was never there."""
    return watch.gone_ms is not None and now_ms - watch.gone_ms < _ms(ROWS[watch.code].clear_after_s, percent)


def _forgotten(watch: Watch, now_ms: int, percent: int) -> bool:
    return watch.alarm is None and watch.gone_ms is not None and not _short(watch, now_ms, percent)


def _counts(watch: Watch) -> bool:
    return watch.gone_ms is None or watch.alarm is not None


def _hidden(watch: Watch, hiding: set[str]) -> bool:
    return any(key_of(code, watch.unit) in hiding for code in ROWS[watch.code].hidden_by)


def _due(watch: Watch, row: Row, now_ms: int, percent: int) -> bool:
    return now_ms - watch.counted_ms >= _ms(row.raise_after_s, percent)


def _over(watch: Watch, row: Row, now_ms: int, percent: int) -> bool:
    if watch.gone_ms is None or watch.alarm is None:
        return False
    quiet_s = FLAP_QUIET_S if watch.alarm.comes_and_goes else row.clear_after_s
    return now_ms - watch.gone_ms >= _ms(max(quiet_s, row.clear_after_s), percent)


def _raised(key: str, watch: Watch, now_ms: int, me: int) -> Watch:
    raised_ms = max(now_ms, watch.cleared_ms + 1)  # later than any that is over, also on another clock
    raises_ms = (*watch.raises_ms, raised_ms)[-FLAPS:]
    alarm = Alarm(
        key=key,
        code=watch.code,
        unit=watch.unit,
        what=watch.what,
        since_ms=watch.since_ms,
        raised_ms=raised_ms,
        told_by=me,
        seen_by=watch.seen_by,
        comes_and_goes=len(raises_ms) >= FLAPS,
    )
    return replace(watch, alarm=alarm, raises_ms=raises_ms)


def _merged(first: Watch | None, second: Watch | None) -> Watch | None:
    """`first` is the teller's: what the other one merely suspects is not heard."""
    if second is None or (first is None and second.alarm is None and not second.cleared_ms):
        return first
    if first is None:
        return second if second.alarm is not None else replace(second, gone_ms=second.since_ms)
    cleared_ms = max(first.cleared_ms, second.cleared_ms)
    known = (first.alarm, second.alarm)
    stand = [alarm for alarm in known if alarm is not None and alarm.raised_ms > cleared_ms]
    alarm = min(stand, key=lambda alarm: (alarm.raised_ms, alarm.told_by), default=None)
    raises_ms = tuple(sorted({*first.raises_ms, *second.raises_ms})[-FLAPS:])
    return replace(first, alarm=alarm, cleared_ms=cleared_ms, raises_ms=raises_ms)


def _ms(seconds: int, percent: int) -> int:
    return seconds * 10 * percent
