"""What can be told of a queue inside gRPC that nobody can look at."""

from ftnode.shell.acceptors import AT_ONCE_TURNS, STANDING_S, Standing


def turns(queue: Standing, from_s: float, to_s: float, waited: int) -> list[bool]:
    """A turn each 10 ms, in each of which an accept is taken up that waited for so many turns."""
    count = round((to_s - from_s) * 100)
    return [queue.seen(queue.turn + 1 - waited, from_s + n / 100) for n in range(count)]


def test_a_queue_that_stands_is_told_from_a_burst() -> None:
    """Every accept taken up at once, for longer than a burst lasts; and then until one has to wait again."""
    queue = Standing()
    assert not any(turns(queue, 0, 3, waited=AT_ONCE_TURNS + 1))  # many call, and each is taken up at once
    assert not any(turns(queue, 3, 3 + STANDING_S, waited=1))  # a burst
    assert not any(turns(queue, 4, 4.01, waited=AT_ONCE_TURNS + 1))  # over
    standing = turns(queue, 5, 5 + 2 * STANDING_S, waited=AT_ONCE_TURNS)
    assert (standing[0], standing[-1]) == (False, True)
    assert standing.index(True) in (round(STANDING_S * 100), round(STANDING_S * 100) + 1)
    assert not any(turns(queue, 7, 7.01, waited=AT_ONCE_TURNS + 1))


def test_calls_of_one_turn_are_no_turns_of_their_own() -> None:
    """The loop's time stands still during a turn."""
    queue = Standing()
    for _ in range(100):
        queue.seen(0, 1.0)
    assert queue.turn == 1
