"""A machine that says whether it was run: so the judge can tell an execution from a remembered answer."""

from ftnode.machine.contract import EntryView, Machine, StateReader, StateWriter


class Watched:
    """The machine given, and `ran`: set whenever it executed."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.version = machine.version
        self.ran = False

    def execute(self, state: StateWriter, entry: EntryView) -> bytes:
        self.ran = True
        return self._machine.execute(state, entry)

    def query(self, state: StateReader, at_ms: int, body: bytes) -> bytes:
        return self._machine.query(state, at_ms, body)
