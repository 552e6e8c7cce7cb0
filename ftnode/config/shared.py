"""Sections that a unit and the witness have in common."""

from dataclasses import dataclass
from typing import Literal

from ftnode.config.schema import choice, number, words

_MODES = ("off", "server", "mutual")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observe:
    """What the process says about itself on standard error."""

    level: str = choice(
        "info", ("debug", "info", "warning", "error"), "Least severe line written. Decisions are info."
    )
    format: str = choice("json", ("json", "console"), "json: one object a line. console: for a person.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Certificates as PEM files. Empty means no TLS: loopback only, unless insecure_bind."""

    ca_file: str = words("", "The cabinet's authority; signs units, witness and operators.")
    cert_file: str = words("", "This process's certificate, signed by the authority.")
    key_file: str = words("", "The key of cert_file; readable by this process's user alone.")
    till: Literal["off", "server", "mutual"] = choice(
        "server",
        _MODES,
        "Till port, when TLS is set up. off: plain text; server: our certificate; mutual: theirs too.",
    )
    metrics: Literal["off", "server", "mutual"] = choice(
        "server", _MODES, "Metrics and console ports, when TLS is set up."
    )
    expiry_warning_days: int = number(
        30, 0, 3650, "A certificate that ends sooner is reported at start and in the metrics."
    )

    @property
    def on(self) -> bool:
        """Whether TLS is configured at all."""
        return bool(self.ca_file)
