"""Corrections on the command line: what they answer, for people and programs, of one placement and of many."""

import pytest

from tests.integration.conftest import Cli, Once, Said, grant, initialised, place, show_candidate

SUPERVISOR = ("--role", "supervisor", "--reason", "entered_by_mistake")
LATER = "2021-03-18T09:00:00Z"


def one_shown(office: Cli) -> None:
    """A-1, with a candidate shown on the 1st of March 2021: the selection ends on the 16th."""
    initialised(office)
    place(office, "A-1")
    grant(office, "A-1")
    show_candidate(office, "A-1")


@pytest.fixture
def shown(once: Once) -> Cli:
    return once(one_shown)


def select(cli: Cli, *words: str, role: str = "host", clock: str | None = None) -> Said:
    fields = ("--set", "selected_candidate_ref=C-7")
    return cli("fire", "A-1", "select_candidate", "--role", role, *fields, *words, "--json", clock=clock)


def codes(answer: Said) -> set[str]:
    return {blocker["code"] for blocker in answer.json["error"]["blockers"]}


def kinds(answer: Said) -> list[str]:
    return [entry["kind"] for entry in answer.json["entries"]]


def moved(answer: Said) -> dict[str, tuple[str | None, str | None]]:
    """The deadlines that moved: last day before and after."""
    return {
        each["name"]: (each["before"] and each["before"]["last_day"], each["after"] and each["after"]["last_day"])
        for each in answer.json["moved"]
    }


def steps(cli: Cli, deadline: str = "selection") -> list[str]:
    return [step["code"] for step in cli("explain", "A-1", deadline, "--json").json["steps"]]


def on_reunion(office: Cli) -> None:
    """A-1 on La Réunion, where a candidate is shown on the 2nd of March while it is the 1st in Paris."""
    office("stats", clock="2021-03-01T21:00:00Z")
    place(office, "A-1", "974")
    grant(office, "A-1")
    show_candidate(office, "A-1", at="2021-03-02T00:30:00+04:00")


def test_late_fact_needs_the_flag_and_a_supervisor(shown: Cli) -> None:
    fact = ("--at", "2021-03-15", "--reason", "other")
    assert codes(select(shown, *fact, clock=LATER)) == {"entries_in_the_way"}
    assert codes(select(shown, *fact, "--late")) == {"role_not_allowed"}
    answer = select(shown, *fact, "--late", role="supervisor")
    assert (answer.code, answer.json["state"], kinds(answer)) == (0, "candidate_selected", ["reversal", "transition"])
    assert answer.json["entries"][1]["late"] is True


def test_history_marks_what_was_reversed_and_what_came_late(shown: Cli) -> None:
    select(shown, "--at", "2021-03-15", "--reason", "A letter", "--late", role="supervisor", clock=LATER)
    entries = shown("history", "A-1", "--json").json
    (timeout,) = (entry for entry in entries if entry["kind"] == "timeout")
    (reversal,) = (entry for entry in entries if entry["kind"] == "reversal")
    assert (timeout["reversed_by"], reversal["concerns"]) == (reversal["seq"], timeout["seq"])
    read = shown("history", "A-1", "--lang", "en").out
    assert f"timeout lapse_selection (reversed by {reversal['seq']})" in read
    assert "transition select_candidate (in time, entered late)" in read
    assert "A letter" not in read


def test_reverse_answers_with_state_entries_and_the_deadlines_that_moved(shown: Cli) -> None:
    select(shown)
    answer = shown("reverse", "A-1", *SUPERVISOR, "--json")
    assert (answer.code, answer.json["state"], kinds(answer)) == (0, "candidate_shown", ["reversal"])
    assert moved(answer) == {"signature": ("2021-03-16", None), "selection": (None, "2021-03-16")}
    assert answer.json["entries"][0]["reason"] == "entered_by_mistake"


def test_correction_needs_a_supervisor_and_a_reason(shown: Cli) -> None:
    for words in (("reverse", "A-1"), ("amend", "A-1"), ("deadline", "pause", "A-1", "selection")):
        answer = shown(*words, "--json")
        assert answer.code == 3
        assert {"role_needed", "reason_needed"} <= codes(answer)


def test_reversed_timeout_asks_for_a_date_or_a_waiver(shown: Cli) -> None:
    shown("run", "--once", clock=LATER)
    assert codes(shown("reverse", "A-1", *SUPERVISOR, "--json")) == {"date_needed"}
    extended = shown("reverse", "A-1", *SUPERVISOR, "--extend-to", "2021-03-30", "--json")
    assert moved(extended)["selection"] == (None, "2021-03-30")
    assert steps(shown)[-3:] == ["moved", "last_day", "instant"]


def test_waived_deadline_says_so(shown: Cli) -> None:
    shown("run", "--once", clock=LATER)
    answer = shown("reverse", "A-1", *SUPERVISOR, "--waive", "--json")
    assert (answer.json["state"], answer.json["deadlines"]) == ("candidate_shown", [])
    assert steps(shown)[-1] == "waived"


