"""A blank unit with a file of a few lines: it asks its partner for the rest, keeps it, and joins."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from ftnode.shell.learning import FILE
from tests.live.kit import BIN, Pair

pytestmark = pytest.mark.live


def few_lines(pair: Pair, cabinet: str = "test", unit: int = 1) -> str:
    """What the example in deploy/ has, without TLS; ports of a free machine would be left out, too."""
    ports = "".join(f"[{name}]\nport = {pair.ports[f'{name}1']}\n" for name in ("till", "metrics", "console"))
    return (
        f'[unit]\ncabinet = "{cabinet}"\nid = {unit}\ndir = "{pair.root}/unit1"\n'
        f'[join]\nlearn_from = "127.0.0.1:{pair.ports["admin0"]}"\n{ports}'
    )


def refused(pair: Pair) -> str:
    """What `ftnode serve` says when it does not start."""
    command = [str(BIN / "ftnode"), "serve", "--config", str(pair.root / "unit1.toml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    return done.stderr


async def test_a_blank_unit_learns_what_its_file_leaves_out(tmp_path: Path) -> None:
    """It waits for its partner, is refused with words if it is somebody else, joins under traffic, and starts
    again from what it kept while its partner is away."""
    pair = Pair(tmp_path)
    settings = pair.root / "unit1.toml"
    try:
        settings.write_text(few_lines(pair))
        pair.start("unit1")  # before anybody is there
        pair.start("witness")
        await asyncio.sleep(0.5)
        pair.form()
        pair.start("unit0")
        async with pair.load(4.0) as load:
            active = await pair.until_duplex()
        load.judge()
        assert active == 0
        assert "to tell the rest of the settings" in (pair.root / "unit1.log").read_text()
        assert (pair.root / "unit1" / FILE).exists()

        pair.kill("unit1")
        settings.write_text(few_lines(pair, cabinet="other"))
        assert "unit.cabinet = 'test' and unit.id = 1, not 'other' and 1" in refused(pair)
        settings.write_text(few_lines(pair, unit=0))
        assert "unit.cabinet = 'test' and unit.id = 1, not 'test' and 0" in refused(pair)

        pair.kill("unit0")
        settings.write_text(few_lines(pair))
        pair.start("unit1")
        for _ in range(200):
            if "settings as it told them last" in (pair.root / "unit1.log").read_text():
                break
            await asyncio.sleep(0.05)
        pair.start("unit0")
        await pair.until_duplex()
    finally:
        pair.end()
