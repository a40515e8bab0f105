"""The static checks: each fault of a process is found, once, on the line that has to be changed."""

import pytest

from tests.unit.definitions import findings, marked_lines, shipped, small

CLOSE = "  close: {from: [open, waiting], to: closed, by: [clerk, scheduler]}\n"
ANSWER = "  answer: {after: open, within: 15 days, while: open, then: close}\n"
WAITING = "  waiting: {open_ended: true}\n"


def deadline(line: str) -> tuple[str, str]:
    return (ANSWER, ANSWER + line)


FAULTS = {
    "unreachable": ("unreachable_state", [(WAITING, WAITING + "  island: {final: true}  # <-\n")]),
    "no way out": (
        "no_way_out",
        [
            (WAITING, "  waiting: {open_ended: true}  # <-\n"),
            (CLOSE, "  close: {from: open, to: closed, by: [clerk, scheduler]}\n"),
        ],
    ),
    "leaves a final state": (
        "leaves_final_state",
        [(CLOSE, CLOSE + "  reopen: {from: closed, to: open, by: [clerk]}  # <-\n")],
    ),
    "leaves all states": (
        "leaves_final_state",
        [(CLOSE, CLOSE + "  restart:\n    from: all_states  # <-\n    to: open\n    by: [clerk]\n")],
    ),
    "waits for nothing": ("waits_for_nothing", [(WAITING, "  waiting: {}  # <-\n")]),
    "waits for what began nowhere yet": (
        "waits_for_nothing",
        [
            ("  open: {}\n", "  open: {}  # <-\n"),
            (
                ANSWER,
                "  answer: {after: waiting, first: true, within: 15 days, since: waiting, while: open_states,"
                " then: close}\n",
            ),
            (CLOSE, CLOSE + "  hand_back: {from: waiting, to: open, by: [clerk]}\n"),
        ],
    ),
    "waits for a date that may be unset": (
        "waits_for_nothing",
        [
            (WAITING, "  waiting: {}  # <-\n"),
            deadline("  due: {after: {field: due_on}, within: 1 day, while: waiting, if_unset: waits}\n"),
        ],
    ),
    "anchor never set": (
        "anchor_not_set",
        [deadline("  due:\n    after: {field: due_on}  # <-\n    within: 1 day\n    while: waiting\n")],
    ),
    "anchor emptied on the way": (
        "anchor_not_set",
        [
            ("due_on: {type: date}", "due_on: {type: date, required: true, unset_by: [pass_on]}"),
            deadline("  due: {after: {field: due_on}, within: 1 day, while: open_states}  # <-\n"),
        ],
    ),
    "anchor on one of two paths": (
        "anchor_not_set",
        [
            (CLOSE, CLOSE + "  skip: {from: open, to: waiting, by: [clerk], needs: [due_on]}\n"),
            deadline("  due: {after: {field: due_on}, within: 1 day, while: waiting}  # <-\n"),
        ],
    ),
    "never fires in a final state": (
        "never_fires",
        [deadline("  late:\n    after: open\n    within: 1 day\n    while: closed  # <-\n")],
    ),
    "never fires before its since": (
        "never_fires",
        [deadline("  late: {after: open, within: 1 day, since: waiting, while: open}  # <-\n")],
    ),
    "never fires after its while": (
        "never_fires",
        [deadline("  late: {after: closed, within: 1 day, while: open, if_unset: waits}  # <-\n")],
    ),
    "then not in every state": (
        "then_not_allowed",
        [deadline("  late:\n    after: open\n    within: 1 day\n    while: open_states\n    then: pass_on  # <-\n")],
    ),
    "then not for the scheduler": (
        "then_not_allowed",
        [("by: [clerk, scheduler]", "by: [clerk]"), ("then: close}", "then: close}  # <-")],
    ),
    "then after a later since": (
        "then_not_allowed",
        [
            ("by: [clerk, scheduler]}", "by: [clerk, scheduler], since: waiting}"),
            ("then: close}", "then: close}  # <-"),
        ],
    ),
    "then with needs": (
        "then_has_needs",
        [("scheduler]}", "scheduler], needs: [due_on]}"), ("then: close}", "then: close}  # <-")],
    ),
    "then with a reason": (
        "then_has_needs",
        [("scheduler]}", "scheduler], reason: required}"), ("then: close}", "then: close}  # <-")],
    ),
    "reminder after its deadline": (
        "late_reminder",
        [("then: close}", "then: close, remind: [5 days before, 16 days after]}  # <-")],
    ),
    "reminder that February makes late": (
        "late_reminder",
        [
            ("15 days, while: open,", "1 month, while: open, remind: [29 days after],"),
            ("then: close}", "then: close}  # <-"),
        ],
    ),
    "reminder after so many hours": (
        "late_reminder",
        [
            ("15 days, while: open,", "48 hours, while: open, remind: [2 days after],"),
            ("then: close}", "then: close}  # <-"),
        ],
    ),
    "reminder after the shortest length": (
        "late_reminder",
        [
            (
                "15 days, while: open,",
                "{field: months, unit: months}, while: open, remind: [3 months after],",
            ),
            ("then: close}", "then: close}  # <-"),
        ],
    ),
    "reminder after a length without a minimum": (
        "late_reminder",
        [
            ("months: {type: integer, minimum: 2, maximum: 36, default: 6}", "months: {type: integer, default: 6}"),
            (
                "15 days, while: open,",
                "{field: months, unit: months}, while: open, remind: [1 day after],",
            ),
            ("then: close}", "then: close}  # <-"),
        ],
    ),
    "reminder on a milestone's day": (
        "late_reminder",
        [
            deadline(
                "  tranche: {milestone: true, after: open, within: 9 days, while: open,\n"
                "            remind: [0 days before]}  # <-\n"
            )
        ],
    ),
    "ambiguous": (
        "ambiguous_trigger",
        [
            (
                "  pass_on: {from: open, to: waiting, by: [clerk]}\n",
                "  pass_on:\n"
                "    - {from: open, to: waiting, by: [clerk], when: months > 2}\n"
                "    - {from: open, to: closed, by: [clerk], when: months < 6}  # <-\n",
            )
        ],
    ),
    "shadowed": (
        "never_taken",
        [
            (
                "  pass_on: {from: open, to: waiting, by: [clerk]}\n",
                "  pass_on:\n"
                "    - {from: open, to: waiting, by: [clerk], first_that_holds: true}\n"
                "    - {from: open, to: closed, by: [clerk], first_that_holds: true}  # <-\n",
            )
        ],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found_on_its_line(name: str) -> None:
    code, changes = FAULTS[name]
    text = small(*changes)
    assert [(finding.code, finding.line) for finding in findings(text)] == [(code, line) for line in marked_lines(text)]


def test_cycle_of_automatic_transitions_is_found_at_each_of_its_transitions() -> None:
    text = small(
        (
            "deadlines:",
            "automatic:\n  on: {from: open, to: waiting, when: months > 2}  # <-\n"
            "  back: {from: waiting, to: open}  # <-\ndeadlines:",
        )
    ).replace("  on:", '  "on":')
    assert [(f.code, f.line) for f in findings(text)] == [("automatic_cycle", line) for line in marked_lines(text)]


def test_shipped_definition_has_no_finding() -> None:
    assert findings(shipped()) == ()


@pytest.mark.parametrize(
    "change",
    [
        ("while: [candidate_selected, training_body_contacted]\n", "while: [candidate_selected, in_post]\n"),
        (
            "    since: contract_signed\n    by: [scheduler, anct]\n",
            "    since: in_post\n    by: [scheduler, anct]\n",
        ),
        ("    if_unset: waits\n    while: ami_application\n", "    while: ami_application\n"),
        (
            "      first_that_holds: true\n      when: other_candidates_remain\n",
            "      when: other_candidates_remain\n",
        ),
    ],
)
def test_shipped_definition_depends_on_each_part(change: tuple[str, str]) -> None:
    assert findings(shipped(change))


@pytest.mark.parametrize(
    "changes",
    [
        [deadline("  due: {after: {field: due_on}, within: 1 day, while: waiting, if_unset: waits}\n")],
        [deadline("  due: {after: [{field: due_on}, waiting], within: 1 day, while: waiting}\n")],
        [
            ("to: waiting, by: [clerk]", "to: waiting, by: [clerk], needs: [due_on]"),
            deadline("  due: {after: {field: due_on}, within: 1 day, while: waiting}\n"),
        ],
        [
            (
                "to: waiting, by: [clerk]}",
                "to: waiting, by: [clerk], guards: [{code: due, require: has(due_on), message: Due}]}",
            ),
            deadline("  due: {after: {field: due_on}, within: 1 day, while: waiting}\n"),
        ],
        [("then: close}", "then: close, remind: [15 days after, 0 days before]}")],
        [(CLOSE, CLOSE + "  note: {from: all_states, by: [clerk]}\n")],
        [
            (
                "  pass_on:",
                "  decide:\n"
                "    - {from: open, to: waiting, by: [clerk], when: has(due_on)}\n"
                "    - {from: open, to: closed, by: [clerk], when: '!has(due_on)'}\n  pass_on:",
            )
        ],
        [
            (
                "  pass_on:",
                "  decide:\n"
                "    - {from: open, to: waiting, by: [clerk], when: role == 'clerk'}\n"
                "    - {from: open, to: closed, by: [clerk], when: \"role in ['a', 'b']\"}\n  pass_on:",
            )
        ],
        [
            (
                "  pass_on:",
                "  decide:\n"
                "    - {from: open, to: waiting, by: [clerk], when: months <= 6}\n"
                "    - {from: open, to: closed, by: [clerk], when: months > 6}\n  pass_on:",
            )
        ],
    ],
)
def test_sound_process_has_no_finding(changes: list[tuple[str, str]]) -> None:
    assert findings(small(*changes)) == ()


def test_nothing_is_concluded_from_a_process_with_unknown_states() -> None:
    text = small(("to: waiting, by", "to: elsewhere_entirely, by"))
    assert [finding.code for finding in findings(text)] == ["unknown_state"]


def test_a_misspelt_name_is_taken_for_the_one_that_was_meant() -> None:
    text = small(("to: waiting, by", "to: wating, by"), (WAITING, "  waiting: {}\n"))
    assert [finding.code for finding in findings(text)] == ["waits_for_nothing", "unknown_state"]
