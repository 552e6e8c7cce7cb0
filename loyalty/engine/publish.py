"""Promotions are published, paused and read back.

Publishing ahead of time is publishing with a window that begins later; nothing is started or ended by a job.
Every version stays for ever. In force is each promotion's newest version, until its window has ended so long
ago that no late receipt can fall into it: then a publication drops it from those that baskets look at.
"""

from hashlib import blake2b
from typing import Final

from msgspec.structs import replace

from loyalty.commands import (
    GetPromotion,
    ListPromotions,
    PausePromotion,
    Promotion,
    PublishPromotion,
    Rules,
)
from loyalty.commands import limits as lim
from loyalty.engine import budgets, keys, programmes, promotion_faults, records
from loyalty.engine.book import renew
from loyalty.engine.calendar import DAY_MS
from loyalty.engine.records import Book, Published
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import (
    AnyOutcome,
    Code,
    DefineDone,
    GetPromotionDone,
    ListPromotionsDone,
    PromotionItem,
    Rejected,
    Usage,
)

_DIGEST_BYTES: Final = 16
_U32_MAX: Final = 2**32 - 1


def publish_promotion(state: Writer, entry: Entry, command: PublishPromotion) -> AnyOutcome:
    """Publish a promotion, or the next version of one."""
    programme = programmes.in_force(state, entry.tenant)
    if programme is None:
        return programmes.UNKNOWN
    refused = promotion_faults.refuse(state, entry.tenant, programme.rules, command.promotion)
    if refused is not None:
        return refused
    book = _drop_ended(state, entry, _begin(state, entry.tenant), programme.rules)
    return _publish(state, entry, book, command.promotion, "")


def pause_promotion(state: Writer, entry: Entry, command: PausePromotion) -> AnyOutcome:
    """Stop a promotion, or let it go on: its next version."""
    if programmes.in_force(state, entry.tenant) is None:
        return programmes.UNKNOWN
    if not command.reason.strip():
        return Rejected(Code.REASON_MISSING, "reason", "why, for those who read it later")
    found = _in_force(state, entry.tenant, command.promotion)
    if found is None:
        return _unknown("a promotion in force")
    changed = replace(found.promotion, paused=command.paused)
    return _publish(state, entry, _begin(state, entry.tenant), changed, command.reason)


def get_promotion(state: Writer, entry: Entry, query: GetPromotion) -> AnyOutcome:
    """One version of a promotion, with what all of them gave so far."""
    if programmes.in_force(state, query.programme) is None:
        return programmes.UNKNOWN
    found = _version(state, query.programme, query.promotion, query.version)
    if found is None:
        return _unknown("a promotion that was published, and one of its versions or 0")
    usage = _usage(state, entry, query.promotion)
    return GetPromotionDone(found.version, found.promotion, usage)


def list_promotions(state: Writer, entry: Entry, query: ListPromotions) -> AnyOutcome:
    """One page of the promotions in force."""
    if programmes.in_force(state, query.programme) is None:
        return programmes.UNKNOWN
    size = min(max(query.page_size, 1), lim.PAGE_MAX_ITEMS)
    after = min(max(query.after, 0), _U32_MAX)
    start = keys.promotion(query.programme, after) + b"\0"
    stop = keys.promotion(query.programme, _U32_MAX) + b"\0"
    page = state.scan(start, stop, size + 1)
    items = tuple([_item(state, entry, value) for _, value in page[:size]])
    return ListPromotionsDone(items, items[-1].promotion if len(page) > size else 0)


def _item(state: Writer, entry: Entry, value: bytes) -> PromotionItem:
    found = records.published(value)
    one = found.promotion
    return PromotionItem(
        one.number,
        found.version,
        one.name,
        one.paused,
        one.when.from_ms,
        one.when.until_ms,
        one.funder,
        _usage(state, entry, one.number),
    )


