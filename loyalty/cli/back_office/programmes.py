"""`loyalty programme`: a programme file is checked, compared with what is in force, and published."""

from typing import Annotated

import typer

from loyalty.cli.arguments import Yes
from loyalty.cli.back_office import plan
from loyalty.cli.back_office.checks import check_programme, notes_on_programme, read_text, report
from loyalty.cli.back_office.plan import Change, Part
from loyalty.cli.back_office.promotions import all_promotions
from loyalty.cli.back_office.publish import publish as publish_changes
from loyalty.cli.back_office.summary import tell_rules
from loyalty.cli.desk import Desk, settings
from loyalty.cli.show import EXIT_DONE
from loyalty.cli.show import show as show_answer
from loyalty.cli.view import counted, listed
from loyalty.client.answers import Done
from loyalty.text.files import ProgrammeFile, print_programme, print_promotions
from loyalty.v1 import back_office_pb2 as bo
from loyalty.wire import programmes as wire_programmes

HELP = """The programme: its rules, and the file that holds them with its partners, stores and promotions.

A programme file is TOML; deploy/programmes has two whole ones. `check` reads it without a pair, `publish`
shows what would change against what is in force, asks, and sends only that. Nothing is ever taken back by
leaving it out of the file: promotions are ended by their window, or paused.
"""

app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)

File = Annotated[str, typer.Argument(metavar="FILE", help="A programme file; - is standard input.")]
Only = Annotated[
    list[Part] | None, typer.Option(help="Publish only these: rules, partners, stores, promotions.")
]


@app.command()
def check(context: typer.Context, file: File) -> None:
    """Look for mistakes in a programme file, without a pair. Exit status 1 if there are any."""
    checked = check_programme(read_text(file))
    as_json = settings(context).as_json
    if isinstance(checked, ProgrammeFile):
        good = f"{file}: {checked.rules.name}; {_counted(checked)}; nothing wrong"
        raise typer.Exit(report(file, [], notes_on_programme(checked), good, as_json))
    raise typer.Exit(report(file, checked, [], "", as_json))


def _counted(file: ProgrammeFile) -> str:
    several = {"partner": file.partners, "store": file.stores, "promotion": file.promotions}
    return listed(counted(len(each), name) for name, each in several.items())


@app.command()
def publish(
    context: typer.Context,
    file: File,
    only: Only = None,
    yes: Yes = False,
    only_plan: Annotated[bool, typer.Option("--plan", help="Show what would change, and stop.")] = False,
) -> None:
    """Publish what of a file is new or changed: rules, partners, stores, promotions. Asks first.

    Safe to repeat: what is in force already, by its value, is not sent. It stops at the first thing that the
    pair refuses. A promotion that a person has paused stays paused.
    """
    text = read_text(file)
    checked = check_programme(text)
    if not isinstance(checked, ProgrammeFile):
        raise typer.Exit(report(file, checked, [], "", settings(context).as_json))
    described = checked

    async def work(desk: Desk) -> int:
        changes = await _compare(desk, described, set(only or Part))
        return await publish_changes(desk, changes, text, yes, only_plan)

    settings(context).run(work)


async def _compare(desk: Desk, file: ProgrammeFile, only: set[Part]) -> list[Change]:
    """The file beside what is in force, in the order of publication."""
    partners = file.partners if Part.PARTNERS in only else ()
    stores = file.stores if Part.STORES in only else ()
    promotions = file.promotions if Part.PROMOTIONS in only else ()
    found = await plan.look(desk, partners, stores, promotions)
    programme, rules = desk.programme, file.rules
    changes = [plan.of_rules(rules, found, programme)] if Part.RULES in only else []
    changes += [plan.of_partner(one, found, rules, programme, at) for at, one in enumerate(partners, 1)]
    changes += [plan.of_store(one, found, programme, at) for at, one in enumerate(stores, 1)]
    for at, one in enumerate(promotions, 1):
        changes.append(plan.of_promotion(one, found, rules, file.zone, programme, at))
    return changes


@app.command()
def show(
    context: typer.Context,
    toml: Annotated[bool, typer.Option("--toml", help="As a file, to be edited and published.")] = False,
    with_promotions: Annotated[
        bool, typer.Option("--promotions", help="With --toml: the promotions in force too.")
    ] = False,
) -> None:
    """The rules in force."""
    options = settings(context)

    async def work(desk: Desk) -> int:
        answer = await desk.ask("GetProgramme", bo.GetProgrammeRequest(programme=options.programme))
        if options.as_json or not isinstance(answer, Done):
            return show_answer(answer, options.as_json)
        rules = wire_programmes.read(answer.outcome.rules)
        if not toml:
            tell_rules(rules, answer.outcome.version, desk.clock())
            return EXIT_DONE
        zone = desk.clock().name
        print(print_programme(rules, zone), end="")
        if with_promotions:
            text = print_promotions(await all_promotions(desk), rules, zone)
            print("\n" + text.removeprefix(f'zone = "{zone}"\n').lstrip("\n"), end="")
        return EXIT_DONE

    options.run(work)
