"""Programmes and promotions in files: both ways. Mistakes and the samples have files of their own."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.commands import Promotion, Rules
from loyalty.commands.promotions import EVERY_DAY, Bundle, PercentOff, When
from loyalty.text import programme, promotions
from loyalty.text.files import (
    print_programme,
    print_promotion,
    print_promotions,
    read_programme,
    read_promotions,
)
from loyalty.text.forms import Shape
from loyalty.text.instants import instant_ms
from tests.loyalty.published import ALL_RULES, CURRENCIES, PROMOTIONS, RULES, ZONES
from tests.loyalty.trees import ATTRIBUTES

WITH_ALL = msgspec.structs.replace(RULES, currencies=CURRENCIES, attributes=tuple(sorted(ATTRIBUTES.items())))


@given(PROMOTIONS, st.sampled_from(ZONES))
def test_a_printed_promotion_reads_as_the_same(promotion: Promotion, zone: str) -> None:
    """Every effect, every text, every currency; with times in any zone."""
    assert read_promotions(print_promotions([promotion], WITH_ALL, zone), WITH_ALL) == (promotion,)


@given(ALL_RULES, st.sampled_from(ZONES))
def test_printed_rules_read_as_the_same(rules: Rules, zone: str) -> None:
    """Every policy, tier, wallet, worth and gift."""
    assert read_programme(print_programme(rules, zone)).rules == rules


SHAPES = [
    shape for module in (programme, promotions) for shape in vars(module).values() if isinstance(shape, Shape)
]
SHAPES += promotions.EFFECTS.values()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.struct.__name__)
def test_every_field_has_one_key(shape: Shape[Any]) -> None:
    """What the model gains, the files gain."""
    fields = [field.name for field in msgspec.structs.fields(shape.struct)]
    assert sorted(key.field or key.name for key in shape.keys) == sorted(fields)
    assert len({key.name for key in shape.keys}) == len(fields)


GOOD = """\
zone = "Europe/Vienna"
zone_years = [2026, 2027]

[programme] # the rules
name = "Club"
currency = "EUR"
earn_points = 1
earn_per = 1.00
lot_window_days = 365
point_value = 0.01
no_spend = "brand = Nordkap"

[programme.attributes]
brand = "text"

[programme.policies]
rounding = "half_up"

[[programme.currencies]]
code = "JPY"
exponent = 0
earn_points = 1
earn_per = 100
turnover = 0.60
turnover_per = 100

[[programme.tiers]]
name = "blue"
from = 0

[[partner]]
number = 1
name = "Berg"

[[store]]
number = 7
name = "Graz"

[[promotion]]
number = 1
name = '''
many
lines'''
effect = { kind = "percent_off", percent = "12.5" }

[[promotion]]
number = 2
name = "Two"
lines = "brand = Nordkap and amount >= 5"
when = { from = 2026-12-24, until = 2026-12-24T18:00:00 }

[promotion.effect]
kind = "bundle"
price = 100.00

[[promotion.effect.parts]]
lines = "brand = A"
pieces = 1

[[promotion.effect.parts]]
lines = "brand = B"
pieces = 2
"""


def test_a_file_is_read() -> None:
    """Numbers in the open."""
    rules, partners, stores, (one, two), zone = read_programme(GOOD)
    assert (rules.point_value_minor, rules.earn_per_minor, rules.policies.rounding.name) == (
        1,
        100,
        "HALF_UP",
    )
    assert (rules.currencies[0].turnover_minor, rules.currencies[0].turnover_per_minor) == (60, 100)
    assert (partners[0].partner, stores[0].store, zone) == (1, 7, "Europe/Vienna")
    assert [offset_s for _, offset_s in stores[0].zone] == [3600, 7200, 3600, 7200, 3600]  # the file's zone
    assert one.effect == PercentOff(1250)
    assert two.when == When(
        instant_ms(datetime(2026, 12, 23, 23, tzinfo=UTC), "UTC"),  # midnight in Vienna
        instant_ms(datetime(2026, 12, 24, 17, tzinfo=UTC), "UTC"),
        EVERY_DAY,
    )
    assert isinstance(two.effect, Bundle)
    assert (two.effect.minor, two.effect.parts[1].pieces) == (10_000, 2)


def test_a_promotion_is_printed_as_one_would_write_it() -> None:
    """What has its default is not printed; texts in a condition keep their quotes."""
    (promotion,) = read_promotions(
        """
        [[promotion]]
        number = 5
        name = "Winter"
        paused = false
        lines = 'brand = "A B" and amount >= 1_000'
        [promotion.when]
        from = 2026-11-01T06:30:00+01:00
        weekdays = ["sunday", "monday"]
        from_time = 17:00:00
        [promotion.effect]
        kind = "give_lot"
        points = 100
        window_days = 30
        """.replace("1_000", "1000"),
        WITH_ALL,
    )
    assert print_promotion(promotion, WITH_ALL) == (
        """\
[[promotion]]
number = 5
name = "Winter"
lines = "brand = 'A B' and amount >= 1000.00"

[promotion.when]
from = 2026-11-01T05:30:00Z
weekdays = ["monday", "sunday"]
from_time = "17:00"

[promotion.effect]
kind = "give_lot"
points = 100
window_days = 30
"""
    )
