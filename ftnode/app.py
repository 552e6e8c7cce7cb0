"""The command `ftnode`: units, witness and pair. The one file that knows both the runtime and loyalty."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
import uvloop

from ftnode.backup import command as backups
from ftnode.config import (
    ConfigError,
    UnitSettings,
    load_witness,
    settings_json,
    settings_table,
)
from ftnode.observe import logs
from ftnode.pair.main import pair
from ftnode.shell import forming, learning, serve, table
from ftnode.shell.boot import EXIT_SETUP
from ftnode.shell.event_loop import Loop
from ftnode.shell.unit import Application
from ftnode.witness import daemon
from loyalty import front
from loyalty.engine import Engine

Config = Annotated[Path, typer.Option("--config", help="The TOML file with the settings.")]
_SHAPES: Final = {shape.value: shape for shape in table.Shape}
_LANES: Final = {"till": table.Lane.TILL, "back_office": table.Lane.BACK_OFFICE}
cli = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
cli.command("pair")(pair)


@cli.command("serve")
def serve_command(config: Config) -> None:
    """Run one unit until it is told to stop; it hands over first.

    Exit status: 0 stopped as asked, 1 its disk failed, 2 it could not start (the last line says why),
    70 its own reasoning failed.
    """
    settings = _unit(config)
    raise typer.Exit(uvloop.run(serve.run(settings, loyalty()), loop_factory=Loop))


@cli.command("witness")
def witness_command(config: Config) -> None:
    """Run the witness daemon until it is told to stop."""
    raise typer.Exit(daemon.main(lambda: load_witness(config)))


@cli.command("form")
def form_command(config: Config) -> None:
    """Form a new cabinet: this unit's blank disk gets the first promise, an empty witness the first record.

    Once in the life of a cabinet, before the first start of a unit. Refused, and nothing changed, if
    either has a past.
    """
    settings = _unit(config, form="console")
    try:
        said = asyncio.run(forming.form(settings))
    except forming.FormError as error:
        print(f"ftnode form: {error}", file=sys.stderr)
        raise typer.Exit(EXIT_SETUP) from error
    print(said)


@cli.command("settings")
def settings_command(
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """List every setting: name, default, range, environment variable, meaning."""
    print(settings_json() if json else settings_table())


def loyalty() -> Application:
    """The loyalty engine with its methods, as the runtime wants them."""
    methods = [
        table.Method(
            method.path,
            _SHAPES[method.shape],
            _LANES[method.lane],
            _decoder(method.decode),
            method.encode,
            method.encode_not_taken,
        )
        for method in front.METHODS
    ]
    scans = [
        table.ScanMethod(scan.path, _LANES[scan.lane], _scan_decoder(scan.decode), scan.encode)
        for scan in front.SCANS
    ]
    return Application([Engine()], methods, front.SERVICES, scans)


def _decoder(
    decode: Callable[[bytes], Sequence[front.Want]],
) -> Callable[[bytes], Sequence[table.Want]]:
    def decoded(request: bytes) -> Sequence[table.Want]:
        with _refused():
            return [_want(want) for want in decode(request)]

    return decoded


def _scan_decoder(decode: Callable[[bytes], front.Scan]) -> Callable[[bytes], table.Scan]:
    def decoded(request: bytes) -> table.Scan:
        with _refused():
            return table.Scan(decode(request).body)

    return decoded


@contextmanager
def _refused() -> Iterator[None]:
    """What loyalty refuses, in the runtime's words."""
    try:
        yield
    except front.RefusalError as refusal:
        raise table.BadRequestError(refusal.field, refusal.problem, refusal.wanted) from refusal


def _want(want: front.Want) -> table.Want:
    if isinstance(want, front.Command):
        return table.Command(*want)
    if isinstance(want, front.Query):
        return table.Query(want.body)
    return table.Lookup(want.request_id)


def _unit(config: Path, form: str = "") -> UnitSettings:
    try:
        settings = learning.load(config)
    except ConfigError as error:
        logs.configure(form="console", process="unit")
        for problem in error.problems:
            logs.get().error("bad_settings", why=problem)
        raise typer.Exit(EXIT_SETUP) from error
    logs.configure(settings.observe.level, form or settings.observe.format, node=settings.unit.id)
    return settings


backups.register(cli, lambda: loyalty().machines)


def main() -> None:
    """Entry point."""
    cli()


if __name__ == "__main__":
    main()
