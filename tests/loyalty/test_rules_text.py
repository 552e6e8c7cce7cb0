"""RULES.md tells the truth: every code with its number in order, every limit that exists."""

import re
from pathlib import Path

from loyalty.commands import limits
from loyalty.outcomes import Code

TEXT = (Path(__file__).parents[2] / "loyalty" / "RULES.md").read_text()


def test_every_rejection_is_documented_in_its_order() -> None:
    """The table is the enum."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", TEXT, re.MULTILINE)
    assert [(name, int(number)) for name, number in rows] == [(code.name, code.value) for code in Code]


def test_every_limit_named_exists() -> None:
    """A name that is not in limits.py would send the reader nowhere; numbers beside names are theirs."""
    for name in re.findall(r"`([A-Z]+_[A-Z_]+)`", TEXT):
        assert hasattr(limits, name) or name in Code.__members__, name
    beside = re.findall(r"`([A-Z_]+)` (\d+)( KiB| MiB|\^\d+)?", TEXT)
    factors = {" KiB": 2**10, " MiB": 2**20, "": 1}
    for name, number, unit in beside:
        value = 10 ** int(unit[1:]) if unit.startswith("^") else int(number) * factors[unit]
        assert getattr(limits, name) == value, name
    assert len(beside) >= 15
