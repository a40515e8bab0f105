"""The simulation of the whole system: one play for each seed, in which all that may befall does, and defects show."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from msgspec.structs import replace

from faults.shaky_store import ShakyStore
from faults.whole_system import fingerprint, live, wrong
from tests.acceptance.driver import ROOT
from workflow import brake, engine, settling
from workflow.errors import OutcomeUnknown

SEEDS = range(12)
BEFALLS = (
    "killed", "frozen", "away", "busy", "interrupted", "second", "lost", "lost, and committed", "unheard",
    "known again", "stopped", "outage", "released", "held",
)  # fmt: skip

Patch = pytest.MonkeyPatch


def elsewhere(seed: int) -> str:
    """The fingerprint of a seed in another process, whose sets are in another order."""
    told = f"from faults.whole_system import fingerprint; print(fingerprint({seed}))"
    environment = os.environ | {"PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", told], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_same_seed_is_the_same_play_to_the_last_byte() -> None:
    first = fingerprint(7)
    assert fingerprint(8) != first
    assert fingerprint(7) == first
    assert elsewhere(7) == first


def test_everything_that_may_befall_does() -> None:
    befallen, done = Counter[str](), Counter[str]()
    for seed in SEEDS:
        lived = live(seed)
        befallen += lived.office.stage.befallen
        done.update(commit.kind for commit in lived.store.log)
    assert [what for what in BEFALLS if not befallen[what]] == []
    assert set(done) == {"granted", "settled", "swept"}


def forgetting_keys(monkeypatch: Patch) -> None:
    """An engine that does not ask whether a command was carried out before."""
    monkeypatch.setattr(engine, "repeated", lambda *_: None)


def acknowledging_what_is_lost(monkeypatch: Patch) -> None:
    """A store that says yes though it does not know whether it has committed."""
    commit: Any = ShakyStore._commit

    def silently(*arguments: Any) -> None:
        with suppress(OutcomeUnknown):
            commit(*arguments)

    monkeypatch.setattr(ShakyStore, "_commit", silently)


def firing_when_it_sweeps(monkeypatch: Patch) -> None:
    """An engine that dates what fell due by its sweep."""
    fire: Any = settling._fire

    def at_now(journal: Any, spec: Any, event: Any) -> None:
        fire(journal, spec, replace(event, moment=max(event.moment, journal.desk.now)))

    monkeypatch.setattr(settling, "_fire", at_now)


def releasing_nothing(monkeypatch: Patch) -> None:
    """A brake that holds on after it was released."""
    monkeypatch.setattr(brake, "released", lambda watch, held: watch)


@pytest.mark.parametrize(
    "defect", [forgetting_keys, acknowledging_what_is_lost, firing_when_it_sweeps, releasing_nothing]
)
def test_defect_of_the_engine_or_the_store_is_found_out(defect: Callable[[Patch], None], monkeypatch: Patch) -> None:
    assert not any(wrong(seed) for seed in SEEDS[:3])
    defect(monkeypatch)
    assert any(wrong(seed) for seed in SEEDS)
