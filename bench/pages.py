"""`make bench-pages`: how long each page of the console takes with 100,000 placements on SQLite; a table.

Each is asked of the application itself, in this process: no network, no browser. What is told are medians: of a page
as a rule, of the first one after somebody has committed something, and of one for which nothing was counted yet; in
milliseconds of processor time, since the machine is never ours alone.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

import httpx2

from app import App, initialise, open_app
from bench.cohort import Origin, life
from bench.large import unlimited, url
from operators.console.accounts import add
from operators.console.app import make_console
from operators.console.secrets import digest_of, new_token
from operators.console.shield import Shield
from settings import Settings, read_settings
from storage.accounts import Grant
from storage.listing import cursor
from workflow.clock import SystemClock, VirtualClock
from workflow.commands import Life, Note

NOW = datetime(2021, 6, 10, 9, tzinfo=UTC)
FIRST_DAY, DAYS = date(2021, 1, 4), 155
AT_ONCE = 1_000
TOWNS = tuple(f"Commune de {first}-{second}" for first in ("Aix", "Bar", "Cys", "Dun", "Eu", "Fay", "Gy", "Ham")
              for second in ("sur-Mer", "en-Brie", "la-Tour", "le-Grand", "les-Bains"))  # fmt: skip
TERRITORIES = [f"{number:02}" for number in range(1, 96) if number != 20] + ["2A", "2B", "971", "972", "973", "974"]
ROLES = ("supervisor", "auditor", "admin", "operator")
LIMIT_MS = 50
ANEW = 5
"""In so many rounds pages are asked for with nothing kept."""


@dataclass(frozen=True)
class Asked:
    """A page: what it is called in the table, its address, and who asks."""

    name: str
    path: str
    who: str = "all"


@dataclass
class Taken:
    """Milliseconds: with counts that were kept, after somebody committed something, and with nothing kept at all."""

    kept: list[float] = field(default_factory=list)
    after: list[float] = field(default_factory=list)
    anew: list[float] = field(default_factory=list)

    @property
    def kept_ms(self) -> float:
        """The median as a rule."""
        return median(self.kept)


def main() -> int:
    """Build, or take what was built, ask every page in turns, and print the medians; 1 where one is over the limit."""
    parser = argparse.ArgumentParser(prog="make bench-pages", description=__doc__)
    parser.add_argument("--placements", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--keep", type=Path, help="a folder in which the database is made once, and found again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(given.keep or Path(folder), given.placements)
        with open_app(settings=settings, clock=VirtualClock(NOW)) as app:
            found = asyncio.run(_measured(app, given.rounds))
    print("| page | as a rule | after a commit | counted anew |\n| --- | ---: | ---: | ---: |")
    for name, each in found.items():
        print(f"| {name} | {each.kept_ms:.0f} | {median(each.after):.0f} | {median(each.anew):.0f} |")
    slow = [name for name, each in found.items() if each.kept_ms > LIMIT_MS]
    print(f"over {LIMIT_MS} ms: {', '.join(slow) or 'none'}", file=sys.stderr)
    return int(bool(slow))


def _settings(folder: Path, placements: int) -> Settings:
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / f"pages-{placements}.db"
    settings = read_settings({"database_url": url(database), "definition": unlimited(folder)}, environ={})
    made = database.exists()
    initialise(settings, sandbox=True)
    if not made:
        with open_app(settings=settings, clock=VirtualClock(NOW)) as app:
            _enter(app, placements, Random(7))  # noqa: S311 - no secret
    return settings


def _enter(app: App, placements: int, dice: Random) -> None:
    lives = _lives(placements, dice)
    while some := [each for _, each in zip(range(AT_ONCE), lives, strict=False)]:
        refused = [outcome for outcome in app.engine.enter(some) if outcome.status != "created"]
        if refused:
            raise RuntimeError(f"{refused[0].life.reference} was refused: {refused[0].blockers}")
        print(f"\r{some[-1].reference}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _lives(placements: int, dice: Random) -> Iterator[Life]:
    """Lives begun over five months, each as far as it has come by now."""
    for number in range(placements):
        begun = FIRST_DAY + timedelta(days=dice.randrange(DAYS))
        yield life(f"P{number:06}", dice, Origin(TERRITORIES, TOWNS, begun, NOW))


async def _measured(app: App, rounds: int) -> dict[str, Taken]:
    """What each page took, page by page in each round."""
    pages, site = _pages(app), make_console(app)
    counted = site.inner.state.console.counted
    taken = {page.name: Taken() for page in pages}
    async with _browsers(app, site) as browsers:
        for number in range(rounds):
            for page in pages:
                ask, into = partial(_asked, browsers[page.who], page.path), taken[page.name]
                if number < ANEW:
                    counted.forget()
                    into.anew.append(await ask())
                else:
                    await ask()
                into.kept.append(await ask())
                app.engine.ask(Note(reference="P000001", text=f"{number}", actor="bench"))
                into.after.append(await ask())
    return taken


async def _asked(browser: httpx2.AsyncClient, path: str) -> float:
    began = time.process_time()
    answer = await browser.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return (time.process_time() - began) * 1000


def _pages(app: App) -> list[Asked]:
    """Every page that shows, the long ones with each filter."""
    references = [f"P{number:06}" for number in range(0, 60)]
    open_one = next(each for each in references if app.queries.deadlines_of(each))
    deadline = app.queries.deadlines_of(open_one)[0].name
    end = cursor(f"P{app.queries.stats().placements - 51:06}")
    return [
        Asked("front page", "/due"), Asked("front page, of one stretch", "/due?band=month"),
        Asked("front page, of one département", "/due?territory=57"), Asked("front page, of a text", "/due?text=Fay"),
        Asked("calendar", "/due/calendar"), Asked("list", "/placements"),
        Asked("list, its last page", f"/placements?after={end}"),
        Asked("list, of a state", "/placements?state=candidate_shown"),
        Asked("list, of a département", "/placements?territory=57"), Asked("list, overdue", "/placements?overdue=1"),
        Asked("list, of a deadline", f"/placements?deadline={deadline}"), 
        Asked("list, of a text", "/placements?text=Fay"),
        Asked("list, for one département's account", "/placements", "some"),
        Asked("front page, for one département's account", "/due", "some"),
        Asked("placement", f"/placements/{open_one}"), Asked("its form", f"/placements/{open_one}/note"),
        Asked("incidents", "/incidents"), Asked("deliveries", "/deliveries"), Asked("definition", "/definition"),
        Asked("audit", "/audit"), Asked("audit, of a kind that there is not", "/audit?kind=void"),
        Asked("audit, of a kind and a département", "/audit?kind=timeout&territory=57"),
        Asked("audit, of a person", "/audit?by=bench"), Asked("audit, of nobody", "/audit?by=nobody"),
        Asked("people", "/people"), Asked("batches", "/batches"), Asked("system", "/system"), 
        Asked("accounts", "/accounts"),
        Asked("own account", "/me"),
    ]  # fmt: skip


@asynccontextmanager
async def _browsers(app: App, site: Shield) -> AsyncIterator[dict[str, httpx2.AsyncClient]]:
    """One signed in with every role, everywhere; and one who sees the placements of one département."""
    transport = httpx2.ASGITransport(site)
    people = {"all": [Grant(role) for role in ROLES], "some": [Grant("operator", territory="57")]}
    made = {}
    for name, grants in people.items():
        headers = {"Cookie": f"parcours={_session(app, name, grants)}"}
        made[name] = httpx2.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)
    try:
        yield made
    finally:
        for browser in made.values():
            await browser.aclose()


def _session(app: App, name: str, grants: Sequence[Grant]) -> str:
    now = SystemClock().now()
    known, token = app.store.accounts.named(name), new_token()
    account = known or add(app, "bench", name, grants, now).account
    app.store.accounts.open_session(digest_of(token), account.id, now, now + timedelta(hours=1))
    return token


if __name__ == "__main__":
    sys.exit(main())
