"""Screens for people, with rich. A narrow terminal, a pipe and a test see the same words."""

from datetime import tzinfo
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from loyalty.cli.outbox import entry_text, fate_text, receipt_text
from loyalty.cli.till import screens, words
from loyalty.cli.till.amounts import ago, clock_time, date_time, money, pieces
from loyalty.cli.till.bill import Drawn, bill_table, bill_texts, changes
from loyalty.cli.till.state import Place, refusal_text
from loyalty.v1 import common_pb2 as common

WIDTH_CHARS: Final = 100  # where there is no terminal to ask


class Painter:
    """Draws answers on a console."""

    def __init__(self, console: Console, place: Place) -> None:
        self.console = console
        self.drawn = Drawn(place.exponent, place.zone)

    @property
    def zone(self) -> tzinfo | None:
        return self.drawn.zone

    def show(self, answer: screens.Answer) -> None:
        """What happened meanwhile, the screen, and where things stand."""
        for notice in answer.notices:
            self.say(f"[cyan]meanwhile[/]  {escape(notice)}")
        self.screen(answer.screen)
        self.status(answer.status)

    def say(self, text: str) -> None:
        self.console.print(text, highlight=False, soft_wrap=True)

    def money(self, minor: int) -> str:
        return money(minor, self.drawn.exponent)

    def screen(self, screen: screens.Screen) -> None:
        match screen:
            case screens.Counter():
                self.counter(screen)
            case screens.Booked(basket=basket, done=done):
                again = " (it was before; nothing changed now)" if done.repeated else ""
                self.say(f"[green]booked[/]  receipt {receipt_text(done.receipt)}{again}")
                self.bill(done.bill, basket)
                self.balance(done.balance)
            case screens.Changed():
                self.changed(screen)
            case screens.Kept():
                self.kept(screen)
            case screens.TakenBack(done=done):
                self.taken_back(done)
            case screens.MemberShown():
                self.member(screen)
            case screens.Waiting():
                self.waiting(screen)
            case screens.Refused():
                self.say(f"[yellow]rejected[/]  {escape(refusal_text(screen))}; nothing was changed")
            case screens.Wrong(problem=problem, hint=hint):
                self.say(f"[red]no[/]  {escape(problem)}" + (f"\n    {escape(hint)}" if hint else ""))
            case screens.Said(text=text):
                self.say(escape(text))
            case screens.Helped(topic=topic):
                self.help(topic)
            case screens.Left():
                self.left(screen)

    def left(self, screen: screens.Left) -> None:
        if not screen.waiting:
            self.say("good-bye; nothing waits")
            return
        what = "1 entry waits" if screen.waiting == 1 else f"{screen.waiting} entries wait"
        self.say(f"good-bye; {what} in {escape(screen.path)}")
        self.say("sent as soon as a till begins with it again; or by hand: loyalty outbox send")

    def counter(self, screen: screens.Counter) -> None:
        """The basket and what it comes to."""
        basket, quote = screen.basket, screen.quote
        if not basket.lines:
            self.say(f"no lines yet{f', member {escape(basket.called)}' if basket.called else ''}")
            return
        if quote is None:
            self.console.print(bill_table(self.drawn, basket, None))
            self.say(f"[yellow]not quoted[/]  {escape(screen.why)}")
            return
        self.bill(quote.bill, basket, quote)
        owed = f", {quote.balance.debt_points} owed" if quote.balance.debt_points else ""
        self.say(
            f"member       {escape(basket.called)}: {quote.balance.spendable_points} points to spend{owed}; "
            f"on this basket {quote.most_points} at most"
        )

    def bill(self, bill: common.Bill, basket: Any, quote: Any = None) -> None:
        self.console.print(bill_table(self.drawn, basket, bill))
        for title, text in bill_texts(self.drawn, bill, quote):
            self.say(f"{title:<12} {escape(text)}")

    def changed(self, screen: screens.Changed) -> None:
        self.say("[yellow]not booked[/]  it comes to something else now")
        for text in changes(self.drawn, screen.before, screen.now):
            self.say(f"  {escape(text)}")
        self.bill(screen.now.bill, screen.basket, screen.now)
        self.say("[bold]accept? y/n[/]")

    def kept(self, screen: screens.Kept) -> None:
        self.say(f"[yellow]kept[/]  {escape(screen.what)} as entry {screen.position}: {escape(screen.why)}")
        if screen.pay_minor is not None:
            as_quoted = "as quoted" if screen.quoted else "no discount can be promised; points follow"
            self.say(f"to pay {self.money(screen.pay_minor)}, {as_quoted}")
        if screen.points:
            self.say(
                f"{screen.points} points were to pay: they count as spent, unless `waiting` says otherwise"
            )

    def taken_back(self, done: Any) -> None:
        again = " (it was before; nothing changed now)" if done.repeated else ""
        self.say(
            f"[green]taken back[/]  of receipt {receipt_text(done.receipt)}, "
            f"return {receipt_text(done.return_receipt)}{again}"
        )
        for line in done.lines:
            self.say(
                f"  line {line.line}: {pieces(line.quantity_milli)} back, {pieces(line.left_milli)} left; "
                f"refund {self.money(line.refund_minor)}"
            )
        kept_back = f", {self.money(done.kept_back_minor)} kept back" if done.kept_back_minor else ""
        owed = f" ({done.points_owed} of them owed)" if done.points_owed else ""
        ended = f" ({done.points_back_ended} of them ended)" if done.points_back_ended else ""
        self.say(f"refund {self.money(done.refund_minor)}{kept_back}")
        self.say(f"points: {done.points_back} back{ended}, {done.points_taken} taken{owed}")
        if done.services_taken:
            self.say(f"services: {done.services_taken} taken")
        self.balance(done.balance)

    def member(self, screen: screens.MemberShown) -> None:
        new = " is a member now" if screen.enrolled else ""
        tier = ""
        if screen.standing is not None:
            tier = f", {screen.standing.tier}"
            if screen.standing.next_tier:
                tier += f" ({self.money(screen.standing.missing_minor)} to {screen.standing.next_tier})"
        self.say(f"member {screen.member_id}  {escape(screen.called)}{new}{escape(tier)}")
        self.balance(screen.balance)
        for wallet, points in screen.wallets:
            self.say(f"  wallet {wallet}: {points} points to spend")
        for until_ms, points in screen.ending:
            self.say(f"  {points} end {date_time(until_ms, self.zone)}")

    def balance(self, balance: common.Balance) -> None:
        owed = f", {balance.debt_points} owed" if balance.debt_points else ""
        self.say(
            f"balance      {balance.spendable_points} points to spend, {balance.future_points} to come{owed}"
        )

    def waiting(self, screen: screens.Waiting) -> None:
        if not screen.waiting and not screen.set_aside:
            self.say("nothing waits, nothing was rejected")
            return
        table = Table(box=None, pad_edge=False)
        for title in ("", "since", "what", "state"):
            table.add_column(title, justify="left" if title else "right")
        for settled in screen.set_aside:
            entry = settled.entry
            when = clock_time(entry.put_ms, self.zone)
            table.add_row(str(entry.position), when, entry_text(entry), fate_text(settled))
        for entry in screen.waiting:
            state = "waits, may be booked already" if entry.in_doubt else "waits"
            table.add_row(str(entry.position), clock_time(entry.put_ms, self.zone), entry_text(entry), state)
        self.console.print(table)
        if screen.why:
            self.say(f"the first one was not answered: {escape(screen.why)}")
        if screen.set_aside:
            self.say("`seen N` or `seen all` when you have looked after the rejected ones")

    def help(self, topic: str) -> None:
        if topic:
            row = words.BY_NAME[topic]
            self.say(f"{escape(row.usage)}\n    {escape(row.says)}")
            for line in words.MORE.get(topic, ()):
                self.say(f"    {escape(line)}")
            return
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(no_wrap=True)
        table.add_column()
        for row in words.WORDS:
            table.add_row(escape(row.usage), escape(row.says))
        self.console.print(table)

    def status(self, status: screens.Status) -> None:
        """Nothing to say while all is well."""
        parts = []
        if status.line != "up":
            since = clock_time(status.since_ms, self.zone)
            parts.append(f"line {status.line} since {since}")
        if status.waiting:
            oldest = ago(status.now_ms - status.oldest_ms)
            at = clock_time(status.oldest_ms, self.zone)
            parts.append(f"{status.waiting} waiting, oldest since {at} ({oldest})")
        if status.set_aside:
            parts.append(f"{status.set_aside} rejected: see `waiting`")
        if parts:
            self.say(f"[reverse] {' · '.join(parts)} [/]")
