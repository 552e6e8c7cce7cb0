"""A load that sells by a published programme: real articles, every path of a till, and every bill judged."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from chaos.judges.history import CallRecord, read_history
from chaos.live.programme import SPORTS_CLUB, publish, sold_by, sports_club, usages
from loyalty.cli.load.catalogue import BESIDE, read_catalogue
from loyalty.cli.load.plan import LoadPlan
from loyalty.client.units import Units
from loyalty.commands.conditions import AttributeType
from loyalty.text.files import read_programme
from loyalty.v1 import common_pb2 as common
from tests.cli.test_load import load
from tests.client.processes import engine_pair

WORDS = ("--programme-file", str(SPORTS_CLUB), "--rate", "250", "--seconds", "3", "--tills", "12")
DAY_MS = 86_400_000


def opened(targets: str) -> None:
    """The sports club is published."""

    async def work() -> None:
        async with Units(targets) as units:
            await publish(units, sports_club())

    asyncio.run(work())


def wrong_counts(targets: str, calls: list[CallRecord]) -> list[str]:
    """What the promotions' own counts and the tills' bills do not agree on."""

    async def work() -> list[str]:
        async with Units(targets) as units:
            promotions = sports_club().promotions
            sold = sold_by(promotions, calls, await usages(units, promotions))
        return [wrong for one in sold if (wrong := one.wrong(0))]

    return asyncio.run(work())


@pytest.mark.live
def test_a_day_at_the_club(tmp_path: Path) -> None:
    """Nothing is refused or rejected, everything is used, and bills, receipts and counts agree."""
    with engine_pair() as targets:
        opened(targets)
        status, figures, said = load(targets, *WORDS, "--history", str(tmp_path))
        calls = read_history(sorted(tmp_path.glob("worker-*.jsonl")))
        assert wrong_counts(targets, calls) == []
        # and the judge of the counts sees: with a receipt too few they do not agree
        sold = [call for call in calls if call.sent.method == "Confirm" and call.last and call.last.details]
        applied = next(call for call in sold if call.last and call.last.details.figures.applied)  # type: ignore[union-attr]
        assert wrong_counts(targets, [call for call in calls if call is not applied]) != []
    rejected = Counter(call.answers[-1].why for call in calls if call.told == "rejected")
    assert (status, figures["ok"], figures["rejected"], rejected) == (0, True, 0, Counter()), said
    assert {call.sent.method for call in calls} == {
        *("Enrol", "Quote", "Confirm", "Hold", "Capture", "CancelHold"),
        *("ReturnLines", "VoidReceipt", "UseService", "GetBalance"),
    }
    for name in ("receipts", "money_off_minor", "points_issued", "points_spent", "promotions_applied"):
        assert figures[name] > 0, name
    details = [call.last.details for call in calls if call.sent.method == "Confirm" and call.last]
    purposed = [
        one
        for one in details
        if one and one.moved_points != one.figures.earned_points - one.figures.spent_points
    ]
    assert purposed, "points for skis only are earned and spent; they are in no balance"


@pytest.mark.live
@pytest.mark.parametrize(("bug", "counted"), [("lose", ("lost", "misbilled")), ("stale", ("misread",))])
def test_a_pair_that_lies_about_bills_is_found_out(bug: str, counted: tuple[str, ...]) -> None:
    """Entries without a trace, answers from an old state: each shows in the count that is meant for it."""
    with engine_pair(bug) as targets:
        opened(targets)
        status, figures, _ = load(targets, *WORDS)
    assert (status, figures["ok"]) == (1, False)
    assert all(figures[name] > 0 for name in counted)


def test_the_sample_is_in_season_whenever_it_is_looked_at() -> None:
    """Windows keep their lengths and hold now; what has no window, and all else, stays."""
    file, now = read_programme(SPORTS_CLUB.read_text()), sports_club()
    assert (now.rules, now.partners, now.stores) == (file.rules, file.partners, file.stores)
    for before, after in zip(file.promotions, now.promotions, strict=True):
        length = before.when.until_ms - before.when.from_ms
        assert after.when.until_ms - after.when.from_ms == length
        assert (after.when != before.when) == bool(length)
        assert after.when.weekdays == before.when.weekdays
    ski_bonus = next(one for one in now.promotions if one.number == 101)
    assert ski_bonus.when.until_ms - ski_bonus.when.from_ms > 60 * DAY_MS, "also a month ago: see PAST_DAYS"


def test_the_articles_carry_what_the_programme_declares() -> None:
    """And each promotion's goods are there: what has no article can never be shown."""
    declared = dict(read_programme(SPORTS_CLUB.read_text()).rules.attributes)
    catalogue = read_catalogue(str(SPORTS_CLUB))
    categories = set()
    for article in catalogue.goods:
        for attribute in article.line.attributes:
            is_text = declared[attribute.name] is AttributeType.TEXT
            assert attribute.WhichOneof("value") == ("text" if is_text else "number")
            categories |= {attribute.text} if attribute.name == "category" else set()
    assert categories >= {"ski", "ski_boots", "bindings", "bike", "helmet", "socks", "ski_pass", "service"}
    assert {article.line.kind for article in catalogue.others} == {
        common.LINE_KIND_DELIVERY,
        common.LINE_KIND_GIFT_CARD,
    }
    assert {store.is_web for store in catalogue.stores} == {True, False}


WRONG = [  # programme, articles, what is said
    (None, None, "No such file"),
    ("[programme]", None, "name"),
    (SPORTS_CLUB.read_text(), None, "articles.csv"),
    (SPORTS_CLUB.read_text(), "sku,name\n", "no column price"),
    (SPORTS_CLUB.read_text(), "sku,name,price\n1,Socks,\n", "goods with prices to sell"),
]


@pytest.mark.parametrize(("programme", "articles", "says"), WRONG)
def test_files_that_cannot_be_are_named(
    tmp_path: Path, programme: str | None, articles: str | None, says: str
) -> None:
    """Before anything is started."""
    path = tmp_path / "club.toml"
    if programme is not None:
        path.write_text(programme)
    if articles is not None:
        (tmp_path / f"club{BESIDE}").write_text(articles)
    with pytest.raises(ValueError, match=says):
        LoadPlan(targets="127.0.0.1:1", programme_file=str(path)).check()


def test_only_the_open_loop_sells_by_a_programme() -> None:
    with pytest.raises(ValueError, match="goes with mode open"):
        LoadPlan(targets="127.0.0.1:1", mode="batch", programme_file=str(SPORTS_CLUB)).check()
