"""What a settings file may say, and what an operator reads when it says something else."""

from pathlib import Path
from typing import Any

import pytest

from ftnode.config import ConfigError, load_unit, load_witness, unit_from, witness_from
from ftnode.config.limits import Log
from ftnode.config.schema import settings_of
from ftnode.store.disk import SECTOR_BYTES
from ftnode.store.wal_segment import SEGMENT_MAX_BYTES, SEGMENT_MIN_BYTES

GIVEN = {"cabinet": "store-street", "id": 1, "dir": "/data"}


def unit(**sections: object) -> dict[str, object]:
    """A document that is right, with `sections` added."""
    return {"unit": GIVEN, **sections}


def test_defaults_follow_the_unit_id() -> None:
    """Both units run on one machine with nothing but their id: ports and peer's address follow it."""
    zero, one = (unit_from({"unit": {**GIVEN, "id": number}}) for number in (0, 1))
    assert (zero.till.port, zero.lockstep.port, zero.metrics.port, zero.admin.port) == (
        7400,
        7401,
        7402,
        7403,
    )
    assert (one.till.port, one.lockstep.port, one.metrics.port, one.admin.port) == (7410, 7411, 7412, 7413)
    assert zero.lockstep.peer_address == f"127.0.0.1:{one.lockstep.port}"
    assert one.lockstep.peer_admin_address == f"127.0.0.1:{zero.admin.port}"
    assert witness_from({"witness": {"cabinet": "c", "dir": "/w"}}).witness.port == 7420


def test_design_defaults() -> None:
    """The numbers that the protocol was designed with."""
    timing = unit_from(unit()).timing
    named = (timing.heartbeat_ms, timing.silence_ms, timing.standby_extra_ms, timing.slow_standby_ms)
    assert named == (50, 400, 100, 800)
    assert (timing.probe_ms, timing.boot_wait_ms, unit_from(unit()).state.request_keep_days) == (
        250,
        3000,
        35,
    )


BAD = [  # what the file says besides unit(), what the error must say
    ({"timing": {"silense_ms": 1}}, "unknown setting timing.silense_ms; did you mean timing.silence_ms?"),
    ({"till": {"silence_ms": 400}}, "unknown setting till.silence_ms; did you mean timing.silence_ms?"),
    ({"timings": {}}, "unknown section [timings]; did you mean [timing]?"),
    ({"timing": 3}, "timing is a section: write [timing]"),
    ({"timing": {"silence_ms": "400"}}, 'timing.silence_ms = "400": wanted 20..60000'),
    ({"timing": {"silence_ms": 19}}, "timing.silence_ms = 19: wanted 20..60000"),
    ({"timing": {"silence_ms": 400.0}}, "timing.silence_ms = 400.0: wanted 20..60000"),
    ({"timing": {"silence_ms": True}}, "timing.silence_ms = true: wanted 20..60000"),  # bool is no number
    ({"till": {"port": 65536}}, "till.port = 65536: wanted 0..65535"),
    ({"unit": {**GIVEN, "id": 2}}, "unit.id = 2: wanted 0..1"),
    ({"unit": {**GIVEN, "cabinet": ""}}, 'unit.cabinet = "": wanted 1..64 characters'),
    ({"unit": {"id": 1, "dir": "/data"}}, "unit.cabinet is missing"),
    ({"unit": {**GIVEN, "insecure_bind": 1}}, "unit.insecure_bind = 1: wanted true or false"),
    ({"witness": {"kind": "zookeeper"}}, 'witness.kind = "zookeeper": wanted daemon | etcd'),
    ({"witness": {"address": "witness"}}, 'witness.address = "witness": wanted host:port'),
    ({"witness": {"address": "witness:0"}}, 'witness.address = "witness:0": wanted host:port'),
    ({"log": {"segment_bytes": 2**30 + 512}}, "wanted 65536..1073741824, a multiple of 512"),
    ({"log": {"segment_bytes": 2**24 + 1}}, "log.segment_bytes = 16777217: wanted 65536..1073741824, a mul"),
    ({"witness": {"etcd_addresses": ["a:1", "b"]}}, "wanted 0..16 times host:port"),
    ({"witness": {"etcd_addresses": [1]}}, "witness.etcd_addresses = [1]: wanted"),
]


