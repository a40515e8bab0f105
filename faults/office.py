"""A small office, the commands that are broken off in it, and what must hold of it afterwards.

Its placements are such that every command has something to do, and one has something overdue that settles first.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app import App, publish, verify
from faults.program import Said
from storage.queries import PlacementFilter
from tests.acceptance.driver import CHANGE, ROOT, Site
from tests.acceptance.driver import Said as Ended
from tests.checker import Checker, notices_in
from workflow.clock import VirtualClock
from workflow.commands import Fire, Place

CANARY = "Zéphyrine Canari"
BEGUN = datetime(2021, 3, 1, 8, tzinfo=UTC)
LATER = datetime(2021, 3, 15, 8, tzinfo=UTC)
NOW = "2021-03-20T09:00:00Z"
HOST = {"host_name": "Commune de Metz", "host_siret": "13002603200016", "host_type": "COMMUNE"}
LIVES = f"""\
reference;trigger;at;territory;host_name;host_siret;host_type;granted_on;candidate_ref;candidate_name
B-1;place;2021-03-02;57;Commune de Metz;21570463600012;COMMUNE;;;
B-1;grant_post;;;;;;2021-03-03;;
B-1;show_candidate;2021-03-04T14:00;;;;;;c-12;{CANARY}
B-2;place;2021-03-05;974;Commune de Metz;21570463600012;COMMUNE;;;
"""
_HOST = [word for name, value in HOST.items() for word in ("--set", f"{name}={value}")]
_SUPERVISOR = ("--role", "supervisor", "--reason", "entered_by_mistake")
_SELECTION = "    within: 15 days\n    while: candidate_shown\n"
_PROMISE = "      to: [candidate_selected, post_vacant, convention_ended, withdrawn]\n      within: 15 days\n"


@dataclass(frozen=True)
class Command:
    """A command that changes something; `makes`: it begins with nothing, not with the office."""

    name: str
    words: tuple[str, ...]
    makes: bool = False


COMMANDS = (
    Command("init", ("init", "--sandbox"), makes=True),
    Command("place", ("place", "--reference", "A-9", "--territory", "57", *_HOST, "--key", "k-place")),
    Command("fire", (
        "fire", "A-1", "show_candidate", "--role", "platform", "--set", "candidate_ref=C-9", "--set",
        f"candidate_name={CANARY}", "--key", "k-fire",
    )),
    Command("import", ("import", "lives.csv")),
    Command("run --once", ("run", "--once")),
    Command("reverse", ("reverse", "A-4", *_SUPERVISOR, "--key", "k-reverse")),
    Command("audit seal", ("audit", "seal")),
    Command("person erase", (
        "person", "erase", "A-3", "--all", "--ground", "objection", "--decision", "DPO-2021/1", "--role", "supervisor",
    )),
    Command("definition migrate", ("definition", "migrate", *_SUPERVISOR, "--yes")),
)  # fmt: skip


def make(folder: Path) -> Site:
    """The office as every case finds it: all of it in one file, and what lies beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    site = Site(folder).at(NOW)
    site.at("2021-03-01T08:00:00Z").init(sandbox=True)
    (folder / "lives.csv").write_text(LIVES, "utf-8")
    with site.open() as app:
        _live(app)
    second = (ROOT / "states.yaml").read_text("utf-8").replace("version: 1\n", "version: 2\n", 1)
    for said_before in (_SELECTION, _PROMISE):
        second = second.replace(said_before, said_before.replace("15 days", "1 month"), 1)
    (folder / "states.yaml").write_text(second, "utf-8")
    with site.open() as app:
        publish(app, second.encode(), folder / "states.yaml")
    site.flush()
    return site


def _live(app: App) -> None:
    clock = VirtualClock(BEGUN)
    engine = type(app.engine)(app.store, clock)

    def ask(reference: str, trigger: str, role: str, **fields: str) -> None:
        engine.fire(Fire(reference=reference, trigger=trigger, actor=CANARY, roles=(role,), fields=fields))

    for number in range(1, 5):
        place = Place(reference=f"A-{number}", fields={"territory": "75", **HOST}, actor=CANARY)
        engine.place(place)
        ask(f"A-{number}", "grant_post", "anct", granted_on="2021-03-01")
    ask("A-1", "show_candidate", "platform", candidate_ref="C-1", candidate_name=CANARY)
    clock.at = LATER
    for number in range(2, 5):
        ask(f"A-{number}", "show_candidate", "platform", candidate_ref=f"C-{number}", candidate_name=CANARY)
    ask("A-4", "select_candidate", "host", selected_candidate_ref="C-4")
    engine.fire(Fire(reference="A-3", trigger="withdraw", actor=CANARY, roles=("host",), reason=CANARY))


def copy(office: Site, folder: Path) -> Site:
    """The same office in another folder, with all that lies beside the database."""
    shutil.copytree(office.folder, folder)
    return Site(folder, dict(office.settings), office.database_name)


def empty(office: Site, folder: Path) -> Site:
    """No database yet, only the definition."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "states.yaml", folder)
    return Site(folder, dict(office.settings), office.database_name)


def is_acknowledged(answer: Said) -> bool:
    """Whether somebody was told of a change: on stdout, or by a whole line of the log."""
    lines = answer.err.splitlines()
    return bool(answer.out.strip()) or any(CHANGE in line and line.endswith("}") for line in lines)


def ends(site: Site) -> Mapping[str, object]:
    """What an office has come to, without what is drawn at random."""
    with site.open() as app:
        return _ends(app)


def _ends(app: App) -> Mapping[str, object]:
    found: dict[str, object] = {name: _life(app, name) for name in references(app)}
    found["quotas"] = sorted((use.name, use.used) for use in app.queries.stats().quotas)
    with app.store.reading() as reading:
        found["versions"] = sorted((version.name, version.version) for version in reading.versions())
        facts = [app.engine.view(name).facts for name in references(app)]
        found["personal"] = sum(len(reading.personal(each.id)) for each in facts)
    with app.store.seals.reading() as seals:
        last = seals.last_seal()
        found["sealed"] = last.size if last else 0
    found["notices"] = sorted(notices_in(app.store))
    return found


def _life(app: App, reference: str) -> object:
    facts = app.engine.view(reference).facts
    entries = [stored.chained().entry for stored in app.queries.history(reference)]
    told = [(e.kind, e.trigger, e.deadline, e.occurred_at, e.from_state, e.to_state) for e in entries]
    return facts.state, facts.revision, told


def references(app: App) -> list[str]:
    """All placements of a small database."""
    return [item.reference for item in app.queries.placements(PlacementFilter(), limit=100_000).items]


def examined(site: Site) -> tuple[list[str], Mapping[str, object]]:
    """All that does not hold, by the tests' checker, the database's own and the log's; and what it has come to."""
    with site.open() as app:
        found = Checker(app.engine, app.store, references(app), canaries=[CANARY]).faults()
        found += app.queries.integrity()
        report = verify(app, None, None, lambda count: None)
        found += [fault.sentence("en") for fault in report.faults]
        return found, _ends(app)


def manners(ended: Iterable[Ended]) -> Iterator[str]:
    """Which daemons did not end in order."""
    for each in ended:
        if each.code or "Traceback" in each.err:
            yield f"a daemon ended with {each.code}: {each.err[-400:]}"
