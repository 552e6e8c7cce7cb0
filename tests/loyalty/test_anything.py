"""Commands and questions of any values, sent into a club where sensible things happen: always an answer.

Nothing raises, every answer decodes, every key and value is one that a store takes, a rejection changes
not one byte, and after all of it everything still equals a recount.
"""

from collections import Counter
from random import Random
from typing import Any, get_args

from msgspec import msgpack

from loyalty.commands import AnyQuery
from loyalty.outcomes import AnyOutcome, Code, Rejected
from tests.loyalty import ledger
from tests.loyalty.anything import Anything
from tests.loyalty.history import Played, opened, random_steps
from tests.loyalty.kit import ENGINE, KINDS, Entry
from tests.loyalty.test_bounds import StrictState
from tests.profile import seeds

_decode: Any = msgpack.Decoder(AnyOutcome).decode
_encode = msgpack.Encoder().encode


def in_a_strict_state(seed: int) -> Played:
    """A club whose state refuses what the runtime's would."""
    played, _ = opened(seed)
    strict = StrictState()
    strict.pairs = played.shop.state.pairs
    played.shop.state = strict
    return played


def send_anything(played: Played, anything: Anything) -> tuple[str, Any]:
    """One command of any kind and values; it may not even be one."""
    shop = played.shop
    kind: Any = anything.chance.choice(list(KINDS))
    shop.seq += 1
    body = _encode(anything.struct(kind))
    before = dict(shop.state.pairs)
    outcome = _decode(ENGINE.execute(shop.state, Entry(shop.seq, shop.now_ms, KINDS[kind], 1, body)))
    if isinstance(outcome, Rejected):
        assert shop.state.pairs == before
    return kind.__name__, outcome


def ask_anything(played: Played, anything: Anything) -> tuple[str, Any]:
    """One question of any kind and values."""
    query = anything.struct(anything.chance.choice(get_args(AnyQuery)))
    before = dict(played.shop.state.pairs)
    outcome = _decode(ENGINE.query(played.shop.state, played.shop.now_ms, _encode(query)))
    assert played.shop.state.pairs == before
    return type(query).__name__, outcome


def test_whatever_comes_is_answered() -> None:
    """Three of anything after each sensible command; every kind of both was sent, and understood."""
    seen: Counter[str] = Counter()
    for seed in seeds(15):
        played = in_a_strict_state(seed)
        anything = Anything(Random(seed), played.members)
        for step in random_steps(seed, 40):
            played.play(step)
            for send in (send_anything, send_anything, ask_anything):
                name, outcome = send(played, anything)
                seen[name] += not isinstance(outcome, Rejected) or outcome.code is not Code.MALFORMED
        ledger.check(played.shop)
    kinds = [kind.__name__ for kind in (*KINDS, *get_args(AnyQuery))]
    assert [kind for kind in kinds if not seen[kind]] == []
