"""Promotions as tables of a file: `[[promotion]]`, and in it `when`, `where`, `who`, `effect` and so on."""

from typing import Any, Final

from msgspec import Struct

from loyalty.commands.promotions import (
    AmountOff,
    Audience,
    Bundle,
    BundlePart,
    BuyGet,
    Caps,
    CheapestFree,
    FixedPrice,
    GiveCoupon,
    GiveLot,
    GiveService,
    PercentOff,
    PointsFixed,
    PointsPer,
    PointsTimes,
    Promotion,
    Stacking,
    When,
    Where,
)
from loyalty.commands.promotions import (
    Scope as Over,
)
from loyalty.commands.rules import WALLET_BONUS
from loyalty.text.errors import one_of
from loyalty.text.forms import (
    MONEY,
    PERCENT,
    SWITCH,
    TEXT,
    TIMES,
    WHOLE,
    Form,
    Key,
    Place,
    Scope,
    Shape,
    choice,
    read_record,
    record,
    several,
    show_record,
    shown,
)
from loyalty.text.kinds import INSTANT, LINE_CONDITION, MINUTE, RECEIPT_CONDITION, WEEKDAY_NAMES
from loyalty.text.toml import Shown

WHEN: Final = Shape(
    When,
    (
        Key("from", INSTANT, "from_ms", 0),
        Key("until", INSTANT, "until_ms", 0),
        Key("weekdays", WEEKDAY_NAMES),
        Key("from_time", MINUTE, "from_minute"),
        Key("until_time", MINUTE, "until_minute"),
    ),
)
WHERE: Final = Shape(
    Where,
    (
        Key("countries", several(TEXT)),
        Key("cities", several(TEXT)),
        Key("partners", several(WHOLE)),
        Key("stores", several(WHOLE)),
        Key("channels", several(TEXT)),
    ),
)
WHO: Final = Shape(
    Audience,
    (
        Key("tiers", several(TEXT)),
        Key("segments", several(TEXT)),
        Key("birthday_before_days", WHOLE),
        Key("birthday_after_days", WHOLE),
        Key("first_purchase", SWITCH),
        Key("coupon", SWITCH),
    ),
)
STACKING: Final = Shape(Stacking, (Key("zone", WHOLE), Key("group", WHOLE), Key("competes", SWITCH)))
CAPS: Final = Shape(
    Caps,
    (
        Key("receipt_money", MONEY, "receipt_minor"),
        Key("receipt_points", WHOLE),
        Key("receipt_times", WHOLE),
        Key("member_times", WHOLE),
        Key("member_day_times", WHOLE),
        Key("total_times", WHOLE),
        Key("budget_money", MONEY, "budget_minor"),
        Key("budget_points", WHOLE),
    ),
)
BUNDLE_PART: Final = Shape(BundlePart, (Key("lines", LINE_CONDITION), Key("pieces", WHOLE)))

_WALLET: Final = Key("wallet", WHOLE, default=WALLET_BONUS)
_PRICE: Final = Key("price", MONEY, "minor")
EFFECTS: Final[dict[str, Shape[Any]]] = {
    "percent_off": Shape(PercentOff, (Key("percent", PERCENT, "basis_points"),)),
    "amount_off": Shape(AmountOff, (Key("amount", MONEY, "minor"), Key("per_piece", SWITCH))),
    "fixed_price": Shape(FixedPrice, (_PRICE,)),
    "cheapest_free": Shape(CheapestFree, (Key("of_pieces", WHOLE), Key("free_pieces", WHOLE))),
    "buy_get": Shape(
        BuyGet,
        (
            Key("buy_pieces", WHOLE),
            Key("get_pieces", WHOLE),
            Key("get", LINE_CONDITION, default=None),
            Key("percent", PERCENT, "basis_points"),
        ),
    ),
    "bundle": Shape(Bundle, (_PRICE, Key("parts", several(record(BUNDLE_PART))))),
    "points_per": Shape(PointsPer, (_WALLET, Key("points", WHOLE), Key("per", MONEY, "per_minor"))),
    "points_times": Shape(PointsTimes, (Key("times", TIMES, "basis_points"),)),
    "points_fixed": Shape(PointsFixed, (_WALLET, Key("points", WHOLE))),
    "give_lot": Shape(
        GiveLot,
        (
            _WALLET,
            Key("points", WHOLE),
            Key("purpose", LINE_CONDITION, default=None),
            Key("delay_days", WHOLE, default=0),
            Key("window_days", WHOLE),
            Key("priority", WHOLE),
        ),
    ),
    "give_service": Shape(
        GiveService, (Key("service", TEXT), Key("times", WHOLE), Key("window_days", WHOLE))
    ),
    "give_coupon": Shape(GiveCoupon, (Key("promotion", WHOLE), Key("window_days", WHOLE))),
}
_KINDS: Final = {shape.struct: kind for kind, shape in EFFECTS.items()}


def _read_effect(value: Any, place: Place) -> Struct:
    if not isinstance(value, dict):
        raise place.error(f"{shown(value)} is no table", 'kind = "percent_off", percent = 20')
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in EFFECTS:
        problem = "kind is missing" if kind is None else f"unknown kind {shown(kind)}"
        raise place.at("kind").error(problem, one_of(EFFECTS, str(kind)))
    rest = {key: part for key, part in value.items() if key != "kind"}
    effect: Struct = read_record(EFFECTS[kind], rest, place)
    return effect


def _show_effect(value: Struct, scope: Scope) -> Shown:
    kind = _KINDS[type(value)]
    return {"kind": kind, **show_record(EFFECTS[kind], value, scope)}


PROMOTION: Final = Shape(
    Promotion,
    (
        Key("number", WHOLE),
        Key("name", TEXT),
        Key("paused", SWITCH, default=False),
        Key("currency", TEXT),
        Key("lines", LINE_CONDITION, default=None),
        Key("receipt", RECEIPT_CONDITION, default=None),
        Key("scope", choice(Over), default=Over.LINE),
        Key("funder", WHOLE, default=0),
        Key("when", record(WHEN), default=When(0, 0)),
        Key("where", record(WHERE), default=Where()),
        Key("who", record(WHO), default=Audience()),
        Key("effect", Form(_read_effect, _show_effect)),
        Key("stacking", record(STACKING), default=Stacking()),
        Key("caps", record(CAPS), default=Caps()),
    ),
    currency="currency",
)
