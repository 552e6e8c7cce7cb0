"""Dates and zones of a file: people name a zone, the engine only ever sees numbers.

The zone database is read here, when a file is read, and nowhere else (DESIGN: execute reads none).
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from loyalty.commands import Zone
from loyalty.commands.limits import ZONE_MAX_OFFSETS
from loyalty.text.errors import TextError, did_you_mean

ZONE_UTC: Final = "UTC"
YEARS_BACK: Final = 1  # a store's zone is also needed for receipts that come late
YEARS_AHEAD: Final = 10

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_DAY_S: Final = 86_400


def find_zone(name: str) -> ZoneInfo:
    """A zone of the database by its name, as Europe/Vienna; anything else is a TextError."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = did_you_mean(sorted(available_timezones()), name)
        raise TextError(f"no zone is called {name!r}", f"a zone, as Europe/Vienna{near}") from None


def default_years() -> tuple[int, int]:
    """For which years stores' zones are written out, if the file does not say it."""
    this_year = datetime.now(UTC).year
    return this_year - YEARS_BACK, this_year + YEARS_AHEAD


@lru_cache(maxsize=256)  # stores share them
def expand_zone(name: str, years: tuple[int, int]) -> Zone:
    """The zone's offsets from the first year to the last: (from_ms, offset_s), the first since ever."""
    zone = find_zone(name)
    start, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (years[0], years[1] + 1))
    offsets = [(0, _offset_s(zone, start))]
    for day_s in range(start, end, _DAY_S):
        if _offset_s(zone, day_s + _DAY_S) != offsets[-1][1]:
            change_s = _change_s(zone, day_s, day_s + _DAY_S)
            offsets.append((change_s * 1000, _offset_s(zone, change_s)))
    if len(offsets) > ZONE_MAX_OFFSETS:
        raise TextError(f"{name} changes {len(offsets) - 1} times in these years", "fewer zone_years")
    return tuple(offsets)


def instant_ms(written: date | datetime, zone: str) -> int:
    """A date's midnight or a local time in the zone, or a time with an offset; UTC milliseconds."""
    moment = written if isinstance(written, datetime) else datetime.combine(written, time.min)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=find_zone(zone))
    whole, rest = divmod(moment - _EPOCH, _MILLISECOND)
    if rest or whole < 0:
        raise TextError(f"{written} is no such time", "a time from 1970 on, in milliseconds at the finest")
    return whole


def print_instant(time_ms: int, zone: str) -> str:
    """As a file shows it: the inverse of `instant_ms`."""
    moment = _EPOCH + time_ms * _MILLISECOND
    local = moment.astimezone(find_zone(zone)).replace(tzinfo=None, fold=0)
    finest = "milliseconds" if time_ms % 1000 else "seconds"
    if zone == ZONE_UTC or instant_ms(local, zone) != time_ms:  # of an hour that is there twice, the second
        return moment.isoformat(timespec=finest).replace("+00:00", "Z")
    return str(local.date()) if local.time() == time.min else local.isoformat(timespec=finest)


def _offset_s(zone: ZoneInfo, time_s: int) -> int:
    offset = datetime.fromtimestamp(time_s, zone).utcoffset()
    return 0 if offset is None else offset // timedelta(seconds=1)


def _change_s(zone: ZoneInfo, before_s: int, after_s: int) -> int:
    """The first second with another offset than at `before_s`."""
    offset_s = _offset_s(zone, before_s)
    while after_s - before_s > 1:
        middle_s = (before_s + after_s) // 2
        if _offset_s(zone, middle_s) == offset_s:
            before_s = middle_s
        else:
            after_s = middle_s
    return after_s