def test_wrong_usage_of_reverse(shown: Cli) -> None:
    assert shown("reverse", "A-1", *SUPERVISOR, "--waive", "--extend-to", "2021-03-30").code == 2
    assert shown("reverse", "A-1", *SUPERVISOR, "--extend-to", "soon").code == 2
    assert shown("reverse", "A-1", *SUPERVISOR, "--extend-to", "2021-03-30T10:00").code == 2
    assert shown("reverse", *SUPERVISOR).code == 2
    assert shown("reverse", "A-1", *SUPERVISOR, "--where", "territory=75").code == 2
    assert shown("reverse", "unknown", *SUPERVISOR).code == 5


def test_pause_and_resume_give_the_days_back_and_are_explained(shown: Cli) -> None:
    reason = ("--role", "supervisor", "--reason", "Sick leave")
    paused = shown("deadline", "pause", "A-1", "selection", *reason, "--ground", "A law", "--json",
                   clock="2021-03-05T09:00:00Z")  # fmt: skip
    assert (kinds(paused), paused.json["moved"], paused.json["deadlines"][0]["status"]) == (["pause"], [], "paused")
    assert steps(shown)[-3:] == ["paused", "last_day", "instant"]
    resumed = shown("deadline", "resume", "A-1", "selection", *reason, "--json", clock="2021-03-25T09:00:00Z")
    assert moved(resumed) == {"selection": ("2021-03-16", "2021-04-05")}
    told = shown("explain", "A-1", "selection", "--json").json
    assert [step["code"] for step in told["steps"]] == [
        "anchor", "rule", "by_the_rule", "paused", "last_day", "instant",
    ]  # fmt: skip
    assert told["steps"][3]["details"] == {"from": "2021-03-05", "until": "2021-03-25", "day": "2021-04-05"}
    assert (told["last_day"], told["steps"][-1]["details"]["instant"]) == ("2021-04-05", told["due_at"])
    assert "Sick leave" not in shown("history", "A-1", "--json").out


def test_extend_and_move(shown: Cli) -> None:
    extended = shown("deadline", "extend", "A-1", "selection", "--by", "10 days", *SUPERVISOR, "--json")
    assert moved(extended) == {"selection": ("2021-03-16", "2021-03-26")}
    assert steps(shown)[-3:] == ["extended", "last_day", "instant"]
    read = shown("deadline", "move", "A-1", "selection", "--to", "2021-04-09", *SUPERVISOR, "--lang", "en").out
    assert "selection  2021-03-26       2021-04-09" in read
    assert shown("deadline", "move", "A-1", "no_such", "--to", "2021-04-09", *SUPERVISOR).code == 2
    assert shown("deadline", "move", "A-1", "selection", *SUPERVISOR).code == 2
    soon = shown("deadline", "extend", "A-1", "selection", "--by", "soon", *SUPERVISOR, "--json")
    assert codes(soon) == {"length_not_readable"}


def test_amendment_that_would_shorten_keeps_the_later_day(office: Cli) -> None:
    on_reunion(office)
    answer = office("amend", "A-1", "--set", "territory=75", *SUPERVISOR, "--json")
    assert (answer.code, kinds(answer)) == (0, ["amendment", "extension"])
    assert moved(answer) == {"selection": ("2021-03-17", "2021-03-17")}, "the same day, which ends later in Paris"
    assert steps(office)[-3:] == ["moved", "last_day", "instant"]


def test_amendment_with_consent_may_shorten(office: Cli) -> None:
    on_reunion(office)
    words = ("amend", "A-1", "--set", "territory=75", "--accept-earlier", *SUPERVISOR, "--json")
    answer = office(*words)
    assert (kinds(answer), moved(answer)) == (["amendment"], {"selection": ("2021-03-17", "2021-03-16")})
    assert office("amend", "A-1", "--set", "colour=blue", *SUPERVISOR).code == 2


def test_key_and_revision_hold_for_corrections(shown: Cli) -> None:
    select(shown)
    words = ("reverse", "A-1", *SUPERVISOR, "--key", "K", "--json")
    assert shown("reverse", "A-1", *SUPERVISOR, "--expect", "1").code == 4
    first, again = shown(*words), shown(*words)
    assert (again.code, again.json["repeated"], again.json["moved"]) == (0, True, [])
    assert again.json["entries"][0]["hash"] == first.json["entries"][0]["hash"]


def test_dry_run_of_a_correction_writes_nothing(shown: Cli) -> None:
    select(shown)
    before = shown("history", "A-1", "--json").out
    answer = shown("reverse", "A-1", *SUPERVISOR, "--dry-run", "--json")
    assert (answer.json["dry_run"], answer.json["state"]) == (True, "candidate_shown")
    assert moved(answer)["selection"] == (None, "2021-03-16")
    assert shown("history", "A-1", "--json").out == before


