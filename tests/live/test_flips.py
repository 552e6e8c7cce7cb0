"""Bits change in a running unit and on the wire between two: no till hears of it, the right unit goes."""

import random
import subprocess
import sys
from pathlib import Path

from chaos.live.flips.memory import Memory
from chaos.live.flips.report import Flips
from chaos.live.flips.run import flip_all

KEEPER = """
import sys
kept = {b"KEPT-SLOT-key%d" % number: b"value-%d" % number for number in range(100)}
print("up", flush=True)
sys.stdin.readline()
wrong = [(key, value) for key, value in kept.items() if value != b"value-" + key[13:]]
print(wrong, [number for number in range(100) if b"KEPT-SLOT-key%d" % number not in kept], flush=True)
"""


def test_values_and_keys_of_another_process_are_found_and_flipped() -> None:
    """The tool does what it says: else every flip would be one without effect."""
    with subprocess.Popen(
        [sys.executable, "-c", KEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as keeper:
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        keeper.stdout.readline()
        memory = Memory(keeper.pid)
        chance = random.Random(1)
        changed = next(memory.held(b"KEPT-SLOT-key42", chance))
        memory.flip(changed[0].value_at, 1)
        moved = next(held for held in memory.held(b"KEPT-SLOT-key7", chance) if held[0].value == b"value-7")
        memory.flip(moved[0].key_at, 0)
        for place in next(memory.held(b"KEPT-SLOT-key55", chance)):
            memory.flip(place.at, 5)  # its hash
        memory.close()
        said, _ = keeper.communicate("\n", timeout=20)
    assert "(b'KEPT-SLOT-key42', b'talue-42')" in said
    assert said.strip().endswith("[7, 55]")


async def test_a_bit_in_memory_and_one_on_the_wire(tmp_path: Path) -> None:
    """On the active and on the standby: convicted by itself, the other one goes on; on the wire: nobody."""
    flips = Flips()
    await flip_all(tmp_path / "pair", ["memory", "wire"], 2, random.Random(3), flips, lambda text: None)
    assert flips.problems == []
    assert sorted(flip.active for flip in flips.effective("memory")) == [False, True]
    assert all(flip.convicted == flip.unit for flip in flips.effective("memory"))
    assert [flip.convicted for flip in flips.effective("wire")] == [-1, -1]
