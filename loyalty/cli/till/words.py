"""What a cashier types, made into values. One table of words: it parses, and it is the help."""

import difflib
import shlex
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from loyalty.cli.till.amounts import NotANumber, milli_of, whole_of
from loyalty.commands.limits import RECEIPT_MAX_LINES

INPUT_MAX_CHARS: Final = 1000


class Add(NamedTuple):
    """One more line; the price is text until the currency is known."""

    article: str
    milli: int = 1000
    price: str = ""


class Drop(NamedTuple):
    line: int


class Count(NamedTuple):
    line: int
    milli: int


class Clear(NamedTuple):
    pass


class Show(NamedTuple):
    """The basket, quoted anew."""


class Who(NamedTuple):
    """Set the member; empty: none."""

    ref: str


class Enrol(NamedTuple):
    phone: str
    cards: tuple[str, ...]


class Balance(NamedTuple):
    pass


class Points(NamedTuple):
    """Pay with so many; None: as many as possible; 0: with none."""

    points: int | None


class Coupons(NamedTuple):
    codes: tuple[str, ...]


class Pay(NamedTuple):
    wish: Points | None  # None: as it was quoted


class TakeBack(NamedTuple):
    receipt: str
    line: int
    milli: int


class Line(NamedTuple):
    """`on` and `off` by hand; `auto` lets the till find out."""

    mode: str


class Look(NamedTuple):
    """At the outbox."""


class Send(NamedTuple):
    """Ask now for what waits."""


class Seen(NamedTuple):
    """A person has seen this rejected one; 0: all of them."""

    position: int


class Number(NamedTuple):
    """The next receipt's number."""

    number: int


class Yes(NamedTuple):
    pass


class No(NamedTuple):
    pass


class Help(NamedTuple):
    topic: str


class Quit(NamedTuple):
    pass


Word: TypeAlias = (
    Add
    | Drop
    | Count
    | Clear
    | Show
    | Who
    | Enrol
    | Balance
    | Points
    | Coupons
    | Pay
    | TakeBack
    | Line
    | Look
    | Send
    | Seen
    | Number
    | Yes
    | No
    | Help
    | Quit
)


