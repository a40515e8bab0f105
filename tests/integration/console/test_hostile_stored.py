"""Two hundred hostile texts, stored wherever people type: a page has the very same elements as with harmless ones."""

from collections.abc import Callable
from html import unescape
from itertools import product

import pytest
from starlette.testclient import TestClient

from operators.incidents import set_aside
from operators.notices.dismissing import dismiss
from storage.accounts import Grant
from storage.queries import Delivery
from tests.integration.console.conftest import NOW, Office
from tests.integration.console.test_hostile import Parts
from workflow.changes import Incident
from workflow.commands import Fire, Note, Place

ELEMENTS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<iframe src=//e.example>",
    "<body onload=alert(1)>", "<a href=javascript:alert(1)>x</a>", "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>", "<math><mtext><style>", "<style>*{display:none}</style>",
    "<base href=//e.example>",
    "<meta http-equiv=refresh content=0;//e.example>", "<object data=//e.example>", "<embed src=//e.example>",
    "<form action=//e.example><button>", "<video><source onerror=alert(1)>", "<link rel=stylesheet href=//e.example>",
    "<template><slot>", "<textarea>", "{{ 7191*7193 }}{% for x in y %}",
)  # fmt: skip
WAYS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: f'">{text}',
    lambda text: f"'>{text}",
    lambda text: f"--><!--{text}",
    lambda text: f'" onmouseover=alert(1) x="{text}',
    lambda text: f"</title></textarea></script>{text}",
    lambda text: text.upper(),
    lambda text: "&quot;" + text.replace("<", "&lt;").replace(">", "&#62;"),
    lambda text: f"\u200b{text.replace(' ', '/')}",
    lambda text: f"=1+1|'{text}'!A0 {text}",
)
HOSTILE = tuple(way(text) for way, text in product(WAYS, ELEMENTS))
Shape = list[tuple[str, list[str]]]


def shape(page: str) -> Shape:
    """The elements of a page with the names of their attributes; comments would be elements without a name."""
    parts = Parts(page)
    return [(tag, sorted(attributes)) for tag, attributes in parts.tags] + [("", []) for _ in parts.comments]


def store(office: Office, reference: str, text: str) -> None:
    """The text as a host's name, an address, a candidate's name and reference, a reason, a remark, who acts."""
    fields = {"territory": "75", "host_name": text, "host_siret": "13002603200016", "host_type": "COMMUNE",
              "host_address": text, "workplace_name": text}  # fmt: skip
    office.app.engine.place(Place(reference=reference, fields=fields, actor=text))
    for trigger, role, said in (
        ("grant_post", "anct", {"granted_on": "2021-03-10"}),
        ("show_candidate", "platform", {"candidate_ref": text, "candidate_name": text}),
    ):
        office.app.engine.fire(
            Fire(reference=reference, trigger=trigger, actor=text, roles=(role,), fields=said, reason=text)
        )
    office.app.engine.ask(Note(reference=reference, text=text, actor=text))


@pytest.fixture
def poisoned(office: Office) -> Office:
    """Harmless first, then each hostile text in a placement of its own."""
    store(office, "H-0", "Nuits")
    for number, text in enumerate(HOSTILE, start=1):
        store(office, f"H-{number}", text)
    return office


def test_two_hundred_stored_texts_leave_every_page_its_own_elements(poisoned: Office) -> None:
    assert len(set(HOSTILE)) == 200
    browser = poisoned.entered(Grant("supervisor"), Grant("auditor"), name="Sophie")
    for make in (
        lambda name: browser.get(f"/placements/{name}"),
        lambda name: browser.post(f"/placements/{name}/reveal"),
    ):
        expected = shape(make("H-0").text)
        for number, text in enumerate(HOSTILE, start=1):
            page = make(f"H-{number}").text
            assert shape(page) == expected, text
            assert " ".join(text.split()) in " ".join(unescape(page).split()), text
    assert "51724863" not in browser.get("/placements/H-20").text
    assert_lists_are_harmless(browser)


def assert_lists_are_harmless(browser: TestClient) -> None:
    """Every page of the list has nothing but elements of its own."""
    address, tags, seen = "/placements", set[str](), 0
    while address:
        parts = Parts(browser.get(address).text)
        assert parts.comments == []
        own = {"/static/htmx-2.0.10.min.js", "/static/live.js"}
        tags |= {tag for tag, said in parts.tags if said.get("src") not in own}
        seen += sum(each.get("class") == "tick" for _, each in parts.tags)
        following = (each for tag, each in parts.tags if tag == "a" and each.get("rel") == "next")
        address = next((str(each["href"]) for each in following), "")
    assert seen == 203
    assert not tags & {"script", "img", "svg", "iframe", "math", "style", "base", "object", "embed", "video"}


def test_two_hundred_texts_come_back_as_text_from_a_batch_and_a_search(office: Office) -> None:
    browser = office.entered(Grant("supervisor"), name="Sophie")
    batch = browser.post("/batches", data={"chosen": ["P-75"]}).headers["location"]
    expected = {
        address: shape(browser.post(address, data={name: "Nuits", "step": "preview"}).text)
        for address, name in ((f"{batch}/note", "text"), ("/people", "ways"))
    }
    for text in HOSTILE:
        for address, name in ((f"{batch}/note", "text"), ("/people", "ways")):
            answer = browser.post(address, data={name: text, "step": "preview"})
            assert answer.status_code == 200, text
            assert shape(answer.text) == expected[address], text


def test_two_hundred_reasons_why_something_was_set_aside_are_text(office: Office) -> None:
    app, item = office.app, office.app.queries.placement("P-75")
    assert item is not None
    with app.store.writing() as unit:
        unit.report(Incident(item.id, "guard_failed", "la table", NOW, 1, NOW))
    dead = ("email", "host", None, None, "dead", 9, "refused", NOW, NOW, NOW)
    browser = office.entered(Grant("supervisor"), name="Sophie")

    def pages(number: int, text: str) -> tuple[str, ...]:
        app.store.deliveries.add(Delivery(f"k{number}", *dead))
        set_aside(app, "P-75", text, "Sophie", ("supervisor",))
        dismiss(app, f"k{number}", text, "Sophie", ("supervisor",))
        return browser.get("/incidents").text, browser.get(f"/deliveries?key=k{number}").text

    expected = tuple(map(shape, pages(0, "Nuits")))
    for number, text in enumerate(HOSTILE, start=1):
        found = pages(number, text)
        assert tuple(map(shape, found)) == expected, text
        assert all(" ".join(text.split()) in " ".join(unescape(page).split()) for page in found), text
