"""Values of any of our types, drawn from a seed: sensible ones, odd ones, and names of what is there.

For histories that no person would write. Numbers and texts are often taken from a small pool, so that
commands meet: one publishes promotion 3, another pauses it, a coupon lets it apply.
"""

from enum import Enum
from random import Random
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct

from loyalty import commands as cmd
from loyalty.commands.conditions import All, AnyCondition, Bought, OneOf, Within
from loyalty.commands.places import card_token, external_token, phone_token
from tests.loyalty.kit import NOON, PHONE, TODAY

DEEP: Final = 5
SMALL: Final = (0, 1, 2, 3, 5, 10, 17, 18, 100, 1000, 10_000)
ODD: Final = (-1, -(2**63), 2**63 - 1, 2**64 - 1, 10**15, 10**18, NOON, NOON + 1, TODAY, 2**32, 1_000_000)
TEXTS: Final = ("", "a", "ski", "goods", "EUR", "USD", "DE", "web", "gold", "SUMMER24", "why not", PHONE)
LONG: Final = ("\U0001f45f" * 16, "x" * 64, "x" * 65)
WHO: Final = (phone_token(PHONE), phone_token("+4915112345"), card_token("2000-1"), external_token("a"), 0, 7)


class Anything:
    """A source of values. `people` are ids of members that exist."""

    def __init__(self, chance: Random, people: list[int]) -> None:
        self.chance = chance
        self.people = people

    def of(self, wanted: Any, depth: int = 0) -> Any:
        """A value of the type; not always one that decodes again (texts may be too long)."""
        origin, arguments = get_origin(wanted), get_args(wanted)
        if wanted is cmd.Who or wanted == cmd.Who:
            return self.chance.choice((*WHO, *self.people, self.of(int)))
        if wanted is AnyCondition or wanted == AnyCondition:
            return self.condition(depth)
        if origin is Annotated:
            return self._within(arguments, depth)
        if origin in (Union, UnionType):
            return self.of(self.chance.choice(arguments), depth)
        if origin is tuple:
            return self._tuple(arguments, depth)
        if origin is Literal:
            return self.chance.choice(arguments)
        return self._plain(wanted, depth)

    def _within(self, arguments: tuple[Any, ...], depth: int) -> Any:
        value = self.of(arguments[0], depth)
        for meta in arguments[1:]:
            if isinstance(meta, Meta) and isinstance(value, tuple) and meta.min_length:
                one = get_args(arguments[0])[0]
                value += tuple(self.of(one, depth + 1) for _ in range(meta.min_length - len(value)))
        return value

    def _tuple(self, arguments: tuple[Any, ...], depth: int) -> Any:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            most = 0 if depth > DEEP else self.chance.choice((0, 0, 1, 1, 2, 3))
            return tuple(self.of(arguments[0], depth + 1) for _ in range(most))
        return tuple(self.of(one, depth + 1) for one in arguments)

    def _plain(self, wanted: Any, depth: int) -> Any:
        if wanted is NoneType:
            return None
        if wanted is bool:
            return self.chance.random() < 0.3
        if wanted is int:
            return self.chance.choice(SMALL) if self.chance.random() < 0.85 else self.chance.choice(ODD)
        if wanted is str:
            return self.chance.choice(TEXTS if self.chance.random() < 0.9 else LONG)
        if wanted is bytes:
            return self.chance.choice((b"", b"x" * 16))
        if issubclass(wanted, Enum):
            return self.chance.choice(list(wanted))
        assert issubclass(wanted, Struct), wanted
        return self.struct(wanted, depth)

    def struct(self, wanted: type[Struct], depth: int = 0) -> Any:
        """Every field drawn; those with a default keep it half of the time."""
        hints = get_type_hints(wanted, include_extras=True)
        required = len(wanted.__struct_fields__) - len(wanted.__struct_defaults__)
        values = {}
        for at, name in enumerate(wanted.__struct_fields__):
            if at < required or self.chance.random() < 0.5:
                values[name] = self.of(hints[name], depth + 1)
        return wanted(**values)

    def condition(self, depth: int) -> Any:
        """Any tree; deeper down the leaves."""
        kinds: tuple[type[Struct], ...] = get_args(AnyCondition)
        if depth > 2:
            kinds = (OneOf, Within)
        kind = self.chance.choice(kinds)
        if kind is OneOf:
            return OneOf(self.chance.choice(("sku", "brand", "kind", "city")), (self.of(str)[:64],))
        if kind is Bought:
            return self.struct(Bought, depth + 1)
        if kind is All:
            return All((self.condition(depth + 1), self.condition(depth + 1)))
        return self.struct(kind, depth + 1)
