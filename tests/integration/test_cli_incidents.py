"""`incident` by hand: what could not be decided is listed and tried at once."""

from datetime import timedelta

import pytest

from app import open_app
from tests.integration.conftest import Cli, place
from workflow.changes import Incident


@pytest.fixture
def stuck(cli: Cli) -> Cli:
    """A placement with an incident whose cause is gone."""
    cli("init", "--sandbox")
    place(cli, "P")
    with open_app() as app:
        item, now = app.queries.placement("P"), app.clock.now()
        assert item is not None
        with app.store.writing() as unit:
            unit.report(Incident(item.id, "guard_failed", "la table", now, 3, now + timedelta(hours=1)))
    return cli


def test_incidents_are_listed_by_the_group_alone(stuck: Cli) -> None:
    assert "guard_failed" in stuck("incident").out
    (item,) = stuck("incident", "list", "--json").json["items"]
    assert (item["reference"], item["code"], item["attempts"]) == ("P", "guard_failed", 3)


def test_incident_is_tried_at_once_by_a_supervisor(stuck: Cli) -> None:
    assert stuck("incident", "retry", "P").code == 3
    assert stuck("incident", "retry", "P", "--role", "supervisor").out == "P : plus d'incident\n"
    assert stuck("incident", "list", "--json").json["items"] == []
    assert stuck("incident", "retry", "--all", "--role", "supervisor").out == "Aucun incident n'est ouvert.\n"
    assert stuck("audit", "seal").code == 0
    assert stuck("audit", "verify").code == 0


def test_one_placement_or_all(stuck: Cli) -> None:
    assert stuck("incident", "retry").code == 2
    assert stuck("incident", "retry", "P", "--all").code == 2
    assert stuck("incident", "retry", "nobody", "--role", "supervisor").code == 5


def test_incident_is_set_aside_by_a_supervisor_with_a_reason(stuck: Cli) -> None:
    assert stuck("incident", "set-aside", "P", "--reason", "vu").code == 3
    assert stuck("incident", "set-aside", "P", "--role", "supervisor").code == 2
    aside = ("incident", "set-aside", "P", "--role", "supervisor", "--reason")
    assert stuck(*aside, " ").code == 3
    assert stuck(*aside, "x" * 1001).code == 2
    assert stuck(*aside, "attend le fournisseur").out == "P : incident mis de côté.\n"
    assert "attend le fournisseur" in stuck("incident").out
    (item,) = stuck("incident", "list", "--json").json["items"]
    assert item["set_aside"]["reason"] == "attend le fournisseur"
    told = stuck("doctor", "--json").json
    assert (len(told["incidents"]), [each for each in told["warnings"] if "incident" in each]) == (1, [])
    assert stuck("stats", "--json").json["incidents_set_aside"] == 1
    assert stuck("incident", "take-up", "P", "--role", "supervisor").code == 0
    assert [each for each in stuck("doctor", "--json").json["warnings"] if "incident" in each] != []
    assert stuck("incident", "take-up", "P", "--role", "supervisor").code == 5
    assert stuck("audit", "seal").code == 0
    assert stuck("audit", "verify").code == 0


def test_what_has_no_incident_is_not_set_aside(stuck: Cli) -> None:
    assert stuck("incident", "retry", "P", "--role", "supervisor").code == 0
    assert stuck("incident", "set-aside", "P", "--role", "supervisor", "--reason", "vu").code == 5
    assert stuck("incident", "set-aside", "nobody", "--role", "supervisor", "--reason", "vu").code == 5
