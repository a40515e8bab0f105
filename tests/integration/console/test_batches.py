"""Many placements at once in the console: what was previewed is what is acted on, once, and told one by one."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from operators.batches.acts import Asked
from operators.batches.work import Work
from storage.accounts import Grant
from storage.batches import Batch
from tests.integration.console.conftest import Office, fire, place, text_of
from tests.integration.console.test_acting import hidden

REMARK = "Zoé Lambert a rappelé"


@pytest.fixture
def many(office: Office) -> Iterator[Office]:
    """Five more granted posts in Paris: Q-1 to Q-5."""
    for number in range(1, 6):
        place(office.app, f"Q-{number}")
    yield office
    work(office).end()


def work(office: Office) -> Work:
    made = office.console.inner.state.work
    assert isinstance(made, Work)
    return made


def ended(office: Office, browser: TestClient, address: str) -> Response:
    """The page of a batch once its thread has ended."""
    work(office).wait(address.rpartition("/")[2], 30)
    return browser.get(address)


def chosen(browser: TestClient, *references: str, **said: str) -> str:
    answer = browser.post("/batches", data={"chosen": list(references), **said})
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["location"])


def previewed(browser: TestClient, address: str, what: str, **said: str) -> Response:
    return browser.post(f"{address}/{what}", data={**said, "step": "preview"})


def confirmed(browser: TestClient, address: str, what: str, preview: Response, count: int) -> Response:
    return browser.post(f"{address}/{what}", data={**hidden(preview), "count": str(count), "step": "confirm"})


def batch_of(office: Office, address: str) -> Batch:
    found = office.app.store.batches.find(address.rpartition("/")[2])
    assert found is not None
    return found


def notes(office: Office, reference: str) -> list[str | None]:
    entries = [each.chained().entry for each in office.app.queries.history(reference)]
    return [entry.correlation for entry in entries if entry.kind == "note"]


def test_ticked_placements_get_the_same_remark_under_one_correlation(many: Office) -> None:
    browser = many.entered(Grant("operator"))
    address = chosen(browser, "Q-1", "Q-3")
    preview = previewed(browser, address, "note", text=REMARK)
    assert "Possible pour 2 dossiers sur 2" in text_of(preview)
    assert notes(many, "Q-1") == []
    assert confirmed(browser, address, "note", preview, 2).status_code == 303
    page = text_of(ended(many, browser, address))
    assert "2 faits, 0 refusé" in page
    assert "terminé" in page
    correlation = batch_of(many, address).correlation
    assert (notes(many, "Q-1"), notes(many, "Q-2"), notes(many, "Q-3")) == ([correlation], [], [correlation])


def test_all_that_the_filter_finds_is_chosen_within_ones_reach(many: Office) -> None:
    browser = many.entered(Grant("viewer"), Grant("operator", territory="75"))
    address = chosen(browser, all="1", state="ami_application")
    page = text_of(browser.get(address))
    assert "Q-5" in page
    assert "P-75" not in page
    assert "P-974" not in page
    assert "1 dossier laissé de côté" in page


def test_preview_tells_of_each_and_only_the_possible_is_done(many: Office) -> None:
    fire(many.app, "Q-1", "show_candidate", "platform", candidate_ref="C-1", candidate_name="Ana")
    browser = many.entered(Grant("host"))
    address = chosen(browser, "Q-1", "Q-2", "P-75")
    what = "fire/select_candidate"
    preview = previewed(browser, address, what, **{"field.selected_candidate_ref": "C-1"})
    assert "Possible pour 1 dossier sur 3" in text_of(preview)
    assert "Impossible dans l’état" in text_of(preview)
    assert "Ce candidat n'a pas été présenté" in text_of(preview)
    fire(many.app, "Q-2", "show_candidate", "platform", candidate_ref="C-2", candidate_name="Bob")
    confirmed(browser, address, what, preview, 1)
    ended(many, browser, address)
    states = {name: many.app.engine.view(name).facts.state for name in ("Q-1", "Q-2", "P-75")}
    assert states == {"Q-1": "candidate_selected", "Q-2": "candidate_shown", "P-75": "candidate_shown"}


def test_placement_that_changed_since_it_was_chosen_is_told_and_left_alone(many: Office) -> None:
    browser = many.entered(Grant("host"), Grant("platform"))
    address = chosen(browser, "Q-1", "Q-2", "Q-3")
    fire(many.app, "Q-1", "show_candidate", "platform", candidate_ref="C-1", candidate_name="Ana")
    what = "fire/show_candidate"
    preview = previewed(browser, address, what, **{"field.candidate_ref": "C-9", "field.candidate_name": "Eve"})
    assert "modifié entre-temps" in text_of(preview)
    fire(many.app, "Q-2", "show_candidate", "platform", candidate_ref="C-2", candidate_name="Bob")
    confirmed(browser, address, what, preview, 2)
    page = text_of(ended(many, browser, address))
    assert "1 fait, 0 refusé, 2 modifiés entre-temps" in page
    assert many.app.engine.view("Q-3").facts.state == "candidate_shown"


@pytest.mark.parametrize("count", ["", "1", "3", "deux"])
def test_another_count_than_the_previewed_one_does_nothing(many: Office, count: str) -> None:
    browser = many.entered(Grant("operator"))
    address = chosen(browser, "Q-1", "Q-2")
    preview = previewed(browser, address, "note", text=REMARK)
    answer = browser.post(f"{address}/note", data={**hidden(preview), "count": count, "step": "confirm"})
    assert answer.status_code == 422
    assert "saisissez le nombre de dossiers : 2" in text_of(answer)
    assert batch_of(many, address).status == "draft"
    assert notes(many, "Q-1") == []


def test_older_preview_than_the_last_is_not_confirmed(many: Office) -> None:
    browser = many.entered(Grant("operator"))
    address = chosen(browser, "Q-1")
    first = previewed(browser, address, "note", text=REMARK)
    previewed(browser, address, "note", text="Autre chose")
    assert confirmed(browser, address, "note", first, 1).status_code == 409
    assert notes(many, "Q-1") == []


def test_second_confirmation_changes_nothing(many: Office) -> None:
    browser = many.entered(Grant("operator"))
    address = chosen(browser, "Q-1")
    preview = previewed(browser, address, "note", text=REMARK)
    confirmed(browser, address, "note", preview, 1)
    ended(many, browser, address)
    assert confirmed(browser, address, "note", preview, 1).status_code == 422
    assert len(notes(many, "Q-1")) == 1


def test_batch_goes_on_after_a_restart_and_does_nothing_twice(many: Office) -> None:
    browser = many.entered(Grant("operator"))
    address = chosen(browser, "Q-1", "Q-2", "Q-3")
    preview = previewed(browser, address, "note", text=REMARK)
    work(many).end()
    confirmed(browser, address, "note", preview, 3)
    assert notes(many, "Q-1") == []
    batch = batch_of(many, address)
    # The process died after an item was entered, before that was noted.
    first = many.app.store.batches.items(batch.id)[0]
    item, who = many.app.queries.placement("Q-1"), many.app.store.accounts.identified(batch.account)
    assert item is not None
    assert who is not None
    many.app.engine.ask(Asked(batch.id, "note", None, {"text": REMARK}).request(first, item, who))
    many.console.inner.state.work = Work(many.app, many.real)
    page = text_of(browser.get(address))
    assert "interrompu" in page
    refused = browser.post(f"{address}/go")
    assert refused.status_code == 422
    assert "saisir de nouveau" in text_of(refused)
    assert browser.post(f"{address}/go", data={"text": REMARK}).status_code == 303
    assert "3 faits" in text_of(ended(many, browser, address))
    assert [len(notes(many, name)) for name in ("Q-1", "Q-2", "Q-3")] == [1, 1, 1]


def test_console_that_ends_begins_no_further_item(many: Office) -> None:
    with many.entered(Grant("operator")) as browser:
        address = chosen(browser, "Q-1")
        preview = previewed(browser, address, "note", text=REMARK)
    confirmed(browser, address, "note", preview, 1)
    assert "interrompu" in text_of(browser.get(address))
    assert notes(many, "Q-1") == []


def test_stopped_batch_does_no_further_item_until_it_goes_on(many: Office) -> None:
    browser = many.entered(Grant("operator"))
    address = chosen(browser, "Q-1", "Q-2")
    preview = previewed(browser, address, "note", text=REMARK)
    work(many).end()
    confirmed(browser, address, "note", preview, 2)
    browser.post(f"{address}/stop")
    many.console.inner.state.work = Work(many.app, many.real)
    assert "arrêté" in text_of(browser.get(address))
    assert notes(many, "Q-1") == []
    browser.post(f"{address}/go", data={"text": REMARK})
    assert "2 faits" in text_of(ended(many, browser, address))


def test_who_lost_the_right_meanwhile_acts_no_more(many: Office) -> None:
    browser = many.entered(Grant("operator"), name="Léa")
    address = chosen(browser, "Q-1", "Q-2")
    preview = previewed(browser, address, "note", text=REMARK)
    work(many).end()
    confirmed(browser, address, "note", preview, 2)
    with many.app.store.writing() as unit:
        unit.accounts.grant(many.account(name="Léa").id, [Grant("operator", territory="974")])
    many.console.inner.state.work = Work(many.app, many.real)
    browser.post(f"{address}/go", data={"text": REMARK})
    assert "0 fait, 2 refusés" in text_of(ended(many, browser, address))
    assert notes(many, "Q-1") == []


def test_batch_is_its_owners_alone(many: Office) -> None:
    address = chosen(many.entered(Grant("operator"), name="Léa"), "Q-1")
    other = many.entered(Grant("operator"), name="Max")
    for way in ("", "/note", "/fire/grant_post"):
        assert other.get(address + way).status_code == 404
    for way in ("/note", "/fire/grant_post", "/stop", "/go"):
        assert other.post(address + way, data={"text": "x"}).status_code == 404
    assert address not in other.get("/batches").text


def test_what_was_typed_of_persons_is_in_no_row_of_a_batch(many: Office) -> None:
    browser = many.entered(Grant("platform"))
    address = chosen(browser, "Q-1", "Q-2")
    what = "fire/show_candidate"
    said = {"field.candidate_ref": "C-9", "field.candidate_name": "Zoé Lambert", "words": "Zoé a appelé"}
    preview = previewed(browser, address, what, **said)
    confirmed(browser, address, what, preview, 2)
    assert "2 faits" in text_of(ended(many, browser, address))
    act = batch_of(many, address).act
    assert act is not None
    assert "Zo" not in repr(act)
    assert {"field.candidate_name", "words"} <= set(act.withheld)


def test_nothing_ticked_is_a_sentence(many: Office) -> None:
    answer = many.entered(Grant("operator")).post("/batches", data={})
    assert answer.status_code == 422
    assert "Aucun dossier n’est coché." in text_of(answer)


def test_list_offers_ticks_only_to_who_may_act(many: Office) -> None:
    assert 'type="checkbox" class="tick"' in many.entered(Grant("operator")).get("/placements").text
    assert "tick" not in many.entered(Grant("viewer")).get("/placements").text


def test_form_of_a_trigger_is_made_from_the_definition(many: Office) -> None:
    browser = many.entered(Grant("host"))
    address = chosen(browser, "P-75")
    offers = text_of(browser.get(address))
    assert "Retenir un candidat au plus 1" in offers
    assert "Signer le contrat" not in offers
    page = browser.get(f"{address}/fire/sign_contract").text
    assert re.search(r'id="f-field.contract_signed_on"[^>]* required', page)
    assert browser.get(f"{address}/fire/nothing").status_code == 404


def test_old_drafts_are_forgotten(many: Office) -> None:
    browser = many.entered(Grant("operator"))
    address = chosen(browser, "Q-1")
    many.real.advance(timedelta(days=3))
    chosen(many.entered(Grant("operator")), "Q-2")
    assert many.app.store.batches.find(address.rpartition("/")[2]) is None
