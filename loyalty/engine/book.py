"""The book of promotions: which of those in force can apply to a basket, and what the applied ones take.

A programme that has published no promotion has no book, and a basket pays one read for that. The promotions
themselves are read and indexed once and kept in the process, by the digest in the book's record: it is over
all that was ever published, so what is kept under a digest is what the state holds, on every node and in
every order of execution. It saves work and decides nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from loyalty.commands import Promotion, ReceiptId
from loyalty.commands import limits as lim
from loyalty.engine import book_index, budgets, coupons, keys, promotion_faults, records
from loyalty.engine.book_index import Index, Listed
from loyalty.engine.checks import Check
from loyalty.engine.keys import OF_FUNDER, OF_PROMOTION
from loyalty.engine.occasion import NO_LIMIT, Occasion
from loyalty.engine.plans import Basket, Buyer
from loyalty.engine.promote import Best, Candidate, Purse
from loyalty.engine.records import Book, Usage, Use
from loyalty.engine.state import Entry, Reader, Writer
from loyalty.outcomes import PassedOver, Rejected

BOOKS_KEPT: Final = 32  # indexed books in the process; of all programmes together


class Kept(NamedTuple):
    """An indexed book, and the digest of the book before its last change."""

    indexed: Index
    before: bytes


_kept: Final[dict[bytes, Kept]] = {}  # by digest, the one that was used last at the end


class Candidates(Struct, frozen=True, gc=False):
    """What the search chooses from; `passed_over` are those that cannot apply, by number."""

    candidates: tuple[Candidate, ...] = ()  # by number
    purses: Mapping[int, Purse] = {}  # of funders with limits
    passed_over: tuple[PassedOver, ...] = ()


NONE: Final = Candidates()


def find_candidates(
    state: Writer,
    entry: Entry,
    buyer: Buyer,
    basket: Basket,
    explain: bool,
    extra: tuple[Promotion, ...] = (),
    alone: bool = False,
) -> Candidates | Rejected:
    """The promotions that can apply to a basket, each with the lines that it found.

    Args:
        buyer: as of the previous entry, sums brought to this entry's log time.
        basket: already checked; `sold_ms` decides about windows, `day` about days.
        explain: also tell why others cannot apply: at most EXPLAINED_MAX, those first that come nearest.
        extra: promotions that nobody has published; they take the place of those of the same number.
        alone: look at `extra` only.

    Returns:
        Candidates by number; or a rejection of the coupons, or of a promotion in `extra`.

    Source: loyalty/RULES.md, "Promotions: publishing, and which can apply".
    """
    book = None if alone else state.get(keys.book(entry.tenant))
    codes: Mapping[int, str] = {}
    if basket.coupons:
        found = coupons.find(state, entry, buyer.member_id, basket.coupons, basket.sold_ms)
        if isinstance(found, Rejected):
            return found
        codes = found
    if book is None and not extra:
        return NONE
    if extra:
        refused = promotion_faults.refuse_all(state, entry.tenant, buyer.programme.rules, extra)
        if refused is not None:
            return refused
    index = Index({}, {}) if book is None else _indexed(state, entry.tenant, records.book(book))
    if extra:
        index = index.renewed({promotion.number: Listed(promotion, 0) for promotion in extra})
    most = 0
    if explain:
        most = lim.DRY_RUN_MAX_EXPLAINED if extra or alone else lim.EXPLAINED_MAX
    meeting = index.meeting(basket, codes)
    if not meeting and not most:  # the way of most purchases
        return NONE
    return _look(index, meeting, Occasion(state, entry, buyer, basket, codes), most)


def _look(index: Index, meeting: list[int], occasion: Occasion, explained_max: int) -> Candidates:
    """Look at what the basket can meet; at others only to explain them."""
    candidates: list[Candidate] = []
    passed_over: list[PassedOver] = []
    for number in meeting:
        one = index.listed[number]
        missed = one.missed(occasion)
        if missed is None:
            candidates.append(one.candidate(occasion))
        elif len(passed_over) < explained_max:
            passed_over.append(_explained(one.promotion, missed, occasion))
    if len(passed_over) < explained_max:
        passed_over += _others(index, occasion, meeting, explained_max - len(passed_over))
        passed_over.sort(key=_number)
    return Candidates(tuple(candidates), _purses(candidates, occasion), tuple(passed_over))


def _others(index: Index, occasion: Occasion, meeting: list[int], most: int) -> list[PassedOver]:
    """Why promotions whose gate the basket lacks cannot apply."""
    found: list[PassedOver] = []
    seen = dict.fromkeys(meeting)
    for number in sorted(index.listed):
        if len(found) == most:
            break
        one = index.listed[number]
        missed = None if number in seen else one.missed(occasion)
        if missed is not None:
            found.append(_explained(one.promotion, missed, occasion))
    return found


def _explained(promotion: Promotion, missed: Check, occasion: Occasion) -> PassedOver:
    return PassedOver(promotion.number, promotion.name, missed.reason, 0, missed.wanted(occasion))


def _number(one: PassedOver) -> int:
    return one.promotion


def _purses(candidates: list[Candidate], occasion: Occasion) -> Mapping[int, Purse]:
    purses = {one.promotion.funder: occasion.purse(one.promotion.funder) for one in candidates}
    return {funder: purse for funder, purse in purses.items() if purse is not NO_LIMIT}


def _indexed(state: Reader, tenant: int, book: Book) -> Index:
    """The index of a book: kept, or the one before it with the last change made, or read from the start."""
    kept = _kept.pop(book.digest, None)
    if kept is None:
        before = _kept.get(book.before)
        index = _read(state, tenant) if before is None else _renewed(state, tenant, book, before.indexed)
        kept = Kept(index, book.before)
        if len(_kept) >= BOOKS_KEPT:
            del _kept[next(iter(_kept))]
    _kept[book.digest] = kept
    return kept.indexed


def _renewed(state: Reader, tenant: int, book: Book, before: Index) -> Index:
    return before.renewed(_changes(state, tenant, book))


def warm(state: Reader) -> None:
    """Read the books of all programmes, before a basket has to wait for it: a unit starts."""
    tenant, stop = 0, keys.book(lim.PROGRAMME_MAX + 1)
    while tenant <= lim.PROGRAMME_MAX:
        page = state.scan(keys.book(tenant), stop, 1)
        if not page:
            return
        key, value = page[0]
        found = keys.read_tenant(key)
        if key == keys.book(found):
            _compile(_indexed(state, found, records.book(value)))
            found += 1
        elif found == tenant:  # it has no book: this key lies behind where one would be
            found += 1
        tenant = found


def _compile(index: Index) -> None:
    for one in index.listed.values():
        _ = one.checks


def renew(state: Reader, tenant: int, book: Book) -> None:
    """A book was just changed: bring the index along, if there is one.

    Without it two changes between baskets would make the next basket read the whole book. The index before
    stays, for the change may be undone; that before it goes.
    """
    before = _kept.get(book.before)
    if before is not None or not book.before:
        _indexed(state, tenant, book)
    if before is not None:
        _kept.pop(before.before, None)


def _changes(state: Reader, tenant: int, book: Book) -> dict[int, Listed | None]:
    values = {number: state.get(keys.promotion(tenant, number)) for number in book.changed}
    return {number: None if value is None else _listed(value) for number, value in values.items()}


def _read(state: Reader, tenant: int) -> Index:
    start = keys.head(keys.PROGRAMME_SLOT, tenant, b"R")
    pairs = state.scan(start, start + b"\xff" * 5, lim.PROMOTIONS_MAX)
    return book_index.build([_listed(value) for _, value in pairs])


def _listed(value: bytes) -> Listed:
    published = records.published(value)
    return Listed(published.promotion, published.version)


def uses_of(best: Best, found: Candidates) -> tuple[Use, ...]:
    """What applied promotions take: every one is counted; of each member only where a limit asks for it."""
    if not best.applied:
        return ()
    caps = {one.promotion.number: one.promotion.caps for one in found.candidates}
    return tuple(
        [
            Use(
                one.promotion,
                one.funder,
                one.minor,
                one.points,
                caps[one.promotion].member_times > 0 or caps[one.promotion].member_day_times > 0,
                one.coupon,
            )
            for one in best.applied
        ]
    )


def count(state: Writer, tenant: int, member_id: int, day: int, uses: Sequence[Use], sign: int) -> None:
    """Count what a purchase takes on a business day (1), or give it back (-1)."""
    for kind, number, amount in _amounts(uses):
        budgets.use(state, tenant, kind, number, amount, sign)
    for code in _codes(uses):
        coupons.use(state, tenant, code, sign)
    _count_member(state, tenant, member_id, day, uses, sign)


def reserve(
    state: Writer,
    tenant: int,
    member_id: int,
    day: int,
    uses: Sequence[Use],
    until_ms: int,
    receipt: ReceiptId,
) -> None:
    """Count what a hold takes, until its time."""
    for kind, number, amount in _amounts(uses):
        budgets.reserve(state, tenant, kind, number, amount, until_ms, receipt)
    for code in _codes(uses):
        coupons.hold(state, tenant, code, until_ms, receipt)
    _count_member(state, tenant, member_id, day, uses, 1)


def keep(state: Writer, tenant: int, uses: Sequence[Use], until_ms: int, receipt: ReceiptId) -> None:
    """A hold was captured: what it reserved is given for good."""
    for kind, number, amount in _amounts(uses):
        budgets.keep(state, tenant, kind, number, amount, until_ms, receipt)
    for code in _codes(uses):
        coupons.keep(state, tenant, code, until_ms, receipt)


def free(
    state: Writer,
    tenant: int,
    member_id: int,
    day: int,
    uses: Sequence[Use],
    until_ms: int,
    receipt: ReceiptId,
) -> None:
    """A hold ended without a purchase: what it reserved is given back, as far as nobody did before."""
    for kind, number, _ in _amounts(uses):
        budgets.free(state, tenant, kind, number, until_ms, receipt)
    for code in _codes(uses):
        coupons.free(state, tenant, code, until_ms, receipt)
    _count_member(state, tenant, member_id, day, uses, -1)


def _amounts(uses: Sequence[Use]) -> list[tuple[bytes, int, Usage]]:
    """What each account gives; a funder of several promotions once, for all of them."""
    found = [(OF_PROMOTION, use.promotion, Usage(1, use.minor, use.points)) for use in uses]
    for funder in dict.fromkeys([use.funder for use in uses if use.funder]):
        theirs = [use for use in uses if use.funder == funder]
        minor, points = sum([use.minor for use in theirs]), sum([use.points for use in theirs])
        found.append((OF_FUNDER, funder, Usage(1, minor, points)))
    return found


def _count_member(
    state: Writer, tenant: int, member_id: int, day: int, uses: Sequence[Use], sign: int
) -> None:
    """What is the member's own: limits by member."""
    for use in uses:
        if use.per_member:
            budgets.use_by(state, tenant, member_id, use.promotion, day, sign)


def _codes(uses: Sequence[Use]) -> list[str]:
    """The coupons that let promotions apply."""
    return [use.coupon for use in uses if use.coupon]
