"""The dashboard for Grafana and the rules for Prometheus: sound, and about metrics that there are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families as families

from jarvis_desktop.resources import resource
from jarvis_desktop.telemetry.metrics import Metrics
from tests.conftest import ROOT
from tests.monitored import see_everything

DASHBOARD = resource("resources", "grafana", "jarvis.json")
RULES = resource("resources", "prometheus", "alerts.yml")
SCRAPE = resource("resources", "prometheus", "scrape.yml")
COLUMNS = 24
GRAFANA = {"$__rate_interval": "5m", "$__range": "6h", "$model": ".*"}
METRIC = re.compile(r"\b(?:jarvis|process)_\w+")

promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="needs promtool (Debian package prometheus)"
)


def checked(*command: str | Path) -> None:
    done = subprocess.run(["promtool", *map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return found


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (panel for panel in dashboard["panels"] if panel["type"] != "row")


def expressions(dashboard: dict[str, Any]) -> list[str]:
    """All PromQL, with values for Grafana's variables."""
    found = [target["expr"] for panel in panels(dashboard) for target in panel["targets"]]
    for variable, value in GRAFANA.items():
        found = [expression.replace(variable, value) for expression in found]
    return found


def served() -> set[str]:
    metrics = Metrics()
    see_everything(metrics)
    text = metrics.text()[0].decode()
    return {sample.name for family in families(text) for sample in family.samples}


@promtool
def test_every_expression_of_the_dashboard_is_promql(dashboard: dict[str, Any], tmp_path: Path) -> None:
    rules = [
        {"record": f"expression_{number}", "expr": expression}
        for number, expression in enumerate(expressions(dashboard))
    ]
    file = tmp_path / "expressions.yml"  # JSON is YAML
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    checked("check", "rules", file)


def test_what_the_dashboard_and_the_rules_name_is_served(dashboard: dict[str, Any]) -> None:
    there = served()
    for expression in expressions(dashboard):
        named = set(METRIC.findall(expression)) - {"process_open_"}  # a pattern, of either name
        assert named <= there, expression
    rules = RULES.read_text(encoding="utf-8")
    asked = {
        name
        for expression in re.findall(r"expr:(.*?)\n +(?:for|labels):", rules, re.S)
        for name in METRIC.findall(expression)
    }
    assert asked
    assert asked <= there


def test_what_is_served_is_in_the_dashboard(dashboard: dict[str, Any]) -> None:
    shown = " ".join(expressions(dashboard))
    for name in served():
        known = name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count")
        elsewhere = known in ("jarvis_build_info", "process_start_time_seconds")
        assert elsewhere or known in shown or known.startswith("process_open_"), known


def test_the_dashboard_can_be_imported_and_every_panel_explains_itself(dashboard: dict[str, Any]) -> None:
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    assert dashboard["uid"]
    assert dashboard["schemaVersion"] >= 36
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert variables["datasource"]["query"] == "prometheus"
    source = {"type": "prometheus", "uid": "${datasource}"}
    asked = " ".join(target["expr"] for panel in panels(dashboard) for target in panel["targets"])
    used = set(re.findall(r"\$(\w+)", asked))
    assert used - {"__rate_interval", "__range"} <= variables.keys()
    for panel in panels(dashboard):
        assert panel["datasource"] == source, panel["title"]
        assert all(target["datasource"] == source for target in panel["targets"]), panel["title"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]), panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]


def test_no_panel_of_the_dashboard_covers_another(dashboard: dict[str, Any]) -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= COLUMNS, panel["title"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, f"{panel['title']} covers {taken.get((x, y))}"
                taken[x, y] = panel["title"]


@promtool
def test_the_rules_call_for_help_when_they_should_and_only_then() -> None:
    checked("check", "rules", RULES)
    checked("test", "rules", ROOT / "tests" / "data" / "alerts_test.yml")


def test_every_rule_says_what_happened_and_what_to_do() -> None:
    rules = RULES.read_text(encoding="utf-8")
    assert rules.count("- alert:") == rules.count("summary:") == rules.count("description:")
    tested = (ROOT / "tests" / "data" / "alerts_test.yml").read_text(encoding="utf-8")
    for name in re.findall(r"- alert: (\w+)", rules):
        assert f'{{alertname="{name}"}}' in tested, name


@promtool
def test_prometheus_takes_the_configuration(tmp_path: Path) -> None:
    for file in (RULES, SCRAPE):
        shutil.copy(file, tmp_path)
    (tmp_path / "jarvis.token").write_text("secret")
    checked("check", "config", tmp_path / SCRAPE.name)
