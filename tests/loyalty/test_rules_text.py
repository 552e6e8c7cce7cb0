"""RULES.md tells the truth: every code and reason in its order, every policy and its values, every limit."""

import inspect
import re
from enum import IntEnum
from pathlib import Path
from typing import Final

import pytest

from loyalty.commands import limits
from loyalty.commands.conditions import AttributeType
from loyalty.commands.policies import Policies, Shortfall
from loyalty.commands.rules import TierPeriod, UnknownStore
from loyalty.outcomes import Account, Code, Movement, Reason
from loyalty.text.conditions import parse_line_condition, parse_receipt_condition
from loyalty.text.errors import TextError

ROOT: Final = Path(__file__).parents[2]
TEXT: Final = (ROOT / "loyalty" / "RULES.md").read_text()
HEADINGS: Final = re.findall(r"^#{2,3} (.+)$", TEXT, re.MULTILINE)
DECLARED: Final = {"brand": AttributeType.TEXT, "category": AttributeType.TEXT, "season": AttributeType.TEXT}


def section(heading: str) -> str:
    """The text below a heading, up to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}$", TEXT, re.MULTILINE)
    assert found is not None, heading
    rest = TEXT[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text: str) -> list[list[str]]:
    """The cells of all rows of its tables."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_rejection_is_documented_in_its_order() -> None:
    """The table is the enum."""
    found = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", section("Rejections"), re.MULTILINE)
    assert [(name, int(number)) for name, number in found] == [(code.name, code.value) for code in Code]


def test_every_reason_is_documented_in_its_order() -> None:
    """The table is the enum."""
    found = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", section("Promotions"), re.MULTILINE)
    assert [(name, int(number)) for name, number in found] == [(one.name, one.value) for one in Reason]


def choices() -> list[tuple[str, str]]:
    """Every policy with each of its values, the default first; then the choices beside the policies."""
    kinds: dict[str, type[IntEnum]] = {}
    for name, type_ in inspect.get_annotations(Policies, eval_str=True).items():
        if issubclass(type_, IntEnum):
            kinds[name] = type_
            assert getattr(Policies(), name) == min(type_), f"{name}: the first value is the default"
    kinds |= {"shortfall": Shortfall, "unknown_store": UnknownStore, "tier_period": TierPeriod}
    return [(name, value.name) for name, kind in kinds.items() for value in kind]


def test_every_policy_value_is_documented() -> None:
    """One row each, with an example or where to read on."""
    found = [(row[0].strip("`"), row[1].strip("`")) for row in rows(section("Policies"))[1:]]
    assert found == choices()
    assert all(len(row) == 3 and row[2] for row in rows(section("Policies")))


def test_every_movement_and_account_is_in_the_books() -> None:
    """A movement without a row would be a posting that nobody explained."""
    books = section("Books")
    for name in (*Movement.__members__, *Account.__members__):
        assert f"`{name}`" in books, name


def value_of(number: str, power: str, less: str, unit: str) -> int:
    """64 KiB, 10^15, 2^32 - 1, 200."""
    value: int = int(number) ** int(power.removeprefix("^") or 1) - (1 if less else 0)
    return value * {"": 1, " KiB": 2**10}[unit]


def test_every_limit_is_documented_with_its_number() -> None:
    """The table says what limits.py says, each limit once; elsewhere no limit is named that is not there."""
    pattern = r"`([A-Z_]+)` (\d+)(\^\d+)?( - 1)?( KiB)?"
    found = re.findall(pattern, section("Limits"))
    told = {name: value_of(*number) for name, *number in found}
    assert len(told) == len(found), "a limit is there twice"
    assert told == {name: value for name, value in vars(limits).items() if isinstance(value, int)}


def test_every_name_exists() -> None:
    """A name in capitals that is nowhere in the code would send the reader nowhere."""
    known = {value for _, value in choices()} | {name for name, _ in vars(limits).items()}
    for enum in (Code, Reason, Movement, Account):
        known |= set(enum.__members__)
    known |= {"LINE", "RECEIPT", "INVALID_ARGUMENT"}
    assert set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", TEXT)) <= known


def conditions() -> list[str]:
    """The texts of the table of conditions."""
    return [row[0].strip("`") for row in rows(section("Conditions"))[1:]]


@pytest.mark.parametrize("text", conditions())
def test_every_condition_can_be_read(text: str) -> None:
    """The first four are about a line, the others about a receipt."""
    if text in conditions()[:4]:
        parse_line_condition(text, DECLARED, 2)
    else:
        parse_receipt_condition(text, DECLARED, 2)


def test_the_mistake_is_told_as_it_is_shown() -> None:
    """The example of an error."""
    with pytest.raises(TextError) as caught:
        parse_line_condition("brand = Nordkap and pric >= 100.00", DECLARED, 2)
    shown = "\n".join(f"    {line}" for line in str(caught.value).splitlines())
    assert shown in section("Conditions")


def test_what_the_code_refers_to_is_there() -> None:
    """`Source: loyalty/RULES.md, "Returns"` names a heading of the page."""
    for path in sorted((ROOT / "loyalty").rglob("*.py")):
        for places in re.findall(r'RULES\.md,\s+((?:"[^"]+"(?:, )?)+)', path.read_text()):
            for place in re.findall(r'"([^"]+)"', places):
                assert place in HEADINGS, f"{path.name} refers to {place}"


def test_links_lead_somewhere() -> None:
    """Links inside the page."""
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in HEADINGS}
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors
