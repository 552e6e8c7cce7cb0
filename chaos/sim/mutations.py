"""The planted bugs: each breaks one rule of the protocol, or springs one of its traps.

They replace the small named rules of the core, or what the simulated shell does with an effect.
"""

from typing import Any, Final

from msgspec.structs import replace

from chaos.sim import self_trial
from chaos.sim.book import Book
from chaos.sim.disk import SimFile
from chaos.sim.planting import Plant
from chaos.sim.writes import Writes
from ftnode.core import effects as eff
from ftnode.core import events as ev
from ftnode.core import rules, standby, step, witnessing
from ftnode.core.fsm import State
from ftnode.core.state import Stage
from ftnode.machine.executor import Executor
from ftnode.machine.kinds import ABANDONED, Kind
from ftnode.machine.requests import Requests
from ftnode.store.state_dict import DictStateStore
from ftnode.store.wal import Wal
from ftnode.store.wal_segment import SEGMENT_MIN_BYTES

LAZY_US: Final = 3_000_000


# --- rule 1: durable on every in-sync unit -----------------------------------------------


def received_is_durable(plant: Plant) -> None:
    plant.set(rules, "held_seq", lambda unit: unit.log.executed_seq)


def own_disk_does_not_count(plant: Plant) -> None:
    def commit_seq(unit: Any) -> int:
        held_seq = unit.partner.acked_seq if rules.required(unit) and unit.partner else unit.log.head_seq
        return int(max(unit.log.commit_seq, min(held_seq, unit.log.head_seq)))

    plant.set(rules, "commit_seq", commit_seq)


def sync_is_a_lie(plant: Plant) -> None:
    """Of the log's segments; what is small and written rarely is spared, so that units still boot."""

    def fdatasync(self: SimFile) -> None:
        if self.size_bytes() < SEGMENT_MIN_BYTES:
            before(self)
        else:
            self._disk.step()

    before = plant.set(SimFile, "fdatasync", fdatasync)


# --- rule 2: swap first, then alone ------------------------------------------------------


def alone_before_the_swap(plant: Plant) -> None:
    required = rules.required
    plant.set(rules, "required", lambda unit: required(unit) and not unit.suspect)


def settled_by_reading(plant: Plant) -> None:
    def on_record_read(unit: Any, event: ev.RecordRead) -> Any:
        unit, effects = before(unit, event)
        joins = (wanted for wanted in unit.unsettled if unit.other in wanted.in_sync)
        read = event.record is not None and event.record == unit.record
        settled = set(joins) if read else set()
        return replace(unit, unsettled=tuple(one for one in unit.unsettled if one not in settled)), effects

    before = plant.put(step._HANDLERS, ev.RecordRead, on_record_read)


def restart_goes_on(plant: Plant) -> None:
    """Finding {self} on record is taken for the right to answer."""
    _goes_on(plant, lambda record, unit_id: record.in_sync == (unit_id,))


def _goes_on(plant: Plant, ours: Any) -> None:
    def on_record_read(unit: Any, event: ev.RecordRead) -> Any:
        unit, effects = before(unit, event)
        record = unit.record
        named = record is not None and ours(record, unit.me)
        mine = named and rules.in_set(record, unit.me, unit.promise.incarnation)
        if mine and unit.state is State.DUPLEXING and unit.lead is None and unit.ask is None:
            unit, more = witnessing._ours(unit, record)
            effects = [*effects, *more]
        return unit, effects

    before = plant.put(step._HANDLERS, ev.RecordRead, on_record_read)


# --- rule 3: joining ---------------------------------------------------------------------


def joins_while_behind(plant: Plant) -> None:
    plant.set(rules, "may_join", lambda unit, lead, partner: lead.join_required)


def promoted_from_outside(plant: Plant) -> None:
    def electable(unit: Any) -> bool:
        fit = not (unit.rotten or unit.unfit or unit.leaving)
        return fit and unit.state in (State.STANDBY, State.DUPLEXING) and bool(unit.promise.incarnation)

    plant.set(rules, "electable", electable)


def dead_newcomer_required(plant: Plant) -> None:
    plant.set(rules, "holds_requirement", lambda unit: True)


# --- rule 4: incarnations, rolled-back disks ---------------------------------------------


def any_disk_will_do(plant: Plant) -> None:
    def in_set(record: Any, unit_id: int, incarnation: str) -> bool:
        return record is not None and unit_id in record.in_sync

    plant.set(rules, "in_set", in_set)
    rolled_back_is_fine(plant)  # bounds of an earlier stay would give it away


