"""Purchases for outbox tests, each ready to be put: sold without a line, and known by its number."""

from loyalty.v1 import common_pb2 as common
from loyalty.v1 import till_pb2 as till
from tests.client.line import NOON_MS

ANN = "+886912345678"


def sold(number: int, sold_ms: int = NOON_MS, phone: str = ANN) -> till.ConfirmRequest:
    """Receipt 17/3/`number`; the request id says the number too."""
    return till.ConfirmRequest(
        request_id=number.to_bytes(16, "big"),
        seen_ms=42,
        client_ms=sold_ms,
        receipt=common.ReceiptId(store=17, terminal=3, number=number, business_day=20261122),
        member=common.MemberRef(phone=phone),
        sold_ms=sold_ms,
        lines=[common.Line(sku="socks", quantity_milli=1000, amount_minor=1290, kind=common.LINE_KIND_GOODS)],
        offline=True,
    )
