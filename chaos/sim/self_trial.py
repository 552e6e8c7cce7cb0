"""Re-execution in a clean memory, for a unit in doubt: what `ftnode.shell.self_trial` does in a process."""

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from chaos.sim.watched import watched
from chaos.sim.world import MS
from ftnode.core import effects as eff
from ftnode.core import events as ev
from ftnode.core.messages import Doubt, Message
from ftnode.machine.arbitration import Evidence, Recorder, difference_between, packed_evidence, traced
from ftnode.machine.executor import Executor
from ftnode.store.entry import decode_run
from ftnode.store.state import RottenValue

if TYPE_CHECKING:
    from chaos.sim.life import Life

HANGS: Final = 0.1
START_US: Final = (20 * MS, 600 * MS)  # until a process runs


def arbitrate(life: "Life", effect: eff.Arbitrate) -> None:
    """Begin; the verdict comes when so many entries were executed again."""
    life.trials += 1
    if life.box.trial_hangs:
        life.world.fault("re-execution never ends", f"unit {life.me}")
        life.book.harmed = True
        return
    entries = effect.seq - life.book.store.checkpoint.seq
    if life.box.trial_us:
        life.later(life.box.trial_us, verdict, life, effect, life.trials)
        return
    if life.world.chance(HANGS):
        life.world.fault("re-execution hangs", f"unit {life.me}")
        life.book.harmed = True
        life.later(2 * life.unit.timing.arbitration_ms * MS, _given_up, life, effect, life.trials)
        return
    delay_us = life.world.between(*START_US) + life.box.execute_us * entries
    if delay_us > 2 * life.unit.timing.arbitration_ms * MS:
        life.book.harmed = True  # too slow to vouch for itself: that is one that hangs
    life.later(delay_us, verdict, life, effect, life.trials)


def _given_up(life: "Life", effect: eff.Arbitrate, number: int) -> None:
    if number == life.trials:
        life.feed(ev.Arbitrated(life.now_ms(), effect.seq, "it could not re-execute its log in time"))


def verdict(life: "Life", effect: eff.Arbitrate, number: int) -> None:
    """Tell the core what re-execution says of this life, if it was not asked again since."""
    if number != life.trials:
        return
    # A newcomer to a lone active, or that active, may have a checkpoint behind the doubt by now.
    now = effect.barrier or life.book.store.checkpoint.seq >= effect.seq
    seq = life.book.executed_seq if now else effect.seq
    evidence = Evidence()
    try:
        clean = again(life, seq, effect.equal_seq, evidence)
    except RottenValue as rot:
        life.scrubber.tried(rot)
        life.feed(ev.Arbitrated(life.now_ms(), effect.seq, str(rot), disk=True))
        return
    ours, digest = life.book.digest_at(seq), clean.digest_at(seq)
    if effect.barrier and ours == digest:
        ours, digest = life.reader.again(effect.barrier, clean.query)
    if effect.roots and 0 < life.book.state_flipped <= effect.seq:
        digest = None
    fault = "" if digest == ours else f"its memory contradicts its own log at {seq}"
    life.world.seen["re-executed in doubt"] += 1
    if not fault and not effect.barrier:
        life.evidence.found(effect.seq, packed_evidence(evidence))
    life.feed(ev.Arbitrated(life.now_ms(), effect.seq, fault))


def again(life: "Life", through_seq: int, equal_seq: int, evidence: Evidence) -> Executor:
    """One that began at the checkpoint and had nothing but the log."""
    book = life.book
    recorders = [Recorder(one) for one in watched(life.cabinet.machine, life.box.program, box=life.box)]
    executor = Executor(book.store, recorders, life.cabinet.settings.keep_ms)
    while executor.executed_seq < through_seq:
        run = book.log.read(executor.executed_seq + 1)
        if run is None:
            return executor
        _, entries, hashes = decode_run(run.prev_hash, run.first_seq, run.data)
        for entry, entry_hash in zip(entries, hashes, strict=True):
            if executor.executed_seq < entry.seq <= through_seq:
                trace = traced(executor, recorders, entry, entry_hash)
                if entry.seq > equal_seq:
                    evidence.add(trace)
    return executor


class Exchange:
    """The evidence of both units, held against each other as soon as there are both."""

    def __init__(self, life: "Life") -> None:
        self._life = life
        self._ours = self._theirs = (0, b"")  # (seq of the doubt, evidence)

    def found(self, seq: int, evidence: bytes) -> None:
        """What the entries in doubt did here: this unit is sound."""
        self._ours = (seq, evidence)
        self._report()

    def filled_in(self, message: Message) -> Message:
        """A sound unit's word goes with it."""
        if not isinstance(message, Doubt) or not message.done or message.fault or message.barrier:
            return message
        return replace(message, evidence=self._ours[1]) if self._ours[0] == message.seq else message

    def hear(self, message: Message) -> None:
        """So does the other one's."""
        if (
            isinstance(message, Doubt)
            and message.evidence
            and self._theirs
            != (
                message.seq,
                message.evidence,
            )
        ):
            self._theirs = (message.seq, message.evidence)
            self._report()

    def _report(self) -> None:
        (seq, ours), (at, theirs) = self._ours, self._theirs
        if ours and theirs and seq == at:
            self._life.world.seen["evidence held against evidence"] += 1
            what = difference_between(ours, theirs)
            self._life.feed(ev.Differed(self._life.now_ms(), seq, what))
