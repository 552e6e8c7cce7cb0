"""`loyalty promotion`: listed, shown, checked, tried on a basket, published, paused."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from loyalty.cli import arguments
from loyalty.cli.arguments import Reason, RequestId, Yes
from loyalty.cli.back_office import plan, trying
from loyalty.cli.back_office.checks import check_promotions, read_text, report
from loyalty.cli.back_office.publish import publish as publish_changes
from loyalty.cli.clocks import TIME_FORM
from loyalty.cli.console import console, say, table
from loyalty.cli.desk import Desk, StoppedError, settings
from loyalty.cli.show import EXIT_DONE
from loyalty.cli.show import show as show_answer
from loyalty.cli.view import View, counted
from loyalty.client.answers import Done
from loyalty.commands import Promotion
from loyalty.commands.limits import PAGE_MAX_ITEMS
from loyalty.text.files import print_promotions, zone_of
from loyalty.v1 import back_office_pb2 as bo
from loyalty.wire import promotions as wire_promotions

HELP = """Promotions: list, show, check, try on a basket, publish, pause.

A file of promotions is TOML, [[promotion]] for each; `promotion show --toml` prints one. The programme must
be published first: its attributes, currencies and tiers are what a promotion can speak of.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The promotion's number.", min=1)]
File = Annotated[str, typer.Argument(metavar="FILE", help="A file of promotions; - is standard input.")]


@app.command("list")
def list_promotions(
    context: typer.Context,
    toml: Annotated[bool, typer.Option("--toml", help="As a file.")] = False,
) -> None:
    """All promotions in force, with what they gave so far."""
    options = settings(context)

    async def work(desk: Desk) -> int:
        answer = await _all_pages(desk)
        if options.as_json or not isinstance(answer, Done):
            return show_answer(answer, options.as_json)
        if toml:
            numbers = [item.promotion for item in answer.outcome.items]
            promotions = await _read_all(desk, numbers)
            print(print_promotions(promotions, await desk.rules(), desk.clock().name), end="")
        else:
            items = answer.outcome.items
            _tell_list(items, answer.log_time_ms, await desk.view(), await _currencies(desk, items))
        return EXIT_DONE

    options.run(work)


async def _all_pages(desk: Desk) -> Any:
    """The list in one answer, or the answer that stopped it."""
    request = bo.ListPromotionsRequest(programme=desk.programme, page_size=PAGE_MAX_ITEMS)
    whole: Any = await desk.ask("ListPromotions", request)
    page = whole
    while isinstance(page, Done) and page.outcome.next_after:
        request.after = page.outcome.next_after
        page = await desk.ask("ListPromotions", request)
        if isinstance(page, Done):
            whole.outcome.items.extend(page.outcome.items)
            whole.outcome.next_after = page.outcome.next_after
    return whole if isinstance(page, Done) else page


async def all_promotions(desk: Desk) -> list[Promotion]:
    """Every promotion in force."""
    answer = await _all_pages(desk)
    if not isinstance(answer, Done):
        raise StoppedError(answer)
    return await _read_all(desk, [item.promotion for item in answer.outcome.items])


async def _read_all(desk: Desk, numbers: Sequence[int]) -> list[Promotion]:
    asked = [bo.GetPromotionRequest(programme=desk.programme, promotion=number) for number in numbers]
    told = await desk.ask_all("GetPromotion", asked)
    return [wire_promotions.read(one.promotion, "promotion") for one in told if one]


async def _currencies(desk: Desk, items: Sequence[bo.PromotionItem]) -> dict[int, str]:
    """Of each promotion, where there is more than one."""
    if not (await desk.rules()).currencies:
        return {}
    promotions = await _read_all(desk, [item.promotion for item in items])
    return {promotion.number: promotion.currency for promotion in promotions}


def _tell_list(
    items: Sequence[bo.PromotionItem], now_ms: int, view: View, currencies: Mapping[int, str]
) -> None:
    clock = f"({view.clock.name})"
    titles = (">number", ">version", "name", "state", f"from {clock}", f"until {clock}", ">partner pays")
    shown = table(*titles, ">receipts", ">off", ">points")
    for item in items:
        shown.add_row(
            str(item.promotion),
            str(item.version),
            item.name,
            state(item.paused, item.from_ms, item.until_ms, now_ms),
            view.time(item.from_ms) if item.from_ms else "always",
            view.until(item.until_ms),
            str(item.funder or ""),
            str(item.usage.times),
            view.money(item.usage.minor, currencies.get(item.promotion, "")),
            str(item.usage.points),
        )
    console.print(shown if items else "no promotions are in force")


def state(paused: bool, from_ms: int, until_ms: int, now_ms: int) -> str:
    """What a promotion does now."""
    if paused:
        return "paused"
    if now_ms < from_ms:
        return "to come"
    return "over" if until_ms and until_ms <= now_ms else "running"


