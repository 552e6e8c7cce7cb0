"""A little loyalty book for tests of tills: its sums are easy to follow, its promises are the pair's.

Exactly once by request id, and receipts by their identity for ever. One point for each whole euro paid,
spendable at once by the next receipt, each worth a cent; at most 30 % of a receipt may be paid with points.
Nordkap's things are 10 % off, a bike comes with two tune-ups, and three for two is not applied to fewer.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till

WELCOME_POINTS = 500
MIDNIGHT_MS = 1_795_392_000_000  # 23 November 2026, 00:00 UTC
YEAR_ON_MS = MIDNIGHT_MS + 365 * 24 * 3600 * 1000
LATE_MAX_MS = 30 * 24 * 3600 * 1000


@dataclass
class Sale:
    """A receipt in the book."""

    request: till.ConfirmRequest
    bill: common.Bill
    sold_ms: int
    left_milli: list[int]


@dataclass
class Shop:
    """What both units know."""

    now_ms: int = 1_000_000
    outcomes: dict[bytes, till.Answer] = field(default_factory=dict)
    executed: list[bytes] = field(default_factory=list)  # request ids, one for each execution
    members: dict[str, int] = field(default_factory=dict)  # phone or card, id
    points: dict[int, int] = field(default_factory=dict)
    sales: dict[tuple[int, int, int, int], Sale] = field(default_factory=dict)
    returns: dict[tuple[int, int, int, int], bytes] = field(default_factory=dict)
    bonus_percent: int = 0  # more points by so much: a test changes it behind the till's back

    def execute(self, command: Any) -> till.Answer:
        """Once for each request id."""
        if command.request_id not in self.outcomes:
            self.executed.append(command.request_id)
            answer = till.Answer(log_time_ms=self.now_ms, seq=len(self.executed), epoch=7)
            match command:
                case till.EnrolRequest():
                    self._enrol(command, answer)
                case till.ConfirmRequest():
                    self._confirm(command, answer)
                case till.ReturnLinesRequest():
                    self._return(command, answer)
            self.outcomes[command.request_id] = answer
        return self.outcomes[command.request_id]

    def tell(self, name: str, request: Any) -> Any:
        """Answer a question."""
        member_id = self.who(request.member)
        head: Any = {"log_time_ms": self.now_ms, "seq": len(self.executed), "epoch": 7}
        response: Any = {
            "FindMember": till.FindMemberResponse,
            "GetBalance": till.GetBalanceResponse,
            "Quote": till.QuoteResponse,
        }[name](**head)
        if not member_id:
            reject(response, common.REJECTION_CODE_MEMBER_UNKNOWN, "member")
        elif name == "Quote":
            response.done.CopyFrom(self.quote(member_id, request))
        else:
            response.done.member_id = member_id
            response.done.balance.CopyFrom(self.balance(member_id))
        return response

    def who(self, ref: common.MemberRef) -> int:
        if ref.WhichOneof("who") == "member_id":
            return ref.member_id if ref.member_id in self.points else 0
        return self.members.get(ref.phone or ref.card, 0)

    def balance(self, member_id: int) -> common.Balance:
        points = self.points[member_id]
        return common.Balance(active_points=points, spendable_points=points)

    def quote(self, member_id: int, request: Any) -> till.QuoteDone:
        done = till.QuoteDone(balance=self.balance(member_id))
        amount = sum(line.amount_minor for line in request.lines)
        done.most_points = min(self.points[member_id], amount * 30 // 100)
        spent = min(request.spend.points, done.most_points)
        left = spent
        for line in request.lines:
            discount = line.amount_minor // 10 if is_nordkap(line) else 0
            pays = min(left, line.amount_minor - discount)
            left -= pays
            paid = line.amount_minor - discount - pays
            done.bill.lines.add(
                amount_minor=line.amount_minor,
                spent_points=pays,
                spent_minor=pays,
                paid_minor=paid,
                discount_minor=discount,
                earned_points=paid * (100 + self.bonus_percent) // 10_000,
            )
        done.bill.amount_minor = amount
        done.bill.spent_points = done.bill.spent_minor = spent
        done.bill.discount_minor = sum(line.discount_minor for line in done.bill.lines)
        done.bill.paid_minor = amount - done.bill.discount_minor - spent
        done.bill.earned_points = sum(line.earned_points for line in done.bill.lines)
        done.bill.programme_version = 1 + self.bonus_percent
        self._promote(done, request)
        seen = (done.bill, *request.lines)
        whole = b"".join(message.SerializeToString(deterministic=True) for message in seen)
        done.quote_digest = hashlib.blake2b(whole, digest_size=16).digest()
        return done

    def _promote(self, done: till.QuoteDone, request: Any) -> None:
        """What was applied, to which line, and why the rest was not."""
        discounts = [(n, line.discount_minor) for n, line in enumerate(done.bill.lines, 1)]
        lines = [common.AppliedLine(line=n, minor=minor) for n, minor in discounts if minor]
        minor = done.bill.discount_minor
        if minor:
            done.bill.applied.add(promotion=7, name="Nordkap week", minor=minor, times=1, lines=lines)
        for number, line in enumerate(request.lines, 1):
            if line.sku == "bike":
                done.bill.services.add(
                    promotion=8, line=number, service="tune-up", times=2, active_until_ms=YEAR_ON_MS
                )
        earned = done.bill.earned_points
        if earned:
            lot = common.Lot(lot=9, points=earned, active_from_ms=MIDNIGHT_MS, active_until_ms=YEAR_ON_MS)
            done.bill.earnings.add(points=earned, lot=lot)
        most = max(line.quantity_milli for line in request.lines) // 1000
        if most < 3:
            over, wanted = till.PASSED_OVER_REASON_NO_EFFECT, f"{3 - most} more"
            done.passed_over.add(promotion=9, name="Three for two", reason=over, wanted=wanted)
        if not request.coupons:
            over = till.PASSED_OVER_REASON_NO_COUPON
            done.passed_over.add(promotion=10, name="Come again", reason=over)

    def _enrol(self, command: till.EnrolRequest, answer: till.Answer) -> None:
        names = [name for name in (command.phone, *command.cards) if name]
        if any(name in self.members for name in names):
            return reject(answer, common.REJECTION_CODE_PHONE_TAKEN, "phone")
        member_id = 81 + len(self.points)
        self.points[member_id] = WELCOME_POINTS
        self.members.update(dict.fromkeys(names, member_id))
        answer.enrol.member_id = member_id
        answer.enrol.balance.CopyFrom(self.balance(member_id))

    def _confirm(self, command: till.ConfirmRequest, answer: till.Answer) -> None:
        member_id = self.who(command.member)
        place = place_of(command.receipt)
        sold_ms = command.sold_ms or self.now_ms
        if not member_id:
            return reject(answer, common.REJECTION_CODE_MEMBER_UNKNOWN, "member")
        if place in self.sales:
            return self._confirm_again(self.sales[place], command, answer)
        if self.now_ms - sold_ms > LATE_MAX_MS:
            return reject(answer, common.REJECTION_CODE_SOLD_TOO_LONG_AGO, "sold_ms")
        if command.offline and command.HasField("spend"):
            return reject(answer, common.REJECTION_CODE_SPEND_OFFLINE, "spend")
        quote = self.quote(member_id, command)
        if command.spend.mode == common.SPEND_MODE_EXACTLY and command.spend.points > quote.most_points:
            most = f"at most {quote.most_points}"
            return reject(answer, common.REJECTION_CODE_BALANCE_TOO_LOW, "spend.points", most)
        if command.quote_digest not in (b"", quote.quote_digest) and not command.accept_changed:
            answer.new_quote.CopyFrom(quote)
            return reject(answer, common.REJECTION_CODE_QUOTE_CHANGED, "quote_digest")
        self.points[member_id] += quote.bill.earned_points - quote.bill.spent_points
        milli = [line.quantity_milli for line in command.lines]
        self.sales[place] = Sale(command, quote.bill, sold_ms, milli)
        self._confirmed(self.sales[place], answer, repeated=False)

    def _confirm_again(self, sale: Sale, command: till.ConfirmRequest, answer: till.Answer) -> None:
        same = list(sale.request.lines) == list(command.lines) and sale.request.sold_ms == command.sold_ms
        if not same:
            return reject(answer, common.REJECTION_CODE_RECEIPT_TAKEN, "receipt")
        self._confirmed(sale, answer, repeated=True)

    def _confirmed(self, sale: Sale, answer: till.Answer, repeated: bool) -> None:
        member_id = self.who(sale.request.member)
        answer.confirm.member_id = member_id
        answer.confirm.receipt.CopyFrom(sale.request.receipt)
        answer.confirm.bill.CopyFrom(sale.bill)
        answer.confirm.balance.CopyFrom(self.balance(member_id))
        answer.confirm.repeated = repeated

    def _return(self, command: till.ReturnLinesRequest, answer: till.Answer) -> None:
        sale = self.sales.get(place_of(command.receipt))
        if sale is None:
            return reject(answer, common.REJECTION_CODE_RECEIPT_UNKNOWN, "receipt")
        for line in command.lines:
            if not 1 <= line.line <= len(sale.left_milli):
                return reject(answer, common.REJECTION_CODE_LINE_UNKNOWN, "lines[1].line")
            left = sale.left_milli[line.line - 1]
            if line.quantity_milli > left:
                most = f"at most {left}"
                return reject(
                    answer, common.REJECTION_CODE_RETURN_OVER_BOUGHT, "lines[1].quantity_milli", most
                )
        self._returned(sale, command, answer.return_lines)

    def _returned(self, sale: Sale, command: till.ReturnLinesRequest, done: till.ReturnLinesDone) -> None:
        member_id = self.who(sale.request.member)
        for line in command.lines:
            bought = sale.request.lines[line.line - 1].quantity_milli
            billed = sale.bill.lines[line.line - 1]
            sale.left_milli[line.line - 1] -= line.quantity_milli
            done.lines.add(
                line=line.line,
                quantity_milli=line.quantity_milli,
                refund_minor=billed.paid_minor * line.quantity_milli // bought,
                points_back=billed.spent_points * line.quantity_milli // bought,
                points_taken=billed.earned_points * line.quantity_milli // bought,
                left_milli=sale.left_milli[line.line - 1],
            )
        done.refund_minor = sum(line.refund_minor for line in done.lines)
        done.points_back = sum(line.points_back for line in done.lines)
        done.points_taken = sum(line.points_taken for line in done.lines)
        self.points[member_id] += done.points_back - done.points_taken
        done.member_id = member_id
        done.return_receipt.CopyFrom(command.return_receipt)
        done.receipt.CopyFrom(command.receipt)
        done.balance.CopyFrom(self.balance(member_id))


def is_nordkap(line: common.Line) -> bool:
    return any(each.name == "brand" and each.text == "Nordkap" for each in line.attributes)


def place_of(receipt: common.ReceiptId) -> tuple[int, int, int, int]:
    return (receipt.store, receipt.terminal, receipt.number, receipt.business_day)


def reject(answer: Any, code: int, field: str, acceptable: str = "") -> None:
    answer.rejected.code = code
    answer.rejected.field = field
    answer.rejected.acceptable = acceptable
