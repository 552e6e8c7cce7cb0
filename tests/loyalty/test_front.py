"""The method table: every rpc of all services has one row, and no row is without an rpc."""

from importlib import import_module

import pytest

from loyalty.front import METHODS, SCANS, SERVICES, Method, ScanMethod
from loyalty.v1 import back_office_pb2 as bo
from loyalty.v1 import scans_pb2 as reports
from loyalty.v1 import till_pb2 as pb

RPCS = {
    f"/{service.full_name}/{rpc.name}": rpc
    for file in (pb.DESCRIPTOR, bo.DESCRIPTOR)
    for service in file.services_by_name.values()
    for rpc in service.methods
}
REPORTS = {
    f"/loyalty.v1.ReportService/{rpc.name}": rpc
    for rpc in reports.DESCRIPTOR.services_by_name["ReportService"].methods
}


def test_every_rpc_has_one_row() -> None:
    """No more, no fewer."""
    assert sorted(method.path for method in METHODS) == sorted(RPCS)
    assert sorted(scan.path for scan in SCANS) == sorted(REPORTS)
    named = {method.path.split("/")[1] for method in (*METHODS, *SCANS)}
    assert sorted(named) == sorted(SERVICES)


@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: scan.path)
def test_a_report_streams_its_answers(scan: ScanMethod) -> None:
    """In the back office's lane; how far it is comes first, and its helper can import the encoder."""
    rpc = REPORTS[scan.path]
    assert (rpc.client_streaming, rpc.server_streaming, scan.lane) == (False, True, "back_office")
    numbers = {name: field.number for name, field in rpc.output_type.fields_by_name.items()}
    assert numbers == {"progress": 1, "rows": 2, "rejected": 3}
    assert getattr(import_module(scan.encode.__module__), scan.encode.__qualname__) is scan.encode


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
