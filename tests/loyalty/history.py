"""Histories of a club with everything in them: steps that hypothesis draws, and long ones drawn from a seed.

Run as a program it plays one and prints what came of it, for comparing processes:
`python -m tests.loyalty.history SEED STEPS [LOG]`. With LOG it writes the entries there; a process that is
given `replay LOG` executes them and nothing else.
"""

import sys
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any, Final

from hypothesis import strategies as st
from msgspec import msgpack

from loyalty import commands as cmd
from loyalty.commands import Line, ReceiptId
from loyalty.outcomes import CancelHoldDone, ConfirmDone, CorrectDone, EnrolDone, HoldDone, IssueCouponDone
from tests.loyalty import world
from tests.loyalty.acts import ACTS, CARDS, PHONES
from tests.loyalty.kit import ENGINE, DictState, Entry, Shop
from tests.loyalty.world import HOUR_MS, rules

__all__ = ["STEPS", "Played", "Step", "opened", "random_steps", "rules"]

_KINDS: Final = [name for name, (_, often) in ACTS.items() for _ in range(often)]
_HOURS: Final = (0,) * 30 + (1, 1, 1, 1, 6, 6, 24, 24, 100)


@dataclass(frozen=True)
class Step:
    """Hours pass, then something happens; what exactly comes from the seed and from what was before."""

    hours: int
    act: str
    seed: int


@dataclass
class Played:
    """A shop, and what was tried in it so far."""

    shop: Shop
    members: list[int] = field(default_factory=list)
    sold: dict[ReceiptId, tuple[Line, ...]] = field(default_factory=dict)
    held: dict[ReceiptId, tuple[Line, ...]] = field(default_factory=dict)
    closed: list[ReceiptId] = field(default_factory=list)  # orders that were captured or cancelled
    codes: dict[str, None] = field(default_factory=dict)
    sent: list[cmd.Command] = field(default_factory=list)
    number: int = 0

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def command(self, step: Step) -> cmd.Command:
        """What the step wants now."""
        return ACTS[step.act][0](Random(step.seed), self)

    def play(self, step: Step) -> tuple[cmd.Command, Any]:
        self.shop.now_ms += step.hours * HOUR_MS
        command = self.command(step)
        return command, self.run(command)

    def run(self, command: cmd.Command) -> Any:
        """Send a command, and remember what later ones can be about."""
        self.sent.append(command)
        answer = self.shop.run(command)
        self._remember(command, answer)
        return answer

    def _remember(self, command: cmd.Command, answer: Any) -> None:
        match command, answer:
            case cmd.Enrol(), EnrolDone():
                self.members.append(answer.member_id)
            case cmd.IssueCoupon(), IssueCouponDone():
                self.codes[answer.code] = None
            case cmd.Hold(), HoldDone():
                self.held[answer.receipt] = command.order.lines
            case ((cmd.Capture() | cmd.CancelHold()), (ConfirmDone() | CancelHoldDone())):
                lines = self.held.pop(answer.receipt, ())
                self.closed.append(answer.receipt)
                if lines and isinstance(answer, ConfirmDone):
                    self.sold[answer.receipt] = lines
            case cmd.Confirm(), ConfirmDone():
                self.sold[answer.receipt] = command.lines
            case cmd.CorrectReceipt(), CorrectDone():
                self.sold[command.right.receipt] = command.right.lines
        if isinstance(answer, ConfirmDone):
            self.codes |= dict.fromkeys(coupon.code for coupon in answer.bill.coupons if coupon.code)


STEPS: Final = st.builds(Step, st.sampled_from(_HOURS), st.sampled_from(_KINDS), st.integers(0, 2**32 - 1))


def opened(seed: int = 0) -> tuple[Played, list[int]]:
    """A club that has just begun, and its members."""
    chance = Random(seed)
    played = Played(Shop())
    played.run(cmd.DefineProgramme(world.club_rules(chance)))
    for command in world.stores(chance):
        played.run(command)
    for number in range(1, 5):
        played.run(cmd.PublishPromotion(world.promotion(chance, number)))
    played.run(cmd.Enrol(PHONES[0], (), 0))
    played.run(cmd.Enrol("", (CARDS[1],), 17, (), cmd.Profile(1124)))
    played.run(cmd.Enrol(PHONES[2], (CARDS[2],), 0))
    return played, played.members


def random_steps(seed: int, count: int) -> list[Step]:
    """A history with everything in it, evenly: what hypothesis would need luck for."""
    chance = Random(seed)
    return [Step(chance.choice(_HOURS), chance.choice(_KINDS), chance.randrange(2**32)) for _ in range(count)]


def played_from(seed: int, count: int) -> Played:
    """A whole history."""
    played, _ = opened(seed)
    for step in random_steps(seed, count):
        played.play(step)
    return played


def main() -> None:
    """Play a long history, or the log of one; print a digest over all outcomes and one over the state."""
    if sys.argv[1] == "replay":
        log = msgpack.decode(
            Path(sys.argv[2]).read_bytes(), type=list[tuple[int, int, int, int, bytes, bytes]]
        )
        state = DictState()
        outcomes = [ENGINE.execute(state, Entry(*entry)) for entry in log]
    else:
        shop = played_from(int(sys.argv[1]), int(sys.argv[2])).shop
        state, outcomes = shop.state, shop.outcomes
        for path in sys.argv[3:]:
            Path(path).write_bytes(msgpack.encode([_fields(entry) for entry in shop.entries]))
    print(digest_of(b"".join(outcomes)), digest_of(*[key + value for key, value in state.pairs.items()]))


def _fields(entry: Entry) -> tuple[int, int, int, int, bytes, bytes]:
    return entry.seq, entry.time_ms, entry.kind, entry.tenant, entry.body, entry.actor


def digest_of(*parts: bytes) -> str:
    """Of bytes in their order."""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


if __name__ == "__main__":
    main()
