"""The life of one post by commands alone, from the application to the end of the convention.

In the first life commands are started, as people start them: in a file all, on a server what is asked at the end.
"""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.acceptance.driver import Line, Site

END = "2024-06-01T00:00:00+00:00"

EIGHT = [
    "ami_application",
    "candidate_shown",
    "candidate_selected",
    "training_body_contacted",
    "contract_signed",
    "in_training",
    "in_post",
    "convention_ended",
]
CONTRACT = (
    "contract_signed_on=2021-03-25",
    "contract_type=CDD",
    "contract_starts_on=2021-04-01",
    "contract_ends_on=2024-03-31",
    "monthly_gross=1700,50",
)
TRAINING_BODY = ("training_body=Simplon", "training_body_contacted_on=2021-03-20")
CANDIDATE = ("candidate_ref=C-1", "candidate_name=Camille Roux")

# Day, trigger, role, fields: what nobody but an operator can do.
ACTS = [
    ("2021-03-02", "grant_post", "anct", ("granted_on=2021-03-02",)),
    ("2021-03-08", "show_candidate", "platform", CANDIDATE),
    ("2021-03-15", "select_candidate", "host", ("selected_candidate_ref=C-1",)),
    ("2021-03-20", "contact_training_body", "host", TRAINING_BODY),
    ("2021-03-25", "sign_contract", "host", CONTRACT),
    ("2021-04-05", "start_training", "training_body", ("training_started_on=2021-04-05",)),
]


def live(site: Site, *last_acts: tuple[str, str, str, tuple[str, ...]]) -> None:
    """Every act typed on its day; the daemon comes at the very end, when all is over."""
    host = ("host_name=Ville", "host_siret=13002603200016", "host_type=COMMUNE")
    place = ("place", "--reference", "A-1", "--territory", "75", *said(host))
    site.at("2021-03-01T09:00:00Z").parcours(*place)
    for day, trigger, role, fields in (*ACTS, *last_acts):
        act = ("fire", "A-1", trigger, "--role", role, *said(fields))
        site.at(f"{day}T09:00:00Z").parcours(*act)
    site.at(END).parcours("run", "--once")


def said(fields: tuple[str, ...]) -> list[str]:
    """Fields as options; `--reason` among them as it is."""
    return [word for field in fields for word in (field.split(" ") if field[0] == "-" else ("--set", field))]


def states(history: list[Line]) -> list[str]:
    return [entry["to"] for entry in history if entry["from"] != entry["to"]]


def test_life_with_every_operator_in_time_passes_through_all_eight_states(site: Site) -> None:
    started = replace(site.init(sandbox=True), starts=True)
    live(
        started if type(site) is Site else site,
        ("2021-08-02", "take_up_post", "host", ("--reason training_shortened",)),
        ("2021-08-16", "confirm_equipment", "host", ("has_computers=yes", "has_rooms=yes")),
    )
    history = started.ask("history", "A-1")
    assert states(history) == EIGHT
    moves = {entry["to"]: entry for entry in history if entry["from"] != entry["to"]}
    assert moves["in_post"]["actor"].startswith("operator:")
    # 36 months from the signature on the 25th of March 2021, first day counted: to the end of the 24th of March 2024.
    assert moves["convention_ended"]["occurred_at"] == "2024-03-24T23:00:00Z"
    assert moves["convention_ended"]["kind"] == "timeout"
    explained = started.ask("explain", "A-1", "convention")
    assert (explained["last_day"], explained["due_at"]) == ("2024-03-24", "2024-03-24T23:00:00Z")
    assert explained["steps"]
    assert started.parcours("doctor").code == 0
    started.parcours("audit", "seal")
    assert started.ask("audit", "verify")["ok"]


def test_life_in_which_deadlines_do_all_that_they_can(site: Site, tmp_path: Path) -> None:
    live(site.init(sandbox=True))
    history = site.ask("history", "A-1")
    assert states(history) == EIGHT
    fired = {entry["deadline"]: entry for entry in history if entry["kind"] in ("timeout", "missed")}
    # Four months from the 5th of April, that day counted: to the end of the 4th of August.
    took_up = (fired["training"]["trigger"], fired["training"]["occurred_at"])
    assert took_up == ("take_up_post", "2021-08-04T22:00:00Z")
    assert fired["equipment"]["occurred_at"] == "2021-09-04T22:00:00Z"
    assert fired["funding"]["occurred_at"] == "2023-03-24T23:00:00Z"
    assert fired["convention"]["occurred_at"] == "2024-03-24T23:00:00Z"
    assert {entry["actor"] for entry in fired.values()} == {"scheduler"}
    assert site.ask("explain", "A-1", "training")["last_day"] == "2021-08-04"
    assert shape(swept_at_random(tmp_path)) == shape(site)


def swept_at_random(folder: Path) -> Site:
    """The same life, in which the daemon ran for moments here and there."""
    site, chance = Site(folder / "swept").at("2021-03-01T09:00:00Z"), random.Random(3)
    site.folder.mkdir()
    site.init(sandbox=True).place("A-1")
    for day, trigger, role, fields in ACTS:
        if chance.random() < 0.5:
            site.at(f"{day}T00:30:00Z").parcours("run", "--once")
        values = dict(field.split("=", 1) for field in fields)
        site.at(f"{day}T09:00:00Z").fire("A-1", trigger, role, **values)
    now = datetime(2021, 4, 5, 9, tzinfo=UTC)
    while (now := now + timedelta(days=chance.uniform(1, 500))).isoformat() < END:
        site.at(now.isoformat()).parcours("run", "--once")
    site.at(END).parcours("run", "--once")
    return site


def shape(site: Site) -> list[tuple[object, ...]]:
    """What law 1 promises to be the same, but for who acted: each installation has its own random ids."""
    return [
        (e.seq, e.kind, e.trigger, e.from_state, e.to_state, e.occurred_at, e.due_at, e.deadline, e.guards)
        for e in site.history("A-1")
    ]
