"""Random conditions that may be published, and baskets that some of them are about."""

from typing import Final

from hypothesis import strategies as st

from loyalty.commands import Line, LineKind
from loyalty.commands.conditions import (
    LINE_ATTRIBUTES,
    RECEIPT_ATTRIBUTES,
    All,
    Any,
    AnyCondition,
    AttributeType,
    Begins,
    Bought,
    Measure,
    Not,
    OneOf,
    Within,
)

ATTRIBUTES: Final = {
    "brand": AttributeType.TEXT,
    "category": AttributeType.TEXT,
    "season": AttributeType.NUMBER,
    "list_price": AttributeType.MONEY,
    "weight": AttributeType.QUANTITY,
}
# Texts that meet each other, and texts that are hard to write: quotes, spaces, keywords, numbers.
HARD: Final = ("A B", "and", "not", "007", "-1", "", "it's", 'an "inch"', "a\\b", "é.1/2", "\x7f\t")
VALUES: Final = ("ski", "bike", "Nordkap", *HARD)
NUMBERS: Final = st.integers(-3, 3) | st.integers(-(10**15), 10**15)


def _bounds(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[int | None, int | None]]:
    both = st.tuples(numbers, numbers).map(lambda pair: (min(pair), max(pair)))
    return both | st.tuples(numbers, st.none()) | st.tuples(st.none(), numbers)


def _tests(types: dict[str, AttributeType]) -> st.SearchStrategy[AnyCondition]:
    text = st.sampled_from([name for name, type_ in types.items() if type_ is AttributeType.TEXT])
    number = st.sampled_from([name for name, type_ in types.items() if type_ is not AttributeType.TEXT])
    value = st.sampled_from(VALUES) | st.text(max_size=5)
    return st.one_of(
        st.builds(OneOf, text, st.lists(value, min_size=1, max_size=3).map(tuple)),
        st.builds(lambda name, bounds: Within(name, *bounds), number, _bounds(NUMBERS)),
        st.builds(Begins, text, value.filter(bool)),
    )


def _trees(leaf: st.SearchStrategy[AnyCondition], leaves: int) -> st.SearchStrategy[AnyCondition]:
    return st.recursive(
        leaf,
        lambda part: st.one_of(
            st.builds(All, st.lists(part, min_size=1, max_size=3).map(tuple)),
            st.builds(Any, st.lists(part, min_size=1, max_size=3).map(tuple)),
            st.builds(Not, part),
        ),
        max_leaves=leaves,
    )


LINE_CONDITIONS: Final = _trees(_tests({**ATTRIBUTES, **LINE_ATTRIBUTES}), 6)
_SUMS: Final = st.builds(
    lambda measure, lines, bounds: Bought(measure, lines, *bounds),
    st.sampled_from(Measure),
    st.none() | LINE_CONDITIONS,
    _bounds(NUMBERS),
)
RECEIPT_CONDITIONS: Final = _trees(_tests(RECEIPT_ATTRIBUTES) | _SUMS, 4)

# What lines carry: sometimes of the wrong type, sometimes by the name of a built-in attribute.
CARRIED: Final = st.dictionaries(
    st.sampled_from([*ATTRIBUTES, "kind", "amount", "strange"]), st.sampled_from(VALUES) | NUMBERS
).map(lambda pairs: tuple(sorted(pairs.items())))
LINES: Final = st.builds(
    Line,
    st.sampled_from(VALUES),
    st.integers(0, 5000),
    st.integers(0, 5),
    st.sampled_from(LineKind),
    st.integers(0, 3),
    attributes=CARRIED,
)
RECEIPT_FACTS: Final = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from(VALUES) if type_ is AttributeType.TEXT else st.integers(-3, 3)
        for name, type_ in RECEIPT_ATTRIBUTES.items()
    },
)
