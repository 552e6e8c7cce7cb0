"""PostgreSQL as a synchronous pair, in a directory of its own, beside whatever else runs on this machine.

Nothing of an installed cluster is touched: own data directories, own sockets, free ports on loopback, and
the processes are ours to end. PostgreSQL refuses to run as root, so as root we become its own user.
"""

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

BIN_GLOB: Final = "/usr/lib/postgresql/*/bin"
USER: Final = "postgres"
START_S: Final = 60

# Durable, synchronous, otherwise as Debian ships it; jit off and more buffers help short statements.
SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "synchronous_commit": "remote_apply",
    "max_wal_senders": "4",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "hot_standby": "on",
    "log_min_messages": "warning",
    "cluster_name": "ftnode-bench",
}


class PostgresMissing(Exception):
    """There is no PostgreSQL here, or it cannot be run; says why."""


def find_bin() -> Path:
    """The newest installed version's programs. Raises PostgresMissing."""
    found = sorted(glob.glob(BIN_GLOB), key=lambda path: int(path.split("/")[4]))
    if not found:
        raise PostgresMissing("no PostgreSQL under /usr/lib/postgresql: apt-get install postgresql")
    return Path(found[-1])


class PostgresPair:
    """Use as `with PostgresPair() as pair: asyncpg.connect(pair.dsn)`."""

    def __init__(self, under: Path | None = None) -> None:
        """`under` is a directory on the disk to be measured; the system's temporary one if left out.

        Raises:
            PostgresMissing: no PostgreSQL, or root without its user.
        """
        self.bin = find_bin()
        self.version = self.bin.parts[4]
        self.as_user: list[str] = []
        self.directory = Path(tempfile.mkdtemp(prefix="pg-bench-", dir=under))
        if os.geteuid() == 0:
            self._become_its_user()
        self.active, self.standby = self.directory / "active", self.directory / "standby"
        self.ports = {self.active: free_port(), self.standby: free_port()}

    @property
    def dsn(self) -> str:
        """Where to connect."""
        return f"postgresql://{USER}@127.0.0.1:{self.ports[self.active]}/postgres"

    def pids(self) -> list[int]:
        """The first process of each; all others are their children."""
        return [int((data / "postmaster.pid").read_text().split()[0]) for data in (self.active, self.standby)]

    def __enter__(self) -> Self:
        try:
            self._run("initdb", "-D", str(self.active), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C")
            self._configure(self.active, "")
            self._start(self.active)
            host = f"host=127.0.0.1 port={self.ports[self.active]} user={USER} application_name=standby"
            self._run(
                "pg_basebackup", "-D", str(self.standby), "-R", "-X", "stream", "-c", "fast", "-d", host
            )
            self._configure(self.standby, "")
            self._start(self.standby)
            self._configure(self.active, "FIRST 1 (standby)")
            self._run("pg_ctl", "-D", str(self.active), "reload")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        for data in (self.standby, self.active):
            if (data / "postmaster.pid").exists():
                self._run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _configure(self, data: Path, synchronous: str) -> None:
        """Write our settings at the end: later lines win, also over those a base backup brought along."""
        settings = SETTINGS | {
            "port": str(self.ports[data]),
            "unix_socket_directories": str(self.directory),
            "synchronous_standby_names": synchronous,
        }
        with (data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def _start(self, data: Path) -> None:
        log = str(self.directory / f"{data.name}.log")
        self._run("pg_ctl", "-D", str(data), "-l", log, "-w", "-t", str(START_S), "start")

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        command: Sequence[str] = [*self.as_user, str(self.bin / program), *arguments]
        done = subprocess.run(
            command,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=START_S * 2,
            check=False,
        )
        if check and done.returncode:
            raise PostgresMissing(f"{program} failed: {done.stdout.strip()[-500:]}")

    def _become_its_user(self) -> None:
        try:
            user = pwd.getpwnam(USER)
        except KeyError:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise PostgresMissing(
                f"we are root, PostgreSQL must not be, and there is no user {USER}"
            ) from None
        os.chown(self.directory, user.pw_uid, user.pw_gid)
        self.as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--init-groups", "--"]


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
