"""Whatever receivers and processes do, every notice arrives, and all that arrives under one key is the same."""

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.notices.delivering import deliver
from settings import read_settings
from storage.deliveries import Deliveries
from tests.integration.notices.conftest import MONDAY, SECRET, Office
from tests.receivers import Endpoint, web_server
from tests.world import instant
from workflow.clock import VirtualClock

COUNT = 4
DIES = "dies"
FAILURES = [500, 429, "reset", (301, "location", "/elsewhere"), DIES]


class Killed(BaseException):
    """The process ends at this point: nothing of ours catches it."""


@settings(max_examples=25)
@given(st.lists(st.sampled_from(FAILURES), max_size=12))
def test_every_notice_arrives_and_under_one_key_always_the_same(made: Path, failures: list[object]) -> None:
    with ExitStack() as closing, pytest.MonkeyPatch.context() as patch:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        office = _office(made, folder, closing, patch, failures)
        keys = _keys(office)
        passes = 0
        while any(item.status == "waiting" for item in office.log()) or not office.log():
            _pass(office)
            office.wait(hours=1)
            passes += 1
            assert passes < 24 * 7
        arrived = office.endpoint.requests
        assert {each.key for each in arrived} == keys
        assert len({(each.key, each.body) for each in arrived}) == COUNT
        assert {item.status for item in office.log()} == {"sent"}
        # Whoever was told nothing wrong is asked once: repeats have a cause.
        assert len(arrived) <= COUNT + len(failures)


def _office(made: Path, folder: Path, closing: ExitStack, patch: pytest.MonkeyPatch, failures: list[object]) -> Office:
    shutil.copytree(made, folder, dirs_exist_ok=True)
    patch.setenv("PARCOURS_WEBHOOK_SECRETS", f"si={SECRET}")
    # Who dies does so after the receiver has said yes.
    answers = [204 if each == DIES else each for each in failures]
    endpoint = closing.enter_context(web_server(Endpoint(answers=answers)))  # type: ignore[arg-type] # FAILURES
    said = {"database_url": f"sqlite:///{folder}/parcours.db", "webhooks": [f"si={endpoint.url}"],
            "webhook_loopback": True, "notices_timeout_s": 2.0}  # fmt: skip
    office = Office(folder, VirtualClock(instant(MONDAY)), said, closing, endpoint=endpoint)
    for number in range(COUNT):
        office.shown(f"P-{number}")
    office.until("2021-03-10T23:00")
    noted = Deliveries.end

    def end(self: Deliveries, *said: object) -> None:
        if len(endpoint.requests) <= len(failures) and failures[len(endpoint.requests) - 1] == DIES:
            raise Killed
        noted(self, *said)  # type: ignore[arg-type] # as it was called

    patch.setattr(Deliveries, "end", end)
    return office


def _keys(office: Office) -> set[str]:
    items = office.app().queries.notices(limit=100).items
    return {f"{item.placement}.{item.seq}" for item in items}


def _pass(office: Office) -> None:
    try:
        deliver(office.opened(read_settings(office.said, environ={})))
    except Killed:
        return
