"""A second process of a unit that is running: it ends, and asks nobody for anything."""

import asyncio
import sys
from pathlib import Path

from ftnode.wire.handshake import Handshake, encode, encode_away

CONFIG = """
[unit]
cabinet = "shop"
id = 1
dir = "{dir}"
[till]
port = 0
[admin]
port = 0
[metrics]
port = 0
[console]
port = 0
[lockstep]
port = 0
peer_address = "127.0.0.1:{partner}"
[witness]
address = "127.0.0.1:{witness}"
"""


async def test_a_process_that_is_sent_away_ends_and_asks_nobody(tmp_path: Path) -> None:
    """Exit status 2 and a last line that says what to do; no record is asked for."""

    async def partner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(encode(Handshake(cabinet="shop", unit=0, life=5)))
        writer.write(encode_away("two processes say that they are unit 1: the first one stays"))
        await reader.read()
        writer.close()

    async def witness(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    at_0 = await asyncio.start_server(partner, "127.0.0.1", 0)
    at_w = await asyncio.start_server(witness, "127.0.0.1", 0)
    servers = {"partner": at_0, "witness": at_w}
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    config = tmp_path / "unit1.toml"
    config.write_text(CONFIG.format(dir=tmp_path / "unit1", **ports))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ftnode.app", "serve", "--config", str(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), 20)
    finally:
        if process.returncode is None:
            process.kill()
        at_0.close()
        at_w.close()
    lines = said.decode().strip().splitlines()
    assert process.returncode == 2, lines
    assert "sent_away" in lines[-1]
    assert "a disk and a unit.id of its own" in lines[-1]
    assert "start this one again" in lines[-1]
    assert "swap_sent" not in said.decode()
