"""The pair as an operator wants to see it, made from what its three parts said. Pure.

No part knows everything: a unit speaks for itself, and what it says of the other
one is hearsay. Where they contradict each other, the stricter answer counts:
`safe to pull` is yes only if nobody gives a reason for no.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ftnode.core.record import UNITS
from ftnode.ctl.ask import Answers, Silence, WitnessAnswer
from ftnode.v1 import admin_pb2


class Redundancy(Enum):
    """Of the pair, derived from the in-sync set of whoever is active."""

    DUPLEX = "duplex"
    SIMPLEX = "simplex"
    DOWN = "down"


class Severity(Enum):
    """As in the protos, worst first."""

    CRITICAL = admin_pb2.SEVERITY_CRITICAL
    WARNING = admin_pb2.SEVERITY_WARNING
    NOTICE = admin_pb2.SEVERITY_NOTICE


_ORDER: Final = list(Severity)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong; `said_by` names who sees it."""

    severity: Severity
    code: str
    said_by: str
    what: str
    consequence: str
    remedy: str


@dataclass(frozen=True, slots=True)
class UnitView:
    """One unit: its own status, or why it gave none; and the verdict on pulling it."""

    unit: int
    status: admin_pb2.Status | None
    silence: str
    safe: bool
    safe_why: str

    @property
    def state(self) -> str:
        """Its state's name, or SILENT."""
        if self.status is None:
            return "SILENT"
        return admin_pb2.UnitState.Name(self.status.state).removeprefix("UNIT_STATE_")


@dataclass(frozen=True, slots=True)
class PairView:
    """Everything that is shown."""

    cabinet: str
    redundancy: Redundancy
    headline: str
    active: int | None
    epoch: int
    in_sync: tuple[int, ...]
    units: tuple[UnitView, UnitView]
    witness: WitnessAnswer
    digests: str
    digests_equal: bool | None  # None: not at one seq, so not to be compared from here
    wrong: tuple[Wrong, ...]


def look(answers: Answers) -> PairView:
    """Make the view from one round of answers."""
    heard = {
        unit: said for unit, said in zip(UNITS, answers.units, strict=True) if not isinstance(said, Silence)
    }
    active = find_active(heard)
    in_sync = tuple(heard[active].in_sync) if active is not None else ()
    redundancy = (
        Redundancy.DOWN if active is None else Redundancy.DUPLEX if len(in_sync) == 2 else Redundancy.SIMPLEX
    )
    equal = _digests_equal(heard)
    units = tuple(_unit_view(unit, answers, heard, active, equal) for unit in UNITS)
    return PairView(
        cabinet=next((status.cabinet for status in heard.values()), ""),
        redundancy=redundancy,
        headline=_headline(redundancy, active, heard),
        active=active,
        epoch=max((status.epoch for status in heard.values()), default=0),
        in_sync=in_sync,
        units=(units[0], units[1]),
        witness=answers.witness,
        digests=_digest_words(heard, equal),
        digests_equal=equal,
        wrong=tuple(
            sorted(_wrong(answers, heard, active, equal), key=lambda one: _ORDER.index(one.severity))
        ),
    )


def find_active(heard: dict[int, admin_pb2.Status]) -> int | None:
    """The unit that is active in the highest epoch, among those that answered."""
    claims = [
        (status.epoch, unit) for unit, status in heard.items() if status.state == admin_pb2.UNIT_STATE_ACTIVE
    ]
    return max(claims)[1] if claims else None


def _headline(redundancy: Redundancy, active: int | None, heard: dict[int, admin_pb2.Status]) -> str:
    if redundancy is Redundancy.DUPLEX:
        return f"both units hold everything; unit {active} answers the tills"
    if redundancy is Redundancy.SIMPLEX:
        return f"unit {active} answers the tills alone; nothing is lost, and nothing more may fail"
    if not heard:
        return "neither unit answers from here"
    return "no unit answers the tills"


def _unit_view(
    unit: int, answers: Answers, heard: dict[int, admin_pb2.Status], active: int | None, equal: bool | None
) -> UnitView:
    said = answers.units[unit]
    safe, why = safe_to_pull(unit, heard, active, equal)
    if isinstance(said, Silence):
        return UnitView(unit, None, said.why, safe, why)
    return UnitView(unit, said, "", safe, why)


def safe_to_pull(
    unit: int, heard: dict[int, admin_pb2.Status], active: int | None, equal: bool | None
) -> tuple[bool, str]:
    """Whether the tills would see no more than one slow answer, and why."""
    other = 1 - unit
    if equal is False:
        return False, "the units' digests differ: pull nothing before it is known which one is right"
    if unit not in heard:
        if active == other and other in heard[other].in_sync and unit not in heard[other].in_sync:
            return True, f"it serves nobody; unit {other} answers the tills alone"
        return False, f"unit {other} does not answer the tills without it"
    if other not in heard:
        return False, f"unit {other} does not answer: this one may be all there is"
    if not heard[unit].safe_to_pull:
        return False, heard[unit].safe_to_pull_why
    if active is None:
        return False, "no unit answers the tills now: find out why first"
    return True, heard[unit].safe_to_pull_why