def _usage(state: Writer, entry: Entry, number: int) -> Usage:
    used = budgets.used(state, entry, keys.OF_PROMOTION, number)
    return Usage(used.times, used.minor, used.points)


def _unknown(wanted: str) -> Rejected:
    return Rejected(Code.PROMOTION_UNKNOWN, "promotion", wanted)


def _version(state: Reader, tenant: int, number: int, version: int) -> Published | None:
    """A version; 0: the newest, also of a promotion that is in force no more."""
    if not (1 <= number <= lim.PROMOTION_NUMBER_MAX and 0 <= version <= _U32_MAX):
        return None
    value = state.get(keys.promotion_version(tenant, number, version))
    return None if value is None else records.published(value)


def _in_force(state: Reader, tenant: int, number: int) -> Published | None:
    value = state.get(keys.promotion(tenant, number)) if 1 <= number <= lim.PROMOTION_NUMBER_MAX else None
    return None if value is None else records.published(value)


def _publish(state: Writer, entry: Entry, book: Book, promotion: Promotion, reason: str) -> AnyOutcome:
    tenant, number = entry.tenant, promotion.number
    before = _in_force(state, tenant, number)
    if before is None and book.promotions >= lim.PROMOTIONS_MAX:
        return Rejected(
            Code.TOO_MANY_PROMOTIONS, "promotion", f"at most {lim.PROMOTIONS_MAX} that have not ended"
        )
    newest = _version(state, tenant, number, 0)
    version = 1 if newest is None else newest.version + 1
    value = records.encode(Published(version, promotion, entry.time_ms, entry.actor, reason))
    if before is not None:
        book = _remove(state, tenant, book, before.promotion)
    for key in (
        keys.promotion(tenant, number),
        keys.promotion_version(tenant, number, 0),
        keys.promotion_version(tenant, number, version),
    ):
        state.put(key, value)
    if promotion.when.until_ms:
        state.put(keys.promotion_end(tenant, promotion.when.until_ms, number), b"")
    book = replace(_changed(book, number, value), promotions=book.promotions + 1)
    state.put(keys.book(tenant), records.encode(book))
    renew(state, tenant, book)
    return DefineDone(version)


def _begin(state: Reader, tenant: int) -> Book:
    """The book that is about to be changed."""
    value = state.get(keys.book(tenant))
    if value is None:
        return Book(1, 0, b"")
    book = records.book(value)
    return Book(book.changes + 1, book.promotions, book.digest, book.digest)


def _drop_ended(state: Writer, entry: Entry, book: Book, rules: Rules) -> Book:
    """Without a few of those that ended before any receipt that may still come."""
    tenant = entry.tenant
    ended_ms = max(entry.time_ms - rules.late_receipt_max_days * DAY_MS, 0)
    start = keys.head(keys.PROGRAMME_SLOT, tenant, b"W")
    page = state.scan(start, keys.promotion_end(tenant, ended_ms, 0), lim.ENDED_MAX_DROPPED)
    for key, _ in page:
        found = _in_force(state, tenant, keys.read_promotion_end(key))
        if found is not None:
            book = _remove(state, tenant, book, found.promotion)
            book = _changed(book, found.promotion.number, b"")
    return book


def _remove(state: Writer, tenant: int, book: Book, promotion: Promotion) -> Book:
    """Take a promotion out of those in force."""
    state.delete(keys.promotion(tenant, promotion.number))
    if promotion.when.until_ms:
        state.delete(keys.promotion_end(tenant, promotion.when.until_ms, promotion.number))
    return replace(book, promotions=book.promotions - 1)


def _changed(book: Book, number: int, value: bytes) -> Book:
    """The digest goes on over what changed; `value` is empty if the promotion is in force no more."""
    told = book.digest + number.to_bytes(4) + value
    digest = blake2b(told, digest_size=_DIGEST_BYTES).digest()
    return replace(book, digest=digest, changed=(*book.changed, number))
