"""What stands on the counter: lines, whose they are, the wish to pay with points. Values, never changed."""

from collections.abc import Sequence
from typing import NamedTuple

from loyalty.cli.till.amounts import times
from loyalty.cli.till.articles import KINDS, Article
from loyalty.v1 import common_pb2 as common


class BasketLine(NamedTuple):
    """One line."""

    article: Article
    milli: int  # pieces in thousandths
    unit_minor: int

    @property
    def amount_minor(self) -> int:
        return times(self.unit_minor, self.milli)

    def message(self) -> common.Line:
        article = self.article
        line = common.Line(
            sku=article.sku,
            quantity_milli=self.milli,
            amount_minor=self.amount_minor,
            kind=common.LineKind.Name(KINDS[article.kind]),
            unit_price_minor=self.unit_minor,
        )
        for name, value in sorted(article.attributes):
            if isinstance(value, int):
                line.attributes.add(name=name, number=value)
            else:
                line.attributes.add(name=name, text=value)
        return line


class Basket(NamedTuple):
    """All of it; a changed one is another one."""

    lines: tuple[BasketLine, ...] = ()
    member: common.MemberRef | None = None
    called: str = ""  # the member, as the cashier named him
    points: int = 0  # to pay with
    up_to: bool = False  # as many as possible, up to that; else exactly so many
    coupons: tuple[str, ...] = ()

    @property
    def amount_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    def spend(self) -> common.Spend | None:
        """None: nothing is to be paid with points."""
        if not self.points:
            return None
        mode = common.SPEND_MODE_UP_TO if self.up_to else common.SPEND_MODE_EXACTLY
        return common.Spend(points=self.points, mode=mode)

    def messages(self) -> Sequence[common.Line]:
        return [line.message() for line in self.lines]

    def with_line(self, line: BasketLine) -> "Basket":
        return self._replace(lines=(*self.lines, line))

    def without_line(self, number: int) -> "Basket":
        """`number` counts from 1."""
        return self._replace(lines=(*self.lines[: number - 1], *self.lines[number:]))

    def with_pieces(self, number: int, milli: int) -> "Basket":
        line = self.lines[number - 1]._replace(milli=milli)
        return self._replace(lines=(*self.lines[: number - 1], line, *self.lines[number:]))
