"""The command line of `ftctl`."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import grpc
import typer
from rich.console import Console

from ftnode.certs import CERTIFICATE_DAYS, make_certs
from ftnode.config import settings_json, settings_table
from ftnode.ctl import alarms, ask, backup, hardware, history, report, set_time, upgrade, verify_command
from ftnode.ctl import witness as witness_commands
from ftnode.ctl.agreed import agreed
from ftnode.ctl.show import picture
from ftnode.ctl.view import find_active, look
from ftnode.ctl.watch import watch as run_watch
from ftnode.ctl.where import Where, WhereError, find
from ftnode.tls import TlsError
from ftnode.v1 import admin_pb2, admin_pb2_grpc

MAYBE: Final = "it may still happen"  # a unit's own words for a change that was begun and not seen to end
LOOK: Final = ": look at `ftctl status` before asking again"
CHANGE_TIMEOUT_S: Final = 20.0  # a switchover drains first; a unit in trouble may be slow to say so

app = typer.Typer(
    help="Look at a pair of units and change what an operator may change.\n\n"
    "Exit status: 0 all is well or done; 1 not done, the last line says why; 2 the command line is wrong "
    "or the pair cannot be found. Commands that look (status, watch, alarms, diagnose, mtbf, verify) also "
    "end with 3: tills are served, but something is not well; 4: tills are not served, or data is at risk.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@dataclass(slots=True)
class Options:
    """How the pair was named; found only when a command needs it."""

    directory: str = ""
    config: str = ""
    units: str = ""
    witness: str = ""
    tls: str = ""


_options = Options()


@app.callback()
def options(
    dir: Annotated[str, typer.Option(help="Directory of `ftnode pair`. Default: $FTCTL_DIR.")] = "",
    config: Annotated[str, typer.Option(help="Settings file of either unit.")] = "",
    units: Annotated[str, typer.Option(help="Admin ports, HOST:PORT,HOST:PORT, unit 0 first.")] = "",
    witness: Annotated[str, typer.Option(help="With --units: the witness's HOST:PORT.")] = "",
    tls: Annotated[str, typer.Option(help="Directory with ca.pem, operator.pem, operator.key.")] = "",
) -> None:
    """Say which pair is meant."""
    _options.directory, _options.config, _options.units = dir, config, units
    _options.witness, _options.tls = witness, tls


_DIR = Annotated[str, typer.Option("--dir", help="As before the command.", hidden=True)]
_JSON = Annotated[bool, typer.Option("--json", help="One JSON object instead of a picture.")]
_REASON = Annotated[str, typer.Option(help="Who asks and why; it is logged.")]
_UNIT = Annotated[int, typer.Argument(min=0, max=1, help="0 or 1", metavar="UNIT")]


@app.command()
def status(as_json: _JSON = False, dir: _DIR = "") -> None:
    """Both units, the witness, what is wrong, and whether a unit is safe to pull."""
    where = _where(dir)
    view = look(asyncio.run(ask.ask_all(where)))
    console = Console(highlight=False)
    if as_json:
        print(json.dumps(report.as_json(view), indent=2))
    else:
        console.print(picture(view, console.width))
    raise typer.Exit(report.exit_status(view))


@app.command()
def watch(
    seconds: Annotated[float, typer.Option(min=0, help="Stop after so long; 0: never.")] = 0, dir: _DIR = ""
) -> None:
    """The status, live; without a terminal a line for each change."""
    where = _where(dir)
    try:
        view = asyncio.run(run_watch(where, Console(highlight=False), seconds))
    except KeyboardInterrupt:
        raise typer.Exit(report.EXIT_WELL) from None
    raise typer.Exit(report.exit_status(view) if view else report.EXIT_DOWN)


@app.command()
def switchover(reason: _REASON = "", dir: _DIR = "") -> None:
    """Let the standby become active, in order: tills notice nothing."""
    where = _where(dir)
    active = _active_or_not_done(where, "there is nothing to hand over")
    request = admin_pb2.SwitchoverRequest(reason=reason)
    answer = _change(where, active, lambda stub, s: stub.Switchover(request, timeout=s))
    print(f"unit {answer.active} is active now, epoch {answer.epoch}")


@app.command("bring-down")
def bring_down(
    unit: _UNIT,
    force: Annotated[bool, typer.Option("--force", help="Even if tills lose their last unit.")] = False,
    reason: _REASON = "",
    dir: _DIR = "",
) -> None:
    """Take a unit out of service in order; it stays out, also after a restart, until bring-up."""
    request = admin_pb2.BringDownRequest(reason=reason, force=force)
    _change(_where(dir), unit, lambda stub, s: stub.BringDown(request, timeout=s))
    print(f"unit {unit} is out of service; put it back with: ftctl bring-up {unit}")


@app.command("bring-up")
def bring_up(unit: _UNIT, reason: _REASON = "", dir: _DIR = "") -> None:
    """Put a unit back that was taken out, or that broke and was mended; it joins by itself."""
    request = admin_pb2.BringUpRequest(reason=reason)
    answer = _change(_where(dir), unit, lambda stub, s: stub.BringUp(request, timeout=s))
    if answer.state in (admin_pb2.UNIT_STATE_ACTIVE, admin_pb2.UNIT_STATE_STANDBY):
        state = admin_pb2.UnitState.Name(answer.state).removeprefix("UNIT_STATE_")
        print(f"unit {unit} is not out, it is {state}: nothing was changed")
    else:
        print(f"unit {unit} is on its way back; see it join with: ftctl watch")


@app.command("set-time")
def set_time_command(
    time_text: Annotated[str, typer.Argument(metavar="TIME", help=f"UTC: {set_time.FORMS}.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    reason: _REASON = "",
    as_json: _JSON = False,
    dir: _DIR = "",
) -> None:
    """Step log time forward, after an outage on whose length no two clocks agree. There is no way back."""
    try:
        to_ms = set_time.time_ms_of(time_text, time.time_ns() // 1_000_000)
    except ValueError as problem:
        _usage(str(problem))
    where = _where(dir)
    active = _active_or_not_done(where, "there is nobody who keeps the time")
    check = admin_pb2.SetTimeRequest(time_ms=to_ms, reason=reason, check_only=True)
    checked = _change(where, active, lambda stub, s: stub.SetTime(check, timeout=s))
    if not yes:
        for line in set_time.explained(active, to_ms, checked):
            typer.echo(line, err=True)
        if not agreed("Set log time?"):
            _not_done("nothing was changed")
    request = admin_pb2.SetTimeRequest(time_ms=to_ms, reason=reason)
    answer = _change(where, active, lambda stub, s: stub.SetTime(request, timeout=s))
    print(json.dumps(set_time.as_json(to_ms, answer)) if as_json else set_time.done(to_ms, answer))


def _active_or_not_done(where: Where, otherwise: str) -> int:
    answers = asyncio.run(ask.ask_all(where))
    heard = {unit: said for unit, said in enumerate(answers.units) if not isinstance(said, ask.Silence)}
    active = find_active(heard)
    if active is None:
        _not_done(f"no unit answers the tills now, so {otherwise}; look at `ftctl status`")
    return active


@app.command()
def verify(
    unit: Annotated[int | None, typer.Argument(min=0, max=1, help="0 or 1; both without it.")] = None,
    fast: Annotated[bool, typer.Option("--fast", help="As fast as it goes; tills may notice.")] = False,
    as_json: _JSON = False,
    dir: _DIR = "",
) -> None:
    """Read both units' disks again, beside the traffic, and hold them against each other.

    Every slot of the state is counted at one checkpoint, the same on both units; the log's chain, the archive
    and the promise are read. What is found is mended as if the unit had found it by itself. The last line is
    JSON. Exit status: 0 sound; 3 something was rotten; 4 the units contradict each other; 1 not all was read.
    """
    units = [0, 1] if unit is None else [unit]
    raise typer.Exit(verify_command.run(_where(dir), units, fast, as_json))


@app.command("make-certs")
def make_certs_command(
    out: Annotated[Path, typer.Argument(help="Directory to write to.")],
    cabinet: Annotated[str, typer.Option(help="The pair's name, as in the settings.")],
    host: Annotated[
        list[str] | None,
        typer.Option(help="HOLDER=NAME, e.g. unit0=10.0.0.1 or witness=w.example; may be repeated."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, help="How long they are valid.")] = CERTIFICATE_DAYS,
) -> None:
    """Make a cabinet's authority and the certificates of units, witness and operator."""
    hosts: dict[str, list[str]] = {}
    for given in host or []:
        holder, _, name = given.partition("=")
        if not name:
            _usage(f"--host {given}: want HOLDER=NAME, e.g. unit0=10.0.0.1")
        hosts.setdefault(holder, []).append(name)
    try:
        written = make_certs(out, cabinet, hosts, days)
    except TlsError as problem:
        _not_done(str(problem))
    for path in written:
        print(path)
    print(f"{len(written)} files written; keep {out / 'ca.key'} away from the units")


