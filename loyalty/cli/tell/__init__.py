"""What each kind of answer says to people: tables and lines, by the message's type."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf.message import Message

from loyalty.cli.tell import bills, members, points, published, receipts
from loyalty.cli.view import View

TELLERS: Final[Mapping[type[Message], Callable[[Any, View], None]]] = {
    **bills.TELLERS,
    **members.TELLERS,
    **points.TELLERS,
    **published.TELLERS,
    **receipts.TELLERS,
}


def tell(outcome: Message, view: View) -> bool:
    """Print an outcome; False if nobody here knows how."""
    teller = TELLERS.get(type(outcome))
    if teller is not None:
        teller(outcome, view)
    return teller is not None
