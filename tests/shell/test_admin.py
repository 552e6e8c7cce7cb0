"""What an operator is told of a wish that was taken and whose end was not seen."""

from types import SimpleNamespace
from typing import Any, cast

import grpc
import pytest

from ftnode.core import events as ev
from ftnode.core.fsm import State
from ftnode.shell import admin, admin_checks
from ftnode.shell.admin import AdminServer
from ftnode.v1 import admin_pb2 as pb


class Context:
    """Notes the status."""

    def auth_context(self) -> dict[str, list[bytes]]:
        return {}

    async def abort(self, code: grpc.StatusCode, message: str, metadata: object) -> None:
        self.code, self.metadata = code, metadata
        raise grpc.aio.AbortError(message)


@pytest.mark.parametrize("wish", ["switchover", "bring_down"])
async def test_what_was_begun_and_not_seen_to_end_is_unknown(
    wish: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unit goes on draining or leaving: "not taken" would be untrue, and a second wish a surprise."""
    monkeypatch.setattr(admin_checks, "WAIT_S", 0.01)
    monkeypatch.setattr(admin, "cannot_hand_over", lambda _: "")
    heard: list[ev.Event] = []
    unit = SimpleNamespace(state=State.ACTIVE, record=SimpleNamespace(epoch=3, active=0), other=1, me=0)
    driver = SimpleNamespace(unit=unit, feed=heard.append, say=lambda *_, **__: None)
    server = AdminServer(cast(Any, SimpleNamespace(driver=driver)), lambda: 0)
    context = Context()
    asked: Any = (
        server.Switchover(pb.SwitchoverRequest(), context)
        if wish == "switchover"
        else server.BringDown(pb.BringDownRequest(), context)
    )
    with pytest.raises(grpc.aio.AbortError, match="not seen in time; it may still happen"):
        await asked
    assert len(heard) == 1
    assert (context.code, context.metadata) == (grpc.StatusCode.UNAVAILABLE, ())
