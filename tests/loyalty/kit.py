"""What the tests of the engine share: a state, a shop, and ways to ask."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import pytest
from msgspec import msgpack
from sortedcontainers import SortedDict

from loyalty import commands as cmd
from loyalty.commands import Kind, Line, LineKind, ReceiptId, SpendMode
from loyalty.engine import Engine, book, keys, records
from loyalty.engine.programmes import BUILT_IN
from loyalty.engine.records import HeldLot
from loyalty.outcomes import AnyOutcome, Balance, ConfirmDone, EnrolDone, Lot, ReturnLinesDone

DAY_MS: Final = 86_400_000
NOON: Final = 1_795_348_800_000  # 2026-11-22 12:00 UTC
TODAY: Final = 20261122
PHONE: Final = "+886912345678"
ENGINE: Final = Engine()
T = TypeVar("T")

_encode = msgpack.Encoder().encode
_outcome = msgpack.Decoder(AnyOutcome).decode
KINDS: Final = {
    cmd.Enrol: Kind.ENROL,
    cmd.Confirm: Kind.CONFIRM,
    cmd.ReturnLines: Kind.RETURN_LINES,
    cmd.VoidReceipt: Kind.VOID_RECEIPT,
    cmd.CorrectReceipt: Kind.CORRECT_RECEIPT,
    cmd.Hold: Kind.HOLD,
    cmd.Capture: Kind.CAPTURE,
    cmd.CancelHold: Kind.CANCEL_HOLD,
    cmd.UseService: Kind.USE_SERVICE,
    cmd.DefineProgramme: Kind.DEFINE_PROGRAMME,
    cmd.DefineStore: Kind.DEFINE_STORE,
    cmd.DefinePartner: Kind.DEFINE_PARTNER,
    cmd.PublishPromotion: Kind.PUBLISH_PROMOTION,
    cmd.PausePromotion: Kind.PAUSE_PROMOTION,
    cmd.IssueCoupon: Kind.ISSUE_COUPON,
    cmd.Adjust: Kind.ADJUST,
    cmd.ChangeMember: Kind.CHANGE_MEMBER,
    cmd.MergeMembers: Kind.MERGE_MEMBERS,
}

SOURCES_ONLY: Final = pytest.mark.skipif(
    not str(book.__file__).endswith(".py"), reason="what is compiled cannot be changed from outside"
)


class DictState:
    """Ordered state in memory; counts what is asked of it."""

    def __init__(self) -> None:
        self.pairs: Any = SortedDict()
        self.reads = 0
        self.scanned = 0

    def get(self, key: bytes) -> bytes | None:
        self.reads += 1
        found: bytes | None = self.pairs.get(key)
        return found

    def put(self, key: bytes, value: bytes) -> None:
        self.pairs[key] = value

    def delete(self, key: bytes) -> None:
        self.pairs.pop(key, None)

    def wrote(self, key: bytes) -> bool:
        """For rules that are called without an entry's own changes."""
        return key in self.pairs

    def scan(self, start: bytes, stop: bytes, limit: int) -> Sequence[tuple[bytes, bytes]]:
        found: list[tuple[bytes, bytes]] = []
        for key in self.pairs.irange(start, stop, inclusive=(True, False)):
            if len(found) == limit:
                break
            found.append((key, self.pairs[key]))
        self.scanned += len(found)
        return found

    def copy(self) -> "DictState":
        other = DictState()
        other.pairs = self.pairs.copy()
        return other


@dataclass(frozen=True)
class Entry:
    """A log entry as the engine sees it."""

    seq: int
    time_ms: int
    kind: int
    tenant: int
    body: bytes
    actor: bytes = b"till-3"


@dataclass(frozen=True)
class Answer:
    """An answer as the runtime gives it."""

    seq: int
    epoch: int
    time_ms: int
    verdict: int
    outcome: bytes


