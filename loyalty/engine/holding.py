"""Points and budgets that a hold keeps: taken when it begins, given back when it ends without a purchase."""

from loyalty.commands import ReceiptId
from loyalty.engine import book, booking, programmes, settling
from loyalty.engine.postings import HELD
from loyalty.engine.records import Held, HeldOutline, Member
from loyalty.engine.state import Entry, Writer
from loyalty.outcomes import Posting


def give_back(
    state: Writer,
    entry: Entry,
    member_id: int,
    member: Member,
    held: Held | HeldOutline,
    receipt: ReceiptId,
) -> tuple[list[Posting], int, int]:
    """Points back into the lots that they came from, with their windows; budgets back.

    What a return has taken back of a lot while its points were held is settled first, see `settling.py`.

    Returns:
        The postings; how many points that were; how many of these lie in lots whose window has ended.
    """
    done = settling.GivenBack([])
    issuers = held.issuers or (held.partner,) * len(held.bill.draws)
    for draw, issuer in zip(held.bill.draws, issuers, strict=True):
        done.posted.append(Posting(HELD, draw.lot, -draw.points, draw.wallet, issuer))
        settling.put_back(state, (entry.tenant, member_id, member), draw, draw.points, done)
    rules = programmes.of_version(state, entry.tenant, held.bill.programme_version).rules
    booking.count_day(rules, member, held.day, -held.bill.earned_points)
    book.free(state, entry.tenant, member_id, held.day, held.uses, held.until_ms, receipt)
    return done.posted, held.bill.spent_points, done.ended
