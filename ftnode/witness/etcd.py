"""The same port on etcd, for those who already run one.

Three keys: the record in canonical bytes, the floor, and the witness's id. Every change is one
transaction on the revisions just read; no lease decides anything. etcd gives no time.
"""

import asyncio
import secrets
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import grpc

from ftnode.core.record import Record
from ftnode.v1 import etcd_pb2 as pb
from ftnode.witness.channel import open_channel, or_unknown
from ftnode.witness.codec import BadRecordError, record_from_bytes, record_to_bytes
from ftnode.witness.port import Conflict, Held, ReadResult, Refused, Swapped, SwapResult, Unknown
from ftnode.witness.rules import refusal, told_after_read, told_after_swap

T = TypeVar("T")

TRIES_MAX: Final = 8  # a swap begins anew so often when only the floor moved under it
_EQUAL, _MOD = 0, 2
_TXN: Final = "/etcdserverpb.KV/Txn"


@dataclass(frozen=True, slots=True)
class _View:
    """What the three keys held at one moment, with the revisions to be conditional on."""

    record: Record | None
    record_revision: int  # 0: absent, here and below
    told_seq: int
    told_revision: int
    witness_id: str

    def held(self) -> Held:
        return Held(self.witness_id, self.record, self.told_seq, 0)


class _BadKeysError(Exception):
    """What is under our keys was not written by us."""


