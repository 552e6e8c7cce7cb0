"""The programme that the demo sells by: the sports club's sample, published, its weeks moved to now.

Its promotions are for a ski season; whoever watches in July wants to see them too. So each window keeps its
length and gets the moment of publication into its middle. Everything else is as the file says.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import time
from typing import Final, NamedTuple

from msgspec.structs import replace
from rich.table import Table

from loyalty.cli.back_office import plan
from loyalty.client.answers import Done
from loyalty.client.back_office import BackOffice
from loyalty.client.figures import Figures
from loyalty.client.history import CallRecord, ReceiptKey
from loyalty.client.units import Units
from loyalty.commands import Promotion
from loyalty.text.files import ProgrammeFile, read_programme
from loyalty.v1 import back_office_pb2 as bo

SPORTS_CLUB: Final = Path(__file__).parents[2] / "deploy" / "programmes" / "sports-club.toml"
_NOTHING_YET: Final = plan.Found(None, {}, {}, {})


class NotPublished(Exception):
    """The pair did not take a part of the programme."""


def sports_club() -> ProgrammeFile:
    """The sample, in season now."""
    return in_season(read_programme(SPORTS_CLUB.read_text(encoding="utf-8")), int(time() * 1000))


async def publish(units: Units, file: ProgrammeFile) -> None:
    """Rules, partners, stores and promotions, in this order.

    Raises:
        NotPublished: a part was not taken; names it.
    """
    office = BackOffice(units)
    for change in changes(file):
        answer = await office.call(change.method, change.request, until_definite=True)
        if not isinstance(answer, Done):
            raise NotPublished(f"{change.title}: {answer}")


def changes(file: ProgrammeFile) -> list[plan.Change]:
    """All of the file, for a pair that has nothing yet."""
    return [
        plan.of_rules(file.rules, _NOTHING_YET, 0),
        *(plan.of_partner(one, _NOTHING_YET, file.rules, 0, at) for at, one in enumerate(file.partners, 1)),
        *(plan.of_store(one, _NOTHING_YET, 0, at) for at, one in enumerate(file.stores, 1)),
        *(
            plan.of_promotion(one, _NOTHING_YET, file.rules, file.zone, 0, at)
            for at, one in enumerate(file.promotions, 1)
        ),
    ]


def in_season(file: ProgrammeFile, now_ms: int) -> ProgrammeFile:
    """The file with every window that begins and ends moved: as long as before, now in its middle."""
    return file._replace(promotions=tuple(_moved(one, now_ms) for one in file.promotions))


def _moved(promotion: Promotion, now_ms: int) -> Promotion:
    when = promotion.when
    if not (when.from_ms and when.until_ms):
        return promotion
    from_ms = now_ms - (when.until_ms - when.from_ms) // 2
    until_ms = from_ms + when.until_ms - when.from_ms
    return replace(promotion, when=replace(when, from_ms=from_ms, until_ms=until_ms))


class Gave(NamedTuple):
    """What a promotion gave."""

    times: int = 0  # receipts
    minor: int = 0
    points: int = 0


class Sold(NamedTuple):
    """A promotion: what it gave by the bills of all tills, and what the pair has counted of it."""

    promotion: Promotion
    told: Gave
    counted: Gave

    def wrong(self, unknown: int) -> str:
        """What does not agree, in words; while a call is in doubt, nobody can say."""
        if self.told == self.counted or unknown:
            return ""
        return f"{self.promotion.name}: tills were told of {self.told}, the pair counts {self.counted}"


async def usages(units: Units, promotions: Sequence[Promotion]) -> Mapping[int, Gave]:
    """What the pair has counted of each promotion. Raises NotPublished if it does not say."""
    office, found = BackOffice(units), {}
    for promotion in promotions:
        request = bo.GetPromotionRequest(promotion=promotion.number)
        answer = await office.call("GetPromotion", request, until_definite=True)
        if not isinstance(answer, Done):
            raise NotPublished(f"promotion {promotion.number}: {answer}")
        usage = answer.outcome.usage
        found[promotion.number] = Gave(usage.times, usage.minor, usage.points)
    return found


def sold_by(
    promotions: Sequence[Promotion], calls: Sequence[CallRecord], counted: Mapping[int, Gave]
) -> list[Sold]:
    """The tills' notes, promotion by promotion: purchases and orders, without what was voided or cancelled.

    What was given with goods that came back stays counted: a return gives no budget back.
    """
    told = {promotion.number: Gave() for promotion in promotions}
    for figures in standing(calls).values():
        for number, minor, points in figures.applied:
            so_far = told[number]
            told[number] = Gave(so_far.times + 1, so_far.minor + minor, so_far.points + points)
    return [Sold(one, told[one.number], counted[one.number]) for one in promotions]


def standing(calls: Sequence[CallRecord]) -> Mapping[ReceiptKey, Figures]:
    """The bills that hold, by identity: sold or ordered, and neither voided nor cancelled."""
    bills: dict[ReceiptKey, Figures] = {}
    done = [call for call in calls if call.told == "done" and call.sent.receipt]
    for call in sorted(done, key=lambda call: call.answers[-1].seq):
        receipt, details = call.sent.receipt, call.answers[-1].details
        if receipt is None or details is None:
            continue
        if call.sent.method in ("Confirm", "Hold", "Capture"):
            bills[receipt] = details.figures
        elif call.sent.method in ("VoidReceipt", "CancelHold"):
            bills.pop(receipt, None)
    return bills


def promotions_table(promotions: Sequence[Sold]) -> Table:
    """For the end: what each promotion gave, and its budget if it has one."""
    table = Table(title="what the promotions gave, as the tills were told and the pair has counted")
    for name in ("promotion", "receipts", "EUR off", "points", "at most"):
        table.add_column(name, justify="left" if name == "promotion" else "right", no_wrap=True)
    for sold in promotions:
        told, caps = sold.told, sold.promotion.caps
        table.add_row(
            sold.promotion.name,
            f"{told.times:,}",
            f"{told.minor / 100:,.2f}" if told.minor else "",
            f"{told.points:,}" if told.points else "",
            _budget(caps.budget_minor, caps.budget_points),
        )
    return table


def _budget(minor: int, points: int) -> str:
    return f"{minor / 100:,.2f}" if minor else f"{points:,}" if points else ""
