"""Zones and times of files: what the zone database says, in numbers; what is printed reads as the same."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.text.files import read_programme, read_promotions
from loyalty.text.instants import expand_zone, instant_ms, print_instant
from tests.loyalty.published import RULES, ZONES
from tests.loyalty.test_programme_files import GOOD


@pytest.mark.parametrize("name", [*ZONES, "America/Sao_Paulo", "Africa/Casablanca", "Asia/Kathmandu"])
def test_a_zone_is_written_out(name: str) -> None:
    """At every hour of these years the numbers say what the zone database says."""
    offsets = expand_zone(name, (2010, 2020))
    assert offsets[0][0] == 0
    at, hour = 0, datetime(2010, 1, 1, tzinfo=UTC)
    while hour.year < 2021:
        if at + 1 < len(offsets) and offsets[at + 1][0] <= hour.timestamp() * 1000:
            at += 1
        assert hour.astimezone(ZoneInfo(name)).utcoffset() == timedelta(seconds=offsets[at][1])
        hour += timedelta(hours=1)


def test_without_years_the_zone_covers_this_one() -> None:
    """And the ten that come; and the one before, for receipts that come late."""
    text = GOOD.replace("zone_years = [2026, 2027]", "")
    zone = read_programme(text).stores[0].zone
    years = {datetime.fromtimestamp(from_ms // 1000, UTC).year for from_ms, _ in zone[1:]}
    this_year = datetime.now(UTC).year
    assert years >= set(range(this_year, this_year + 10))
    assert min(years) < this_year


@given(st.integers(0, 253_370_000_000_000), st.sampled_from(ZONES))
def test_a_printed_time_reads_as_the_same(time_ms: int, zone: str) -> None:
    """Also in an hour that the clock shows twice."""
    shown = print_instant(time_ms, zone)
    text = f"""
        zone = "{zone}"
        [[promotion]]
        number = 1
        name = "One"
        effect = {{ kind = "fixed_price", price = 1 }}
        when = {{ from = {shown} }}
    """
    (promotion,) = read_promotions(text, RULES)
    assert promotion.when.from_ms == time_ms


def test_the_hour_that_is_there_twice() -> None:
    """25 October 2026, 02:30 in Vienna: first in summer time, an hour later again."""
    first_ms = instant_ms(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "UTC")
    assert print_instant(first_ms, "Europe/Vienna") == "2026-10-25T02:30:00"
    assert print_instant(first_ms + 3_600_000, "Europe/Vienna") == "2026-10-25T01:30:00Z"
