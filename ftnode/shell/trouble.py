"""What is wrong with a unit, in words for a person at night, and whether the unit may be pulled.

A predicate says what it found (`found`): code, unit, and the facts of this case in one sentence. All else
that there is to say of it is a row of `ftnode/alarms/catalogue.py`.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from ftnode.core import arbitration, log_end, rules
from ftnode.core.fsm import State
from ftnode.core.state import Unit
from ftnode.hardware.parts import Part
from ftnode.hardware.verdicts import verdicts
from ftnode.shell.clock_trouble import clock_problems
from ftnode.shell.driver import wall_ms
from ftnode.shell.found import Problem, found
from ftnode.shell.house import ARCHIVE_SLOW_S, House
from ftnode.shell.last_backup import backup_old
from ftnode.shell.witness_trouble import witness_problems
from ftnode.store.rot_note import RotNote

if TYPE_CHECKING:
    from ftnode.shell.unit import RunningUnit

DOUBLED_SHOWN_MS: Final = 10_000  # it tries again many times meanwhile
HOLES_TOLD: Final = 3
SLOTS_TOLD: Final = 5
DAY_MS: Final = 86_400_000


def safe_to_pull(unit: Unit, partner_serving: bool) -> tuple[bool, str]:
    """Whether a till would notice no more than one slow answer, and why."""
    record = unit.record
    if record is None:
        return False, "this unit does not know the record: it cannot say who else holds the data"
    other_in = unit.other in record.in_sync
    if unit.state is State.ACTIVE:
        if not other_in:
            return False, f"unit {unit.other} is not in sync: this one holds the only copy that counts"
        if unit.lead is not None and (unit.lead.designated_seq or unit.promise.note is not None):
            return (
                False,
                f"the witness is lost: this one is survivor, unit {unit.other} may not take over",
            )
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
    wrong: list[Problem | None] = []
    if unit.state is State.BROKEN:
        why = unit.promise.broken or running.driver.moved_why
        wrong.append(found("unit-broken", me, f"unit {me} is broken: {why}", since_ms))
    if unit.state is State.OFFLINE and unit.promise.offline:
        wrong.append(found("unit-offline", me, f"unit {me} was taken out on purpose", since_ms))
    if unit.rotten:
        what = f"{len(unit.rotten)} entries of unit {me}'s log cannot be read"
        wrong.append(found("log-rotten", me, what, since_ms))
    else:
        wrong.append(hole_in_log(me, running.opened.wal.rotten, since_ms))
    wrong += [log_behind_witness(unit, since_ms), log_end_rotten(unit, since_ms)]
    if unit.misfit and unit.lead is None:
        wrong.append(found("wrong-program", me, unit.misfit, since_ms))
    wrong.append(state_rotten(unit, running.rot.note))
    wrong.append(application_unsure(unit, since_ms))
    wrong += [archive_rotten(me, name, why) for name, why in running.archivist.rotten.items()]
    wrong += [
        found("part-ill", me, f"unit {me}: {verdict.ill}", wall_ms())
        for verdict in verdicts(running.health.cases)
        if verdict.ill and verdict.part is not Part.CLOCK
    ][:1]
    if running.health.worn and unit.state is not State.BROKEN:
        wrong.append(found("unit-worn", me, f"unit {me}: {running.health.worn}", wall_ms()))
    if running.desk.no_room and running.desk.serving:
        wrong.append(found("no-room", me, running.desk.no_room, wall_ms()))
    elif running.house.full:
        wrong.append(found("disk-full", me, running.house.full, wall_ms()))
    wrong.append(archive_in_trouble(me, running.house))
    kept = running.settings.backup
    ended_ms = running.last_backup.ended_ms
    wrong.append(backup_old(me, ended_ms, kept.age_max_hours, kept.required, wall_ms()))
    days = running.settings.tls.expiry_warning_days
    wrong.append(certificate_ends(me, running.tls.certificate_ends_ms, days, wall_ms()))
    if running.alarms is not None:
        wrong += running.alarms.problems()
    return [problem for problem in wrong if problem is not None]


def application_unsure(unit: Unit, since_ms: int) -> Problem | None:
    """Two sound units answer the same question differently, so often that it is no longer tried whose fault
    it is; None while they do not."""
    if unit.lead is None or not arbitration.application_unsure(unit):
        return None
    what = f"{len(unit.unsure)} times two sound units answered a read differently: such reads are refused"
    return found("application-unsure", unit.me, what, since_ms)


def hole_in_log(me: int, holes: tuple[tuple[int, int], ...], since_ms: int) -> Problem | None:
    """Entries that the checkpoint holds already and nobody could send again; None if there are none."""
    if not holes:
        return None
    entries = ", ".join(f"{first}..{last}" for first, last in holes[:HOLES_TOLD])
    what = f"entries {entries} of unit {me}'s log cannot be read; its state holds what they did"
    return found("log-hole", me, what, since_ms)


def state_rotten(unit: Unit, note: RotNote) -> Problem | None:
    """What is in quarantine, or put aside; alone it is grave: nobody else has what rotted."""
    if not note:
        return None
    slots = ", ".join(map(str, note.slots[:SLOTS_TOLD])) + (", ..." if len(note.slots) > SLOTS_TOLD else "")
    where = "as a whole" if note.whole else f"in slots {slots}"
    what = f"unit {unit.me}'s state on disk has changed by itself, {where}: {note.why}"
    if not rules.alone_on_record(unit):
        return found("state-rotten", unit.me, what, note.found_ms)
    if unit.unfit:
        return found("state-rotten-stopped", unit.me, what, note.found_ms)
    return found("state-rotten-alone", unit.me, what, note.found_ms)


def archive_rotten(me: int, name: str, why: str) -> Problem:
    """A segment that neither this unit's log nor the partner could put back."""
    what = f"archived segment {name} of unit {me} is not what was written: {why}"
    return found("archive-rotten", me, what, wall_ms())


