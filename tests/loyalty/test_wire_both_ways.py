"""Conditions, promotions and rules go out as they came in; what is left out has a meaning."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from loyalty import commands as cmd
from loyalty.commands import conditions as con
from loyalty.commands import limits as lim
from loyalty.commands import promotions as pro
from loyalty.front import Command, Query, RefusalError
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import conditions_pb2 as conditions_pb
from loyalty.v1 import programmes_pb2 as programmes_pb
from loyalty.v1 import promotions_pb2 as promotions_pb
from loyalty.wire import conditions, programmes, promotions
from tests.loyalty.rule_values import PROMOTIONS, RULES
from tests.loyalty.test_wire import COMMANDS, QUERIES
from tests.loyalty.test_wire_office import COMMANDS as OFFICE_COMMANDS
from tests.loyalty.test_wire_office import PERCENT, PERCENT_SENT
from tests.loyalty.test_wire_office import QUERIES as OFFICE_QUERIES
from tests.loyalty.trees import LINE_CONDITIONS, RECEIPT_CONDITIONS
from tests.loyalty.wire_kit import HEADER, ROWS, decode
from tests.profile import examples


@examples(200)
@given(LINE_CONDITIONS | RECEIPT_CONDITIONS)
def test_a_condition_goes_both_ways(condition: con.AnyCondition) -> None:
    """Value to message to bytes to message to value."""
    message = conditions_pb.Condition()
    conditions.write(message, condition)
    again = conditions_pb.Condition.FromString(message.SerializeToString())
    assert conditions.read(again, "") == condition


@examples(200)
@given(PROMOTIONS)
def test_a_promotion_goes_both_ways(promotion: pro.Promotion) -> None:
    """Also one that no engine would publish: whether it makes sense is not asked here."""
    message = promotions_pb.Promotion()
    promotions.write(message, promotion)
    again = promotions_pb.Promotion.FromString(message.SerializeToString())
    assert promotions.read(again, "") == promotion


@examples(100)
@given(RULES)
def test_rules_go_both_ways(rules: cmd.Rules) -> None:
    """Every policy among them."""
    message = programmes_pb.Programme()
    programmes.write(message, rules)
    again = programmes_pb.Programme.FromString(message.SerializeToString())
    assert programmes.read(again) == rules


EFFECTS: list[tuple[dict[str, Any], pro.Effect]] = [  # what is not told has the value that is usual
    ({"cheapest_free": {"of_pieces": 3}}, pro.CheapestFree(3, 1)),
    ({"cheapest_free": {"of_pieces": 3, "free_pieces": 0}}, pro.CheapestFree(3, 0)),
    ({"buy_get": {"buy_pieces": 2, "get_pieces": 1}}, pro.BuyGet(2, 1, None, 10_000)),
    ({"buy_get": {"basis_points": 0}}, pro.BuyGet(0, 0, None, 0)),
    ({"give_lot": {"points": 5}}, pro.GiveLot(0, 5, None, 0, 0, 128)),
    ({"give_lot": {"points": 5, "priority": 0}}, pro.GiveLot(0, 5, None, 0, 0, 0)),
]


@pytest.mark.parametrize(("effect", "value"), EFFECTS)
def test_what_an_effect_does_not_say(effect: dict[str, Any], value: pro.Effect) -> None:
    """The regular priority, one free piece, wholly free."""
    sent = promotions_pb.Promotion(**(PERCENT_SENT | {"effect": effect}))
    assert promotions.read(sent, "promotion").effect == value


def test_what_a_promotion_does_not_say() -> None:
    """Every day, all day, everywhere, everybody, all goods, line by line, nothing that holds it back."""
    assert promotions.read(promotions_pb.Promotion(**PERCENT_SENT), "promotion") == PERCENT


WHENS = [  # as sent, weekdays (Monday is bit 0), until_minute
    ({}, 0b1111111, 1440),
    ({"weekdays": [1]}, 0b0000001, 1440),
    ({"weekdays": [7, 6, 7]}, 0b1100000, 1440),
    ({"until_minute": 0}, 0b1111111, 0),
    ({"until_minute": 120}, 0b1111111, 120),
]


@pytest.mark.parametrize(("sent", "weekdays", "until_minute"), WHENS)
def test_when_a_promotion_holds(sent: dict[str, Any], weekdays: int, until_minute: int) -> None:
    """Days as numbers, Monday first; no end is midnight."""
    when = promotions.read(promotions_pb.Promotion(**PERCENT_SENT, when=sent), "promotion").when
    assert (when.weekdays, when.until_minute) == (weekdays, until_minute)


CLAMP_UTC: dict[str, Any] = {"shortfall": 2, "unknown_store": 1}


def test_what_rules_do_not_say() -> None:
    """A programme as the first version of these protos knew it has every new part at its default."""
    old: dict[str, Any] = {name: 1000 + at for at, name in enumerate(cmd.Rules.__struct_fields__[2:15])}
    sent = programmes_pb.Programme(name="N", currency="TWD", **old, **CLAMP_UTC)
    assert programmes.read(sent) == cmd.Rules(
        name="N",
        currency="TWD",
        shortfall=cmd.Shortfall.CLAMP,
        unknown_store=cmd.UnknownStore.UTC,
        **old,
    )


def nested(levels: int) -> dict[str, Any]:
    """A condition of so many levels."""
    condition: dict[str, Any] = {"begins": {"attribute": "sku", "prefix": "4"}}
    for level in range(levels - 1):
        condition = {"negation": condition} if level % 2 else {"all_of": {"parts": [condition]}}
    return condition


LEAF = nested(1)
LONG = "x" * 65
MANY = lim.CONDITION_MAX_VALUES + 1
CONDITIONS: list[tuple[dict[str, Any], str]] = [  # condition, field
    ({}, "lines"),
    ({"one_of": {"values": ["x"]}}, "lines.one_of.attribute"),
    ({"one_of": {"attribute": LONG, "values": ["x"]}}, "lines.one_of.attribute"),
    ({"one_of": {"attribute": "a"}}, "lines.one_of.values"),
    ({"one_of": {"attribute": "a", "values": ["x", LONG]}}, "lines.one_of.values[2]"),
    ({"one_of": {"attribute": "a", "values": ["x"] * MANY}}, "lines.one_of.values"),
    ({"within": {"least": 1}}, "lines.within.attribute"),
    ({"begins": {"prefix": "x"}}, "lines.begins.attribute"),
    ({"begins": {"attribute": "a"}}, "lines.begins.prefix"),
    ({"begins": {"attribute": "a", "prefix": LONG}}, "lines.begins.prefix"),
    ({"all_of": {}}, "lines.all_of.parts"),
    ({"any_of": {"parts": [LEAF] * 65}}, "lines.any_of.parts"),
    ({"all_of": {"parts": [LEAF, {"any_of": {"parts": [{}]}}]}}, "lines.all_of.parts[2].any_of.parts[1]"),
    ({"negation": {}}, "lines.negation"),
    ({"bought": {}}, "lines.bought.measure"),
    ({"bought": {"measure": 4}}, "lines.bought.measure"),
    ({"bought": {"measure": 1, "lines": {}}}, "lines.bought.lines"),
]


@pytest.mark.parametrize(("condition", "field"), CONDITIONS)
def test_conditions_that_are_refused_at_the_door(condition: dict[str, Any], field: str) -> None:
    """With the path to the part that is wrong."""
    with pytest.raises(RefusalError) as refused:
        conditions.read(conditions_pb.Condition(**condition), "lines")
    assert refused.value.field == field
    assert refused.value.wanted


def test_conditions_have_a_depth() -> None:
    """16 levels are taken; the 17th is refused where it is, however many follow."""
    assert conditions.read(conditions_pb.Condition(**nested(16)), "lines")
    for levels in (17, 40):
        with pytest.raises(RefusalError, match="is 17 levels deep; wanted: at most 16"):
            conditions.read(conditions_pb.Condition(**nested(levels)), "lines")


PROMOTION: list[tuple[dict[str, Any], str]] = [  # what is changed, field
    ({"name": LONG}, "name"),
    ({"currency": LONG}, "currency"),
    ({"scope": 3}, "scope"),
    ({"effect": {}}, "effect"),
    ({"lines": {}}, "lines"),
    ({"receipt": {"negation": {}}}, "receipt.negation"),
    ({"when": {"weekdays": [1, 8]}}, "when.weekdays[2]"),
    ({"when": {"weekdays": [0]}}, "when.weekdays[1]"),
    ({"where": {"countries": ["x"] * 257}}, "where.countries"),
    ({"where": {"cities": [LONG]}}, "where.cities[1]"),
    ({"where": {"partners": [1] * 257}}, "where.partners"),
    ({"where": {"stores": [1] * 257}}, "where.stores"),
    ({"where": {"channels": [LONG]}}, "where.channels[1]"),
    ({"who": {"tiers": [LONG]}}, "who.tiers[1]"),
    ({"who": {"segments": ["x"] * 257}}, "who.segments"),
    ({"effect": {"buy_get": {"get": {}}}}, "effect.buy_get.get"),
    ({"effect": {"bundle": {"parts": [{"lines": LEAF}]}}}, "effect.bundle.parts"),
    ({"effect": {"bundle": {"parts": [{"lines": LEAF}] * 9}}}, "effect.bundle.parts"),
    ({"effect": {"bundle": {"parts": [{"lines": LEAF}, {}]}}}, "effect.bundle.parts[2].lines"),
    ({"effect": {"give_lot": {"purpose": {}}}}, "effect.give_lot.purpose"),
    ({"effect": {"give_service": {"service": LONG}}}, "effect.give_service.service"),
]


@pytest.mark.parametrize(("changes", "field"), PROMOTION)
def test_promotions_that_are_refused_at_the_door(changes: dict[str, Any], field: str) -> None:
    """Sizes and enums; what contradicts itself is the engine's to reject."""
    message = bo.PublishPromotionRequest(**HEADER, promotion=PERCENT_SENT | changes)
    with pytest.raises(RefusalError) as refused:
        decode("PublishPromotion", message)
    assert refused.value.field == f"promotion.{field}"
    assert refused.value.wanted


