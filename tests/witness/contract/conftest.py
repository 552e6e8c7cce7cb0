"""Every test of the contract runs on each witness."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.witness.contract.harness import Daemon, Etcd, EtcdServer, Witness


@pytest.fixture(scope="session")
def etcd_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdServer]:
    """The run's etcd; started when the first test wants it."""
    if shutil.which("etcd") is None:
        pytest.skip("no etcd on this machine: the contract runs on our daemon only (Debian: etcd-server)")
    server = EtcdServer(tmp_path_factory.mktemp("etcd"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=["daemon", "etcd"])
async def witness(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Witness]:
    """An empty witness of either kind."""
    if request.param == "daemon":
        made: Witness = Daemon(tmp_path / "witness")
        await made.start()
        yield made
        await made.stop()
    else:
        made = Etcd(request.getfixturevalue("etcd_server"))
        yield made
        await made.start()  # for the next test, should this one have ended with it down
