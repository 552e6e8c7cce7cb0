"""A till's conversation: one line of input, one answer, whatever is typed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from loyalty.cli.till import counter, looking, screens, selling, words
from loyalty.cli.till.amounts import NotANumber
from loyalty.cli.till.notices import news, status_of
from loyalty.cli.till.receipts import NotAReceipt
from loyalty.cli.till.state import State
from loyalty.client.outbox import OutboxError

Doer = Callable[[State, Any], Awaitable[screens.Screen]]
DOERS: Final[Mapping[type, Doer]] = {
    words.Add: counter.add,
    words.Drop: counter.drop,
    words.Count: counter.count,
    words.Clear: counter.clear,
    words.Show: counter.show,
    words.Points: counter.points,
    words.Coupons: counter.coupons,
    words.Who: looking.who,
    words.Balance: looking.balance,
    words.Line: looking.line,
    words.Look: looking.waiting,
    words.Send: looking.send,
    words.Seen: looking.seen,
    words.Number: looking.number,
    words.Help: looking.helped,
    words.Quit: looking.leave,
    words.Enrol: selling.enrol,
    words.Pay: selling.pay,
    words.TakeBack: selling.take_back,
    words.Yes: selling.accept,
}


async def start(state: State) -> screens.Answer:
    """The first answer: whether anybody is there, and what the till before this one left behind."""
    await state.uplink.probe()
    await state.uplink.tick()
    path = state.uplink.outbox.path
    return _answer(
        state, screens.Said(f"till {state.place.name}, outbox {path}; help shows what can be typed")
    )


async def handle(state: State, text: str) -> screens.Answer:
    """Answer one line of input; raises for nothing that is typed, and for nothing that a unit does."""
    try:
        screen = await _do(state, words.parse(text))
    except words.NotUnderstood as problem:
        screen = screens.Wrong(str(problem), problem.hint)
    except (NotANumber, NotAReceipt) as problem:
        screen = screens.Wrong(str(problem))
    except OutboxError as problem:
        screen = screens.Wrong(str(problem), "nothing was promised to anybody")
    return _answer(state, screen)


async def _do(state: State, word: words.Word) -> screens.Screen:
    if isinstance(word, words.No):
        asked, state.changed = state.changed, False
        return state.counter() if asked else screens.Wrong("nothing was asked")
    if not isinstance(word, words.Yes | words.Help):
        state.changed = False  # whoever goes on with the basket has not accepted it
    return await DOERS[type(word)](state, word)


def _answer(state: State, screen: screens.Screen) -> screens.Answer:
    told = news(state)
    return screens.Answer(screen, status_of(state), told)
