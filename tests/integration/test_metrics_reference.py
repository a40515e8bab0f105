"""The page of metrics says what the code measures; the alerts ask for nothing else, and each says what to do."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from prometheus_client.core import Metric

from operators.console.timing import Watch
from operators.heartbeat import Heartbeat
from operators.metrics import registry_of
from operators.pulse import Pulse
from operators.systemd import Systemd
from operators.tally import Tally
from tests.acceptance.driver import HOST, Site
from workflow.commands import Place

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reference/metrics.md"
ALERTS = ROOT / "deploy/prometheus/alerts.yaml"
ROW = re.compile(r"^\| `(parcours_[a-z_]+)` \| (\w+) \| (.*) \| \w+ \| (.*) \|$", re.M)


@pytest.fixture
def measured(tmp_path: Path) -> dict[str, Metric]:
    """Every measure of ours, by the name that Prometheus has for it, from a database where each has a value."""
    site = Site(tmp_path).init(sandbox=True).at("2021-03-17T08:00:00Z")
    site.place("A-1", at=date(2021, 3, 16))
    site.at("2021-03-17T09:00:00Z").parcours("run", "--once")
    site.parcours("audit", "seal")
    tally, watch = Tally(), Watch()
    tally.swept("done", 1.0)
    watch._measured({"method": "GET"}, 200, 0.1)
    with site.at("2023-03-17T08:00:00Z").open() as app:
        outcome = app.engine.place(Place(reference="A-2", fields=HOST, actor="Ada"))
        tally(outcome.facts, outcome.entries)
        Heartbeat(app)()
        registry = registry_of(app, Pulse(Systemd({})), tally, [watch.durations])
        return {_exposed(family): family for family in registry.collect() if family.name.startswith("parcours_")}


def _exposed(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def _labels(family: Metric) -> str:
    names = [name for name in family.samples[0].labels if name != "le"]
    return ", ".join(f"`{name}`" for name in names) or "–"


def test_page_names_every_measure_with_its_type_labels_and_meaning(measured: dict[str, Metric]) -> None:
    said = {name: (kind, labels, meaning) for name, kind, labels, meaning in ROW.findall(PAGE.read_text("utf-8"))}
    assert said == {name: (each.type, _labels(each), each.documentation) for name, each in measured.items()}


def test_alerts_ask_only_for_measures_that_are_there(measured: dict[str, Metric]) -> None:
    (group,) = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    asked = {name for rule in group["rules"] for name in re.findall(r"parcours_[a-z_]+", rule["expr"])}
    assert asked - set(measured) == set()
    assert {"parcours_lateness_seconds", "parcours_brake_held", "parcours_incidents", "parcours_notices"} <= asked
    label_values = re.findall(r'(parcours_\w+)\{(\w+)="(\w+)"\}', ALERTS.read_text("utf-8"))
    known = {(name, *pair) for name, each in measured.items() for one in each.samples for pair in one.labels.items()}
    assert set(label_values) - known - {("parcours_sweeps_total", "outcome", "failed")} == set()


def test_every_alert_has_its_answer_in_the_guide() -> None:
    (group,) = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    guide = (ROOT / "docs/how-to/deploy.md").read_text("utf-8")
    assert [rule["alert"] for rule in group["rules"] if f"| `{rule['alert']}` |" not in guide] == []