class EtcdClient:
    """`WitnessClient` on etcd; see there.

    Args:
        addresses: members, host:port each. One is used until it fails; the next call takes the next.
        prefix: keys start with this and the cabinet.
        cabinet: whose record.
        unit: who asks: 0 or 1.
        deadline_ms: longest wait for any answer.
        told_ms: a read writes the floor no more often: each write is a revision that etcd keeps.
        credentials: None: plain text.
    """

    def __init__(
        self,
        addresses: Sequence[str],
        prefix: str,
        cabinet: str,
        unit: int,
        deadline_ms: int,
        told_ms: int,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        self._cabinet = cabinet
        self._unit = unit
        self._deadline_s = deadline_ms / 1000
        self._told_s = told_ms / 1000
        self._told_at = -self._told_s  # the first tell is written at once
        self._keys = [f"{prefix}{cabinet}/{name}".encode() for name in ("record", "told_seq", "witness_id")]
        self._channels = [open_channel(address, credentials) for address in addresses]
        self._at = 0

    async def read(self, compared_seq: int, epoch: int) -> ReadResult:
        """The record; on the way the floor is raised, if that is due."""
        return await self._in_time(self._read(compared_seq, epoch))

    async def swap(self, expected: Record, wanted: Record, compared_seq: int) -> SwapResult:
        """Replace the record if the whole of it equals `expected`."""
        return await self._in_time(self._change(expected, wanted, compared_seq))

    async def create(self, wanted: Record, compared_seq: int) -> SwapResult:
        """Put the first record in, if there is none."""
        return await self._in_time(self._change(None, wanted, compared_seq))

    async def close(self) -> None:
        """Let go of all connections; calls under way end as unknown."""
        for channel in self._channels:
            await channel.close(None)

    async def _read(self, compared_seq: int, epoch: int) -> Held:
        view = await self._look()
        told_seq = told_after_read(view.record, view.told_seq, compared_seq, epoch)
        due = time.monotonic() - self._told_at >= self._told_s
        if told_seq > view.told_seq and due:
            put = [_put(self._keys[1], b"%d" % told_seq)]
            done = await self._txn(self._unmoved(view), put, [])
            if done.succeeded:
                self._told_at = time.monotonic()
                return Held(view.witness_id, view.record, told_seq, 0)
        return view.held()

    async def _change(self, expected: Record | None, wanted: Record, compared_seq: int) -> SwapResult:
        view = await self._look()
        if why := refusal(self._cabinet, view.witness_id, self._unit, expected, wanted):
            return Refused(why)
        for _ in range(TRIES_MAX):
            if view.record != expected:
                return Conflict(view.held())
            told_seq = told_after_swap(expected, view.told_seq, wanted, compared_seq)
            puts = [_put(self._keys[0], record_to_bytes(wanted)), _put(self._keys[1], b"%d" % told_seq)]
            done = await self._txn(self._unmoved(view), puts, self._gets())
            if done.succeeded:
                return Swapped(Held(view.witness_id, wanted, told_seq, 0))
            view = self._view(done)
        return Unknown(f"the floor moved {TRIES_MAX} times while the record was swapped")

    async def _look(self) -> _View:
        """The three keys; an etcd without them gets a witness id first."""
        view = self._view(await self._txn([], self._gets(), []))
        if view.witness_id:
            return view
        if view.record is not None:
            raise _BadKeysError(f"{self._keys[0].decode()} is there but {self._keys[2].decode()} is not")
        absent = [_compare(key, 0) for key in (self._keys[0], self._keys[2])]
        await self._txn(absent, [_put(self._keys[2], secrets.token_hex(8).encode())], [])
        view = self._view(await self._txn([], self._gets(), []))
        if not view.witness_id:
            raise _BadKeysError(f"{self._keys[2].decode()} does not stay")
        return view

    def _view(self, done: pb.EtcdTxnResult) -> _View:
        record, told, witness_id = (_one(item) for item in done.responses)
        try:
            return _View(
                record_from_bytes(record.value) if record.mod_revision else None,
                record.mod_revision,
                int(told.value) if told.mod_revision else 0,
                told.mod_revision,
                witness_id.value.decode(),
            )
        except (BadRecordError, ValueError) as error:
            raise _BadKeysError(f"{self._keys[0].decode()} or a key beside it is corrupt: {error}") from error

    def _gets(self) -> list[pb.EtcdOp]:
        return [pb.EtcdOp(range=pb.EtcdRange(key=key)) for key in self._keys]

    def _unmoved(self, view: _View) -> list[pb.EtcdCompare]:
        return [_compare(self._keys[0], view.record_revision), _compare(self._keys[1], view.told_revision)]

    async def _txn(
        self, compare: list[pb.EtcdCompare], success: list[pb.EtcdOp], failure: list[pb.EtcdOp]
    ) -> pb.EtcdTxnResult:
        call = self._channels[self._at].unary_unary(
            _TXN,
            request_serializer=pb.EtcdTxn.SerializeToString,
            response_deserializer=pb.EtcdTxnResult.FromString,
        )
        done: pb.EtcdTxnResult = await call(
            pb.EtcdTxn(compare=compare, success=success, failure=failure),
            timeout=self._deadline_s,
            wait_for_ready=len(self._channels) == 1,  # with more of them the next one is the better wait
        )
        return done

    async def _bounded(self, work: Coroutine[Any, Any, T]) -> T:
        """Raises TimeoutError."""
        async with asyncio.timeout(self._deadline_s):
            return await work

    async def _in_time(self, work: Coroutine[Any, Any, T]) -> T | Refused | Unknown:
        """What `work` comes to within the deadline; else Unknown, and another member next time."""
        member = self._at
        try:
            answer = await or_unknown(self._bounded(work))
        except _BadKeysError as error:
            return Refused(str(error))
        if isinstance(answer, Unknown) and self._at == member:
            self._at = (member + 1) % len(self._channels)
        return answer


def _compare(key: bytes, revision: int) -> pb.EtcdCompare:
    return pb.EtcdCompare(result=_EQUAL, target=_MOD, key=key, mod_revision=revision)


def _put(key: bytes, value: bytes) -> pb.EtcdOp:
    return pb.EtcdOp(put=pb.EtcdPut(key=key, value=value))


def _one(result: pb.EtcdOpResult) -> pb.EtcdKeyValue:
    """The key asked for; one without a revision if it is absent."""
    return next(iter(result.range.kvs), pb.EtcdKeyValue())
