"""The commands that need no pair: `restore` and `verify-backup`. What executes the log is the application's.

`ftctl` knows no application: there the same commands start the program that does, `ftnode`.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import typer
from rich.console import Console

from ftnode.backup import execute, report
from ftnode.backup.contents import look
from ftnode.backup.files import BackupFault
from ftnode.backup.points import Point, instant, parse_instant
from ftnode.backup.report import Progress
from ftnode.backup.restore import Note, Order, restore
from ftnode.backup.verify import Verdict, verify
from ftnode.machine.contract import Machine
from ftnode.store.state import StoreFault
from ftnode.store.state_lmdb import LmdbStateStore

EXIT_NOT_DONE: Final = 1
Machines = Callable[[], Sequence[Machine]]

_DIRECTORY = Annotated[Path, typer.Argument(metavar="DIR", help="Directory of the backup.")]
_JSON = Annotated[bool, typer.Option("--json", help="The last line only, which is JSON.")]


def register(app: typer.Typer, machines: Machines | None = None) -> None:
    """Add both commands. `machines`: the application; without it another program is started that has it."""

    @app.command("restore")
    def restore_command(
        directory: _DIRECTORY,
        to: Annotated[Path, typer.Option(help="Data directory of the new unit; not there yet, or empty.")],
        cabinet: Annotated[str, typer.Option(help="Name of the new cabinet; never that of the old one.")],
        at: Annotated[
            str, typer.Option(help="Point in log time, e.g. 2026-11-28T17:30:00Z. UTC without a zone.")
        ] = "",
        seq: Annotated[int, typer.Option(min=0, help="Or: the last entry that is to be in it.")] = 0,
        unit: Annotated[int, typer.Option(min=0, max=1, help="Id of the new unit.")] = 0,
        as_json: _JSON = False,
    ) -> None:
        """Build the first unit of a NEW cabinet from a backup, as of a point in time (default: its end).

        The state comes from the nearest snapshot, the log is executed anew to exactly the point, and every
        digest that the old pair recorded on the way is compared. No witness is restored: form the new cabinet
        at an empty one (`ftnode form`, or `ftnode pair`, which does it), start the unit, and let a blank
        partner join.
        """
        if at and seq:
            _not_done("only one of --at and --seq", as_json)
        if machines is None:
            words = ["restore", str(directory), "--to", str(to), "--cabinet", cabinet, "--unit", str(unit)]
            words += ["--at", at] * bool(at) + ["--seq", str(seq)] * bool(seq) + ["--json"] * as_json
            _elsewhere(words)
        _restore(Order(directory, to, cabinet, unit, seq), at, machines(), as_json)

    @app.command("verify-backup")
    def verify_command(
        directory: _DIRECTORY,
        executed: Annotated[
            bool,
            typer.Option("--execute", help="Also execute the log and compare each recorded digest."),
        ] = False,
        scratch: Annotated[
            str, typer.Option(help="With --execute: where there is room for the state. Default: $TMPDIR.")
        ] = "",
        as_json: _JSON = False,
    ) -> None:
        """Read a whole backup: every hash, every slot's root, the chain of the log, and what can be restored.

        Exit status: 0 all of it is sound; 1 something is damaged, the lines before the last say what.
        """
        if executed and machines is None:
            words = ["verify-backup", str(directory), "--execute"]
            _elsewhere(words + ["--scratch", scratch] * bool(scratch) + ["--json"] * as_json)
        check(directory, as_json, machines() if executed and machines is not None else (), scratch)


def _restore(order: Order, at: str, machines: Sequence[Machine], as_json: bool) -> None:
    progress = Progress(as_json)
    began_s = time.monotonic()
    try:
        timed = replace(order, at_ms=parse_instant(at) if at else None)
        note = restore(timed, machines, progress.say, progress.tell)
    except BackupFault as fault:
        progress.end()
        _not_done(str(fault), as_json)
    progress.end()
    _tell_restored(order, note, progress)
    figures = {name: getattr(note, name) for name in Note.__struct_fields__}
    report.last_line({"ok": True, **figures, "seconds": round(time.monotonic() - began_s, 1)})


def _tell_restored(order: Order, note: Note, progress: Progress) -> None:
    progress.tell(
        f"{order.to} holds everything through entry {note.seq}, log time {note.log_time}; the entries after "
        f"it are not in it: {note.dropped_entries:,} entries until the end of the backup were dropped"
    )
    proved = "all of it" if note.proved_seq == note.seq else f"everything through entry {note.proved_seq}"
    progress.tell(f"the digest is {note.digest}; {proved} was compared with what the old pair had recorded")
    settings = ", ".join(f"{name} = {value}" for name, value in note.settings.items())
    progress.tell(
        f"next: settings for unit {note.unit} of cabinet {note.cabinet!r} with unit.dir = {order.to} and, "
        f"for both units, {settings}; an empty witness; then `ftnode form`, `ftnode serve`, a blank partner"
    )


def check(directory: Path, as_json: bool, machines: Sequence[Machine] = (), scratch: str = "") -> NoReturn:
    """Verify and say what was found; with `machines`, execute the log, too."""
    progress = Progress(as_json)
    began_s = time.monotonic()
    try:
        verdict = verify(directory, progress.say)
        compared = _execute(directory, verdict, machines, scratch or None, progress) if machines else 0
    except BackupFault as fault:
        progress.end()
        _not_done(str(fault), as_json)
    progress.end()
    for problem in verdict.problems:
        progress.tell(f"DAMAGED  {problem.file}: {problem.what}")
    for reach in verdict.reaches:
        progress.tell(
            f"can be restored: every point from {instant(reach.first_ms)} (entry {reach.first_seq:,}) to "
            f"{instant(reach.last_ms)} (entry {reach.last_seq:,})"
        )
    seconds = time.monotonic() - began_s
    report.last_line(
        {
            "ok": verdict.ok,
            "cabinet": verdict.cabinet,
            "snapshots": verdict.snapshots,
            "slots": verdict.slots,
            "entries": verdict.entries,
            "read_bytes": verdict.read_bytes,
            "digests_compared": compared,
            "reaches": report.reaches_json(verdict.reaches),
            "problems": [{"file": problem.file, "what": problem.what} for problem in verdict.problems],
            "seconds": round(seconds, 1),
            "mib_per_s": round(verdict.read_bytes / seconds / (1 << 20), 1),
        }
    )
    raise typer.Exit(0 if verdict.ok else EXIT_NOT_DONE)


def _execute(
    directory: Path, verdict: Verdict, machines: Sequence[Machine], scratch: str | None, progress: Progress
) -> int:
    """Execute every reach from its oldest snapshot to its end; the digests that were equal.

    Raises:
        BackupFault: one was not, or there is no room.
    """
    compared = 0
    for reach in verdict.reaches:
        head = reach.snapshots[0]
        point = Point(reach.last_seq, reach)
        execute.check_readable(head, point, machines)
        try:
            with tempfile.TemporaryDirectory(prefix="ftnode-verify-", dir=scratch) as place:
                store = LmdbStateStore(Path(place) / "state")
                execute.load_snapshot(directory, head, store, progress.say)
                executor = execute.make_executor(head.source, machines, store)
                done = execute.replay(directory, point, executor, machines, progress.say, store)
                store.close()
        except (StoreFault, OSError) as fault:
            raise BackupFault(
                f"the log cannot be executed here: {fault}; name a --scratch with room"
            ) from fault
        compared += done.digests_compared
    return compared


def show(directory: Path, as_json: bool) -> None:
    """`ftctl backup --list`: from the headers, without reading what is behind them."""
    try:
        contents = look(directory)
    except BackupFault as fault:
        _not_done(str(fault), as_json)
    if not as_json:
        report.show_contents(contents, Console(highlight=False))
    report.last_line(
        {
            "ok": not contents.damaged and bool(contents.reaches),
            "cabinet": contents.cabinet,
            "reaches": report.reaches_json(contents.reaches),
            "damaged": [str(fault) for fault in contents.damaged],
        }
    )


def _elsewhere(words: list[str]) -> NoReturn:
    """In a process of the program that knows the application."""
    done = subprocess.run([sys.executable, "-m", "ftnode.app", *words], check=False)
    raise typer.Exit(done.returncode)


def _not_done(why: str, as_json: bool) -> NoReturn:
    if not as_json:
        typer.echo(why, err=True)
    figures: dict[str, Any] = {"ok": False, "why": why}
    report.last_line(figures)
    raise typer.Exit(EXIT_NOT_DONE)
