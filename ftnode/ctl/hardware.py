"""`ftctl diagnose`, `mtbf`, `clear`, `locate`: the parts of a unit, their faults, finding the right box."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import grpc
import typer
from google.protobuf.json_format import MessageToDict
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ftnode.ctl import ask, words
from ftnode.ctl.report import EXIT_NOT_DONE, EXIT_WARNING
from ftnode.ctl.where import Where
from ftnode.v1 import admin_pb2 as pb
from ftnode.v1 import admin_pb2_grpc as pb_grpc

TIMEOUT_S: Final = 30.0  # diagnostics wait for a disk that may be slow
Find = Callable[[str], Where]

_UNIT = Annotated[int, typer.Argument(min=0, max=1, help="0 or 1", metavar="UNIT")]
_DIR = Annotated[str, typer.Option("--dir", help="As before the command.", hidden=True)]
_JSON = Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")]
_REASON = Annotated[str, typer.Option(help="Who asks and why; it is logged.")]


def register(app: typer.Typer, where: Find) -> None:
    """Add the commands. `where` finds the pair."""

    @app.command()
    def diagnose(unit: _UNIT, as_json: _JSON = False, dir: _DIR = "") -> None:
        """Try the parts of a unit, now and under traffic: disk, memory, clocks, the installed program.

        Writes, syncs and reads back a pattern of 1 MiB in the unit's directory, tries 8 MiB of memory, and
        compares the digest of the program with the other unit's. Changes nothing; tills do not feel it.

        Exit status: 0 all passed, 1 the unit could not be asked, 3 something did not pass.
        """
        found = where(dir)
        answer = _ask(found, unit, lambda stub: stub.Diagnose(pb.DiagnoseRequest(), timeout=TIMEOUT_S))
        differs = _other_program(found, unit, answer)
        if as_json:
            print(json.dumps({"unit": unit, **_plain(answer), "program_differs": differs}))
        else:
            Console(highlight=False).print(_checks(unit, answer, differs))
        bad = bool(answer.problem or differs or any(check.problem for check in answer.checks))
        raise typer.Exit(EXIT_WARNING if bad else 0)

    @app.command()
    def mtbf(
        faults: Annotated[int, typer.Option(min=0, max=1000, help="Show the newest so many.")] = 10,
        as_json: _JSON = False,
        dir: _DIR = "",
    ) -> None:
        """The mean time between faults of each part of both units, and their last faults.

        A unit whose faults come more often than hardware.mtbf_min_ms allows stays out (BROKEN) until
        `ftctl clear`. Faults are kept on the unit's own disk: a replaced one begins with none.

        Exit status: 0 both are reliable, 1 neither could be asked, 3 one is not, or could not be asked.
        """
        found = where(dir)
        told = [_faults(found, unit, max(faults, 1)) for unit in (0, 1)]
        if as_json:
            print(json.dumps({"units": [_told(unit, one) for unit, one in enumerate(told)]}))
        else:
            console = Console(highlight=False)
            for unit, one in enumerate(told):
                console.print(_reliability(unit, one, faults))
        silent = sum(isinstance(one, str) for one in told)
        bad = silent or any(one.worn for one in told if not isinstance(one, str))
        raise typer.Exit(EXIT_NOT_DONE if silent == 2 else EXIT_WARNING if bad else 0)

    @app.command()
    def clear(unit: _UNIT, reason: _REASON = "", as_json: _JSON = False, dir: _DIR = "") -> None:
        """Say that a unit's faults were seen to: they count no more, and a BROKEN unit comes back.

        It goes through its diagnostics first; see it join with `ftctl watch`.
        """
        request = pb.ClearRequest(reason=reason)
        answer = _ask(where(dir), unit, lambda stub: stub.Clear(request, timeout=TIMEOUT_S))
        state = pb.UnitState.Name(answer.state).removeprefix("UNIT_STATE_")
        if as_json:
            print(json.dumps({"unit": unit, "state": state, "faults_cleared": answer.faults_cleared}))
        else:
            print(f"unit {unit} is {state}; {answer.faults_cleared} faults count no more")

    @app.command()
    def locate(
        unit: _UNIT,
        seconds: Annotated[int, typer.Option(min=0, max=3600, help="For so long; 0: stop.")] = 60,
        as_json: _JSON = False,
        dir: _DIR = "",
    ) -> None:
        """Make a unit findable for whoever stands before the machines: pull the right box.

        The console of its machine rings and says which unit it is, its log says so each second, and its box
        in `ftctl status` and `ftctl watch` blinks.
        """
        request = pb.LocateRequest(seconds=seconds)
        answer = _ask(where(dir), unit, lambda stub: stub.Locate(request, timeout=TIMEOUT_S))
        if as_json:
            print(json.dumps({"unit": unit, "locating_ms": answer.locating_ms}))
        elif answer.locating_ms:
            print(f"unit {unit} makes itself found for {seconds} s: look and listen for it")
        else:
            print(f"unit {unit} is quiet again")


def _ask(where: Where, unit: int, call: Callable[[Any], Awaitable[Any]]) -> Any:
    """One answer; ends the program with the reason if there is none."""

    async def ask_it() -> Any:
        async with ask.unit_channel(where, unit) as line:
            return await call(pb_grpc.AdminServiceStub(line))

    try:
        return asyncio.run(ask_it())
    except grpc.aio.AioRpcError as problem:
        typer.echo(f"ftctl: {ask.in_words(problem, where.units[unit], TIMEOUT_S)}", err=True)
        raise typer.Exit(EXIT_NOT_DONE) from None


def _faults(where: Where, unit: int, count: int) -> "pb.GetFaultsResponse | str":
    """A unit's faults, or why it does not say."""

    async def ask_it() -> pb.GetFaultsResponse:
        async with ask.unit_channel(where, unit) as line:
            stub = pb_grpc.AdminServiceStub(line)
            request = pb.GetFaultsRequest(faults_max=count)
            answer: pb.GetFaultsResponse = await stub.GetFaults(request, timeout=ask.TIMEOUT_S)
            return answer

    try:
        return asyncio.run(ask_it())
    except grpc.aio.AioRpcError as problem:
        return ask.in_words(problem, where.units[unit], ask.TIMEOUT_S)


