"""A programme's rules in words, on one screen. `programme show --toml` has every value."""

from collections.abc import Iterator

from loyalty.cli.clocks import Clock
from loyalty.cli.console import console, facts, say
from loyalty.cli.view import View, listed
from loyalty.commands import Gift, Policies, Rules, Tier, TierPeriod, Worth
from loyalty.commands.limits import BASIS_POINTS
from loyalty.text.figures import print_figure
from loyalty.text.printing import print_condition


def tell_rules(rules: Rules, version: int, clock: Clock) -> None:
    """A line for each subject that the programme has something to say about."""
    view = View(rules, clock)
    state = f"version {version}" if version else "built in: nobody has published one"
    say((rules.name, "bold"), f"  {state}")
    console.print(facts(*_rows(rules, view)))


def _rows(rules: Rules, view: View) -> Iterator[tuple[str, str]]:
    yield "currency", listed([rules.currency, *(currency.code for currency in rules.currencies)])
    yield "countries", listed(rules.countries)
    yield from _earning(rules, view)
    yield "points last", _lasting(rules)
    yield "worth", "\n".join(_worths(rules, view))
    yield from _spending(rules, view)
    if rules.welcome_points:
        days = f" for {rules.welcome_window_days} days" if rules.welcome_window_days else ""
        yield "welcome", f"{rules.welcome_points} points{days}"
    yield "gifts", "\n".join(_gift(gift, view) for gift in rules.gifts)
    yield "tiers", "\n".join(_tier(tier, view) for tier in rules.tiers)
    if rules.tiers:
        calendar = rules.tier_period is TierPeriod.CALENDAR_YEAR
        period = "the calendar year" if calendar else f"the last {rules.tier_months} months"
        yield "turnover", f"of {period}; lost {rules.tier_grace_days} days after the period's end"
    yield "wallets", listed(f"{one.number} {one.name}" for one in rules.wallets)
    yield "late receipts", f"up to {rules.late_receipt_max_days} days"
    yield "shortfall", rules.shortfall.name.lower()
    yield "unknown stores", rules.unknown_store.name.lower()
    yield "attributes", listed(f"{name} ({type_.name.lower()})" for name, type_ in rules.attributes)
    yield "policies", "\n".join(_policies(rules.policies))


def _policies(policies: Policies) -> Iterator[str]:
    for name in policies.__struct_fields__:
        value = getattr(policies, name)
        if name != "grace_days":
            yield f"{name} {value.name.lower()}"
        elif value:
            yield f"{name} {value}"


def _earning(rules: Rules, view: View) -> Iterator[tuple[str, str]]:
    rates = [f"{rules.earn_points} points for each {view.money(rules.earn_per_minor)}"]
    for one in rules.currencies:
        rates.append(f"{one.earn_points} for each {view.money(one.earn_per_minor, one.code)}")
    delays = [f"{channel} {days}" for channel, days in rules.channel_delays]
    others = f" ({listed(delays)})" if delays else ""
    yield "earning", listed(rates)
    yield "earned points", f"count after so many days: {rules.earn_delay_days}{others}"
    if rules.no_earn is not None:
        yield "earns nothing", print_condition(rules.no_earn, dict(rules.attributes), rules.exponent)
    most = [(rules.receipt_max_points, "on a receipt"), (rules.member_day_max_points, "by a member on a day")]
    yield "earns at most", listed(f"{points} points {what}" for points, what in most if points)


def _lasting(rules: Rules) -> str:
    lasting = f"{rules.lot_window_days} days" if rules.lot_window_days else "for ever"
    return f"{lasting}; {rules.ending_soon_days} days before the end, that is soon"


def _worths(rules: Rules, view: View) -> Iterator[str]:
    yield f"{_pays(rules.point_value_points, '', view.money(rules.point_value_minor))}"
    for worth in rules.worths:
        yield _worth(worth, view)


def _worth(worth: Worth, view: View) -> str:
    from_text = f" from {view.time(worth.from_ms)}" if worth.from_ms else ""
    until = f" until {view.time(worth.until_ms)}" if worth.until_ms else ""
    clock = f" ({view.clock.name})" if from_text or until else ""
    pays = _pays(worth.points, f"{view.wallet(worth.wallet)} ", view.money(worth.minor, worth.currency))
    return f"{pays}{from_text}{until}{clock}"


def _pays(points: int, kind: str, money: str) -> str:
    return f"{points} {kind}{'points pay' if points > 1 else 'point pays'} {money}"


def _spending(rules: Rules, view: View) -> Iterator[tuple[str, str]]:
    line, receipt = (
        print_figure(share, 2, trimmed=True)
        for share in (rules.line_limit_basis_points, rules.receipt_limit_basis_points)
    )
    unit = f"in multiples of {rules.spend_unit_points}"
    yield "spending", f"{unit}; at most {line} % of a line and {receipt} % of a receipt"
    if rules.no_spend is not None:
        yield "never pays for", print_condition(rules.no_spend, dict(rules.attributes), rules.exponent)


def _tier(tier: Tier, view: View) -> str:
    times = print_figure(tier.earn_basis_points, 4, trimmed=True)
    factor = f", {times} times the points" if tier.earn_basis_points != BASIS_POINTS else ""
    return f"{tier.name} from {view.money(tier.from_minor)}{factor}"


def _gift(gift: Gift, view: View) -> str:
    window = f"from {gift.before_days} days before until {gift.after_days} after it"
    goods = ", for some goods only" if gift.purpose is not None else ""
    kind = "" if gift.wallet == 0 else f"{view.wallet(gift.wallet)} "
    return f"{gift.points} {kind}points for the {gift.day.name.lower()}, {window}{goods}"
