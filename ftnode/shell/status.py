"""A unit as it sees itself and its surroundings, for the operator and for Prometheus.

Reads what the core and the parts know at this moment; waits for nobody.
"""

import shutil
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final, cast

from ftnode.alarms.telling import label_values
from ftnode.core import rules, upgrading
from ftnode.core.fsm import State
from ftnode.core.state import Unit
from ftnode.hardware.verdicts import verdicts
from ftnode.observe.figures import Progress, UnitSample
from ftnode.shell import duplexing, trouble
from ftnode.shell.driver import now_ms, wall_ms
from ftnode.shell.duplexing import lag_entries
from ftnode.shell.unit import RunningUnit
from ftnode.store.entry import written_by
from ftnode.v1 import admin_pb2 as pb
from ftnode.wire.frames import WIRE_VERSION
from ftnode.witness.naming import spelled

_STARTED_MS: Final = now_ms()


def of(running: RunningUnit, calls_open: int) -> pb.Status:
    """The whole status."""
    unit = running.driver.unit
    record = unit.record
    safe, why = trouble.safe_to_pull(unit, running.desk.partner_serving)
    executor = running.runner.executor
    compared_seq = min(unit.log.compared_seq, executor.executed_seq)
    status = pb.Status(
        cabinet=running.settings.unit.cabinet,
        unit=unit.me,
        state=state_of(unit.state),
        state_why=unit.promise.broken or running.driver.moved_why,
        state_since_ms=running.driver.moved_ms,
        epoch=unit.promise.epoch,
        in_sync=in_sync(unit),
        redundancy=redundancy(running, unit),
        seqs=_seqs(running, unit),
        digest_seq=compared_seq,
        digest=executor.digest_at(compared_seq) or b"",
        peer=_peer(running, unit),
        witness=_witness(running, unit),
        problems=[problem.shown() for problem in trouble.problems(running)],
        safe_to_pull=safe,
        safe_to_pull_why=why,
        versions=_versions(running),
        traffic=running.traffic.now(calls_open),
        boot=unit.promise.boot,
        incarnation=unit.promise.incarnation,
        uptime_ms=now_ms() - _STARTED_MS,
        log_time_ms=executor.time_ms,
        wall_time_ms=wall_ms(),
        till_address=f"{running.settings.till.host}:{running.settings.till.port}",
        takeovers=running.figures.takeovers,
        scrub=_scrub(running),
        parts=part_healths(running),
        locating_ms=running.health.locating_ms,
    )
    if record is not None:
        status.active = record.active
    if unit.lead is not None and unit.lead.join_required:
        status.required = unit.other
    if (progress := duplexing.of(running)) is not None:
        status.duplexing.CopyFrom(progress)
    return status


def state_of(state: State) -> pb.UnitState:
    """The state as the proto names it."""
    return cast(pb.UnitState, pb.UnitState.Value(f"UNIT_STATE_{state.value}"))


def redundancy(running: RunningUnit, unit: Unit) -> pb.Redundancy:
    """Of the pair, as far as this unit knows."""
    if not running.desk.answering or unit.record is None:
        return pb.REDUNDANCY_DOWN
    return pb.REDUNDANCY_DUPLEX if len(in_sync(unit)) > 1 else pb.REDUNDANCY_SIMPLEX


def in_sync(unit: Unit) -> tuple[int, ...]:
    """Who holds everything: as the record says, but for a survivor that goes on alone."""
    if unit.record is None:
        return ()
    return (unit.me,) if rules.alone(unit) else unit.record.in_sync


def _scrub(running: RunningUnit) -> pb.Scrub:
    scrubber = running.scrubber
    at = scrubber.position
    return pb.Scrub(
        part=scrubber.part,
        read_bytes=at.read_bytes,
        total_bytes=max(scrubber.expected_bytes, at.read_bytes) if scrubber.part else 0,
        began_ms=at.began_ms,
        ended_ms=at.ended_ms,
        last_bytes=at.last_bytes,
        found=at.found,
    )


def _seqs(running: RunningUnit, unit: Unit) -> pb.Seqs:
    log = unit.log
    return pb.Seqs(
        head_seq=log.head_seq,
        durable_seq=log.durable_seq,
        commit_seq=log.commit_seq,
        executed_seq=log.executed_seq,
        compared_seq=log.compared_seq,
        released_seq=min(running.hands.released_seq, log.compared_seq),
        checkpoint_seq=log.checkpoint_seq,
    )


def _peer(running: RunningUnit, unit: Unit) -> pb.Peer:
    connected = running.link.connected
    silent_ms = 0 if connected else max(0, now_ms() - unit.timers.heard_ms)
    peer = pb.Peer(
        unit=unit.other,
        address=running.settings.lockstep.peer_address,
        connected=connected,
        silence_ms=silent_ms,
        durable_seq=unit.partner.acked_seq if unit.partner is not None else unit.peer_floor_seq,
        lag_entries=lag_entries(unit),
        last_words=running.hands.partner_words,
    )
    session = unit.partner or unit.source
    if session is not None:
        peer.session = session.sid.hello
    return peer


