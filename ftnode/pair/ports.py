"""Ports on loopback: free ones to give out, and taken ones named before anything starts."""

import random
import socket
from typing import Final

from ftnode.pair.layout import PairError

LOOPBACK: Final = "127.0.0.1"
# Below the kernel's range for outgoing connections, so that none of those takes one between our
# look and the child's bind.
FIRST: Final = 20_000
LAST: Final = 32_000
TRIES: Final = 2_000


def free(count: int, chance: random.Random | None = None) -> list[int]:
    """`count` different ports that nobody listens on now.

    Raises:
        PairError: there are not so many.
    """
    chance = chance or random.SystemRandom()
    found: list[int] = []
    for _ in range(TRIES):
        candidate = chance.randrange(FIRST, LAST)
        if candidate not in found and is_free(candidate):
            found.append(candidate)
        if len(found) == count:
            return found
    raise PairError(f"no {count} free ports on {LOOPBACK} between {FIRST} and {LAST}")


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether one could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def answers(port: int, host: str = LOOPBACK, timeout_s: float = 0.2) -> bool:
    """Whether somebody accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s):
            return True
    except OSError:
        return False
