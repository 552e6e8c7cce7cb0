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
BLOCK: Final = 16  # given out together: a unit that is down keeps its ports while its partner is up

_claims: Final[list[socket.socket]] = []  # of blocks that this process gave out, until it ends


def free(count: int, chance: random.Random | None = None) -> list[int]:
    """`count` different ports, at most `BLOCK`, that nobody listens on now, and nobody else is given.

    Raises:
        PairError: there are not so many.
    """
    blocks = [range(first, first + count) for first in range(FIRST, LAST, BLOCK)]
    (chance or random.SystemRandom()).shuffle(blocks)
    for block in blocks:
        if count <= BLOCK and all(map(is_free, block)) and _claim(block[0]):
            return list(block)
    raise PairError(f"no {count} free ports on {LOOPBACK} between {FIRST} and {LAST}")


def _claim(first: int) -> bool:
    """Whether no other running process was given this block. The name is no file, and goes with us."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0ftnode-ports-{first}")
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


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
