"""`AdminService.Upgrade`: which engine version executes what comes. (rule 19)"""

from typing import Any, Final

from ftnode.core.events import UpgradeAsked
from ftnode.core.state import Unit
from ftnode.core.upgrading import cannot_order, standing
from ftnode.core.versions import Abort, Order, Prepare, Switch
from ftnode.shell.admin_checks import bad, check_reason, refuse_if, unseen, until
from ftnode.shell.driver import now_ms
from ftnode.shell.logbook import Asked
from ftnode.shell.unit import RunningUnit
from ftnode.store.entry import ACTOR_MAX_BYTES
from ftnode.v1 import admin_pb2 as pb
from ftnode.v1 import admin_pb2_grpc as pb_grpc

ANONYMOUS: Final = b"anonymous"
VERSION_MAX: Final = 65_535  # fits an entry's header
_ACTS: Final[dict[int, type[Prepare | Switch | Abort]]] = {
    pb.UPGRADE_ACT_PREPARE: Prepare,
    pb.UPGRADE_ACT_SWITCH: Switch,
    pb.UPGRADE_ACT_ABORT: Abort,
}


class UpgradeAdmin(pb_grpc.AdminServiceServicer):
    """Part of `AdminServer`."""

    _running: RunningUnit

    async def Upgrade(self, request: pb.UpgradeRequest, context: Any) -> pb.UpgradeResponse:
        """See the proto."""
        driver = self._running.driver
        await check_reason(request.reason, context)
        order = await self._order(request, context)
        await refuse_if(cannot_order(driver.unit, order), context)
        what, reason = type(order).__name__.lower(), request.reason or "no reason given"
        actor = next(iter(context.peer_identities() or ()), ANONYMOUS)[:ACTOR_MAX_BYTES]
        driver.say(
            "upgrade_asked", reason, act=what, version=order.version, who=actor.decode(errors="replace")
        )
        before_seq, epoch = driver.unit.log.head_seq, driver.unit.promise.epoch
        driver.feed(UpgradeAsked(now_ms(), order), Asked(actor, request.reason))
        await refuse_if("" if driver.unit.log.head_seq > before_seq else "it just stopped answering", context)
        seq = before_seq + 1
        if not await until(
            lambda: driver.unit.promise.epoch == epoch and driver.unit.log.released_seq >= seq
        ):
            await unseen(context, f"{what} {order.version} on both units")
        stands = standing(driver.unit)
        return pb.UpgradeResponse(seq=seq, version=stands.version, prepared=stands.prepared)

    async def _order(self, request: pb.UpgradeRequest, context: Any) -> Order:
        unit = self._running.driver.unit
        made = _ACTS.get(request.act)
        if made is None:
            await bad(context, "act", f"is {request.act}", "PREPARE, SWITCH or ABORT")
            raise AssertionError("a refused call ends")
        if request.version > VERSION_MAX:
            await bad(context, "version", f"is {request.version}", f"at most {VERSION_MAX}")
        if made is Abort:
            return Abort(standing(unit).prepared)
        return made(request.version or max(unit.can))


def _released(unit: Unit, seq: int, epoch: int) -> bool:
    return unit.promise.epoch == epoch and unit.log.released_seq >= seq
