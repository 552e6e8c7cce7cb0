"""`loyalty`: a till and a back office on the command line, and the load generator."""

from collections.abc import Callable
from itertools import islice
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from loyalty.cli import outbox as outbox_commands
from loyalty.cli import questions, report, sales
from loyalty.cli.back_office import coupons, members, partners, points, programmes, promotions, stores
from loyalty.cli.desk import Options
from loyalty.cli.load.command import load
from loyalty.cli.statement import statement
from loyalty.cli.till.command import HELP as TILL_HELP
from loyalty.cli.till.command import till
from loyalty.client.policy import Policy
from loyalty.text.errors import TextError
from loyalty.text.instants import ZONE_UTC, find_zone

HELP = """A till and a back office on the command line.

Give both units' addresses (--targets, or LOYALTY_TARGETS): whichever answers will do, and while one of them
is being pulled you will see one slow answer at most. What the back office does goes to another port of theirs
(--office, or LOYALTY_OFFICE).

Exit status: 0 done, 1 rejected by the rules, 2 a wrong command line, 3 not taken (surely nothing happened),
4 unknown (it may have happened: ask again with the same --request-id).

MEMBER is a phone (+886912345678), a member id (81), a card (card:2000-1234-5678) or an external id
(ext:crm:0815). RECEIPT is STORE/TERMINAL/NUMBER, of today at the store, or with /YYYYMMDD behind it.
Amounts are in the currency's units (12.34), points are whole. Times are those of the store, where there is
one, else UTC; --tz Europe/Vienna shows and reads them all there.
"""

_SECTIONS: Final = {
    "The till": "till enrol find quote confirm return void hold capture cancel service outbox",
    "What happened": "balance lots statement receipt outcome abandon",
    "The back office": "programme promotion store partner coupon member adjust report",
}


class Commands(TyperGroup):
    """The commands in sections; --json and --tz may stand anywhere on the line."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Settings for all commands come first, wherever they were typed."""
        parsed: list[str] = super().parse_args(ctx, _settings_first(args))
        return parsed

    def invoke(self, ctx: Any) -> Any:
        """What was typed and cannot be read is a wrong command line."""
        try:
            return super().invoke(ctx)
        except TextError as mistake:
            raise typer.BadParameter(str(mistake)) from None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """A list for each section, and the rest."""
        left = self.list_commands(ctx)
        sections = {
            title: [name for name in names.split() if name in left] for title, names in _SECTIONS.items()
        }
        known = [name for names in sections.values() for name in names]
        sections["More"] = [name for name in left if name not in known]
        for title, names in sections.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            rows = [(name, command.get_short_help_str(90)) for name, command in commands if command]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def _settings_first(args: list[str]) -> list[str]:
    first: list[str] = []
    rest: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--tz":
            first += [word, *islice(words, 1)]
        elif word == "--json" or word.startswith("--tz="):
            first.append(word)
        else:
            rest.append(word)
    return first + rest


app = typer.Typer(
    name="loyalty",
    cls=Commands,
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
_COMMANDS: Final[dict[str, Callable[..., None]]] = {
    "enrol": sales.enrol,
    "quote": sales.quote,
    "confirm": sales.confirm,
    "return": sales.return_lines,
    "void": sales.void,
    "hold": sales.hold,
    "capture": sales.capture,
    "cancel": sales.cancel,
    "find": questions.find,
    "balance": questions.balance,
    "lots": questions.lots,
    "statement": statement,
    "receipt": questions.receipt,
    "outcome": questions.outcome,
    "abandon": questions.abandon,
    "adjust": points.adjust,
    "load": load,
}
_GROUPS: Final = {
    "service": sales.services,
    "outbox": outbox_commands.app,
    "report": report.app,
    "programme": programmes.app,
    "promotion": promotions.app,
    "store": stores.app,
    "partner": partners.app,
    "coupon": coupons.app,
    "member": members.app,
}
app.command("till", help=TILL_HELP)(till)
for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)
for _name, _group in _GROUPS.items():
    app.add_typer(_group, name=_name)


@app.callback()
def options(
    context: typer.Context,
    targets: Annotated[
        str, typer.Option(envvar="LOYALTY_TARGETS", help="HOST:PORT of each unit, with a comma.")
    ] = "127.0.0.1:7400,127.0.0.1:7410",
    office: Annotated[
        str, typer.Option(envvar="LOYALTY_OFFICE", help="HOST:PORT of each unit's back-office port.")
    ] = report.OFFICE_DEFAULT,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")] = False,
    tz: Annotated[
        str, typer.Option("--tz", envvar="LOYALTY_TZ", help="Zone of times, as Europe/Vienna.")
    ] = "",
    programme: Annotated[
        int, typer.Option(envvar="LOYALTY_PROGRAMME", help="Programme number.", min=1, max=65534)
    ] = 1,
    exponent: Annotated[
        int | None,
        typer.Option(
            envvar="LOYALTY_EXPONENT",
            help="Decimals of amounts, where there is no way to the back office, which knows them.",
            min=0,
            max=3,
        ),
    ] = None,
    deadline_ms: Annotated[int, typer.Option(help="How long to ask, all tries together.", min=1)] = 5_000,
    wait: Annotated[
        bool, typer.Option("--wait", help="Ask again until the answer is definite, for a minute.")
    ] = False,
    ca: Annotated[str, typer.Option(envvar="LOYALTY_CA", help="PEM file of the cabinet's authority.")] = "",
    certificate: Annotated[str, typer.Option(envvar="LOYALTY_CERTIFICATE", help="Our PEM file.")] = "",
    key: Annotated[str, typer.Option(envvar="LOYALTY_KEY", help="PEM file of our key.")] = "",
) -> None:
    """Settings for all commands."""
    find_zone(tz or ZONE_UTC)  # or it is refused here
    policy = Policy(deadline_ms=deadline_ms, hedge_after_ms=max(1, min(150, deadline_ms // 2)))
    context.obj = Options(
        targets, office, as_json, programme, policy, ca, certificate, key, wait, tz, exponent
    )


def main() -> None:
    """The `loyalty` command."""
    app()
