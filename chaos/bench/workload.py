"""The purchases that both sides of the comparison make: the same members, baskets and wishes to spend."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from loyalty.client.accounting import percentiles

MEMBERS: Final = 1_000
WELCOME_POINTS: Final = 500
SPENDING_PERCENT: Final = 20
STORE: Final = 1


@dataclass(frozen=True, slots=True)
class Purchase:
    """One basket. `member` is an index; `number` makes the receipt unlike any other of the run."""

    member: int
    terminal: int
    number: int
    skus: tuple[str, ...]
    quantities_milli: tuple[int, ...]
    amounts_minor: tuple[int, ...]
    spend_points: int  # up to so many; 0: none


def purchases(seed: int, terminal: int, first_number: int = 1) -> Iterator[Purchase]:
    """Endless and repeatable. Two streams with different terminals never share a receipt."""
    rng = random.Random(seed * 1_000_003 + terminal)
    number = first_number
    while True:
        lines = rng.randint(1, 3)
        spends = rng.randrange(100) < SPENDING_PERCENT
        yield Purchase(
            member=rng.randrange(MEMBERS),
            terminal=terminal,
            number=number,
            skus=tuple(rng.choice(("shoes", "socks", "bottle", "tent", "bike-tube")) for _ in range(lines)),
            quantities_milli=tuple(1000 * rng.randint(1, 3) for _ in range(lines)),
            amounts_minor=tuple(rng.randint(100, 20_000) for _ in range(lines)),
            spend_points=rng.randint(1, 500) if spends else 0,
        )
        number += 1


@dataclass(frozen=True, slots=True)
class Measured:
    """What one round came to."""

    side: str
    measure: str  # "one caller", "32 in flight", "batches of 50"
    purchases: int
    seconds: float
    waits_ms: Sequence[float]  # one per call
    client_cpu_s: float  # processor time of the measuring process
    server_cpu_s: float = 0.0  # of all the side's processes, both machines of the pair together

    @property
    def rate_per_s(self) -> float:
        return self.purchases / self.seconds

    @property
    def server_us_per_purchase(self) -> float:
        return self.server_cpu_s * 1e6 / max(self.purchases, 1)

    def as_json(self) -> dict[str, object]:
        """For the last line of the bench."""
        ranks = {name: round(value, 3) for name, value in percentiles(self.waits_ms, (50, 99)).items()}
        return {
            "side": self.side,
            "measure": self.measure,
            "rate_per_s": round(self.rate_per_s, 1),
            "wait_ms": ranks,
            "client_us_per_purchase": round(self.client_cpu_s * 1e6 / max(self.purchases, 1), 1),
            "server_us_per_purchase": round(self.server_us_per_purchase, 1),
        }