def _witness(running: RunningUnit, unit: Unit) -> pb.Witness:
    at, asker = running.settings.witness, running.asker
    address = unit.promise.witness_address or spelled(at)
    witness = pb.Witness(
        address=address,
        reachable=asker.reachable,
        answer_age_ms=now_ms() - asker.answered_ms if asker.answered_ms else 0,
        witness_id=unit.promise.witness_id or asker.witness_id,
    )
    if unit.record is not None:
        witness.record_epoch = unit.record.epoch
        witness.record_active = unit.record.active
        witness.record_in_sync.extend(unit.record.in_sync)
    return witness


@cache
def software() -> str:
    """Version of this package; looked up once: it is a search through files, and dashboards ask often."""
    try:
        return version("ftnode")
    except PackageNotFoundError:
        return "not installed"


def part_healths(running: RunningUnit) -> list[pb.PartHealth]:
    """What is known of each part now."""
    known = {one.part: one for one in running.health.reliability()}
    found: list[pb.PartHealth] = []
    for verdict in verdicts(running.health.cases):
        part = pb.PartHealth(
            part=verdict.part.value,
            ill=verdict.ill,
            reading=verdict.reading,
            faults=known[verdict.part].faults,
        )
        between_ms = known[verdict.part].mtbf_ms
        if between_ms is not None:
            part.mtbf_ms = between_ms
        found.append(part)
    return found


def _versions(running: RunningUnit) -> pb.Versions:
    unit = running.driver.unit
    stands, engine = upgrading.standing(unit), upgrading.in_force(unit)
    waits = unit.lead is not None and max(unit.can) > engine
    return pb.Versions(
        software=software(),
        engine=engine,
        wire=running.link.version or WIRE_VERSION,
        log_format=written_by(engine),
        engines=unit.can,
        engine_since_seq=stands.since_seq,
        engine_prepared=stands.prepared,
        engine_not_ready=upgrading.not_ready(unit, max(unit.can)) if waits else "",
        engine_older_may_go=upgrading.may_drop(unit),
        code_digest=running.health.code,
    )


def _share(running: RunningUnit) -> float:
    """Of the pass under way, how much was read."""
    scrubber = running.scrubber
    if not scrubber.part:
        return 0.0
    return min(1.0, scrubber.position.read_bytes / max(scrubber.expected_bytes, 1))


def _alarms(running: RunningUnit) -> tuple[tuple[str, str, str, str, str], ...]:
    standing = running.alarms.standing() if running.alarms is not None else []
    return tuple(label_values(alarm) for alarm in standing)


def _progress(running: RunningUnit) -> Progress | None:
    at = duplexing.of(running)
    if at is None:
        return None
    return Progress(
        phase=pb.DuplexingPhase.Name(at.phase).removeprefix("DUPLEXING_PHASE_").lower(),
        share=at.slots_done / at.slots_total if at.slots_total else 0.0,
        sent_bytes=at.bytes_done,
        saved_bytes=at.bytes_saved,
        bytes_per_s=at.bytes_per_second,
        entries_left=at.entries_left,
        entries_per_s=at.entries_per_second,
        left_ms=at.left_ms if at.HasField("left_ms") else None,
    )


def sample(running: RunningUnit, calls_open: int) -> UnitSample:
    """What Prometheus is shown beside the counters."""
    unit, desk = running.driver.unit, running.desk
    log, record, clock = unit.log, unit.record, unit.clock
    off_ms = {
        name: clock.mine_ms - other_ms
        for name, other_ms in (("peer", clock.partner_ms), ("witness", clock.witness_ms))
        if other_ms is not None and clock.mine_ms is not None
    }
    running.figures.relayed = desk.relay.sent
    return UnitSample(
        state=unit.state,
        epoch=unit.promise.epoch,
        software=software(),
        engine_versions={
            "in_force": upgrading.in_force(unit),
            "oldest": min(unit.can),
            "newest": max(unit.can),
        },
        in_sync_units=len(record.in_sync) if record is not None else 0,
        safe_to_pull=trouble.safe_to_pull(unit, desk.partner_serving)[0],
        head_seq=log.head_seq,
        durable_seq=log.durable_seq,
        commit_seq=log.commit_seq,
        executed_seq=log.executed_seq,
        compared_seq=log.compared_seq,
        released_seq=min(running.hands.released_seq, log.compared_seq),
        checkpoint_seq=log.checkpoint_seq,
        peer_seq=unit.partner.acked_seq if unit.partner is not None else None,
        lag_entries=lag_entries(unit),
        queue_entries=desk.intake.waiting_by_lane(),
        queue_bytes=desk.intake.waiting_bytes,
        reads_waiting=desk.intake.reads,
        relay_entries=len(desk.relay),
        calls_open=calls_open,
        scans_running=running.scans.running if running.scans is not None else 0,
        scans_waiting=running.scans.waiting if running.scans is not None else 0,
        overlay_bytes=running.checkpoints.overlay_bytes,
        disk_free_bytes=shutil.disk_usage(running.opened.directory).free,
        log_time_ms=running.runner.executor.time_ms,
        clock_off_ms=off_ms,
        witness_answers=running.asker.reachable,
        peer_connected=running.link.connected,
        backup_ended_ms=running.last_backup.ended_ms or None,
        scrub_ended_ms=running.scrubber.position.ended_ms or None,
        scrub_share=_share(running),
        rotten_slots=len(running.rot.note.slots),
        duplexing=_progress(running),
        rotten_entries=len(unit.rotten),
        certificate_ends_ms=running.tls.certificate_ends_ms,
        alarms=_alarms(running),
    )
