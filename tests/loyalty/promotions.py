"""What the tests of promotions share: a plain promotion, a shop, and what can apply to a basket there."""

from typing import Any, Final

from msgspec.structs import replace

from loyalty import commands as cmd
from loyalty.commands import Line, LineKind, Promotion, SpendMode, Tier, Zone
from loyalty.commands.conditions import AnyCondition, AttributeType, OneOf
from loyalty.commands.promotions import Audience, Caps, PercentOff, Scope, Stacking, When, Where
from loyalty.commands.rules import Currency
from loyalty.engine import book, buyers, coupons, keys, members, programmes, records
from loyalty.engine.book import Candidates
from loyalty.engine.pending import Pending
from loyalty.engine.plans import Basket
from loyalty.engine.records import Use
from loyalty.engine.state import Question
from loyalty.outcomes import NEVER_MS, DefineDone, Reason, Rejected
from tests.loyalty.kit import NOON, PHONE, Shop, expect, goods

BERLIN: Final[Zone] = ((0, 3600), (1_774_746_000_000, 7200), (1_792_890_000_000, 3600))  # summer time of 2026
BUSINESS_DAY: Final = 20_779  # 2026-11-22, a Sunday, counted from 1970-01-01
TEN_OFF: Final = PercentOff(1000)
PLAIN: Final = Promotion(
    7,
    "Ten off",
    False,
    When(0, 0),
    Where(),
    Audience(),
    None,
    None,
    Scope.LINE,
    TEN_OFF,
    Stacking(),
    Caps(),
    0,
)


def promotion(number: int = 7, **changes: Any) -> Promotion:
    """Ten per cent off all goods, for everybody, always; with some values changed."""
    return replace(PLAIN, number=number, **changes)


def about(*skus: str) -> AnyCondition:
    """Lines of these articles."""
    return OneOf("sku", skus)


def publish(shop: Shop, *promotions: Promotion) -> None:
    """Publish them, one entry each."""
    for one in promotions:
        expect(shop.run(cmd.PublishPromotion(one)), DefineDone)


def pause(shop: Shop, number: int, paused: bool = True) -> None:
    """Stop one, or let it go on."""
    expect(shop.run(cmd.PausePromotion(number, paused, "sold out")), DefineDone)


def graz() -> Shop:
    """Store 17 of partner 5 in Graz, with the zone of Berlin, store 18 in Brno; a silver member."""
    shop = Shop()
    rules: dict[str, Any] = {
        "currencies": (Currency("CZK", 2, 5, 2500, 1, 25),),
        "tiers": (Tier("blue", 0, 10_000), Tier("silver", 100_00, 11_000), Tier("gold", 200_00, 12_000)),
        "attributes": (("brand", AttributeType.TEXT),),
    }
    expect(shop.define(**rules), DefineDone)
    expect(shop.run(cmd.DefinePartner(5, "Nordkap", 1000, 50)), DefineDone)
    expect(shop.run(cmd.DefineStore(17, "Graz", BERLIN, 5, "AT", "Graz", "shop", "")), DefineDone)
    expect(shop.run(cmd.DefineStore(18, "Brno", BERLIN, 0, "CZ", "Brno", "web", "CZK")), DefineDone)
    shop.enrol(PHONE)
    know(shop, turnover=((202611, 100_00),), birthday=19841122, purchases=1)
    return shop


def know(shop: Shop, segments: tuple[str, ...] = (), **changes: Any) -> None:
    """Change what is known of the member."""
    member = members.load(shop.state, 1, shop.enrol_id, shop.now_ms)
    assert member is not None
    for name, value in changes.items():
        setattr(member, name, value)
    members.save(shop.state, 1, shop.enrol_id, member)
    shop.state.put(
        keys.of_member(1, shop.enrol_id, b"P"),
        records.encode(cmd.Profile(member.birthday, segments=segments)),
    )


def look(
    shop: Shop,
    *lines: Line,
    sold_ms: int = NOON,
    day: int = BUSINESS_DAY,
    store: int = 17,
    codes: tuple[str, ...] = (),
    explain: bool = True,
    **rest: Any,
) -> Candidates | Rejected:
    """What can apply to a basket; what was due by time is thrown away, as with a quote."""
    entry, state = Question(shop.now_ms, 1), Pending(shop.state)
    buyer = buyers.find(state, entry, shop.enrol_id)
    assert not isinstance(buyer, Rejected)
    place = programmes.find_place(state, 1, store, buyer.programme.rules)
    assert place is not None
    bought = lines or (goods(100_00),)
    basket = Basket(place, day, sold_ms, bought, 0, SpendMode.NONE, 0, codes)
    return book.find_candidates(state, entry, buyer, basket, explain, **rest)


def can(shop: Shop, *lines: Line, **rest: Any) -> Candidates:
    """What can apply, and why the others cannot."""
    return expect(look(shop, *lines, **rest), Candidates)


def numbers(found: Candidates) -> list[int]:
    """Of the candidates."""
    return [one.promotion.number for one in found.candidates]


def missed(shop: Shop, *lines: Line, **rest: Any) -> tuple[Reason, str] | None:
    """Why the only promotion cannot apply, and what would be right; None: it can."""
    found = can(shop, *lines, **rest)
    assert len(found.candidates) + len(found.passed_over) == 1
    return (found.passed_over[0].reason, found.passed_over[0].wanted) if found.passed_over else None


def line(sku: str, amount_minor: int, kind: LineKind = LineKind.GOODS) -> Line:
    """One piece of an article, by default goods."""
    return Line(sku, 1000, amount_minor, kind)


def give_coupon(shop: Shop, code: str, number: int, times: int = 1, until_ms: int = NEVER_MS) -> None:
    """A coupon for whoever has it."""
    pending = Pending(shop.state)
    coupons.save(pending, 1, code, records.Coupon(number, times, 0, 0, until_ms, 0))
    pending.flush(shop.state)


def take(shop: Shop, *uses: Use, day: int = BUSINESS_DAY, sign: int = 1) -> None:
    """Count what a purchase took."""
    book.count(shop.state, 1, shop.enrol_id, day, uses, sign)


def use(minor: int = 0, points: int = 0, number: int = 7, funder: int = 0, coupon: str = "") -> Use:
    """What one application of promotion 7 takes."""
    return Use(number, funder, minor, points, True, coupon)


def same_again(shop: Shop) -> Shop:
    """The same shop on a copy of its state."""
    return Shop(shop.state.copy(), shop.now_ms, shop.seq, shop.tenant, enrol_id=shop.enrol_id)