@dataclass
class Shop:
    """An engine with a state and a log, asked like a till asks."""

    state: DictState = field(default_factory=DictState)
    now_ms: int = NOON
    seq: int = 0
    tenant: int = 1
    entries: list[Entry] = field(default_factory=list)
    outcomes: list[bytes] = field(default_factory=list)  # of the entries
    enrol_id: int = 0  # whom `enrol` enrolled last

    def run(self, command: cmd.Command) -> AnyOutcome:
        self.seq += 1
        entry = Entry(self.seq, self.now_ms, KINDS[type(command)], self.tenant, _encode(command))
        self.entries.append(entry)
        self.outcomes.append(ENGINE.execute(self.state, entry))
        found: AnyOutcome = _outcome(self.outcomes[-1])
        return found

    def ask(self, query: cmd.AnyQuery) -> AnyOutcome:
        found: AnyOutcome = _outcome(ENGINE.query(self.state, self.now_ms, _encode(query)))
        return found

    def enrol(self, phone: str = PHONE, *cards: str, store: int = 0) -> int:
        self.enrol_id = expect(self.run(cmd.Enrol(phone, cards, store)), EnrolDone).member_id
        return self.enrol_id

    def define(self, **changes: Any) -> AnyOutcome:
        """Publish the built-in rules with some values changed."""
        values = {name: getattr(BUILT_IN.rules, name) for name in cmd.Rules.__struct_fields__}
        return self.run(cmd.DefineProgramme(cmd.Rules(**(values | changes))))

    def buy(self, member: cmd.Who, *lines: Line, number: int = 0, spend: int = 0, **rest: Any) -> ConfirmDone:
        """Confirm with defaults; `spend` above 0 is exact."""
        return expect(
            self.run(purchase(member, *lines, number=number or self.seq + 1, spend=spend, **rest)),
            ConfirmDone,
        )

    def give_back(self, sold: int, *lines: tuple[int, int], number: int = 0) -> ReturnLinesDone:
        return expect(self.run(giving_back(sold, *lines, number=number or self.seq + 1)), ReturnLinesDone)

    def balance(self, member: cmd.Who) -> Any:
        answer: Any = self.ask(cmd.GetBalance(self.tenant, member))
        return answer.balance

    def pass_days(self, days: int) -> "Shop":
        self.now_ms += days * DAY_MS
        return self


def goods(amount_minor: int, quantity_milli: int = 1000, sku: str = "shoes") -> Line:
    return Line(sku, quantity_milli, amount_minor, LineKind.GOODS)


def receipt(number: int = 1, store: int = 17, terminal: int = 3, day: int = TODAY) -> ReceiptId:
    return ReceiptId(store, terminal, number, day)


def purchase(
    member: cmd.Who,
    *lines: Line,
    number: int = 1,
    spend: int = 0,
    mode: SpendMode = SpendMode.EXACTLY,
    day: int = TODAY,
    store: int = 17,
    sold_ms: int = 0,
    digest: bytes = b"",
    accept: bool = False,
    offline: bool = False,
    **rest: Any,
) -> cmd.Confirm:
    """`rest`: wallet, coupons, tenders."""
    wish = mode if spend else SpendMode.NONE
    identity = receipt(number, store=store, day=day)
    return cmd.Confirm(
        identity, member, sold_ms, lines or (goods(10_000),), spend, wish, digest, accept, offline, **rest
    )


def giving_back(sold: int, *lines: tuple[int, int], number: int = 900) -> cmd.ReturnLines:
    """Return (line, quantity_milli) pairs of receipt `sold`, at another store."""
    return cmd.ReturnLines(
        receipt(number, store=18), receipt(sold), tuple(cmd.ReturnLine(line, milli) for line, milli in lines)
    )


def expect(outcome: object, kind: type[T]) -> T:
    assert isinstance(outcome, kind), outcome
    return outcome


def lots_of(state: DictState, member_id: int, tenant: int = 1) -> list[tuple[Lot, HeldLot]]:
    """All lots of a member by number, straight from the keys: windows, and what they hold."""
    found = []
    for type_ in (b"L", b"Q", b"E"):
        prefix = keys.of_member(tenant, member_id, type_)
        for key, value in state.scan(prefix, prefix + b"\xff" * 27, 10**6):
            held = records.held_lot(value)
            assert (held.points > 0) == (type_ != b"E")  # no lot below zero, empty ones out of the way
            found.append((keys.read_lot(key, held.points), held))
    return sorted(found, key=lambda pair: pair[0].lot)


def recount(
    state: DictState, member_id: int, now_ms: int, debt_points: int = 0, tenant: int = 1, wallet: int = 0
) -> Balance:
    """The balance by looking at every lot without a purpose: written apart from the engine's sums."""
    found = [lot for lot, held in lots_of(state, member_id, tenant) if held.purpose is None]
    lots = [lot for lot in found if lot.wallet == wallet]
    active = sum(lot.points for lot in lots if lot.active_from_ms <= now_ms < lot.active_until_ms)
    future = sum(lot.points for lot in lots if now_ms < lot.active_from_ms and now_ms < lot.active_until_ms)
    return Balance(active, max(0, active - debt_points), future, debt_points)
