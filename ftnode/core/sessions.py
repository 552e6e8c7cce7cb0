"""How two units find each other: hellos, opening a session, goodbyes, rotten entries fetched."""

from msgspec.structs import replace

from ftnode.core import designation, forcing, illness, rules, scrubbing, upgrading
from ftnode.core.arbitration import STOPPED
from ftnode.core.clock import hear_partner
from ftnode.core.effects import Ignore, Noted, Repair, Send, Suspect
from ftnode.core.ends import common_seq, last
from ftnode.core.events import Received
from ftnode.core.fsm import State
from ftnode.core.invariants import BrokenInvariantError
from ftnode.core.messages import Fetch, Fetched, Goodbye, Hello, Open, Sid
from ftnode.core.moves import Step, forget_rotten, lose_source
from ftnode.core.saying import hello
from ftnode.core.state import NEVER, Partner, Peer, Unit
from ftnode.core.witnessing import adopt, read_record


def on_hello(unit: Unit, said: Hello) -> Step:
    """The other unit looks for a session, or says that it is active."""
    old = unit.peer
    if old is not None and rules.stale(unit, old, said):
        return unit, [Ignore("an older hello")]
    peer = Peer(
        said.boot,
        said.life,
        said.hello,
        State(said.state),
        said.incarnation,
        said.electable,
        last(said.ends),
        unit.timers.now_ms,
        said.ailing,
        said.versions,
        said.version,
    )
    clock = hear_partner(unit.clock, said.wall_ms, 0, unit.timers.now_ms)
    unit = replace(unit, peer=peer, clock=clock)
    unit, dropped = forcing.hear(unit)
    unit, freed = designation.hear_given_up(unit, said.given_up_epoch)
    unit, effects = _hear_epoch(unit, said)
    unit, named = upgrading.hear(unit, said)
    unit, more = _answer_as_active(unit, said) if unit.lead is not None else _hear_as_standby(unit, said)
    return unit, [*dropped, *freed, *effects, *named, *more]


def _hear_epoch(unit: Unit, said: Hello) -> Step:
    """A higher epoch exists: its record is adopted, or, if only its number is known, read. (rule 6)"""
    known_epoch = unit.record.epoch if unit.record else 0
    if said.record is not None and said.record.epoch > known_epoch:
        after, effects = adopt(unit, said.record)
        if after.source is not None and after.source is unit.source and said.state == State.ACTIVE.value:
            after = lose_source(after)  # our active began an epoch without us in its session
        return after, effects
    if said.epoch <= known_epoch:
        return unit, []
    effects = []
    if unit.lead is not None and unit.lead.stopped in ("", STOPPED):
        unit = replace(unit, lead=replace(unit.lead, stopped="a higher epoch exists"))
        effects = [Noted("stopped", f"unit {said.unit} promised epoch {said.epoch}")]
    unit, more = read_record(unit)
    return unit, [*effects, *more]


def _hear_as_standby(unit: Unit, said: Hello) -> Step:
    """We are not active. Did our active start anew, or drop our session?"""
    source = unit.source
    if source is None:
        return unit, []
    if said.life != source.sid.active_life:
        why = "the active was started anew"
        return replace(lose_source(unit), suspect=why), [Noted("session lost", why)]
    if said.state != State.ACTIVE.value:
        why = "the active gave up"
        return replace(lose_source(unit), suspect=why), [Noted("session lost", why)]
    return unit, [Ignore("a hello within a session")]


def _answer_as_active(unit: Unit, said: Hello) -> Step:
    """We are active: tell a deposed one, or open a session with a unit that looks for one."""
    if said.state == State.ACTIVE.value:
        return unit, [Send(hello(unit))]
    if said.state not in (State.DUPLEXING.value, State.STANDBY.value):
        return unit, [Ignore("a hello of a unit that takes no part")]
    if unit.trial is not None:
        return unit, [Ignore("no session before it is known whose digest is wrong")]
    if why := upgrading.misfit(unit, said.versions):
        return _refused(unit, why)
    sid = Sid(unit.life, said.life, said.hello)
    if unit.partner is not None and unit.partner.sid == sid:
        return unit, [Ignore("the session is open")] if unit.partner.opened else [_open(unit, said, sid)]
    record = unit.record
    if record is None:
        raise BrokenInvariantError("an active without a record opens a session")
    if unit.other in record.in_sync and not rules.alone(unit):
        if not rules.in_set(record, unit.other, said.incarnation):
            return _shut_out(unit, "it came back without its incarnation: its disk was replaced")
        if rules.rolled_back(unit, said):
            return _shut_out(
                unit, f"holds {said.head_seq}, was known to hold {unit.peer_floor_seq}: rolled back"
            )
        if why := illness.keeps_out(unit, said.ailing):
            return replace(unit, suspect=unit.suspect or why), [Ignore("waits until the set has shrunk")]
    elif said.full or illness.keeps_out(unit, said.ailing):
        return unit, [Ignore("no session with a unit that is ill, or over a bad link")]
    if waiting := upgrading.waits_for_checkpoint(unit, said, common_seq(unit.log.ends, said.ends)):
        return waiting
    return _begin_session(unit, said, sid)


