"""What commands and queries are made of: their base, texts, and how a till names a member."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from loyalty.commands.limits import TEXT_MAX_BYTES

PROGRAMME_DEFAULT: Final = 1  # exists from the start; what 0 means in a call

# What is kept of a text stays short whoever made the command: a longer one does not decode.
Text = Annotated[str, Meta(max_length=TEXT_MAX_BYTES)]

# A member as the till named him: his id, or a directory token made by `places.phone_token`, `card_token` or
# `external_token`.
Who = int | Annotated[str, Meta(max_length=TEXT_MAX_BYTES + 1)]


class Command(Struct, frozen=True, array_like=True, gc=False):
    """Base of all commands."""


class Query(Struct, frozen=True, array_like=True, gc=False):
    """Base of all queries; on the wire each begins with its tag."""
