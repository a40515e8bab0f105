"""A batch outlives its console: ended in the middle of it, the next one goes on by itself, and does nothing twice."""

import signal
from collections import Counter

import httpx2
import pytest

from operators.api.client import Parcours
from operators.api.models.batches import BatchActBody
from operators.console.accounts import add
from storage.accounts import Grant
from tests.acceptance.console_site import serving
from tests.acceptance.driver import Site, until
from workflow.clock import SystemClock
from workflow.commands import Fire, Life, Place

MANY = 100
PAUSE = BatchActBody(kind="pause", name="selection", reason="other")


@pytest.fixture
def office(site: Site) -> Site:
    """A sandbox, on each kind of database in turn, with many posts whose hosts have to choose, and a supervisor."""
    made = site.at("2021-03-01T09:00:00Z").init(sandbox=True)
    with made.open() as app:
        app.engine.enter([Life(f"P-{number:03}", *_shown(f"P-{number:03}")) for number in range(MANY)])
        add(app, "Ada", "Sophie", [Grant("supervisor")], SystemClock().now())
    return made


def _shown(reference: str) -> tuple[Place, tuple[Fire, ...]]:
    fields = {"territory": "75", "host_name": "Ville", "host_siret": "13002603200016", "host_type": "COMMUNE"}
    steps = (("grant_post", "anct", {"granted_on": "2021-03-01"}),
             ("show_candidate", "platform", {"candidate_ref": f"C-{reference}", "candidate_name": "Alix"}))  # fmt: skip
    facts = tuple(Fire(reference=reference, trigger=trigger, actor="Ada", roles=(role,), fields=said)
                  for trigger, role, said in steps)  # fmt: skip
    return Place(reference=reference, fields=fields, actor="Ada"), facts


def pauses(site: Site) -> Counter[str]:
    return Counter(row[0] for row in site.rows("SELECT placement FROM history WHERE kind = 'pause'"))


def test_batch_of_a_console_that_ends_is_finished_by_the_next_one_and_each_is_done_once(office: Site) -> None:
    secret = office.ask("token", "add", "Sophie", "--for", "tests")["secret"]
    with serving(office) as first, Parcours(first.address, secret, http=httpx2.Client(timeout=60)) as parcours:
        tried = parcours.batch(PAUSE, where={"deadline": "selection"})
        assert tried.ready == MANY
        parcours.confirm_batch(tried, PAUSE, MANY)
        until(lambda: bool(pauses(office)))
        first.process.stop(signal.SIGTERM)
    before = sum(pauses(office).values())
    assert 0 < before < MANY, "the console has to end in the middle"
    with serving(office) as second, Parcours(second.address, secret, http=httpx2.Client(timeout=60)) as parcours:
        until(lambda: parcours.batch_of(tried.batch).status == "done")
        assert parcours.batch_of(tried.batch).counts == {"done": MANY}
    done = pauses(office)
    assert (len(done), set(done.values())) == (MANY, {1})
