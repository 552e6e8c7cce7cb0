"""What is known of a person is changed: phones that move on, cards that are lost, who may still spend."""

from typing import Any

import pytest

from loyalty import commands as cmd
from loyalty.commands import Profile, Status
from loyalty.commands.limits import ENROL_MAX_CARDS, MEMBER_MAX_CARDS, MEMBER_MAX_EXTERNALS
from loyalty.engine import keys
from loyalty.outcomes import ChangeMemberDone, Code, FindMemberDone, GetStatementDone, Movement, Rejected
from tests.loyalty.desk import WHY, change, person
from tests.loyalty.kit import PHONE, Shop, expect

ANN, BOB = "p" + PHONE, "p+886987654321"
OTHER_PHONE = "+886987654321"


def opened() -> tuple[Shop, int, int]:
    """Ann with a phone, two cards and two ids; Bob with the other phone and a card."""
    shop = Shop()
    ann = person(shop, PHONE, "A-01", "A-02", externals=("crm:1", "crm:2"))
    bob = person(shop, OTHER_PHONE, "B-01", externals=("crm:3",))
    return shop, ann, bob


def found(shop: Shop, who: cmd.Who) -> FindMemberDone:
    return expect(shop.ask(cmd.FindMember(1, who)), FindMemberDone)


def who_is(shop: Shop, who: cmd.Who) -> int:
    """0: nobody."""
    answer: Any = shop.ask(cmd.FindMember(1, who))
    return 0 if isinstance(answer, Rejected) else answer.member_id


def run(shop: Shop, who: cmd.Who, **rest: Any) -> ChangeMemberDone:
    return expect(shop.run(change(who, **rest)), ChangeMemberDone)


def test_a_new_phone() -> None:
    """It leads to him; the old one to nobody."""
    shop, ann, _ = opened()
    assert run(shop, ANN, phone="+4312345678") == ChangeMemberDone(ann, 0)
    assert (who_is(shop, "p+4312345678"), who_is(shop, ANN)) == (ann, 0)
    assert found(shop, ann).phone == "+4312345678"


def test_no_phone_any_more() -> None:
    """He is found by his cards; without those, by his id alone."""
    shop, ann, _ = opened()
    run(shop, ann, phone="", remove_cards=("A-01", "A-02"), remove_externals=("crm:1", "crm:2"))
    assert [who_is(shop, who) for who in (ANN, "cA-01", "cA-02", "xcrm:1", ann)] == [0, 0, 0, 0, ann]


def test_a_number_passed_on() -> None:
    """The old link ends; the points stay with the one who had it, and both statements tell why."""
    shop, ann, bob = opened()
    points = shop.balance(bob).active_points
    assert run(shop, ann, phone=OTHER_PHONE, phone_passed_on=True) == ChangeMemberDone(ann, bob)
    assert (who_is(shop, BOB), found(shop, bob).phone) == (ann, "")
    assert shop.balance(bob).active_points == points
    for who in (ann, bob):
        item = expect(shop.ask(cmd.GetStatement(1, who, 1, 0, 0)), GetStatementDone).items[0]
        assert (item.movement, item.reason, item.actor) == (Movement.CHANGE, WHY, b"till-3")


def test_passing_on_a_number_that_is_nobodys_or_his_own_is_no_fault() -> None:
    """It is taken from nobody."""
    shop, ann, _ = opened()
    assert run(shop, ann, phone="+4312345678", phone_passed_on=True).phone_taken_from == 0
    assert run(shop, ann, phone="+4312345678", phone_passed_on=True).phone_taken_from == 0
    assert who_is(shop, "p+4312345678") == ann


def test_a_card_lost_and_a_new_one() -> None:
    """The points are his as before; the lost card can be anybody's."""
    shop, ann, bob = opened()
    run(shop, "cA-01", remove_cards=("A-01",), add_cards=("A-03",), add_externals=("crm:9",))
    assert found(shop, ann).cards == ("A-02", "A-03")
    assert found(shop, ann).externals == ("crm:1", "crm:2", "crm:9")
    assert [who_is(shop, who) for who in ("cA-01", "cA-03", "xcrm:9")] == [0, ann, ann]
    run(shop, bob, add_cards=("A-01",))
    assert who_is(shop, "cA-01") == bob


def test_what_he_has_already_is_no_fault_to_add() -> None:
    """Also in the same breath in which it is removed."""
    shop, ann, _ = opened()
    run(shop, ann, phone=PHONE, add_cards=("A-02",), remove_cards=("A-02",), add_externals=("crm:1",))
    assert (found(shop, ann).cards, found(shop, ann).externals) == (("A-01", "A-02"), ("crm:1", "crm:2"))
    assert [who_is(shop, who) for who in (ANN, "cA-02", "xcrm:1")] == [ann] * 3


def test_birthdays_are_listed_under_their_day() -> None:
    """The index follows the profile."""
    shop, ann, _ = opened()
    for birthday, listed in ((19900314, [314]), (229, [229]), (0, [])):
        profile = Profile(birthday, "de", "Wien", ("sms",), ("skiers",))
        run(shop, ann, profile=profile)
        assert found(shop, ann).profile == profile
        days = [keys.read_birthday(key) for key in shop.state.pairs if key[4:5] == b"Y"]
        assert days == [(day, ann) for day in listed]