def _digests_equal(heard: dict[int, admin_pb2.Status]) -> bool | None:
    if len(heard) < 2 or heard[0].digest_seq != heard[1].digest_seq or not heard[0].digest_seq:
        return None
    return heard[0].digest == heard[1].digest


def _digest_words(heard: dict[int, admin_pb2.Status], equal: bool | None) -> str:
    if equal is None:
        return "not at one seq just now" if len(heard) == 2 else "only one"
    return f"{'equal' if equal else 'DIFFERENT'} at seq {heard[0].digest_seq}"


def _wrong(
    answers: Answers, heard: dict[int, admin_pb2.Status], active: int | None, equal: bool | None
) -> Iterator[Wrong]:
    if equal is False:
        yield Wrong(
            Severity.CRITICAL,
            "digests-differ",
            "both units",
            f"the units' states differ at seq {heard[0].digest_seq}",
            "one of them is wrong, and a takeover could make the wrong one the truth",
            "pull nothing, replace nothing, keep both disks: they show which unit is wrong",
        )
    if active is None:
        yield Wrong(
            Severity.CRITICAL,
            "nobody-active",
            "ftctl",
            "no unit says that it answers the tills",
            "tills get no answer now",
            "read what each unit says is wrong; if both are just starting, wait some seconds",
        )
    for unit, said in enumerate(answers.units):
        if isinstance(said, Silence):
            yield _silent_unit(unit, said, active)
        elif active == 1 - unit and unit not in heard[active].in_sync:
            yield _outside_unit(unit, said)
    if isinstance(answers.witness, Silence) and not answers.witness.why.startswith("not asked"):
        yield Wrong(
            Severity.WARNING,
            "witness-silent",
            "ftctl",
            f"the witness gives no answer: {answers.witness.why}",
            "if a unit fails now, the other one has to stop rather than guess",
            "start the witness again (`ftnode pair` does it by itself); never restore it from a backup",
        )
    yield from _told_by_units(heard)


def _silent_unit(unit: int, said: Silence, active: int | None) -> Wrong:
    alone = active == 1 - unit
    pulled = said.why.startswith("kept out")
    if not alone:  # its disk may be the only one that holds what was answered
        keep = "put no blank one in before the other unit answers the tills"
        remedy = f"start unit {unit} with the disk it had; {keep}"
    elif pulled:
        remedy = f"put a blank unit in: chaos insert {unit}"
    else:
        remedy = (
            f"wait a minute, it may be starting; then look at unit {unit}'s log and restart it. "
            "If it cannot be, pull it and put a blank one in"
        )
    return Wrong(
        Severity.WARNING if alone else Severity.CRITICAL,
        "unit-silent",
        "ftctl",
        f"unit {unit} gives no answer: {said.why}",
        f"unit {1 - unit} carries on alone: if it fails too, tills get no answer"
        if alone
        else "if the other one does not answer the tills either, nobody does",
        remedy,
    )


def _outside_unit(unit: int, status: admin_pb2.Status) -> Wrong:
    """It answers, but is not in sync: that alone is half the redundancy gone."""
    state = admin_pb2.UnitState.Name(status.state).removeprefix("UNIT_STATE_")
    waiting = f"bring it back when its cause is mended: ftctl bring-up {unit}"
    remedy = (
        waiting if state in ("OFFLINE", "BROKEN") else "wait: it joins by itself as soon as it has everything"
    )
    return Wrong(
        Severity.WARNING,
        "unit-not-in-sync",
        "ftctl",
        f"unit {unit} is {state} and not in sync: {status.state_why}",
        f"unit {1 - unit} carries on alone: if it fails too, tills get no answer",
        remedy,
    )


def _told_by_units(heard: dict[int, admin_pb2.Status]) -> Iterator[Wrong]:
    """The units' own words; the same words from both are one line."""
    seen: dict[tuple[str, str], tuple[admin_pb2.Problem, list[int]]] = {}
    for unit, status in heard.items():
        for problem in status.problems:
            seen.setdefault((problem.code, problem.what), (problem, []))[1].append(unit)
    for problem, units in seen.values():
        known = problem.severity in {severity.value for severity in Severity}
        yield Wrong(
            Severity(problem.severity) if known else Severity.WARNING,
            problem.code,
            "both units" if len(units) == 2 else f"unit {units[0]}",
            problem.what,
            problem.consequence,
            problem.remedy,
        )
