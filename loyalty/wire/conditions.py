"""Conditions, both ways: from protobuf to values, refusing what cannot be one, and back.

Sizes are kept here, as the values' types demand them; what a condition may be about is the engine's to say.
"""

from collections.abc import Sequence
from typing import Final

from loyalty.commands import conditions as con
from loyalty.commands import limits as lim
from loyalty.v1 import conditions_pb2 as pb
from loyalty.wire import parts
from loyalty.wire.calls import RefusalError

_MEASURES: Final = parts.Choice(con.Measure, pb.Measure)
_NODES: Final = ", ".join(field.name for field in pb.Condition.DESCRIPTOR.fields)


def maybe(message: pb.Condition, present: bool, field: str) -> con.AnyCondition | None:
    """A condition that may be absent."""
    return read(message, field) if present else None


def read(message: pb.Condition, field: str, depth: int = 1) -> con.AnyCondition:
    """A condition.

    Args:
        field: what the refusal calls this node: "promotion.lines".
        depth: levels down to this node, itself included.

    Raises:
        RefusalError: it is empty, too deep or too large, with the field of the node that is.
    """
    if depth > lim.CONDITION_MAX_DEPTH:
        raise RefusalError(field, f"is {depth} levels deep", f"at most {lim.CONDITION_MAX_DEPTH}")
    which = message.WhichOneof("node")
    match which:
        case "one_of":
            return _one_of(message.one_of, f"{field}.one_of")
        case "within":
            return _within(message.within, f"{field}.within")
        case "begins":
            attribute = parts.filled(message.begins.attribute, f"{field}.begins.attribute")
            return con.Begins(attribute, parts.filled(message.begins.prefix, f"{field}.begins.prefix"))
        case "all_of":
            return con.All(_parts(message.all_of.parts, f"{field}.all_of.parts", depth))
        case "any_of":
            return con.Any(_parts(message.any_of.parts, f"{field}.any_of.parts", depth))
        case "negation":
            return con.Not(read(message.negation, f"{field}.negation", depth + 1))
        case "bought":
            return _bought(message.bought, f"{field}.bought", depth)
    raise RefusalError(field, "is empty", f"one of {_NODES}")


def write(message: pb.Condition, value: con.AnyCondition) -> None:
    """The same, backwards."""
    match value:
        case con.OneOf(attribute, values):
            message.one_of.attribute = attribute
            message.one_of.values.extend(values)
        case con.Within(attribute, least, most):
            message.within.attribute = attribute
            _bounds(message.within, least, most)
        case con.Begins(attribute, prefix):
            message.begins.attribute, message.begins.prefix = attribute, prefix
        case con.All(nodes):
            for node in nodes:
                write(message.all_of.parts.add(), node)
        case con.Any(nodes):
            for node in nodes:
                write(message.any_of.parts.add(), node)
        case con.Not(node):
            write(message.negation, node)
        case con.Bought(measure, lines, least, most):
            message.bought.measure = parts.number_of(measure)
            if lines is not None:
                write(message.bought.lines, lines)
            _bounds(message.bought, least, most)


def _one_of(message: pb.OneOf, field: str) -> con.OneOf:
    attribute = parts.filled(message.attribute, f"{field}.attribute")
    if not message.values:
        raise RefusalError(f"{field}.values", "are none", f"1 to {lim.CONDITION_MAX_VALUES}")
    return con.OneOf(attribute, parts.texts(message.values, f"{field}.values", lim.CONDITION_MAX_VALUES))


def _within(message: pb.Within, field: str) -> con.Within:
    return con.Within(parts.filled(message.attribute, f"{field}.attribute"), *_least_most(message))


def _bought(message: pb.Bought, field: str, depth: int) -> con.Bought:
    measure = _MEASURES.read(message.measure, f"{field}.measure")
    lines = read(message.lines, f"{field}.lines", depth + 1) if message.HasField("lines") else None
    return con.Bought(measure, lines, *_least_most(message))


def _parts(messages: Sequence[pb.Condition], field: str, depth: int) -> tuple[con.AnyCondition, ...]:
    if not 1 <= len(messages) <= lim.CONDITION_MAX_PARTS:
        raise RefusalError(field, f"are {len(messages)}", f"1 to {lim.CONDITION_MAX_PARTS}")
    return tuple([read(message, f"{field}[{at}]", depth + 1) for at, message in enumerate(messages, 1)])


def _least_most(message: pb.Within | pb.Bought) -> tuple[int | None, int | None]:
    return (
        message.least if message.HasField("least") else None,
        message.most if message.HasField("most") else None,
    )


def _bounds(message: pb.Within | pb.Bought, least: int | None, most: int | None) -> None:
    if least is not None:
        message.least = least
    if most is not None:
        message.most = most
