"""A programme's rules, both ways: from protobuf to values, refusing what cannot be one, and back."""

from collections.abc import Sequence
from typing import Any, Final

from loyalty import commands as cmd
from loyalty.commands import limits as lim
from loyalty.commands import policies as pol
from loyalty.commands.conditions import AttributeType
from loyalty.outcomes import PRIORITY_REGULAR
from loyalty.v1 import programmes_pb2 as pb
from loyalty.wire import conditions, parts

_SHORTFALLS: Final = parts.Choice(cmd.Shortfall, pb.Shortfall)
_UNKNOWN_STORES: Final = parts.Choice(cmd.UnknownStore, pb.UnknownStore)
_PERIODS: Final = parts.Choice(cmd.TierPeriod, pb.TierPeriod, cmd.TierPeriod.CALENDAR_YEAR)
_WALLET_KINDS: Final = parts.Choice(cmd.WalletKind, pb.WalletKind, cmd.WalletKind.BONUS)
_GIFT_DAYS: Final = parts.Choice(cmd.GiftDay, pb.GiftDay)
_TYPES: Final = parts.Choice(AttributeType, pb.AttributeType)
_POLICIES: Final[dict[str, parts.Choice[Any]]] = {
    "rounding": parts.Choice(pol.Rounding, pb.Rounding, pol.Rounding.DOWN),
    "rounding_on": parts.Choice(pol.RoundingOn, pb.RoundingOn, pol.RoundingOn.SUM),
    "distribution": parts.Choice(pol.Distribution, pb.Distribution, pol.Distribution.LARGEST_REMAINDER),
    "line_floor": parts.Choice(pol.LineFloor, pb.LineFloor, pol.LineFloor.ZERO),
    "base_tax": parts.Choice(pol.Tax, pb.BaseTax, pol.Tax.WITH),
    "base_discounts": parts.Choice(pol.Discounts, pb.BaseDiscounts, pol.Discounts.AFTER),
    "blocks": parts.Choice(pol.Blocks, pb.Blocks, pol.Blocks.PROPORTIONAL),
    "same_receipt": parts.Choice(pol.SameReceipt, pb.SameReceipt, pol.SameReceipt.AFTER_DAYS),
    "window_end": parts.Choice(pol.WindowEnd, pb.WindowEnd, pol.WindowEnd.DAY),
    "returned_lot": parts.Choice(pol.ReturnedLot, pb.ReturnedLot, pol.ReturnedLot.OWN_WINDOW),
    "return_of_earned": parts.Choice(pol.ReturnOfEarned, pb.ReturnOfEarned, pol.ReturnOfEarned.BY_LINE),
    "stacking": parts.Choice(pol.StackingModel, pb.StackingModel, pol.StackingModel.BY_ZONE),
    "tier_boundary": parts.Choice(pol.TierBoundary, pb.TierBoundary, pol.TierBoundary.AT),
}
_PLAIN: Final = (  # numbers and names that are read and written as they are
    *cmd.Rules.__struct_fields__[:15],  # name to ending_soon_days
    "exponent",
    "tier_months",
    "tier_grace_days",
    "receipt_max_points",
    "member_day_max_points",
)


def read(message: pb.Programme) -> cmd.Rules:
    """A programme's rules; a refusal calls them "rules"."""
    return cmd.Rules(
        parts.text(message.name, "rules.name"),
        parts.text(message.currency, "rules.currency"),
        message.earn_points,
        message.earn_per_minor,
        message.earn_delay_days,
        message.lot_window_days,
        message.point_value_minor,
        message.point_value_points,
        message.spend_unit_points,
        message.line_limit_basis_points,
        message.receipt_limit_basis_points,
        message.welcome_points,
        message.welcome_window_days,
        message.late_receipt_max_days,
        message.ending_soon_days,
        _SHORTFALLS.read(message.shortfall, "rules.shortfall"),
        _UNKNOWN_STORES.read(message.unknown_store, "rules.unknown_store"),
        message.exponent if message.HasField("exponent") else 2,
        parts.texts(message.countries, "rules.countries", lim.COUNTRIES_MAX),
        _currencies(message.currencies),
        _wallets(message.wallets),
        _worths(message.worths),
        _tiers(message.tiers),
        _PERIODS.read(message.tier_period, "rules.tier_period"),
        message.tier_months if message.HasField("tier_months") else 12,
        message.tier_grace_days,
        _gifts(message.gifts),
        _channel_delays(message.channel_delays),
        conditions.maybe(message.no_spend, message.HasField("no_spend"), "rules.no_spend"),
        conditions.maybe(message.no_earn, message.HasField("no_earn"), "rules.no_earn"),
        _attributes(message.attributes),
        message.receipt_max_points,
        message.member_day_max_points,
        _policies(message.policies),
    )


