"""What a load is to be: checked once, then handed to the worker processes as JSON."""

from typing import Final, Literal, TypeAlias

import msgspec

from loyalty.cli.load.catalogue import read_catalogue
from loyalty.cli.load.shopper import Mix
from loyalty.client.targets import parse_targets

Mode: TypeAlias = Literal["open", "unary", "batch"]

RATE_MAX: Final = 100_000
TILLS_MAX: Final = 100_000
IN_FLIGHT_MAX: Final = 10_000
BATCH_MAX: Final = 1_000  # till.proto, ExecuteBatchRequest
SECONDS_MAX: Final = 7 * 86_400
PROCESSES_MAX: Final = 64


class LoadPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One load. `worker` tells a process which part is its own."""

    targets: str
    mode: Mode = "open"
    rate: float = 500.0  # calls a second, all tills and processes together; open loop only
    tills: int = 50
    seconds: float = 60.0
    in_flight: int = 32  # callers per process; closed loops only
    batch: int = 50  # commands per call; mode "batch" only
    members_per_till: int = 4
    mix: Mix = Mix()
    processes: int = 1
    worker: int = 0
    store: int = 1
    programme_file: str = ""  # empty: plain baskets at `store`; else those of this published programme
    run: int = 1  # tells the receipts of one run from another's
    seed: int = 1
    history: str = ""  # directory; empty: none is kept
    deadline_ms: int = 5_000
    give_up_after_ms: int = 60_000
    hedge_after_ms: int = 150
    lean: bool = False  # the lean transport instead of grpc
    ca: str = ""
    certificate: str = ""
    key: str = ""

    def check(self) -> None:
        """Raises ValueError that names the setting, what it is and what it may be."""
        parse_targets(self.targets)
        for name, least, most in (
            ("rate", 0.1, RATE_MAX),
            ("tills", 1, TILLS_MAX),
            ("seconds", 0.1, SECONDS_MAX),
            ("in_flight", 1, IN_FLIGHT_MAX),
            ("batch", 1, BATCH_MAX),
            ("members_per_till", 1, 1_000),
            ("processes", 1, PROCESSES_MAX),
            ("store", 1, 2**32 - 1),
            ("run", 1, 2**39),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise ValueError(f"{name} is {value}, may be {least} to {most}")
        if self.lean and self.ca:
            raise ValueError("the lean client speaks no TLS: leave --lean out")
        if self.programme_file and self.mode != "open":
            raise ValueError(f"--programme-file goes with mode open, not {self.mode}")
        if self.programme_file:
            read_catalogue(self.programme_file)
        if self.tills < self.processes:
            raise ValueError(f"{self.tills} tills cannot be shared by {self.processes} processes")