class NotUnderstood(ValueError):
    """`hint` says what would have been."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.hint = hint


class Row(NamedTuple):
    """One word: how it is typed, what it does, how it is read."""

    name: str
    usage: str
    says: str
    read: Callable[[list[str]], Word]


def parse(text: str) -> Word:
    """What one line of input wants.

    Raises:
        NotUnderstood: with a hint.
    """
    text = "".join(char if char.isprintable() else " " for char in text)  # no escape reaches the screen
    if len(text) > INPUT_MAX_CHARS:
        raise NotUnderstood(f"{len(text)} characters are too many: at most {INPUT_MAX_CHARS}")
    try:
        parts = shlex.split(text)
    except ValueError:
        parts = text.split()  # an apostrophe is no quote here
    if not parts:
        return Show()
    row = BY_NAME.get(parts[0].lower())
    try:
        if row is None:
            return _phone_or_article(parts)
        return row.read(parts[1:])
    except NotANumber as problem:
        raise NotUnderstood(str(problem), usage_of(row) if row else "") from None
    except (ValueError, IndexError):  # too few parts, too many, or others
        raise NotUnderstood(f"{parts[0]}: not like this", usage_of(row) if row else "") from None


def hint_for(word: str, more: list[str]) -> str:
    """`did you mean pay?`, from the words there are and others that would do."""
    near = difflib.get_close_matches(word.lower(), [*BY_NAME, *more], n=1, cutoff=0.7)
    return f"did you mean {near[0]}?" if near else "help shows what can be typed"


def usage_of(row: Row) -> str:
    return f"wanted: {row.usage}"


def _phone_or_article(parts: list[str]) -> Word:
    if len(parts) == 1 and parts[0].startswith("+") and parts[0][1:].isdigit():
        return Who(parts[0])
    return _add(parts)


def _add(parts: list[str]) -> Word:
    """`socks`, `4006381333931 2`, `4006381333931 2 12.90`, `ski boots 2`."""
    numbers = 0
    while numbers < min(2, len(parts) - 1) and _is_number(parts[-1 - numbers]):
        numbers += 1
    name, given = parts[: len(parts) - numbers], parts[len(parts) - numbers :]
    if not name:
        raise ValueError
    return Add(" ".join(name), milli_of(given[0]) if given else 1000, given[1] if numbers == 2 else "")


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace(",", "", 1).isdigit()


def _points(parts: list[str]) -> Points:
    points = _one(parts)
    if points.lower() == "max":
        return Points(None)
    return Points(0 if points in ("0", "none") else whole_of(points, "number of points"))


def _pay(parts: list[str]) -> Word:
    if not parts:
        return Pay(None)
    if parts[0].lower() != "points":
        raise ValueError
    return Pay(_points(parts[1:]))


def _take_back(parts: list[str]) -> Word:
    receipt, line, *count = parts
    if len(count) > 1:
        raise ValueError
    return TakeBack(receipt, _line(line), milli_of(count[0]) if count else 1000)


def _who(parts: list[str]) -> Word:
    ref = _one(parts)
    return Who("" if ref.lower() == "none" else ref)


def _mode(parts: list[str]) -> Word:
    mode = _one(parts).lower()
    if mode not in ("on", "off", "auto"):
        raise ValueError
    return Line("auto" if mode == "on" else mode)


def _seen(parts: list[str]) -> Word:
    position = _one(parts)
    return Seen(0 if position.lower() == "all" else whole_of(position, "entry"))


def _coupons(parts: list[str]) -> Word:
    if not parts:
        raise ValueError
    return Coupons(() if parts == ["none"] else tuple(parts))


def _enrol(parts: list[str]) -> Word:
    names = [part.removeprefix("card:") for part in parts]
    phones = [name for name in names if name.startswith("+")]
    if not names or len(phones) > 1:
        raise ValueError
    return Enrol(phones[0] if phones else "", tuple(name for name in names if name not in phones))


def _line(text: str) -> int:
    return whole_of(text, "line", RECEIPT_MAX_LINES)


def _one(parts: list[str]) -> str:
    (part,) = parts
    return part


def _nothing(word: Word) -> Callable[[list[str]], Word]:
    def read(parts: list[str]) -> Word:
        if parts:
            raise ValueError
        return word

    return read


WORDS: Final = (
    Row("add", "ARTICLE [PIECES [PRICE]]", "One more line; without `add` too. PRICE is of one piece.", _add),
    Row("drop", "drop LINE", "Take a line off.", lambda parts: Drop(_line(_one(parts)))),
    Row(
        "count",
        "count LINE PIECES",
        "So many pieces of a line.",
        lambda parts: Count(_line(parts[0]), milli_of(_one(parts[1:]))),
    ),
    Row("clear", "clear", "Begin anew: no lines, no member.", _nothing(Clear())),
    Row("quote", "quote", "Count it all again; so does an empty line.", _nothing(Show())),
    Row("member", "member PHONE|CARD|ID|none", "Whose purchase it is; a phone alone will do.", _who),
    Row("enrol", "enrol PHONE [CARD ...]", "Make a person a member, and his the purchase.", _enrol),
    Row("balance", "balance", "The member's points.", _nothing(Balance())),
    Row("points", "points N|max|none", "Quote it paid with points.", _points),
    Row("coupon", "coupon CODE [CODE ...]|none", "Coupons that the customer shows.", _coupons),
    Row("pay", "pay [points N|max]", "Book it, as it was quoted, or with points.", _pay),
    Row("return", "return RECEIPT LINE [PIECES]", "Take goods back.", _take_back),
    Row("line", "line off|on", "Work without a line; or find out by yourself again.", _mode),
    Row("waiting", "waiting", "What waits for an answer, and what was rejected.", _nothing(Look())),
    Row("send", "send", "Ask now for what waits.", _nothing(Send())),
    Row("seen", "seen N|all", "A rejected one that you have looked after.", _seen),
    Row("number", "number N", "Receipts go on at N.", lambda parts: Number(whole_of(_one(parts), "number"))),
    Row("y", "y", "Accept a changed quote.", _nothing(Yes())),
    Row("n", "n", "Do not.", _nothing(No())),
    Row("help", "help [WORD]", "This; or more of one word.", lambda parts: Help(" ".join(parts).lower())),
    Row("quit", "quit", "End. What waits is kept.", _nothing(Quit())),
)


ALIASES: Final = {
    "yes": "y",
    "no": "n",
    "exit": "quit",
    "?": "help",
    "remove": "drop",
    "phone": "member",
    "rejected": "waiting",
}
BY_NAME: Final = {row.name: row for row in WORDS}
BY_NAME.update({alias: BY_NAME[name] for alias, name in ALIASES.items()})

MORE: Final = {  # what one sentence cannot say
    "add": (
        "4006381333931 2 12.90    two pieces at 12.90",
        "4006381333931            one piece, at the price in the article file",
        "bananas 1.234            a weight; boots will do, if only one name has such a word",
    ),
    "member": (
        "+886912345678 is a phone, card:2000-1234 or 2000-1234 a card, 81 a member id.",
        "Another member's points are others: the wish to pay with points is forgotten.",
    ),
    "pay": (
        "The pair books exactly what the customer saw, or says what changed and asks.",
        "Without a line the sale is kept, dated now, and sent in order when the line is back.",
        "Points are never spent without a line.",
    ),
    "return": (
        "RECEIPT is 4711 (this till, today), 17/3/4711 (today) or 17/3/4711/20261122.",
        "One piece, unless PIECES says otherwise; any line, any number of times, at any store.",
    ),
    "line": ("line off: sales are kept without asking anybody.  line on: the till asks, and finds out.",),
    "waiting": ("What was rejected stays here until `seen`: nothing was booked for it.",),
}
