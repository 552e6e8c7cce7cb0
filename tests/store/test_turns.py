"""Long turns are the calling thread's alone, not a helper's that it begins; the rest of it is as it was."""

import os
import platform
import threading

import pytest

from ftnode.store import turns
from ftnode.store.child import Child


def _of_a_helper_begun_here() -> float:
    child = Child("ftnode.store.state_helper", "nowhere", "0")
    try:
        return turns.turn_ms(child.pid)
    finally:
        child.end(at_once=True)


def _in_a_thread(found: list[object]) -> None:
    before = os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0)
    found += [turns.take_long_turns(), turns.turn_ms()]
    found.append(_of_a_helper_begun_here())
    found.append((os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0)) == before)


def test_a_thread_takes_long_turns_and_no_other_does() -> None:
    """What the kernel says afterwards; one before 6.12 takes the wish and forgets it."""
    usual_ms = turns.turn_ms()
    found: list[object] = []
    thread = threading.Thread(target=_in_a_thread, args=(found,))
    thread.start()
    thread.join()
    why, turn_ms, begun_ms, same = found
    if why:
        pytest.skip(f"this kernel takes no wish: {why}")
    assert same
    assert begun_ms == usual_ms
    assert turns.turn_ms() == usual_ms
    if _linux() < (6, 12):
        pytest.skip(f"Linux {platform.release()} has turns of one length")
    assert turn_ms == turns.TURN_MS


def _linux() -> tuple[int, ...]:
    """Version of the kernel."""
    return tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])


def test_on_another_machine_it_is_said_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tried there."""
    monkeypatch.setattr(platform, "machine", lambda: "m68k")
    assert turns.take_long_turns() == "no sched_setattr on m68k"
    assert turns.turn_ms() == 0
