"""What a publication would change: a file's values beside those in force, by value, part by part.

What is the same is not sent, so publishing a file again does nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from loyalty.cli.console import console, say, table
from loyalty.cli.desk import Desk
from loyalty.commands import DefinePartner, DefineStore, Promotion, Rules
from loyalty.text.files import scope_of_rules
from loyalty.text.forms import Shape, show_record
from loyalty.text.instants import ZONE_UTC
from loyalty.text.programme import PARTNER, RULES
from loyalty.text.promotions import PROMOTION
from loyalty.text.source import Path
from loyalty.text.toml import Shown, print_value
from loyalty.v1 import back_office_pb2 as bo
from loyalty.wire import programmes as wire_programmes
from loyalty.wire import promotions as wire_promotions


class Part(StrEnum):
    """What a file is published by, in this order."""

    RULES = "rules"
    PARTNERS = "partners"
    STORES = "stores"
    PROMOTIONS = "promotions"


class State(StrEnum):
    """How a part of the file is to what is in force."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


class Change(NamedTuple):
    """One thing of the file beside that in force."""

    part: Part
    number: int
    name: str
    state: State
    differences: tuple[str, ...]  # "effect.percent: 20, was 15"
    method: str
    request: Any  # that publishes it
    path: Path  # in the file
    remark: str = ""

    @property
    def kind(self) -> str:
        """As promotion."""
        return self.part.removesuffix("s") if self.number else str(self.part)

    @property
    def title(self) -> str:
        """As promotion 101, Ski bonus."""
        return f"{self.kind}{f' {self.number}' if self.number else ''}, {self.name}"


class Found(NamedTuple):
    """What is in force of what a file names; None: nothing."""

    rules: Rules | None
    partners: Mapping[int, bo.Partner]
    stores: Mapping[int, bo.Store]
    promotions: Mapping[int, Promotion]


_NOT_THERE: Final = "left out"


async def look(
    desk: Desk,
    partners: Sequence[DefinePartner],
    stores: Sequence[DefineStore],
    promotions: Sequence[Promotion],
) -> Found:
    """Ask for everything of these numbers that is in force."""
    done = await desk.find("GetProgramme", bo.GetProgrammeRequest(programme=desk.programme))
    programme = desk.programme
    asked: dict[str, list[Any]] = {
        "GetPartner": [bo.GetPartnerRequest(programme=programme, partner=one.partner) for one in partners],
        "GetStore": [bo.GetStoreRequest(programme=programme, store=one.store) for one in stores],
        "GetPromotion": [
            bo.GetPromotionRequest(programme=programme, promotion=one.number) for one in promotions
        ],
    }
    told = {name: [one for one in await desk.ask_all(name, asked[name]) if one] for name in asked}
    return Found(
        wire_programmes.read(done.rules) if done and done.version else None,
        {one.partner.partner: one.partner for one in told["GetPartner"]},
        {one.store.store: one.store for one in told["GetStore"]},
        {
            one.promotion.number: wire_promotions.read(one.promotion, "promotion")
            for one in told["GetPromotion"]
        },
    )


def of_rules(rules: Rules, found: Found, programme: int) -> Change:
    """The programme's rules."""
    request = bo.DefineProgrammeRequest(programme=programme)
    wire_programmes.write(request.rules, rules)
    lines: tuple[str, ...] = ()
    if found.rules is not None:
        lines = differences(_table(RULES, found.rules, found.rules), _table(RULES, rules, rules))
    state = _state(found.rules is not None, found.rules == rules)
    return Change(Part.RULES, 0, rules.name, state, lines, "DefineProgramme", request, ("programme",))


def of_partner(partner: DefinePartner, found: Found, rules: Rules, programme: int, at: int) -> Change:
    """A partner."""
    number, name = partner.partner, partner.name
    request = bo.DefinePartnerRequest(programme=programme, partner=_partner_message(partner))
    before = found.partners.get(number)
    lines: tuple[str, ...] = ()
    if before is not None:
        known = DefinePartner(before.partner, before.name, before.funds_minor, before.funds_points)
        lines = differences(_table(PARTNER, known, rules), _table(PARTNER, partner, rules))
    state = _state(before is not None, before == request.partner)
    return Change(Part.PARTNERS, number, name, state, lines, "DefinePartner", request, ("partner", at))


