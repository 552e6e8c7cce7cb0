"""Words that change nothing that is booked: who, how many points, what waits, help."""

from collections.abc import Iterable

from loyalty.cli.till import screens, words
from loyalty.cli.till.receipts import member_of
from loyalty.cli.till.state import NO_MEMBER, State, refused
from loyalty.client.answers import Done, NotTaken, Rejected
from loyalty.client.outbox import Fate
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till


async def who(state: State, word: words.Who) -> screens.Screen:
    """Set the member; show him, if anybody can say who he is."""
    if not word.ref:
        return await state.recount(state.basket._replace(member=None, called="", points=0))
    ref = member_of(word.ref)
    answer = await state.uplink.ask(
        "FindMember", till.FindMemberRequest(programme=state.place.programme, member=ref)
    )
    if isinstance(answer, Rejected | NotTaken):
        return refused(answer)
    counted = await state.recount(state.basket._replace(member=ref, called=word.ref, points=0))
    if state.basket.lines or not isinstance(answer, Done):
        if isinstance(counted, screens.Counter) and not state.basket.lines:
            return screens.Said(f"{word.ref}: {state.uplink.why}, so nobody can say who that is")
        return counted
    found = answer.outcome
    standing = found.standing if found.HasField("standing") else None
    return screens.MemberShown(
        word.ref, found.member_id, found.balance, standing, wallets=_wallets(found.wallets)
    )


async def balance(state: State, word: words.Balance) -> screens.Screen:
    if state.basket.member is None:
        return screens.Wrong("whose?", NO_MEMBER)
    answer = await state.uplink.ask(
        "GetBalance", till.GetBalanceRequest(programme=state.place.programme, member=state.basket.member)
    )
    if not isinstance(answer, Done):
        return refused(answer) if isinstance(answer, Rejected) else screens.Wrong(state.uplink.why)
    done = answer.outcome
    standing = done.standing if done.HasField("standing") else None
    ending = tuple((each.active_until_ms, each.points) for each in done.ending_soon)
    return screens.MemberShown(
        state.basket.called,
        done.member_id,
        done.balance,
        standing,
        ending=ending,
        wallets=_wallets(done.wallets),
    )


def _wallets(wallets: Iterable[common.WalletBalance]) -> tuple[tuple[int, int], ...]:
    return tuple((each.wallet, each.balance.spendable_points) for each in wallets)


async def line(state: State, word: words.Line) -> screens.Screen:
    """By hand; and back to finding out."""
    state.uplink.force(word.mode == "off")
    if word.mode == "off":
        return screens.Said("the line is off: sales are kept and sent when it is on again")
    await state.uplink.probe()
    await state.uplink.drain()
    return screens.Said("the line is up" if state.uplink.is_up else state.uplink.why)


async def waiting(state: State, word: words.Look) -> screens.Screen:
    outbox = state.uplink.outbox
    aside = tuple(settled for settled in outbox.untold() if settled.fate is not Fate.DONE)
    return screens.Waiting(tuple(outbox.pending()), aside, state.uplink.sender.why)


async def send(state: State, word: words.Send) -> screens.Screen:
    if state.uplink.forced_off:
        return screens.Wrong("the line is off", "line on")
    if not state.uplink.outbox.waiting:
        return screens.Said("nothing waits")
    done = await state.uplink.drain()
    return screens.Said("all sent") if done else screens.Said(f"still waiting: {state.uplink.sender.why}")


async def seen(state: State, word: words.Seen) -> screens.Screen:
    """Rejected ones that somebody has looked after."""
    outbox = state.uplink.outbox
    aside = [settled for settled in outbox.untold() if settled.fate is not Fate.DONE]
    meant = [settled for settled in aside if word.position in (0, settled.entry.position)]
    for settled in meant:
        outbox.tell(settled)
    if not meant:
        return screens.Wrong(f"no rejected entry {word.position or ''}".rstrip(), "waiting shows them")
    return screens.Said(f"{len(meant)} looked after")


async def number(state: State, word: words.Number) -> screens.Screen:
    """A fresh outbox begins at 1, and this till may have got further before."""
    state.at_least, state.number = word.number, 0
    given = state.number = state.take_number()
    return screens.Said(f"the next receipt is {state.place.name}/{given}")


async def helped(state: State, word: words.Help) -> screens.Screen:
    if word.topic and word.topic not in words.BY_NAME:
        return screens.Wrong(f"{word.topic}: no such word", words.hint_for(word.topic, []))
    return screens.Helped(words.BY_NAME[word.topic].name if word.topic else "")


async def leave(state: State, word: words.Quit) -> screens.Screen:
    state.ended = True
    outbox = state.uplink.outbox
    return screens.Left(str(outbox.path), outbox.waiting)
