"""The method table: every rpc of both services has one row, and no row is without an rpc."""

import pytest

from loyalty.front import METHODS, SERVICES, Method
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import till_pb2 as pb

RPCS = {
    f"/{service.full_name}/{rpc.name}": rpc
    for file in (pb.DESCRIPTOR, bo.DESCRIPTOR)
    for service in file.services_by_name.values()
    for rpc in service.methods
}


def test_every_rpc_has_one_row() -> None:
    """No more, no fewer."""
    assert sorted(method.path for method in METHODS) == sorted(RPCS)
    assert sorted({method.path.split("/")[1] for method in METHODS}) == sorted(SERVICES)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.path)
def test_a_row_agrees_with_its_rpc(method: Method) -> None:
    """Streams are streams; the back office has its own lane; streams can say "not taken"."""
    rpc = RPCS[method.path]
    assert (method.shape == "stream") == rpc.client_streaming == rpc.server_streaming
    assert (method.lane == "back_office") == ("BackOffice" in method.path)
    assert (method.encode_not_taken is not None) == (method.shape == "stream")


COMMANDS = [rpc for rpc in RPCS.values() if "request_id" in rpc.input_type.fields_by_name]


@pytest.mark.parametrize("rpc", COMMANDS, ids=lambda rpc: rpc.name)
def test_request_ids_are_field_one(rpc: object) -> None:
    """Everywhere, so that any tool can find them."""
    assert rpc.input_type.fields_by_name["request_id"].number == 1  # type: ignore[attr-defined]


def test_every_answer_carries_log_time() -> None:
    """What the next command names as seen."""
    for rpc in RPCS.values():
        fields = rpc.output_type.fields_by_name
        if rpc.name not in ("ExecuteBatch", "ExecuteStream"):  # there each item does
            assert [fields[name].number for name in ("log_time_ms", "seq", "epoch")] == [1, 2, 3]