def archive_in_trouble(me: int, house: House) -> Problem | None:
    """It hangs, is full, or cannot be read: nothing is lost, but no segment may leave the log."""
    why = house.not_archived
    if house.archive_hangs:
        why = f"the archive has not answered for {ARCHIVE_SLOW_S:.0f} s"
    return found("not-archived", me, why, wall_ms()) if why else None


def certificate_ends(me: int, ends_ms: int | None, warning_days: int, at_ms: int) -> Problem | None:
    """It is over, or nearly; None without TLS, or with time left."""
    if ends_ms is None or at_ms < ends_ms - warning_days * DAY_MS:
        return None
    day = datetime.fromtimestamp(ends_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    verb = "ends" if at_ms < ends_ms else "has ended"
    return found("certificate-ends", me, f"the certificate of unit {me} {verb} on {day}", at_ms)


def log_behind_witness(unit: Unit, since_ms: int) -> Problem | None:
    """A disk that lost what was answered: rolled back, restored from a copy, or one that lied about syncs."""
    named = rules.in_set(unit.record, unit.me, unit.promise.incarnation)
    if unit.state is not State.DUPLEXING or not named or unit.log.durable_seq >= unit.told_seq:
        return None
    ends = f"unit {unit.me}'s log ends at {unit.log.durable_seq}"
    what = f"{ends}, but {unit.told_seq} entries were compared"
    return found("log-behind-witness", unit.me, what, since_ms)


def log_end_rotten(unit: Unit, since_ms: int) -> Problem | None:
    """A start cut what had been written as a whole: only the partner's log, or a person, gets it going."""
    if unit.state is not State.DUPLEXING or not log_end.may_miss_answered(unit):
        return None
    what = f"unit {unit.me}'s log lost entry {unit.promise.cut_seq} and what followed: they rotted"
    return found("log-end-rotten", unit.me, what, since_ms)


def _pair(running: "RunningUnit") -> list[Problem]:
    unit = running.driver.unit
    record, lead = unit.record, unit.lead
    if not running.desk.answering:
        stopped = lead.stopped if lead is not None else ""
        why = stopped or "nobody is active, as far as this unit knows"
        return [found("no-answers", unit.me, why, running.driver.moved_ms)]
    if record is not None and lead is not None and unit.other not in record.in_sync:
        why = unit.suspect
        if not why:
            why = (
                unit.misfit
                or running.link.refused
                or absent(unit.partner is not None, running.link.connected)
            )
            if running.link.connected and unit.partner is None and unit.peer is not None and unit.peer.ailing:
                why = f"it stays out: {unit.peer.ailing}"
            why += f"; {running.house.let_go}" if running.house.let_go else ""
            why += f"; it went out because: {unit.lost}" if unit.lost else ""
        what = f"unit {unit.other} is not in sync: {why}"
        return [found("simplex", unit.other, what, running.driver.moved_ms)]
    return []


def absent(in_session: bool, connected: bool) -> str:
    """What the other unit does instead of being in sync, as far as it is known here."""
    if in_session:
        return "it is copying what it missed"
    return "its program runs, but takes no part" if connected else "nothing is heard of it"


def _world(running: "RunningUnit") -> list[Problem]:
    unit = running.driver.unit
    wrong: list[Problem] = []
    if wall_ms() - running.link.doubled_ms < DOUBLED_SHOWN_MS:
        what = f"two processes say that they are unit {unit.other}"
        wrong.append(found("unit-doubled", unit.other, what, running.link.doubled_ms))
    if not running.asker.reachable and running.asker.asked:
        what = f"the witness does not answer unit {unit.me}"
        wrong.append(found("witness-unreachable", unit.me, what, wall_ms()))
    return [*wrong, *witness_problems(running), *clock_problems(unit, wall_ms())]
