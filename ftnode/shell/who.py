"""Who asks, as far as his certificate says."""

from typing import Any, Final

ANONYMOUS: Final = "anonymous"  # no certificates are set up here
_NAME: Final = "x509_common_name"


def who(context: Any) -> str:
    """The name in the caller's certificate."""
    names = context.auth_context().get(_NAME, ())
    return b", ".join(names).decode(errors="replace") or ANONYMOUS
