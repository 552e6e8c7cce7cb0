"""The small applications keep the contract: total, whatever they are sent."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.machine.log import blank, chained, entry, run
from tests.machines import MACHINES, outcome

PART = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.sampled_from([0, 1, 4095, 4096, -1, 2**48, 2**48 + 1]),
    st.binary(max_size=4),
    st.just(b"x" * 201),
    st.text(max_size=2),
)
NAMES = ["get", "put", "cas", "delete", "list", "transfer", "balance", "total", "add", "later", "read"]
BODIES = st.one_of(
    st.just(b"\x91" * 3000),  # an array in an array in an array
    st.binary(max_size=12),  # also no msgpack, and text that is no text
    st.lists(PART, max_size=5).map(msgspec.msgpack.encode),
    st.builds(
        lambda name, rest: msgspec.msgpack.encode([name, *rest]),
        st.sampled_from(NAMES),
        st.lists(PART, max_size=4),
    ),
)


@pytest.mark.parametrize("name", sorted(MACHINES))
@settings(max_examples=60, deadline=None)
@given(st.lists(BODIES, max_size=8))
def test_nonsense_is_answered(name: str, texts: list[bytes]) -> None:
    """Every command and every question has an answer that its own reader understands."""
    executor = blank(MACHINES[name]())
    for result in run(executor, chained([entry(seq, text) for seq, text in enumerate(texts, 1)])):
        assert outcome(result[1:])
    for text in texts:
        assert outcome(executor.query(text))
