"""Directories, files and ports that cannot be used: what the operator reads then."""

import json
import os
import random
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ftnode.config import load_unit
from ftnode.pair import backoff, files, ports
from ftnode.pair.layout import PairDir, PairError, read_facts
from ftnode.pair.lock import directory_lock


def test_settings_files_point_at_each_other(tmp_path: Path) -> None:
    """Both units and the witness agree on every address, and a second start changes nothing."""
    pair = PairDir.at(tmp_path / "D")
    settings = files.prepare(pair, "corner", free_ports=True)
    zero, one = settings.units
    assert zero.lockstep.peer_address == f"127.0.0.1:{one.lockstep.port}"
    assert one.lockstep.peer_admin_address == f"127.0.0.1:{zero.admin.port}"
    assert zero.witness.address == one.witness.address == f"127.0.0.1:{settings.witness.witness.port}"
    assert {zero.unit.cabinet, one.unit.cabinet, settings.witness.witness.cabinet} == {"corner"}
    assert (
        len({port for name in ("unit0", "unit1", "witness") for *_, port in files.ports_of(settings, name)})
        == 12
    )
    assert files.prepare(pair, "other", free_ports=True) == settings


def test_designed_ports(tmp_path: Path) -> None:
    """Without --free-ports, the ports of the manual."""
    pair = PairDir.at(tmp_path)
    settings = files.prepare(pair, "corner", free_ports=False)
    assert [port for _, _, port in files.ports_of(settings, "unit1")] == [7410, 7411, 7412, 7413, 7414]
    assert [port for _, _, port in files.ports_of(settings, "witness")] == [7420, 7422]


def test_an_edited_settings_file_counts(tmp_path: Path) -> None:
    """The files are the operator's from the first start on."""
    pair = PairDir.at(tmp_path)
    files.prepare(pair, "corner", free_ports=True)
    path = pair.config("unit1")
    path.write_text(path.read_text().replace("# silence_ms = 400", "silence_ms = 500"))
    assert files.prepare(pair, "", free_ports=True).units[1].timing.silence_ms == 500
    assert load_unit(path).timing.silence_ms == 500


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    """Which port, which setting in which file, and the way out."""
    pair = PairDir.at(tmp_path)
    settings = files.prepare(pair, "corner", free_ports=True)
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.units[1].admin.port))
        other.listen()
        with pytest.raises(
            PairError, match=r"port \d+ is in use.*admin\.port in .*unit1\.toml.*--free-ports"
        ):
            files.check_ports(pair, settings, "unit1")
        files.check_ports(pair, settings, "unit0")


def test_free_ports_are_free_and_differ() -> None:
    """Taken ones are passed over, also when chance names them first."""
    first = ports.free(3, random.Random(1))
    with socket.socket() as other:
        other.bind(("127.0.0.1", first[0] + 1))
        other.listen()
        again = ports.free(3, random.Random(1))
    assert first[0] not in again
    assert len(set(again)) == 3
    with pytest.raises(PairError, match="no 17 free ports"):
        ports.free(17)


def test_two_processes_are_given_different_ports(tmp_path: Path) -> None:
    """Also while nobody listens yet; a process that ended has no claim any more."""
    code = "import random; from ftnode.pair import ports; print(ports.free(3, random.Random(2))); input()"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        theirs = json.loads(other.stdout.readline())
        assert ports.free(3, random.Random(2))[0] != theirs[0]
        other.communicate("\n", timeout=20)
    assert ports.free(3, random.Random(2)) == theirs


def test_two_supervisors(tmp_path: Path) -> None:
    """The second one is told who has the directory; after the first one's end it may."""
    pair = PairDir.at(tmp_path)
    holder = rf"in use by another .*pid {os.getpid()}"
    with directory_lock(pair), pytest.raises(PairError, match=holder), directory_lock(pair):
        pass
    with directory_lock(pair):
        pass


def test_a_setting_that_is_wrong_is_named(tmp_path: Path) -> None:
    """The settings' own error reaches the operator."""
    pair = PairDir.at(tmp_path)
    files.prepare(pair, "corner", free_ports=True)
    pair.config("unit0").write_text(pair.config("unit0").read_text() + "\n[nonsense]\n")
    with pytest.raises(PairError, match=r"unit0\.toml.*nonsense"):
        files.prepare(pair, "", free_ports=True)


def test_half_of_the_settings(tmp_path: Path) -> None:
    """A lost settings file is not silently replaced by one with other ports."""
    pair = PairDir.at(tmp_path)
    files.prepare(pair, "corner", free_ports=True)
    pair.config("witness").unlink()
    with pytest.raises(PairError, match=r"witness\.toml missing"):
        files.prepare(pair, "", free_ports=True)


FACTS = [  # what is in pair.json, what the reader is told
    (None, "not there; is this the directory"),
    ("", "damaged"),
    ("{}", "damaged"),
    ('{"format": 1, "cabinet": "c"}', "damaged"),
]


@pytest.mark.parametrize(("text", "told"), FACTS)
def test_pair_json_that_cannot_be_read(tmp_path: Path, text: str | None, told: str) -> None:
    """Absent and damaged are told apart."""
    if text is not None:
        (tmp_path / "pair.json").write_text(text)
    with pytest.raises(PairError, match=told):
        read_facts(PairDir.at(tmp_path))


def run_pair(directory: Path) -> subprocess.CompletedProcess[str]:
    """`ftnode pair` as a process of its own, expected to give up at once."""
    return subprocess.run(
        [sys.executable, "-m", "ftnode.pair", "--dir", str(directory)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    """One line on standard error, exit status 1, no trace of the program's insides."""
    (tmp_path / "file").write_text("")
    done = run_pair(tmp_path / "file" / "D")
    assert done.returncode == 1
    assert "Not a directory" in done.stderr
    assert "Traceback" not in done.stderr


def test_read_only_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told before anything starts. (Root may write anywhere, so the kernel's answer is planted.)"""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PairError, match="may not be written by this user; choose another --dir"):
        files.check_writable(PairDir.at(tmp_path))


BACKOFF = [  # how long each run lasted in ms, wait before each next start
    ((0,), (100,)),
    ((0, 0, 0), (100, 200, 400)),  # doubling
    ((0,) * 8, (100, 200, 400, 800, 1600, 3200, 5000, 5000)),  # up to a limit
    ((0, 0, 10_000, 0), (100, 200, 100, 200)),  # settled: a new story
    ((0, 0, 9_999, 0), (100, 200, 400, 800)),  # not quite
]


@pytest.mark.parametrize(("runs_ms", "waits_ms"), BACKOFF)
def test_backoff(runs_ms: tuple[int, ...], waits_ms: tuple[int, ...]) -> None:
    """A unit that was killed once is back at once; one that cannot run leaves the machine alone."""
    state, waited = backoff.Backoff(), []
    for ran_ms in runs_ms:
        state, wait_ms = state.after(ran_ms)
        waited.append(wait_ms)
    assert tuple(waited) == waits_ms
