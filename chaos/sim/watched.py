"""Machines that say when they were run: so the judge can tell an execution from a remembered answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ftnode.machine.contract import EntryView, Machine, StateReader, StateWriter

if TYPE_CHECKING:
    from chaos.sim.box import Box

TENANT: Final = (9).to_bytes(2, "big")
MARK: Final = bytes(2) + TENANT + b"by"
TWISTED: Final = bytes(2) + TENANT + b"twisted"
TWISTED_VALUE: Final = b"what nobody asked for"


class Watched:
    """The machine given, in one engine version. From the second one on each entry also writes by which
    version it was executed: two units that execute it by different ones have different digests."""

    def __init__(
        self, machine: Machine, version: int, ran: Callable[[int], None], box: "Box | None" = None
    ) -> None:
        self._box = box
        self._machine = machine
        self.version = version
        self._ran = ran

    def execute(self, state: StateWriter, entry: EntryView) -> bytes:
        self._ran(self.version)
        if self._box is not None and self._box.twists(entry.seq):
            state.put(TWISTED, TWISTED_VALUE)
        if self.version > self._machine.version:
            state.put(MARK, self.version.to_bytes(2, "big"))
        return self._machine.execute(state, entry)

    def query(self, state: StateReader, at_ms: int, body: bytes) -> bytes:
        return self._machine.query(state, at_ms, body)


def watched(
    machine: Machine,
    versions: tuple[int, ...],
    ran: Callable[[int], None] = lambda version: None,
    box: "Box | None" = None,
) -> list[Watched]:
    """What a program with these versions executes with, newest first."""
    return [Watched(machine, version, ran, box) for version in sorted(versions, reverse=True)]