def _partner_message(partner: DefinePartner) -> bo.Partner:
    return bo.Partner(
        partner=partner.partner,
        name=partner.name,
        funds_minor=partner.funds_minor,
        funds_points=partner.funds_points,
    )


def of_store(store: DefineStore, found: Found, programme: int, at: int) -> Change:
    """A store."""
    wanted = bo.Store(
        store=store.store,
        name=store.name,
        partner=store.partner,
        country=store.country,
        city=store.city,
        channel=store.channel,
        currency=store.currency,
    )
    for from_ms, offset_s in store.zone:
        wanted.zone.add(from_ms=from_ms, offset_s=offset_s)
    request = bo.DefineStoreRequest(programme=programme, store=wanted)
    before = found.stores.get(store.store)
    lines = _fields(before, wanted)
    state = _state(before is not None, before == wanted)
    return Change(Part.STORES, store.store, store.name, state, lines, "DefineStore", request, ("store", at))


def of_promotion(
    promotion: Promotion, found: Found, rules: Rules, zone: str, programme: int, at: int
) -> Change:
    """A promotion. One that a person has paused stays paused: only `resume` lets it go on."""
    before = found.promotions.get(promotion.number)
    stays = before is not None and before.paused and not promotion.paused
    wanted = replace(promotion, paused=True) if stays else promotion
    request = bo.PublishPromotionRequest(programme=programme)
    wire_promotions.write(request.promotion, wanted)
    lines: tuple[str, ...] = ()
    if before is not None:
        lines = differences(_table(PROMOTION, before, rules, zone), _table(PROMOTION, wanted, rules, zone))
    return Change(
        Part.PROMOTIONS,
        wanted.number,
        wanted.name,
        _state(before is not None, before == wanted),
        lines,
        "PublishPromotion",
        request,
        ("promotion", at),
        "stays paused; `loyalty promotion resume` lets it go on" if stays else "",
    )


def _state(is_there: bool, is_same: bool) -> State:
    return (State.SAME if is_same else State.CHANGED) if is_there else State.NEW


def differences(before: Mapping[str, Shown], after: Mapping[str, Shown]) -> tuple[str, ...]:
    """What differs between two tables of a file, by its key there."""
    old, new = dict(_flat(before)), dict(_flat(after))
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return tuple(f"{key}: {new.get(key, _NOT_THERE)}, was {old.get(key, _NOT_THERE)}" for key in keys)


def _flat(value: Mapping[str, Shown], path: str = "") -> Iterator[tuple[str, str]]:
    for key, part in value.items():
        if isinstance(part, dict):
            yield from _flat(part, f"{path}{key}.")
        elif isinstance(part, list) and part and isinstance(part[0], dict):
            yield from _flat({f"{key}[{at}]": inner for at, inner in enumerate(part, 1)}, path)
        else:
            yield f"{path}{key}", print_value(part)


def _table(shape: Shape[Any], value: Struct, rules: Rules, zone: str = ZONE_UTC) -> Mapping[str, Shown]:
    """As a file shows it, so that what differs is told in the file's words."""
    return show_record(shape, value, scope_of_rules(rules, zone))


def _fields(before: Any, after: Any) -> tuple[str, ...]:
    """What differs between two messages; of a zone, only that it does."""
    if before is None:
        return ()
    lines = []
    for field in after.DESCRIPTOR.fields:
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new and field.name == "zone":
            lines.append(f"zone: {len(new) - 1} changes of the clock, was {len(old) - 1}")
        elif old != new:
            lines.append(f"{field.name}: {new or _NOT_THERE}, was {old or _NOT_THERE}")
    return tuple(lines)


def tell_plan(changes: Sequence[Change]) -> None:
    """New and changed things one by one, the rest as a number."""
    shown = table("", "", ">number", "name", "what differs")
    for change in changes:
        if change.state is not State.SAME or change.remark:
            lines = [*change.differences, *([change.remark] if change.remark else [])]
            number = str(change.number or "")
            shown.add_row(change.state, change.kind, number, change.name, "\n".join(lines))
    if shown.row_count:
        console.print(shown)
    counts = {state: sum(change.state is state for change in changes) for state in State}
    say(", ".join(f"{count} {state}" for state, count in counts.items()))
