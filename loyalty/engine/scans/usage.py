"""What was given: by each promotion in force, and by each partner who pays for promotions."""

from collections.abc import Iterator

from loyalty.commands.scans import SLOT_LAST, ScanUsage
from loyalty.engine import keys, records
from loyalty.engine.keys import OF_FUNDER, OF_PROMOTION
from loyalty.engine.records import Usage
from loyalty.engine.scans.chunks import by_slot, of_type, pairs, slots
from loyalty.engine.state import Reader
from loyalty.outcomes.scans import UsageRow


def run(state: Reader, at_ms: int, scan: ScanUsage) -> Iterator[bytes]:
    """Promotions first, by number; then partners, by slot."""
    tenant = scan.programme

    def rows_of(slot: int) -> Iterator[UsageRow]:
        if slot == keys.PROGRAMME_SLOT:
            yield from _promotions(state, tenant, at_ms)
        yield from _partners(state, slot, tenant, at_ms)

    return by_slot(slots(0, SLOT_LAST), rows_of)


def _promotions(state: Reader, tenant: int, at_ms: int) -> Iterator[UsageRow]:
    for key, value in of_type(state, keys.PROGRAMME_SLOT, tenant, b"R"):
        published, number = records.published(value), keys.read_promotion(key)
        used, promotion = _used(state, tenant, OF_PROMOTION, number, at_ms), published.promotion
        yield UsageRow(
            number,
            promotion.funder,
            promotion.name,
            published.version,
            promotion.paused,
            used.times,
            used.minor,
            used.points,
        )


def _partners(state: Reader, slot: int, tenant: int, at_ms: int) -> Iterator[UsageRow]:
    for key, value in of_type(state, slot, tenant, b"F"):
        partner, number = records.partner(value), keys.read_promotion(key)
        used = _used(state, tenant, OF_FUNDER, number, at_ms)
        yield UsageRow(0, number, partner.name, partner.version, False, used.times, used.minor, used.points)


def _used(state: Reader, tenant: int, kind: bytes, number: int, at_ms: int) -> Usage:
    """What an account gave, less what holds that ran out have not given back yet."""
    value = state.get(keys.used(tenant, kind, number))
    used = Usage() if value is None else records.usage(value)
    times, minor, points = used.times, used.minor, used.points
    start = keys.reserved(tenant, kind, number, 0)
    for _, reserved in pairs(state, start, keys.reserved(tenant, kind, number, at_ms + 1)):
        back = records.usage(reserved)
        times, minor, points = times - back.times, minor - back.minor, points - back.points
    return Usage(max(times, 0), max(minor, 0), max(points, 0))
