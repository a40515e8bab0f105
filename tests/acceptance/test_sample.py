"""The shipped definition and a real-sized file, from nothing: initialise, import, sweep once."""

import shutil
from collections import Counter

from tests.acceptance.driver import ROOT, Site

SAMPLE = ROOT / "tests" / "data" / "structures_validees.csv"
POSTS = 3_138


def test_sample_is_imported_and_its_past_deadlines_fire_without_mail(site: Site) -> None:
    shutil.copy(SAMPLE, site.folder / "sample.csv")
    took = {"init": site.parcours("init").took_s}
    imported = site.parcours("import", "sample.csv", "--json")
    assert imported.json["created"] == POSTS
    assert site.rows("SELECT count(*), count(DISTINCT reference) FROM placement") == [(POSTS, POSTS)]
    listed = site.parcours("deadlines", "--limit", "1000000", "--json").json["items"]
    assert len({item["reference"] for item in listed}) == POSTS
    assert {item["name"] for item in listed} == {"no_candidate"}

    swept = site.parcours("run", "--once")
    assert swept.out == ""
    assert Counter(site.rows("SELECT kind FROM history")) == {
        ("placed",): POSTS,
        ("recorded",): POSTS,
        ("missed",): POSTS,
    }
    assert site.rows("SELECT DISTINCT status FROM outbox") == [("stale",)], "nobody is mailed"
    due = {item["reference"]: item["due_at"] for item in listed}
    for reference in list(due)[::500]:
        missed = site.ask("history", reference)[-1]
        assert (missed["kind"], missed["deadline"], missed["actor"]) == ("missed", "no_candidate", "scheduler")
        assert missed["occurred_at"] == missed["due_at"] == due[reference]

    again = site.parcours("import", "sample.csv", "--json")
    assert (again.json["created"], again.json["unchanged"], again.json["refused"]) == (0, POSTS, [])
    assert site.parcours("run", "--once").err == ""
    took |= {"import": imported.took_s, "sweep": swept.took_s, "import again": again.took_s}
    print(", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items()))
