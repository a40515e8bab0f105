"""Live pages: what is vendored is what was published; hints come when something changed, to those who may ask."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from operators.console import watching
from operators.console.pages import STATICS
from operators.console.secrets import digest_of
from operators.console.sessions import LASTS
from operators.console.watching import Stream
from storage.accounts import Grant
from storage.batches import Verdict
from tests.integration.console.conftest import Office, fire
from workflow.commands import Note

HTMX = "71ea67185bfa8c98c39d31717c6fce5d852370fcdfd129db4543774d3145c0de"
"""Of dist/htmx.min.js of htmx.org 2.0.10."""

PATIENCE_S = 20.0


@dataclass
class Listener:
    """A page that listens, without a browser."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    said: "asyncio.Queue[bytes]" = field(default_factory=asyncio.Queue)
    over: bool = False
    _left: asyncio.Event = field(default_factory=asyncio.Event)
    _asked: bool = False

    async def receive(self) -> dict[str, object]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]  # type: ignore[assignment]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}  # type: ignore[attr-defined]
        else:
            self.over = not message.get("more_body", False)
            self.said.put_nowait(message["body"])  # type: ignore[arg-type]

    async def next(self) -> str:
        """The next thing that is said."""
        return (await asyncio.wait_for(self.said.get(), PATIENCE_S)).decode()

    def leave(self) -> None:
        self._left.set()


@asynccontextmanager
async def listening(office: Office, about: str, *grants: Grant, session: str | None = None) -> AsyncIterator[Listener]:
    token = session or office.entered(*grants).cookies["parcours"]
    scope = {
        "type": "http", "method": "GET", "path": "/hints", "query_string": f"about={about}".encode(),
        "headers": [(b"host", b"localhost"), (b"cookie", f"parcours={token}".encode())], "scheme": "http",
        "server": ("localhost", 80), "client": ("127.0.0.1", 5), "http_version": "1.1", "root_path": "",
    }  # fmt: skip
    listener = Listener()
    answering = asyncio.create_task(office.console(scope, listener.receive, listener.send))  # type: ignore[arg-type]
    try:
        await listener.next()
        # What is new since the page was made is hinted at once; from then on, what changes.
        assert await listener.next() == "event: hint\ndata:\n\n"
        yield listener
    finally:
        listener.leave()
        await asyncio.wait_for(answering, PATIENCE_S)


@pytest.fixture
def quick(office: Office) -> Office:
    """The office, whose watching takes no second."""
    office.console.inner.state.console.watching._beat_s = 0.01
    return office


def test_htmx_is_what_was_published() -> None:
    assert hashlib.sha256((STATICS / "htmx-2.0.10.min.js").read_bytes()).hexdigest() == HTMX


def test_own_script_makes_nothing_of_texts() -> None:
    own = Path(STATICS / "live.js").read_text("utf-8")
    assert not [
        word for word in ("eval(", "Function(", "innerHTML", "insertAdjacent", ".style", "http:") if word in own
    ]


def test_live_pages_say_which_parts_change_and_configure_htmx_strictly(office: Office) -> None:
    browser = office.entered(Grant("supervisor"), Grant("auditor"))
    for path in ("/due", "/placements", "/placements/P-75", "/incidents", "/system"):
        page = browser.get(path).text
        parts = page.split('hx-select-oob="')[1].split('"')[0].split(",")
        assert all(f'id="{part.removeprefix("#")}"' in page for part in parts), path
        for said in ('"allowEval":false', '"selfRequestsOnly":true', '"includeIndicatorStyles":false'):
            assert said in page, path
    assert "<script" not in browser.post("/placements/P-75/reveal").text, "what was revealed would be masked again"
    assert "<script" not in browser.get("/definition").text


