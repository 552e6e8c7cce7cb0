"""How fast a snapshot is sent."""

from ftnode.shell.throttle import LATE_S, STEPS, Throttle

MIB = 1 << 20


def test_a_loop_on_time_lets_it_grow_to_the_most_and_no_further() -> None:
    throttle = Throttle(10 * MIB, 64 * MIB)
    assert throttle.pause_s(10 * MIB) == 1.0
    for _ in range(2 * STEPS):
        throttle.woke(LATE_S / 2)
    assert throttle.bytes_per_s == 64 * MIB


def test_a_late_loop_slows_it_at_once_and_never_below_the_least() -> None:
    throttle = Throttle(10 * MIB, 64 * MIB)
    for _ in range(2 * STEPS):
        throttle.woke(0.0)
    throttle.woke(2 * LATE_S)
    assert throttle.bytes_per_s < 50 * MIB
    for _ in range(100):
        throttle.woke(2 * LATE_S)
    assert throttle.bytes_per_s == 10 * MIB


def test_a_checkpoint_beside_it_slows_it_as_a_late_loop_does() -> None:
    """It goes on at the least: checkpoints may come one after the other for hours."""
    throttle = Throttle(10 * MIB, 64 * MIB)
    for _ in range(2 * STEPS):
        throttle.woke(0.0)
    for _ in range(100):
        throttle.woke(0.0, beside=True)
    assert throttle.bytes_per_s == 10 * MIB


def test_it_recovers_slower_than_it_falls() -> None:
    """Half of the chunks late: it stays near the least, not in the middle."""
    throttle = Throttle(10 * MIB, 64 * MIB)
    for _ in range(500):
        throttle.woke(0.0)
        throttle.woke(2 * LATE_S)
    assert throttle.bytes_per_s < 16 * MIB


def test_the_most_wins() -> None:
    """Who allows less than the least of the defaults gets what he allows."""
    throttle = Throttle(12 * MIB, MIB)
    throttle.woke(0.0)
    assert throttle.bytes_per_s == MIB
