"""The status for programs and for paper: one JSON object, or one line."""

from typing import Any

from google.protobuf.json_format import MessageToDict

from ftnode.ctl import words
from ftnode.ctl.ask import Silence
from ftnode.ctl.view import PairView, Redundancy, Severity

EXIT_WELL = 0  # duplex, and nothing is wrong that matters
EXIT_NOT_DONE = 1  # what was asked for could not be done; the last line says why
EXIT_USAGE = 2  # the command line is wrong, or the pair cannot be found
EXIT_WARNING = 3  # tills are served, but redundancy is gone or going
EXIT_DOWN = 4  # tills are not served, or data is at risk


def exit_status(view: PairView) -> int:
    """What the shell learns from a status."""
    severities = {one.severity for one in view.wrong}
    if view.redundancy is Redundancy.DOWN or Severity.CRITICAL in severities:
        return EXIT_DOWN
    if view.redundancy is Redundancy.SIMPLEX or Severity.WARNING in severities:
        return EXIT_WARNING
    return EXIT_WELL


def as_json(view: PairView) -> dict[str, Any]:
    """Everything, with the protos' own field names; a unit that gave no answer has `silence`."""
    return {
        "cabinet": view.cabinet,
        "redundancy": view.redundancy.value,
        "headline": view.headline,
        "active": view.active,
        "epoch": view.epoch,
        "in_sync": list(view.in_sync),
        "digests": view.digests,
        "digests_equal": view.digests_equal,
        "units": [
            {
                "unit": unit.unit,
                "state": unit.state,
                "safe_to_pull": unit.safe,
                "safe_to_pull_why": unit.safe_why,
                **({"silence": unit.silence} if unit.status is None else {"status": _as_dict(unit.status)}),
            }
            for unit in view.units
        ],
        "witness": {"silence": view.witness.why}
        if isinstance(view.witness, Silence)
        else _as_dict(view.witness),
        "wrong": [
            {
                "severity": one.severity.name.lower(),
                "code": one.code,
                "said_by": one.said_by,
                "what": one.what,
                "consequence": one.consequence,
                "remedy": one.remedy,
            }
            for one in view.wrong
        ],
        "exit_status": exit_status(view),
    }


def _as_dict(message: Any) -> dict[str, Any]:
    found: dict[str, Any] = MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    if "digest" in found:
        found["digest"] = message.digest.hex()  # as everywhere else; protobuf's JSON would say base64
    return found


def as_line(view: PairView) -> str:
    """One line for a log or a terminal without cursor: what matters, always in the same order."""
    parts = [f"{view.redundancy.name:<7}", f"epoch {view.epoch}", f"in sync {words.units(view.in_sync)}"]
    for unit in view.units:
        if unit.status is None:
            parts.append(f"unit {unit.unit} SILENT ({unit.silence})")
            continue
        seqs = unit.status.seqs
        parts.append(
            f"unit {unit.unit} {unit.state} seq {words.count(seqs.compared_seq)}/{words.count(seqs.head_seq)}"
        )
    parts += [
        "; ".join(line.strip() for line in words.progress(unit.status.duplexing))
        for unit in view.units
        if unit.status is not None and unit.state == "DUPLEXING" and unit.status.HasField("duplexing")
    ]
    if isinstance(view.witness, Silence) and not view.witness.why.startswith("not asked"):
        parts.append("witness SILENT")
    parts += [f"{one.severity.name}: {one.what}" for one in view.wrong if one.severity is not Severity.NOTICE]
    return " | ".join(parts)


def gist(view: PairView) -> tuple[object, ...]:
    """What has to change for a watcher to be told at once: not the seqs, they always do."""
    return (
        view.redundancy,
        view.epoch,
        view.in_sync,
        tuple((unit.state, unit.silence, unit.safe) for unit in view.units),
        tuple(unit.status.duplexing.phase if unit.status else 0 for unit in view.units),
        tuple(bool(unit.status and unit.status.locating_ms) for unit in view.units),
        isinstance(view.witness, Silence),
        view.digests_equal is False,
        tuple(one.code for one in view.wrong),
    )
