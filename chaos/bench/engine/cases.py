"""The cases of `worst`: each makes what it needs and names what is to be timed."""

from random import Random
from typing import Any, Final

from msgspec.structs import replace

from chaos.bench.engine import fixtures as fix
from chaos.bench.engine import hard
from chaos.bench.engine.worst import Bench, Case
from loyalty import commands as cmd
from loyalty.commands import limits as lim
from loyalty.commands import policies as pol
from loyalty.commands.promotions import (
    AmountOff,
    Caps,
    GiveCoupon,
    GiveService,
    PercentOff,
)

MANY_POINTS: Final = 10**7
WIDE: Final[dict[str, Any]] = {"line_limit_basis_points": 9000, "receipt_limit_basis_points": 9000}
COMPETE: Final = pol.Policies(stacking=pol.StackingModel.COMPETE_THEN_COMPOUND)
LIVE: Final = 4_000  # promotions in the largest book that is measured


def searches(bench: Bench) -> None:
    """200-line baskets, and shorter ones, with 100 applicable promotions: the steps end before the search."""
    for name, promotions, lines, changes in (
        ("percentages", hard.percents(), hard.LINES, {}),
        ("percentages", hard.percents(5), 5, {}),
        ("all effects", hard.mixed(), hard.LINES, {}),
        ("all effects", hard.mixed(40), 40, {}),
        ("all effects", hard.mixed(5), 5, {}),
        ("all effects, competing", hard.mixed(competes=True), hard.LINES, {"policies": COMPETE}),
        ("all effects, competing", hard.mixed(10, competes=True), 10, {"policies": COMPETE}),
        ("bundles of eight parts", hard.bundles(), hard.LINES, {}),
        ("bundles of eight parts", hard.bundles(20), 20, {}),
        ("points under one limit", hard.limited_points(), 1, {"receipt_max_points": 9_000}),
        ("points under one limit", hard.limited_points(), hard.LINES, {"receipt_max_points": 10**6}),
    ):
        bench.programme(promotions, **changes)
        member, basket = bench.member(MANY_POINTS), hard.basket(lines)
        note = f"{hard.APPLICABLE} applicable promotions, {lines} lines"
        bench.query(f"quote: {name}, {lines} lines", fix.quote(member, basket, MANY_POINTS), note)
        bench.command(f"confirm: {name}, {lines} lines", bench.purchase(member, basket, MANY_POINTS), note)


def _with_purposes(bench: Bench, kind: str) -> int:
    """A member with as many lots with a purpose as one may have."""
    member, gifts = bench.member(MANY_POINTS), list(hard.purposes(hard.LINES, kind))
    for some in (gifts[: lim.RECEIPT_MAX_APPLIED], gifts[lim.RECEIPT_MAX_APPLIED :]):
        bench.publish(some)
        bench.buy(member, hard.basket(1))
        bench.pause(some)
    return member


def purposes(bench: Bench) -> None:
    """64 lots with a purpose over 200 lines: which lot pays where; alone, and in a search."""
    for kind in ("half", "chain", "few"):
        bench.programme(**WIDE)
        member, basket = _with_purposes(bench, kind), hard.basket()
        note = f"64 lots with a purpose ({kind}), 200 lines"
        bench.query(f"quote: purposes, {kind}", fix.quote(member, basket, MANY_POINTS), note)
        bench.command(f"confirm: purposes, {kind}", bench.purchase(member, basket, 10**5), note)
        bench.programme(**WIDE)
        member = _with_purposes(bench, kind)
        bench.publish([replace(one, number=one.number + 1000) for one in hard.mixed()])
        bench.query(f"quote: purposes, {kind}, and promotions", fix.quote(member, basket, MANY_POINTS), note)
        bench.command(
            f"confirm: purposes, {kind}, and promotions", bench.purchase(member, basket, 10**5), note
        )


def _many_lots(bench: Bench, lots: int, points: int = 100, future: int = 0) -> int:
    """A member with so many lots, each with an end of its own."""
    member = bench.member()
    for at in range(lots):
        until_ms = fix.NOW_MS + fix.DAY_MS + at * 60_000
        bench.adjust(member, points, until_ms=until_ms)
    for at in range(future):
        bench.adjust(member, points, fix.NOW_MS + (at + 1) * fix.DAY_MS, fix.NOW_MS + 1000 * fix.DAY_MS)
    return member


