"""A file of a few lines and what the partner tells come to the settings that the pair needs."""

from pathlib import Path
from typing import Any

import pytest

from ftnode.config import ConfigError, UnitSettings, load_unit
from ftnode.config.learned import merged, offered
from ftnode.config.load import document_of, unit_from
from ftnode.witness.naming import meant

DEPLOY = Path(__file__).parents[2] / "deploy"
TLS = {"ca_file": "/ca", "cert_file": "/cert", "key_file": "/key"}
RUNS: dict[str, Any] = {  # unit 0, in the field
    "unit": {"cabinet": "store-street", "id": 0, "dir": "/data"},
    "till": {"host": "10.0.0.1"},
    "lockstep": {
        "host": "10.0.0.1",
        "peer_address": "10.0.0.2:7511",
        "peer_admin_address": "10.0.0.2:7513",
        "frame_max_bytes": 16_777_216,
    },
    "admin": {"host": "10.0.0.1"},
    "metrics": {"host": "0.0.0.0"},
    "witness": {"address": "10.0.0.3:7420"},
    "timing": {"silence_ms": 500},
    "state": {"request_keep_days": 40},
    "tls": TLS,
}
ASKED_AT = "10.0.0.1:7403"


def blank() -> dict[str, object]:
    return document_of(DEPLOY / "unit1-blank.toml")


def joined(document: dict[str, object] | None = None, witness: str = "") -> UnitSettings:
    runs = unit_from(RUNS)
    told = offered(runs, meant(witness, runs.witness))
    return unit_from(merged(document or blank(), told, ASKED_AT))


def test_the_example_is_enough() -> None:
    """It is a settings file by itself, and with its partner's word it finds everybody and is found."""
    assert load_unit(DEPLOY / "unit1-blank.toml", {}).join.learn_from == ASKED_AT
    unit = joined()
    assert (unit.unit.id, unit.unit.cabinet) == (1, "store-street")
    assert unit.witness.address == "10.0.0.3:7420"
    assert (unit.lockstep.peer_address, unit.lockstep.peer_admin_address) == ("10.0.0.1:7401", ASKED_AT)
    assert (unit.lockstep.host, unit.lockstep.port) == ("10.0.0.2", 7511)
    assert (unit.admin.host, unit.admin.port) == ("10.0.0.2", 7513)
    assert (unit.till.host, unit.till.port) == ("10.0.0.2", 7410)
    assert unit.metrics.host == "0.0.0.0"
    assert unit.console.host == "127.0.0.1"
    assert (unit.timing.silence_ms, unit.state.request_keep_days) == (500, 40)
    assert unit.lockstep.frame_max_bytes == 16_777_216


def test_the_witness_that_counts_is_told_not_the_one_in_a_file() -> None:
    """It may have been replaced since the file was written; an etcd is a witness too."""
    assert joined(witness="10.0.0.9:7420").witness.address == "10.0.0.9:7420"
    etcd = joined(witness="etcd://10.0.0.4:2379,10.0.0.5:2379/ftnode/").witness
    assert (etcd.kind, etcd.etcd_addresses) == ("etcd", ("10.0.0.4:2379", "10.0.0.5:2379"))


def test_what_the_file_says_counts() -> None:
    """Also where the partner says something else."""
    document = blank() | {"lockstep": {"port": 9000}, "timing": {"silence_ms": 700}}
    unit = joined(document)
    assert (unit.lockstep.port, unit.lockstep.host, unit.timing.silence_ms) == (9000, "10.0.0.2", 700)


def test_a_partner_of_a_later_version_may_know_more() -> None:
    """What this version does not know it leaves alone; it cannot set what is not the pair's."""
    told = {"timing.unheard_of_ms": 5, "tls.ca_file": "/theirs", "unit.dir": "/elsewhere"}
    assert merged(blank(), told, ASKED_AT)["tls"] == blank()["tls"]
    assert unit_from(merged(blank(), told, ASKED_AT)).unit.dir == "/var/lib/ftnode/unit1"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"timing.silence_ms": 1}, "timing.silence_ms = 1: wanted 20..60000"),
        ({"timing.silence_ms": {"a": 1}}, "timing.silence_ms = {'a': 1} is no setting"),
        ({"nonsense": 1}, "nonsense = 1 is no setting"),
        ({"witness.address": "nowhere"}, "witness.address"),
    ],
)
def test_nonsense_is_refused(told: dict[str, object], said: str) -> None:
    """With the setting's name, and what would be right."""
    with pytest.raises(ConfigError) as refused:
        unit_from(merged(blank(), told, ASKED_AT))
    assert said in str(refused.value)
