"""What cannot be in published data: field by field, and what would be right, in the order of the protos."""

from collections.abc import Iterator

from loyalty.commands import Currency, DefinePartner, DefineStore, Gift, Rules, WalletKind
from loyalty.commands import limits as lim
from loyalty.engine import condition_problems, terms

Faults = Iterator[tuple[str, str]]


def of_rules(rules: Rules) -> Faults:
    """Every field of a programme's rules that cannot be."""
    yield from _of_currency("currency", rules.currency)
    for field, lowest, highest in _RANGES:
        if not lowest <= getattr(rules, field) <= highest:
            yield field, f"{lowest} to {highest}"
    yield from _of_unit("spend_unit_points", rules, 0)
    for at, country in enumerate(rules.countries, 1):
        if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
            yield f"countries[{at}]", "two capital letters, as DE"
    yield from _of_currencies(rules)
    yield from _of_wallets(rules)
    yield from _of_tiers(rules)
    yield from _of_gifts(rules)
    yield from _of_conditions(rules)


_RANGES = (  # field, lowest, highest
    ("earn_points", 0, lim.RATE_MAX),
    ("earn_per_minor", 1, lim.RATE_MAX),
    ("earn_delay_days", 0, lim.EARN_DELAY_MAX_DAYS),
    ("lot_window_days", 0, lim.WINDOW_MAX_DAYS),
    ("point_value_minor", 1, lim.RATE_MAX),
    ("point_value_points", 1, lim.RATE_MAX),
    ("spend_unit_points", 1, lim.RATE_MAX),
    ("line_limit_basis_points", 0, lim.BASIS_POINTS),
    ("receipt_limit_basis_points", 0, lim.BASIS_POINTS),
    ("welcome_points", 0, lim.POINTS_MAX),
    ("welcome_window_days", 0, lim.WINDOW_MAX_DAYS),
    ("late_receipt_max_days", 0, lim.LATE_RECEIPT_MAX_DAYS),
    ("ending_soon_days", 0, lim.ENDING_SOON_MAX_DAYS),
    ("exponent", 0, 3),
    ("tier_months", 1, lim.TIER_MONTHS_MAX),
    ("tier_grace_days", 0, lim.TIER_GRACE_MAX_DAYS),
    ("receipt_max_points", 0, lim.POINTS_MAX),
    ("member_day_max_points", 0, lim.POINTS_MAX),
)


def _of_currency(field: str, code: str) -> Faults:
    if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
        yield field, "three capital letters, as EUR"


def _of_unit(field: str, rules: Rules, wallet: int) -> Faults:
    """A unit of spending has to be worth whole money wherever it is worth anything."""
    unit = terms.spend_unit_points(rules, wallet)
    pairs = [(worth.points, worth.minor) for worth in rules.worths if worth.wallet == wallet]
    if wallet == 0:
        pairs.append((rules.point_value_points, rules.point_value_minor))
    for points, minor in pairs:
        if points > 0 and minor > 0 and unit * minor % points:
            grain_points = terms.lowest(points, minor).points
            yield field, f"a multiple of {grain_points}: that many points are worth whole money"
            return


def _of_currencies(rules: Rules) -> Faults:
    seen = [rules.currency]
    for at, currency in enumerate(rules.currencies, 1):
        field = f"currencies[{at}]."
        yield from _of_currency(field + "code", currency.code)
        if currency.code in seen:
            yield field + "code", "each currency once"
        seen.append(currency.code)
        yield from _of_rates(field, currency)


def _of_rates(field: str, currency: Currency) -> Faults:
    for name, lowest, highest in (
        ("exponent", 0, 3),
        ("earn_points", 0, lim.RATE_MAX),
        ("earn_per_minor", 1, lim.RATE_MAX),
        ("turnover_minor", 0, lim.RATE_MAX),
        ("turnover_per_minor", 1, lim.RATE_MAX),
    ):
        if not lowest <= getattr(currency, name) <= highest:
            yield field + name, f"{lowest} to {highest}"


def _of_wallets(rules: Rules) -> Faults:
    numbers = [0]
    for at, wallet in enumerate(rules.wallets, 1):
        if not 1 <= wallet.number <= lim.WALLETS_MAX or wallet.number in numbers:
            yield f"wallets[{at}].number", f"1 to {lim.WALLETS_MAX}, each once"
        numbers.append(wallet.number)
        if wallet.kind is WalletKind.PARTNER and not 1 <= wallet.partner <= lim.STORE_MAX:
            yield f"wallets[{at}].partner", f"1 to {lim.STORE_MAX}: whose points these are"
        if not 1 <= wallet.spend_unit_points <= lim.RATE_MAX:
            yield f"wallets[{at}].spend_unit_points", f"1 to {lim.RATE_MAX}"
        yield from _of_unit(f"wallets[{at}].spend_unit_points", rules, wallet.number)
    codes = [rules.currency, *[currency.code for currency in rules.currencies], ""]
    for at, worth in enumerate(rules.worths, 1):
        if worth.wallet not in numbers:
            yield f"worths[{at}].wallet", "0 or one of `wallets`"
        if worth.currency not in codes:
            yield f"worths[{at}].currency", "one of the programme's currencies"
        if not (1 <= worth.minor <= lim.RATE_MAX and 1 <= worth.points <= lim.RATE_MAX):
            yield f"worths[{at}]", f"`minor` and `points` from 1 to {lim.RATE_MAX}"
        if worth.from_ms < 0 or worth.until_ms < 0 or 0 < worth.until_ms <= worth.from_ms:
            yield f"worths[{at}].until_ms", "later than `from_ms`, or 0"


