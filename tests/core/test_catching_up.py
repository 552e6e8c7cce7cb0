"""A returning unit gets what it lacks: by the log, again and again, or, where that cannot be read, whole."""

from msgspec.structs import replace

from ftnode.core import events as ev
from ftnode.core import messages as msg
from ftnode.core import rules
from ftnode.core.ends import between
from ftnode.core.state import Timing
from tests.core.cabinet import Cabinet, duplex


def test_a_log_that_begins_later_is_not_taken_to_begin_earlier_again() -> None:
    """Rot below the checkpoint is told as trimmed; the next checkpoint, whose log still begins with 1, must
    not undo that: the partner would ask for what cannot be read, for ever."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.run(500)
    for _ in range(3):
        cabinet.write(5)
    log = cabinet.boxes[0].unit.log
    cabinet.post(0, ev.Checkpointed(cabinet.now_ms, log.compared_seq, log.compared_seq - 2))
    cabinet.post(0, ev.Checkpointed(cabinet.now_ms, log.compared_seq, 1))
    cabinet.settle()
    assert cabinet.boxes[0].unit.log.first_seq == log.compared_seq - 2
    cabinet.boot(1)
    cabinet.run(1_000)
    assert any("FetchSnapshot" in line for line in cabinet.boxes[1].trace)
    assert cabinet.states() == "ACTIVE STANDBY"


def test_rot_that_is_found_while_the_partner_catches_up_ends_in_a_snapshot() -> None:
    """Its session was opened by the log; the entries it lacks turn out unreadable, so none of them comes."""
    cabinet = duplex()
    cabinet.kill(1)
    cabinet.run(500)
    for _ in range(3):
        cabinet.write(5)
    log = cabinet.boxes[0].unit.log
    cabinet.cut = {(0, 1)}  # what cannot be read is not sent
    cabinet.boot(1)
    cabinet.run(100)
    cabinet.post(0, ev.Checkpointed(cabinet.now_ms, log.compared_seq, log.compared_seq - 2))
    cabinet.cut = set()
    cabinet.run(2_000)
    assert any("FetchSnapshot" in line for line in cabinet.boxes[1].trace)
    assert cabinet.states() == "ACTIVE STANDBY"


class Crowded(Cabinet):
    """The active's shell drops entries as soon as too many wait unsent, in the middle of an Append too."""

    left = 0

    def send(self, at: int, message: msg.Message) -> None:
        if isinstance(message, msg.Append) and message.to_seq >= message.from_seq:
            to_seq = min(message.to_seq, message.from_seq + self.left - 1)
            if to_seq < message.from_seq:
                return
            self.left -= to_seq - message.from_seq + 1
            ends = between(message.ends, message.from_seq, to_seq)
            message = replace(message, to_seq=to_seq, ends=ends)
        super().send(at, message)


def test_entries_that_found_no_room_are_sent_again_until_all_are_there() -> None:
    """Each time from where the partner stands: what had room once is not sent twice."""
    cabinet = Crowded(Timing(chunk_entries=4))
    cabinet.left = 1_000
    cabinet.boot(0)
    cabinet.boot(1)
    cabinet.run(500)
    cabinet.kill(1)
    cabinet.run(500)
    cabinet.write(60)
    head_seq = cabinet.boxes[0].unit.log.head_seq
    cabinet.boot(1)
    rounds = 0
    while cabinet.boxes[1].unit.log.head_seq < head_seq:
        cabinet.left = 6
        cabinet.run(cabinet.timing.resend_ms)
        rounds += 1
        assert rounds <= 20
    cabinet.left = 1_000
    cabinet.run(500)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert sum("SnapshotInstalled" in line or "FetchSnapshot" in line for line in cabinet.boxes[1].trace) == 0


class Measured(Cabinet):
    """Notes how much is on its way to the standby, beyond what it has acknowledged, and whether it counts."""

    on_the_way: list[tuple[bool, int]]

    def send(self, at: int, message: msg.Message) -> None:
        if isinstance(message, msg.Append) and message.to_seq >= message.from_seq:
            unit = self.boxes[at].unit
            received_seq = unit.partner.received_seq if unit.partner is not None else 0
            self.on_the_way.append((rules.required(unit), message.to_seq - received_seq))
        super().send(at, message)


def test_a_unit_that_only_catches_up_is_sent_small_portions() -> None:
    """The active reads them in the turns in which tills are served. Later, tills wait for it."""
    cabinet = Measured(Timing(catch_up_entries=5, window_entries=100, join_lag_entries=3))
    cabinet.on_the_way = []
    cabinet.boot(0)
    cabinet.boot(1)
    cabinet.run(500)
    cabinet.kill(1)
    cabinet.run(500)
    cabinet.write(60)
    cabinet.on_the_way.clear()
    cabinet.boot(1)
    cabinet.run(1_000)
    assert cabinet.states() == "ACTIVE STANDBY"
    assert max(count for required, count in cabinet.on_the_way if not required) == 5
    cabinet.write(60)
    assert max(count for required, count in cabinet.on_the_way if required) > 5
