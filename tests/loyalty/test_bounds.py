"""Work is bounded by counts: many lots, long absences and odd commands cost what they must and no more."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from ftnode.store.state import KEY_MAX_BYTES, VALUE_MAX_BYTES
from loyalty import commands as cmd
from loyalty.commands import Kind
from loyalty.commands.conditions import OneOf
from loyalty.commands.limits import (
    ACCOUNT_MAX_POINTS,
    AMOUNT_MAX_MINOR,
    MEMBER_MAX_FUTURE_STARTS,
    MEMBER_MAX_OPEN_LOTS,
    MEMBER_MAX_PURPOSE_LOTS,
    POINTS_MAX,
)
from loyalty.commands.promotions import GiveLot
from loyalty.engine import records
from loyalty.outcomes import (
    AnyOutcome,
    Balance,
    Code,
    ConfirmDone,
    QuoteDone,
    Reason,
    Rejected,
    ReturnLinesDone,
)
from tests.loyalty.desk import publish
from tests.loyalty.history import opened, random_steps
from tests.loyalty.kit import (
    DAY_MS,
    ENGINE,
    KINDS,
    NOON,
    PHONE,
    DictState,
    Entry,
    Shop,
    expect,
    giving_back,
    goods,
    purchase,
    recount,
)
from tests.loyalty.ledger import check
from tests.profile import examples

ANN = "p" + PHONE


def with_lots(count: int) -> Shop:
    shop = Shop()
    shop.define(welcome_points=0, earn_delay_days=0)
    shop.enrol()
    for number in range(count):
        shop.buy(ANN, goods(10_000), number=1000 + number)
    return shop


def cost_of(shop: Shop, command: cmd.Confirm) -> tuple[int, int]:
    """Reads and scanned pairs of one purchase."""
    before = shop.state.reads, shop.state.scanned
    expect(shop.run(command), ConfirmDone)
    return shop.state.reads - before[0], shop.state.scanned - before[1]


def test_a_member_with_a_thousand_lots_costs_what_one_with_ten_costs() -> None:
    """A spending reads the lots that it needs and a few more, whatever lies behind them."""
    command = purchase(ANN, goods(10_000), number=9, spend=700)
    many, few = cost_of(with_lots(1000), command), cost_of(with_lots(10), command)
    assert many == few <= (7, 2)


def test_spent_and_ended_lots_are_never_read_again() -> None:
    """Empty ones lie elsewhere; what has ended lies before the first that is read."""
    shop = with_lots(500)
    for number in range(10, 15):
        shop.buy(ANN, goods(100_000), number=number, spend=25_000, mode=cmd.SpendMode.UP_TO)
    shop.pass_days(366)
    shop.run(purchase(ANN, goods(10_000), number=2, day=20271123))  # counts out all that ended
    assert cost_of(shop, purchase(ANN, goods(10_000), number=3, day=20271123, spend=10)) <= (7, 2)


def change_member(shop: Shop, **changes: Any) -> None:
    """As if he had lived through more than a test can play."""
    (key,) = [key for key in shop.state.pairs if key[4:5] + key[13:] == b"MM"]
    member = records.member(shop.state.pairs[key])
    for name, value in changes.items():
        setattr(member.purses[0], name, value)
    shop.state.put(key, records.encode(member))


def test_a_member_may_hold_only_so_many_open_lots() -> None:
    """The last one fits, one more is a rejection."""
    shop = Shop()
    shop.enrol()
    change_member(shop, open_lots=MEMBER_MAX_OPEN_LOTS - 1)
    shop.buy(ANN, number=1)
    assert expect(shop.run(purchase(ANN, number=2)), Rejected).code is Code.TOO_MANY_LOTS
    shop.buy(ANN, goods(19), number=3)  # earns nothing: needs no lot


def test_points_of_one_member_begin_on_only_so_many_days() -> None:
    """So that his record stays small."""
    shop = Shop()
    shop.enrol()
    starts = tuple((NOON + at * DAY_MS, 1) for at in range(1, MEMBER_MAX_FUTURE_STARTS))
    change_member(shop, future=starts)
    shop.buy(ANN, number=1)
    assert expect(shop.run(purchase(ANN, number=2)), Rejected).code is Code.TOO_MANY_LOTS


def test_points_have_a_ceiling() -> None:
    """A rate and an amount at their limits would earn more than an account can hold."""
    shop = Shop()
    shop.define(earn_points=1_000_000, earn_per_minor=1)
    shop.enrol()
    exactly = goods(POINTS_MAX // 1_000_000)
    expect(shop.run(purchase(ANN, exactly, number=1)), ConfirmDone)
    above = goods(POINTS_MAX // 1_000_000 + 1)
    assert expect(shop.run(purchase(ANN, above, number=2)), Rejected).code is Code.POINTS_TOO_LARGE
    most = goods(AMOUNT_MAX_MINOR)
    assert expect(shop.run(purchase(ANN, most, number=3)), Rejected).code is Code.POINTS_TOO_LARGE


ROOM = [  # points for each 50 minor units, what the member has, the line's amount, what is said
    (1_000_000, {}, AMOUNT_MAX_MINOR, Code.POINTS_TOO_LARGE),  # 2 * 10^19 points: no uint64 holds them
    (500_000, {}, AMOUNT_MAX_MINOR, Code.POINTS_TOO_LARGE),  # 10^19: a uint64 does, the wire does not
    (50, {}, POINTS_MAX, None),
    (51, {}, POINTS_MAX, Code.POINTS_TOO_LARGE),
    (50, {"active_points": ACCOUNT_MAX_POINTS}, 1, Code.POINTS_TOO_LARGE),
    (50, {"open_lots": MEMBER_MAX_OPEN_LOTS}, 1, Code.TOO_MANY_LOTS),
]


@pytest.mark.parametrize(("rate", "member", "amount_minor", "code"), ROOM)
def test_a_quote_says_what_the_confirm_would_say(
    rate: int, member: dict[str, Any], amount_minor: int, code: Code | None
) -> None:
    """No number leaves in a quote that no confirm would book; above 2^64 one once ended the unit."""
    shop = Shop()
    shop.define(earn_points=rate, earn_per_minor=50)
    shop.enrol()
    change_member(shop, **member)
    basket = (goods(amount_minor),)
    quoted = shop.ask(cmd.Quote(1, ANN, 17, 0, basket, 0, cmd.SpendMode.NONE))
    confirmed = shop.run(purchase(ANN, *basket))
    if code is None:
        assert expect(quoted, QuoteDone).bill == expect(confirmed, ConfirmDone).bill
    else:
        assert quoted == confirmed
        assert expect(quoted, Rejected).code is code


def test_returns_keep_the_ceiling_of_an_account() -> None:
    """Points given back fit under it or the return is rejected: no balance leaves what the wire can carry."""
    shop = Shop()
    shop.enrol()
    shop.buy(ANN, goods(1000), number=1, spend=100)
    starts = ((NOON + DAY_MS, 1000),)
    change_member(shop, active_points=ACCOUNT_MAX_POINTS - 1000 - 99, future=starts)
    before = dict(shop.state.pairs)
    refused = expect(shop.run(giving_back(1, (1, 1000))), Rejected)
    assert (refused.code, refused.field) == (Code.POINTS_TOO_LARGE, "lines")
    assert dict(shop.state.pairs) == before
    change_member(shop, active_points=ACCOUNT_MAX_POINTS - 1000 - 100)
    expect(shop.run(giving_back(1, (1, 1000))), ReturnLinesDone)


def test_a_long_absence_is_caught_up_exactly() -> None:
    """Hundreds of windows begin and end while nobody looks."""
    shop = Shop()
    shop.define(welcome_points=0, earn_delay_days=2, lot_window_days=30, late_receipt_max_days=400)
    member = shop.enrol()
    for number in range(300):
        shop.define(
            welcome_points=0,
            earn_delay_days=number % 40,
            lot_window_days=1 + number % 50,
            late_receipt_max_days=400,
        )
        shop.buy(ANN, goods(100 + number), number=1000 + number)
    for days in (1, 1, 20, 3, 17, 100):
        shop.pass_days(days)
        assert shop.balance(member) == recount(shop.state, member, shop.now_ms)
    assert shop.balance(member) == Balance(0, 0, 0, 0)


SMALL = st.integers(-2, 5)
NUMBERS = SMALL | st.integers(-(2**63), 2**64 - 1) | st.sampled_from([NOON, 20261122, 10**15, 2**32])
WHO = NUMBERS | st.text(max_size=70) | st.just(ANN) | st.just("c2000-1")
RECEIPTS = st.just(cmd.ReceiptId(17, 3, 1, 20261122)) | st.builds(
    cmd.ReceiptId, NUMBERS, NUMBERS, NUMBERS, NUMBERS
)
LINES = st.builds(cmd.Line, st.text(max_size=64), NUMBERS, NUMBERS, st.sampled_from(cmd.LineKind))
COMMANDS = st.one_of(
    st.builds(
        cmd.Enrol,
        st.text(max_size=70) | st.just(PHONE),
        st.lists(st.text(max_size=40), max_size=12).map(tuple),
        NUMBERS,
    ),
    st.builds(
        cmd.Confirm,
        RECEIPTS,
        WHO,
        NUMBERS,
        st.lists(LINES, max_size=4).map(tuple) | st.just((goods(1000),)),
        NUMBERS,
        st.sampled_from(cmd.SpendMode),
        st.binary(max_size=20),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(
        cmd.ReturnLines,
        RECEIPTS,
        RECEIPTS,
        st.lists(st.builds(cmd.ReturnLine, NUMBERS, NUMBERS), max_size=4).map(tuple),
    ),
    st.builds(
        cmd.DefineStore,
        NUMBERS,
        st.text(max_size=64),
        st.lists(st.tuples(NUMBERS, NUMBERS), max_size=4).map(tuple),
    ),
    st.builds(
        cmd.DefineProgramme,
        st.builds(
            cmd.Rules,
            st.text(max_size=64),
            st.text(max_size=4),
            *[NUMBERS] * 13,
            st.sampled_from(cmd.Shortfall),
            st.sampled_from(cmd.UnknownStore),
        ),
    ),
)
QUERIES = st.one_of(
    st.builds(cmd.FindMember, st.sampled_from([0, 1, 2, 65534]), WHO),
    st.builds(
        cmd.Quote,
        st.just(1),
        WHO,
        NUMBERS,
        NUMBERS,
        st.lists(LINES, max_size=4).map(tuple) | st.just((goods(1000),)),
        NUMBERS,
        st.sampled_from(cmd.SpendMode),
    ),
    st.builds(cmd.GetBalance, st.just(1), WHO),
    st.builds(cmd.GetStatement, st.just(1), WHO, NUMBERS, NUMBERS, NUMBERS),
    st.builds(cmd.GetStore, st.just(1), NUMBERS),
)
DECODE: Any = msgpack.Decoder(AnyOutcome).decode


def seasoned() -> Shop:
    """A shop in which something has happened."""
    played, _ = opened()
    for step in random_steps(11, 40):
        played.play(step)
    return played.shop


SEASONED = seasoned()


class StrictState(DictState):
    """Refuses what the runtime's state would refuse."""

    def put(self, key: bytes, value: bytes) -> None:
        assert 4 <= len(key) <= KEY_MAX_BYTES
        assert int.from_bytes(key[:2]) < 4096
        assert key[2:4] != b"\xff\xff"
        assert len(value) <= VALUE_MAX_BYTES
        super().put(key, value)

    def get(self, key: bytes) -> bytes | None:
        assert len(key) <= KEY_MAX_BYTES
        return super().get(key)


