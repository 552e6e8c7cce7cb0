"""A partner whose host says that its process is gone, told as short stories."""

from ftnode.core import events as ev
from tests.core.cabinet import duplex


def test_nobody_waits_for_a_process_that_is_gone() -> None:
    """Rule 7: the wait is for an active that could win the race; its host says that there is none."""
    cabinet = duplex()
    cabinet.kill(0)
    cabinet.run(20)
    assert cabinet.states() == "- STANDBY"
    cabinet.post(1, ev.Gone(cabinet.now_ms))
    cabinet.run(20)
    assert cabinet.states() == "- ACTIVE"
    assert cabinet.write()


def test_a_refused_call_while_the_channel_is_open_proves_nothing() -> None:
    """A late word about an earlier life, or a second one that closed: suspect nobody."""
    cabinet = duplex()
    cabinet.post(1, ev.Gone(cabinet.now_ms))
    cabinet.run(30)
    cabinet.post(1, ev.Closed(cabinet.now_ms))
    cabinet.post(0, ev.Closed(cabinet.now_ms))
    cabinet.run(20)
    assert cabinet.states() == "ACTIVE STANDBY"
