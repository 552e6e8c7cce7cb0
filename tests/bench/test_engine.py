"""The engine's bench judges at the boundary, is the same every time, and measures what it says."""

import subprocess
import sys
from hashlib import blake2b
from itertools import chain
from pathlib import Path

import pytest
from msgspec import msgpack

from chaos.bench.engine import cost, fixtures, hard, large, worst
from chaos.bench.engine.cases import spendings
from chaos.bench.engine.judge import LONGEST_MS, Row, all_ok, median, p99
from chaos.bench.engine.unit import Refused, Unit
from loyalty import commands as cmd
from loyalty.commands import limits as lim
from loyalty.outcomes import QuoteDone

JUDGED = [  # value, most, whether the limit itself is too much, verdict
    (100.0, 100.0, False, "ok"),
    (100.1, 100.0, False, "MISSED"),
    (1.99, 2.0, True, "ok"),
    (2.0, 2.0, True, "MISSED"),
    (10**9, None, False, "told"),  # nothing was promised
]


@pytest.mark.parametrize(("value", "most", "below", "verdict"), JUDGED)
def test_a_row_is_judged_at_its_limit(value: float, most: float | None, below: bool, verdict: str) -> None:
    row = Row("row", "us", value, most, below)
    assert row.verdict == row.as_json()["verdict"] == verdict
    assert all_ok([row]) is (verdict != "MISSED")


def test_one_row_missed_is_a_bench_missed_and_so_is_none() -> None:
    good, bad = Row("a", "us", 1, 2), Row("b", "us", 3, 2)
    assert all_ok([good, good])
    assert not all_ok([good, bad])
    assert not all_ok([])  # nothing was shown


def test_medians_and_tails() -> None:
    """Of a hundred, 99 took no longer than the 99th."""
    times = [*range(1, 101)]
    assert (median(times), p99(times), p99([7])) == (50.5, 99, 7)


def test_the_club_is_the_same_every_time() -> None:
    """Who changes the fixtures changes what earlier figures can be compared with: then this changes, too."""
    made = chain(fixtures.published(), fixtures.promotions(), hard.mixed(), hard.percents(), hard.bundles())
    told = b"".join(msgpack.encode(one) for one in made)
    assert blake2b(told, digest_size=8).hexdigest() == "5b6a0e62bf3a9b61"


def test_ten_of_300_promotions_apply_and_six_exclude_one_another(tmp_path: Path) -> None:
    """And to the other basket none does, though all are in force."""
    unit = Unit(tmp_path / "state")
    club = cost.Club(unit, cost.Sizes(members=2, entries=1, quotes=1))
    for command in (*fixtures.published(), *fixtures.promotions()):
        unit.run(command)
    member = unit.run(cmd.Enrol(fixtures.phone(1), (), 0)).member_id
    club.buy(member, fixtures.three_lines(fixtures.PLAIN), 0)

    hit: QuoteDone = unit.ask(fixtures.quote(member, fixtures.three_lines(fixtures.HIT), 300))
    numbers = range(fixtures.HIT_FROM, fixtures.PROMOTIONS + 1)
    applied = [one.promotion for one in hit.bill.applied]
    grouped = [one for one in hit.passed_over if one.promotion in numbers]
    assert len(applied) == 6  # of two groups of three one each, and the four others
    assert [one.reason.name for one in grouped] == ["GROUP"] * 4
    assert hit.bill.spent_points == 300

    plain: QuoteDone = unit.ask(fixtures.quote(member, fixtures.three_lines(fixtures.PLAIN), 300))
    assert plain.bill.applied == ()
    assert plain.search.steps == 0
    assert plain.bill.spent_points == 300
    unit.close()


def test_a_rejected_command_is_no_figure(tmp_path: Path) -> None:
    unit = Unit(tmp_path / "state")
    stranger = fixtures.purchase(1, 4711, fixtures.three_lines(fixtures.PLAIN))
    for timed in (unit.time_entry, unit.time_undone, unit.run):
        with pytest.raises(Refused, match="MEMBER_UNKNOWN"):
            timed(stranger)
    unit.close()


def test_what_was_timed_is_undone(tmp_path: Path) -> None:
    """The same command costs the same again: it is not a repeat of itself."""
    unit = Unit(tmp_path / "state")
    member = unit.run(cmd.Enrol(fixtures.phone(1), (), 0)).member_id
    before = unit.executor.digest
    bought = fixtures.purchase(1, member, fixtures.three_lines(fixtures.PLAIN), 10)
    for _ in range(3):
        assert unit.time_undone(bought) > 0
        assert unit.executor.digest == before
    unit.close()


def test_all_rows_of_a_small_club(tmp_path: Path) -> None:
    """The whole way, with few of everything: each row is there, with figures."""
    unit = Unit(tmp_path / "state")
    sizes = cost.Sizes(members=20, entries=20, quotes=3)
    club = cost.Club(unit, sizes)
    ticks: list[None] = []
    club.prepare(lambda: None)
    rows = cost.measure(club, lambda: ticks.append(None))
    assert len(rows) == 4
    assert all(row.value > 0 and row.most for row in rows)
    assert len(ticks) == cost.measured(sizes)
    unit.close()


def test_a_large_club_has_all_its_members_and_stores(tmp_path: Path) -> None:
    """A restarted one too: it goes on from its checkpoint."""
    club = large.Loaded(tmp_path / "large", large.Size(50, 7, 9))
    ticks: list[None] = []
    club.load(lambda: ticks.append(None))
    assert len(ticks) == club.size.entries
    assert club.restart_s() > 0
    for number in (0, 49):
        found = club.unit.ask(cmd.FindMember(1, "p" + fixtures.phone(number)))
        assert found.balance.active_points >= 0
    assert club.unit.ask(cmd.GetStore(1, 9)).name == "Store 9"
    assert club.unit.ask(cmd.GetPartner(1, 7)).name == "Partner 7"
    club.unit.close()


def test_worst_cases_are_measured_and_judged(tmp_path: Path) -> None:
    """Those of spending as many lots as one receipt may empty: each has its limit, and a name of its own."""
    ticks: list[None] = []
    rows = worst.measure(tmp_path / "state", [spendings], lambda: ticks.append(None))
    assert len({row.name for row in rows}) == len(rows) == 9
    assert {row.most for row in rows} == {LONGEST_MS}
    assert all(row.value > 0 for row in rows)
    assert sum(f"{lim.SPEND_MAX_LOTS} lots" in row.note + row.name for row in rows) == 9
    assert len(ticks) == 1


def test_the_command_tells_what_it_does_not_know() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chaos.bench.engine", "--what", "nonsense"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "nonsense" in done.stderr