def test_bulk_of_corrections_asks_first_and_has_an_outcome_per_item(shown: Cli) -> None:
    place(shown, "A-2")
    words = ("deadline", "pause", "A-1", "A-2", "selection", *SUPERVISOR, "--json")
    asked = shown(*words)
    assert (asked.code, [item["reference"] for item in asked.json["error"]["preview"]]) == (2, ["A-1", "A-2"])
    answer = shown(*words, "--yes")
    first, second = answer.json["items"]
    assert (answer.code, first["done"], first["entries"][0]["kind"]) == (3, True, "pause")
    assert [blocker["code"] for blocker in second["error"]["blockers"]] == ["not_running"]
    assert first["entries"][0]["correlation"].startswith("bulk:")


def test_where_selects_what_is_corrected(shown: Cli) -> None:
    place(shown, "B-1", "974")
    where = ("--where", "state=candidate_shown territory=75")
    answer = shown("deadline", "extend", "selection", *where, "--by", "5 days", *SUPERVISOR, "--yes", "--json")
    assert (answer.code, [item["reference"] for item in answer.json["items"]]) == (0, ["A-1"])
    assert answer.json["items"][0]["moved"][0]["after"]["last_day"] == "2021-03-21"
    reversed_ = shown("reverse", *where, *SUPERVISOR, "--yes", "--json")
    assert [item["state"] for item in reversed_.json["items"]] == ["ami_application"]


def test_show_looks_back_at_what_was_believed_and_at_what_was_true(shown: Cli) -> None:
    shown("run", "--once", clock="2021-03-17T09:00:00Z")
    select(shown, "--at", "2021-03-15", "--reason", "other", "--late", role="supervisor", clock=LATER)

    def state(*words: str) -> str:
        answer = shown("show", "A-1", *words, "--json").json
        return f"{answer['state']}, behind: {answer['behind']}"

    assert state("--as-of", "2021-03-17T12:00") == "post_vacant, behind: False"
    assert state("--at", "2021-03-17T12:00") == "candidate_selected, behind: False"
    assert state("--at", "2021-03-10") == "candidate_shown, behind: False"
    assert state("--as-of", "2021-03-17T12:00", "--at", "2021-03-16") == "candidate_shown, behind: False"
    assert shown("show", "A-1", "--as-of", "2020-01-01").code == 5
    assert shown("show", "A-1", "--as-of", "yesterday").code == 2


def test_corrections_are_logged_under_their_names(shown: Cli) -> None:
    words = ("--log-level", "info", "--log-format", "json")
    select(shown)
    assert '"entry.reversed"' in shown("reverse", "A-1", *SUPERVISOR, *words).err
    assert '"deadline.extended"' in shown(
        "deadline", "extend", "A-1", "selection", "--by", "1 day", *SUPERVISOR, *words
    ).err  # fmt: skip
    assert '"field.amended"' in shown("amend", "A-1", "--set", "host_name=Nuits", *SUPERVISOR, *words).err


def test_answer_of_an_amendment_names_what_would_have_been(shown: Cli) -> None:
    shown("run", "--once", clock=LATER)
    words = ("amend", "A-1", "--set", "territory=974", *SUPERVISOR)
    preview = shown(*words, "--dry-run", "--lang", "en").out
    assert "What has ended stays as it is. With this correction the date would have been:" in preview
    assert "selection  6      2021-03-17 03:00 Indian/Reunion  2021-03-17 00:00 Indian/Reunion" in preview
    [told] = (each for each in shown(*words, "--json").json["otherwise"] if each["name"] == "selection")
    assert told == {
        "name": "selection",
        "kind": "timeout",
        "seq": 6,
        "was": {"last_day": "2021-03-16", "due_at": "2021-03-16T23:00:00Z"},
        "would_be": {"last_day": "2021-03-16", "due_at": "2021-03-16T20:00:00Z"},
    }


def test_one_entry_is_taken_back_by_its_number(shown: Cli) -> None:
    extended = shown("deadline", "extend", "A-1", "selection", "--by", "10 days", *SUPERVISOR, "--json").json
    seq = str(extended["entries"][0]["seq"])
    answer = shown("reverse", "A-1", "--entry", seq, *SUPERVISOR, "--json")
    assert (answer.code, kinds(answer), moved(answer)) == (0, ["reversal"], {"selection": ("2021-03-26", "2021-03-16")})
    assert f"extension (reversed by {int(seq) + 1})" in shown("history", "A-1", "--lang", "en").out
    assert codes(shown("reverse", "A-1", "--entry", seq, *SUPERVISOR, "--json")) == {"entry_not_standing"}
    for words in (("A-1", "A-2"), ("--where", "territory=75"), ()):
        assert shown("reverse", *words, "--entry", seq, *SUPERVISOR, "--yes").code == 2
