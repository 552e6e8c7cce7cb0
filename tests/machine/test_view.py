"""Whatever lies in which layer, a view reads like one sorted dict."""

from hypothesis import given, settings
from hypothesis import strategies as st
from sortedcontainers import SortedDict

from ftnode.machine.overlay import Executed, Overlay
from ftnode.machine.view import EntryState, StateView
from ftnode.store.state import BLANK
from ftnode.store.state_dict import DictMedium, DictStateStore

# Few slots, tenants and names, so that layers hide one another.
KEYS = st.builds(
    lambda slot, tenant, name: bytes([0, slot, 0, tenant]) + name,
    st.integers(0, 2),
    st.integers(1, 2),
    st.binary(max_size=2).map(lambda text: bytes(byte % 4 for byte in text)),
)
EDGES = KEYS | st.binary(max_size=5).map(lambda text: bytes(byte % 4 for byte in text))
WRITES = st.dictionaries(KEYS, st.none() | st.binary(max_size=2), max_size=12)
SCANS = st.lists(st.tuples(EDGES, EDGES, st.integers(0, 12)), max_size=6)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("entry"), WRITES),
        st.tuples(st.just("due"), WRITES),
        st.tuples(st.just("compared"), st.integers(0, 3)),
        st.tuples(st.just("discard"), st.integers(0, 3)),
        st.tuples(st.just("set aside"), st.none()),
        st.tuples(st.just("written"), st.none()),
        st.tuples(st.just("take back"), st.none()),
        st.tuples(st.just("scan"), SCANS),
    ),
    max_size=30,
)


class Layered:
    """An overlay on a store, beside the plain history that it must read like."""

    def __init__(self) -> None:
        self.store = DictStateStore(DictMedium())
        self.overlay = Overlay(Executed(0, b"", b"", 0, 0, 0, {}))
        self.state = EntryState(self.store, self.overlay)
        self.history: list[dict[bytes, bytes | None]] = []

    def plain(self, own: dict[bytes, bytes | None]) -> dict[bytes, bytes]:
        merged: dict[bytes, bytes | None] = {}
        for writes in (*self.history, own):
            merged.update(writes)
        return {key: value for key, value in merged.items() if value is not None}

    def step(self, name: str, argument: object) -> None:
        overlay, head, compared = self.overlay, len(self.history), self.overlay.compared.seq
        if name == "entry" and isinstance(argument, dict):
            self.history.append(argument)
            overlay.push(Executed(head + 1, b"", b"", 0, 0, 0, argument))
        elif name == "due":
            self.step("entry", argument)
            overlay.merge_through(head + 1)
            overlay.set_aside()
        elif name == "compared" and isinstance(argument, int):
            overlay.merge_through(min(head, compared + argument))
        elif name == "discard" and isinstance(argument, int):
            overlay.discard_above(max(compared, head - argument))
            del self.history[max(compared, head - argument) :]
        elif name == "set aside":
            overlay.set_aside()
        elif name == "written" and overlay.older:
            writer = self.store.begin_checkpoint(BLANK)
            writer.put_slice(list(overlay.older[0].values.items()))
            writer.prepare()
            writer.write()
            self.store.refresh()
            overlay.drop_oldest()
        elif name == "take back" and overlay.older:
            overlay.take_back_oldest()
        self.state.follow(overlay)


@settings(max_examples=150, deadline=None)
@given(STEPS, WRITES, SCANS)
def test_reads_like_one_dict(
    steps: list[tuple[str, object]], own: dict[bytes, bytes | None], scans: list[tuple[bytes, bytes, int]]
) -> None:
    """Any mixture of layers and own writes: every get and scan is that of the plain history."""
    layered = Layered()
    for name, argument in steps:
        if name == "scan" and isinstance(argument, list):  # scans sort in passing; that must not show
            for start, stop, limit in argument:
                layered.state.scan(start, stop, limit)
        layered.step(name, argument)
    state = layered.state
    state.begin().update(own)
    plain = SortedDict(layered.plain(own))
    for start, stop, limit in [*scans, (b"", b"\xff", 1000)]:
        inside = plain.irange(start, stop, (True, False)) if start < stop else []
        assert state.scan(start, stop, limit) == [(key, plain[key]) for key in inside][:limit]
    for key in [*own, *(key for writes in layered.history for key in writes)]:
        assert state.get(key) == plain.get(key)


def test_a_query_does_not_see_an_entry_in_progress() -> None:
    """Own writes are the entry's own until the executor takes them."""
    layered = Layered()
    query = StateView(layered.store, layered.overlay)
    layered.state.begin()
    layered.state.put(b"\0\1\0\1x", b"1")
    assert query.get(b"\0\1\0\1x") is None
    assert query.scan(b"", b"\xff", 9) == []


def test_a_scan_passes_over_many_deleted_pairs() -> None:
    """It reads on until it has enough, however many of the stored ones are gone."""
    layered = Layered()
    layered.step("entry", {b"\0\1\0\1%04d" % number: b"x" for number in range(500)})
    layered.step("compared", 1)
    layered.step("freeze", None)
    layered.step("written", None)
    layered.step("entry", {b"\0\1\0\1%04d" % number: None for number in range(499)})
    assert layered.state.scan(b"\0\1", b"\0\2", 1) == [(b"\0\1\0\x010499", b"x")]


def test_each_layer_is_seen() -> None:
    """Own writes, executed, being written, stored: one key of each, and one that each hides from below."""
    layered = Layered()
    keys = [b"\0\1\0\1%d" % number for number in range(4)]
    for below, after in ((keys, "written"), (keys[1:], "freeze"), (keys[2:], "scan")):
        layered.step("entry", dict.fromkeys(below, b"seen in layer %d" % len(below)))
        layered.step("compared", 1)
        for step in ("freeze", "written") if after == "written" else (after,):
            layered.step(step, None)
    own = layered.state.begin()
    own[keys[3]] = b"seen in layer 1"
    wanted = [(key, b"seen in layer %d" % (4 - number)) for number, key in enumerate(keys)]
    assert [(key, layered.state.get(key)) for key in keys] == wanted
    assert layered.state.scan(b"", b"\xff", 9) == wanted