def _other_program(where: Where, unit: int, answer: pb.DiagnoseResponse) -> str:
    """How this unit's program differs from the other's; empty if it does not, or the other is silent."""
    mine = next((check.told for check in answer.checks if check.name == "installed code"), "")
    other = asyncio.run(ask.ask_unit(where, 1 - unit))
    theirs = "" if isinstance(other, ask.Silence) else other.versions.code_digest
    if not theirs or theirs == mine:
        return ""
    return f"unit {unit} runs the program {mine}, unit {1 - unit} runs {theirs}"


def _plain(message: Any) -> dict[str, Any]:
    found: dict[str, Any] = MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    return found


def _told(unit: int, one: "pb.GetFaultsResponse | str") -> dict[str, Any]:
    return {"unit": unit, **({"silence": one} if isinstance(one, str) else _plain(one))}


def _checks(unit: int, answer: pb.DiagnoseResponse, differs: str) -> Table:
    table = Table(title=f"unit {unit}", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in ("part", "test", "", "found", "took"):
        table.add_column(name)
    for check in answer.checks:
        mark = Text("FAILED", "bold red") if check.problem else Text("passed", "green")
        took = f"{check.took_us / 1000:.0f} ms"
        table.add_row(check.part, check.name, mark, check.problem or check.told, took)
    if differs:
        table.add_row("unit", "same program", Text("FAILED", "bold red"), differs, "")
    return table


def _reliability(unit: int, one: "pb.GetFaultsResponse | str", count: int) -> Table:
    table = Table(title=f"unit {unit}", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in ("part", "faults", "MTBF", "now"):
        table.add_column(name)
    if isinstance(one, str):
        table.add_row(Text(one, "red"))
        return table
    for part in one.parts:
        now = Text(part.ill, "yellow") if part.ill else Text(part.reading or "well", "green")
        table.add_row(part.part, str(part.faults), _between(part), now)
    state = Text(one.worn, "bold red") if one.worn else Text("reliable", "green")
    table.add_row("all", str(one.faults_total), _between(one), state)
    for fault in one.faults[:count]:
        when = words.moment(fault.at_ms)
        kind = pb.FaultKind.Name(fault.kind).removeprefix("FAULT_KIND_").lower()
        table.add_row("", "", Text(f"{when}  {kind}", "dim"), Text(f"{fault.part}: {fault.what}", "dim"))
    return table


def _between(one: Any) -> str:
    return words.duration(one.mtbf_ms) if one.HasField("mtbf_ms") else "-"
