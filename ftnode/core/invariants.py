"""Reasoning that must hold. A broken invariant is our bug: it stops this node and the partner goes on."""


class BrokenInvariantError(AssertionError):
    """Our own reasoning failed. Never caught to carry on; unlike `assert` it stays under `python -O`."""


def invariant(holds: bool, claim: str, **values: object) -> None:
    """Stop this node unless `holds`; `claim` says what was broken, `values` with which numbers."""
    if not holds:
        detail = ", ".join(f"{name}={value!r}" for name, value in values.items())
        raise BrokenInvariantError(f"{claim} ({detail})" if detail else claim)
