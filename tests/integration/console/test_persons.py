"""People in the console: found by how they are called, given out and erased by supervisors, each access logged."""

import json

from storage.accounts import Grant
from tests.integration.console.conftest import CAMILLE, Office, fire, place, text_of
from tests.integration.console.test_acting import confirm, hidden
from workflow.commands import HoldData, Note

SUPERVISOR = Grant("supervisor")
DECIDED = {"ground": "objection", "decision": "DPD-2022/7"}


def values(office: Office, reference: str) -> dict[str, object]:
    return {each.name: each.value for each in office.app.engine.persons(reference).values}


def accesses(office: Office) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.reference, each.fields) for each in office.app.store.accounts.accesses().items]


def seconded(office: Office) -> None:
    """A second placement that speaks of the candidate, in a remark, on Réunion."""
    office.app.engine.ask(Note(reference="P-974", text=f"{CAMILLE} a appelé", actor="Bob"))


def test_person_is_found_without_any_value_or_address_that_names_them(office: Office) -> None:
    seconded(office)
    browser = office.entered(SUPERVISOR)
    answer = browser.post("/people", data={"ways": "CAMILLE  roux\n"})
    page = text_of(answer)
    assert "Dossiers qui en parlent 2" in page
    assert "P-75 " in page
    assert "Remarque" in page
    assert CAMILLE not in page
    assert accesses(office) == []


def test_person_is_found_within_ones_territory_only(office: Office) -> None:
    seconded(office)
    answer = office.entered(Grant("supervisor", territory="974")).post("/people", data={"ways": CAMILLE})
    assert "P-974" in answer.text
    assert "P-75" not in answer.text


def test_without_a_name_a_sentence_is_told(office: Office) -> None:
    for path in ("/people", "/people/export", "/people/erase"):
        answer = office.entered(SUPERVISOR).post(path, data={"ways": " \n"})
        assert answer.status_code == 422
        assert "comment la personne est nommée" in text_of(answer)


def test_what_speaks_of_the_person_is_given_out_and_the_access_logged(office: Office) -> None:
    answer = office.entered(SUPERVISOR).post("/people/export", data={"ways": CAMILLE})
    (given,) = json.loads(answer.text)["placements"]
    assert [(each["field"], each["value"]) for each in given["values"]] == [("candidate_name", CAMILLE)]
    assert "attachment" in answer.headers["content-disposition"]
    assert accesses(office) == [("P-75", ("candidate_name",))]


def test_all_that_is_kept_is_given_out_where_that_is_asked(office: Office) -> None:
    answer = office.entered(SUPERVISOR).post("/people/export", data={"ways": CAMILLE, "everything": "1"})
    (given,) = json.loads(answer.text)["placements"]
    assert {each["field"] for each in given["values"]} == {"candidate_name", "candidate_ref"}


def test_person_is_erased_as_previewed_under_one_correlation(office: Office) -> None:
    seconded(office)
    browser = office.entered(SUPERVISOR)
    preview = browser.post("/people/erase", data={"ways": CAMILLE, **DECIDED, "step": "preview"})
    assert "1 valeur" in text_of(preview)
    assert values(office, "P-75")["candidate_name"] == CAMILLE
    seen = [part.partition('"')[0] for part in preview.text.split('name="seen" value="')[1:]]
    said = {**hidden(preview), "seen": seen, "step": "confirm"}
    assert browser.post("/people/erase", data={**said, "count": "1"}).status_code == 422
    assert values(office, "P-75")["candidate_name"] == CAMILLE
    done = text_of(browser.post("/people/erase", data={**said, "count": "2"}))
    assert "2 dossiers faits, 0 refusé" in done
    assert values(office, "P-75") == {"candidate_name": None, "candidate_ref": "C-7"}
    entries = [[each.chained().entry for each in office.app.queries.history(name)][-1] for name in ("P-75", "P-974")]
    assert [entry.kind for entry in entries] == ["erasure", "erasure"]
    assert len({entry.correlation for entry in entries}) == 1
    assert "0" in text_of(browser.post("/people", data={"ways": CAMILLE}))


def test_placement_that_speaks_otherwise_than_previewed_is_left_alone(office: Office) -> None:
    browser = office.entered(SUPERVISOR)
    preview = browser.post("/people/erase", data={"ways": CAMILLE, **DECIDED, "step": "preview"})
    office.app.engine.ask(Note(reference="P-75", text=f"{CAMILLE} viendra", actor="Bob"))
    seconded(office)
    answer = browser.post("/people/erase", data={**hidden(preview), "count": "1", "step": "confirm"})
    assert "0 dossier fait, 2 refusés" in text_of(answer)
    assert values(office, "P-75")["candidate_name"] == CAMILLE


def test_legal_hold_keeps_from_erasing_and_is_told(office: Office) -> None:
    browser = office.entered(SUPERVISOR)
    assert confirm(browser, "/placements/P-75/hold", words="Litige").status_code == 303
    assert office.app.engine.view("P-75").facts.held
    preview = text_of(browser.post("/people/erase", data={"ways": CAMILLE, **DECIDED, "step": "preview"}))
    assert "Rien ne peut être effacé ainsi." in preview
    assert "rien ne peut en être effacé" in preview
    assert confirm(browser, "/placements/P-75/hold", words="Réglé").status_code == 303
    assert not office.app.engine.view("P-75").facts.held


def test_erasure_refused_in_the_preview_is_not_done_though_it_became_possible(office: Office) -> None:
    seconded(office)
    held = HoldData(reference="P-75", on=True, reason="Litige", actor="Bob", roles=("supervisor",))
    office.app.engine.ask(held)
    browser = office.entered(SUPERVISOR)
    preview = browser.post("/people/erase", data={"ways": CAMILLE, **DECIDED, "step": "preview"})
    office.app.engine.ask(HoldData(reference="P-75", on=False, reason="Réglé", actor="Bob", roles=("supervisor",)))
    answer = browser.post("/people/erase", data={**hidden(preview), "count": "1", "step": "confirm"})
    assert "1 dossier fait, 1 refusé" in text_of(answer)
    assert values(office, "P-75")["candidate_name"] == CAMILLE


def test_ground_and_decision_are_needed(office: Office) -> None:
    browser = office.entered(SUPERVISOR)
    for said in ({"ground": "", "decision": "D-1"}, {"ground": "objection", "decision": "pour Camille Roux"}):
        page = text_of(browser.post("/people/erase", data={"ways": CAMILLE, **said, "step": "preview"}))
        assert "Rien ne peut être effacé ainsi." in page, said


def test_values_of_one_placement_are_erased_by_name(office: Office) -> None:
    browser = office.entered(SUPERVISOR)
    said = {"erase.candidate_name": "1", **DECIDED}
    assert confirm(browser, "/placements/P-75/erase", **said).status_code == 303
    assert values(office, "P-75") == {"candidate_name": None, "candidate_ref": "C-7"}
    nothing = browser.post("/placements/P-75/erase", data={**DECIDED, "step": "preview"})
    assert nothing.status_code == 422
    assert "Cochez" in text_of(nothing)


def test_page_of_a_placement_offers_it_to_supervisors_alone(office: Office) -> None:
    place(office.app, "P-1")
    fire(office.app, "P-1", "show_candidate", "platform", candidate_ref="C-1", candidate_name="Ana")
    assert "Effacer des données personnelles" in office.entered(SUPERVISOR).get("/placements/P-1").text
    assert "Effacer des données personnelles" not in office.entered(Grant("operator")).get("/placements/P-1").text
