"""Loading a definition: what it gives, every fault with its place, and an answer for any bytes whatever."""

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.definitions import SMALL, STATES_YAML, define, findings, marked_lines, shipped, small
from workflow.calendar import COUNTINGS, ROLLS, UNITS, Length
from workflow.definition import (
    Condition,
    Default,
    DefaultCase,
    Definition,
    EntryAnchor,
    FieldAnchor,
    FieldLength,
    Label,
    ListItem,
    Place,
    Until,
)
from workflow.errors import DefinitionError
from workflow.language.forms import Counting, Roll, Unit
from workflow.loader import load_definition, read_definition

VARIANT = STATES_YAML.parent / "variants" / "best_effort_selection.yaml"
BYTES = STATES_YAML.read_bytes()


@pytest.fixture(scope="module")
def shipped_definition() -> Definition:
    return load_definition(STATES_YAML)


def test_shipped_definition_loads_with_its_bytes(shipped_definition: Definition) -> None:
    assert shipped_definition.source == BYTES
    assert (shipped_definition.name, shipped_definition.version) == ("placement", 1)
    assert shipped_definition.stale_after_s == 2 * 86400
    assert list(shipped_definition.deadlines)[:2] == ["funding", "tranche_1"]


def test_published_bytes_give_the_same_definition(shipped_definition: Definition) -> None:
    published = read_definition(BYTES, "placement 1")
    assert published == shipped_definition
    assert published.transitions == shipped_definition.transitions
    assert published.deadlines == shipped_definition.deadlines


def test_amounts_become_cents(shipped_definition: Definition) -> None:
    rows = shipped_definition.tables["minimum_wage"].rows
    assert (rows[0].value, rows[0].from_on) == (155458, date(2021, 1, 1))
    grant = shipped_definition.fields["grant_amount"].default
    assert grant is not None
    assert grant.modulated_by == "funded_months"
    assert grant.cases[1] == DefaultCase({"host_type": ("PRIVATE",)}, 3_200_000, 18)
    assert shipped_definition.fields["amount"].minimum == 0


def test_ranges_of_territories_are_expanded(shipped_definition: Definition) -> None:
    first = shipped_definition.tables["minimum_wage"].rows[0].territories
    assert {"01", "19", "95", "2A", "2B", "971", "975", "977", "978"} <= first
    assert not first & {"976", "986", "20"}
    assert len(first) == 94 + 2 + 5 + 2


def test_sets_of_states_are_written_out(shipped_definition: Definition) -> None:
    [withdraw] = shipped_definition.transitions["withdraw"]
    [tranche] = shipped_definition.transitions["record_tranche"]
    assert withdraw.sources == shipped_definition.open_states
    assert tranche.sources == frozenset(shipped_definition.states)


def test_anchors_lengths_and_what_meets_a_deadline(shipped_definition: Definition) -> None:
    convention = shipped_definition.deadlines["convention"]
    assert convention.anchors == (
        FieldAnchor("convention_starts_on"),
        EntryAnchor("contract_signed", first=True),
    )
    assert convention.length == FieldLength("convention_months", "months", 36)
    assert convention.precedes == ("training", "signature", "selection", "vacancy")
    assert shipped_definition.deadlines["tranche_2"].until == Until("record_tranche", 2)
    assert shipped_definition.deadlines["decision"].until == Until(field="granted_on")
    assert shipped_definition.deadlines["selection"].reminders[0].length == Length(5, "days")


def test_conditions_are_predicates_or_expressions(shipped_definition: Definition) -> None:
    first = shipped_definition.transitions["candidate_withdraws"][0]
    assert first.when == Condition(predicates=("other_candidates_remain",), place=Place(283, 13))
    assert shipped_definition.automatic[0].when == Condition("has(training_body_contacted_on)", (), Place(520, 11))


