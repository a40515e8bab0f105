"""One placement on the command line: what the changes and the reads answer, as the contract promises it."""

from tests.integration.conftest import Cli, grant, place, show_candidate

HISTORY_KEYS = {
    "seq", "kind", "trigger", "from", "to", "occurred_at", "recorded_at", "actor", "reason", "fields",
    "deadline", "definition_version", "key", "prev_hash", "hash", "role", "late", "concerns", "reversed_by",
    "correlation", "due_at",
}  # fmt: skip


def test_init_is_repeatable_and_says_what_it_did(cli: Cli) -> None:
    first, second = cli("init", "--sandbox", "--json").json, cli("init", "--sandbox", "--json").json
    assert (first["created"], first["published"], first["sandbox"]) == (True, True, True)
    assert (second["created"], second["published"]) == (False, False)
    assert second["definition"] == first["definition"]


def test_place_answers_with_the_placement_and_its_entry(office: Cli) -> None:
    answer = place(office, "A-1")
    assert answer.code == 0
    assert answer.json["state"] == "ami_application"
    assert [entry["kind"] for entry in answer.json["entries"]] == ["placed"]
    assert answer.json["deadlines"][0]["name"]


def test_fire_tells_state_revision_entries_and_deadlines(office: Cli) -> None:
    place(office, "A-1")
    grant(office, "A-1")
    answer = show_candidate(office, "A-1").json
    assert answer["state"] == "candidate_shown"
    (entry,) = answer["entries"]
    assert entry.keys() == HISTORY_KEYS
    assert (entry["from"], entry["to"], entry["role"]) == ("ami_application", "candidate_shown", "platform")
    (selection,) = (each for each in answer["deadlines"] if each["name"] == "selection")
    assert selection["last_day"] == "2021-03-16"
    assert selection["due_at"] == "2021-03-16T23:00:00Z"


def test_personal_values_are_shown_and_never_in_the_history(office: Cli) -> None:
    place(office, "A-1")
    grant(office, "A-1")
    show_candidate(office, "A-1")
    assert office("show", "A-1", "--json").json["fields"]["candidate_name"] == "Camille Roux"
    assert "Camille" not in office("history", "A-1", "--json").out


def test_show_has_what_the_contract_promises(office: Cli) -> None:
    place(office, "A-1")
    shown = office("show", "A-1", "--json").json
    assert {"reference", "territory", "state", "state_since", "revision", "definition", "fields", "deadlines",
            "wakes_at", "behind", "pending"} <= shown.keys()  # fmt: skip
    assert shown["fields"]["grant_amount"] == "50000.00"
    assert shown["definition"].keys() == {"name", "version", "digest"}


def test_read_says_that_something_is_pending(office: Cli) -> None:
    place(office, "A-1")
    grant(office, "A-1")
    show_candidate(office, "A-1")
    shown = office("show", "A-1", "--json", clock="2021-03-17T00:00:00Z").json
    assert shown["state"] == "candidate_shown"
    assert shown["behind"] is True
    assert "selection" in shown["pending"]
    assert office("list", "--json").json["items"][0]["behind"] is True


def test_settled_entries_come_apart_from_the_command_s_own(office: Cli) -> None:
    place(office, "A-1")
    grant(office, "A-1")
    show_candidate(office, "A-1")
    answer = office("note", "A-1", "Un mot", "--json", clock="2021-03-20T00:00:00Z").json
    assert "timeout" in [entry["kind"] for entry in answer["settled"]]
    assert [entry["kind"] for entry in answer["entries"]] == ["note"]
    assert answer["state"] == "post_vacant"


def test_run_once_fires_what_is_due(office: Cli) -> None:
    place(office, "A-1")
    grant(office, "A-1")
    show_candidate(office, "A-1")
    assert office("run", "--once", clock="2021-03-17T00:00:00Z").code == 0
    timeout = office("history", "A-1", "--json").json[-1]
    assert (timeout["kind"], timeout["trigger"], timeout["actor"]) == (
        "timeout",
        "lapse_selection",
        "scheduler",
    )
    assert timeout["occurred_at"] == "2021-03-16T23:00:00Z"


def test_same_key_is_answered_again(office: Cli) -> None:
    place(office, "A-1")
    words = (
        "fire",
        "A-1",
        "grant_post",
        "--role",
        "anct",
        "--set",
        "granted_on=2021-03-01",
        "--key",
        "K1",
        "--json",
    )
    first, second = office(*words), office(*words)
    assert (first.code, second.code) == (0, 0)
    assert (first.json["repeated"], second.json["repeated"]) == (False, True)
    assert second.json["entries"] == first.json["entries"]


def test_dry_run_writes_nothing(office: Cli) -> None:
    place(office, "A-1")
    grant(office, "A-1")
    answer = office("fire", "A-1", "withdraw", "--role", "host", "--reason", "host_withdrew", "--dry-run", "--json")
    assert (answer.code, answer.json["state"], answer.json["dry_run"]) == (0, "withdrawn", True)
    assert office("show", "A-1", "--json").json["state"] == "ami_application"


def test_can_lists_what_may_fire_and_every_blocker(office: Cli) -> None:
    place(office, "A-1")
    answers = {each["trigger"]: each for each in office("can", "A-1", "--role", "platform", "--json").json}
    assert answers["select_candidate"]["allowed"] is False
    assert answers["select_candidate"]["blockers"][0].keys() == {"code", "message", "details"}
    (one,) = office("can", "A-1", "grant_post", "--role", "anct", "--json").json
    assert (one["allowed"], one["by"]) == (True, ["anct"])


def test_explain_tells_every_step(office: Cli) -> None:
    place(office, "A-1")
    explained = office("explain", "A-1", "decision", "--json").json
    assert {"deadline", "anchored_at", "last_day", "due_at", "steps"} <= explained.keys()
    assert explained["last_day"] == "2021-05-01"
    french, english = (
        office("explain", "A-1", "decision").out,
        office("explain", "A-1", "decision", "--lang", "en").out,
    )
    assert "Dernier jour" in french
    assert "Last day" in english


def test_void_puts_a_placement_aside(office: Cli) -> None:
    place(office, "A-1")
    refused = office("void", "A-1", "--reason", "entered_by_mistake", "--role", "host", "--json")
    assert refused.code == 3
    done = office("void", "A-1", "--reason", "entered_by_mistake", "--role", "supervisor", "--json")
    assert (done.code, done.json["state"]) == (0, "voided")
    assert office("show", "A-1").code == 0


def test_bare_date_is_the_start_of_the_local_day(office: Cli) -> None:
    answer = place(office, "R-1", territory="974").json
    assert answer["state_since"] == "2021-02-28T20:00:00Z"


def test_text_for_people_names_states_and_zones(office: Cli) -> None:
    place(office, "A-1")
    shown = office("show", "A-1")
    assert "Candidature à l'AMI (ami_application)" in shown.out
    assert "2021-03-01 00:00 Europe/Paris" in shown.out
    assert "\x1b" not in shown.out
    assert "Application to the call (ami_application)" in office("show", "A-1", "--lang", "en").out
