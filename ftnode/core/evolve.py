"""`replace` for the core's frozen state, an order of magnitude cheaper than the library's.

`dataclasses.replace` runs `__init__` through every field: a quarter of a millisecond per batch.
A type checker sees the library's function, so names and types of the changes are still checked.
"""

from typing import TYPE_CHECKING, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import replace
else:
    from dataclasses import replace as _checked

    _new, _set = object.__new__, object.__setattr__

    def replace(thing: T, /, **changes: object) -> T:
        """A copy of a frozen dataclass with some fields changed."""
        try:
            known = thing.__dict__
        except AttributeError:  # one with slots
            return _checked(thing, **changes)
        after = _new(type(thing))
        _set(after, "__dict__", known | changes)
        return after


__all__ = ["replace"]