def test_conditions_may_be_a_list_of_both() -> None:
    [pass_on] = define(
        small(("by: [clerk]}", "by: [clerk], when: [months > 2, other_candidates_remain, has(due_on)]}"))
    ).transitions["pass_on"]
    assert pass_on.when is not None
    assert pass_on.when.expression == "(months > 2) && (has(due_on))"
    assert pass_on.when.predicates == ("other_candidates_remain",)


def test_missing_labels_come_from_the_names_and_english_from_french() -> None:
    definition = define(small(("waiting: {open_ended", "waiting: {label: {fr: En attente}, open_ended")))
    assert definition.states["open"].label == Label("Open", "Open")
    assert definition.states["waiting"].label == Label("En attente", "En attente")
    assert definition.fields["due_on"].label == Label("Due on", "Due on")


def test_kept_needs_dated_values_and_lists() -> None:
    definition = define(
        small(
            ("  due_on:", "  kind: {type: choice, values: kinds, default: a}\n  due_on:"),
            ("fields:", "lists: {kinds: [a, {value: b, from: 2021-01-01, until: 2021-12-31}]}\nfields:"),
            ("by: [clerk]}", "by: [clerk], dated_by: due_on, needs: [due_on, {field: kind, kept: true}]}"),
        )
    )
    [pass_on] = definition.transitions["pass_on"]
    assert (pass_on.needs, pass_on.kept, pass_on.dated_by) == (("due_on", "kind"), {"kind"}, "due_on")
    assert definition.fields["kind"].values[1] == ListItem("b", date(2021, 1, 1), date(2021, 12, 31))
    assert definition.fields["kind"].default == Default((DefaultCase({}, "a"),))


def test_first_may_be_said_of_the_whole_deadline() -> None:
    definition = define(small(("{after: open, within", "{after: open, first: true, within")))
    assert definition.deadlines["answer"].anchors == (EntryAnchor("open", first=True),)


def test_best_effort_variant_differs_in_nothing_but_the_lapse(shipped_definition: Definition) -> None:
    variant = load_definition(VARIANT)
    standard_lines, lines = BYTES.decode().splitlines()[1:], VARIANT.read_text("utf-8").splitlines()[1:]
    assert [line for line in lines if line not in standard_lines] == []
    assert set(shipped_definition.transitions) - set(variant.transitions) == {"lapse_selection"}
    assert len(standard_lines) - len(lines) == 12
    assert variant.deadlines["selection"].then is None
    assert shipped_definition.deadlines["selection"].then == "lapse_selection"


