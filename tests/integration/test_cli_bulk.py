"""`fire` on many: preview, question, an outcome per item."""

from tests.integration.conftest import Cli, grant, place, show_candidate


def three_posts(office: Cli) -> None:
    for reference, territory in (("A-1", "75"), ("A-2", "75"), ("B-1", "974")):
        assert place(office, reference, territory).code == 0


def test_several_references_are_done_one_by_one(office: Cli) -> None:
    three_posts(office)
    answer = grant(office, "A-1", "A-2", "B-1")
    assert answer.code == 0
    assert [(item["reference"], item["done"]) for item in answer.json["items"]] == [
        ("A-1", True), ("A-2", True), ("B-1", True),
    ]  # fmt: skip
    correlations = {item["entries"][0]["correlation"] for item in answer.json["items"]}
    assert len(correlations) == 1
    assert correlations != {None}


def test_one_refusal_spoils_no_other_and_is_exit_three(office: Cli) -> None:
    three_posts(office)
    grant(office, "A-1")
    answer = grant(office, "A-1", "A-2", "unknown")
    assert answer.code == 3
    first, second, third = answer.json["items"]
    assert [blocker["code"] for blocker in first["error"]["blockers"]] == ["already_recorded"]
    assert second["done"] is True
    assert third["error"]["code"] == "not_found"
    assert (answer.json["done"], answer.json["refused"]) == (1, 2)


def test_without_a_person_or_yes_nothing_is_done(office: Cli) -> None:
    three_posts(office)
    words = ("fire", "A-1", "A-2", "grant_post", "--role", "anct", "--set", "granted_on=2021-03-01")
    as_json = office(*words, "--json")
    assert (as_json.code, as_json.json["error"]["code"]) == (2, "wrong_usage")
    assert [item["reference"] for item in as_json.json["error"]["preview"]] == ["A-1", "A-2"]
    plain = office(*words)
    assert plain.code == 2
    assert "A-2" in plain.out
    assert "--yes" in plain.err
    assert office("show", "A-1", "--json").json["revision"] == 1


def test_where_takes_the_filters_of_list(office: Cli) -> None:
    three_posts(office)
    words = ("fire", "--where", "state=ami_application territory=75", "grant_post", "--role", "anct")
    answer = office(*words, "--set", "granted_on=2021-03-01", "--yes", "--json")
    assert answer.code == 0
    assert [item["reference"] for item in answer.json["items"]] == ["A-1", "A-2"]
    assert office("show", "B-1", "--json").json["revision"] == 1


def test_where_refuses_what_is_no_filter(office: Cli) -> None:
    three_posts(office)
    for where in ("", "colour=blue", "state", "overdue=yes", "state='in_post", "state=nowhere"):
        assert office("fire", "--where", where, "grant_post", "--yes").code == 2
    assert office("fire", "A-1", "--where", "territory=75", "grant_post", "--yes").code == 2


def test_where_that_selects_nobody_does_nothing(office: Cli) -> None:
    three_posts(office)
    answer = office("fire", "--where", "territory=13", "grant_post", "--yes", "--json")
    assert (answer.code, answer.json["items"]) == (0, [])


def test_dry_run_of_many_writes_nothing(office: Cli) -> None:
    three_posts(office)
    words = (
        "fire",
        "A-1",
        "A-2",
        "grant_post",
        "--role",
        "anct",
        "--set",
        "granted_on=2021-03-01",
        "--dry-run",
    )
    answer = office(*words, "--json")
    assert (answer.code, answer.json["dry_run"], answer.json["done"]) == (0, True, 0)
    assert office("show", "A-1", "--json").json["revision"] == 1


def test_item_that_moved_on_since_the_preview_is_stale(office: Cli) -> None:
    three_posts(office)
    grant(office, "A-1", "A-2")
    show_candidate(office, "A-1")
    # The selection lapses in settling, which makes another revision than the one that was previewed.
    words = (
        "fire",
        "A-1",
        "A-2",
        "withdraw",
        "--role",
        "host",
        "--reason",
        "host_withdrew",
        "--yes",
        "--json",
    )
    answer = office(*words, clock="2021-03-20T00:00:00Z")
    first, second = answer.json["items"]
    assert (answer.code, first["error"]["code"], second["done"]) == (3, "stale", True)


def test_unknown_trigger_is_wrong_usage_for_all(office: Cli) -> None:
    three_posts(office)
    assert office("fire", "A-1", "A-2", "grant_pots", "--yes", "--json").code == 2


def test_people_read_an_outcome_per_item(office: Cli) -> None:
    three_posts(office)
    words = (
        "fire",
        "A-1",
        "unknown",
        "grant_post",
        "--role",
        "anct",
        "--set",
        "granted_on=2021-03-01",
        "--yes",
    )
    answer = office(*words)
    assert "1 faits, 1 refusés." in answer.out


def test_remarks_and_voids_are_given_to_many_under_one_correlation(office: Cli) -> None:
    three_posts(office)
    noted = office("note", "--where", "territory=75", "Called back", "--yes", "--json")
    voided = office("void", "A-1", "B-1", "--reason", "entered_by_mistake", "--role", "supervisor", "--yes", "--json")
    for answer, references in ((noted, ["A-1", "A-2"]), (voided, ["A-1", "B-1"])):
        assert (answer.code, [item["reference"] for item in answer.json["items"]]) == (0, references)
        assert len({item["entries"][0]["correlation"] for item in answer.json["items"]}) == 1
    assert "Called back" not in office("history", "A-1", "--json").out


def test_a_remark_without_a_placement_is_wrong_usage(office: Cli) -> None:
    answer = office("note", "Called back")
    assert (answer.code, answer.out) == (2, "")


def test_a_legal_hold_is_laid_on_many_and_ended(office: Cli) -> None:
    three_posts(office)
    held = office("person", "hold", "--where", "territory=75", "--reason", "other", "--role", "supervisor", "--yes")
    assert held.code == 0
    assert [office("show", name, "--json").json["held"] for name in ("A-1", "A-2", "B-1")] == [True, True, False]
    words = ("person", "release", "A-1", "A-2", "--reason", "other", "--role", "supervisor", "--yes", "--json")
    assert [item["done"] for item in office(*words).json["items"]] == [True, True]
    assert office(*words).code == 3
