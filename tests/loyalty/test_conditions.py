"""Conditions: tests by cases, whole trees against a second reading of them, what may not be published."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from loyalty.commands import Line, LineKind
from loyalty.commands.conditions import (
    KEYWORDS,
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
from loyalty.commands.limits import CONDITION_MAX_DEPTH, CONDITION_MAX_NODES
from loyalty.engine.conditions import (
    Facts,
    compile_line,
    compile_receipt,
    facts_of_line,
    name_problem,
    problem_of,
    required_values,
    value_of_line,
)
from tests.loyalty.trees import ATTRIBUTES, LINE_CONDITIONS, LINES, RECEIPT_CONDITIONS, RECEIPT_FACTS

SKI = Line(
    "S-100",
    1000,
    20_000,
    LineKind.GOODS,
    attributes=(("brand", "Nordkap"), ("category", "ski"), ("season", 26)),
)
BRAND, SEASON = OneOf("brand", ("Nordkap",)), Within("season", 26, 26)

OF_THE_SKI = [  # condition over the line above, whether it holds
    (None, True),  # every line of goods
    (OneOf("brand", ("Nordkap",)), True),
    (OneOf("brand", ("nordkap",)), False),  # letters as they are
    (OneOf("brand", ("Alpin", "Nordkap")), True),
    (OneOf("season", ("26",)), False),  # a number is no text
    (OneOf("colour", ("red",)), False),  # not carried
    (Not(OneOf("colour", ("red",))), True),
    (OneOf("kind", ("goods",)), True),
    (OneOf("sku", ("S-100",)), True),
    (Begins("sku", "S-"), True),
    (Begins("sku", "S-1000"), False),
    (Begins("season", "2"), False),
    (Within("season", 26, 26), True),
    (Within("season", 27, None), False),
    (Within("season", None, 25), False),
    (Within("brand", None, 10), False),  # a text is no number
    (Within("colour", None, 10), False),  # not carried
    (Within("amount", 20_000, None), True),
    (Within("unit_price", None, 20_000), True),  # 200.00 for one
    (Within("quantity", 1000, 1000), True),
    (All((BRAND, SEASON)), True),
    (All((BRAND, Not(SEASON))), False),
    (Any((Not(BRAND), SEASON)), True),
    (Any((Not(BRAND), Not(SEASON))), False),
    (Bought(Measure.LINES, None, None, 5), False),  # a sum is not of one line
]


@pytest.mark.parametrize(("condition", "holds"), OF_THE_SKI)
def test_one_line(condition: AnyCondition | None, holds: bool) -> None:
    """Each test on both sides of its boundary."""
    assert compile_line(condition)(facts_of_line(SKI)) is holds


def test_without_a_condition_it_is_about_goods() -> None:
    """Neither delivery nor a gift card sold."""
    kinds = [LineKind.GOODS, LineKind.DELIVERY, LineKind.GIFT_CARD]
    assert [compile_line(None)(facts_of_line(Line("X", 1000, 1, kind))) for kind in kinds] == [
        True,
        False,
        False,
    ]


FACTS = [  # line, facts besides sku and kind
    (Line("X", 3000, 1000, LineKind.GOODS), {"amount": 1000, "quantity": 3000, "unit_price": 333}),  # 333.33
    (Line("X", 3000, 1000, LineKind.GOODS, 334), {"amount": 1000, "quantity": 3000, "unit_price": 334}),
    (Line("X", 0, 1000, LineKind.GOODS), {"amount": 1000, "quantity": 0, "unit_price": 0}),  # not yet trusted
    (
        Line("X", 1000, 7, LineKind.GOODS, attributes=(("amount", 1), ("kind", "delivery"), ("size", "L"))),
        {"amount": 7, "quantity": 1000, "unit_price": 7, "size": "L"},  # built-in ones are never shadowed
    ),
]


@pytest.mark.parametrize(("line", "facts"), FACTS)
def test_facts_of_a_line(line: Line, facts: dict[str, str | int]) -> None:
    """Numbers in the open."""
    assert facts_of_line(line) == {"sku": "X", "kind": "goods", **facts}


BASKET = [
    facts_of_line(line)
    for line in (
        SKI,  # 1 for 200.00
        Line("S-200", 2000, 5000, LineKind.GOODS, attributes=(("brand", "Alpin"),)),  # 2 for 50.00
        Line("D", 1000, 900, LineKind.DELIVERY),
    )
]
HERE: Facts = {"store": 7, "partner": 0, "city": "Graz", "country": "AT", "channel": "web", "weekday": 6}

OF_THE_BASKET = [  # condition, whether it holds
    (None, True),
    (OneOf("channel", ("web",)), True),
    (Within("weekday", 6, 7), True),
    (Within("store", 8, None), False),
    (OneOf("brand", ("Nordkap",)), False),  # of a line, not of the receipt
    (Bought(Measure.AMOUNT, None, 25_000, None), True),  # goods only: 250.00
    (Bought(Measure.AMOUNT, None, 25_001, None), False),
    (Bought(Measure.AMOUNT, BRAND, 20_000, 20_000), True),
    (Bought(Measure.QUANTITY, None, 3000, 3000), True),
    (Bought(Measure.LINES, None, None, 1), False),
    (Bought(Measure.LINES, OneOf("kind", ("delivery",)), 1, None), True),
    (Bought(Measure.LINES, OneOf("brand", ("Berg",)), None, 0), True),  # none at all
    (All((Bought(Measure.LINES, BRAND, 1, None), OneOf("city", ("Graz",)))), True),
    (Not(Bought(Measure.LINES, Bought(Measure.LINES, None, 1, None), 1, None)), True),  # no sum of a line
]


@pytest.mark.parametrize(
    "line", [SKI, Line("X", 3000, 100, LineKind.DELIVERY, attributes=(("amount", "much"), ("sku", "Y")))]
)
def test_one_fact_alone_is_the_same_one(line: Line) -> None:
    """Also where the till sent an attribute by the name of a built-in one."""
    facts = facts_of_line(line)
    for name in (*facts, "unheard of"):
        assert value_of_line(line, name) == facts.get(name)


@pytest.mark.parametrize(("condition", "holds"), OF_THE_BASKET)
def test_a_receipt(condition: AnyCondition | None, holds: bool) -> None:
    """Where it is bought, and sums over lines."""
    assert compile_receipt(condition)(HERE, BASKET) is holds


def plainly(node: AnyCondition | None, facts: Mapping[str, str | int], lines: Sequence[Facts] | None) -> bool:
    """The same once more, read off the tree. `lines` None: of one line."""
    match node:
        case None:
            return facts.get("kind") == "goods"
        case OneOf(attribute, values):
            return any(facts.get(attribute) == value for value in values)
        case Begins(attribute, prefix):
            return str(facts.get(attribute))[: len(prefix)] == prefix and type(facts.get(attribute)) is str
        case Within(attribute, least, most):
            value = facts.get(attribute)
            return type(value) is int and between(value, least, most)
        case All(parts):
            return not any(not plainly(part, facts, lines) for part in parts)
        case Any(parts):
            return any(plainly(part, facts, lines) for part in parts)
        case Not(part):
            return not plainly(part, facts, lines)
        case Bought(measure, of, least, most):
            counted = [line for line in lines or () if plainly(of, line, None)]
            name = {Measure.AMOUNT: "amount", Measure.QUANTITY: "quantity"}.get(measure)
            return between(sum(int(line[name]) if name else 1 for line in counted), least, most)


def between(value: int, least: int | None, most: int | None) -> bool:
    """Whether a number keeps to bounds, as far as there are any."""
    return not ((least is not None and value < least) or (most is not None and value > most))


@given(LINE_CONDITIONS, LINES)
def test_a_compiled_line_condition_says_what_its_tree_says(condition: AnyCondition, line: Line) -> None:
    """Also after it went through bytes."""
    facts = facts_of_line(line)
    again = msgpack.decode(msgpack.encode(condition), type=AnyCondition)
    assert compile_line(again)(facts) is plainly(condition, facts, None)


@given(RECEIPT_CONDITIONS, RECEIPT_FACTS, st.lists(LINES, max_size=4))
def test_a_compiled_receipt_condition_says_what_its_tree_says(
    condition: AnyCondition, facts: Facts, lines: list[Line]
) -> None:
    """Sums included."""
    all_facts = [facts_of_line(line) for line in lines]
    assert compile_receipt(condition)(facts, all_facts) is plainly(condition, facts, all_facts)


def test_equal_trees_are_compiled_once() -> None:
    """By value: a promotion that is read again from the state costs nothing."""
    assert compile_line(All((BRAND, SEASON))) is compile_line(All((OneOf("brand", ("Nordkap",)), SEASON)))
    assert compile_receipt(None) is compile_receipt(None)


SKIS = OneOf("category", ("ski", "board"))
REQUIRED = [  # condition, what a line must carry
    (None, None),
    (BRAND, ("brand", ("Nordkap",))),
    (OneOf("brand", ("B", "A", "B")), ("brand", ("B", "A"))),  # each once, in their order
    (SEASON, None),
    (Begins("brand", "N"), None),
    (Not(BRAND), None),
    (All((SEASON, SKIS)), ("category", ("ski", "board"))),
    (All((SKIS, BRAND)), ("brand", ("Nordkap",))),  # fewer values
    (All((OneOf("sku", ("1",)), BRAND)), ("brand", ("Nordkap",))),  # as many: by name
    (All((Not(BRAND), All((SKIS,)))), ("category", ("ski", "board"))),
    (All((SKIS, OneOf("category", ("ski",)))), ("category", ("ski",))),
    (Any((BRAND, OneOf("brand", ("Alpin", "Nordkap")))), ("brand", ("Nordkap", "Alpin"))),
    (Any((BRAND, SKIS)), None),
    (Any((BRAND, SEASON)), None),
    (Any((All((SKIS, BRAND)), All((SKIS, SEASON)))), ("category", ("ski", "board"))),  # what both ask for
    (OneOf("kind", ("goods",)), None),  # nearly all lines
    (OneOf("city", ("Graz",)), None),  # not of a line
    (All((OneOf("city", ("Graz",)), Bought(Measure.AMOUNT, BRAND, 1, None))), ("brand", ("Nordkap",))),
    (Bought(Measure.AMOUNT, BRAND, 0, None), None),  # holds without any line
    (Bought(Measure.AMOUNT, BRAND, None, 5), None),
    (Bought(Measure.AMOUNT, None, 1, None), None),
]


@pytest.mark.parametrize(("condition", "required"), REQUIRED)
def test_what_a_line_must_carry(condition: AnyCondition | None, required: object) -> None:
    """So that an index finds what can apply."""
    assert required_values(condition) == required


def carries(facts: Facts, required: tuple[str, tuple[str, ...]]) -> bool:
    """Whether a line has one of the values."""
    attribute, values = required
    return facts.get(attribute) in values


@given(LINE_CONDITIONS, LINES)
def test_a_line_without_a_required_value_never_meets_it(condition: AnyCondition, line: Line) -> None:
    """The index passes over nothing that applies."""
    required, facts = required_values(condition), facts_of_line(line)
    if required is not None and compile_line(condition)(facts):
        assert carries(facts, required)


@given(RECEIPT_CONDITIONS, RECEIPT_FACTS, st.lists(LINES, max_size=3))
def test_a_basket_without_a_required_value_never_meets_it(
    condition: AnyCondition, facts: Facts, lines: list[Line]
) -> None:
    """As above, with sums."""
    required, all_facts = required_values(condition), [facts_of_line(line) for line in lines]
    if required is not None and compile_receipt(condition)(facts, all_facts):
        assert any(carries(line, required) for line in all_facts)


def nested(levels: int) -> AnyCondition:
    """So many levels, one node each."""
    node: AnyCondition = BRAND
    for _ in range(levels - 1):
        node = Not(node)
    return node


def wide(nodes: int) -> AnyCondition:
    """So many nodes on three levels."""
    full, rest = divmod(nodes - 1, 64)
    parts = [All((BRAND,) * 63)] * full + ([All((BRAND,) * (rest - 1))] if rest > 1 else [BRAND] * rest)
    return Any(tuple(parts))


PROBLEMS = [  # condition, about lines, field, a part of what would be right
    (OneOf("colour", ("red",)), True, "lines.attribute", "brand, category"),
    (OneOf("city", ("Graz",)), True, "lines.attribute", "brand"),  # of receipts
    (OneOf("brand", ("N",)), False, "receipt.attribute", "store, partner, city, country, channel, weekday"),
    (All((BRAND, OneOf("colour", ("red",)))), True, "lines.parts[2].attribute", "brand"),
    (Not(Any((BRAND, Begins("season", "2")))), True, "lines.part.parts[2].attribute", "a text: season"),
    (OneOf("amount", ("1",)), True, "lines.attribute", "a text: amount"),
    (Within("brand", 1, None), True, "lines.attribute", "a number: brand"),
    (Within("channel", 1, None), False, "receipt.attribute", "a number: channel"),
    (Within("season", None, None), True, "lines.least", "least, most, or both"),
    (Within("season", 3, 2), True, "lines.least", "at most 2"),
    (Bought(Measure.LINES, None, 1, None), True, "lines", "a test of one line"),
    (Bought(Measure.LINES, None, None, None), False, "receipt.least", "both"),
    (Bought(Measure.LINES, None, 1, 0), False, "receipt.least", "at most 0"),
    (Bought(Measure.LINES, Within("weekday", 1, 1), 1, None), False, "receipt.lines.attribute", "brand"),
    (
        Bought(Measure.LINES, Not(Bought(Measure.LINES, None, 1, None)), 1, None),
        False,
        "receipt.lines.part",
        "a test of one line",
    ),
    (nested(CONDITION_MAX_DEPTH + 1), True, "lines" + ".part" * CONDITION_MAX_DEPTH, "at most 16 levels"),
    (nested(250), True, "lines" + ".part" * CONDITION_MAX_DEPTH, "at most 16 levels"),  # and no crash
    (wide(CONDITION_MAX_NODES + 1), True, "lines", "at most 256"),
    (
        All((SEASON, Within("season", 2, 1), OneOf("x", ("y",)))),
        True,
        "lines.parts[2].least",
        "at most 1",
    ),  # first
]


@pytest.mark.parametrize(("condition", "about_lines", "field", "wanted"), PROBLEMS)
def test_what_may_not_be(condition: AnyCondition, about_lines: bool, field: str, wanted: str) -> None:
    """The field, and what would be right."""
    problem = problem_of(condition, about_lines, ATTRIBUTES)
    assert problem is not None
    assert problem[0] == field
    assert wanted in problem[1]


def test_the_field_that_a_condition_stands_in_is_named() -> None:
    """Wherever else a condition is part of a command."""
    problem = problem_of(Not(OneOf("colour", ("red",))), True, ATTRIBUTES, "effect.get")
    assert problem is not None
    assert problem[0] == "effect.get.part.attribute"


FINE = [  # condition, about lines
    (None, True),
    (None, False),
    (nested(CONDITION_MAX_DEPTH), True),
    (wide(CONDITION_MAX_NODES), True),
    (Within("season", -5, -5), True),
    (Bought(Measure.AMOUNT, OneOf("kind", ("gift_card",)), -1, None), False),
]


@pytest.mark.parametrize(("condition", "about_lines"), FINE)
def test_what_may_just_be(condition: AnyCondition | None, about_lines: bool) -> None:
    """The nearest things that are right."""
    assert problem_of(condition, about_lines, ATTRIBUTES) is None


@given(LINE_CONDITIONS, RECEIPT_CONDITIONS)
def test_what_is_generated_here_may_be_published(line: AnyCondition, receipt: AnyCondition) -> None:
    """So that the properties above are about what can really be there."""
    assert problem_of(line, True, ATTRIBUTES) is None
    assert problem_of(receipt, False, ATTRIBUTES) is None


def test_the_deepest_tree_of_so_many_nodes_gives_an_answer_all_the_same() -> None:
    """It is refused before it is compiled; if it were not, nothing would fall over."""
    facts = facts_of_line(SKI)
    assert compile_line(nested(CONDITION_MAX_NODES - 1))(facts) is True  # an even number of Not
    deep: AnyCondition = BRAND
    for _ in range(CONDITION_MAX_NODES - 1):
        deep = Any((deep,))
    assert compile_line(deep)(facts) is True
    assert required_values(deep) == ("brand", ("Nordkap",))


NAMES = [  # name, what is said
    ("brand", None),
    ("a" + "b" * 31, None),
    ("size_2", None),
    ("", "a small letter"),
    ("a" + "b" * 32, "at most 32"),
    ("Brand", "a small letter"),
    ("2nd", "a small letter"),
    ("brand\n", "a small letter"),
    ("sku", "every basket"),
    ("city", "every basket"),
    *((word, "written with this word") for word in KEYWORDS),
]


@pytest.mark.parametrize(("name", "said"), NAMES)
def test_names_of_attributes(name: str, said: str | None) -> None:
    """What a programme may call its attributes."""
    problem = name_problem(name)
    assert (problem is None) if said is None else (problem is not None and said in problem)


def test_the_types_are_the_models() -> None:
    """All that the cases above leave out is here: every type has an attribute in them."""
    assert set(ATTRIBUTES.values()) == set(AttributeType)
