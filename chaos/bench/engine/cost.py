"""The cost of an entry, and of a quote of forty lines: members and promotions of a club in LMDB."""

from collections.abc import Callable
from random import Random
from typing import Final, NamedTuple

from chaos.bench.engine import fixtures as fix
from chaos.bench.engine.judge import (
    CONFLICT_US,
    ENTRY_US,
    LOTS_TIMES,
    QUOTE_P99_MS,
    Row,
    median,
    p99,
)
from chaos.bench.engine.unit import WARM_ENTRIES, Unit, settle, times_ns
from loyalty import commands as cmd
from loyalty.outcomes import QuoteDone

FEW: Final = 300  # members with ten lots
MANY: Final = 10  # with a thousand
LOTS: Final = (10, 1000)
EARNS_MINOR: Final = 300_00  # what a prepared lot was earned with: 1,500 points
SPENDS_POINTS: Final = 300

Tick = Callable[[], None]


class Sizes(NamedTuple):
    """How much of each."""

    members: int = 10_000
    entries: int = 4_000  # measured, of each row
    quotes: int = 400


class Club:
    """A unit with a club's members; receipts are numbered on."""

    def __init__(self, unit: Unit, sizes: Sizes) -> None:
        self.unit = unit
        self.sizes = sizes
        self.chance = Random(fix.SEED)
        self.number = 0
        self.members: list[int] = []
        self.few: list[int] = []
        self.many: list[int] = []

    def prepare(self, tick: Tick) -> None:
        """Publish all, enrol everybody, earn the lots; `tick` once for each of `work`."""
        for command in (*fix.published(), *fix.promotions()):
            self.unit.run(command)
        sizes = self.sizes
        enrolled = [self._enrol(number, tick) for number in range(sizes.members + FEW + MANY)]
        self.members, groups = enrolled[: sizes.members], enrolled[sizes.members :]
        self.few, self.many = groups[:FEW], groups[FEW:]
        self._earn(self.members, 3, tick)
        self._earn(self.few, LOTS[0] - 1, tick)
        self._earn(self.many, LOTS[1] - 1, tick)
        self.unit.checkpoint()

    @property
    def work(self) -> int:
        """Entries of `prepare`."""
        return self.sizes.members * 4 + FEW * LOTS[0] + MANY * LOTS[1]

    def _enrol(self, number: int, tick: Tick) -> int:
        tick()
        done = self.unit.run(cmd.Enrol(fix.phone(number), (), 2))
        found: int = done.member_id
        return found

    def _earn(self, members: list[int], times: int, tick: Tick) -> None:
        """In turns, so that a member's lots are not one after the other."""
        lines = (fix.line(9, EARNS_MINOR, fix.PLAIN),)
        for _ in range(times):
            for member in members:
                self.buy(member, lines, 0)
                tick()

    def buy(self, member: int, lines: tuple[cmd.Line, ...], points: int) -> None:
        """A purchase that is not measured."""
        self.number += 1
        self.unit.run(fix.purchase(self.number, member, lines, points))

    def time_purchase(self, member: int, lines: tuple[cmd.Line, ...]) -> int:
        """A purchase that is measured; nanoseconds."""
        self.number += 1
        return self.unit.time_entry(fix.purchase(self.number, member, lines, SPENDS_POINTS))

    def cost(self, lines: tuple[cmd.Line, ...], tick: Tick) -> tuple[list[int], float]:
        """Purchases by members at random: nanoseconds of each, and of the root for one."""

        def buy(number: int) -> int:
            return self.time_purchase(self.chance.choice(self.members), lines)

        settle()
        took_ns = times_ns(buy, self.sizes.entries, tick, WARM_ENTRIES)
        saved = self.unit.checkpoint()
        return took_ns, saved.root_ns / (self.sizes.entries + WARM_ENTRIES)


def measure(club: Club, tick: Tick) -> list[Row]:
    """All rows; `tick` once for each of `measured`."""
    plain = _row(
        "three lines with spending, no promotion matching",
        club.cost(fix.three_lines(fix.PLAIN), tick),
        ENTRY_US,
        f"{fix.PROMOTIONS} live promotions",
    )
    hit = _row(
        "ten promotions applicable, six of them in conflict",
        club.cost(fix.three_lines(fix.HIT), tick),
        CONFLICT_US,
        f"{fix.PROMOTIONS} live promotions, three lines with spending",
    )
    return [plain, hit, *_quotes(club, tick), *_lots(club, tick)]


def measured(sizes: Sizes) -> int:
    """Measurements of `measure`."""
    return 4 * (sizes.entries + WARM_ENTRIES) + sizes.quotes + WARM_ENTRIES // 10


def _row(name: str, cost: tuple[list[int], float], most: float, note: str) -> Row:
    took_ns, root_ns = cost
    note = f"{note}; root {root_ns / 1000:.1f} us of it"
    return Row(
        name, "us", (median(took_ns) + root_ns) / 1000, most, p99=(p99(took_ns) + root_ns) / 1000, note=note
    )


def _quotes(club: Club, tick: Tick) -> list[Row]:
    """Forty lines of random brands: what applies differs from basket to basket."""
    chance = Random(fix.SEED + 1)
    baskets = [fix.forty_lines(chance) for _ in range(50)]
    found: list[tuple[int, bool]] = []

    def ask(number: int) -> int:
        query = fix.quote(club.chance.choice(club.members), baskets[number % len(baskets)], SPENDS_POINTS)
        return club.unit.time_query(query)

    for basket in baskets:
        done: QuoteDone = club.unit.ask(fix.quote(club.members[0], basket, SPENDS_POINTS))
        found.append((len(done.bill.applied), done.search.exact))
    settle()
    took_ns = times_ns(ask, club.sizes.quotes, tick, WARM_ENTRIES // 10)
    note = (
        f"median {median(took_ns) / 1e6:.2f} ms; {min(found)[0]} to {max(found)[0]} promotions applied, "
        f"{sum(exact for _, exact in found)} of {len(found)} baskets searched to the end"
    )
    name = f"quote p99: 40 lines, {fix.PROMOTIONS} live promotions"
    return [Row(name, "ms", p99(took_ns) / 1e6, QUOTE_P99_MS, note=note)]


def _lots(club: Club, tick: Tick) -> list[Row]:
    """Turn and turn about, so that what disturbs the one disturbs the other."""
    lines, took_ns = fix.three_lines(fix.PLAIN), ([], [])  # type: tuple[cmd.Line, ...], tuple[list[int], list[int]]
    settle()
    for number in range(club.sizes.entries + WARM_ENTRIES):
        for members, found in zip((club.few, club.many), took_ns, strict=True):
            found.append(club.time_purchase(members[number % len(members)], lines))
            tick()
    few, many = [median(found[WARM_ENTRIES:]) / 1000 for found in took_ns]
    name = f"a member with {LOTS[1]} lots against one with {LOTS[0]}"
    return [Row(name, "x", many / few, LOTS_TIMES, below=True, note=f"{many:.1f} us against {few:.1f} us")]
