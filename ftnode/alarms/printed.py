"""The table of alarms as documents: the operator's list, Prometheus' rules, the schema of what is posted.

`make docs` writes them; tests hold them to be current. Pure.
"""

import json
from typing import Any, Final

import msgspec

from ftnode.alarms.catalogue import TABLE, About, Row
from ftnode.alarms.telling import Body, alert_name

_SILENT_FOR: Final = "1m"
_BY: Final = "cabinet, code, severity, about, of_unit, other_unit"
_CABINET, _THIS, _OTHER = (f"{{{{ $labels.{name} }}}}" for name in ("cabinet", "of_unit", "other_unit"))
_HEAD: Final = """\
| code | about | counts after | over after | what is told |
|---|---|---|---|---|
"""


def as_list() -> str:
    """The operator's list, in Markdown: a table to find the code, and all texts of each below."""
    rows = "".join(
        f"| [{row.code}](#{row.code}) | {_about(row)} | {_for_people(row.raise_after_s)} "
        f"| {_for_people(row.clear_after_s)} | {_of_a_unit(row.headline)} |\n"
        for row in TABLE
    )
    return _HEAD + rows + "".join(_explained(row) for row in TABLE)


def rules() -> str:
    """Prometheus' alerting rules: one for each row, and three that only somebody outside can see."""
    groups = {
        "groups": [
            {"name": "ftnode-alarms", "rules": [_rule(row) for row in TABLE]},
            {"name": "ftnode-seen-from-outside", "rules": _from_outside()},
        ]
    }
    return "\n".join(_yaml(groups, 0)) + "\n"


def schema() -> str:
    """JSON Schema of a webhook's body."""
    made = msgspec.json.schema(Body)
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "An alarm, as posted to alarms.webhook_urls"
    return json.dumps(made, indent=2) + "\n"


# ---------------------------------------------------------------- the list


def _explained(row: Row) -> str:
    hidden = ", ".join(f"`{code}`" for code in row.hidden_by)
    return (
        f"\n### {row.code}\n\n**{_of_a_unit(row.headline)}** ({row.severity})\n\n"
        f"- Why: {_of_a_unit(row.cause)}\n"
        f"- What it means: {_of_a_unit(row.consequence)}\n"
        f"- What to do: {_of_a_unit(row.todo)}\n"
        + (f"- Not told while there is {hidden}.\n" if hidden else "")
    )


def _of_a_unit(text: str) -> str:
    """With N for the unit and M for the other one."""
    return text.format(unit="N", other="M")


def _about(row: Row) -> str:
    return {About.UNIT: "a unit", About.PAIR: "the pair", About.WITNESS: "the witness"}[row.about]


def _for_people(seconds: int) -> str:
    if seconds == 0:
        return "at once"
    if seconds % 3600 == 0:
        return f"{seconds // 3600} h"
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


# ---------------------------------------------------------------- Prometheus


def _rule(row: Row) -> dict[str, Any]:
    """Both units show what stands, so one is enough; all delays were waited for already."""
    texts = {"summary": row.headline, "cause": row.cause, "consequence": row.consequence, "todo": row.todo}
    annotations = {name: text.format(unit=_THIS, other=_OTHER) for name, text in texts.items()}
    annotations["summary"] = f"{_CABINET}: {annotations['summary']}"
    return {
        "alert": alert_name(row.code),
        "expr": f'max by ({_BY}) (ftnode_alarm{{code="{row.code}"}}) == 1',
        "labels": {"severity": row.severity.value},
        "annotations": annotations,
    }


def _from_outside() -> list[dict[str, Any]]:
    """What no unit can tell any more when it is true."""
    return [
        {
            "alert": "FtnodeBothUnitsSilent",
            "expr": 'sum by (job) (up{job="ftnode"}) == 0',
            "for": _SILENT_FOR,
            "labels": {"severity": "critical"},
            "annotations": {
                "summary": "Prometheus reaches neither unit",
                "cause": "Both are down, or the network between Prometheus and the units is cut.",
                "consequence": "If they are down, tills get no answer, and no unit is left to say so.",
                "todo": "`ftctl status` from another machine. If it is true, start the unit that was active "
                "last, then the other one, then the witness.",
            },
        },
        {
            "alert": "FtnodeUnitSilent",
            "expr": 'up{job="ftnode"} == 0',
            "for": "5m",
            "labels": {"severity": "warning"},
            "annotations": {
                "summary": "Prometheus does not reach {{ $labels.instance }}",
                "cause": "The unit is down, or the network between Prometheus and it is cut.",
                "consequence": "If it is down, the other unit serves the tills alone.",
                "todo": "`ftctl status` from another machine.",
            },
        },
        {
            "alert": "FtnodeWitnessSilent",
            "expr": 'up{job="ftnode-witness"} == 0',
            "for": "5m",
            "labels": {"severity": "warning"},
            "annotations": {
                "summary": "Prometheus does not reach the witness",
                "cause": "It is down, or the network between Prometheus and it is cut.",
                "consequence": "If it is down and a unit fails, the other one may have to stop, too.",
                "todo": "Is `ftnode witness` running? Start it with its own directory.",
            },
        },
    ]


def _yaml(value: Any, depth: int) -> list[str]:
    """Lists, dictionaries and texts as YAML: every text in double quotes, as JSON has them."""
    pad = "  " * depth
    if isinstance(value, list):
        lines = []
        for item in value:
            first, *rest = _yaml(item, depth + 1)
            lines += [f"{pad}- {first.strip()}", *rest]
        return lines
    lines = []
    for key, item in value.items():
        if isinstance(item, str):
            lines.append(f"{pad}{key}: {json.dumps(item, ensure_ascii=False)}")
        else:
            lines += [f"{pad}{key}:", *_yaml(item, depth + 1)]
    return lines