@app.command()
def show(
    context: typer.Context,
    promotion: Number,
    version: Annotated[int, typer.Option(help="0: the newest.", min=0)] = 0,
    toml: Annotated[bool, typer.Option("--toml", help="Only the file.")] = False,
) -> None:
    """A promotion as a file says it, and what it gave so far."""
    options = settings(context)
    request = bo.GetPromotionRequest(programme=options.programme, promotion=promotion, version=version)

    async def work(desk: Desk) -> int:
        answer = await desk.ask("GetPromotion", request)
        if options.as_json or not isinstance(answer, Done):
            return await desk.show(answer)
        view, done = await desk.view(), answer.outcome
        one = wire_promotions.read(done.promotion, "promotion")
        if not toml:
            now = state(one.paused, one.when.from_ms, one.when.until_ms, answer.log_time_ms)
            gave = f"{view.money(done.usage.minor, one.currency)} off and {done.usage.points} points"
            say((f"promotion {one.number}, {one.name}", "bold"), f"  version {done.version}, {now}")
            say(f"so far on {counted(done.usage.times, 'receipt')}: {gave}; what is held is in it")
            say((f"times: {desk.clock().name}", "dim"))
        print(print_promotions([one], await desk.rules(), desk.clock().name), end="")
        return EXIT_DONE

    options.run(work)


@app.command()
def validate(context: typer.Context, file: File) -> None:
    """Look for mistakes in a file of promotions, by the rules in force. Exit status 1 if there are any."""
    options, text = settings(context), read_text(file)

    async def work(desk: Desk) -> int:
        checked = check_promotions(text, await desk.rules())
        if isinstance(checked, list):
            return report(file, checked, [], "", options.as_json)
        mistakes, notes = await trying.look_up(desk, text, checked)
        good = f"{file}: {counted(len(checked), 'promotion')}; nothing wrong"
        return report(file, mistakes, notes, good, options.as_json)

    options.run(work)


@app.command()
def publish(
    context: typer.Context,
    file: File,
    yes: Yes = False,
    only_plan: Annotated[bool, typer.Option("--plan", help="Show what would change, and stop.")] = False,
) -> None:
    """Publish what of a file is new or changed. Asks first; safe to repeat.

    A promotion that a person has paused stays paused: `resume` lets it go on.
    """
    options, text = settings(context), read_text(file)

    async def work(desk: Desk) -> int:
        rules = await desk.rules()
        checked = check_promotions(text, rules)
        if isinstance(checked, list):
            return report(file, checked, [], "", options.as_json)
        found = await plan.look(desk, (), (), checked)
        zone = zone_of(text)
        changes = [
            plan.of_promotion(one, found, rules, zone, desk.programme, at)
            for at, one in enumerate(checked, 1)
        ]
        return await publish_changes(desk, changes, text, yes, only_plan)

    options.run(work)


@app.command()
def pause(context: typer.Context, promotion: Number, reason: Reason, request_id: RequestId = "") -> None:
    """Stop a promotion at once, at every till. What it gave stays given."""
    _pause(context, promotion, True, reason, request_id)


@app.command()
def resume(context: typer.Context, promotion: Number, reason: Reason, request_id: RequestId = "") -> None:
    """Let a paused promotion go on."""
    _pause(context, promotion, False, reason, request_id)


def _pause(context: typer.Context, promotion: int, paused: bool, reason: str, request_id: str) -> None:
    options = settings(context)
    request = bo.PausePromotionRequest(
        request_id=arguments.new_or(request_id),
        programme=options.programme,
        promotion=promotion,
        paused=paused,
        reason=reason,
    )
    options.run(lambda desk: desk.do_and_show("PausePromotion", request))


@app.command("try")
def try_promotions(
    context: typer.Context,
    file: File,
    member: Annotated[str, typer.Option(help="Phone, member id, card or external id.")],
    store: Annotated[int, typer.Option(help="Where it is bought.", min=1)],
    basket: Annotated[str, typer.Option(help="A basket file; see below.")] = "",
    line: Annotated[list[str] | None, typer.Option("--line", help=arguments.LINE_FORM)] = None,
    at: Annotated[str, typer.Option(help=f"When it is bought: {TIME_FORM}; now if left out.")] = "",
    alone: Annotated[bool, typer.Option("--alone", help="Only these, without those in force.")] = False,
    coupon: Annotated[list[str] | None, typer.Option(help="Code that the customer shows.")] = None,
    spend: Annotated[int, typer.Option(help="Points to pay with: up to so many.", min=0)] = 0,
) -> None:
    """What a basket would come to with promotions that nobody has published. Stores nothing.

    They stand in place of those in force with the same number, beside the others. The answer says what was
    applied to which line, and why each other promotion was not.

    A basket file is TOML: [[line]] for each line, with sku, amount (what the line costs) and, as far as
    wanted, pieces, kind, price (of a piece), tax, floor, attributes = { brand = "Nordkap" }; above them
    coupons = ["SKI-2026"].
    """
    asked = trying.Asked(member, store, basket, tuple(line or ()), at, alone, tuple(coupon or ()), spend)
    text = read_text(file)
    settings(context).run(lambda desk: trying.try_on(desk, file, text, asked))
