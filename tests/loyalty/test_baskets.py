"""Baskets in files: lines with the programme's attributes, amounts in a store's currency."""

from pathlib import Path

import pytest

from loyalty.commands import Line, LineKind
from loyalty.text.baskets import read_basket
from loyalty.text.errors import TextError
from loyalty.text.files import read_programme

PLATFORM = read_programme(
    (Path(__file__).parents[2] / "deploy/programmes/platform.toml").read_text("utf-8")
).rules

BASKET = """
coupons = ["READ-ON"]

[[line]]
sku = "milk"
pieces = 2
amount = 59.80
price = 29.90
attributes = { category = "milk", own_brand = "yes" }

[[line]]
sku = "journey"
amount = 12_000
kind = "goods"
tax = 2000.00
floor = 1.00
[line.attributes]
nights = 7
"""


def test_a_basket() -> None:
    basket = read_basket(BASKET, PLATFORM, "CZK")
    assert basket.coupons == ("READ-ON",)
    assert basket.lines == (
        Line("milk", 2000, 5980, LineKind.GOODS, 2990, 0, 0, (("category", "milk"), ("own_brand", "yes"))),
        Line("journey", 1000, 1_200_000, LineKind.GOODS, 0, 200_000, 100, (("nights", 7),)),
    )


MISTAKES = [  # what becomes of the text, where, what is said
    (BASKET.replace("59.80", "59.805"), "line[1].amount", "too many decimals"),
    (BASKET.replace("pieces = 2", "pieces = 0.0005"), "line[1].pieces", "too many decimals"),
    (BASKET.replace("pieces = 2", "pieces = true"), "line[1].pieces", "is no number"),
    (BASKET.replace("own_brand", "ownbrand"), "line[1].attributes.ownbrand", "did you mean own_brand"),
    (BASKET.replace("nights = 7", 'nights = "7"'), "line[2].attributes.nights", "is no number"),
    (BASKET.replace('category = "milk"', "category = 7"), "line[1].attributes.category", "is no text"),
    (BASKET.replace('"goods"', '"good"'), "line[2].kind", "did you mean goods"),
    (BASKET.replace('sku = "milk"\n', ""), "line[1]", "sku is missing"),
    (BASKET.replace("coupons", "coupon"), "coupon", "did you mean coupons"),
    ("coupons = []", "", "the basket has no lines"),
    ("[[line]]\nsku = 'a'\namount = 1\n" * 201, "", "has 201 lines"),
    ("[[line", "", "no TOML"),
]


@pytest.mark.parametrize(("text", "where", "says"), MISTAKES)
def test_what_is_no_basket(text: str, where: str, says: str) -> None:
    with pytest.raises(TextError) as told:
        read_basket(text, PLATFORM)
    assert told.value.where == where
    assert says in str(told.value)
