"""The status as a picture: two units side by side, what is wrong below."""

from rich.box import HEAVY, ROUNDED
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ftnode.ctl import words
from ftnode.ctl.ask import Silence
from ftnode.ctl.view import PairView, Redundancy, Severity, UnitView, Wrong
from ftnode.v1 import admin_pb2

BOX_WIDTH = 47  # two of them fit into a terminal of 96
COLOURS = {Redundancy.DUPLEX: "green", Redundancy.SIMPLEX: "yellow", Redundancy.DOWN: "red"}
STATE_COLOURS = {"ACTIVE": "green", "STANDBY": "cyan", "DUPLEXING": "yellow", "OFFLINE": "white"}
MARKS = {
    Severity.CRITICAL: ("!!", "red"),
    Severity.WARNING: ("! ", "yellow"),
    Severity.NOTICE: ("- ", "cyan"),
}


def picture(view: PairView, width: int = 96) -> RenderableType:
    """All of it; the boxes stand on top of each other when the terminal is narrow."""
    boxes: RenderableType
    drawn = [unit_box(unit, min(BOX_WIDTH, width)) for unit in view.units]
    boxes = Columns(drawn, padding=(0, 1)) if width >= 2 * BOX_WIDTH + 1 else Group(*drawn)
    return Group(head(view), boxes, wrong_list(view.wrong))


def head(view: PairView) -> RenderableType:
    """Cabinet, redundancy, and what the witness has on record."""
    colour = COLOURS[view.redundancy]
    title = Text.assemble(
        (f" {view.redundancy.name} ", f"bold reverse {colour}"),
        ("  cabinet ", "dim"),
        (view.cabinet or "?", "bold"),
        f"  {view.headline}",
    )
    facts = Text.assemble(
        ("epoch ", "dim"),
        words.count(view.epoch),
        ("   in sync ", "dim"),
        words.units(view.in_sync),
        ("   witness ", "dim"),
        _witness(view),
        ("   digests ", "dim"),
        (view.digests, "red bold" if view.digests_equal is False else ""),
    )
    return Padding(Group(title, facts), (1, 0, 1, 0))


def _witness(view: PairView) -> str:
    if isinstance(view.witness, Silence):
        return "silent" if not view.witness.why.startswith("not asked") else "not asked"
    if not view.witness.HasField("record"):
        return "has no record yet"
    record = view.witness.record
    return f"epoch {words.count(record.epoch)}, active {record.active}, {words.units(tuple(record.in_sync))}"


def unit_box(unit: UnitView, width: int = BOX_WIDTH) -> Panel:
    """One unit."""
    colour = STATE_COLOURS.get(unit.state, "red")
    lines: list[RenderableType] = []
    if unit.status is None:
        lines.append(Text(unit.silence))
    else:
        if unit.status.locating_ms:
            lines.append(Text(" HERE I AM ", style="bold blink reverse"))
        lines += [Text(unit.status.state_why or "-", style="italic"), _numbers(unit.status)]
        if unit.status.HasField("duplexing"):
            lines.append(_duplexing(unit.status.duplexing, width - 4))
    safe = Text.assemble(
        ("safe to pull: ", "dim"), ("YES" if unit.safe else "NO", "bold green" if unit.safe else "bold red")
    )
    lines += [safe, Text(unit.safe_why, style="dim")]
    return Panel(
        Group(*lines),
        title=f"[bold]unit {unit.unit}  [{colour}]{unit.state}[/]",
        border_style=colour,
        box=HEAVY if unit.state == "ACTIVE" else ROUNDED,
        width=width,
    )


def _numbers(status: admin_pb2.Status) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", min_width=9)
    table.add_column()
    for name, value in _rows(status):
        table.add_row(name, value)
    return table


def _rows(status: admin_pb2.Status) -> list[tuple[str, str]]:
    seqs, peer, traffic = status.seqs, status.peer, status.traffic
    session = f"session {peer.session}" if peer.HasField("session") else "no session"
    if peer.silence_ms:
        session += f", silent for {words.duration(peer.silence_ms)}"
    answer = f", p99 {traffic.answer_p99_us / 1000:.1f} ms" if traffic.answer_p99_us else ""
    return [
        ("epoch", f"{words.count(status.epoch)}, in sync {words.units(tuple(status.in_sync))}"),
        ("head", f"{words.count(seqs.head_seq)}, durable {words.count(seqs.durable_seq)}"),
        ("commit", f"{words.count(seqs.commit_seq)}, executed {words.count(seqs.executed_seq)}"),
        ("compared", f"{words.count(seqs.compared_seq)}, released {words.count(seqs.released_seq)}"),
        ("on disk", f"checkpoint {words.count(seqs.checkpoint_seq)}"),
        ("digest", f"{status.digest.hex()[:16] or '-'} at {words.count(status.digest_seq)}"),
        ("peer", f"{session}, lag {words.count(peer.lag_entries)}"),
        ("witness", "reachable" if status.witness.reachable else "NOT reachable"),
        ("calls", f"{words.count(traffic.calls_per_second)}/s, {traffic.in_flight} in flight{answer}"),
        ("log time", words.moment(status.log_time_ms)),
        ("parts", _parts(status)),
        ("up", f"{words.duration(status.uptime_ms)}, boot {status.boot}, {status.versions.software or '?'}"),
        ("tills", status.till_address or "-"),
    ]


def _parts(status: admin_pb2.Status) -> str:
    """Those that are ill, or that all are well; `ftctl mtbf` has the readings."""
    ill = [part.part for part in status.parts if part.ill]
    if not status.parts:
        return "?"
    return f"ILL: {', '.join(ill)}" if ill else "all well"


def _duplexing(progress: admin_pb2.Duplexing, width: int) -> RenderableType:
    lines: list[RenderableType] = [Text(line, style="yellow") for line in words.progress(progress)]
    if progress.slots_total:
        lines.append(ProgressBar(total=progress.slots_total, completed=progress.slots_done, width=width))
    return Group(*lines)


def wrong_list(wrong: tuple[Wrong, ...]) -> RenderableType:
    """What is wrong, what that means, what to do; or that nothing is."""
    if not wrong:
        return Padding(Text("Nothing is wrong.", style="green"), (1, 0))
    table = Table.grid(padding=(0, 1))
    table.add_column(width=2)
    table.add_column()
    for one in wrong:
        mark, colour = MARKS[one.severity]
        table.add_row(
            Text(mark, style=f"bold {colour}"),
            Text.assemble(
                (one.what, "bold"),
                (f"  ({one.said_by}, {one.code})", "dim"),
                f"\n{one.consequence}\n",
                ("do: ", "dim"),
                (one.remedy, "cyan"),
            ),
        )
    return Padding(table, (1, 0))