def test_entry_hints_to_lists_and_to_its_own_placement_only(quick: Office) -> None:
    async def story() -> None:
        async with (
            listening(quick, "placements", Grant("viewer")) as everything,
            listening(quick, "placement:P-75", Grant("viewer")) as own,
            listening(quick, "placement:P-974", Grant("viewer")) as other,
        ):
            assert own.headers["content-type"].startswith("text/event-stream")
            assert own.headers["x-accel-buffering"] == "no"
            assert "script-src 'self'" in own.headers["content-security-policy"]
            fire(quick.app, "P-75", "select_candidate", "host", selected_candidate_ref="C-7")
            assert await own.next() == "event: hint\ndata:\n\n"
            assert await everything.next() == "event: hint\ndata:\n\n"
            quick.app.engine.ask(Note(reference="P-974", text="Vu", actor="Bob"))
            assert await other.next() == "event: hint\ndata:\n\n"
            assert own.said.empty()

    asyncio.run(story())


def test_batch_hints_when_an_item_was_judged(quick: Office) -> None:
    viewer = quick.account(Grant("operator"))
    item = quick.app.queries.placement("P-75")
    assert item is not None
    batches = quick.app.store.batches
    number = batches.freeze(viewer.id, [(item.id, item.revision)], 0, quick.real.now())
    batches.judge(number, batches.items(number)[0].position, Verdict("ready"))

    async def story() -> None:
        async with listening(quick, f"batch:{number}", Grant("operator")) as batch:
            batches.judge(number, batches.items(number)[0].position, Verdict("refused", fr="Non.", en="No."))
            assert await batch.next() == "event: hint\ndata:\n\n"

    asyncio.run(story())


def test_page_whose_session_ends_is_told_and_hears_no_more(quick: Office) -> None:
    browser = quick.entered(Grant("viewer"))

    async def story() -> None:
        async with listening(quick, "placements", session=browser.cookies["parcours"]) as page:
            quick.app.store.accounts.end_session(digest_of(browser.cookies["parcours"]), quick.real.now())
            assert await page.next() == "event: end\ndata:\n\n"
            assert page.over

    asyncio.run(story())


def test_stream_ends_with_the_session_s_time(quick: Office) -> None:
    async def story() -> None:
        async with listening(quick, "placements", Grant("viewer")) as page:
            quick.real.advance(LASTS)
            assert await page.next() == "event: end\ndata:\n\n"

    asyncio.run(story())


def test_console_that_ends_closes_its_streams(quick: Office) -> None:
    async def story() -> None:
        async with listening(quick, "placements", Grant("viewer")) as page:
            quick.console.inner.state.console.watching.end()
            assert await page.next() == ""
            assert page.over

    asyncio.run(story())


def test_page_that_was_closed_is_watched_for_no_more(quick: Office) -> None:
    async def story() -> None:
        async with listening(quick, "placements", Grant("viewer")):
            pass
        held = quick.console.inner.state.console.watching
        assert len(held) == 0
        await asyncio.wait_for(held._loop, PATIENCE_S)

    asyncio.run(story())


def test_hints_are_for_those_who_may_ask(quick: Office) -> None:
    host = quick.entered(Grant("host", territory="75"))
    assert host.get("/hints?about=placement:P-974").status_code == 404
    assert host.get("/hints?about=incidents").status_code == 403
    assert host.get("/hints?about=system").status_code == 403
    assert host.get("/hints?about=everything").status_code == 404
    assert quick.entered(Grant("admin")).get("/hints?about=placements").status_code == 403


def test_pages_that_listen_are_bounded(quick: Office) -> None:
    held = quick.console.inner.state.console.watching
    browser = quick.entered(Grant("viewer"))
    account = quick.account(Grant("viewer")).id
    question = None
    held._streams |= {Stream(account, "", question) for _ in range(watching.MOST_EACH)}  # type: ignore[arg-type]
    answer = browser.get("/hints?about=placements")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    held._streams = {Stream(str(n), "", question) for n in range(watching.MOST)}  # type: ignore[arg-type]
    assert browser.get("/hints?about=placements").status_code == 503