def spendings(bench: Bench) -> None:
    """As many lots as one receipt may empty, on 200 lines; its return, void, correction and capture."""
    bench.programme(**WIDE)
    lots = lim.SPEND_MAX_LOTS
    member, basket = _many_lots(bench, lots), hard.basket()
    points = lots * 100
    note = f"{lots} lots over {len(basket)} lines"
    bench.command("confirm: as many lots as may be emptied", bench.purchase(member, basket, points), note)
    bench.query("quote: as many lots as may be emptied", fix.quote(member, basket, points), note)
    order = bench.purchase(member, basket, points)
    bench.command("hold: as many lots", cmd.Hold(order, fix.NOW_MS + fix.DAY_MS), note)
    bench.command(
        "adjust: takes all points", cmd.Adjust("x", member, 0, -points, 0, 0, 128, 0, "bench"), note
    )

    bought = bench.buy(_many_lots(bench, lots), basket, points)
    _undoings(bench, bought, basket, note)
    name = bench.purchase(_many_lots(bench, lots), basket, points)
    bench.unit.run(cmd.Hold(name, fix.NOW_MS + fix.DAY_MS))
    bench.command("capture: as many lots", cmd.Capture(name.receipt, 0), note)
    bench.command("cancel: as many lots", cmd.CancelHold(name.receipt), note)


def _undoings(bench: Bench, bought: cmd.ReceiptId, basket: tuple[cmd.Line, ...], note: str) -> None:
    every = tuple([cmd.ReturnLine(at, line.quantity_milli) for at, line in enumerate(basket, 1)])
    back = cmd.ReceiptId(2, 4, bench.number(), fix.TODAY)
    bench.command(f"return of 200 lines: {note}", cmd.ReturnLines(back, bought, every))
    bench.command(f"void of 200 lines: {note}", cmd.VoidReceipt(bought, "bench"))
    bench.query(f"receipt of 200 lines: {note}", cmd.GetReceipt(1, bought))


