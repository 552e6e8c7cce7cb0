"""Where the units are: `host:port`, checked before anything is dialled."""

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_target(text: str, numeric: bool = False) -> Target:
    """`host:port` or `[v6]:port`.

    Args:
        numeric: the host must be an IPv4 address in numbers.

    Raises:
        ValueError: says what was given and what would be right.
    """
    host, colon, port = text.strip().rpartition(":")
    wanted = "wanted HOST:PORT, as in 127.0.0.1:7400"
    if not colon or not host:
        raise ValueError(f"address {text!r} has no port: {wanted}")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"address {text!r}: port {port!r} is not a number from 1 to 65535: {wanted}")
    host = host.removeprefix("[").removesuffix("]")
    if numeric:
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            raise ValueError(f"address {text!r}: host {host!r} is not an IPv4 address: {wanted}") from None
    return Target(host, int(port))


def parse_targets(text: str) -> tuple[Target, ...]:
    """Comma-separated addresses, at least one, none twice.

    Raises:
        ValueError: as `parse_target`.
    """
    targets = tuple(parse_target(part) for part in text.split(",") if part.strip())
    if not targets:
        raise ValueError("no address given: wanted HOST:PORT,HOST:PORT, one for each unit")
    if len(set(targets)) != len(targets):
        raise ValueError(f"an address is given twice in {text!r}: each unit has its own")
    return targets