def _of_tiers(rules: Rules) -> Faults:
    before_minor = -1
    for at, tier in enumerate(rules.tiers, 1):
        if at == 1 and tier.from_minor:
            yield "tiers[1].from_minor", "0: everybody is in the first tier"
        if not before_minor < tier.from_minor <= lim.AMOUNT_MAX_MINOR:
            yield f"tiers[{at}].from_minor", f"above {before_minor}"
        if not 0 <= tier.earn_basis_points <= lim.RATE_MAX:
            yield f"tiers[{at}].earn_basis_points", f"0 to {lim.RATE_MAX}"
        if not tier.name or any(tier.name == other.name for other in rules.tiers[: at - 1]):
            yield f"tiers[{at}].name", "a name of its own"
        before_minor = tier.from_minor


def _of_gifts(rules: Rules) -> Faults:
    numbers: list[int] = []
    for at, gift in enumerate(rules.gifts, 1):
        field = f"gifts[{at}]."
        if not 1 <= gift.number <= lim.PRIORITY_MAX or gift.number in numbers:
            yield field + "number", f"1 to {lim.PRIORITY_MAX}, each once"
        numbers.append(gift.number)
        yield from _of_gift(field, gift, rules)
    channels: list[str] = []
    for at, (channel, days) in enumerate(rules.channel_delays, 1):
        if not channel or channel in channels:
            yield f"channel_delays[{at}].channel", "each channel once"
        channels.append(channel)
        if not 0 <= days <= lim.EARN_DELAY_MAX_DAYS:
            yield f"channel_delays[{at}].days", f"0 to {lim.EARN_DELAY_MAX_DAYS}"


def _of_gift(field: str, gift: Gift, rules: Rules) -> Faults:
    if gift.wallet and not terms.spend_unit_points(rules, gift.wallet):
        yield field + "wallet", "0 or one of `wallets`"
    if not 1 <= gift.points <= lim.POINTS_MAX:
        yield field + "points", f"1 to {lim.POINTS_MAX}"
    for name in ("before_days", "after_days"):
        if not 0 <= getattr(gift, name) <= lim.GIFT_MAX_DAYS:
            yield field + name, f"0 to {lim.GIFT_MAX_DAYS}"
    if not 0 <= gift.priority <= lim.PRIORITY_MAX:
        yield field + "priority", f"0 to {lim.PRIORITY_MAX}"


def _of_conditions(rules: Rules) -> Faults:
    names: list[str] = []
    for at, (name, _) in enumerate(rules.attributes, 1):
        problem = condition_problems.name_problem(name)
        if problem or name in names:
            yield f"attributes[{at}].name", problem or "each name once"
        names.append(name)
    attributes = dict(rules.attributes)
    for field, condition in (
        ("no_spend", rules.no_spend),
        ("no_earn", rules.no_earn),
        *[(f"gifts[{at}].purpose", gift.purpose) for at, gift in enumerate(rules.gifts, 1)],
    ):
        if condition is not None:
            found = condition_problems.problem_of(condition, True, attributes)
            if found is not None:
                yield f"{field}.{found[0]}".rstrip("."), found[1]
    if not 0 <= rules.policies.grace_days <= lim.GRACE_MAX_DAYS:
        yield "policies.grace_days", f"0 to {lim.GRACE_MAX_DAYS}"


def of_store(command: DefineStore, rules: Rules) -> Faults:
    """Every field of a store that cannot be."""
    if not 1 <= command.store <= lim.STORE_MAX:
        yield "store", f"1 to {lim.STORE_MAX}"
    if not 1 <= len(command.zone) <= lim.ZONE_MAX_OFFSETS:
        yield "zone", f"1 to {lim.ZONE_MAX_OFFSETS} offsets"
    before_ms = -1
    for at, (from_ms, offset_s) in enumerate(command.zone, 1):
        if at == 1 and from_ms != 0:
            yield "zone[1].from_ms", "0: the first holds since ever"
        if from_ms <= before_ms:
            yield f"zone[{at}].from_ms", f"later than {before_ms}"
        if not -lim.ZONE_OFFSET_MAX_S <= offset_s <= lim.ZONE_OFFSET_MAX_S:
            yield f"zone[{at}].offset_s", f"-{lim.ZONE_OFFSET_MAX_S} to {lim.ZONE_OFFSET_MAX_S}"
        before_ms = from_ms
    if not 0 <= command.partner <= lim.STORE_MAX:
        yield "partner", f"0 to {lim.STORE_MAX}"
    if rules.countries and command.country and command.country not in rules.countries:
        yield "country", "one of " + ", ".join(rules.countries)
    if terms.currency_of(rules, command.currency) is None:
        codes = [rules.currency, *[currency.code for currency in rules.currencies]]
        yield "currency", "one of " + ", ".join(codes)


def of_partner(command: DefinePartner) -> Faults:
    """Every field of a partner that cannot be."""
    if not 1 <= command.partner <= lim.STORE_MAX:
        yield "partner", f"1 to {lim.STORE_MAX}"
    if not 0 <= command.funds_minor <= lim.AMOUNT_MAX_MINOR:
        yield "funds_minor", f"0 to {lim.AMOUNT_MAX_MINOR}"
    if not 0 <= command.funds_points <= lim.POINTS_MAX:
        yield "funds_points", f"0 to {lim.POINTS_MAX}"