RULES_REFUSED: list[tuple[dict[str, Any], str]] = [  # what is changed, field
    ({"shortfall": 0}, "shortfall"),
    ({"shortfall": 4}, "shortfall"),
    ({"unknown_store": 0}, "unknown_store"),
    ({"name": LONG}, "name"),
    ({"currency": LONG}, "currency"),
    ({"countries": ["x"] * 65}, "countries"),
    ({"currencies": [{}] * 17}, "currencies"),
    ({"currencies": [{"code": LONG}]}, "currencies[1].code"),
    ({"wallets": [{}] * 16}, "wallets"),
    ({"wallets": [{"name": LONG}]}, "wallets[1].name"),
    ({"wallets": [{}, {"kind": 3}]}, "wallets[2].kind"),
    ({"worths": [{}] * 257}, "worths"),
    ({"worths": [{"currency": LONG}]}, "worths[1].currency"),
    ({"tiers": [{}] * 9}, "tiers"),
    ({"tiers": [{"name": LONG}]}, "tiers[1].name"),
    ({"tier_period": 3}, "tier_period"),
    ({"gifts": [{"day": 1}] * 9}, "gifts"),
    ({"gifts": [{"day": 0}]}, "gifts[1].day"),
    ({"gifts": [{"day": 1, "purpose": {}}]}, "gifts[1].purpose"),
    ({"channel_delays": [{}] * 17}, "channel_delays"),
    ({"channel_delays": [{"channel": LONG}]}, "channel_delays[1].channel"),
    ({"no_spend": {}}, "no_spend"),
    ({"no_earn": {}}, "no_earn"),
    ({"attributes": [{"type": 1}] * 65}, "attributes"),
    ({"attributes": [{"name": LONG, "type": 1}]}, "attributes[1].name"),
    ({"attributes": [{"name": "brand"}]}, "attributes[1].type"),
    ({"policies": {"rounding": 5}}, "policies.rounding"),
    ({"policies": {"tier_boundary": 3}}, "policies.tier_boundary"),
]


