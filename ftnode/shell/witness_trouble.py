"""Rule 11 for the operator: conditions of the catalogue."""

from typing import TYPE_CHECKING

from ftnode.shell.found import Problem, found
from ftnode.witness.naming import spelled

if TYPE_CHECKING:
    from ftnode.shell.unit import RunningUnit


def witness_problems(running: "RunningUnit") -> list[Problem]:
    """Rule 11: who may go alone meanwhile, and whether the settings still name the witness that counts."""
    unit, wrong = running.driver.unit, list[Problem]()
    promise, record, lead = unit.promise, unit.record, unit.lead
    if record is not None and lead is not None and lead.designated_seq:
        ready = "and may go on alone" if promise.note is not None else "as soon as the other unit agrees"
        what = f"the witness is lost; unit {unit.me} is designated survivor of epoch {record.epoch}, {ready}"
        wrong.append(found("survivor-designated", unit.me, what, running.driver.moved_ms))
    if lead is None and record is not None and 0 < record.epoch <= promise.bound_epoch:
        what = f"unit {unit.me} obeys unit {unit.other} as designated survivor of epoch {promise.bound_epoch}"
        if not running.desk.partner_serving:
            wrong.append(found("waits-for-survivor", unit.me, what, running.driver.moved_ms))
    named, set_to = promise.witness_address, spelled(running.settings.witness)
    if named and named != set_to:
        what = f"unit {unit.me} was started with the witness {set_to}; its log names {named}"
        wrong.append(found("witness-setting", unit.me, what, running.driver.moved_ms))
    return wrong
