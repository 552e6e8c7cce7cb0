"""`ftctl backup`: from a running pair into a directory, incremental, verified."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, NoReturn

import grpc
import psutil
import typer

from ftnode.backup import command, report
from ftnode.backup.contents import look, writing
from ftnode.backup.files import BackupFault, BackupFull, OtherHistory
from ftnode.backup.prune import prune
from ftnode.backup.records import SnapshotHead
from ftnode.backup.report import Progress
from ftnode.backup.take import MESSAGE_MAX_BYTES, LogGone, Taken, Taker, due
from ftnode.ctl import ask
from ftnode.ctl.report import EXIT_NOT_DONE
from ftnode.ctl.where import Where
from ftnode.v1 import admin_pb2

NICENESS: Final = 15  # where the scheduler has no idle class
OPTIONS: Final = (("grpc.max_receive_message_length", MESSAGE_MAX_BYTES),)
_SERVING: Final = (admin_pb2.UNIT_STATE_STANDBY, admin_pb2.UNIT_STATE_ACTIVE)  # in order of preference

Find = Callable[[str], Where]


class Refused(BackupFault):
    """No unit gives a backup now; the text says why, unit by unit."""


def register(app: typer.Typer, where: Find) -> None:
    """Add `backup`, `verify-backup` and `restore`. `where` finds the pair."""

    @app.command("backup")
    def backup_command(
        directory: Annotated[
            Path,
            typer.Argument(metavar="DIR", help="Where it is kept: empty at first, then always the same."),
        ],
        show: Annotated[bool, typer.Option("--list", help="Only say what DIR holds and reaches.")] = False,
        check: Annotated[bool, typer.Option("--verify", help="Only verify DIR, as verify-backup.")] = False,
        full: Annotated[
            bool, typer.Option("--full", help="Fetch every slot anew, also what is here.")
        ] = False,
        log_only: Annotated[
            bool, typer.Option("--log-only", help="Only the log since the last time: small, for every hour.")
        ] = False,
        unit: Annotated[int, typer.Option(min=-1, max=1, help="From this unit. Default: the standby.")] = -1,
        max_bytes_per_s: Annotated[
            int, typer.Option(min=0, help="Slower than the units' own backup.send_max_bytes_per_s.")
        ] = 0,
        keep_snapshots: Annotated[
            int, typer.Option(min=0, help="Afterwards keep only so many, and the log behind them. 0: all.")
        ] = 0,
        hurry: Annotated[
            bool, typer.Option("--hurry", help="Take processor and disk of this machine as others do.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="The last line only, which is JSON.")] = False,
        dir: Annotated[str, typer.Option("--dir", help="As before the command.", hidden=True)] = "",
    ) -> None:
        """Back up the running pair into DIR: the state at a checkpoint and the log behind it.

        The first time everything, later only what is new: slots of the state that changed, and the log since.
        Taken from the standby if there is one. Tills do not feel it. Interrupted, give the command again.
        """
        if show:
            command.show(directory, as_json)
        elif check:
            command.check(directory, as_json)
        elif full and log_only:
            raise typer.BadParameter("only one of --full and --log-only")
        else:
            wish = Wish(full, log_only, unit, max_bytes_per_s, keep_snapshots, hurry)
            _backup(directory, where(dir), wish, as_json)

    command.register(app)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    full: bool = False
    log_only: bool = False
    unit: int = -1  # the standby, if there is one
    max_bytes_per_s: int = 0  # as fast as the units allow
    keep_snapshots: int = 0  # all
    hurry: bool = False


def _backup(root: Path, where: Where, wish: Wish, as_json: bool) -> None:
    progress = Progress(as_json)
    began_s = time.monotonic()
    if not wish.hurry:
        _step_back()
    try:
        with writing(root):
            taker = Taker(root, wish.max_bytes_per_s, progress.say)
            unit = asyncio.run(_take(root, where, wish, taker, progress))
            taker.read_back()
            freed_bytes = prune(root, wish.keep_snapshots) if wish.keep_snapshots else 0
            contents = look(root)
    except BackupFault as fault:
        progress.end()
        _not_done(str(fault), as_json)
    except KeyboardInterrupt:
        progress.end()
        _not_done("interrupted; what is complete is kept, the same command goes on from there", as_json)
    progress.end()
    seconds = time.monotonic() - began_s
    _tell(root, taker.taken, unit, progress)
    for damaged in contents.damaged:
        progress.tell(f"DAMAGED  {damaged}")
    report.last_line(
        {
            "ok": not contents.damaged,
            "cabinet": contents.cabinet,
            "unit": unit,
            **_figures(taker.taken),
            "freed_bytes": freed_bytes,
            "reaches": report.reaches_json(contents.reaches),
            "damaged": [str(damaged) for damaged in contents.damaged],
            "seconds": round(seconds, 1),
            "mib_per_s": round(taker.taken.received_bytes / seconds / (1 << 20), 1),
        }
    )
    raise typer.Exit(EXIT_NOT_DONE if contents.damaged else 0)


async def _take(root: Path, where: Where, wish: Wish, taker: Taker, progress: Progress) -> int:
    """State, then log, each from the best unit that gives it; the unit that was preferred."""
    units = await _units(where, wish.unit)
    head: SnapshotHead | None = None
    contents = look(root)
    if not (wish.log_only and contents.snapshots):
        head = await _from_one(where, units, lambda line: taker.state(line, wish.full))
    cabinet = head.source.cabinet if head else contents.cabinet
    ways = due(contents, head)
    for place, (from_seq, prev_hash) in enumerate(ways):
        try:

            async def log(
                line: grpc.aio.Channel, from_seq: int = from_seq, prev_hash: bytes = prev_hash
            ) -> None:
                await taker.log(line, cabinet, from_seq, prev_hash)

            await _from_one(where, units, log)
            break
        except LogGone as gone:
            if place + 1 == len(ways):
                raise Refused(f"{gone}; without --log-only a new snapshot begins behind the gap") from gone
            taker.taken.gap = f"{from_seq}..{ways[place + 1][0] - 1}"
            progress.tell(
                f"entries {taker.taken.gap} are kept by no unit any more ({gone}): points within cannot be "
                "restored; back up more often, or keep the archive longer (log.archive_keep_days)"
            )
    return units[0]


async def _units(where: Where, wanted: int) -> list[int]:
    """Units that can give a backup, the best first. Raises Refused."""
    answers = await ask.ask_all(where)
    states: dict[int, int] = {}
    silent: list[str] = []
    for unit, answer in enumerate(answers.units):
        if isinstance(answer, ask.Silence):
            silent.append(f"unit {unit}: {answer.why}")
        elif answer.state in _SERVING:
            states[unit] = answer.state
        else:
            silent.append(f"unit {unit} is {admin_pb2.UnitState.Name(answer.state)[11:]}")
    found = sorted(states, key=lambda unit: _SERVING.index(states[unit]))
    if wanted >= 0:
        found = [unit for unit in found if unit == wanted]
    if not found:
        raise Refused(f"no unit gives a backup now: {'; '.join(silent) or f'unit {wanted} is not asked'}")
    return found


async def _from_one(
    where: Where, units: Sequence[int], work: Callable[[grpc.aio.Channel], Awaitable[Any]]
) -> Any:
    """From the first unit that gives it. Raises what the last one said."""
    trouble: BackupFault | None = None
    for unit in units:
        try:
            async with ask.unit_channel(where, unit, OPTIONS) as line:
                return await work(line)
        except grpc.aio.AioRpcError as problem:
            words = ask.in_words(problem, where.units[unit], ask.TIMEOUT_S)
            trouble = Refused(f"unit {unit} gives no backup: {words}")
        except (OtherHistory, BackupFull):
            raise
        except BackupFault as fault:  # gone here, or it came damaged: the other one may do better
            trouble = fault
    raise trouble or Refused("no unit was asked")


def _step_back() -> None:
    """Beside a unit on its machine: processor and disk only when nobody else wants them."""
    with suppress(OSError):
        os.nice(NICENESS)
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with suppress(OSError, psutil.Error):
        psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)


def _figures(taken: Taken) -> dict[str, Any]:
    return {
        "snapshot_seq": taken.snapshot_seq or None,
        "slots_new": taken.slots_new,
        "slots_shared": taken.slots_shared,
        "log_first_seq": taken.log_first_seq or None,
        "log_last_seq": taken.log_last_seq or None,
        "gap": taken.gap,
        "received_bytes": taken.received_bytes,
        "written_bytes": taken.written_bytes,
    }


def _tell(root: Path, taken: Taken, unit: int, progress: Progress) -> None:
    state = (
        f"the state at entry {taken.snapshot_seq:,} ({taken.slots_new:,} slots fetched, "
        f"{taken.slots_shared:,} were here)"
        if taken.snapshot_seq
        else "no state"
    )
    log = (
        f"entries {taken.log_first_seq:,} to {taken.log_last_seq:,}"
        if taken.log_last_seq
        else "no new entries"
    )
    progress.tell(f"{root}: from unit {unit}, {state}, {log}; all of that was read back and is sound")
    if taken.slots_shared:
        progress.tell(f"what was here before is read by: ftctl verify-backup {root}")


def _not_done(why: str, as_json: bool) -> NoReturn:
    if not as_json:
        typer.echo(f"ftctl: {why}", err=True)
    report.last_line({"ok": False, "why": why})
    raise typer.Exit(EXIT_NOT_DONE)
