"""Whole sessions as a cashier sees them, one text file each: `REWRITE=1 pytest` writes them anew."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.cli.till.stage import Stage, play

SESSIONS = sorted(Path(__file__).with_name("sessions").glob("*.txt"))


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_session(path: Path, tmp_path: Path) -> None:
    """A difference that you can explain may be committed."""
    script = path.read_text("utf-8")
    now = asyncio.run(play(script, Stage(tmp_path)))
    if os.environ.get("REWRITE"):
        path.write_text(now, "utf-8")
    assert now == script
