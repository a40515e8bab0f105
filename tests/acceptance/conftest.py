"""Installations for the acceptance tests: new ones, and copies of full ones that are made once for all processes."""

import fcntl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import initialise, open_app
from settings import read_settings
from tests.acceptance.driver import ROOT, Site
from tests.acceptance.postgres_site import new_site
from workflow.clock import VirtualClock
from workflow.commands import Fire, Life, Place

APPLIED_AT = datetime(2021, 3, 1, 8, tzinfo=UTC)
LATER = "2022-06-01T00:00:00Z"
CANARY = "Zéphyrine Canari"
POST = {"territory": "75", "host_name": "Ville", "host_siret": "13002603200016", "host_type": "COMMUNE"}

Full = Callable[..., Site]


@pytest.fixture
def file_site(tmp_path: Path) -> Site:
    """An installation in a file, not initialised yet."""
    return Site(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """An installation of each kind in turn, not initialised yet."""
    if request.param == "sqlite":
        return Site(tmp_path)
    return new_site(request.getfixturevalue("server"), tmp_path)


@pytest.fixture(scope="session")
def _templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.getbasetemp()
    # Under xdist each process has a base of its own, side by side.
    return base.parent if base.name.startswith("popen-") else base


@pytest.fixture
def full(tmp_path: Path, _templates: Path) -> Full:
    """A sandbox with so many placements, applied for long ago; with `shown`, each has its candidate.

    With `swept`, as it is after one uninterrupted sweep at the clock LATER.
    """

    def make(count: int, *, shown: bool = False, swept: bool = False) -> Site:
        template = _template(_templates, count, shown, swept)
        return template.copy(tmp_path / template.folder.name).at(LATER)

    return make


def _template(base: Path, count: int, shown: bool, swept: bool) -> Site:
    """Made by the first process that asks, while the others wait."""
    site = Site(base / "-".join([str(count), *["shown"] * shown, *["swept"] * swept]))
    with site.folder.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (site.folder / "made").exists():
            _sweep(_template(base, count, shown, False).copy(site.folder)) if swept else _fill(site, count, shown)
            (site.folder / "made").touch()
    return site


def _fill(site: Site, count: int, shown: bool) -> None:
    site.folder.mkdir(parents=True, exist_ok=True)
    settings = read_settings({"database_url": site.url, "definition": _unlimited(site.folder)}, environ={})
    initialise(settings, sandbox=True)
    with open_app(settings=settings, clock=VirtualClock(APPLIED_AT)) as app:
        for first in range(0, count, 2_000):
            lives = [_life(number, shown) for number in range(first, min(count, first + 2_000))]
            refused = [outcome for outcome in app.engine.enter(lives) if outcome.status != "created"]
            assert refused == []
    site.flush()


def _sweep(site: Site) -> None:
    with open_app(site.url, clock=LATER) as app:
        app.engine.sweep()
    site.flush()


def _unlimited(folder: Path) -> Path:
    """The shipped definition, for any number of posts."""
    path, shipped = folder / "states.yaml", (ROOT / "states.yaml").read_text("utf-8")
    path.write_text(shipped.replace("limit: 4000", "limit: 1000000"), "utf-8")
    return path


def _life(number: int, shown: bool) -> Life:
    reference = f"P{number:05}"
    place = Place(reference=reference, fields=POST, actor="import", at=APPLIED_AT)
    facts = (
        _fact(reference, "grant_post", "anct", granted_on="2021-03-01"),
        _fact(reference, "show_candidate", "platform", candidate_ref=f"C{number}", candidate_name=CANARY),
    )
    return Life(reference=reference, place=place, facts=facts if shown else ())


def _fact(reference: str, trigger: str, role: str, **fields: str) -> Fire:
    return Fire(reference=reference, trigger=trigger, actor="Ada", roles=(role,), fields=fields)
