"""Conditions in words: what they read as, how they are printed, and what is said where they are wrong."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from loyalty.text.conditions import MEASURES, parse_line_condition, parse_receipt_condition
from loyalty.text.errors import TextError
from loyalty.text.grammar import parser
from loyalty.text.printing import print_condition
from tests.loyalty.trees import ATTRIBUTES, LINE_CONDITIONS, RECEIPT_CONDITIONS

A, B, C = OneOf("brand", ("A",)), OneOf("brand", ("B",)), OneOf("brand", ("C",))
SUM = Bought(Measure.LINES, None, 1, None)

Parser = Callable[[str, dict[str, AttributeType], int], AnyCondition]
PARSERS: dict[bool, Parser] = {True: parse_line_condition, False: parse_receipt_condition}

OF_LINES = [  # as it is printed, the tree
    ("brand = Nordkap", OneOf("brand", ("Nordkap",))),
    ("brand = 'A B'", OneOf("brand", ("A B",))),
    ("brand = ''", OneOf("brand", ("",))),
    ("brand = 'and'", OneOf("brand", ("and",))),
    ("brand = goods", OneOf("brand", ("goods",))),
    ('''brand = "it's"''', OneOf("brand", ("it's",))),
    ("""brand = 'an "inch"'""", OneOf("brand", ('an "inch"',))),
    (r"""brand = "it's an \"inch\"" """.strip(), OneOf("brand", ("""it's an "inch\"""",))),
    (r"brand = 'a\\b\n'", OneOf("brand", ("a\\b\n",))),
    ("sku = 0042", OneOf("sku", ("0042",))),  # a text keeps its zeros
    ("sku in (0042, 10W-40, É.1/2)", OneOf("sku", ("0042", "10W-40", "É.1/2"))),
    ("sku begins with OLD-", Begins("sku", "OLD-")),
    ("brand != A", Not(A)),
    ("brand not in (A, B)", Not(OneOf("brand", ("A", "B")))),
    ("not sku begins with OLD-", Not(Begins("sku", "OLD-"))),
    ("not brand != A", Not(Not(A))),
    ("unit_price >= 100.00", Within("unit_price", 10_000, None)),
    ("unit_price <= 0.05", Within("unit_price", None, 5)),
    ("amount from -1.50 to 1.50", Within("amount", -150, 150)),
    ("amount = 7.00", Within("amount", 700, 700)),
    ("amount != 7.00", Not(Within("amount", 700, 700))),
    ("not amount >= 7.00", Not(Within("amount", 700, None))),
    ("quantity >= 1.5", Within("quantity", 1500, None)),
    ("quantity = 2", Within("quantity", 2000, 2000)),
    ("season from 25 to 26", Within("season", 25, 26)),
    ("brand = A and brand = B and brand = C", All((A, B, C))),
    ("(brand = A and brand = B) and brand = C", All((All((A, B)), C))),
    ("brand = A and (brand = B and brand = C)", All((A, All((B, C))))),
    ("(brand = A and brand = B) or brand = C", Any((All((A, B)), C))),
    ("brand = A and (brand = B or brand = C)", All((A, Any((B, C))))),
    ("not (brand = A or brand = B)", Not(Any((A, B)))),
    ("all (brand = A)", All((A,))),
    ("any (all (brand = A))", Any((All((A,)),))),
    ("any (brand = A and brand = B)", Any((All((A, B)),))),
]
OF_RECEIPTS = [
    ("channel = web", OneOf("channel", ("web",))),
    ("weekday from 6 to 7", Within("weekday", 6, 7)),
    ("amount of goods >= 50.00", Bought(Measure.AMOUNT, None, 5000, None)),
    ("amount of (brand = A) >= 50.00", Bought(Measure.AMOUNT, A, 5000, None)),
    ("quantity of (brand = A or brand = B) from 0.5 to 3", Bought(Measure.QUANTITY, Any((A, B)), 500, 3000)),
    ("lines of goods = 3", Bought(Measure.LINES, None, 3, 3)),
    ("not lines of goods = 3", Not(Bought(Measure.LINES, None, 3, 3))),
    ("lines of (amount >= 5.00) <= 2", Bought(Measure.LINES, Within("amount", 500, None), None, 2)),
    ("lines of goods >= 1 and store != 7", All((SUM, Not(Within("store", 7, 7))))),
]
TEXTS = [(text, tree, True) for text, tree in OF_LINES] + [(text, tree, False) for text, tree in OF_RECEIPTS]


@pytest.mark.parametrize(("text", "tree", "of_lines"), TEXTS)
def test_a_text_and_its_tree(text: str, tree: AnyCondition, of_lines: bool) -> None:
    """Both ways."""
    assert PARSERS[of_lines](text, ATTRIBUTES, 2) == tree
    assert print_condition(tree, ATTRIBUTES, 2) == text