# Each change, the code of what is found, and part of the sentence; the finding is on the line marked.
FAULTS: dict[str, tuple[list[tuple[str, str]], str, str]] = {
    "unknown key": (
        [("version: 1\n", "version: 1\ncolour: red  # <-\n")],
        "unknown_key",
        "'colour' is unknown",
    ),
    "misspelt key": (
        [("while: open,", "whle: open,"), ("then: close}", "then: close}  # <-")],
        "unknown_key",
        "did you mean 'while'?",
    ),
    "missing key": (
        [("from: open, to: waiting, ", ""), ("by: [clerk]}\n", "by: [clerk]}  # <-\n")],
        "missing_key",
        "'from' is missing",
    ),
    "duplicate key": (
        [("version: 1\n", "version: 1\nversion: 2  # <-\n")],
        "duplicate_key",
        "on line 2 already",
    ),
    "boolean key": (
        [("version: 1\n", "version: 1\ntrue: 2  # <-\n")],
        "key_not_text",
        "read as true: quote it",
    ),
    "on": (
        [
            ("  open: {}\n", "  open: {}\n  on: {open_ended: true}  # <-\n"),
            ("from: [open, w", "from: ['on', open, w"),
        ],
        "key_not_text",
        "take on for a boolean",
    ),
    "anchor": ([("{type: date}", "&a {type: date}  # <-")], "anchor_not_allowed", "write the value out"),
    "tag": ([("version: 1", "version: !!int 1  # <-")], "tag_not_allowed", "leave it out"),
    "unquoted code": (
        [("{type: date}", "{type: text, default: 01}  # <-")],
        "number_not_allowed",
        'quote it ("01")',
    ),
    "wrong type": (
        [("{type: date}", "{type: date, required: yes}  # <-")],
        "wrong_value",
        "found 'yes', expected true or false",
    ),
    "number for text": (
        [("roles: [clerk]", "roles: [clerk, 12]  # <-"), ("clerk, scheduler", "clerk, scheduler")],
        "wrong_value",
        "quote it",
    ),
    "empty value": (
        [("initial: open\n", "initial: open\ntitle:  # <-\n")],
        "wrong_value",
        "nothing behind 'title'",
    ),
    "bad name": (
        [
            ("  due_on: ", "  due_on: {type: date}  \n  dueOn:"),
            ("dueOn:{type: date}", "dueOn: {type: date}  # <-"),
        ],
        "bad_name",
        "lower-case",
    ),
    "unknown field type": ([("{type: date}", "{type: dat}  # <-")], "wrong_value", "did you mean 'date'?"),
    "unknown state": (
        [("to: waiting, by: [clerk]}", "to: waitin, by: [clerk]}  # <-")],
        "unknown_state",
        "did you mean 'waiting'?",
    ),
    "unknown role": (
        [("to: waiting, by: [clerk]}", "to: waiting, by: [clark]}  # <-")],
        "unknown_role",
        "did you mean 'clerk'?",
    ),
    "unknown field": (
        [("to: waiting, by: [clerk]}", "to: waiting, by: [clerk], takes: [due]}  # <-")],
        "unknown_field",
        "did you mean 'due_on'?",
    ),
    "unknown trigger": ([("then: close}", "then: clos}  # <-")], "unknown_trigger", "did you mean 'close'?"),
    "unknown deadline": (
        [("then: close}", "then: close, before: [answr]}  # <-")],
        "unknown_deadline",
        "did you mean 'answer'?",
    ),
    "unknown list": (
        [("{type: date}", "{type: choice, values: kinds}  # <-")],
        "unknown_list",
        "there are none",
    ),
    "unknown unit": (
        [("15 days", "15 dayz"), ("then: close}", "then: close}  # <-")],
        "wrong_length",
        "'15 dayz' is not a length",
    ),
    "unknown guard": (
        [
            (
                "by: [clerk]}",
                "by: [clerk], guards: [{code: x, predicate: candidate_was_show, message: X}]}  # <-",
            )
        ],
        "unknown_predicate",
        "did you mean 'candidate_was_shown'?",
    ),
    "unknown condition": (
        [("by: [clerk]}", "by: [clerk], when: other_candidates_remai}  # <-")],
        "unknown_predicate",
        "did you mean 'other_candidates_remain'?",
    ),
    "unknown timezone": (
        [("initial: open\n", "initial: open\ntimezone: Europe/Pari  # <-\n")],
        "unknown_timezone",
        "Europe/Pari",
    ),
    "unknown calendar": (
        [("initial: open\n", "initial: open\ncalendar: FR-2026.2  # <-\n")],
        "unknown_calendar",
        "FR-2026.1",
    ),
    "guard of neither kind": (
        [("by: [clerk]}", "by: [clerk], guards: [{code: x, message: X}]}  # <-")],
        "wrong_guard",
        "one of require",
    ),
    "guard of the wrong type": (
        [("by: [clerk]}", "by: [clerk], guards: [{code: x, require: months > due_on, message: X}]}  # <-")],
        "wrong_expression",
        "does not apply",
    ),
    "choice without values": (
        [("  due_on: {type: date}", "  due_on: {type: choice}  # <-")],
        "missing_key",
        "has no values",
    ),
    "values of a text": ([("{type: date}", "{type: text, values: [a]}  # <-")], "wrong_key", "has no values"),
    "minimum of a date": (
        [("{type: date}", "{type: date, minimum: 3}  # <-")],
        "wrong_key",
        "has no minimum",
    ),
    "default outside the bounds": (
        [("default: 6}", "default: 1}  # <-")],
        "wrong_value",
        "below the minimum",
    ),
    "dated by a number": (
        [("to: waiting, by: [clerk]}", "to: waiting, by: [clerk], dated_by: months, needs: [months]}  # <-")],
        "wrong_type",
        "expected a date",
    ),
    "dated by what is not given": (
        [("to: waiting, by: [clerk]}", "to: waiting, by: [clerk], dated_by: due_on}  # <-")],
        "not_given",
        "not in needs",
    ),
    "anchor that is no date": (
        [
            ("after: open,", "after: {field: months},"),
            ("then: close}", "then: close, if_unset: waits}  # <-"),
        ],
        "wrong_type",
        "expected date",
    ),
    "length that is no number": (
        [("15 days", "{field: due_on, unit: days}"), ("then: close}", "then: close}  # <-")],
        "wrong_type",
        "expected integer",
    ),
    "hours that are rolled": (
        [("15 days", "48 hours, roll: next_working_day"), ("then: close}", "then: close}  # <-")],
        "wrong_counting",
        "neither a counting nor a roll",
    ),
    "reminder in hours": (
        [("then: close}", "then: close, remind: [5 hours before]}  # <-")],
        "wrong_length",
        "counted in days",
    ),
    "milestone that fires": (
        [("then: close}", "then: close, milestone: true}  # <-")],
        "wrong_milestone",
        "fires nothing",
    ),
    "reserved state": (
        [(" waiting: {open_ended: true}", " waiting: {open_ended: true}\n  voided: {final: true}  # <-")],
        "reserved_name",
        "built in",
    ),
    "reserved field": (
        [("  due_on:", "  state: {type: text}  # <-\n  due_on:")],
        "reserved_name",
        "built in",
    ),
    "needed and taken": (
        [("to: waiting, by: [clerk]}", "to: waiting, by: [clerk], needs: [due_on], takes: [due_on]}  # <-")],
        "repeated",
        "needed already",
    ),
    "no such day": (
        [("fields:", "lists: {x: [{value: a, from: 2021-02-30}]}  # <-\nfields:")],
        "wrong_value",
        "no day 2021-02-30",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found_on_its_line(name: str) -> None:
    changes, code, part = FAULTS[name]
    text = small(*changes)
    found = [finding for finding in findings(text) if finding.line in marked_lines(text)]
    assert code in [finding.code for finding in found], findings(text)
    assert any(part in finding.message for finding in found), found


@pytest.mark.parametrize("name", FAULTS)
def test_published_bytes_are_looked_at_too(name: str) -> None:
    changes, _, _ = FAULTS[name]
    with_expressions = {"guard of the wrong type", "unknown condition", "unknown calendar"}
    if name in with_expressions:
        assert read_definition(small(*changes).encode(), "published")
    else:
        with pytest.raises(DefinitionError):
            read_definition(small(*changes).encode(), "published")


def test_column_of_an_expression_points_into_it() -> None:
    text = small(("by: [clerk]}", "by: [clerk], when: 'months > 2 && mnths < 5'}"))
    [found] = findings(text)
    line = text.split("\n")[found.line - 1]
    assert line[found.column - 1 :].startswith("mnths")


def test_column_of_a_folded_expression_points_to_its_own_line() -> None:
    text = shipped(("given(tranche_3_due_on) || given(funded", "given(tranche_9_due_on) || given(funded"))
    [found] = findings(text)
    assert text.split("\n")[found.line - 1][found.column - 1 :].startswith("tranche_9_due_on")


def test_deadline_without_a_readable_length_is_read_to_its_end() -> None:
    found = findings(
        small(("within: 15 days, while: open, then: close", "within: 3 fortnights, while: opn, then: cloze"))
    )
    assert {each.code for each in found} == {"wrong_length", "unknown_state", "unknown_trigger"}


def test_all_findings_come_at_once_in_order() -> None:
    text = small(
        ("version: 1", "version: 1\nversion: 1"),
        ("  due_on: {type: date}", "  due_on: {type: date, requird: true}"),
        ("to: waiting, by: [clerk]", "to: waiting, by: [clark]"),
        ("waiting: {open_ended: true}", "waiting: {}"),
        ("then: close}", "then: close, remind: [16 days after]}"),
    )
    found = findings(text)
    assert [finding.code for finding in found] == [
        "duplicate_key",
        "unknown_key",
        "waits_for_nothing",
        "unknown_role",
        "late_reminder",
    ]
    assert list(found) == sorted(found, key=lambda finding: (finding.line, finding.column))


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [
        (b"", "empty", 1, 1),
        (b"# nothing\n", "empty", 1, 1),
        (b"a: 1\nb: \xff\n", "not_utf8", 2, 4),
        ("définition: \x00".encode(), "character_not_allowed", 1, 13),
        (b"a: 1\n\tb: 2\n", "character_not_allowed", 2, 1),
        ("a: 1\nb: \u202eevil\n".encode(), "character_not_allowed", 2, 4),
        (b"a: [1, 2\n", "yaml_syntax", 2, 1),
        (b"a: 1\n---\nb: 2\n", "several_documents", 2, 1),
        (b"[" * 100, "too_deep", 1, 33),
        (b"{a: 1}: 2\n", "key_not_text", 1, 1),
        (b"a:\n" + b"- 1\n" * 50_001, "too_many_nodes", 49_999, 3),
        (b"# " + b"x" * 1024 * 1024, "too_large", 1, 1),
        (b"- 1\n", "wrong_value", 1, 1),
        (b"just text", "wrong_value", 1, 1),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_utf8", 1, 1),
    ],
)
def test_what_is_no_definition_at_all(data: bytes, code: str, line: int, column: int) -> None:
    [found] = findings(data)
    assert (found.code, found.line, found.column) == (code, line, column)


@pytest.mark.parametrize(
    "data",
    [b"\xef\xbb\xbf" + SMALL.encode(), SMALL.replace("\n", "\r\n").encode(), b"---\n" + SMALL.encode()],
    ids=["BOM", "CRLF", "document mark"],
)
def test_what_editors_leave_in_a_file_is_no_fault(data: bytes) -> None:
    assert findings(data) == ()


def test_dates_and_amounts_stay_text() -> None:
    text = small(("{type: date}", "{type: money, minimum: 1554.58}"))
    assert define(text).fields["due_on"].minimum == 155458


def test_unreadable_file_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError) as refused:
        load_definition(tmp_path / "none.yaml")
    [found] = refused.value.findings
    assert (found.code, found.file) == ("file_unreadable", str(tmp_path / "none.yaml"))