def test_what_is_not_named_stays() -> None:
    """Profile, phone, cards and status."""
    shop, ann, _ = opened()
    run(shop, ann, profile=Profile(314), status=Status.BLOCKED)
    before = found(shop, ann)
    run(shop, ann)
    assert found(shop, ann) == before
    assert before.status is Status.BLOCKED
    run(shop, ann, status=Status.ACTIVE)
    assert found(shop, ann).status is Status.ACTIVE


REFUSED: list[tuple[dict[str, Any], Code, str]] = [  # what is wrong, code, field; in their order
    ({"reason": "", "phone": "1"}, Code.REASON_MISSING, "reason"),
    ({"phone": "12", "add_cards": ("A",)}, Code.PHONE_MALFORMED, "phone"),
    ({"add_cards": ("A",), "profile": Profile(1)}, Code.CARD_MALFORMED, "add_cards[1]"),
    ({"add_cards": tuple(f"N-{n:02}" for n in range(10))}, Code.TOO_MANY_CARDS, "add_cards"),
    ({"add_cards": ("N-01", "N-01"), "add_externals": ("",)}, Code.CARD_REPEATED, "add_cards[2]"),
    ({"add_externals": ("",), "profile": Profile(1)}, Code.EXTERNAL_MALFORMED, "add_externals[1]"),
    ({"add_externals": ("é",)}, Code.EXTERNAL_MALFORMED, "add_externals[1]"),
    ({"add_externals": ("n", "n")}, Code.EXTERNAL_MALFORMED, "add_externals[2]"),
    ({"add_externals": tuple(f"n{n}" for n in range(9))}, Code.EXTERNAL_MALFORMED, "add_externals"),
    ({"profile": Profile(230), "phone": OTHER_PHONE}, Code.PROFILE_INVALID, "profile.birthday"),
    ({"profile": Profile(19900229)}, Code.PROFILE_INVALID, "profile.birthday"),
    ({"profile": Profile(-1)}, Code.PROFILE_INVALID, "profile.birthday"),
    ({"profile": Profile(0, "deu")}, Code.PROFILE_INVALID, "profile.language"),
    ({"profile": Profile(consents=("sms", "sms"))}, Code.PROFILE_INVALID, "profile.consents[2]"),
    ({"profile": Profile(segments=("",))}, Code.PROFILE_INVALID, "profile.segments[1]"),
    ({"status": Status.MERGED, "phone": OTHER_PHONE}, Code.PROFILE_INVALID, "status"),
    ({"phone": OTHER_PHONE, "add_cards": ("B-01",)}, Code.PHONE_TAKEN, "phone"),
    ({"add_cards": ("N-01", "B-01"), "add_externals": ("crm:3",)}, Code.CARD_TAKEN, "add_cards[2]"),
    ({"add_externals": ("crm:3",), "member": "cnobody"}, Code.EXTERNAL_TAKEN, "add_externals[1]"),
    ({"member": "cnobody", "remove_cards": ("B-01",)}, Code.MEMBER_UNKNOWN, "member"),
    ({"remove_cards": ("A-01", "B-01")}, Code.NOT_HIS_CARD, "remove_cards[2]"),
    ({"remove_externals": ("crm:3",)}, Code.NOT_HIS_CARD, "remove_externals[1]"),
]


@pytest.mark.parametrize(("changes", "code", "field"), REFUSED)
def test_what_is_refused(changes: dict[str, Any], code: Code, field: str) -> None:
    """In the order of the codes, with the field, and nothing is changed."""
    shop, ann, _ = opened()
    run(shop, ann, add_cards=tuple(f"M-{n:02}" for n in range(9)))  # with these 11
    before = dict(shop.state.pairs)
    refused = expect(shop.run(change(**({"member": ann} | changes))), Rejected)
    assert (refused.code, refused.field) == (code, field)
    assert refused.acceptable
    assert dict(shop.state.pairs) == before


def test_as_many_cards_and_ids_as_one_may_have() -> None:
    """Those that are removed at the same time make room."""
    shop, ann, _ = opened()
    run(shop, ann, add_cards=tuple(f"M-{n:02}" for n in range(ENROL_MAX_CARDS)))
    run(shop, ann, add_cards=tuple(f"N-{n:02}" for n in range(MEMBER_MAX_CARDS - ENROL_MAX_CARDS - 2)))
    run(shop, ann, add_externals=tuple(f"n{n}" for n in range(MEMBER_MAX_EXTERNALS - 2)))
    assert (len(found(shop, ann).cards), len(found(shop, ann).externals)) == (20, 10)
    refused = expect(shop.run(change(ann, add_cards=("Z-01",))), Rejected)
    assert (refused.code, refused.acceptable) == (Code.TOO_MANY_CARDS, "at most 0")
    run(
        shop, ann, add_cards=("Z-01",), remove_cards=("M-00",), add_externals=("z",), remove_externals=("n0",)
    )
