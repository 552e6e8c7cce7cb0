"""Settings that are right alone and wrong together."""

import pytest

from ftnode.config import ConfigError, unit_from, witness_from
from ftnode.config.relations import FRAME_OVERHEAD_BYTES, RELATIONS, is_loopback
from ftnode.config.schema import settings_of
from ftnode.config.unit import Lockstep
from ftnode.machine.requests import OUTCOME_MAX_BYTES
from ftnode.shell.relay import FRAME_BYTES_MAX, FRAME_ITEMS_MAX
from ftnode.store.entry import ACTOR_MAX_BYTES, BODY_MAX_BYTES, REQUEST_ID_MAX_BYTES

GIVEN = {"cabinet": "store-street", "id": 0, "dir": "/data"}
TLS = {"ca_file": "ca.pem", "cert_file": "unit.pem", "key_file": "unit.key"}

BROKEN = [  # sections, what the error must say
    ({"timing": {"heartbeat_ms": 134}}, "timing.silence_ms = 400 is below 3 x timing.heartbeat_ms = 402"),
    ({"timing": {"standby_extra_ms": 49}}, "the active must win the race to the witness"),
    ({"timing": {"slow_standby_ms": 399}}, "silent comes before slow"),
    ({"timing": {"closed_wait_ms": 401}}, "a closed connection only shortens the wait"),
    ({"timing": {"stall_ms": 401}}, "a pause of our own must not look like the peer's silence"),
    ({"timing": {"probe_ms": 701}}, "a probe ends before its disk is called sick"),
    ({"timing": {"mark_ms": 251}}, "an idle log is marked before it is probed again"),
    (
        {"limits": {"batch_max_entries": 4097}},
        "limits.queue_max_entries = 4096 is below limits.batch_max_entries",
    ),
    ({"till": {"message_max_bytes": 4_194_305}}, "the largest command must fit in a batch"),
    ({"lockstep": {"frame_max_bytes": 4_194_304}}, "a batch is one frame"),
    ({"lockstep": {"send_max_bytes": 8_388_607}}, "a full batch fits beside half"),
    ({"lockstep": {"frame_max_bytes": 2_097_151}, "limits": {"batch_max_bytes": 1 << 20}}, "frame_max_bytes"),
    ({"log": {"segment_bytes": 8_388_096}}, "a segment holds some batches"),
    ({"till": {"port": 7401}}, "lockstep.port and till.port are both 7401"),
    ({"lockstep": {"peer_address": "127.0.0.1:7401"}}, "is this unit's own lockstep port"),
    ({"witness": {"kind": "etcd"}}, "witness.etcd_addresses is empty"),
    ({"tls": {"ca_file": "ca.pem", "key_file": "k"}}, "tls.cert_file is empty while others"),
    ({"till": {"host": "0.0.0.0"}}, "till.host = '0.0.0.0' is not loopback and the port has no TLS"),
    ({"admin": {"host": "10.0.0.1"}}, "admin.host = '10.0.0.1' is not loopback"),
    ({"console": {"host": "::"}}, "or say unit.insecure_bind = true"),
    ({"till": {"host": "10.0.0.1"}, "tls": {**TLS, "till": "off"}}, "till.host = '10.0.0.1' is not loopback"),
    ({"console": {"host": "10.0.0.1"}, "tls": {**TLS, "metrics": "off"}}, "console.host = '10.0.0.1'"),
    (
        {"alarms": {"webhook_urls": "https://a.example/x, ftp://b/"}},
        "'ftp://b/': want https://HOST[:PORT]/PATH",
    ),
    ({"alarms": {"webhook_urls": "https://a.example:port/"}}, "want https://HOST[:PORT]/PATH"),
    ({"alarms": {"webhook_urls": "https:///x"}}, "want https://HOST[:PORT]/PATH"),
    ({"alarms": {"webhook_urls": "https://a/\r\nX: y"}}, "want https://HOST[:PORT]/PATH"),
    ({"alarms": {"webhook_urls": "http://10.0.0.9/x"}}, "or say alarms.webhook_plain = true"),
    ({"alarms": {"webhook_urls": "https://ann:pw@a.example/"}}, "into alarms.webhook_token_file"),
    ({"alarms": {"webhook_retry_min_ms": 60_001}}, "pauses grow"),
]

