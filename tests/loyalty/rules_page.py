"""What the tests of examples in RULES.md share: the page, and the shop that the examples are of."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from loyalty import commands as cmd
from loyalty.commands import Line, Policies, Promotion, SpendMode
from loyalty.commands.promotions import Scope
from loyalty.outcomes import DefineDone
from tests.loyalty.desk import promotion
from tests.loyalty.kit import Shop, expect, goods

PAGE: Final = Path(__file__).parents[2] / "loyalty" / "RULES.md"
TEXT: Final = " ".join(PAGE.read_text().split())


def says(*words: str) -> None:
    """The page says so, wherever its lines break."""
    for each in words:
        assert each in TEXT, each


def shop(*promotions: Promotion, **rules: Any) -> Shop:
    """The built-in programme without welcome points, some values changed; a member."""
    found = Shop()
    expect(found.define(**({"welcome_points": 0} | rules)), DefineDone)
    found.enrol()
    for one in promotions:
        expect(found.run(cmd.PublishPromotion(one)), DefineDone)
    return found


def quote(found: Shop, *lines: Line, spend: int = 0, exactly: bool = False, store: int = 17) -> Any:
    """What the basket comes to; `spend` up to so many points."""
    mode = SpendMode.EXACTLY if exactly else SpendMode.UP_TO
    query = cmd.Quote(1, found.enrol_id, store, 0, lines, spend, mode if spend else SpendMode.NONE)
    return found.ask(query)


def line_off(number: int, effect: Any, **rest: Any) -> Promotion:
    """A promotion of each line on its own."""
    return promotion(number, effect, scope=Scope.LINE, **rest)


def of(*amounts: int, sku: str = "shoes") -> list[Line]:
    """One piece each."""
    return [goods(amount, sku=sku) for amount in amounts]


def policy(**values: Any) -> Policies:
    """The others are the defaults."""
    return Policies(**values)


def told(ms: int) -> str:
    """An instant in UTC."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M}"
