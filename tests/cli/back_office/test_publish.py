"""Publishing a file: what is new or changed is sent, once, in order; what is the same never is."""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from loyalty.client.policy import Policy
from loyalty.text.files import read_programme
from tests.cli.back_office.here import Here

SAMPLES = ("deploy/programmes/sports-club.toml", "deploy/programmes/platform.toml")
CLUB = SAMPLES[0]
FILES = "tests/cli/back_office/files"


@pytest.fixture
def club(here: Here, tmp_path: Path) -> tuple[Here, Path]:
    """The sports club's programme in force, and a copy of its file to be changed."""
    here.done("programme", "publish", CLUB, "--yes")
    copy = tmp_path / "club.toml"
    copy.write_text(Path(CLUB).read_text("utf-8"), "utf-8")
    return here, copy


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")


def plan_of(here: Here, file: Path | str, *more: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(here.done("--json", "programme", "publish", str(file), *more))
    return told


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_is_published_once(here: Here, sample: str) -> None:
    """Rules, partners, stores, promotions, in this order; the second time nothing is sent."""
    described = read_programme(Path(sample).read_text("utf-8"))
    here.done("programme", "publish", sample, "--yes")
    assert here.commands() == [
        "DefineProgramme",
        *["DefinePartner"] * len(described.partners),
        *["DefineStore"] * len(described.stores),
        *["PublishPromotion"] * len(described.promotions),
    ]
    for words in (("--yes",), (), ("--plan",)):  # nor is anybody asked
        assert here.done("programme", "publish", sample, *words).startswith("0 new, 0 changed")
        assert here.commands() == []


CHANGES = [  # in the file, what it becomes, what is sent, what the plan says
    ("earn_points = 3", "earn_points = 4", "DefineProgramme", "earn_points: 4, was 3"),
    ("from = 500.00", "from = 400.00", "DefineProgramme", "tiers[2].from: 400.00, was 500.00"),
    ("tier_months = 12", "tier_months = 24", "DefineProgramme", "tier_months: 24, was left out"),  # a default
    ("60_000.00", "60_000.01", "DefinePartner", "funds_money: 60000.01, was 60000.00"),
    ("Vienna, Maria", "Wien, Maria", "DefineStore", "name: Wien, Mariahilfer Strasse, was Vienna, Mari"),
    ("[2025, 2036]", "[2025, 2037]", "DefineStore", "zone: 26 changes of the clock, was 24"),
    ("percent = 20", "percent = 25", "PublishPromotion", "effect.percent: 25, was 20"),
    ("= 2026-11-30", "= 2026-12-01", "PublishPromotion", "when.until: 2026-12-01, was 2026-11-30"),
]


@pytest.mark.parametrize(("before", "after", "sent", "says"), CHANGES)
def test_only_what_changed_is_sent(
    club: tuple[Here, Path], before: str, after: str, sent: str, says: str
) -> None:
    here, file = club
    change(file, before, after)
    assert says in here.done("programme", "publish", str(file), "--plan")
    assert here.commands() == []
    here.done("programme", "publish", str(file), "--yes")
    assert set(here.commands()) == {sent}
    assert len(here.commands()) == (4 if "zone" in says else 1)  # all four stores are in that zone
    assert plan_of(here, file)["published"] == 0


def test_only_parts_of_a_file(here: Here) -> None:
    here.done("programme", "publish", CLUB, "--yes", "--only", "stores", "--only", "rules")
    assert here.commands() == ["DefineProgramme", *["DefineStore"] * 4]


def test_a_pause_by_a_person_outlives_a_publication(club: tuple[Here, Path]) -> None:
    """Also one that changes the promotion; `resume` ends it."""
    here, file = club
    here.done("promotion", "pause", "201", "--reason", "sold out")
    assert plan_of(here, file)["published"] == 0
    change(file, "percent = 20", "percent = 25")
    here.done("programme", "publish", str(file), "--yes")
    shown = here.done("promotion", "show", "201")
    assert ("paused = true" in shown, "percent = 25" in shown) == (True, True)
    here.done("promotion", "resume", "201", "--reason", "back again")
    assert "paused = true" not in here.done("promotion", "show", "201")
    assert plan_of(here, file)["published"] == 0


def test_it_goes_on_where_it_stopped(here: Here) -> None:
    """The first refused thing ends it with its status; what was published before is not sent again."""
    here.done("programme", "publish", CLUB, "--yes")
    file = f"{FILES}/unknown-partner.toml"  # the second of three
    status, said = here.say("--json", "promotion", "publish", file, "--yes")
    told = json.loads(said)
    assert (status, told["published"], told["stopped_by"]["reason"]) == (1, 1, "PARTNER_UNKNOWN")
    here.done("partner", "define", "9", "--name", "Nine")
    here.done("promotion", "publish", file, "--yes")
    assert here.commands() == ["PublishPromotion"] * 2


def test_what_became_of_an_unknown_one_is_seen_the_next_time(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to the third command is lost, and nobody answers for a while: exit status 4. It was done."""
    monkeypatch.setattr("loyalty.cli.main.Policy", partial(Policy, give_up_after_ms=30))
    here.answers_left = 2
    status, said = here.say("programme", "publish", CLUB, "--yes")
    assert (status, "2 published before it, 15 not sent" in said) == (4, True)
    assert set(here.commands()[2:]) == {"DefinePartner"}  # asked again, under the same id
    here.answers_left = -1
    again = here.done("programme", "publish", CLUB, "--yes")
    assert "15 new, 0 changed, 3 same" in again
    assert "published  store 1, Vienna, Mariahilfer Strasse: version 1" in again


def test_nothing_is_sent_of_a_file_with_a_mistake(here: Here) -> None:
    status, said = here.say("programme", "publish", f"{FILES}/bad-programme.toml", "--yes")
    assert (status, here.sent) == (1, [])
    assert re.search(r"line 5, programme\.earn_per: .*\n    earn_per = 20_000\.00\n    \^\nwanted: ", said)


def test_programs_say_yes_or_ask_for_the_plan(here: Here) -> None:
    status, said = here.say("--json", "programme", "publish", CLUB)
    assert (status, "add --yes, or --plan" in said, here.commands()) == (2, True, [])
    plan = plan_of(here, CLUB, "--plan")
    assert ({each["state"] for each in plan["plan"]}, plan["published"]) == ({"new"}, 0)
    assert plan_of(here, CLUB, "--yes")["published"] == len(plan["plan"])


@pytest.mark.parametrize("zone", ["UTC", "Europe/Vienna"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_what_is_shown_as_a_file_is_the_same(here: Here, tmp_path: Path, sample: str, zone: str) -> None:
    """Rules and promotions in force, as a file, are published as nothing new."""
    here.done("programme", "publish", sample, "--yes")
    shown = tmp_path / "shown.toml"
    shown.write_text(here.done("programme", "show", "--toml", "--promotions", "--tz", zone) + "\n", "utf-8")
    plan = plan_of(here, shown)
    assert {each["state"] for each in plan["plan"]} == {"same"}
    assert len(plan["plan"]) == 1 + Path(sample).read_text("utf-8").count("[[promotion]]")