@app.command()
def settings(as_json: _JSON = False) -> None:
    """Every setting with its default, range and meaning."""
    print(settings_json() if as_json else settings_table())


def _where(directory: str) -> Where:
    try:
        return find(
            directory or _options.directory, _options.config, _options.units, _options.witness, _options.tls
        )
    except WhereError as problem:
        _usage(str(problem))


alarms.register(app, _where)
backup.register(app, _where)
hardware.register(app, _where)
history.register(app, _where)


def _change(where: Where, unit: int, call: Callable[[Any, float], Awaitable[Any]]) -> Any:
    """Ask one unit to change something; ends the program with the reason if it does not."""

    async def ask_it() -> Any:
        async with ask.unit_channel(where, unit) as line:
            return await call(admin_pb2_grpc.AdminServiceStub(line), CHANGE_TIMEOUT_S)

    try:
        return asyncio.run(ask_it())
    except grpc.aio.AioRpcError as problem:
        if problem.code() is grpc.StatusCode.FAILED_PRECONDITION:
            _not_done(f"unit {unit} refuses, nothing was changed: {problem.details()}")
        if problem.code() is grpc.StatusCode.UNAVAILABLE and MAYBE in (problem.details() or ""):
            _not_done(f"unit {unit} began it: {problem.details()}{LOOK}")
        words = ask.in_words(problem, where.units[unit], CHANGE_TIMEOUT_S)
        if problem.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
            words += f"; {MAYBE}{LOOK}"
        _not_done(words)


upgrade.register(app, _where, _change)
witness_commands.register(app, _where, _change)


def _not_done(why: str) -> NoReturn:
    typer.echo(f"ftctl: {why}", err=True)
    raise typer.Exit(report.EXIT_NOT_DONE)


def _usage(why: str) -> NoReturn:
    typer.echo(f"ftctl: {why}", err=True)
    raise typer.Exit(report.EXIT_USAGE)


def main() -> None:
    """Entry point."""
    app()
