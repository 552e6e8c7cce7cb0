"""A hold that ran out is not read whole: what is read of it, and that the rest stays as it was written."""

from msgspec.structs import replace

from loyalty import commands as cmd
from loyalty.commands import SpendMode
from loyalty.commands.promotions import Caps, PercentOff
from loyalty.engine import keys, records
from loyalty.outcomes import Bill, HoldDone, HoldState
from tests.loyalty.desk import publish
from tests.loyalty.kit import NOON, PHONE, Shop, expect, goods, purchase, receipt


def test_an_outline_has_the_same_fields_in_the_same_places() -> None:
    """A field more in one of them would move what comes after it."""
    assert records.HeldOutline.__struct_fields__ == records.Held.__struct_fields__
    assert records.BillOutline.__struct_fields__ == Bill.__struct_fields__


def test_an_outline_is_written_as_the_whole_would_be() -> None:
    """Byte by byte, and what gives back reads the same in both."""
    shop = Shop()
    shop.define(welcome_points=100)
    shop.enrol()
    publish(shop, 1, PercentOff(1000), caps=Caps(member_times=5))
    order = purchase("p" + PHONE, goods(1000), goods(2500, 2000), spend=60, mode=SpendMode.UP_TO)
    expect(shop.run(cmd.Hold(order, NOON + 1000)), HoldDone)
    value = shop.state.pairs[keys.identity(1, receipt(1))]
    whole, outline = records.taken(value), records.held_outline(value)
    assert isinstance(whole, records.Held)
    assert isinstance(outline, records.HeldOutline)
    assert whole.bill.draws
    assert (outline.bill.draws, outline.uses, outline.day) == (whole.bill.draws, whole.uses, whole.day)
    ended = records.encode(replace(outline, hold=HoldState.ENDED))
    assert ended == records.encode(replace(whole, hold=HoldState.ENDED))