def rolled_back_is_fine(plant: Plant) -> None:
    plant.set(rules, "rolled_back", lambda unit, hello: False)
    plant.set(rules, "shows_less_than_told", lambda unit: False)


# --- rule 5: takeover --------------------------------------------------------------------


def refuses_once_asked(plant: Plant) -> None:
    may_ack = rules.may_ack

    def mutated(unit: Any, record: Any) -> bool:
        return bool(may_ack(unit, record)) and unit.promise.asked_epoch < record.epoch

    plant.set(rules, "may_ack", mutated)


# --- rules 6 and 13: fencing, the tail ---------------------------------------------------


def fenced_for_good(plant: Plant) -> None:
    """A higher record that names ourselves, heard from the other unit, fences too, and for good."""
    asked: list[bool] = []

    def on_record_read(unit: Any, event: ev.RecordRead) -> Any:
        asked.append(True)
        try:
            return answered(unit, event)
        finally:
            asked.pop()

    def fences(unit: Any, record: Any) -> bool:
        unheard = unit.state is State.ACTIVE and not asked and record.in_sync == (unit.me,)
        return bool(before(unit, record)) or unheard

    def not_ours(unit: Any, record: Any) -> Any:
        unit, effects = other(unit, record)
        return (replace(unit, unfit="fenced") if record.active == unit.me else unit), effects

    answered = plant.put(step._HANDLERS, ev.RecordRead, on_record_read)
    before = plant.set(rules, "fences", fences)
    other = plant.set(witnessing, "_not_ours", not_ours)


def tail_not_cut(plant: Plant) -> None:
    def open_further(unit: Any) -> Any:
        source = unit.source
        behind = source is not None and source.common_seq < unit.log.head_seq and not source.snapshot
        if behind and source.stage is Stage.PROMISING and unit.promise == unit.want:
            return replace(unit, source=replace(source, stage=Stage.READY)), []
        return before(unit)

    before = standby.open_further
    follow_ups = tuple(open_further if part is before else part for part in step._FOLLOW_UPS)
    plant.set(step, "_FOLLOW_UPS", follow_ups)


def write_sets_not_discarded(plant: Plant) -> None:
    plant.set(Executor, "discard_above", lambda self, seq: None)


# --- rules 7, 8, 9: who is lost ----------------------------------------------------------


def standby_asks_first(plant: Plant) -> None:
    def silence(unit: Any) -> str:
        timers = unit.timers
        patience_ms = unit.timing.silence_ms + (200 if unit.lead is not None else 0)
        return "silent" if timers.now_ms - timers.heard_ms > patience_ms else ""

    plant.set(rules, "silence", silence)


def asks_without_proof(plant: Plant) -> None:
    plant.set(rules, "proof_needed", lambda unit, purpose: False)
    plant.set(rules, "needs_probe", lambda unit, purpose: True)


def never_sick(plant: Plant) -> None:
    plant.set(rules, "sick", lambda unit: False)


def never_slow(plant: Plant) -> None:
    plant.set(rules, "slow", lambda unit: False)


# --- rule 10, output rule ----------------------------------------------------------------


def guesses_when_cut_off(plant: Plant) -> None:
    """Neither peer nor witness answers: go on alone."""
    required = rules.required

    def guessed(unit: Any) -> bool:
        cut_off = bool(unit.suspect) and bool(unit.unsettled)
        return bool(required(unit)) and not cut_off

    plant.set(rules, "required", guessed)


def reads_without_barrier(plant: Plant) -> None:
    def read_ready(unit: Any, lead: Any, read: Any) -> bool:
        return bool(unit.log.compared_seq >= max(read.seq, lead.noop_seq))

    plant.set(rules, "read_ready", read_ready)


def any_ack_counts(plant: Plant) -> None:
    """Sessions mean nothing, not even that of an active which was restarted: it goes on in its epoch."""
    plant.set(rules, "ack_counts", lambda unit, partner, ack: "")
    _goes_on(plant, lambda record, unit_id: record.active == unit_id)


# --- rule 12: booting --------------------------------------------------------------------


def starts_without_asking(plant: Plant) -> None:
    plant.set(rules, "may_start", lambda unit: True)


# --- rules 14, 15: disks -----------------------------------------------------------------


