"""Histories of a small shop: steps that hypothesis draws, and long ones drawn from a seed.

Run as a program it plays one and prints what came of it, for comparing processes:
`python -m tests.loyalty.history SEED STEPS`.
"""

import sys
from dataclasses import dataclass, field
from hashlib import blake2b
from random import Random
from typing import Any

from hypothesis import strategies as st
from msgspec import msgpack

from loyalty import commands as cmd
from loyalty.commands import Line, LineKind, Shortfall, SpendMode
from loyalty.engine.programmes import BUILT_IN
from tests.loyalty.kit import NOON, Shop, goods, purchase, receipt

MEMBERS = ("p+886912345678", "p+886912345678", "c2000-1")
HOUR_MS = 3_600_000


def rules(**changes: Any) -> cmd.Rules:
    values = {name: getattr(BUILT_IN.rules, name) for name in cmd.Rules.__struct_fields__}
    fine = {"late_receipt_max_days": 366, "welcome_window_days": 2}
    limits = {"line_limit_basis_points": 9000, "receipt_limit_basis_points": 9000}
    return cmd.Rules(**(values | fine | limits | changes))


@dataclass(frozen=True)
class Buy:
    """A purchase under a new number or, sometimes, under one that was used."""

    member: cmd.Who
    lines: tuple[Line, ...]
    points: int
    used: int  # 0: a new number

    def command(self, played: "Played") -> cmd.Command:
        number = (self.used - 1) % len(played.sold) + 1 if self.used and played.sold else played.next_number()
        played.sold.setdefault(number, self.lines)
        mode = SpendMode.UP_TO
        return purchase(self.member, *self.lines, number=number, spend=self.points, mode=mode, sold_ms=NOON)


@dataclass(frozen=True)
class Back:
    """A return of what was bought, mostly of a quantity that can still come back."""

    which: int
    line: int
    milli: int
    used: bool

    def command(self, played: "Played") -> cmd.Command:
        number = 1 + self.which % max(len(played.sold), 1)
        lines = played.sold.get(number, (goods(1),))
        at = self.line % len(lines)
        milli = 1 + self.milli % lines[at].quantity_milli
        own = receipt(500 if self.used else 500 + played.next_number())
        return cmd.ReturnLines(own, receipt(number), (cmd.ReturnLine(at + 1, milli),))


@dataclass(frozen=True)
class Publish:
    """Other rules from now on."""

    rules: cmd.Rules

    def command(self, _: "Played") -> cmd.Command:
        return cmd.DefineProgramme(self.rules)


@dataclass(frozen=True)
class Again:
    """A command from before is sent once more, as a till does that got no answer."""

    which: int

    def command(self, played: "Played") -> cmd.Command:
        return played.sent[self.which % len(played.sent)] if played.sent else Publish(rules()).command(played)


Act = Buy | Back | Publish | Again


@dataclass(frozen=True)
class Step:
    """Hours pass, then something happens."""

    hours: int
    act: Act


@dataclass
class Played:
    """A shop, and what was tried in it so far."""

    shop: Shop
    sold: dict[int, tuple[Line, ...]] = field(default_factory=dict)
    sent: list[cmd.Command] = field(default_factory=list)
    number: int = 0

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def play(self, step: Step) -> tuple[cmd.Command, Any]:
        self.shop.now_ms += step.hours * HOUR_MS
        command = step.act.command(self)
        self.sent.append(command)
        return command, self.shop.run(command)


LINES = st.builds(Line, st.just("x"), st.integers(1, 4000), st.integers(0, 30_000), st.sampled_from(LineKind))
BUY = st.builds(
    Buy,
    st.sampled_from(MEMBERS),
    st.lists(LINES, min_size=1, max_size=4).map(tuple),
    st.sampled_from([0, 10, 1000, 10**6]),
    st.sampled_from([0] * 8 + [1, 2]),
)
BACK = st.builds(
    Back,
    st.integers(0, 9),
    st.integers(0, 3),
    st.just(-1) | st.integers(0, 4000),
    st.sampled_from([False] * 8 + [True]),
)
PUBLISH = st.builds(
    lambda delay, window, shortfall, earn: Publish(
        rules(earn_delay_days=delay, lot_window_days=window, shortfall=shortfall, earn_points=earn)
    ),
    st.integers(0, 2),
    st.integers(0, 3),
    st.sampled_from(Shortfall),
    st.sampled_from([5, 50]),
)
ACTS = {"buy": BUY, "back": BACK, "publish": PUBLISH, "again": st.builds(Again, st.integers(0, 99))}
STEPS = st.builds(
    Step,
    st.sampled_from([0, 0, 0, 1, 12, 24]),
    st.sampled_from(["buy"] * 6 + ["back"] * 6 + ["publish", "again"]).flatmap(ACTS.__getitem__),
)


def opened() -> tuple[Played, list[int]]:
    shop = Shop()
    shop.run(cmd.DefineProgramme(rules(earn_delay_days=0, earn_points=50, lot_window_days=3)))
    return Played(shop), [shop.enrol("+886912345678"), shop.enrol("", "2000-1")]


def random_steps(seed: int, count: int) -> list[Step]:
    """A history with everything in it, evenly: what hypothesis would need luck for."""
    chance = Random(seed)
    steps: list[Step] = []
    for _ in range(count):
        act: Act
        drawn = chance.randrange(100)
        if drawn < 50:
            lines = tuple(
                Line("x", chance.randint(1, 4000), chance.randint(0, 30_000), chance.choice(list(LineKind)))
                for _ in range(chance.randint(1, 4))
            )
            used = chance.randint(1, 9) if chance.random() < 0.1 else 0
            act = Buy(chance.choice(MEMBERS), lines, chance.choice([0, 50, 10**6, 10**6]), used)
        elif drawn < 90:
            milli = chance.choice([-1, chance.randrange(4000)])
            act = Back(chance.randrange(1000), chance.randrange(4), milli, chance.random() < 0.1)
        elif drawn < 95:
            act = Again(chance.randrange(10**6))
        else:
            values = {
                "earn_delay_days": chance.choice([0, 0, 1, 2]),
                "lot_window_days": chance.choice([0, 1, 3]),
                "shortfall": chance.choice(list(Shortfall)),
                "earn_points": chance.choice([5, 50]),
            }
            act = Publish(rules(**values))
        steps.append(Step(chance.choice([0, 0, 0, 1, 12, 24]), act))
    return steps


def main() -> None:
    """Play a long history; print one digest over all outcomes and one over the state."""
    seed, count = (int(argument) for argument in sys.argv[1:3])
    played, _ = opened()
    outcomes = blake2b(digest_size=16)
    for step in random_steps(seed, count):
        outcomes.update(msgpack.encode(played.play(step)[1]))
    state = blake2b(digest_size=16)
    for key, value in played.shop.state.pairs.items():
        state.update(key + value)
    print(outcomes.hexdigest(), state.hexdigest())


if __name__ == "__main__":
    main()