@examples(150)
@given(st.lists(st.tuples(COMMANDS, NUMBERS), min_size=1, max_size=4), st.lists(QUERIES, max_size=2))
def test_whatever_parses_gets_an_outcome(
    commands: list[tuple[cmd.Command, int]], queries: list[cmd.AnyQuery]
) -> None:
    """Absurd numbers and texts end in an outcome that decodes, and keys and values that a store takes."""
    state = StrictState()
    state.pairs = SEASONED.state.pairs.copy()
    now_ms = SEASONED.now_ms
    for seq, (command, later_ms) in enumerate(commands, SEASONED.seq + 1):
        now_ms += max(0, min(later_ms, DAY_MS))
        entry = Entry(seq, now_ms, KINDS[type(command)], 1, msgpack.encode(command))
        DECODE(ENGINE.execute(state, entry))
    for query in queries:
        DECODE(ENGINE.query(state, now_ms, msgpack.encode(query)))


@examples(300)
@given(st.sampled_from([*Kind, 15, 19, 99]), st.binary(max_size=60) | COMMANDS.map(msgpack.encode))
def test_what_is_no_command_is_malformed(kind: int, body: bytes) -> None:
    """Garbage, another kind's body, a body cut short: an outcome as well."""
    for part in (body, body[:-1], body + b"\x00"):
        outcome = DECODE(ENGINE.execute(DictState(), Entry(1, NOON, kind, 1, part)))
        assert isinstance(outcome, Rejected) or kind in list(Kind)
        assert isinstance(DECODE(ENGINE.query(DictState(), NOON, part)), AnyOutcome)


