"""What is printed from the table of alarms is current, and Prometheus takes it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from ftnode.alarms import printed
from ftnode.alarms.catalogue import ROWS, TABLE, About
from ftnode.alarms.decide import Alarm, key_of
from ftnode.alarms.telling import NEVER, Body, alert_name, body, label_values
from ftnode.alarms.telling import test_body as body_of_a_test
from tools import docs

PROMTOOL = shutil.which("promtool")
AT_MS = 1_795_413_155_797


def alarm(code: str, unit: int = 1) -> Alarm:
    return Alarm(key_of(code, unit), code, unit, "facts & <more>", AT_MS - 60_000, AT_MS, 0, (0, 1))


@pytest.mark.parametrize("path", docs.fresh(), ids=lambda path: path.name)
def test_it_is_current(path: Path) -> None:
    """`make docs` writes it; a forgotten one fails here."""
    assert path.read_text() == docs.fresh()[path], f"{path.name}: run `make docs`"


def test_every_link_in_the_list_has_its_place() -> None:
    text = printed.as_list()
    assert set(re.findall(r"\(#([a-z-]+)\)", text)) == set(re.findall(r"^### (.*)$", text, re.MULTILINE))


@pytest.mark.parametrize("code", ROWS)
@pytest.mark.parametrize("cleared_ms", [0, AT_MS + 5000])
def test_what_is_posted_fits_its_schema(code: str, cleared_ms: int) -> None:
    """Every field that the schema names, and no other; the same key and labels when it is over."""
    told = msgspec.json.decode(body(alarm(code), "shop", 0, cleared_ms), type=Body)
    [alert] = told.alerts
    assert told.status == alert.status == ("resolved" if cleared_ms else "firing")
    assert alert.starts_at == "2026-11-23T05:52:35.797Z"
    assert alert.ends_at == ("2026-11-23T05:52:40.797Z" if cleared_ms else NEVER)
    assert told.ftnode.key == told.group_key == alert.fingerprint == f"shop/{key_of(code, 1)}"
    assert told.ftnode.id == f"shop/{key_of(code, 1)}/{AT_MS}/{'cleared' if cleared_ms else 'raised'}"
    assert alert.annotations["summary"].startswith("shop: over: " if cleared_ms else "shop: ")
    assert ("unit" in alert.labels) == (ROWS[code].about is About.UNIT)
    assert alert.labels["severity"] == ROWS[code].severity
    assert "{" not in "".join(alert.annotations.values())


def test_a_test_says_that_nothing_is_wrong() -> None:
    told = msgspec.json.decode(body_of_a_test("shop", 1, AT_MS), type=Body)
    assert told.ftnode.event == "test"
    assert "nothing is wrong" in told.alerts[0].annotations["summary"]
    assert told.alerts[0].ends_at != NEVER, "it ends by itself"


def test_the_schema_names_what_is_posted() -> None:
    """As a receiver in another language reads it: required fields, no others."""
    schema = json.loads(printed.schema())
    posted = json.loads(body(alarm("simplex"), "shop", 0, 0))
    top = schema["$defs"]["Body"]
    assert set(posted) == set(top["properties"])
    assert set(top["required"]) <= set(posted)
    assert set(posted["ftnode"]) == set(schema["$defs"]["Told"]["properties"])
    assert set(posted["alerts"][0]) == set(schema["$defs"]["Alert"]["properties"])


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool here (Debian: prometheus)")
def test_prometheus_takes_the_rules_and_they_fire(tmp_path: Path) -> None:
    """promtool: their form, and for each row that its alarm makes its alert, once for the pair."""
    subprocess.run([str(PROMTOOL), "check", "rules", str(docs.RULES)], check=True, capture_output=True)
    names = ("code", "severity", "about", "of_unit", "other_unit")
    series, tests = [], []
    for row in TABLE:
        values = dict(zip(names, label_values(alarm(row.code)), strict=True))
        labels = ",".join(f'{name}="{value}"' for name, value in values.items())
        series += [
            {"series": f'ftnode_alarm{{cabinet="shop",unit="{unit}",{labels}}}', "values": "1x10"}
            for unit in (0, 1)
        ]
        wanted = {"cabinet": "shop", **{name: value for name, value in values.items() if value}}
        texts = msgspec.json.decode(body(alarm(row.code), "shop", 0, 0), type=Body).alerts[0].annotations
        tests.append(
            {
                "eval_time": "2m",
                "alertname": alert_name(row.code),
                "exp_alerts": [
                    {
                        "exp_labels": wanted,
                        "exp_annotations": {
                            name: texts[name] for name in ("summary", "cause", "consequence", "todo")
                        },
                    }
                ],
            }
        )
    suite = {"rule_files": [str(docs.RULES)], "tests": [{"input_series": series, "alert_rule_test": tests}]}
    spec = tmp_path / "test.yml"
    spec.write_text(json.dumps(suite))  # JSON is YAML
    done = subprocess.run(
        [str(PROMTOOL), "test", "rules", str(spec)], text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
