"""A backup that holds a switch of the engine's version: restored to points on both sides of it."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ftnode.backup.execute import EngineGone
from ftnode.backup.restore import Order, restore
from ftnode.core import versions
from ftnode.core.versions import Prepare, Switch, to_body
from ftnode.machine.contract import EntryView, Machine, StateWriter
from ftnode.machine.kinds import Kind
from ftnode.store.entry import Entry
from tests.backup.kit import Past, put, quiet
from tests.backup.test_restore import same_state
from tests.machines import Register

PREPARE_SEQ, SWITCH_SEQ, ENTRIES = 20, 31, 60


class Second(Register):
    """Writes otherwise than the first version."""

    version = 2

    def execute(self, state: StateWriter, entry: EntryView) -> bytes:
        result = super().execute(state, entry)
        state.put(bytes(5), b"the second version, entry %d" % entry.seq)
        return result


BOTH: list[Machine] = [Register(), Second()]


def entry(seq: int) -> Entry:
    """Purchases by the version in force; two orders among them."""
    usual = put(seq, seq % 7, b"value %d" % seq)
    orders: dict[int, versions.Order] = {PREPARE_SEQ: Prepare(2), SWITCH_SEQ: Switch(2)}
    if seq in orders:
        return Entry(seq, 1, usual.time_ms, 0, 1, Kind.UPGRADE, body=to_body(orders[seq]))
    return replace(usual, engine_version=2 if seq > SWITCH_SEQ else 1)


@pytest.fixture(scope="module")
def switched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Past]:
    """Snapshots before the switch and behind it, and the whole log."""
    root = tmp_path_factory.mktemp("switched")
    past = Past([entry(seq) for seq in range(1, ENTRIES + 1)], BOTH)
    past.back_up(root, snapshots=(10, 50), files=((1, 30), (31, 60)))
    return root, past


@pytest.mark.parametrize("seq", [15, PREPARE_SEQ, SWITCH_SEQ - 1, SWITCH_SEQ, SWITCH_SEQ + 1, 55, ENTRIES])
def test_every_entry_is_executed_by_the_version_that_was_in_force(
    switched: tuple[Path, Past], tmp_path: Path, seq: int
) -> None:
    """From a snapshot of the first version across the switch, and from one of the second."""
    root, past = switched
    note = restore(Order(root, tmp_path / "unit0", "second", seq=seq), BOTH, quiet, quiet)
    assert note.seq == seq
    same_state(tmp_path / "unit0", past, seq)


@pytest.mark.parametrize(("program", "seq"), [(Register(), 40), (Second(), 15)])
def test_a_program_without_one_of_the_versions_says_which(
    switched: tuple[Path, Past], tmp_path: Path, program: Machine, seq: int
) -> None:
    """Before anything of it is a unit's disk."""
    missing = 3 - program.version
    with pytest.raises(
        EngineGone, match=f"needs engine version {missing}, this program has {program.version}"
    ):
        restore(Order(switched[0], tmp_path / "unit0", "second", seq=seq), [program], quiet, quiet)
    assert not (tmp_path / "unit0").exists()
