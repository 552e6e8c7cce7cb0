"""Effects of promotions, both ways."""

from collections.abc import Callable
from typing import Any, Final

from loyalty.commands import limits as lim
from loyalty.commands import promotions as pro
from loyalty.outcomes import PRIORITY_REGULAR
from loyalty.v1 import promotions_pb2 as pb
from loyalty.wire import conditions, parts
from loyalty.wire.calls import RefusalError


def read_effect(message: pb.Effect, field: str) -> pro.Effect:
    """The one effect of a promotion."""
    which = message.WhichOneof("effect")
    if which is None:
        raise RefusalError(field, "is missing", "one of " + ", ".join(_READ))
    effect: pro.Effect = _READ[which](getattr(message, which), f"{field}.{which}")
    return effect


def write_effect(message: pb.Effect, value: pro.Effect) -> None:
    """The same, backwards."""
    into: Any = getattr(message, _NAMES[type(value)])
    into.SetInParent()  # an effect of zeros is there too
    for name in value.__struct_fields__:
        part = getattr(value, name)
        if name == "parts":
            _write_bundle(into, part)
        elif name in ("get", "purpose"):
            if part is not None:
                conditions.write(getattr(into, name), part)
        else:
            setattr(into, name, part)


def _plain(of: Callable[..., pro.Effect]) -> Callable[[Any, str], pro.Effect]:
    """A reader of effects that are numbers only: names are the same on both sides."""
    names: tuple[str, ...] = of.__struct_fields__  # type: ignore[attr-defined]

    def read(message: Any, _: str) -> pro.Effect:
        return of(*[getattr(message, name) for name in names])

    return read


def _cheapest_free(message: pb.CheapestFree, _: str) -> pro.CheapestFree:
    return pro.CheapestFree(message.of_pieces, message.free_pieces if message.HasField("free_pieces") else 1)


def _buy_get(message: pb.BuyGet, field: str) -> pro.BuyGet:
    get = conditions.maybe(message.get, message.HasField("get"), f"{field}.get")
    off = message.basis_points if message.HasField("basis_points") else lim.BASIS_POINTS
    return pro.BuyGet(message.buy_pieces, message.get_pieces, get, off)


def _bundle(message: pb.Bundle, field: str) -> pro.Bundle:
    if not 2 <= len(message.parts) <= lim.BUNDLE_MAX_PARTS:
        raise RefusalError(f"{field}.parts", f"are {len(message.parts)}", f"2 to {lim.BUNDLE_MAX_PARTS}")
    found = [
        pro.BundlePart(conditions.read(part.lines, f"{field}.parts[{at}].lines"), part.pieces)
        for at, part in enumerate(message.parts, 1)
    ]
    return pro.Bundle(tuple(found), message.minor)


def _write_bundle(message: pb.Bundle, bundle: tuple[pro.BundlePart, ...]) -> None:
    for part in bundle:
        into = message.parts.add(pieces=part.pieces)
        conditions.write(into.lines, part.lines)


def _give_lot(message: pb.GiveLot, field: str) -> pro.GiveLot:
    return pro.GiveLot(
        message.wallet,
        message.points,
        conditions.maybe(message.purpose, message.HasField("purpose"), f"{field}.purpose"),
        message.delay_days,
        message.window_days,
        message.priority if message.HasField("priority") else PRIORITY_REGULAR,
    )


def _give_service(message: pb.GiveService, field: str) -> pro.GiveService:
    service = parts.text(message.service, f"{field}.service")
    return pro.GiveService(service, message.times, message.window_days)


_NAMES: Final[dict[type[Any], str]] = {
    pro.PercentOff: "percent_off",
    pro.AmountOff: "amount_off",
    pro.FixedPrice: "fixed_price",
    pro.CheapestFree: "cheapest_free",
    pro.BuyGet: "buy_get",
    pro.Bundle: "bundle",
    pro.PointsPer: "points_per",
    pro.PointsTimes: "points_times",
    pro.PointsFixed: "points_fixed",
    pro.GiveLot: "give_lot",
    pro.GiveService: "give_service",
    pro.GiveCoupon: "give_coupon",
}
_OWN: Final[dict[type[Any], Callable[[Any, str], pro.Effect]]] = {
    pro.CheapestFree: _cheapest_free,
    pro.BuyGet: _buy_get,
    pro.Bundle: _bundle,
    pro.GiveLot: _give_lot,
    pro.GiveService: _give_service,
}
_READ: Final = {name: _OWN.get(of) or _plain(of) for of, name in _NAMES.items()}