def _refused(unit: Unit, why: str) -> Step:
    """Its program cannot execute our log. It hears from us which version that would take."""
    counted = unit.record is not None and unit.other in unit.record.in_sync and not rules.alone(unit)
    after = replace(unit, suspect=(unit.suspect or why) if counted else unit.suspect)
    return after, [Ignore("a program that cannot execute our log"), Send(hello(unit))]


def _shut_out(unit: Unit, why: str) -> Step:
    """A unit of the set whose disk is not what it was: it must be put out before it may join. It hears that
    we are there: it must not take the record either, which it may reach while we do not."""
    waits = Ignore("waits until the set has shrunk")
    return replace(unit, suspect=why), [Suspect(unit.other, why), waits, Send(hello(unit))]


def _begin_session(unit: Unit, said: Hello, sid: Sid) -> Step:
    lead = unit.lead
    same = common_seq(unit.log.ends, said.ends)
    snapshot = _lacks_log(unit, said, same)
    partner = Partner(
        sid,
        said.incarnation,
        snapshot=snapshot,
        versions=said.versions,
        received_seq=same,
        sent_seq=same,
        acked_seq=0,
        compared_seq=0,
    )
    timers = replace(unit.timers, behind_ms=NEVER, sent_ms=unit.timers.now_ms)
    member = rules.in_set(unit.record, unit.other, said.incarnation)
    after = replace(
        unit,
        partner=partner,
        timers=timers,
        lead=replace(lead, join_required=False) if lead else None,
        peer_floor_seq=unit.peer_floor_seq if member else 0,
    )
    return after, [Noted("session", f"{sid}, common through {same}"), _open(after, said, sid)]


def _lacks_log(unit: Unit, said: Hello, same: int) -> bool:
    if same + 1 < unit.log.first_seq or said.checkpoint_seq > same:
        return True
    return upgrading.cannot_execute_from(unit, said, same)


def _open(unit: Unit, said: Hello, sid: Sid) -> Send:
    record = unit.record
    same = common_seq(unit.log.ends, said.ends)
    if record is None:
        return Send(hello(unit))
    snapshot = _lacks_log(unit, said, same)
    witness = (unit.promise.witness_id, unit.promise.witness_address)
    return Send(Open(sid, record, same, b"", snapshot, unit.log.head_seq, unit.timers.wall_ms, *witness))


def on_goodbye(unit: Unit, said: Goodbye) -> Step:
    """The other unit stops, and says why."""
    if not rules.goodbye_counts(unit, said):
        return unit, [Ignore("a goodbye of another life or epoch")]
    return replace(unit, suspect=f"goodbye: {said.reason}"), [Noted("goodbye", said.reason)]


def on_fetch(unit: Unit, said: Fetch) -> Step:
    """Entries rotted over there: send what we hold of them."""
    held = tuple(seq for seq in said.seqs if unit.log.first_seq <= seq <= unit.log.durable_seq)
    held = tuple(seq for seq in held if seq not in unit.rotten)
    return unit, [Send(Fetched(unit.me, said.life, held))]


def on_fetched(unit: Unit, event: Received, said: Fetched) -> Step:
    """Entries that rotted here came, checked against the hashes that our log demands."""
    if said.life != unit.life or not unit.rotten:
        return unit, [Ignore("entries that nobody asked for")]
    if unit.mending:
        return unit, [Ignore("these are being put in place already")]
    if event.sound and set(unit.rotten) <= set(said.seqs):  # of a hole, only the whole can be put in place
        return replace(unit, mending=True), [Repair(unit.rotten)]
    led = unit.lead is None and unit.peer is not None and unit.peer.state is State.ACTIVE
    if rules.can_do_without(unit) and not led:
        return forget_rotten(unit, "the partner did not send them")
    if unit.lead is not None:
        return unit, [Ignore("the partner cannot replace what rotted: a checkpoint has to hold it first")]
    return scrubbing.join_anew(unit, "the partner cannot replace all rotten entries: join anew")
