"""What happens in a history: a command of each kind, drawn from a seed and from what happened before.

Most of them can be; some cannot, or come twice, as tills' commands do.
"""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any, Final

from loyalty import commands as cmd
from loyalty.commands import Line, LineKind, ReceiptId, SpendMode
from loyalty.commands.places import card_token, phone_token
from loyalty.engine.calendar import day_at, print_day
from loyalty.outcomes import QuoteDone
from tests.loyalty import world

if TYPE_CHECKING:
    from tests.loyalty.history import Played

PHONES: Final = tuple(f"+88691234567{digit}" for digit in range(4))
CARDS: Final = tuple(f"2000-{number}" for number in range(4))
WHY: Final = "as the customer said"


def who(chance: Random, played: "Played") -> cmd.Who:
    """Anybody, in any of the ways in which he can be named."""
    named: list[cmd.Who] = [phone_token(PHONES[0]), card_token(CARDS[1])]
    return chance.choice([*named, *played.members, *played.members])


def lines(chance: Random) -> tuple[Line, ...]:
    """A few; mostly goods."""
    return tuple(_line(chance) for _ in range(chance.choice([1, 1, 2, 2, 3, 5])))


def _line(chance: Random) -> Line:
    amount_minor = chance.choice([0, 1, 99, 1000, 9999, 25_000, chance.randint(0, 30_000)])
    brand = chance.choice([(), (("brand", chance.choice(world.BRANDS)),)])
    return Line(
        chance.choice(world.SKUS),
        chance.choice([1000, 1000, 2000, 3000, 5000, 750, chance.randint(1, 4000)]),
        amount_minor,
        chance.choice([LineKind.GOODS] * 8 + [LineKind.DELIVERY, LineKind.GIFT_CARD]),
        0,
        amount_minor * chance.choice([0, 0, 20]) // 120,
        chance.choice([0, 0, amount_minor // 3]),
        brand,
    )


def order(chance: Random, played: "Played") -> cmd.Confirm:
    """A purchase under a new identity: now or some days ago, with a quote or without."""
    store = chance.choice(world.STORES)
    sold_ms = chance.choice([0, 0, 0, played.shop.now_ms - chance.choice([1, 30]) * world.HOUR_MS])
    zone = () if store == 20 else world.OF_BERLIN
    day = print_day(day_at(zone or ((0, 0),), sold_ms or played.shop.now_ms))
    wish = chance.choice([0, 0, 10, 500, 10**6])
    bought = cmd.Confirm(
        ReceiptId(store, 3, played.next_number(), day),
        who(chance, played),
        sold_ms,
        lines(chance),
        wish,
        SpendMode.NONE if not wish else SpendMode.EXACTLY if wish == 10 else SpendMode.UP_TO,
        b"",
        False,
        offline=not wish and chance.random() < 0.1,
        wallet=chance.choice([0, 0, 2, 2] if store == 18 else [0, 0, 0, 0, 0, 1, 2]),
        coupons=_coupons(chance, played),
    )
    return _quoted(chance, played, bought)


def _coupons(chance: Random, played: "Played") -> tuple[str, ...]:
    if not played.codes or chance.random() < 0.6:
        return ()
    newest = list(played.codes)[-3:]
    return tuple(chance.sample(newest, min(len(newest), chance.choice([1, 1, 1, 2]))))


def _quoted(chance: Random, played: "Played", bought: cmd.Confirm) -> cmd.Confirm:
    """One in five names the digest of a quote; one in fifty that of another basket."""
    drawn = chance.random()
    if drawn > 0.2:
        return bought
    asked = bought.lines if drawn > 0.02 else bought.lines[:1]
    basket = (1, bought.member, bought.receipt.store, bought.receipt.business_day, asked)
    quoted: Any = played.shop.ask(
        cmd.Quote(*basket, bought.spend_points, bought.spend_mode, bought.wallet, bought.coupons)
    )
    digest = quoted.quote_digest if isinstance(quoted, QuoteDone) else b""
    return _replaced(bought, quote_digest=digest, accept_changed=chance.random() < 0.3)


def _replaced(bought: cmd.Confirm, **changes: Any) -> cmd.Confirm:
    values = {name: getattr(bought, name) for name in cmd.Confirm.__struct_fields__}
    return cmd.Confirm(**(values | changes))


def buy(chance: Random, played: "Played") -> cmd.Command:
    """A purchase; rarely under an identity that was used."""
    bought = order(chance, played)
    if played.sold and chance.random() < 0.05:
        bought = _replaced(bought, receipt=chance.choice(list(played.sold)))
    return bought


def give_back(chance: Random, played: "Played") -> cmd.Command:
    """A return of one or two lines, mostly of a quantity that can still come back."""
    name = chance.choice(list(played.sold)) if played.sold else ReceiptId(17, 3, 1, 20261122)
    sold = played.sold.get(name, ())
    back = []
    for at in chance.sample(range(len(sold)), min(len(sold), chance.choice([1, 1, 2]))) or [0]:
        milli = sold[at].quantity_milli if sold else 1
        back.append(cmd.ReturnLine(at + 1, chance.choice([milli, milli // 2 or 1, chance.randint(1, milli)])))
    own = ReceiptId(chance.choice(world.STORES), 9, played.next_number(), 20261122)
    return cmd.ReturnLines(own, name, tuple(back))


def void(chance: Random, played: "Played") -> cmd.Command:
    """Of one of the newest receipts, for the others are of another day."""
    return cmd.VoidReceipt(_newest(chance, played), chance.choice([WHY] * 9 + [""]))


def correct(chance: Random, played: "Played") -> cmd.Command:
    """Another basket, often of another member, under the identity of one of the newest."""
    right = _replaced(order(chance, played), receipt=_newest(chance, played), quote_digest=b"")
    return cmd.CorrectReceipt(right, WHY)


def _newest(chance: Random, played: "Played") -> ReceiptId:
    return chance.choice(list(played.sold)[-2:]) if played.sold else ReceiptId(17, 3, 1, 20261122)


def hold(chance: Random, played: "Played") -> cmd.Command:
    """For some hours or days."""
    held = order(chance, played)
    return cmd.Hold(held, played.shop.now_ms + chance.choice([1, 24, 60, 400]) * world.HOUR_MS)


def capture(chance: Random, played: "Played") -> cmd.Command:
    """One of the newest orders."""
    return cmd.Capture(_held(chance, played), chance.choice([0, 0, played.shop.now_ms - 1]))


def cancel(chance: Random, played: "Played") -> cmd.Command:
    """One of the newest orders."""
    return cmd.CancelHold(_held(chance, played))


def _held(chance: Random, played: "Played") -> ReceiptId:
    known = list(played.held)[-3:] if chance.random() < 0.9 else played.closed[-3:]
    return chance.choice(known) if known else ReceiptId(17, 3, 1, 20261122)


def use(chance: Random, played: "Played") -> cmd.Command:
    """A tune-up or two."""
    name = ReceiptId(17, 5, played.next_number(), 20261122)
    return cmd.UseService(name, who(chance, played), "tune-up", chance.choice([1, 1, 2]))


def adjust(chance: Random, played: "Played") -> cmd.Command:
    """Points given or taken, in any wallet and window."""
    now_ms = played.shop.now_ms
    return cmd.Adjust(
        f"a-{played.next_number()}",
        who(chance, played),
        chance.choice([0, 0, 1, 2, 2]),
        chance.choice([25, 400, 5000, -20, -300]),
        chance.choice([0, 0, now_ms + 10 * world.HOUR_MS]),
        chance.choice([0, now_ms + 40 * world.HOUR_MS]),
        chance.choice([1, 128]),
        chance.choice([0, 0, 1, 2]),
        WHY,
    )


def change(chance: Random, played: "Played") -> cmd.Command:
    """A birthday near, blocked or not, a card more."""
    near = print_day(day_at(((0, 0),), played.shop.now_ms) + chance.choice([-1, 0, 1, 5])) % 10_000
    changes: dict[str, Any] = chance.choice(
        [
            {"profile": cmd.Profile(near, segments=("ski",))},
            {"profile": cmd.Profile(near)},
            {"status": chance.choice([cmd.Status.BLOCKED] + [cmd.Status.ACTIVE] * 3)},
            {"status": cmd.Status.ACTIVE},
            {"add_cards": (chance.choice(CARDS),)},
            {"remove_cards": (chance.choice(CARDS),)},
            {"phone": chance.choice(PHONES), "phone_passed_on": chance.random() < 0.5},
        ]
    )
    return cmd.ChangeMember(who(chance, played), WHY, **changes)


def merge(chance: Random, played: "Played") -> cmd.Command:
    """Anybody into anybody."""
    return cmd.MergeMembers(who(chance, played), who(chance, played), WHY)


def enrol(chance: Random, played: "Played") -> cmd.Command:
    """One more, if phone and card are free."""
    phone = chance.choice(["", *PHONES])
    store = chance.choice([0, 17])
    return cmd.Enrol(phone, (chance.choice(CARDS),), store, (), cmd.Profile(chance.choice([0, 1124])))


def publish(chance: Random, played: "Played") -> cmd.Command:
    """A promotion, or its next version."""
    return cmd.PublishPromotion(world.promotion(chance, chance.randint(1, world.PROMOTIONS)))


def pause(chance: Random, played: "Played") -> cmd.Command:
    """Stop one, or let it go on."""
    return cmd.PausePromotion(chance.randint(1, world.PROMOTIONS), chance.random() < 0.5, WHY)


def issue(chance: Random, played: "Played") -> cmd.Command:
    """A coupon for one member, or for whoever has it."""
    owner = chance.choice([None, None, who(chance, played)])
    until_ms = chance.choice([0, played.shop.now_ms + 30 * world.HOUR_MS])
    return cmd.IssueCoupon(
        "", chance.randint(1, world.PROMOTIONS), chance.choice([1, 1, 2]), 0, until_ms, owner
    )


def define(chance: Random, played: "Played") -> cmd.Command:
    """Other rules from now on."""
    return cmd.DefineProgramme(world.club_rules(chance))


def again(chance: Random, played: "Played") -> cmd.Command:
    """A command from before is sent once more, as a till does that got no answer."""
    return chance.choice(played.sent[-20:]) if played.sent else define(chance, played)


Act = Callable[[Random, "Played"], cmd.Command]
ACTS: Final[dict[str, tuple[Act, int]]] = {  # and how often, of 100
    "buy": (buy, 32),
    "give_back": (give_back, 15),
    "hold": (hold, 6),
    "capture": (capture, 6),
    "cancel": (cancel, 3),
    "void": (void, 4),
    "correct": (correct, 3),
    "use": (use, 4),
    "adjust": (adjust, 4),
    "change": (change, 4),
    "merge": (merge, 1),
    "enrol": (enrol, 1),
    "publish": (publish, 8),
    "pause": (pause, 1),
    "issue": (issue, 3),
    "define": (define, 2),
    "again": (again, 4),
}