FINE: list[dict[str, object]] = [
    {"timing": {"heartbeat_ms": 133, "standby_extra_ms": 133, "stall_ms": 300}},  # on the boundary
    {"till": {"host": "127.8.8.8"}, "admin": {"host": "::1"}, "console": {"host": "localhost"}},
    {"unit": {**GIVEN, "insecure_bind": True}, "till": {"host": "0.0.0.0"}},
    {"tls": TLS, "till": {"host": "0.0.0.0"}, "lockstep": {"host": "10.0.0.1"}, "metrics": {"host": "::"}},
    {name: {"port": 0} for name in ("till", "lockstep", "metrics")},  # free ports do not collide
    {"witness": {"kind": "etcd", "etcd_addresses": ["127.0.0.1:2379"]}},
    {"alarms": {"webhook_urls": "https://a.example/x?key=1, http://127.0.0.1:9/, http://[::1]:9/"}},
    {"alarms": {"webhook_urls": "http://10.0.0.9/x", "webhook_plain": True}},
]


@pytest.mark.parametrize(("sections", "said"), BROKEN)
def test_a_broken_relation_is_refused(sections: dict[str, object], said: str) -> None:
    """The sentence has both names, both numbers and the reason."""
    with pytest.raises(ConfigError) as caught:
        unit_from({"unit": GIVEN, **sections}, source="unit0.toml")
    assert said in str(caught.value)


@pytest.mark.parametrize("sections", FINE)
def test_what_fits_together_is_taken(sections: dict[str, object]) -> None:
    """Boundaries, and the ways of listening to the world that are allowed."""
    unit_from({"unit": GIVEN, **sections})


def test_each_relation_names_settings_that_exist() -> None:
    """A renamed setting must take its relations along; equal sides would say nothing."""
    settings = unit_from({"unit": GIVEN})
    for relation in RELATIONS:
        for name in (relation.small, relation.large):
            section, setting = name.split(".")
            assert isinstance(getattr(getattr(settings, section), setting), int), name
        assert relation.small != relation.large


def test_the_witness_is_held_to_the_same() -> None:
    """It too listens on loopback only, until it has certificates or the operator insists."""
    given = {"cabinet": "c", "dir": "/w", "host": "0.0.0.0"}
    with pytest.raises(ConfigError, match=r"witness\.host = '0\.0\.0\.0' is not loopback"):
        witness_from({"witness": given})
    with pytest.raises(ConfigError, match=r"metrics\.port and witness\.port are both 7422"):
        witness_from({"witness": {"cabinet": "c", "dir": "/w", "port": 7422}})
    witness_from({"witness": given, "tls": TLS})
    witness_from({"witness": {**given, "insecure_bind": True}})


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("unit0", False),
    ],
)
def test_is_loopback(host: str, loopback: bool) -> None:
    """A name other than localhost may mean anything: it counts as open."""
    assert is_loopback(host) is loopback


def test_what_units_send_on_for_their_callers_fits_into_the_smallest_frame() -> None:
    """Calls and answers are cut by bytes, not by a setting: no setting may be too small for them."""
    (least,) = (each.low for name, each in settings_of(Lockstep) if name == "frame_max_bytes")
    ids_bytes = FRAME_ITEMS_MAX * (REQUEST_ID_MAX_BYTES + ACTOR_MAX_BYTES)
    assert max(FRAME_BYTES_MAX, BODY_MAX_BYTES, OUTCOME_MAX_BYTES) + ids_bytes + FRAME_OVERHEAD_BYTES <= least
