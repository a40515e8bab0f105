"""The example definitions are usable from end to end: made, lived, told, exported, checked, shown and sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app import App, open_app
from operators.console.accounts import add
from operators.console.app import make_console
from operators.console.secrets import digest_of, new_token
from operators.console.sessions import LASTS
from operators.notices.feed import calendar_feed
from operators.notices.subject import subject_of
from operators.notices.telling import told
from storage.accounts import Grant
from tests.integration.conftest import Cli
from tests.shipped import DEFINITIONS, EXAMPLES

START = "2023-03-06T09:00:00Z"
PERSON = "Zéphyrine Canari"


@dataclass(frozen=True)
class Lived:
    """One life of an example: what it is created with, what people ask and when, and what has become of it at last."""

    fields: Mapping[str, str]
    asked: Sequence[tuple[str, str, str, Mapping[str, str]]]
    until: str
    state: str
    explained: str
    says: str


LIVES = {
    "information_request": Lived(
        {"territory": "75", "administration": "Ville de Nuits", "applicant_name": PERSON, "details_days": "20"},
        [
            ("2023-03-10T10:00:00Z", "ask_for_details", "administration", {}),
            ("2023-03-20T10:00:00Z", "give_details", "applicant", {}),
        ],
        # Received on the 6th of March; ten days given back: silence refuses at the end of the 16th of April. The CADA
        # could be turned to up to Monday the 19th of June: two clear months from the 17th of April end on a Sunday.
        "2023-06-21T00:00:00Z",
        "out_of_time",
        "answer",
        "Paused by the state “Details asked for” from Friday 10 March 2023 to Sunday 19 March 2023",
    ),
    "building_permit": Lived(
        {"territory": "57", "commune": "Nuits", "kind": "detached_house", "filed_on": "2023-03-06",
         "applicant_name": PERSON},
        [
            ("2023-03-20T10:00:00Z", "ask_for_documents", "town_hall", {"request_received_on": "2023-03-20"}),
            ("2023-05-02T10:00:00Z", "complete_file", "applicant", {"completed_on": "2023-05-02"}),
        ],
        "2023-07-03T00:00:00Z",
        "granted",
        "review",
        "Sunday 2 July 2023",
    ),
    "security_incident": Lived(
        {"service": "Messagerie", "reporter_name": PERSON},
        [("2023-03-06T10:00:00Z", "declare_significant", "management", {})],
        "2023-03-10T00:00:00Z",
        "significant",
        "notification",
        "72 hours, exact time",
    ),
}  # fmt: skip


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> tuple[Cli, Lived]:
    """A sandbox of an example with one life in it, by the command line."""
    monkeypatch.setenv("PARCOURS_DEFINITION", str(EXAMPLES[request.param]))
    monkeypatch.setenv("PARCOURS_LANG", "en")
    life = LIVES[request.param]
    assert cli("init", "--sandbox", clock=START).code == 0
    said = {name: text for name, text in life.fields.items() if name != "territory"}
    place = [word for name, text in said.items() for word in ("--set", f"{name}={text}")]
    where = ["--territory", life.fields["territory"]] if "territory" in life.fields else []
    assert cli("place", "--reference", "R-1", *where, *place).code == 0
    for at, trigger, role, fields in life.asked:
        sets = [word for name, text in fields.items() for word in ("--set", f"{name}={text}")]
        answer = cli("fire", "R-1", trigger, "--role", role, *sets, clock=at)
        assert answer.code == 0, answer.err
    answer = cli("run", "--once", clock=life.until)
    assert answer.code == 0, answer.err
    return cli, life


def test_a_life_goes_as_the_law_says_and_every_read_answers(example: tuple[Cli, Lived]) -> None:
    cli, life = example
    assert cli("show", "R-1", "--json").json["state"] == life.state
    assert life.says in cli("explain", "R-1", life.explained).out
    for words in ("list", "deadlines", "stats", "notices list", "can R-1", "show R-1", "history R-1", "doctor"):
        answer = cli(*words.split(), "--lang", "fr")
        assert (answer.code, answer.err) == (0, ""), (words, answer)
    assert PERSON not in cli("history", "R-1", "--json").out
    _hear_notices([each["seq"] for each in cli("notices", "list", "--json").json["items"]])


def _hear_notices(seqs: Sequence[int]) -> None:
    assert seqs
    with open_app() as app:
        for seq in seqs:
            for lang in ("fr", "en"):
                notice = told(subject_of(app, "R-1", seq), lang, url=None, sandbox=True)
                assert notice.deadline[0].isupper(), notice
        assert b"VCALENDAR" in calendar_feed(app, "fr")


def test_every_form_of_export_is_written(example: tuple[Cli, Lived], tmp_path: Path) -> None:
    cli, _ = example
    for form in ("csv", "csv-fr", "xlsx", "jsonl", "parquet", "xes", "ocel", "bundle"):
        target = tmp_path / ("out.json" if form == "ocel" else f"out.{form}")
        answer = cli("audit", "export", "--format", form, "--out", str(target))
        assert answer.code == 0, (form, answer.err)
        assert target.stat().st_size > 0
        assert PERSON.encode() not in target.read_bytes()


def test_the_console_shows_it_and_creates_another(example: tuple[Cli, Lived]) -> None:
    _, life = example
    with open_app() as app:
        browser = _browser(app)
        for page in ("/", "/placements", "/placements/R-1", "/definition?check=1", "/due", "/audit", "/system"):
            answer = browser.get(page)
            assert answer.status_code == 200, page
            assert not re.search(r">\s*None\s*<", answer.text), page
        form = browser.get("/place").text
        key = re.search(r'name="key" value="([^"]+)"', form)
        assert key
        said = {f"field.{name}": text for name, text in life.fields.items()}
        answer = browser.post("/place", data={"reference": "R-2", "key": key[1], **said})
        assert answer.status_code == 303, answer.text
        assert browser.get("/placements/R-2").status_code == 200


def _browser(app: App) -> TestClient:
    now = datetime.now(UTC)
    grants = [Grant(role) for role in ("admin", "supervisor", "operator", "auditor")]
    account = add(app, "Ada", "Olive", grants, now).account
    token = new_token()
    app.store.accounts.open_session(digest_of(token), account.id, now, now + LASTS)
    browser = TestClient(make_console(app), base_url="http://localhost",
                         headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)  # fmt: skip
    browser.cookies.set("parcours", token, domain="localhost.local")
    return browser


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_shipped_definition_is_without_finding(name: str, cli: Cli) -> None:
    answer = cli("definition", "check", str(DEFINITIONS[name]), "--json")
    assert (answer.code, answer.json["findings"]) == (0, [])
