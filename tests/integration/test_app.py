"""The composition root: which clock holds, in which database, and what opening refuses."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app import App, initialise, open_app
from settings import Settings, WrongUsage, read_settings
from workflow.clock import RunningClock, SystemClock, VirtualClock
from workflow.errors import StoreUnavailable

NOON = datetime(2021, 3, 1, 12, tzinfo=UTC)
FAST = "2021-03-01T12:00:00Z*86400"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("PARCOURS_CLOCK", "PARCOURS_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def settings(tmp_path: Path, clock: str | None = None) -> Settings:
    return read_settings({"database_url": f"sqlite:///{tmp_path}/p.db", "clock": clock})


def opened(tmp_path: Path, clock: str | None = None) -> App:
    return open_app(settings=settings(tmp_path, clock))


def test_production_has_the_system_clock_only(tmp_path: Path) -> None:
    initialise(settings(tmp_path), sandbox=False)
    with opened(tmp_path) as app:
        assert isinstance(app.clock, SystemClock)
        assert not app.installation.sandbox
    with pytest.raises(WrongUsage):
        opened(tmp_path, "2021-03-01T12:00:00Z")
    with pytest.raises(WrongUsage):
        open_app(f"sqlite:///{tmp_path}/p.db", clock=VirtualClock(NOON))


def test_sandbox_obeys_a_fixed_clock_and_opens_without(tmp_path: Path) -> None:
    made = initialise(settings(tmp_path, "2021-03-01T13:00:00+01:00"), sandbox=True)
    assert made.installation.created_at == NOON
    with opened(tmp_path, "2021-03-01T13:00:00+01:00") as app:
        assert app.clock.now() == NOON
    with opened(tmp_path) as app:
        assert isinstance(app.clock, SystemClock)


def test_running_clock_goes_on_from_where_the_sandbox_first_saw_it(tmp_path: Path) -> None:
    initialise(settings(tmp_path, FAST), sandbox=True)
    with opened(tmp_path, FAST) as first, opened(tmp_path, FAST) as second:
        assert isinstance(first.clock, RunningClock)
        assert first.clock == second.clock
        assert first.clock.now() >= NOON


def test_another_running_clock_starts_anew(tmp_path: Path) -> None:
    initialise(settings(tmp_path, FAST), sandbox=True)
    with opened(tmp_path, FAST):
        pass
    with opened(tmp_path, "2022-01-01T00:00:00Z*60") as app:
        assert app.clock.now() - datetime(2022, 1, 1, tzinfo=UTC) < timedelta(hours=1)


def test_clock_may_be_handed_over_as_object_or_text(tmp_path: Path) -> None:
    initialise(settings(tmp_path), sandbox=True)
    url = f"sqlite:///{tmp_path}/p.db"
    with open_app(url, clock=VirtualClock(NOON)) as app:
        assert app.clock.now() == NOON
    with open_app(url, clock="2021-03-01T12:00:00Z") as app:
        assert app.clock.now() == NOON
        assert app.engine.current_rules().definition.name == "placement"
        assert app.queries.references("", 10) == ()


def test_upgrading_a_sandbox_needs_no_word_about_it(tmp_path: Path) -> None:
    initialise(settings(tmp_path), sandbox=True)
    again = initialise(settings(tmp_path, "2021-03-01T12:00:00Z"), sandbox=False)
    assert (again.created, again.newly_published, again.installation.sandbox) == (False, False, True)


def test_production_is_never_made_a_sandbox(tmp_path: Path) -> None:
    initialise(settings(tmp_path), sandbox=False)
    with pytest.raises(StoreUnavailable):
        initialise(settings(tmp_path), sandbox=True)


def test_database_that_was_never_made_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="parcours init"):
        opened(tmp_path)
