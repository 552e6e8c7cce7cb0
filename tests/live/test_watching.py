"""What an observer counts while things happen to a pair."""

from chaos.live.observer import Tally
from ftnode.ctl.ask import Answers, Silence, UnitAnswer
from ftnode.ctl.view import PairView, look
from tests.ctl.parts import ACTIVE, DUPLEXING, STANDBY, holding, status

GONE = Silence("killed")


def view(zero: UnitAnswer, one: UnitAnswer) -> PairView:
    return look(Answers((zero, one), holding()))


def test_a_pulled_active_and_a_blank_one_in_its_place() -> None:
    """One takeover, one rejoin; what happens in between counts as neither."""
    tally = Tally()
    story = [  # view, what is new in it
        (view(status(0, STANDBY), GONE), []),  # starting
        (view(status(0, ACTIVE, (0,)), status(1, DUPLEXING, (0,))), []),
        (view(status(0, ACTIVE), status(1, STANDBY)), ["duplex: both units hold everything"]),
        (view(status(0, ACTIVE), status(1, STANDBY)), []),
        (view(GONE, status(1, STANDBY)), []),  # nobody knows yet
        (
            view(GONE, status(1, ACTIVE, (1,), epoch=8)),
            ["unit 1 has taken over, epoch 8", "simplex: unit 1 serves alone, epoch 8"],
        ),
        (view(status(0, DUPLEXING, (1,)), status(1, ACTIVE, (1,), epoch=8)), []),
        (view(status(0, DUPLEXING, (1,)), status(1, ACTIVE, (0, 1), epoch=9)), []),  # not yet by itself
        (
            view(status(0, STANDBY), status(1, ACTIVE, (0, 1), epoch=9)),
            ["duplex: both units hold everything"],
        ),
    ]
    for seen, news in story:
        assert tally.see(seen) == news
    assert (tally.takeovers, tally.rejoins) == (1, 1)


def test_a_lost_standby_is_no_takeover() -> None:
    """The active goes on alone and gets it back: a rejoin only."""
    tally = Tally()
    for seen in (
        view(status(0, ACTIVE), status(1, STANDBY)),
        view(status(0, ACTIVE, (0,), epoch=8), GONE),
        view(status(0, ACTIVE, epoch=9), status(1, STANDBY, epoch=9)),
    ):
        tally.see(seen)
    assert (tally.takeovers, tally.rejoins) == (0, 1)
