"""What nobody can mend at once is set aside with a reason, stays in sight, causes no alarm, and can be taken back."""

from dataclasses import replace
from datetime import timedelta

from storage.accounts import Grant
from storage.queries import Delivery
from tests.integration.console.conftest import NOW, Office, text_of
from workflow.changes import Incident


def test_delivery_that_was_given_up_is_dismissed_with_a_reason_and_sent_after_all(office: Office) -> None:
    dead = Delivery("7", "email", "host", None, None, "dead", 9, "the mail server refused", NOW, NOW, NOW)
    office.app.store.deliveries.add(dead)
    browser = office.entered(Grant("supervisor"))
    without = browser.post("/deliveries/dismiss", data={"key": "7", "reason": " "})
    assert (without.status_code, office.app.store.deliveries.number_dead()) == (422, 1)
    answer = browser.post("/deliveries/dismiss", data={"key": "7", "reason": "<b>prévenu</b> par téléphone"})
    assert "Envois écartés : 1." in text_of(answer)
    assert "abandonné" not in text_of(browser.get("/due"))
    listed = browser.get("/deliveries?status=dismissed").text
    assert "&lt;b&gt;prévenu&lt;/b&gt; par téléphone" in listed
    assert "Envoyer quand même" in listed
    assert acts(office, b"notices_dismissed", b'"notice":"7"') == 1
    assert "Envois à nouveau en attente : 1." in text_of(browser.post("/deliveries/retry", data={"key": "7"}))
    assert office.app.store.deliveries.counts() == {"waiting": 1}
    assert "par téléphone" not in browser.get("/deliveries").text


def acts(office: Office, *holding: bytes) -> int:
    """How many acts of the log that concern no placement have all of this in them. No words of a reason are there."""
    with office.app.store.seals.reading() as reading:
        data = [row.data for row in reading.acts() if row.data is not None]
    assert not any("téléphone".encode() in each or b"fournisseur" in each for each in data)
    return sum(all(part in each for part in holding) for each in data)


def test_incident_is_set_aside_with_a_reason_until_it_is_another_one(office: Office) -> None:
    item = office.app.queries.placement("P-75")
    assert item is not None
    trouble = Incident(item.id, "guard_failed", "la table n'est plus connue", NOW, 3, NOW + timedelta(hours=1))
    with office.app.store.writing() as unit:
        unit.report(trouble)
    assert office.entered(Grant("operator")).post("/placements/P-75/set-aside").status_code == 403
    browser = office.entered(Grant("supervisor", "75"))
    assert browser.post("/placements/P-75/set-aside", data={"reason": ""}).status_code == 422
    done = browser.post("/placements/P-75/set-aside", data={"reason": "<i>vu</i> avec le fournisseur"})
    assert done.headers["location"] == "/incidents#aside"
    said = browser.get("/incidents").text
    assert "&lt;i&gt;vu&lt;/i&gt; avec le fournisseur" in said
    assert "✓ Aucun." in text_of(browser.get("/incidents"))
    assert "incident" not in text_of(browser.get("/due")).lower().replace("incidents", "")
    assert acts(office, b"incident_set_aside", b"guard_failed", item.id.encode()) == 1
    with office.app.store.writing() as unit:
        unit.report(replace(trouble, attempts=4))
    assert office.app.store.counts.waiting().incidents == 0, "tried once more, it is the same"
    with office.app.store.writing() as unit:
        unit.report(replace(trouble, message="une autre table n'est plus connue"))
    assert "1 incident à examiner" in text_of(browser.get("/due"))


def test_incident_that_was_set_aside_is_taken_up_again_and_forgotten_with_its_end(office: Office) -> None:
    item = office.app.queries.placement("P-75")
    assert item is not None
    trouble = Incident(item.id, "guard_failed", "la table n'est plus connue", NOW, 3, NOW + timedelta(hours=1))
    browser, reason = office.entered(Grant("supervisor")), {"reason": "vu"}
    for back in ("take-up", "retry"):
        with office.app.store.writing() as unit:
            unit.report(trouble)
        browser.post("/placements/P-75/set-aside", data=reason)
        assert office.app.store.counts.waiting().set_aside == 1
        browser.post(f"/placements/P-75/{back}")
        with office.app.store.writing() as unit:
            unit.report(trouble)
        waiting = office.app.store.counts.waiting()
        assert (waiting.incidents, waiting.set_aside) == (1, 0), back
    assert browser.post("/placements/P-974/set-aside", data=reason).status_code == 200, "there is none"
    assert acts(office, b"incident_taken_up") == 1