@pytest.mark.parametrize(("changes", "field"), RULES_REFUSED)
def test_rules_that_are_refused_at_the_door(changes: dict[str, Any], field: str) -> None:
    """Sizes and enums; what contradicts itself is the engine's to reject."""
    rules: dict[str, Any] = CLAMP_UTC | changes
    with pytest.raises(RefusalError) as refused:
        decode("DefineProgramme", bo.DefineProgrammeRequest(**HEADER, rules=rules))
    assert refused.value.field == f"rules.{field}"
    assert refused.value.wanted


def command_type(kind: int) -> Any:
    """The struct of a kind: DEFINE_STORE is a DefineStore."""
    return getattr(cmd, cmd.Kind(kind).name.title().replace("_", ""))


def taken(name: str, body: bytes) -> None:
    """Taken or refused, and nothing else; and the engine can read whatever is taken."""
    try:
        wants = ROWS[name].decode(body)
    except RefusalError:
        return
    for want in wants:
        if isinstance(want, Query):
            msgpack.decode(want.body, type=cmd.AnyQuery)
        elif isinstance(want, Command) and want.kind >= min(cmd.Kind):
            msgpack.decode(want.body, type=command_type(want.kind))


@examples(300)
@given(st.sampled_from(list(ROWS)), st.binary(max_size=80))
def test_any_bytes_are_taken_or_refused(name: str, body: bytes) -> None:
    """Nothing else can happen at the door."""
    taken(name, body)


REQUESTS = [row[:2] for row in (*COMMANDS, *QUERIES, *OFFICE_COMMANDS, *OFFICE_QUERIES)]


@examples(500)
@given(st.sampled_from(REQUESTS), st.integers(0, 10**6), st.binary(max_size=4))
def test_damaged_requests_are_taken_or_refused(request_: Any, at: int, bytes_: bytes) -> None:
    """Requests that were right, with some bytes changed: what the door lets through, the engine can read."""
    name, message = request_
    body = message.SerializeToString()
    at %= len(body) + 1
    taken(name, body[:at] + bytes_ + body[at + len(bytes_) :])


@examples(100)
@given(PROMOTIONS, RULES)
def test_what_the_types_allow_passes_the_door(promotion: pro.Promotion, rules: cmd.Rules) -> None:
    """As a publication, byte for byte as the engine decodes it."""
    publish, define = bo.PublishPromotionRequest(**HEADER), bo.DefineProgrammeRequest(**HEADER)
    promotions.write(publish.promotion, promotion)
    programmes.write(define.rules, rules)
    body = decode("PublishPromotion", publish).body
    assert msgpack.decode(body, type=cmd.PublishPromotion).promotion == promotion
    body = decode("DefineProgramme", define).body
    assert msgpack.decode(body, type=cmd.DefineProgramme).rules == rules
