"""`ftctl upgrade`: the engine version in force, whether both units are ready for the next, the switch."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from ftnode.core.record import UNITS
from ftnode.ctl import ask
from ftnode.ctl.agreed import agreed
from ftnode.ctl.report import EXIT_NOT_DONE, EXIT_WARNING
from ftnode.ctl.view import find_active
from ftnode.ctl.where import Where
from ftnode.v1 import admin_pb2 as pb

Find = Callable[[str], Where]
Change = Callable[[Where, int, Callable[[Any, float], Awaitable[Any]]], Any]
_DIR = Annotated[str, typer.Option("--dir", help="As before the command.", hidden=True)]
_REASON = Annotated[str, typer.Option(help="Who asks and why; it is logged.")]
_TO = Annotated[int, typer.Option("--to", min=0, help="Engine version. 0: the newest that there is.")]
_JSON = Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")]
ONE_WAY: Final = "There is no way back: after it, a unit with the older program is refused."


def register(app: typer.Typer, where: Find, change: Change) -> None:
    """Add the commands. `where` finds the pair, `change` asks a unit to change something."""
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode=None,
        help="From one engine version to the next, under traffic.\n\n"
        "Take one unit out, start it with the new program, let it join, hand over, then the other unit. All "
        "the while everything is executed by the old version, and each unit may go back to its old program. "
        "Then `switch` (or `prepare` before: the pair switches by itself once both units are ready).",
    )
    app.add_typer(group, name="upgrade")

    @group.command()
    def status(as_json: _JSON = False, dir: _DIR = "") -> None:
        """What each unit's program has, what is in force and prepared, and whether both are ready.

        Exit status: 0 both units have the same versions and the newest is in force; 3 something is under way;
        1 no unit could be asked.
        """
        found = look(asyncio.run(ask.ask_all(where(dir))))
        if not found["units"]:
            _end("no unit answers: nothing is known")
        if as_json:
            print(json.dumps(found))
        else:
            Console(highlight=False).print(picture(found))
            print(words_of(found))
        raise typer.Exit(0 if found["done"] else EXIT_WARNING)

    @group.command()
    def prepare(to: _TO = 0, reason: _REASON = "", dir: _DIR = "") -> None:
        """Switch as soon as both units are in sync and both have it; `abort` takes it back until then."""
        _order(where(dir), change, pb.UPGRADE_ACT_PREPARE, to, reason)

    @group.command()
    def switch(
        to: _TO = 0,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        reason: _REASON = "",
        dir: _DIR = "",
    ) -> None:
        """Execute everything from now on by a newer version; refused unless both units are ready for it.

        There is no way back: after it, a unit with the older program is refused.
        """
        pair = where(dir)
        if not yes:
            found = look(asyncio.run(ask.ask_all(pair)))
            print(words_of(found))
            if not agreed(f"Switch? {ONE_WAY}"):
                _end("nothing was changed")
        _order(pair, change, pb.UPGRADE_ACT_SWITCH, to, reason)

    @group.command()
    def abort(reason: _REASON = "", dir: _DIR = "") -> None:
        """Take back what was prepared. Then start the units with their old program, one at a time."""
        _order(where(dir), change, pb.UPGRADE_ACT_ABORT, 0, reason)


def look(answers: ask.Answers) -> dict[str, Any]:
    """Both units' words as one object, as --json prints it."""
    heard = {unit: said for unit, said in enumerate(answers.units) if not isinstance(said, ask.Silence)}
    units = {str(unit): _of(status.versions) for unit, status in heard.items()}
    active = find_active(heard)
    told = units.get(str(active), {}) if active is not None else {}
    newest = max((max(one["has"], default=0) for one in units.values()), default=0)
    alike = len(heard) == len(UNITS) and len({tuple(one["has"]) for one in units.values()}) == 1
    return {
        "units": units,
        "active": active,
        "in_force": told.get("in_force"),
        "since_seq": told.get("since_seq"),
        "prepared": told.get("prepared"),
        "newest": newest,
        "not_ready": told.get("not_ready", "") if told else "no unit is active",
        "older_may_go": bool(heard) and all(one["older_may_go"] for one in units.values()),
        "done": alike and told.get("in_force") == newest and len(units) == len(UNITS),
    }


def _of(versions: pb.Versions) -> dict[str, Any]:
    return {
        "program": versions.software,
        "has": list(versions.engines),
        "in_force": versions.engine,
        "since_seq": versions.engine_since_seq,
        "prepared": versions.engine_prepared,
        "not_ready": versions.engine_not_ready,
        "older_may_go": versions.engine_older_may_go,
        "entry_format": versions.log_format,
        "channel": versions.wire,
    }


def picture(found: dict[str, Any]) -> Table:
    """A column for each unit."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    rows = (
        ("program", "program"),
        ("has engine versions", "has"),
        ("in force", "in_force"),
        ("entries are written in format", "entry_format"),
        ("channel speaks version", "channel"),
        ("older versions may go here", "older_may_go"),
    )
    units = sorted(found["units"])
    for unit in units:
        table.add_column(f"unit {unit}" + (" (active)" if found["active"] == int(unit) else ""))
    for name, field in rows:
        table.add_row(name, *(_shown(found["units"][unit][field]) for unit in units))
    return table


def words_of(found: dict[str, Any]) -> str:
    """What it means and what to do next, in a sentence or two."""
    if found["active"] is None:
        return "no unit is active: look at `ftctl status`"
    force = f"version {found['in_force']} is in force"
    if found["since_seq"]:
        force += f" since entry {found['since_seq']}"
    if found["done"]:
        kept = "" if found["older_may_go"] else "; keep a program that has the older one until both may go"
        return f"{force}, and both units have the same versions: nothing is to be done{kept}"
    if found["prepared"]:
        return (
            f"{force}, {found['prepared']} is prepared and waits: {found['not_ready'] or 'it comes at once'}"
        )
    if found["newest"] > found["in_force"]:
        why = found["not_ready"]
        return f"{force}, {found['newest']} is there: {why or 'both units are ready, `ftctl upgrade switch`'}"
    return f"{force}; one unit has an older program, or is not heard"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _order(pair: Where, change: Change, act: Any, to: int, reason: str) -> None:
    answers = asyncio.run(ask.ask_all(pair))
    heard = {unit: said for unit, said in enumerate(answers.units) if not isinstance(said, ask.Silence)}
    active = find_active(heard)
    if active is None:
        _end("no unit answers the tills now: look at `ftctl status`")
    request = pb.UpgradeRequest(act=act, version=to, reason=reason)
    answer = change(pair, active, lambda stub, s: stub.Upgrade(request, timeout=s))
    print(f"entry {answer.seq}: version {answer.version} is in force, prepared: {answer.prepared or 'none'}")
    print(
        json.dumps({"seq": answer.seq, "in_force": answer.version, "prepared": answer.prepared, "ok": True})
    )


def _end(why: str) -> NoReturn:
    typer.echo(f"ftctl: {why}", err=True)
    raise typer.Exit(EXIT_NOT_DONE)