def rot_ignored(plant: Plant) -> None:
    def recover(self: Book) -> ev.Booted:
        booted: ev.Booted = before(self)
        return replace(booted, rotten=())

    before = plant.set(Book, "recover", recover)


def rot_at_run_time_ignored(plant: Plant) -> None:
    """Only a boot has it mended."""
    plant.put(step._HANDLERS, ev.Rotted, lambda unit, event: (unit, []))


def rotten_state_stays(plant: Plant) -> None:
    """Its unit knows, and goes on."""
    plant.put(step._HANDLERS, ev.RottenState, lambda unit, event: (unit, []))


def rotten_values_are_read(plant: Plant) -> None:
    """Whatever the disk gives back is an input to execute."""
    plant.set(DictStateStore, "_check", lambda self, key: None)


def read_is_durable(plant: Plant) -> None:
    """What is found in the log at boot counts, unsynced."""

    def sync(self: Any) -> int:
        if not self.__dict__.get("alive_once"):
            self.__dict__["alive_once"] = True
            return int(self.head_seq)
        return int(before(self))

    plant.set(Wal, "rewrite_tail", _no_rewrite)
    before = plant.set(Wal, "sync", sync)


def _no_rewrite(self: Any) -> int:
    self._unclean = False
    return 0


def fsync_retried(plant: Plant) -> None:
    def fdatasync(self: SimFile) -> None:
        try:
            before(self)
        except OSError:
            before(self)

    before = plant.set(SimFile, "fdatasync", fdatasync)


# --- rule 16 -----------------------------------------------------------------------------


def miscompare_ignored(plant: Plant) -> None:
    def compare(self: Book, effect: eff.Compare) -> None:
        self._life.feed(ev.Compared(self._life.now_ms(), effect.seq, True))

    plant.set(Book, "compare", compare)


def partner_is_blamed(plant: Plant) -> None:
    """Who sees the difference takes itself for sound."""

    def verdict(life: Any, effect: eff.Arbitrate, number: int) -> None:
        life.feed(ev.Arbitrated(life.now_ms(), effect.seq, ""))

    plant.set(self_trial, "verdict", verdict)


def roots_are_not_compared(plant: Plant) -> None:
    plant.set(rules, "same_roots", lambda ours, theirs: True)


def reads_are_not_compared(plant: Plant) -> None:
    plant.set(rules, "agrees", lambda read: True)


def answers_before_its_own_trial(plant: Plant) -> None:
    """The other one is convicted, or late: that is taken for an acquittal of ours."""
    plant.set(rules, "sound", lambda trial: trial.mine == "" or trial.theirs not in (None, ""))


# --- rule 18 -----------------------------------------------------------------------------


def no_memory_of_requests(plant: Plant) -> None:
    plant.set(Requests, "answer", lambda self, view, entry, key: None)


def window_ignored(plant: Plant) -> None:
    def answer(self: Requests, view: Any, entry: Any, key: bytes) -> bytes | None:
        found = before(self, view, entry, key)
        return None if found is not None and found[:1] == b"\x01" else found

    before = plant.set(Requests, "answer", answer)


def abandoned_forgotten(plant: Plant) -> None:
    def run_own(self: Executor, entry: Any, state: Any) -> bytes:
        if entry.kind == Kind.ABANDON:
            return ABANDONED
        return bytes(before(self, entry, state))

    before = plant.set(Executor, "_run_own", run_own)


# --- rule 20 -----------------------------------------------------------------------------


def promise_written_later(plant: Plant) -> None:
    """The core is told at once that a promise is kept; the disk hears of it seconds later."""

    def keep_promise(self: Writes, effect: eff.KeepPromise) -> None:
        if effect.promise.boot > 1 and effect.promise.epoch > 1:
            self._life.later(100, self._kept_early, effect)  # type: ignore[attr-defined]
            return
        before(self, effect)

    def kept_early(self: Writes, effect: eff.KeepPromise) -> None:
        self._life.feed(ev.PromiseKept(self._life.now_ms(), effect.number))
        if self._life.alive:
            self._life.later(LAZY_US, self._written_late, effect)  # type: ignore[attr-defined]

    def written_late(self: Writes, effect: eff.KeepPromise) -> None:
        if self._life.unit.promise == effect.promise:
            before(self, effect)

    Writes._kept_early = kept_early  # type: ignore[attr-defined]
    Writes._written_late = written_late  # type: ignore[attr-defined]
    before = plant.set(Writes, "keep_promise", keep_promise)