OTHER_WORDS = [  # what people also write, how it is printed
    ("brand=A", "brand = A"),
    ('brand = "A"', "brand = A"),
    (r'brand = "it\'s"', 'brand = "it\'s"'),
    (r"brand = '\u0041'", "brand = A"),
    ("((brand = A))", "brand = A"),
    ("not (brand = A)", "brand != A"),
    ("not brand in (A)", "brand != A"),
    ("brand in (A)", "brand = A"),
    ("brand = A and brand = B or brand = C", "(brand = A and brand = B) or brand = C"),
    ("not brand = A and brand = B", "brand != A and brand = B"),
    ("all (brand = A, brand = B)", "brand = A and brand = B"),
    ("any (brand = A, brand = B) and brand = C", "(brand = A or brand = B) and brand = C"),
    ("unit_price >= 100", "unit_price >= 100.00"),
    ("unit_price from 5 to 5.000", "unit_price = 5.00"),
    ("quantity >= 1.500", "quantity >= 1.5"),
    ("brand = A # the first\n  and\n\tbrand = B", "brand = A and brand = B"),
]


@pytest.mark.parametrize(("text", "printed"), OTHER_WORDS)
def test_what_else_can_be_written(text: str, printed: str) -> None:
    """There is one printed form."""
    assert print_condition(parse_line_condition(text, ATTRIBUTES, 2), ATTRIBUTES, 2) == printed
    assert print_condition(parse_line_condition(printed, ATTRIBUTES, 2), ATTRIBUTES, 2) == printed


@given(LINE_CONDITIONS, st.sampled_from([0, 2, 3]))
def test_a_printed_line_condition_reads_as_the_same_tree(tree: AnyCondition, exponent: int) -> None:
    """Every shape, every text, every currency."""
    assert parse_line_condition(print_condition(tree, ATTRIBUTES, exponent), ATTRIBUTES, exponent) == tree


@given(RECEIPT_CONDITIONS, st.sampled_from([0, 2, 3]))
def test_a_printed_receipt_condition_reads_as_the_same_tree(tree: AnyCondition, exponent: int) -> None:
    """With sums over lines."""
    assert parse_receipt_condition(print_condition(tree, ATTRIBUTES, exponent), ATTRIBUTES, exponent) == tree


WRONG = [  # text, of lines, line and column, what is wrong, a part of what would be right
    ("colour = red", True, (1, 1), "unknown attribute 'colour'", "one of brand, category, season"),
    ("brand = A and catgory = ski", True, (1, 15), "unknown attribute", "did you mean category?"),
    ("Brand = A", True, (1, 1), "unknown attribute", "did you mean brand?"),
    ("brand = A\n  or x = 1", True, (2, 6), "unknown attribute 'x'", "one of"),
    ("city = Graz", True, (1, 1), "city is of the receipt", "one of brand"),
    ("brand = A", False, (1, 1), "brand is of a line", "amount of (...)"),
    ("lines of goods >= 3", True, (1, 1), "a sum over lines", "one of brand"),
    ("lines of (lines of goods >= 3) >= 3", False, (1, 11), "a sum over lines", "one of brand"),
    ("brand >= 3", True, (1, 1), "brand is a text", "begins with"),
    ("season in (1, 2)", True, (1, 1), "season is a number", "from ... to ..."),
    ("amount begins with 1", True, (1, 1), "amount is a number", "from ... to ..."),
    ("season = ski", True, (1, 10), "'ski' is no number", "a whole number"),
    ("season = 1.5", True, (1, 10), "1.5 has too many decimals", "a whole number"),
    ("amount >= 1.005", True, (1, 11), "too many decimals", "at most 2 decimals, as 1.50"),
    ("quantity >= 1.0005", True, (1, 13), "too many decimals", "at most 3 decimals, as 1.500"),
    ("amount >= 1e3", True, (1, 11), "'1e3' is no number", "a number"),
    ("amount >= 92233720368547758.08", True, (1, 11), "is too large", "at most 92233720368547758.07"),
    ("amount from 3 to 2", True, (1, 13), "holds for no number", "from 2 to 3"),
    ("sku begins with ''", True, (1, 17), "every text begins with", "what the text begins with"),
    (f"sku = {'x' * 65}", True, (1, 7), "a text of 65 characters", "at most 64"),
    (r"sku = '\q'", True, (1, 7), "an unknown escape", r"\u00e9"),
    (r"sku = '\ud800'", True, (1, 7), "an unknown escape", r"\u00e9"),
    ("sku = 'abc", True, (1, 7), "a text that does not end", "' at its end"),
    ("", True, (1, 1), "the condition ends here", "an attribute, not, amount of"),
    ("brand = A and", True, (1, 14), "the condition ends here", "an attribute"),
    ("(brand = A", True, (1, 11), "the condition ends here", ")"),
    ("brand = A)", True, (1, 10), "')' cannot stand here", "the end"),
    ("brand", True, (1, 6), "the condition ends here", "=, !=, >=, <=, from, in, begins with, not"),
    ("brand = and", True, (1, 9), "'and' cannot stand here", "a value, a text in quotes"),
    ("brand = A brand = B", True, (1, 11), "'brand' cannot stand here", "and, or"),
    ("amount > 5", True, (1, 8), "'>' cannot stand here", ">="),
    ("brand like A", True, (1, 7), "'like' cannot stand here", "begins with"),
    ("brand in ()", True, (1, 11), "')' cannot stand here", "a value"),
    ("amount of (brand = A)", False, (1, 22), "the condition ends here", "=, >=, <=, from"),
    ("not " * 20 + "brand = A", True, (1, 65), "too many levels", "at most 16"),
    ("not " * 15 + "brand != A", True, (1, 61), "too many levels", "at most 16"),  # != is a level
    (" or ".join(["brand = A"] * 65), True, (1, 1), "65 parts in a row", "at most 64"),
    (f"sku in ({', '.join(['x'] * 1025)})", True, (1, 1), "1025 values", "at most 1024"),
]