@pytest.mark.parametrize(("sections", "said"), BAD)
def test_bad_values_say_what_where_and_what_would_be_right(sections: dict[str, object], said: str) -> None:
    """The sentence names the file, the setting, its value and the allowed range."""
    with pytest.raises(ConfigError) as caught:
        unit_from({**unit(), **sections}, source="unit1.toml")
    assert any(said in problem for problem in caught.value.problems), str(caught.value)
    assert all(problem.startswith("unit1.toml: ") for problem in caught.value.problems)


def test_all_problems_are_told_at_once() -> None:
    """An operator repairs a file once, not once per mistake."""
    with pytest.raises(ConfigError) as caught:
        unit_from({"unit": {"id": 5}, "tills": {}, "log": {"segment_bytes": 1}})
    assert len(caught.value.problems) == 5  # cabinet, dir, id, [tills], segment_bytes


ENVIRON: list[tuple[dict[str, str], Any, Any]] = [  # variable, how to read the setting, what it is then
    ({"FTNODE_TIMING_SILENCE_MS": "500"}, lambda s: s.timing.silence_ms, 500),
    ({"FTNODE_TIMING_SILENCE_MS": " 5_00 "}, lambda s: s.timing.silence_ms, 500),
    ({"FTNODE_UNIT_INSECURE_BIND": "True"}, lambda s: s.unit.insecure_bind, True),
    ({"FTNODE_UNIT_INSECURE_BIND": "0"}, lambda s: s.unit.insecure_bind, False),
    ({"FTNODE_WITNESS_ETCD_ADDRESSES": "a:1, b:2"}, lambda s: s.witness.etcd_addresses, ("a:1", "b:2")),
    ({"FTNODE_UNIT_ID": "0"}, lambda s: s.till.port, 7400),  # overrides before defaults follow it
    ({"FTNODE_WITNESS_COMPARED_SYNC_MS": "5"}, lambda s: s.witness.kind, "daemon"),  # the witness's, not ours
    ({"HOME": "/root", "FTNODE_CONFIG": "x"}, lambda s: s.unit.id, 1),
]


@pytest.mark.parametrize(("environ", "read", "wanted"), ENVIRON)
def test_environment_overrides_the_file(environ: dict[str, str], read: Any, wanted: object) -> None:
    """FTNODE_SECTION_NAME wins over the file."""
    assert read(unit_from(unit(timing={"silence_ms": 450}), environ)) == wanted


BAD_ENVIRON = [
    ({"FTNODE_TIMING_SILENC_MS": "1"}, "FTNODE_TIMING_SILENC_MS; did you mean FTNODE_TIMING_SILENCE_MS?"),
    ({"FTNODE_TIMING_SILENCE_MS": "soon"}, 'FTNODE_TIMING_SILENCE_MS = "soon": wanted 20..60000'),
    ({"FTNODE_TIMING_SILENCE_MS": "9" * 30}, "wanted 20..60000"),
    ({"FTNODE_UNIT_INSECURE_BIND": "yes please"}, "wanted true or false"),
]


@pytest.mark.parametrize(("environ", "said"), BAD_ENVIRON)
def test_a_bad_variable_is_named(environ: dict[str, str], said: str) -> None:
    """A typing mistake in the environment is as loud as one in the file."""
    with pytest.raises(ConfigError, match=r"FTNODE_") as caught:
        unit_from(unit(), environ)
    assert said in str(caught.value)


FILES = [  # bytes of the file, what the error must say
    (None, "cannot be read: No such file"),
    (b"[unit\n", "not valid TOML"),
    (b"\xff\xfe", "not valid TOML"),
    (b"#" * 1_048_577, "larger than"),
    (b"[unit]\ncabinet = 'a'\ncabinet = 'b'\n", "not valid TOML"),
]


@pytest.mark.parametrize(("content", "said"), FILES)
def test_unreadable_files(tmp_path: Path, content: bytes | None, said: str) -> None:
    """A file that is none says so by name."""
    path = tmp_path / "unit.toml"
    if content is not None:
        path.write_bytes(content)
    for load in (load_unit, load_witness):
        with pytest.raises(ConfigError, match=str(path)) as caught:
            load(path, {})
        assert said in str(caught.value)


def test_the_log_takes_every_segment_size_that_the_settings_allow() -> None:
    """What it refused ended in a traceback at the start, where a sentence was due."""
    declared = dict(settings_of(Log))["segment_bytes"]
    assert declared.low >= SEGMENT_MIN_BYTES
    assert declared.high <= SEGMENT_MAX_BYTES
    assert declared.step % SECTOR_BYTES == 0