def test_finding_reads_as_file_line_column_sentence() -> None:
    [found] = findings(small(("initial: open", "initial: opn")))
    assert str(found) == "test.yaml:3:10: state 'opn' is unknown: did you mean 'open'?"


def test_countings_rolls_and_units_are_those_of_the_calendar() -> None:
    assert (Counting.__args__, Roll.__args__, Unit.__args__) == (COUNTINGS, ROLLS, UNITS)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The shipped definition with some stretches of it replaced, by noise or by parts of itself."""
    data = BYTES
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 30)))
        other = draw(st.integers(0, len(BYTES) - 40))
        chosen = draw(st.sampled_from([b"", b": ", b"[", b"}", b"'", b"- ", b"\n", b"*", b"{a: b}", b"null", b"1"]))
        piece = draw(st.one_of(st.binary(max_size=6), st.just(chosen), st.just(BYTES[other : other + 40])))
        data = data[:start] + piece + data[end:]
    return data


@given(damaged())
def test_any_bytes_give_a_definition_or_findings(data: bytes) -> None:
    begun = time.monotonic()
    found = findings(data)
    assert all(finding.line >= 1 and finding.column >= 1 for finding in found)
    assert time.monotonic() - begun < 5


@given(st.binary(max_size=200))
def test_noise_gives_findings(data: bytes) -> None:
    assert findings(data)