@examples(200)
@given(COMMANDS)
def test_canonical_bytes_are_canonical(command: cmd.Command) -> None:
    """Decoded and encoded again they are the same bytes: the log may be read and written anew."""
    body = msgpack.encode(command)
    try:
        again = msgpack.decode(body, type=type(command))
    except msgspec.ValidationError:
        return  # a text too long: no command
    assert again == command
    assert msgpack.encode(again) == body


def test_outcomes_are_canonical_too() -> None:
    """Every kind that a long history gives."""
    bodies = SEASONED.outcomes
    assert [msgpack.encode(DECODE(body)) for body in bodies] == bodies


def test_long_texts_are_no_commands() -> None:
    """What the state keeps stays small, whoever made the body."""
    body = msgpack.encode(purchase(ANN, goods(1, sku="x" * 65)))
    outcome = DECODE(ENGINE.execute(DictState(), Entry(1, NOON, Kind.CONFIRM, 1, body)))
    assert outcome.code is Code.MALFORMED


def test_the_widest_receipt_fits_the_store() -> None:
    """200 lines paid from 256 lots, returned at once: every value below the store's limit."""
    shop = Shop(StrictState())
    shop.define(welcome_points=0, earn_delay_days=0)
    shop.enrol()
    for number in range(256):
        shop.buy(ANN, goods(10_000), number=1000 + number)
    lines = [goods(10**9 + at, 10**9, "\U0001f45f" * 64) for at in range(200)]
    bill = shop.buy(ANN, *lines, number=1, spend=256 * 500).bill
    assert len(bill.draws) == 256
    shop.give_back(1, *[(at, 10**9) for at in range(1, 201)])


def test_a_member_has_so_many_lots_with_a_purpose_and_buys_on() -> None:
    """A promotion that would give one more does not apply, and says why; the purchase is not refused."""
    shop = Shop()
    shop.define(welcome_points=0)
    shop.enrol()
    publish(shop, 1, GiveLot(0, 10, OneOf("sku", ("wax",)), 0, 365))
    for number in range(1, MEMBER_MAX_PURPOSE_LOTS + 1):
        assert len(shop.buy(ANN, number=number).bill.applied) == 1
    assert shop.buy(ANN, number=100).bill.applied == ()
    quoted = expect(shop.ask(cmd.Quote(1, ANN, 17, 0, (goods(1),), 0, cmd.SpendMode.NONE)), QuoteDone)
    (passed,) = quoted.passed_over
    assert (passed.reason, passed.wanted) == (Reason.LIMIT, "fewer than 64 lots with a purpose")
    shop.pass_days(366)
    assert len(shop.buy(ANN, number=101, day=20271123).bill.applied) == 1
    check(shop)
