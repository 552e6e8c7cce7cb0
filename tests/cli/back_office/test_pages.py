"""What comes in pages is shown as a whole, in order, each item once."""

import csv
import io
import json

import pytest

from tests.cli.back_office.here import Here

MEMBER = "+436601234567"


@pytest.fixture
def busy(here: Here, monkeypatch: pytest.MonkeyPatch) -> Here:
    """A member with eight movements, and pages of three."""
    monkeypatch.setattr("loyalty.cli.statement.PAGE_MAX_ITEMS", 3)
    monkeypatch.setattr("loyalty.cli.back_office.promotions.PAGE_MAX_ITEMS", 3)
    here.done("enrol", "--phone", MEMBER)
    for at in range(7):
        words = (
            "--reference",
            f"t{at}",
            "--member",
            MEMBER,
            "--points",
            str(10 + at),
            "--reason",
            f"no. {at}",
        )
        here.done("adjust", *words)
    return here


def test_all_of_a_statement(busy: Here) -> None:
    rows = list(csv.DictReader(io.StringIO(busy.done("statement", MEMBER, "--all", "--format", "csv"))))
    assert [int(row["points"]) for row in rows] == [16, 15, 14, 13, 12, 11, 10, 500]
    assert rows[0] | {"reason": "no. 6", "what": "adjust", "time": "2026-11-22T12:00:00.000+00:00"} == rows[0]
    assert busy.sent.count("GetStatement") == 3
    told = json.loads(busy.done("statement", MEMBER, "--all", "--format", "json"))
    assert told == json.loads(busy.done("--json", "statement", MEMBER, "--all")) | {"tries": told["tries"]}
    assert [int(item["points"]) for item in told["outcome"]["items"]] == [16, 15, 14, 13, 12, 11, 10, 500]
    assert told["outcome"]["next_page_token"] == ""
    assert "there is more" not in busy.done("statement", MEMBER, "--all")


def test_one_page_after_the_other(busy: Here) -> None:
    points, page = [], ""
    while True:
        words = ("--items", "3", "--page", page) if page else ("--items", "3")
        lines = busy.done("statement", MEMBER, *words).splitlines()
        more = [line for line in lines if "there is more" in line]
        points += [line.split()[4] for line in lines[2:] if line not in more]
        if not more:
            break
        page = more[0].split()[-1]
    assert points == ["+16", "+15", "+14", "+13", "+12", "+11", "+10", "+500"]


def test_all_promotions(busy: Here) -> None:
    busy.done("programme", "publish", "deploy/programmes/platform.toml", "--yes")
    listed = busy.done("promotion", "list").splitlines()[1:]
    assert len(listed) == 17
    assert busy.sent.count("ListPromotions") == 6
    numbers = [int(line.split()[0]) for line in listed]
    assert numbers == sorted(set(numbers))
    told = json.loads(busy.done("--json", "promotion", "list"))
    assert [item["promotion"] for item in told["outcome"]["items"]] == numbers
    assert busy.done("promotion", "list", "--toml").count("[[promotion]]") == 17
