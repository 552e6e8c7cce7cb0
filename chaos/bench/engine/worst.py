"""The worst commands and queries that were found: none may hold a unit's loop for longer than LONGEST_MS.

Each is repeated on the same state, which lies in LMDB: a command is undone after it was timed. What is judged
is the longest of the repetitions. Every case has a programme of its own, and so a book of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from chaos.bench.engine import fixtures as fix
from chaos.bench.engine.judge import LONGEST_MS, Row, median
from chaos.bench.engine.unit import Refused, Unit, settle
from loyalty import commands as cmd
from loyalty.commands.promotions import Promotion

REPEATED: Final = 5
LATER_MS: Final = 4 * 365 * fix.DAY_MS

Tick = Callable[[], None]
Timed = Callable[[], int]  # nanoseconds


class Bench:
    """A unit, and what the cases make in it."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.timed: list[tuple[str, Timed, str]] = []
        self._number = 0

    def programme(self, promotions: Iterable[Promotion] = (), **changes: Any) -> None:
        """Another programme, with promotions in force."""
        self.unit.programme += 1
        rules = {"welcome_points": 0} | changes
        self.unit.run(cmd.DefineProgramme(replace(fix.rules(), **rules)))
        for number in range(1, fix.PARTNERS + 1):
            self.unit.run(cmd.DefinePartner(number, "Partner"))
        self.publish(promotions)

    def publish(self, promotions: Iterable[Promotion]) -> None:
        """Put them in force."""
        for promotion in promotions:
            self.unit.run(cmd.PublishPromotion(promotion))

    def pause(self, promotions: Iterable[Promotion]) -> None:
        """Stop them."""
        for promotion in promotions:
            self.unit.run(cmd.PausePromotion(promotion.number, True, "bench"))

    def number(self) -> int:
        """One that was not used yet."""
        self._number += 1
        return self._number

    def member(self, points: int = 0) -> int:
        """A new member, with a lot that never ends."""
        member: int = self.unit.run(cmd.Enrol(fix.phone(self.number()), (), 0)).member_id
        if points:
            self.adjust(member, points)
        return member

    def adjust(self, member: int, points: int, from_ms: int = 0, until_ms: int = 0) -> None:
        """Give a lot."""
        name = f"r{self.number()}"
        self.unit.run(cmd.Adjust(name, member, 0, points, from_ms, until_ms, 128, 0, "bench"))

    def buy(self, member: int, lines: tuple[cmd.Line, ...], points: int = 0, **changes: Any) -> cmd.ReceiptId:
        """A purchase that is kept; its identity."""
        command = replace(self.purchase(member, lines, points), **changes)
        self.unit.run(command)
        return command.receipt

    def purchase(self, member: int, lines: tuple[cmd.Line, ...], points: int = 0) -> cmd.Confirm:
        """A purchase under an identity not used yet."""
        return fix.purchase(self.number(), member, lines, points)

    def command(self, name: str, command: cmd.Command, note: str = "") -> None:
        """A case: this command, on the state as it is at the end."""
        programme = self.unit.programme

        def measure() -> int:
            self.unit.programme = programme
            return self.unit.time_undone(command)

        self.timed.append((name, measure, note))

    def query(self, name: str, query: Any, note: str = "", before: Callable[[], None] | None = None) -> None:
        """A case: this question; `before` each time."""
        mine = _of_programme(query, self.unit.programme)

        def measure() -> int:
            if before is not None:
                before()
            return self.unit.time_query(mine)

        self.timed.append((name, measure, note))

    def restart(self) -> None:
        """Of the unit, from its checkpoint: what it begins with is not timed."""
        self.unit.restart()
        settle()

    def later(self, name: str, query: Any, note: str = "") -> None:
        """A case: this question, four years from now."""
        mine = replace(query, programme=self.unit.programme)
        self.timed.append((name, lambda: self.unit.time_query(mine, LATER_MS), note))


Case = Callable[[Bench], None]


def measure(path: Path, cases: Sequence[Case], tick: Tick) -> list[Row]:
    """Make all states, bring them into LMDB, then time everything; `tick` once for each case and each time.

    Raises Refused if a command is not what it should be.
    """
    unit = Unit(path)
    bench = Bench(unit)
    for case in cases:
        case(bench)
        tick()
    unit.checkpoint()
    bench.restart()
    rows = [_row(*one) for one in bench.timed]
    unit.close()
    return rows


def _of_programme(query: Any, programme: int) -> Any:
    if isinstance(query, cmd.DryRun):
        return replace(query, quote=replace(query.quote, programme=programme))
    return replace(query, programme=programme)


def _row(name: str, timed: Timed, note: str) -> Row:
    try:
        took_ms = [timed() / 1e6 for _ in range(REPEATED)]
    except Refused as refused:
        raise Refused(f"{name}: {refused}") from refused
    return Row(
        name, "ms", max(took_ms), LONGEST_MS, note=f"median {median(took_ms):.1f}; {note}".rstrip("; ")
    )
