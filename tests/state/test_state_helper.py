"""The child process that writes checkpoints: what becomes of the state when it, or its unit, dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ftnode.store.state import BLANK, RottenValue, StoreFault
from ftnode.store.state_helper import Ask, HelperStateStore
from tests.state.contract import ONE, TWO, A, B, at, everything, make
from tests.state.test_state_lmdb import HelperDisk


def test_a_helper_that_dies_is_a_fault_and_is_replaced(tmp_path: Path) -> None:
    """Its checkpoint is lost, the state is not; the next checkpoint starts another."""
    store = HelperStateStore(tmp_path / "state")
    writer = store.begin_checkpoint(at(1))
    writer.put_slice(ONE)
    assert store._helper is not None
    os.kill(store._helper.child.pid, signal.SIGKILL)
    with pytest.raises(StoreFault, match="helper that writes checkpoints"):
        writer.prepare()
    assert store.refresh() == BLANK
    again = store.begin_checkpoint(at(1))
    again.put_slice([(B, b"1")])
    again.prepare()
    again.write()
    again.sync()
    store.refresh()
    assert everything(store) == {B: b"1"}
    store.close()


ORPHAN = """
import os, sys
from pathlib import Path
from ftnode.store.state_helper import Ask, HelperStateStore
from tests.state.contract import ONE, at
store = HelperStateStore(Path(sys.argv[1]))
writer = store.begin_checkpoint(at(1))
writer.put_slice(ONE)
writer.prepare()
print(store._helper.child.pid, flush=True)
os._exit(9)
"""


def test_a_helper_whose_unit_died_writes_nothing(tmp_path: Path) -> None:
    """It ends by itself, and the next life finds what was committed and nothing since."""
    died = subprocess.run(
        [sys.executable, "-c", ORPHAN, str(tmp_path / "state")], check=False, capture_output=True, text=True
    )
    assert died.returncode == 9
    store = HelperStateStore(tmp_path / "state")  # waits until the old helper let go
    assert store.checkpoint == BLANK
    make(HelperDisk(tmp_path / "state"), store, 1, TWO)
    assert store.refresh() == at(1)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{died.stdout.strip()}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not Path(f"/proc/{died.stdout.strip()}").exists()
    store.close()


def test_trouble_before_prepare_is_told_by_prepare(tmp_path: Path) -> None:
    """Beginning and slices are not answered one by one; nothing that went wrong is lost."""
    disk = HelperDisk(tmp_path / "state")
    store = disk.open()
    make(disk, store, 1, ONE)
    disk.rot(store, b"checkpoint")
    helper = store._helper
    assert helper is not None
    helper.send(Ask("begin", at(2)))
    helper.send(Ask("put_slice", None, [(A, b"2")]))
    with pytest.raises(StoreFault, match="record 'checkpoint' does not match"):
        helper.ask(Ask("prepare"))
    store.close()


def test_rot_found_by_the_helper_keeps_its_name(tmp_path: Path) -> None:
    """Key and slot come through the pipe."""
    disk = HelperDisk(tmp_path / "state")
    store = disk.open()
    make(disk, store, 1, ONE)
    store.close()
    disk.rot(store, A)
    store = disk.open()
    with pytest.raises(RottenValue) as caught:
        make(disk, store, 2, TWO)
    assert caught.value.key == A
    store.close()
