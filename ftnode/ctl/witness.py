"""`ftctl replace-witness` and `ftctl force-active`: when the witness, or a unit with it, is gone for good."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, NoReturn

import typer

from ftnode.ctl import ask, words
from ftnode.ctl.agreed import typed
from ftnode.ctl.report import EXIT_NOT_DONE, EXIT_USAGE
from ftnode.ctl.view import find_active
from ftnode.ctl.where import Where
from ftnode.pair.layout import PairError
from ftnode.pair.settings import set_witness
from ftnode.v1 import admin_pb2 as pb
from ftnode.witness.naming import WANTED, fields

Find = Callable[[str], Where]
Change = Callable[[Where, int, Callable[[Any, float], Awaitable[Any]]], Any]
_DIR = Annotated[str, typer.Option("--dir", help="As before the command.", hidden=True)]
_REASON = Annotated[str, typer.Option(help="Who asks and why; it is logged.")]
_ADDRESS = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="HOST:PORT, or etcd://HOST:PORT,HOST:PORT/PREFIX/.")
]
TYPED: Final = "lose"
"""What an operator types who accepts a loss."""


def register(app: typer.Typer, where: Find, change: Change) -> None:
    """Add the commands. `where` finds the pair, `change` asks a unit to change something."""

    @app.command("replace-witness")
    def replace_witness(address: _ADDRESS, reason: _REASON = "", dir: _DIR = "") -> None:
        """Let another witness count from now on: one that answers, and is empty.

        It is logged by the active unit; when both units have it, the first record is made there. The old one
        counts no more, whatever it holds. Never point units at another witness by their settings alone: they
        refuse it. Afterwards set witness.address of both units to ADDRESS; with --dir that is done, too.
        """
        _check(address)
        pair = where(dir)
        active = _active(pair, address, change)
        request = pb.ReplaceWitnessRequest(address=address, reason=reason)
        answer = change(pair, active, lambda stub, s: stub.ReplaceWitness(request, timeout=s))
        print(f"the witness {answer.witness_id} at {address} counts since entry {answer.seq}")
        print(_settings_of(pair, address))
        figures = {"witness_id": answer.witness_id, "epoch": answer.epoch, "seq": answer.seq, "ok": True}
        print(json.dumps(figures))

    @app.command("force-active")
    def force_active(
        unit: Annotated[int, typer.Argument(min=0, max=1, metavar="UNIT", help="Who shall answer: 0 or 1.")],
        off: Annotated[int, typer.Option(min=0, max=1, help="The unit that you have switched off.")],
        accept: Annotated[bool, typer.Option("--accept-data-loss", help="Without it: only explain.")] = False,
        witness: Annotated[str, typer.Option(help="A new, empty witness, if the old one is gone, too.")] = "",
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
        reason: _REASON = "",
        dir: _DIR = "",
    ) -> None:
        """Make a unit answer that may not by itself, because the other one may hold more. The last resort.

        Says first what would be lost. Switch the other unit off before, and keep it off until this one
        answers: two units that both answer would contradict each other. It is struck from the record and
        comes back as a stranger: it takes what it lacks from the log, or a copy where they disagree.
        """
        pair = where(dir)
        if off == unit:
            _end(f"--off {off} is the unit that shall answer; name the one that is switched off", EXIT_USAGE)
        if witness:
            _check(witness)
        told = _explain(pair, unit, off, change)
        if told.refused:  # and no word of switching a unit off: it may be the one that answers
            _end(f"unit {unit} refuses, nothing was changed: {told.refused}", EXIT_NOT_DONE)
        for line in explained(unit, off, told):
            print(line)
        if not accept:
            _end("nothing was changed; to do it: --accept-data-loss", EXIT_NOT_DONE)
        if not yes and not typed(TYPED):
            _end("nothing was changed", EXIT_NOT_DONE)
        request = pb.ForceActiveRequest(
            off=off, accept_data_loss=True, witness_address=witness, reason=reason
        )
        answer = change(pair, unit, lambda stub, s: stub.ForceActive(request, timeout=s))
        print(
            f"unit {unit} answers, epoch {answer.epoch}; what unit {off} held above {answer.kept_seq} is lost"
        )
        if witness:
            print(_settings_of(pair, witness))
        print(json.dumps({"active": unit, "epoch": answer.epoch, "kept_seq": answer.kept_seq, "ok": True}))


def explained(unit: int, off: int, told: pb.ExplainForceResponse) -> list[str]:
    """What a force would do and what it would lose, for a person."""
    lines = [f"unit {unit} holds through entry {told.holds_seq}, of {words.moment(told.holds_time_ms)}"]
    if told.known_seq > told.holds_seq:
        lost = told.known_seq - told.holds_seq
        lines.append(f"at least {lost} entries through {told.known_seq}, which were answered, would be lost")
    else:
        lines.append(f"nobody who answers knows of more; what unit {off} answered alone is not known here")
    lines += [f"why it does not answer by itself: {why}" for why in told.reasons]
    if not told.reasons:
        lines.append("nothing stands in its way: wait some seconds, it may answer by itself")
    lines.append(
        f"unit {off} must be switched off; it will return as a stranger: it takes what it lacks "
        f"from unit {unit}'s log, or a copy of everything where their logs do not agree"
    )
    return lines


def _check(address: str) -> None:
    if not address:
        _end(f"the witness's address is empty: want {WANTED}", EXIT_USAGE)
    try:
        fields(address)
    except ValueError as problem:
        _end(f"the witness's address {problem}", EXIT_USAGE)


def _active(pair: Where, address: str, change: Change) -> int:
    answers = asyncio.run(ask.ask_all(pair))
    heard = {unit: said for unit, said in enumerate(answers.units) if not isinstance(said, ask.Silence)}
    active = find_active(heard)
    if active is not None:
        return active
    why = "no unit answers the tills now, and only an active one can name a witness. "
    if len(heard) < len(answers.units):
        why += (
            "Start the unit that was active last; if it is gone for good: "
            f"ftctl force-active UNIT --off OTHER --witness {address}"
        )
        _end(why, EXIT_NOT_DONE)
    told = {unit: _explain(pair, unit, 1 - unit, change) for unit in sorted(heard)}
    _end(why + who_holds_more(told, address), EXIT_NOT_DONE)


def _explain(pair: Where, unit: int, off: int, change: Change) -> pb.ExplainForceResponse:
    question = pb.ExplainForceRequest(off=off)
    told: pb.ExplainForceResponse = change(pair, unit, lambda stub, s: stub.ExplainForce(question, timeout=s))
    return told


def who_holds_more(told: dict[int, pb.ExplainForceResponse], address: str) -> str:
    """Both units are there, neither answers, and the witness is gone for good: what to do, for a person."""
    held = {unit: (one.holds_epoch, one.holds_seq) for unit, one in told.items()}
    ends = ", ".join(f"unit {unit} with entry {seq} of epoch {epoch}" for unit, (epoch, seq) in held.items())
    whole = [unit for unit in held if not told[unit].disk_fault]
    faults = "".join(
        f"; unit {unit} cannot: {one.disk_fault}" for unit, one in told.items() if one.disk_fault
    )
    if not whole:
        return (
            f"Both are there and neither disk is whole{faults}. Mend one of them first, or restore a backup"
        )
    most = max(whole, key=lambda unit: (held[unit], -unit))
    if held[most] < max(held.values()):
        return f"Both are there and end: {ends}{faults}. Unit {most} holds less: mend the other one first"
    return (
        f"Both are there and end: {ends}{faults}. Unit {most} holds whatever was answered, as far as these "
        f"two hold it. If the old witness is gone for good, switch unit {1 - most} off, then: "
        f"ftctl force-active {most} --off {1 - most} --witness {address}"
    )


def _settings_of(pair: Where, address: str) -> str:
    """Settings files that we can reach name the new witness from now on."""
    if pair.pair is None:
        return (
            f"now set witness.address to {address} in the settings of both units: with the old one they run "
            "on, and refuse to start again"
        )
    try:
        changed = set_witness(pair.pair, address)
    except (PairError, OSError) as problem:
        return f"the settings could not be changed: {problem}; set witness.address to {address} in both units"
    return f"settings changed: {', '.join(str(path) for path in changed)}"


def _end(why: str, status: int) -> NoReturn:
    typer.echo(f"ftctl: {why}", err=True)
    raise typer.Exit(status)
