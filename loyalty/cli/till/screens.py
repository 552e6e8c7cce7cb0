"""What a till answers, as values: one for each line that was typed. `draw` and `plain` show them."""

from typing import NamedTuple, TypeAlias

from loyalty.cli.till.basket import Basket
from loyalty.client.outbox import Entry, Settled
from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till


class Counter(NamedTuple):
    """The basket, with what it comes to. Without a quote `why` says why there is none."""

    basket: Basket
    quote: till.QuoteDone | None
    why: str = ""


class Booked(NamedTuple):
    """The purchase counts."""

    basket: Basket
    done: till.ConfirmDone


class Kept(NamedTuple):
    """In the outbox: it will be booked once, and nobody knows when."""

    what: str  # "sale 17/3/4/20261122"
    position: int
    why: str
    pay_minor: int | None  # what to take from the customer; None: nothing is sold
    quoted: bool  # the amount is what the customer was quoted
    points: int = 0  # that the customer was to pay with: in doubt


class Changed(NamedTuple):
    """The quote that the customer saw does not hold any more; nothing was booked. Accept? y/n"""

    basket: Basket
    before: till.QuoteDone
    now: till.QuoteDone


class TakenBack(NamedTuple):
    """Goods came back."""

    done: till.ReturnLinesDone


class MemberShown(NamedTuple):
    """Who it is. `enrolled`: since just now."""

    called: str
    member_id: int
    balance: common.Balance
    standing: till.Standing | None = None
    enrolled: bool = False
    ending: tuple[tuple[int, int], ...] = ()  # active_until_ms, points
    wallets: tuple[tuple[int, int], ...] = ()  # further ones: number, points to spend


class Waiting(NamedTuple):
    """What is in the outbox."""

    waiting: tuple[Entry, ...]
    set_aside: tuple[Settled, ...]
    why: str  # the first one still waits


class Refused(NamedTuple):
    """The rules, or the door, said no: nothing was changed."""

    reason: str
    field: str = ""
    acceptable: str = ""


class Said(NamedTuple):
    """Plain words."""

    text: str


class Wrong(NamedTuple):
    """What was typed cannot be done; and what could."""

    problem: str
    hint: str = ""


class Helped(NamedTuple):
    """The words that a till knows, or one of them."""

    topic: str = ""


class Left(NamedTuple):
    """The end, and what waits beyond it."""

    path: str
    waiting: int


Screen: TypeAlias = (
    Counter
    | Booked
    | Kept
    | Changed
    | TakenBack
    | MemberShown
    | Waiting
    | Refused
    | Said
    | Wrong
    | Helped
    | Left
)


class Status(NamedTuple):
    """Where things stand, below each screen."""

    line: str  # "up", "down": nobody answered, "off": by hand
    since_ms: int  # down or off; 0: up
    waiting: int
    oldest_ms: int  # 0: nothing waits
    set_aside: int  # rejected or refused, and nobody has looked yet
    now_ms: int


class Answer(NamedTuple):
    """What one line of input brings."""

    screen: Screen
    status: Status
    notices: tuple[str, ...] = ()  # what happened meanwhile
