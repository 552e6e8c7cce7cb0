"""Words about the basket: each gives another basket, which is quoted anew."""

from loyalty.cli.till import screens, words
from loyalty.cli.till.amounts import minor_of
from loyalty.cli.till.articles import Article
from loyalty.cli.till.basket import BasketLine
from loyalty.cli.till.state import NO_MEMBER, State
from loyalty.commands.limits import RECEIPT_MAX_LINES, SPEND_MAX_COUPONS


async def add(state: State, word: words.Add) -> screens.Screen:
    """Socks, too: everything is counted again."""
    if len(state.basket.lines) >= RECEIPT_MAX_LINES:
        return screens.Wrong(f"a receipt has {RECEIPT_MAX_LINES} lines at most", "pay, and begin another one")
    article = state.articles.find(word.article) or _typed(word)
    if article is None:
        return _unknown(state, word)
    unit_minor = minor_of(word.price, state.place.exponent) if word.price else article.price_minor
    if unit_minor is None:
        return screens.Wrong(f"{article.name} has no price in the file", f"{word.article} 1 PRICE")
    return await state.recount(state.basket.with_line(BasketLine(article, word.milli, unit_minor)))


def _typed(word: words.Add) -> Article | None:
    """An article that no file knows, as it was typed; it needs a price."""
    if not word.price or " " in word.article or len(word.article.encode()) > 64:
        return None
    return Article(word.article, word.article, None)


def _unknown(state: State, word: words.Add) -> screens.Wrong:
    first, *_ = word.article.split() or [word.article]  # some kinds of space are no word at all
    if first.isdigit():
        return screens.Wrong(f"no article {word.article} here", f"with a price it goes: {first} 1 12.90")
    return screens.Wrong(
        f"{word.article}: no such word or article", words.hint_for(first, state.articles.names)
    )


async def drop(state: State, word: words.Drop) -> screens.Screen:
    return _no_line(state, word.line) or await state.recount(state.basket.without_line(word.line))


async def count(state: State, word: words.Count) -> screens.Screen:
    return _no_line(state, word.line) or await state.recount(state.basket.with_pieces(word.line, word.milli))


def _no_line(state: State, line: int) -> screens.Wrong | None:
    have = len(state.basket.lines)
    if line <= have:
        return None
    return screens.Wrong(f"there is no line {line}", f"1 to {have}" if have else "there are none at all")


async def clear(state: State, word: words.Clear) -> screens.Screen:
    number = state.number
    state.begin_anew()
    state.number = number  # nothing was booked under it
    return state.counter()


async def show(state: State, word: words.Show) -> screens.Screen:
    return await state.recount(state.basket)


async def points(state: State, word: words.Points) -> screens.Screen:
    """The wish to pay with points, as a quote."""
    basket = state.basket
    if word.points == 0:
        return await state.recount(basket._replace(points=0, up_to=False))
    problem = _cannot_spend(state)
    if problem is not None:
        return problem
    if word.points is not None:
        return await state.recount(basket._replace(points=word.points, up_to=False))
    if state.quote is None:
        await state.recount(basket._replace(points=0, up_to=False))
    most = state.quote.most_points if state.quote is not None else 0
    if not most:
        return screens.Wrong("no points can be spent on this basket")
    return await state.recount(basket._replace(points=most, up_to=True))


def _cannot_spend(state: State) -> screens.Wrong | None:
    if not state.basket.lines:
        return screens.Wrong("nothing to pay for yet")
    if state.basket.member is None:
        return screens.Wrong("whose points?", NO_MEMBER)
    if not state.uplink.is_up:
        hint = "pay takes the whole amount in money; the purchase earns as it would have"
        return screens.Wrong(no_points(state), hint)
    return None


def no_points(state: State) -> str:
    why = state.uplink.why
    return f"points are not spent without a line ({why}): nobody can say whether they are there"


async def coupons(state: State, word: words.Coupons) -> screens.Screen:
    """More codes; `none` takes them all away."""
    codes = (*state.basket.coupons, *word.codes) if word.codes else ()
    if len(codes) > SPEND_MAX_COUPONS:
        return screens.Wrong(f"{len(codes)} coupons are too many: at most {SPEND_MAX_COUPONS}", "coupon none")
    return await state.recount(state.basket._replace(coupons=tuple(dict.fromkeys(codes))))
