"""Enrolling and finding: one person per phone and card, ids that tell their slot."""

import pytest

from loyalty import commands as cmd
from loyalty.commands.places import card_token, member_slot, phone_token, token_slot
from loyalty.outcomes import NEVER_MS, Balance, Code, FindMemberDone, Rejected
from tests.loyalty.kit import DAY_MS, NOON, PHONE, Shop, expect, lots_of

OTHER = "+4915112345678"
CARDS = tuple(f"card-{number}" for number in range(11))

REFUSED = [  # phone, cards, code, field       PHONE and card 2000-1 are taken
    ("", (), Code.IDENTITY_MISSING, "phone"),
    ("886912345678", (), Code.PHONE_MALFORMED, "phone"),  # no plus
    ("+0912345678", (), Code.PHONE_MALFORMED, "phone"),  # a country code never begins with 0
    ("+123456", (), Code.PHONE_MALFORMED, "phone"),  # one digit short
    ("+1234567890123456", (), Code.PHONE_MALFORMED, "phone"),  # 16 digits
    ("+88691234567\u0668", (), Code.PHONE_MALFORMED, "phone"),  # a digit, but not of ours
    (PHONE, ("x y z",), Code.CARD_MALFORMED, "cards[1]"),  # a malformed card before a taken phone
    (OTHER, ("abc",), Code.CARD_MALFORMED, "cards[1]"),  # three characters
    (OTHER, ("good-1", "a" * 33), Code.CARD_MALFORMED, "cards[2]"),
    (OTHER, CARDS, Code.TOO_MANY_CARDS, "cards"),
    (OTHER, ("good-1", "good-2", "good-1"), Code.CARD_REPEATED, "cards[3]"),
    (PHONE, ("2000-1",), Code.PHONE_TAKEN, "phone"),  # the phone before the card
    (OTHER, ("good-1", "2000-1"), Code.CARD_TAKEN, "cards[2]"),
]


@pytest.mark.parametrize(("phone", "cards", "code", "field"), REFUSED)
def test_what_cannot_be_enrolled(phone: str, cards: tuple[str, ...], code: Code, field: str) -> None:
    """One row per reason, in the order of the codes; nothing is written."""
    shop = Shop()
    shop.enrol(PHONE, "2000-1")
    before = dict(shop.state.pairs)
    refused = expect(shop.run(cmd.Enrol(phone, cards, 0)), Rejected)
    assert (refused.code, refused.field) == (code, field)
    assert refused.acceptable
    assert dict(shop.state.pairs) == before


TAKEN = [  # phone, cards
    ("+1234567", ()),  # the shortest
    ("+123456789012345", ()),  # the longest
    ("", ("a-Z9",)),
    (PHONE, CARDS[:10]),
]


@pytest.mark.parametrize(("phone", "cards"), TAKEN)
def test_a_member_is_found_by_everything_he_gave(phone: str, cards: tuple[str, ...]) -> None:
    """Phone, each card, and the id lead to one person."""
    shop = Shop()
    member = shop.enrol(phone, *cards)
    names: list[cmd.Who] = [member, *map(card_token, cards)]
    names += [phone_token(phone)] if phone else []
    for name in names:
        found = expect(shop.ask(cmd.FindMember(1, name)), FindMemberDone)
        assert (found.member_id, found.phone, found.cards, found.enrolled_ms) == (member, phone, cards, NOON)


def test_an_id_tells_its_slot_and_the_slot_comes_from_the_person() -> None:
    """From the phone; without one from the first card in text order, in whatever order they were given."""
    by_phone = Shop().enrol(PHONE, "2000-1")
    assert member_slot(by_phone) == token_slot(1, phone_token(PHONE))
    by_cards = {Shop().enrol("", *cards) for cards in (("bbbb", "aaaa"), ("aaaa", "bbbb"))}
    assert {member_slot(member) for member in by_cards} == {token_slot(1, card_token("aaaa"))}


def test_members_of_one_slot_are_numbered() -> None:
    """No two members share an id, whatever slot they fall into."""
    shop = Shop()
    members = [shop.enrol(f"+88691{number:07d}") for number in range(300)]
    assert len(dict.fromkeys(members)) == 300


def test_nobody_is_found_by_a_stranger_s_name() -> None:
    """Unknown phone, card, id, garbage: a rejection, for every question about a member."""
    shop = Shop()
    strangers: tuple[cmd.Who, ...] = ("p" + PHONE, "c2000-1", 0, 1, 2**64 - 1, -1, "", "x")
    for who in strangers:
        for query in (cmd.FindMember(1, who), cmd.GetBalance(1, who), cmd.GetStatement(1, who, 9, 0, 0)):
            assert expect(shop.ask(query), Rejected).code is Code.MEMBER_UNKNOWN


def test_programmes_do_not_see_each_other_s_members() -> None:
    """The same phone in two programmes is two members."""
    shop = Shop()
    shop.enrol(PHONE)
    shop.tenant = 7
    assert expect(shop.run(cmd.Enrol(PHONE, (), 0)), Rejected).code is Code.PROGRAMME_UNKNOWN
    shop.define(welcome_points=0)
    member = shop.enrol(PHONE)
    assert shop.balance(member) == Balance(0, 0, 0, 0)


WELCOME = [  # points, days, balance, end
    (500, 90, Balance(500, 500, 0, 0), NOON + 90 * DAY_MS - DAY_MS // 2),  # the 90th midnight
    (500, 1, Balance(500, 500, 0, 0), NOON + DAY_MS // 2),  # tonight
    (500, 0, Balance(500, 500, 0, 0), NEVER_MS),
]


@pytest.mark.parametrize(("points", "days", "balance", "until_ms"), WELCOME)
def test_welcome_points_are_active_at_once(points: int, days: int, balance: Balance, until_ms: int) -> None:
    """One lot, ending at midnight."""
    shop = Shop()
    shop.define(welcome_points=points, welcome_window_days=days)
    member = shop.enrol()
    assert shop.balance(member) == balance
    ((lot, _),) = lots_of(shop.state, member)
    assert (lot.active_from_ms, lot.active_until_ms, lot.points) == (NOON, until_ms, points)


def test_enrolling_in_a_store_that_the_programme_does_not_know() -> None:
    """With UNKNOWN_STORE_REJECT the store must be registered; 0 is no store and is fine."""
    shop = Shop()
    shop.define(unknown_store=cmd.UnknownStore.REJECT)
    assert expect(shop.run(cmd.Enrol(PHONE, (), 17)), Rejected).code is Code.STORE_UNKNOWN
    shop.run(cmd.DefineStore(17, "Main street", ((0, 0),)))
    shop.enrol(PHONE, store=17)
    shop.enrol(OTHER)
