"""`loyalty promotion try`: a basket at a store and a time, with promotions that nobody has published."""

from collections.abc import Sequence
from typing import NamedTuple

import typer

from loyalty.cli import arguments
from loyalty.cli.back_office.checks import check_promotions, read_text, report
from loyalty.cli.console import say
from loyalty.cli.desk import Desk, Place
from loyalty.cli.show import EXIT_DONE
from loyalty.cli.tell.bills import tell_quote
from loyalty.cli.view import View
from loyalty.client.answers import Done
from loyalty.commands import Promotion
from loyalty.commands.limits import DRY_RUN_MAX_PROMOTIONS
from loyalty.text.baskets import read_basket
from loyalty.text.errors import TextError
from loyalty.text.fields import mistake_in
from loyalty.text.source import Source
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import till_pb2 as till
from loyalty.wire import promotions as wire_promotions
from loyalty.wire.done import booked


class Asked(NamedTuple):
    """What was typed."""

    member: str
    store: int
    basket: str  # a file
    lines: tuple[str, ...]
    at: str
    alone: bool
    coupons: tuple[str, ...]
    spend: int


async def try_on(desk: Desk, file: str, text: str, asked: Asked) -> int:
    """Ask for the quote and show it, line by line."""
    rules = await desk.rules()
    checked = check_promotions(text, rules)
    if isinstance(checked, list):
        return report(file, checked, [], "", desk.options.as_json)
    if len(checked) > DRY_RUN_MAX_PROMOTIONS:
        wanted = f"at most {DRY_RUN_MAX_PROMOTIONS}"
        raise typer.BadParameter(f"{file} has {len(checked)} promotions; {wanted} can be tried together")
    place = await desk.place(asked.store)
    request = bo.DryRunRequest(alone=asked.alone, at_ms=place.clock.read(asked.at) if asked.at else 0)
    for promotion in checked:
        wire_promotions.write(request.promotions.add(), promotion)
    try:
        _fill(request.quote, desk, asked, View(rules, place.clock), place)
    except TextError as mistake:
        return report(asked.basket, [mistake], [], "", desk.options.as_json)
    answer = await desk.ask("DryRun", request)
    if desk.options.as_json or not isinstance(answer, Done):
        return await desk.show(answer, store=asked.store)
    view = View(rules, place.clock)
    beside = "alone" if asked.alone else "with those in force"
    when = view.stated(request.at_ms or answer.log_time_ms)
    say(("dry run", "bold"), f"  {len(checked)} of {file}, {beside}; store {asked.store}, {when}")
    tell_quote(answer.outcome, view, request.quote.lines)
    return EXIT_DONE


def _fill(quote: till.QuoteRequest, desk: Desk, asked: Asked, view: View, place: Place) -> None:
    """The basket, from its file and from what was typed."""
    quote.programme, quote.store = desk.programme, asked.store
    quote.member.CopyFrom(arguments.member_ref(asked.member))
    quote.coupons.extend(asked.coupons)
    wish = arguments.spend(asked.spend, exactly=False)
    if wish is not None:
        quote.spend.CopyFrom(wish)
    if asked.basket and view.rules is not None:
        basket = read_basket(read_text(asked.basket), view.rules, place.currency)
        booked.lines(quote.lines, basket.lines)
        quote.coupons.extend(basket.coupons)
    quote.lines.extend(arguments.basket_line(line, view, place.currency) for line in asked.lines)
    if not quote.lines:
        raise typer.BadParameter("nothing is bought: give --basket FILE, or --line for each line")


async def look_up(
    desk: Desk, text: str, promotions: Sequence[Promotion]
) -> tuple[list[TextError], list[str]]:
    """What promotions name and is not there: partners have to be, stores and promotions may come later."""
    named = [
        (at, one) for at, each in enumerate(promotions, 1) for one in (*each.where.partners, each.funder)
    ]
    missing = await _missing(desk, "partner", {partner for _, partner in named})
    mistakes = [
        mistake_in(
            Source(text),
            ("promotion", at),
            "funder" if promotions[at - 1].funder == partner else "where.partners",
            "a partner who is registered",
        )
        for at, partner in named
        if partner in missing
    ]
    stores = {one for each in promotions for one in each.where.stores}
    given = {getattr(each.effect, "promotion", 0) for each in promotions}
    others = given - {each.number for each in promotions}
    notes = [f"store {one} is not registered yet" for one in await _missing(desk, "store", stores)]
    notes += [f"promotion {one} is not published yet" for one in await _missing(desk, "promotion", others)]
    return mistakes, notes


async def _missing(desk: Desk, kind: str, numbers: set[int]) -> list[int]:
    """Those that the pair does not know."""
    method, request = {
        "partner": ("GetPartner", bo.GetPartnerRequest),
        "store": ("GetStore", bo.GetStoreRequest),
        "promotion": ("GetPromotion", bo.GetPromotionRequest),
    }[kind]
    asked = sorted(numbers - {0})
    told = await desk.ask_all(method, [request(programme=desk.programme, **{kind: one}) for one in asked])
    return [one for one, found in zip(asked, told, strict=True) if found is None]
