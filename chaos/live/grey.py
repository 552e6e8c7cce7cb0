"""`make grey`: parts that work badly, on real processes under load; and disks that fill to the last byte.

    python -m chaos.live.grey                       every one, a good half minute each (as root)
    python -m chaos.live.grey slow-disk-of-active   one
    python -m chaos.live.grey --list

One line each, at the end one line of JSON with what tills felt, who went out, why, and how often anything
changed; exit status 1 if any is off.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from chaos.live import grey_faults as faults
from chaos.live import grey_full
from chaos.live.grey_play import Grey, Result, play
from chaos.live.own_directory import in_own_directory

SOON: Final = (("FTNODE_HARDWARE_WELL_AFTER_MS", "3000"),)
BY_THREAD: Final = (*SOON, ("FTNODE_LOG_SYNC_BY", "thread"))  # the kernel's own workers are in no group
ENV_OUTSIDE: Final = "GREY_OUTSIDE"
FULL: Final = "full-disks"
QUICK_S: Final = 5.0

ALL: Final = (
    Grey(
        "slow-disk-of-active",
        "an fsync takes a good while",
        faults.slow_disk,
        True,
        "ill",
        "the disk is slow",
        BY_THREAD,
        on_disks=True,
    ),
    Grey(
        "slow-disk-of-standby",
        "an fsync takes a good while",
        faults.slow_disk,
        False,
        "ill",
        "the disk is slow",
        BY_THREAD,
        on_disks=True,
    ),
    Grey(
        "slow-processor-of-active",
        "5 % of a processor",
        faults.slow_processor,
        True,
        "ill",
        "processor",
        SOON,
    ),
    Grey(
        "slow-processor-of-standby",
        "5 % of a processor",
        faults.slow_processor,
        False,
        "ill",
        "processor",
        SOON,
    ),
    Grey("stalling-active", "stands still again and again", faults.stalling, True, "ill", "", SOON),
    Grey("stalling-standby", "stands still again and again", faults.stalling, False, "ill", "", SOON),
    Grey("short-memory-of-active", "its memory is used up", faults.short_memory, True, "ill", "memory", SOON),
    Grey(
        "short-memory-of-standby", "its memory is used up", faults.short_memory, False, "ill", "memory", SOON
    ),
    Grey("lossy-link", "a third of the packets is lost", faults.lossy_link, False, "either", "link", SOON),
    Grey(
        "one-way-link-to-active",
        "the active hears nothing",
        faults.one_way_link,
        True,
        "standby",
        "silent",
        SOON,
    ),
    Grey(
        "one-way-link-to-standby",
        "the standby hears nothing",
        faults.one_way_link,
        False,
        "active",
        "silent",
        SOON,
    ),
)


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Which; none: all.")] = None,
    tills: Annotated[int, typer.Option(min=1, help="Tills that buy meanwhile.")] = 20,
    rate: Annotated[float, typer.Option(min=1, help="Calls a second, on schedule, over both units.")] = 100,
    quick: Annotated[bool, typer.Option("--quick", help="Shorter: a look, no proof.")] = False,
    show: Annotated[bool, typer.Option("--list", help="Say what there is, and do nothing.")] = False,
) -> None:
    """Make a part of a unit work badly, under load, and take it away again."""
    known = {grey.name: grey for grey in ALL}
    if unknown := [name for name in names or () if name not in known and name != FULL]:
        raise typer.BadParameter(f"{', '.join(unknown)}: want {', '.join([*known, FULL])}")
    if show:
        for grey in ALL:
            print(f"{grey.name:<26} {grey.why}")
        print(f"{FULL:<26} the disk of one unit is filled to the last byte, then that of both")
        return
    if why := faults.missing():
        print(json.dumps({"verdict": "skipped", "why": why}))
        sys.exit(1)
    own_namespaces()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    results = [_one(name, known.get(name), tills, rate, quick) for name in names or [*known, FULL]]
    off = [one.name for one in results if not one.ok]
    figures = {one.name: {"ok": one.ok, **one.figures} for one in results}
    worst_ms = max(
        (max(one.figures.get("gap_ms", 0), one.figures.get("wait_ms", 0)) for one in results), default=0
    )
    told = {"verdict": "off" if off else "ok", "faults": len(results), "worst_ms": worst_ms, "off": off}
    print(json.dumps({**told, "figures": figures}), flush=True)
    sys.exit(1 if off else 0)


def _one(name: str, grey: Grey | None, tills: int, rate: float, quick: bool) -> Result:
    """One fault on a cabinet of its own."""

    async def in_it(directory: Path) -> Result:
        if grey is None:
            return await grey_full.play(directory, tills, rate)
        fault = replace(grey, seconds=QUICK_S, tail_s=QUICK_S) if quick else grey
        return await play(fault, directory, tills, rate)

    return in_own_directory(name, in_it, lambda result: json.dumps(result.figures))


def own_namespaces() -> None:
    """Start this very command again with mounts and a network of its own; return if it has them already."""
    here = os.readlink("/proc/self/ns/net")
    if os.environ.get(ENV_OUTSIDE, here) == here:
        os.environ[ENV_OUTSIDE] = here
        sys.stdout.flush()
        command = ["unshare", "--mount", "--net", "--propagation", "private", sys.executable]
        os.execvp("unshare", [*command, *sys.orig_argv[1:]])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=faults.COMMAND_S)


if __name__ == "__main__":
    typer.run(main)
