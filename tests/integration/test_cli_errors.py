"""What goes wrong on the command line: one sentence or one JSON object, and the documented exit code."""

from pathlib import Path

import pytest

from tests.integration.conftest import Cli, grant, place, show_candidate


def test_blockers_are_a_refusal_with_all_reasons(office: Cli) -> None:
    place(office, "A-1")
    answer = office("fire", "A-1", "grant_post", "--role", "host", "--json")
    assert answer.code == 3
    error = answer.json["error"]
    assert error["code"] == "refused"
    assert {"role_not_allowed", "field_needed"} <= {blocker["code"] for blocker in error["blockers"]}
    assert answer.err == ""


def test_a_refusal_is_one_sentence_in_the_language_asked(office: Cli) -> None:
    place(office, "A-1")
    french = office("fire", "A-1", "grant_post", "--role", "anct")
    english = office("fire", "A-1", "grant_post", "--role", "anct", "--lang", "en")
    assert (french.out, french.err.count("\n")) == ("", 1)
    assert "nécessaire" in french.err
    assert "nécessaire" not in english.err


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (("show", "ZZ"), 5, "not_found"),
        (("history", "ZZ"), 5, "not_found"),
        (("fire", "ZZ", "grant_post"), 5, "not_found"),
        (("can", "ZZ"), 5, "not_found"),
        (("explain", "A-1", "nowhere"), 2, "unknown_name"),
        (("fire", "A-1", "grant_pots"), 2, "unknown_name"),
        (("fire", "A-1", "grant_post", "--set", "grantd_on=2021-03-01"), 2, "unknown_name"),
        (("fire", "A-1", "grant_post", "--set", "granted_on"), 2, "wrong_usage"),
        (("fire", "A-1", "grant_post", "--at", "yesterday"), 2, "wrong_usage"),
        (("fire", "A-1", "grant_post", "--role", "anct", "--set", "granted_on=2021-13-01"), 3, "refused"),
        (("fire", "A-1", "grant_post", "--role", "anct", "--at", "2031-01-01"), 3, "refused"),
        (("fire", "A-1", "grant_post", "--expect", "7"), 4, "stale"),
        (("fire", "grant_post"), 2, "wrong_usage"),
        (("place", "--reference", "A-1", "--territory", "75"), 4, "stale"),
        (("place", "--reference", "A-2", "--territory", "20"), 3, "refused"),
        (("list", "--state", "in_pots"), 2, "unknown_name"),
        (("list", "--limit", "0"), 2, "wrong_usage"),
        (("list", "--after", "nonsense"), 2, "wrong_usage"),
        (("list", "--due-within", "soon"), 2, "wrong_usage"),
        (("definition", "check", "absent.yaml"), 6, "definition_invalid"),
        (("definition", "check", "."), 6, "definition_invalid"),
        (("date", "--batch", "absent.csv"), 2, "wrong_usage"),
        (("date", "--from", "2021-03-01", "--territory", "20", "--within", "15 days"), 2, "wrong_usage"),
        (("shwo", "A-1"), 2, "wrong_usage"),
        (("show",), 2, "wrong_usage"),
        (("show", "A-1", "--color"), 2, "wrong_usage"),
        (("show", "A-1", "--lang", "de"), 2, "wrong_usage"),
        ((), 2, "wrong_usage"),
    ],
)
def test_expected_errors_have_their_code(office: Cli, words: tuple[str, ...], code: int, name: str) -> None:
    place(office, "A-1")
    answer = office(*words, "--json")
    assert (answer.code, answer.json["error"]["code"]) == (code, name)
    assert answer.json["error"]["message"]
    plain = office(*words)
    assert (plain.code, plain.out) == (code, "")
    assert plain.err.strip()
    assert "Traceback" not in plain.err


def test_the_question_for_a_role_is_a_blocker(office: Cli) -> None:
    place(office, "A-1")
    answer = office("fire", "A-1", "grant_post", "--set", "granted_on=2021-03-01", "--json")
    assert answer.code == 3
    assert "role_needed" in [blocker["code"] for blocker in answer.json["error"]["blockers"]]


def test_a_missing_database_says_what_to_do(cli: Cli) -> None:
    answer = cli("show", "A-1")
    assert answer.code == 1
    assert "parcours init" in answer.err


@pytest.mark.parametrize("url", ["sqlite:///text.db", "sqlite:///.", "nonsense", "sqlite:///no/where.db"])
def test_what_is_no_database_is_one_sentence(cli: Cli, tmp_path: Path, url: str) -> None:
    (tmp_path / "text.db").write_text("no database")
    for command in (("list",), ("init", "--sandbox")):
        answer = cli(*command, "--database", url, "--json")
        assert (answer.code, answer.json["error"]["code"]) == (1, "store_unavailable")


def test_a_faulty_definition_is_reported_with_places_and_makes_nothing(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("definition: x\nversion: one\n")
    answer = cli("init", "--sandbox", "--definition", "bad.yaml", "--json")
    assert answer.code == 6
    assert {"file", "line", "column", "code", "message"} == answer.json["error"]["findings"][0].keys()
    assert not (tmp_path / "parcours.db").exists()
    assert "bad.yaml:" in cli("definition", "check", "bad.yaml").err


def test_a_production_database_does_not_open_while_a_clock_is_set(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("init").code == 2
    assert not (tmp_path / "parcours.db").exists()
    monkeypatch.delenv("PARCOURS_CLOCK")
    assert cli("init").code == 0
    monkeypatch.setenv("PARCOURS_CLOCK", "2021-03-01T00:00:00Z")
    assert cli("list", "--json").json["error"]["code"] == "wrong_usage"
    assert cli("list").code == 2


def test_an_unknown_variable_is_named_with_what_was_meant(office: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_LNAG", "en")
    answer = office("list", "--json")
    assert answer.code == 2
    assert "PARCOURS_LANG" in answer.json["error"]["message"]


def test_a_held_placement_answers_eight() -> None:
    from operators.cli.errors import exit_code
    from workflow.errors import Blocker, TransitionRefused

    held, other = Blocker("held", "…"), Blocker("role_needed", "…")
    assert exit_code(TransitionRefused("A", "t", [held])) == 8
    assert exit_code(TransitionRefused("A", "t", [Blocker("incident", "…")])) == 8
    assert exit_code(TransitionRefused("A", "t", [held, other])) == 3


def test_an_unknown_outcome_tells_the_key_to_ask_again(office: Cli) -> None:
    from operators.cli.changes import OutcomeUnknown
    from operators.cli.errors import error_object

    error = OutcomeUnknown("gone", "K-9")
    assert error_object(error, "fr")["key"] == "K-9"
    assert "--key K-9" in error_object(error, "en")["message"]


def test_shared_options_are_taken_before_and_after_the_command(office: Cli) -> None:
    place(office, "A-1")
    grant(office, "A-1")
    show_candidate(office, "A-1")
    for words in (("--json", "show", "A-1"), ("show", "A-1", "--json"), ("show", "--json", "A-1")):
        assert office(*words).json["reference"] == "A-1"
    assert office("--json", "definition", "check").json["findings"] == []
    assert office("definition", "--json", "check").json["findings"] == []
