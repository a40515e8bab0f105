"""What people type is shown as text, wherever it is shown: nothing of it becomes a part of a page."""

from html.parser import HTMLParser

import pytest

from storage.accounts import Grant
from tests.integration.console.conftest import Office
from workflow.commands import Fire, Note, Place

HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7191*7193 }}{% raw %}", "'+alert(1)+'",
    "&lt;b&gt;&amp;",
    "javascript:alert(1)", "‮gnp.exe", "<!--", "]]>", "=cmd|' /C calc'!A0",
)  # fmt: skip
PAGES = (
    "/", "/due?band=month", "/placements", "/audit", "/audit/access", "/incidents", "/definition", "/system",
    "/approvals", "/accounts",
)  # fmt: skip


@pytest.fixture
def poisoned(office: Office) -> Office:
    """Each hostile text as a reference, a host's name, a candidate's, a remark, a reason, a person's name."""
    for text in (each for each in HOSTILE if "\u202e" not in each):
        fields = {"territory": "75", "host_name": text, "host_siret": "13002603200016", "host_type": "COMMUNE",
                  "host_address": text, "workplace_name": text}  # fmt: skip
        office.app.engine.place(Place(reference=text, fields=fields, actor=text))
        granted = {"granted_on": "2021-03-10"}
        office.app.engine.fire(
            Fire(reference=text, trigger="grant_post", actor=text, roles=("anct",), fields=granted, reason=text)
        )
        office.app.engine.ask(Note(reference=text, text=text, actor=text))
        office.account(Grant("viewer"), name=text)
    return office


class Parts(HTMLParser):
    """The elements and comments of a page, as a browser would make them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.comments: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def assert_harmless(page: str, address: str) -> None:
    parts = Parts(page)
    assert parts.comments == [], address
    assert not {tag for tag, _ in parts.tags} & {"iframe", "object", "embed", "b", "base", "style"}, address
    assert "51724863" not in page, address
    for tag, attributes in parts.tags:
        assert tag != "script" or str(attributes["src"]).startswith("/static/"), address
        assert tag != "img" or str(attributes["src"]).startswith("/definition/"), address
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (address, tag)
        leads = [str(attributes.get(name) or "/") for name in ("href", "src", "action")]
        assert all(each.startswith(("/", "#")) for each in leads), (address, leads)


def test_hostile_texts_are_text_on_every_page(poisoned: Office) -> None:
    browser = poisoned.entered(Grant("supervisor"), Grant("auditor"), Grant("admin"), name="Sophie")
    references = [item.reference for item in poisoned.app.queries.placements(limit=100).items]
    seen = 0
    for address in PAGES:
        page = browser.get(address)
        assert page.status_code == 200, address
        assert_harmless(page.text, address)
        seen += "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert seen >= 4
    assert len(references) == len(HOSTILE) + 1


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_come_back_as_text_from_forms(office: Office, text: str) -> None:
    browser = office.entered(Grant("supervisor"), Grant("host"), Grant("admin"), name="Sophie")
    forms = {
        "/placements/P-75/amend": {"field.host_name": text, "words": text, "step": "preview"},
        "/placements/P-75/note": {"text": text, "step": "preview"},
        "/placements/P-75/fire/select_candidate": {"field.selected_candidate_ref": text, "words": text, "at": text},
        "/placements/P-75/reverse": {"words": text, "entry": text, "step": "preview"},
        "/placements/P-75/deadlines/selection/extension": {"by": text, "words": text, "step": "preview"},
        "/place": {"reference": text, "field.host_name": text},
        "/accounts": {"name": text, "role": text, "territory": text, "host_siret": text},
        "/login": {"name": text, "password": text, "next": text},
        "/welcome": {"token": text, "name": text, "password": text, "again": text},
        "/audit/export": {"form": text},
    }
    for address, said in forms.items():
        answer = browser.post(address, data={**said, "key": text, "expect": text})
        assert answer.status_code < 500, address
        assert_harmless(answer.text, address)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_in_addresses_come_back_as_text(office: Office, text: str) -> None:
    browser = office.entered(Grant("supervisor"), Grant("auditor"), name="Sophie")
    for path in ("/placements", "/due", "/audit", "/definition", "/placements.csv", "/login", "/welcome"):
        names = ("text", "state", "territory", "deadline", "host_siret", "after", "band", "reference", "kind", "since",
                 "digest", "next", "token")  # fmt: skip
        for name in names:
            answer = browser.get(path, params={name: text})
            assert answer.status_code < 500, (path, name)
            if "html" in answer.headers.get("content-type", ""):
                assert_harmless(answer.text, path)
