"""The published settings do what they are for: a stock client outlives a unit that dies or hangs."""

import asyncio
import json
import signal
from collections.abc import Iterator
from time import monotonic

import grpc
import pytest

from loyalty.client.methods import METHODS
from loyalty.client.published import channel_options, published, target
from loyalty.client.targets import parse_targets
from loyalty.v1 import till_pb2 as till
from tests.client.processes import UnitProcess, two_units

STOCK_WAIT_MAX_S = 2.5  # hang and cut, stock clients with the published options


@pytest.fixture
def units() -> Iterator[list[UnitProcess]]:
    with two_units() as units:
        yield units


async def stock_call(channel: grpc.aio.Channel, phone: str) -> float:
    """Enrol through a plain stub; the seconds it took. Raises what a stock client would raise."""
    stub = channel.unary_unary(
        METHODS["Enrol"].path, till.EnrolRequest.SerializeToString, till.EnrolResponse.FromString
    )
    began = monotonic()
    response = await stub(till.EnrolRequest(request_id=phone.encode().ljust(8), phone=phone))
    assert response.done.member_id > 0
    return monotonic() - began


@pytest.mark.live
@pytest.mark.alone
@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
async def test_a_stock_client_sees_one_slow_answer(units: list[UnitProcess], blow: signal.Signals) -> None:
    """50 calls in flight over both units when one of them dies or hangs; calls go on all the time."""
    address = target([unit.address for unit in units])
    async with grpc.aio.insecure_channel(address, options=channel_options()) as channel:
        await asyncio.gather(*(stock_call(channel, f"+1{n}") for n in range(50)))
        calls = []
        for n in range(200):
            if n == 50:
                units[0].process.send_signal(blow)
            calls.append(asyncio.ensure_future(stock_call(channel, f"+2{n}")))
            await asyncio.sleep(0.01)
        waits = await asyncio.gather(*calls)
    assert max(waits) < STOCK_WAIT_MAX_S
    assert max(waits[-20:]) < 0.5, "afterwards all is as before"


@pytest.mark.alone
async def test_without_the_options_a_hung_unit_holds_a_call_to_its_deadline(
    units: list[UnitProcess],
) -> None:
    """Why channel options are published and not the service config alone. If this fails, simplify."""
    address = target([unit.address for unit in units])
    options = [("grpc.service_config", json.dumps(published()["service_config"]))]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        await asyncio.gather(*(stock_call(channel, f"+1{n}") for n in range(20)))
        units[0].process.send_signal(signal.SIGSTOP)
        calls = [asyncio.ensure_future(stock_call(channel, f"+2{n}")) for n in range(4)]
        done, waiting = await asyncio.wait(calls, timeout=STOCK_WAIT_MAX_S)
        assert (len(done), len(waiting)) == (2, 2)
        for call in waiting:
            call.cancel()


def test_service_config_covers_every_method_we_serve() -> None:
    """Unary methods are retried and have a deadline; the stream has neither."""
    names = {
        (name["service"], name.get("method")): method
        for method in published()["service_config"]["methodConfig"]
        for name in method["name"]
    }
    whole_service = names["loyalty.v1.TillService", None]
    assert whole_service["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE", "RESOURCE_EXHAUSTED"]
    assert "timeout" in whole_service
    assert ("loyalty.v1.BackOfficeService", None) in names
    assert "retryPolicy" not in names["loyalty.v1.TillService", "ExecuteStream"]
    assert "timeout" not in names["loyalty.v1.TillService", "ExecuteStream"]


def test_options_for_a_client_with_retries_of_its_own() -> None:
    options = dict(channel_options(retries=False))
    assert options["grpc.enable_retries"] == 0
    assert "grpc.service_config" not in options
    assert options["grpc.keepalive_time_ms"] == 1000


def test_target_names_all_units() -> None:
    assert target(["10.0.0.1:7400", " 10.0.0.2:7410"]) == "ipv4:10.0.0.1:7400,10.0.0.2:7410"


WRONG = [  # address, what the error says
    ("127.0.0.1", "has no port"),
    (":7400", "has no port"),
    ("unit-0:http", "port 'http' is not a number"),
    ("unit-0:70000", "is not a number from 1 to 65535"),
    ("a:1,a:1", "given twice"),
    ("", "no address given"),
]


@pytest.mark.parametrize(("address", "says"), WRONG)
def test_an_address_that_is_none(address: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_targets(address)


def test_a_name_is_no_ipv4_target() -> None:
    with pytest.raises(ValueError, match="host 'unit-0' is not an IPv4 address"):
        target(["unit-0:7400", "unit-1:7400"])
