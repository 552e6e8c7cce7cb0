"""What is wrong with a unit, in words for a person at night, and whether the unit may be pulled."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ftnode.core import rules
from ftnode.core.fsm import State
from ftnode.core.state import Unit
from ftnode.shell.driver import wall_ms
from ftnode.shell.house import ARCHIVE_SLOW_S, House
from ftnode.v1 import admin_pb2 as pb

if TYPE_CHECKING:
    from ftnode.shell.unit import RunningUnit

SIMPLEX: Final = "one unit holds everything: when it fails too, the tills stand still"

DOUBLED_SHOWN_MS: Final = 10_000  # it tries again many times meanwhile
HOLES_TOLD: Final = 3


@dataclass
class Problem:
    """As `ftnode.v1.Problem`."""

    code: str
    severity: pb.Severity
    what: str
    consequence: str
    remedy: str
    since_ms: int


def safe_to_pull(unit: Unit, partner_serving: bool) -> tuple[bool, str]:
    """Whether a till would notice no more than one slow answer, and why."""
    record = unit.record
    if record is None:
        return False, "this unit does not know the record: it cannot say who else holds the data"
    other_in = unit.other in record.in_sync
    if unit.state is State.ACTIVE:
        if not other_in:
            return False, f"unit {unit.other} is not in sync: this one holds the only copy that counts"
        if unit.partner is None or unit.suspect:
            return False, f"unit {unit.other} is in the set but is not heard: {unit.suspect or 'no session'}"
        return True, f"unit {unit.other} is in sync and takes over"
    if record.active == unit.other and partner_serving:
        kind = "in sync" if unit.me in record.in_sync else "not in sync"
        return True, f"unit {unit.other} is active and answers; this one is {kind}"
    if record.active == unit.me:
        return False, "the record names this unit as active: nobody else may answer"
    return False, f"unit {unit.other} is active on record but does not answer this one"


def problems(running: "RunningUnit") -> list[Problem]:
    """Worst first; empty when all is well."""
    found = [*_own(running), *_pair(running), *_world(running)]
    return sorted(found, key=lambda problem: -problem.severity)


def _own(running: "RunningUnit") -> list[Problem]:
    unit, since_ms = running.driver.unit, running.driver.moved_ms
    me = unit.me
    found: list[Problem] = []
    if unit.state is State.BROKEN:
        found.append(
            Problem(
                "unit-broken",
                pb.SEVERITY_CRITICAL if not running.desk.partner_serving else pb.SEVERITY_WARNING,
                f"unit {me} is broken: {unit.promise.broken or running.driver.moved_why}",
                SIMPLEX,
                f"find out why, then `ftctl bring-up {me}`, or replace the unit",
                since_ms,
            )
        )
    if unit.state is State.OFFLINE:
        found.append(
            Problem(
                "unit-offline",
                pb.SEVERITY_NOTICE,
                f"unit {me} was taken out on purpose",
                SIMPLEX,
                f"`ftctl bring-up {me}`",
                since_ms,
            )
        )
    if unit.rotten:
        found.append(
            Problem(
                "log-rotten",
                pb.SEVERITY_WARNING,
                f"{len(unit.rotten)} entries of unit {me}'s log cannot be read",
                "they are fetched from the other unit; until then this one cannot be promoted",
                "look at the disk: it gave back other bytes than were written",
                since_ms,
            )
        )
    hole = None if unit.rotten else hole_in_log(me, running.opened.wal.rotten, since_ms)
    if hole is not None:
        found.append(hole)
    lacking = log_behind_witness(unit, since_ms)
    if lacking is not None:
        found.append(lacking)
    if running.scans is not None and running.scans.rotten:
        found.append(state_rotten(me, running.scans.rotten, running.scans.rotten_ms))
    if running.house.full:
        found.append(
            Problem(
                "disk-full",
                pb.SEVERITY_CRITICAL,
                running.house.full,
                "when the present segment is full, this unit stops and the other one goes on alone",
                "make room on the disk",
                wall_ms(),
            )
        )
    archive = archive_in_trouble(running.house)
    return [*found, archive] if archive is not None else found


def hole_in_log(me: int, holes: tuple[tuple[int, int], ...], since_ms: int) -> Problem | None:
    """Entries that the checkpoint holds already and nobody could send again; None if there are none."""
    if not holes:
        return None
    entries = ", ".join(f"{first}..{last}" for first, last in holes[:HOLES_TOLD])
    return Problem(
        "log-hole",
        pb.SEVERITY_WARNING,
        f"entries {entries} of unit {me}'s log cannot be read; its state holds what they did",
        "tills are served; the log is neither archived nor trimmed from there on, and the disk fills up",
        f"when both units are in sync: `ftctl bring-down {me}`, move its directory away, start it blank",
        since_ms,
    )


def state_rotten(me: int, why: str, since_ms: int) -> Problem:
    """A scan met a pair that is not what was written. Whoever needs that pair next stops the unit."""
    return Problem(
        "state-rotten",
        pb.SEVERITY_WARNING,
        f"unit {me}'s state on disk has changed by itself: {why}",
        "tills are served until one needs what is there: then this unit stops and the other one goes on",
        f"when both units are in sync: `ftctl bring-down {me}`, move its directory away, start it blank",
        since_ms,
    )


def archive_in_trouble(house: House) -> Problem | None:
    """It hangs, is full, or cannot be read: nothing is lost, but no segment may leave the log."""
    why = (
        f"the archive has not answered for {ARCHIVE_SLOW_S:.0f} s"
        if house.archive_hangs
        else house.not_archived
    )
    if not why:
        return None
    return Problem(
        "not-archived",
        pb.SEVERITY_WARNING,
        why,
        "tills are served; segments stay in the log until they are archived, and the disk fills up",
        "see to the disk that log.archive_dir is on",
        wall_ms(),
    )


def log_behind_witness(unit: Unit, since_ms: int) -> Problem | None:
    """A disk that lost what was answered: rolled back, restored from a copy, or one that lied about syncs."""
    named = rules.in_set(unit.record, unit.me, unit.promise.incarnation)
    if unit.state is not State.DUPLEXING or not named or unit.log.durable_seq >= unit.told_seq:
        return None
    return Problem(
        "log-behind-witness",
        pb.SEVERITY_CRITICAL,
        f"unit {unit.me}'s log ends at {unit.log.durable_seq}, but {unit.told_seq} entries were compared",
        "this disk lost answered entries; it may not be promoted and waits for a unit that holds them",
        f"start unit {unit.other} with its own disk; if it is gone, entries are lost: do not form anew",
        since_ms,
    )


def _pair(running: "RunningUnit") -> list[Problem]:
    unit = running.driver.unit
    record, lead = unit.record, unit.lead
    if not running.desk.answering:
        why = (
            lead.stopped
            if lead is not None and lead.stopped
            else "nobody is active, as far as this unit knows"
        )
        return [
            Problem(
                "no-answers",
                pb.SEVERITY_CRITICAL,
                why,
                "tills wait; after a while they are told that the outcome is unknown",
                "see whether both units and the witness run",
                running.driver.moved_ms,
            )
        ]
    if record is not None and lead is not None and unit.other not in record.in_sync:
        return [
            Problem(
                "simplex",
                pb.SEVERITY_WARNING,
                f"unit {unit.other} is not in sync",
                SIMPLEX,
                f"see what unit {unit.other} says: `ftctl status`",
                running.driver.moved_ms,
            )
        ]
    return []


def _world(running: "RunningUnit") -> list[Problem]:
    unit = running.driver.unit
    found: list[Problem] = []
    if wall_ms() - running.link.doubled_ms < DOUBLED_SHOWN_MS:
        found.append(
            Problem(
                "unit-doubled",
                pb.SEVERITY_WARNING,
                f"two processes say that they are unit {unit.other}",
                "the first one stays, the other one is told to end; but one that cannot reach this unit hears"
                " nothing, can win the record in the same name, and then both answer tills: sales are lost",
                f"find the second process of unit {unit.other} and stop it, now: each needs a unit.id, a disk"
                " and a certificate of its own",
                running.link.doubled_ms,
            )
        )
    if not running.asker.reachable and running.asker.asked:
        found.append(
            Problem(
                "witness-unreachable",
                pb.SEVERITY_WARNING,
                f"the witness does not answer unit {unit.me}",
                "tills are served; but if a unit fails now, the other one may not go on alone",
                "see whether the witness runs and can be reached from here",
                wall_ms(),
            )
        )
    clock = unit.clock
    alarm_ms = running.settings.timing.clock_alarm_ms
    for name, other_ms in (("the other unit", clock.partner_ms), ("the witness", clock.witness_ms)):
        if other_ms is None or clock.mine_ms is None or abs(clock.mine_ms - other_ms) <= alarm_ms:
            continue
        found.append(
            Problem(
                "clock-off",
                pb.SEVERITY_WARNING,
                f"this unit's clock and that of {name} differ by {abs(clock.mine_ms - other_ms)} ms",
                "log time follows two clocks that agree; without two it only goes on at its own rate",
                "set the clocks: run NTP on all three machines",
                wall_ms(),
            )
        )
    return found