def write(message: pb.Programme, rules: cmd.Rules) -> None:
    """The same, backwards."""
    for name in _PLAIN:  # which are the same on both sides
        setattr(message, name, getattr(rules, name))
    message.shortfall = parts.number_of(rules.shortfall)
    message.unknown_store = parts.number_of(rules.unknown_store)
    message.tier_period = parts.number_of(rules.tier_period)
    message.countries.extend(rules.countries)
    _write_all(message.currencies, rules.currencies)
    _write_all(message.wallets, rules.wallets)
    _write_all(message.worths, rules.worths)
    _write_all(message.tiers, rules.tiers)
    _write_all(message.gifts, rules.gifts)
    for channel, delay_days in rules.channel_delays:
        message.channel_delays.add(channel=channel, delay_days=delay_days)
    if rules.no_spend is not None:
        conditions.write(message.no_spend, rules.no_spend)
    if rules.no_earn is not None:
        conditions.write(message.no_earn, rules.no_earn)
    for name, type_ in rules.attributes:
        message.attributes.add(name=name, type=parts.number_of(type_))
    _write(message.policies, rules.policies)


def _few(messages: Sequence[Any], field: str, most: int) -> list[tuple[Any, str]]:
    """Messages with what a refusal calls them."""
    if len(messages) > most:
        raise parts.too_many(field, len(messages), most)
    return [(message, f"{field}[{at}]") for at, message in enumerate(messages, 1)]


def _currencies(messages: Sequence[pb.Currency]) -> tuple[cmd.Currency, ...]:
    return tuple(
        [
            cmd.Currency(
                parts.text(one.code, f"{field}.code"),
                one.exponent,
                one.earn_points,
                one.earn_per_minor,
                one.turnover_minor,
                one.turnover_per_minor,
            )
            for one, field in _few(messages, "rules.currencies", lim.CURRENCIES_MAX)
        ]
    )


def _wallets(messages: Sequence[pb.Wallet]) -> tuple[cmd.Wallet, ...]:
    return tuple(
        [
            cmd.Wallet(
                one.number,
                parts.text(one.name, f"{field}.name"),
                _WALLET_KINDS.read(one.kind, f"{field}.kind"),
                one.partner,
                one.spend_unit_points,
            )
            for one, field in _few(messages, "rules.wallets", lim.WALLETS_MAX)
        ]
    )


def _worths(messages: Sequence[pb.Worth]) -> tuple[cmd.Worth, ...]:
    return tuple(
        [
            cmd.Worth(
                one.wallet,
                parts.text(one.currency, f"{field}.currency"),
                one.minor,
                one.points,
                one.from_ms,
                one.until_ms,
            )
            for one, field in _few(messages, "rules.worths", lim.WORTHS_MAX)
        ]
    )


def _tiers(messages: Sequence[pb.Tier]) -> tuple[cmd.Tier, ...]:
    return tuple(
        [
            cmd.Tier(parts.text(one.name, f"{field}.name"), one.from_minor, one.earn_basis_points)
            for one, field in _few(messages, "rules.tiers", lim.TIERS_MAX)
        ]
    )


def _gifts(messages: Sequence[pb.Gift]) -> tuple[cmd.Gift, ...]:
    return tuple(
        [
            cmd.Gift(
                one.number,
                _GIFT_DAYS.read(one.day, f"{field}.day"),
                one.wallet,
                one.points,
                one.before_days,
                one.after_days,
                one.priority if one.HasField("priority") else PRIORITY_REGULAR,
                conditions.maybe(one.purpose, one.HasField("purpose"), f"{field}.purpose"),
            )
            for one, field in _few(messages, "rules.gifts", lim.GIFTS_MAX)
        ]
    )


def _channel_delays(messages: Sequence[pb.ChannelDelay]) -> tuple[tuple[str, int], ...]:
    return tuple(
        [
            (parts.text(one.channel, f"{field}.channel"), one.delay_days)
            for one, field in _few(messages, "rules.channel_delays", lim.CHANNELS_MAX)
        ]
    )


def _attributes(messages: Sequence[pb.AttributeDeclaration]) -> tuple[tuple[str, AttributeType], ...]:
    return tuple(
        [
            (parts.text(one.name, f"{field}.name"), _TYPES.read(one.type, f"{field}.type"))
            for one, field in _few(messages, "rules.attributes", lim.ATTRIBUTES_MAX)
        ]
    )


def _policies(message: pb.Policies) -> pol.Policies:
    values: dict[str, Any] = {
        name: choice.read(getattr(message, name), f"rules.policies.{name}")
        for name, choice in _POLICIES.items()
    }
    return pol.Policies(**values, grace_days=message.grace_days)


def _write_all(messages: Any, values: Sequence[Any]) -> None:
    for value in values:
        _write(messages.add(), value)


def _write(message: Any, value: Any) -> None:
    """Field by field: names, and numbers of enums, are the same on both sides."""
    for name in value.__struct_fields__:
        part = getattr(value, name)
        if name == "purpose":
            if part is not None:
                conditions.write(message.purpose, part)
        else:
            setattr(message, name, part)
