"""What a notice, a digest and a calendar lead to: the placement's page in the console, whatever its reference."""

import asyncio
import re
from datetime import timedelta

import httpx2
import pytest

from operators.console.accounts import add
from operators.console.app import make_console
from operators.console.secrets import digest_of, new_token
from operators.notices.feed import calendar_feed
from storage.accounts import Grant
from tests.integration.notices.conftest import Office

URL = "http://localhost"


def visited(office: Office, addresses: set[str]) -> list[httpx2.Response]:
    """The pages at these addresses, for a viewer. Paths are decoded once, as servers do (TestClient: twice)."""
    app, now = office.app(), office.clock.at
    account, token = add(app, "Ada", "Vera", [Grant("viewer")], now).account, new_token()
    app.store.accounts.open_session(digest_of(token), account.id, now, now + timedelta(hours=1))
    transport = httpx2.ASGITransport(make_console(app, real=office.clock))

    async def ask() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(transport=transport, headers={"Cookie": f"parcours={token}"}) as client:
            return [await client.get(address) for address in addresses]

    return asyncio.run(ask())


@pytest.mark.parametrize("reference", ["P-1", "N/1", "50% ?#", "é è", ".."])
def test_links_of_a_notice_and_of_a_calendar_lead_to_the_placement(office: Office, reference: str) -> None:
    office.shown(reference)
    office.until("2021-03-11T09:00")
    office.send(notices_url=f"{URL}/")
    body = office.mailbox.messages[0].get_body(("plain",))
    assert body is not None
    calendar = calendar_feed(office.app(notices_url=URL), "fr").replace(b"\r\n ", b"").decode()
    found = {*re.findall(rf"{URL}/placements/\S+", body.get_content()), *re.findall(r"URL:(\S+)", calendar)}
    assert found
    for page in visited(office, found):
        assert page.status_code == 200, page.url
        assert f"<h1>{reference}</h1>" in page.text
