"""What the back office publishes and asks about: programmes, stores, partners, promotions, coupons."""

from typing import Any, Final

from msgspec import msgpack

from loyalty import commands as cmd
from loyalty.commands import Kind
from loyalty.commands import limits as lim
from loyalty.commands.places import coupon_slot, partner_slot, promotion_slot, store_slot
from loyalty.v1 import back_office_pb2 as pb
from loyalty.wire import parts, programmes, promotions
from loyalty.wire.calls import Command, Query, RefusalError
from loyalty.wire.requests.questions import basket, query

_encode: Final = msgpack.Encoder().encode


def define_programme(message: pb.DefineProgrammeRequest) -> Command:
    """A programme's rules."""
    tenant = parts.programme(message.programme)
    command = cmd.DefineProgramme(programmes.read(message.rules))
    return _command(Kind.DEFINE_PROGRAMME, tenant, 0, message, command)


def define_store(message: pb.DefineStoreRequest) -> Command:
    """A store."""
    tenant, store = parts.programme(message.programme), message.store
    command = cmd.DefineStore(
        store.store,
        parts.text(store.name, "store.name"),
        tuple([(offset.from_ms, offset.offset_s) for offset in store.zone]),
        store.partner,
        parts.text(store.country, "store.country"),
        parts.text(store.city, "store.city"),
        parts.text(store.channel, "store.channel") or "shop",
        parts.text(store.currency, "store.currency"),
    )
    return _command(Kind.DEFINE_STORE, tenant, store_slot(tenant, store.store), message, command)


def define_partner(message: pb.DefinePartnerRequest) -> Command:
    """A partner."""
    tenant, partner = parts.programme(message.programme), message.partner
    name = parts.text(partner.name, "partner.name")
    command = cmd.DefinePartner(partner.partner, name, partner.funds_minor, partner.funds_points)
    return _command(Kind.DEFINE_PARTNER, tenant, partner_slot(tenant, partner.partner), message, command)


def publish_promotion(message: pb.PublishPromotionRequest) -> Command:
    """A promotion."""
    tenant = parts.programme(message.programme)
    promotion = promotions.read(message.promotion, "promotion")
    slot = promotion_slot(tenant, promotion.number)
    return _command(Kind.PUBLISH_PROMOTION, tenant, slot, message, cmd.PublishPromotion(promotion))


def pause_promotion(message: pb.PausePromotionRequest) -> Command:
    """A promotion stops or goes on."""
    tenant = parts.programme(message.programme)
    command = cmd.PausePromotion(message.promotion, message.paused, parts.text(message.reason, "reason"))
    return _command(Kind.PAUSE_PROMOTION, tenant, promotion_slot(tenant, message.promotion), message, command)


def issue_coupon(message: pb.IssueCouponRequest) -> Command:
    """A coupon; if its code is to be made, it belongs to the slot of its promotion."""
    tenant, code = parts.programme(message.programme), parts.text(message.code, "code")
    owner = parts.who(message.owner, "owner") if message.HasField("owner") else None
    command = cmd.IssueCoupon(
        code, message.promotion, message.times, message.from_ms, message.until_ms, owner
    )
    slot = coupon_slot(tenant, code) if code else promotion_slot(tenant, message.promotion)
    return _command(Kind.ISSUE_COUPON, tenant, slot, message, command)


def get_programme(message: pb.GetProgrammeRequest) -> Query:
    """The rules in force."""
    return query(cmd.GetProgramme(parts.programme(message.programme)))


def get_store(message: pb.GetStoreRequest) -> Query:
    """A registered store."""
    return query(cmd.GetStore(parts.programme(message.programme), message.store))


def get_partner(message: pb.GetPartnerRequest) -> Query:
    """A registered partner."""
    return query(cmd.GetPartner(parts.programme(message.programme), message.partner))


def get_promotion(message: pb.GetPromotionRequest) -> Query:
    """A promotion."""
    programme = parts.programme(message.programme)
    return query(cmd.GetPromotion(programme, message.promotion, message.version))


def list_promotions(message: pb.ListPromotionsRequest) -> Query:
    """A page of promotions."""
    size = parts.page_size(message.page_size)
    return query(cmd.ListPromotions(parts.programme(message.programme), message.after, size))


def get_coupon(message: pb.GetCouponRequest) -> Query:
    """A coupon."""
    return query(cmd.GetCoupon(parts.programme(message.programme), parts.text(message.code, "code")))


def dry_run(message: pb.DryRunRequest) -> Query:
    """A quote with promotions that nobody has published."""
    count = len(message.promotions)
    if count > lim.DRY_RUN_MAX_PROMOTIONS:
        raise parts.too_many("promotions", count, lim.DRY_RUN_MAX_PROMOTIONS)
    try:
        quote = basket(message.quote)
    except RefusalError as why:
        raise why.inside("quote") from None
    tried = [promotions.read(one, f"promotions[{at}]") for at, one in enumerate(message.promotions, 1)]
    return query(cmd.DryRun(quote, message.at_ms, tuple(tried), message.alone))


def _command(kind: Kind, tenant: int, slot: int, message: Any, command: cmd.Command) -> Command:
    request_id, seen_ms, client_ms = parts.header(message)
    return Command(kind, tenant, slot, request_id, seen_ms, client_ms, _encode(command))
