"""Planted bugs in what the pair does about parts that are ill. (rules 8, 9)"""

from typing import Any

from chaos.sim.planting import Plant
from ftnode.core import illness


def ill_active_stays(plant: Plant) -> None:
    plant.set(illness, "may_yield", lambda unit: False)


def ill_standby_stays(plant: Plant) -> None:
    plant.set(illness, "ill_partner", lambda unit: "")


def yields_to_the_ill(plant: Plant) -> None:
    """Whoever is ill hands over, also to one that is no better."""
    plant.set(illness, "may_yield", lambda unit: bool(illness.unwell(unit)))


def ill_puts_out_the_ill(plant: Plant) -> None:
    def ill_partner(unit: Any) -> str:
        partner = unit.partner if unit.lead is not None else None
        return f"{illness.ILL}{partner.ailing}" if partner is not None and partner.ailing else ""

    plant.set(illness, "ill_partner", ill_partner)


def ill_comes_back(plant: Plant) -> None:
    """It is put out, and let in again at once: it flaps as long as it is ill."""
    plant.set(illness, "keeps_out", lambda unit, ailing: "")


def worn_comes_back(plant: Plant) -> None:
    plant.set(illness, "may_retire", lambda unit: False)


def link_is_not_told(plant: Plant) -> None:
    """A unit that is out says nothing of what it alone sees of the link."""
    plant.set(illness, "told", illness.unwell)