def returns(bench: Bench) -> None:
    """200 lines with everything: 32 promotions, points of 64 lots with a purpose, services, coupons."""
    bench.programme(hard.everything(), **WIDE)
    member, basket = bench.member(MANY_POINTS), hard.basket()
    bought = bench.buy(member, basket, MANY_POINTS // 2)
    _undoings(bench, bought, basket, "32 promotions")
    right = replace(bench.purchase(member, basket, MANY_POINTS // 4), receipt=bought)
    bench.command("correction of 200 lines: 32 promotions", cmd.CorrectReceipt(right, "bench"))
    bench.programme(**WIDE)
    member = _with_purposes(bench, "half")
    bought = bench.buy(member, basket, MANY_POINTS)
    _undoings(bench, bought, basket, "64 lots with a purpose")


def members(bench: Bench) -> None:
    """As many lots as there may be: balance, lists, statements, and the first look after all have ended."""
    bench.programme(ending_soon_days=366)
    member = _many_lots(bench, lim.MEMBER_MAX_OPEN_LOTS - 520, future=lim.MEMBER_MAX_FUTURE_STARTS - 1)
    note = f"{lim.MEMBER_MAX_OPEN_LOTS} lots"
    bench.query("balance: as many lots as may be", cmd.GetBalance(1, member), note)
    bench.query("lots: as many as are listed", cmd.ListLots(1, member), note)
    bench.query("statement: a page", cmd.GetStatement(1, member, lim.PAGE_MAX_ITEMS, 0, 0), note)
    bench.query("member: as many lots as may be", cmd.FindMember(1, member), note)
    bench.command("purchase: as many lots as may be", bench.purchase(member, hard.basket(3), 500), note)
    bench.later("balance: after all lots have ended", cmd.GetBalance(1, member), note)

    member = _many_lots(bench, 60 * lim.SPEND_MAX_LOTS // 4)
    for _ in range(60):
        bench.buy(member, hard.basket(3), 25 * lim.SPEND_MAX_LOTS)
    for _ in range(lim.MEMBER_MAX_HOLDS):
        bench.unit.run(cmd.Hold(bench.purchase(member, hard.basket(), 100), fix.NOW_MS + fix.DAY_MS))
    note = "receipts of 64 lots, and 8 holds of 200 lines"
    bench.query("statement: long items", cmd.GetStatement(1, member, lim.PAGE_MAX_ITEMS, 0, 0), note)
    bench.query("lots: with holds", cmd.ListLots(1, member), note)


def holds(bench: Bench) -> None:
    """Eight holds of 200 lines and 250 lots run out before anybody looks."""
    bench.programme(hard.everything(), **WIDE)
    member = _many_lots(bench, lim.MEMBER_MAX_HOLDS * 250, 10)
    for _ in range(lim.MEMBER_MAX_HOLDS):
        bench.unit.run(cmd.Hold(bench.purchase(member, hard.basket(), 2500), fix.NOW_MS + 1000))
    bench.later("balance: eight holds have run out", cmd.GetBalance(1, member), "250 lots, 200 lines each")


def merges(bench: Bench) -> None:
    """As much as one merge moves."""
    caps = Caps(member_times=100)
    bench.programme([hard.promotion(1, PercentOff(100))])
    source, target = _many_lots(bench, lim.MERGE_MAX_LOTS), _many_lots(bench, lim.MERGE_MAX_LOTS)
    bench.command("merge: as many lots as it moves", cmd.MergeMembers(source, target, "bench"))
    bench.programme()
    source, target = _many_lots(bench, lim.MERGE_MAX_LOTS - 300), _many_lots(bench, 3000)
    for start in range(0, lim.MERGE_MAX_PROMOTIONS, lim.RECEIPT_MAX_APPLIED):
        numbers = range(1 + start, 1 + start + lim.RECEIPT_MAX_APPLIED)
        some = [hard.promotion(number, AmountOff(1), caps=caps) for number in numbers]
        bench.publish(some)
        for member in (source, target):
            bench.buy(member, hard.basket(1))
        bench.pause(some)
    lasting = [hard.promotion(9000 + at, GiveService("ski", 1, 300)) for at in range(30)]
    giving = hard.promotion(9999, GiveCoupon(1, 300))
    bench.publish([*lasting, giving])
    for _ in range(8):
        bench.buy(source, hard.basket(1))
    note = f"{lim.MERGE_MAX_PROMOTIONS} promotions by member, 240 services, 8 coupons"
    bench.command(
        "merge: lots, promotions, services, coupons", cmd.MergeMembers(source, target, "bench"), note
    )
    use = cmd.ReceiptId(2, 5, bench.number(), fix.TODAY)
    bench.command("service: of 240 rights", cmd.UseService(use, source, "ski", 200))


def books(bench: Bench) -> None:
    """4,000 live promotions: the first basket after a restart, publishing, listing, explaining."""
    bench.programme([one.promotion for one in fix.promotions(LIVE)])
    member, basket = bench.member(MANY_POINTS), fix.forty_lines(Random(fix.SEED))
    note = f"{LIVE} live promotions"
    bench.query("quote: 40 lines", fix.quote(member, basket, 300), note)
    bench.query("first quote after a restart", fix.quote(member, basket, 300), note, bench.restart)
    bench.query("quote: 40 lines that none is about", fix.quote(member, hard.basket(40), 300), note)
    bench.query("promotions: a page", cmd.ListPromotions(1, 0, lim.PAGE_MAX_ITEMS), note)
    command = cmd.PublishPromotion(hard.promotion(LIVE + 1, PercentOff(100)))
    bench.command("publishing one more", command, note)
    again = next(iter(fix.promotions(LIVE))).promotion
    bench.command("publishing one anew", cmd.PublishPromotion(replace(again, name="anew")), note)
    bench.command("pausing one", cmd.PausePromotion(1, True, "bench"), note)
    tried = tuple([hard.promotion(at + 1, PercentOff(100)) for at in range(lim.DRY_RUN_MAX_PROMOTIONS)])
    bench.query("dry run: 16 promotions", cmd.DryRun(fix.quote(member, basket, 300), 0, tried, False), note)


CASES: Final[tuple[Case, ...]] = (searches, purposes, spendings, returns, members, holds, merges, books)
