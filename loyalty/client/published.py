"""The published settings for stock gRPC clients: `published.json` beside this file, which any language can
read, and the two forms in which Python wants it.

    channel = grpc.aio.insecure_channel(target(["10.0.0.1:7400", "10.0.0.2:7410"]), options=channel_options())

Source of the numbers: tests/client/test_published.py, which hangs a unit and measures.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

from loyalty.client.targets import parse_target

C_CORE: Final = "c_core"


@cache
def published() -> Mapping[str, Any]:
    """All of `published.json`. Do not change what you get: it is shared."""
    text = resources.files("loyalty.client").joinpath("published.json").read_text("utf-8")
    settings: Mapping[str, Any] = json.loads(text)
    return settings


def target(addresses: Sequence[str]) -> str:
    """One gRPC target naming all units.

    Args:
        addresses: `host:port` each, hosts as IPv4 numbers (a name would need DNS to give both units).

    Raises:
        ValueError: an address is not `a.b.c.d:port`.
    """
    return "ipv4:" + ",".join(str(parse_target(address, numeric=True)) for address in addresses)


def channel_options(retries: bool = True) -> list[tuple[str, str | int]]:
    """Options for a C-core channel, as `grpc.insecure_channel` and `grpc.aio` take them.

    Args:
        retries: False leaves the service config out and gRPC's own retries off, for a client that does its
            own; a hung unit is still noticed.
    """
    options: dict[str, str | int] = dict(published()["channel_options"][C_CORE])
    if retries:
        options["grpc.service_config"] = json.dumps(published()["service_config"])
    else:
        options["grpc.enable_retries"] = 0
    return list(options.items())
