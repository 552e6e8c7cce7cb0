"""Times as people read and type them: in a zone of the database, or in the days of a store.

A store's zone is known as numbers only, so a store's clock is called by the store. What is shown says which
clock it is.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from time import time
from typing import Final, NamedTuple

from loyalty.text.errors import TextError
from loyalty.text.instants import find_zone

TIME_FORM: Final = '2026-12-24, "2026-12-24 18:00", or that with Z or +01:00'

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS: Final = 86_400_000
_MS_MAX: Final = 253_402_300_800_000  # the year 10000


class Clock(NamedTuple):
    """Local time somewhere. `offset_s` is seconds ahead of UTC at an instant in milliseconds."""

    name: str
    offset_s: Callable[[int], int]

    def local(self, time_ms: int) -> datetime:
        """The wall's time, without a zone."""
        return (_EPOCH + timedelta(milliseconds=time_ms, seconds=self.offset_s(time_ms))).replace(tzinfo=None)

    def show(self, time_ms: int) -> str:
        """As 2026-12-24 18:00:05; what no calendar holds is shown as it is."""
        if not _DAY_MS <= time_ms < _MS_MAX:
            return f"{time_ms} ms"
        return self.local(time_ms).strftime("%Y-%m-%d %H:%M:%S")

    def iso(self, time_ms: int) -> str:
        """For programs: with its offset, as 2026-12-24T18:00:05.000+01:00."""
        if not 0 <= time_ms < _MS_MAX:
            return str(time_ms)
        zone = timezone(timedelta(seconds=self.offset_s(time_ms)))
        return (_EPOCH + timedelta(milliseconds=time_ms)).astimezone(zone).isoformat(timespec="milliseconds")

    def today(self) -> int:
        """This machine's date here, YYYYMMDD."""
        return int(self.local(int(time() * 1000)).strftime("%Y%m%d"))

    def read(self, text: str) -> int:
        """UTC milliseconds of what was typed; TextError if it is no time."""
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            raise TextError(f"{text!r} is no time", TIME_FORM) from None
        if moment.tzinfo is not None:
            return (moment - _EPOCH) // timedelta(milliseconds=1)
        wall_ms = (moment.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
        before_s, after_s = self.offset_s(wall_ms - _DAY_MS), self.offset_s(wall_ms + _DAY_MS)
        for offset_s in (before_s, after_s):  # of an hour that is there twice, the first
            if self.offset_s(wall_ms - offset_s * 1000) == offset_s:
                return wall_ms - offset_s * 1000
        return wall_ms - before_s * 1000  # of one that is not there, as long after midnight


def clock_of_zone(name: str) -> Clock:
    """A zone of the database, as Europe/Vienna; TextError if there is none."""
    zone = find_zone(name)

    def offset_s(time_ms: int) -> int:
        offset = datetime.fromtimestamp(time_ms // 1000, zone).utcoffset()
        return 0 if offset is None else offset // timedelta(seconds=1)

    return Clock(name, offset_s)


def clock_of_offsets(name: str, offsets: Sequence[tuple[int, int]]) -> Clock:
    """A store's, from (from_ms, offset_s) pairs; the first holds since ever."""

    def offset_s(time_ms: int) -> int:
        past = [seconds for from_ms, seconds in offsets[1:] if from_ms <= time_ms]
        return past[-1] if past else offsets[0][1] if offsets else 0

    return Clock(name, offset_s)


def show_day(day: int) -> str:
    """20261224 as 2026-12-24."""
    text = str(day)
    return f"{text[:-4]}-{text[-4:-2]}-{text[-2:]}" if len(text) == 8 else text


def read_day(text: str) -> int:
    """2026-12-24 or 20261224 as 20261224; TextError if it is no date."""
    try:
        return int(date.fromisoformat(text).strftime("%Y%m%d"))
    except ValueError:
        raise TextError(f"{text!r} is no date", "a date, as 2026-12-24") from None
