"""The line is cut for an hour. Thirty sales, a till killed in between, and all of it is booked once."""

import random
from pathlib import Path

import pytest

from loyalty.cli.till import screens
from loyalty.client.outbox import Fate
from loyalty.v1 import till_pb2 as till
from tests.cli.till.stage import MINUTE_MS, Stage
from tests.client.fake import DO_AND_DROP, DROP, HANG, OK

SALES = 30


async def sell(stage: Stage, article: str) -> screens.Screen:
    """One customer, from the first line to the last."""
    await stage.type(article)
    await stage.type("+886912345678")
    return (await stage.type("pay")).screen


def booked(stage: Stage) -> list[tuple[int, int]]:
    """Receipt number and time of sale of each, in the order of booking."""
    return [(number, sale.sold_ms) for (_, _, number, _), sale in stage.shop.sales.items()]


@pytest.mark.parametrize("killed_after", [0, 7, 29, 30])
async def test_an_hour_without_a_line(tmp_path: Path, killed_after: int) -> None:
    """Wherever the till is killed: all thirty are booked once, in order, each with its own time of sale."""
    stage = Stage(tmp_path)
    await stage.started()
    await stage.type("enrol +886912345678")
    cut_ms = stage.clock.now_ms()
    await stage.type("socks")
    await stage.happen("nobody answers")
    await stage.type("clear")
    await stage.type("+886912345678")  # nobody answers: from now on it is without a line
    sold_ms = []
    for number in range(SALES):
        if number == killed_after:
            await stage.happen("the till is killed")
        sold_ms.append(stage.clock.now_ms())
        screen = await sell(stage, "socks")
        assert isinstance(screen, screens.Kept)
        await stage.wait(2)
    if killed_after == SALES:
        await stage.happen("the till is killed")
    assert stage.clock.now_ms() - cut_ms >= 60 * MINUTE_MS
    assert not stage.shop.sales

    answer = await stage.type("")
    status = answer.status
    assert (status.line, status.waiting) == ("down", SALES)
    assert status.now_ms - status.oldest_ms >= 60 * MINUTE_MS, "it says since when the oldest waits"

    await stage.happen("somebody answers")
    await stage.wait(2)
    answer = await stage.type("")
    assert (answer.status.line, answer.status.waiting) == ("up", 0)
    assert answer.notices[0].startswith("30 that waited are done, from sale 17/3/1/")
    assert booked(stage) == list(zip(range(1, SALES + 1), sold_ms, strict=True))
    assert len(stage.shop.executed) == SALES + 1, "and the enrolment"
    assert {settled.fate for settled in stage.outbox.settled()} == {Fate.DONE}


@pytest.mark.parametrize("seed", range(12))
async def test_a_bad_day(tmp_path: Path, seed: int) -> None:
    """Answers that get lost, a line that comes and goes, a till that is killed: nothing lost or doubled."""
    chance = random.Random(seed)
    stage = Stage(tmp_path)
    await stage.started()
    while (await stage.type("enrol +886912345678")).status.waiting:
        await stage.wait(1)
    given_out = []
    for _ in range(20):
        stage.line.script = [chance.choice((OK, OK, DROP, DO_AND_DROP, HANG)) for _ in range(3)]
        if chance.random() < 0.2:
            await stage.happen("the till is killed")
        number = stage.state.number
        screen = await sell(stage, chance.choice(("socks", "bananas 0.5", "bike")))
        match screen:
            case screens.Booked(done=done):
                given_out.append(done.receipt.number)
            case screens.Kept(what=what):
                given_out.append(int(what.rpartition("/")[2]))
            case _:
                raise AssertionError(f"{number}: {screen}")
        await stage.wait(chance.randint(0, 2))
    stage.line.script = [OK]
    await stage.wait(3)
    assert stage.outbox.waiting == 0
    assert [number for number, _ in booked(stage)] == given_out, "in the order of sale, each once"
    assert len(stage.shop.executed) == 1 + len(given_out)
    earned = sum(sale.bill.earned_points for sale in stage.shop.sales.values())
    assert stage.shop.points[81] == 500 + earned


async def test_killed_in_the_middle_of_asking(tmp_path: Path) -> None:
    """Before the command leaves it is in the outbox: the next till knows what this one asked."""
    stage = Stage(tmp_path)
    await stage.started()
    await stage.type("enrol +886912345678")
    await stage.type("socks")

    async def die(*_: object) -> None:
        raise SystemExit

    stage.state.uplink.client.ask_once = die  # type: ignore[assignment,method-assign]
    with pytest.raises(SystemExit):
        await stage.type("pay")
    answer = await stage.happen("the till is killed")
    assert answer is not None
    assert answer.notices == ("sale 17/3/1/20261122 is booked: 12.90 to pay, 12 points earned",)
    assert booked(stage) == [(1, stage.clock.now_ms())]


async def test_the_next_sale_does_not_overtake(tmp_path: Path) -> None:
    """While something waits, a sale with a line goes behind it."""
    stage = Stage(tmp_path)
    await stage.started()
    await stage.type("enrol +886912345678")
    await stage.type("line off")
    await sell(stage, "socks")
    stage.state.uplink.force(off=False)
    screen = await sell(stage, "bike")
    assert isinstance(screen, screens.Booked)
    assert [number for number, _ in booked(stage)] == [1, 2]
    assert [type(entry.entry.command) for entry in stage.outbox.settled()] == [
        till.EnrolRequest,
        till.ConfirmRequest,
        till.ConfirmRequest,
    ]


async def test_what_does_not_get_through_is_sold_without_a_line(tmp_path: Path) -> None:
    """If the one before it is not answered, the next is not tried with points or a quote: it is dated now."""
    stage = Stage(tmp_path)
    await stage.started()
    await stage.type("enrol +886912345678")
    await stage.type("line off")
    await sell(stage, "socks")
    stage.state.uplink.force(off=False)
    await stage.type("bike")
    await stage.type("+886912345678")
    await stage.type("points 100")
    await stage.happen("nobody answers")
    screen = (await stage.type("pay")).screen
    assert isinstance(screen, screens.Wrong)
    assert "points are not spent without a line" in screen.problem
    await stage.type("points none")
    await stage.type("pay")
    (_, entry) = stage.outbox.pending()
    assert (entry.command.offline, entry.command.sold_ms, entry.in_doubt) == (True, entry.put_ms, False)
