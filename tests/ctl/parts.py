"""Statuses to start from, and servers that give them out."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc

from ftnode.v1 import admin_pb2, admin_pb2_grpc, witness_pb2, witness_pb2_grpc

ACTIVE = admin_pb2.UNIT_STATE_ACTIVE
STANDBY = admin_pb2.UNIT_STATE_STANDBY
DUPLEXING = admin_pb2.UNIT_STATE_DUPLEXING
OFFLINE = admin_pb2.UNIT_STATE_OFFLINE


def status(
    unit: int,
    state: admin_pb2.UnitState,
    in_sync: tuple[int, ...] = (0, 1),
    epoch: int = 7,
    safe: bool = True,
    digest: bytes = b"d" * 16,
    digest_seq: int = 90,
) -> admin_pb2.Status:
    """A unit in good health unless told otherwise."""
    return admin_pb2.Status(
        cabinet="corner",
        unit=unit,
        state=state,
        state_why="because",
        epoch=epoch,
        active=0,
        in_sync=in_sync,
        seqs=admin_pb2.Seqs(head_seq=100, compared_seq=90),
        digest_seq=digest_seq,
        digest=digest,
        safe_to_pull=safe,
        safe_to_pull_why="the other one has everything" if safe else "the other one lacks 10 entries",
        witness=admin_pb2.Witness(reachable=True),
        versions=admin_pb2.Versions(software="0.1.0"),
    )


def holding(epoch: int = 7, in_sync: tuple[int, ...] = (0, 1)) -> witness_pb2.Holding:
    """What a witness has on record."""
    record = witness_pb2.Record(cabinet="corner", epoch=epoch, active=0, in_sync=in_sync)
    return witness_pb2.Holding(record=record, witness_id="w")


@dataclass
class FakeUnit(admin_pb2_grpc.AdminServiceServicer):
    """Answers `status`, notes what it was asked, refuses what it is told to refuse."""

    status: admin_pb2.Status
    asked: list[str] = field(default_factory=list)
    refuse: str = ""
    code: grpc.StatusCode = grpc.StatusCode.FAILED_PRECONDITION
    port: int = 0
    brought_up: admin_pb2.UnitState = DUPLEXING

    def GetStatus(
        self, request: admin_pb2.GetStatusRequest, context: grpc.ServicerContext
    ) -> admin_pb2.GetStatusResponse:
        return admin_pb2.GetStatusResponse(status=self.status)

    def WatchStatus(
        self, request: admin_pb2.WatchStatusRequest, context: grpc.ServicerContext
    ) -> Iterator[admin_pb2.WatchStatusResponse]:
        while context.is_active():
            yield admin_pb2.WatchStatusResponse(status=self.status)
            time.sleep(0.1)

    def Switchover(
        self, request: admin_pb2.SwitchoverRequest, context: grpc.ServicerContext
    ) -> admin_pb2.SwitchoverResponse:
        self._note(f"switchover {request.reason}", context)
        return admin_pb2.SwitchoverResponse(active=1, epoch=8)

    def BringDown(
        self, request: admin_pb2.BringDownRequest, context: grpc.ServicerContext
    ) -> admin_pb2.BringDownResponse:
        self._note(f"bring-down force={request.force}", context)
        return admin_pb2.BringDownResponse(state=OFFLINE)

    def BringUp(
        self, request: admin_pb2.BringUpRequest, context: grpc.ServicerContext
    ) -> admin_pb2.BringUpResponse:
        self._note("bring-up", context)
        return admin_pb2.BringUpResponse(state=self.brought_up)

    def SetTime(
        self, request: admin_pb2.SetTimeRequest, context: grpc.ServicerContext
    ) -> admin_pb2.SetTimeResponse:
        checks = "check " if request.check_only else ""
        self._note(f"set-time {checks}{request.time_ms} {request.reason}".rstrip(), context)
        clocks = [admin_pb2.ClockReading(name="unit 0", time_ms=1_795_000_000_000)]
        seq = 0 if request.check_only else 42
        return admin_pb2.SetTimeResponse(was_ms=1_794_000_000_000, seq=seq, clocks=clocks)

    def Upgrade(
        self, request: admin_pb2.UpgradeRequest, context: grpc.ServicerContext
    ) -> admin_pb2.UpgradeResponse:
        act = admin_pb2.UpgradeAct.Name(request.act).removeprefix("UPGRADE_ACT_").lower()
        self._note(f"upgrade {act} {request.version} {request.reason}".rstrip(), context)
        return admin_pb2.UpgradeResponse(seq=43, version=3 if act == "switch" else 2, prepared=0)

    def _note(self, what: str, context: grpc.ServicerContext) -> None:
        self.asked.append(what)
        if self.refuse:
            context.abort(self.code, self.refuse)


class FakeWitness(witness_pb2_grpc.WitnessServiceServicer):
    """Has a record, and answers whoever names its cabinet, as the real one does."""

    def Read(
        self, request: witness_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> witness_pb2.ReadResponse:
        if request.cabinet != "corner":
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"this is corner's, not {request.cabinet!r}'s")
        return witness_pb2.ReadResponse(holding=holding())


@contextmanager
def served(*services: FakeUnit | FakeWitness) -> Iterator[list[int]]:
    """Each service on a port of its own, on loopback; gives the ports."""
    servers, ports = [], []
    for service in services:
        server = grpc.server(ThreadPoolExecutor(2), options=[("grpc.so_reuseport", 0)])
        if isinstance(service, FakeUnit):
            admin_pb2_grpc.add_AdminServiceServicer_to_server(service, server)
        else:
            witness_pb2_grpc.add_WitnessServiceServicer_to_server(service, server)
        ports.append(server.add_insecure_port("127.0.0.1:0"))
        server.start()
        servers.append(server)
    try:
        yield ports
    finally:
        for server in servers:
            server.stop(None).wait()
