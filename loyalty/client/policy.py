"""How patient a client is. Every number in one place; the defaults fit a till."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Limits of one client.

    Raises:
        ValueError: a number is below 1, or the hedge comes after the deadline.
    """

    deadline_ms: int = 5_000
    """For one call, all tries together; then the answer is unknown."""

    give_up_after_ms: int = 60_000
    """For a call that is asked until definite."""

    hedge_after_ms: int = 150
    """Without an answer for so long, the other unit is asked too. Well above a slow answer, well below the
    silence (400 ms) after which a hung active is replaced."""

    hedge_burst_calls: int = 1_000
    """So many hedges may be sent at once (all tills waiting on a hung unit) ..."""

    hedge_share_percent: int = 10
    """... and then one for so many in a hundred answered calls: an overloaded pair must not be asked twice
    for everything."""

    backoff_first_ms: int = 20
    backoff_most_ms: int = 500
    """Wait before the same unit is tried again: doubled with each failure, half of it up to chance."""

    suspect_ms: int = 1_000
    """A unit that failed or kept us waiting is asked second for so long."""

    stream_window_commands: int = 1_000
    """Commands in flight on one stream; `submit` waits beyond that."""

    stream_stall_ms: int = 1_000
    """A stream that owes answers and gives none for so long is taken up with the other unit."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value < 1:
                raise ValueError(f"policy: {field.name} is {value}, must be at least 1")
        if self.hedge_after_ms >= self.deadline_ms:
            hedge, deadline = self.hedge_after_ms, self.deadline_ms
            raise ValueError(f"policy: hedge_after_ms ({hedge}) must be below deadline_ms ({deadline})")