@pytest.mark.parametrize(("text", "of_lines", "place", "problem", "wanted"), WRONG)
def test_what_is_wrong(text: str, of_lines: bool, place: tuple[int, int], problem: str, wanted: str) -> None:
    """Where, what, and what would be right."""
    with pytest.raises(TextError) as caught:
        PARSERS[of_lines](text, ATTRIBUTES, 2)
    error = caught.value
    assert (error.line, error.column) == place
    assert problem in error.problem
    assert wanted in error.wanted


def test_an_error_shows_the_place() -> None:
    """The text's own line, with a caret."""
    with pytest.raises(TextError) as caught:
        parse_line_condition("brand = Nordkap\n\tand colour = red", ATTRIBUTES, 2)
    assert str(caught.value) == (
        "line 2, column 6: unknown attribute 'colour'\n"
        "     and colour = red\n"
        "         ^\n"
        "wanted: one of brand, category, season, list_price, weight, sku, kind, amount, unit_price, quantity"
    )


def test_of_a_long_line_the_part_around_the_place_is_shown() -> None:
    """And the caret is under it."""
    text = f"sku in ({', '.join(['abcdefgh'] * 40)}) and x = 1 and brand in ({', '.join(['abcdefgh'] * 40)})"
    with pytest.raises(TextError) as caught:
        parse_line_condition(text, ATTRIBUTES, 2)
    shown, caret = caught.value.excerpt.split("\n")
    assert len(shown) <= 104
    assert shown[caret.index("^")] == "x"


def test_too_large_a_condition_is_refused() -> None:
    """In nodes and in bytes."""
    wide = " and ".join(["(" + " or ".join(["brand = A"] * 60) + ")"] * 5)
    with pytest.raises(TextError, match="too large"):
        parse_line_condition(wide, ATTRIBUTES, 2)
    with pytest.raises(TextError, match="too long"):
        parse_line_condition("brand = A" + " " * 65_536, ATTRIBUTES, 2)


def test_sixteen_levels_and_any_number_of_parentheses_are_fine() -> None:
    """Parentheses alone are no level."""
    tree = parse_line_condition("(" * 5000 + "not " * 14 + "brand != A" + ")" * 5000, ATTRIBUTES, 2)
    assert print_condition(tree, ATTRIBUTES, 2) == "not " * 14 + "brand != A"


WORDS = [*KEYWORDS, "brand", "amount", "(", ")", "=", "!=", ">=", "1", ",", "A", "'x'"]
WRITTEN = st.text("ab =<>!(),'\"\\#\n019.-", max_size=30)
WRITTEN |= st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


@given(WRITTEN)
def test_whatever_is_written_is_read_or_explained(text: str) -> None:
    """No other error, and what is read is printed in a form that stays."""
    for parse in PARSERS.values():
        answer = answer_to(parse, text)
        if isinstance(answer, TextError):
            assert answer.wanted
            assert 1 <= answer.line <= text.count("\n") + 1
            assert answer.excerpt.endswith("^")
        else:
            printed = print_condition(answer, ATTRIBUTES, 2)
            assert parse(printed, ATTRIBUTES, 2) == answer


def answer_to(parse: Parser, text: str) -> AnyCondition | TextError:
    """The tree, or what is wrong."""
    try:
        return parse(text, ATTRIBUTES, 2)
    except TextError as error:
        return error


def test_an_attribute_that_is_gone_is_printed_all_the_same() -> None:
    """Old versions are shown too."""
    assert print_condition(All((Within("width", 1, None), OneOf("shape", ("round",)))), {}, 2) == (
        "width >= 1 and shape = round"
    )


def test_the_keywords_are_those_of_the_grammar() -> None:
    """So that no attribute is called like one."""
    words = {
        word for terminal in parser().terminals for word in re.findall(r"^[a-z]+$", terminal.pattern.value)
    }
    assert words | set(MEASURES) == {*KEYWORDS, "amount", "quantity"}
