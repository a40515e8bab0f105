"""Mistakes as people make them in `states.yaml`: what each changes; `# <-` marks the line that has to be put right."""
# ruff: noqa: E501 (the lines are those of the file)

import re
from typing import NamedTuple

from tests.unit.definitions import STATES_YAML

_SELECTION = "    after: candidate_shown\n    within: 15 days\n"
_SIGNATURE = "    within: 15 days\n    while: [candidate_selected, training_body_contacted]\n"
_DEADLINES = "# Their order is the order at one instant.\ndeadlines:\n"
_STATES = "states:\n  ami_application:"
_BEFORE = "    before: [training, signature, selection, vacancy]\n"


class Mistake(NamedTuple):
    """A mistake: the code under which it is found, and the parts of the text that it replaces."""

    code: str
    changes: tuple[tuple[str, str], ...]


def _label(beginning: str) -> str:
    """The line of an invariant's label that begins so."""
    lines = STATES_YAML.read_text("utf-8").splitlines(keepends=True)
    return next(line for line in lines if re.match(rf'  - label: {{fr: "?{beginning}', line))


def _one(code: str, old: str, new: str, *more: tuple[str, str]) -> Mistake:
    return Mistake(code, ((old, new), *more))


MISTAKES = {
    "a state that nothing leads to": _one(
        "unreachable_state",
        _STATES,
        "states:\n  on_leave: {open_ended: true}  # <-\n  ami_application:",
    ),
    "a state that nothing leaves": _one(
        "no_way_out",
        _STATES,
        "states:\n  suspended: {open_ended: true}  # <-\n  ami_application:",
        ("    from: open_states\n    to: convention_ended\n", "    from: [in_post, in_training]\n    to: convention_ended\n"),
        ("    from: open_states\n    to: withdrawn\n", "    from: [ami_application, in_post]\n    to: withdrawn\n"),
        ("  withdraw:\n", "  suspend: {from: in_post, to: suspended, by: [anct]}\n  withdraw:\n"),
    ),
    "a final state that is left": _one(
        "leaves_final_state",
        "  withdraw:\n",
        "  reopen:\n    from: post_returned  # <-\n    to: post_vacant\n    by: [anct]\n  withdraw:\n",
    ),
    "a state in which no clock runs": _one(
        "waits_for_nothing",
        "  training_body_contacted: {label",
        "  training_body_contacted:  # <-\n    {label",
        (_SIGNATURE, "    within: 15 days\n    while: candidate_selected\n"),
    ),
    "an anchor that may be unset": _one(
        "anchor_not_set",
        "    after: {field: granted_on}\n    within: 30 days\n    if_unset: waits\n",
        "    after: {field: granted_on}  # <-\n    within: 30 days\n",
    ),
    "a clock that runs where its anchor is not": _one(
        "never_fires",
        "    after: in_post\n    within: 30 days\n    while: in_post\n",
        "    after: in_post  # <-\n    within: 30 days\n    while: ami_application\n",
    ),
    "a notice later than the lapse": _one(
        "never_fires",
        _DEADLINES,
        f"{_DEADLINES}  signature_late:  # <-\n    after: candidate_selected\n    within: 20 days\n"
        "    while: [candidate_selected, training_body_contacted]\n",
    ),
    "a lapse from one of two states": _one(
        "then_not_allowed",
        "    then: lapse_signature\n",
        "    then: lapse_signature  # <-\n",
        ("    from: [candidate_selected, training_body_contacted]\n    to: post_vacant\n    by: [scheduler]\n",
         "    from: candidate_selected\n    to: post_vacant\n    by: [scheduler]\n"),
    ),
    "a lapse that needs a reason": _one(
        "then_has_needs",
        "    then: lapse_selection\n",
        "    then: lapse_selection  # <-\n",
        ("    from: candidate_shown\n    to: post_vacant\n    by: [scheduler]\n",
         "    from: candidate_shown\n    to: post_vacant\n    by: [scheduler]\n    reason: required\n"),
    ),
    "an order at one instant that is not said": _one(
        "same_instant",
        "  convention:\n    label: {fr: Fin de la convention",
        "  convention:  # <-\n    label: {fr: Fin de la convention",
        (_BEFORE, ""),
    ),
    "an order that is said in part": _one(
        "same_instant", _BEFORE, "    before: [signature, selection, vacancy]  # <-\n",
    ),
    "an order that the file contradicts": _one(
        "wrong_before",
        "    then: lapse_signature\n",
        "    then: lapse_signature\n    before: [convention]  # <-\n",
    ),
    "a reminder after its deadline": _one(
        "late_reminder", "    remind: [1 month before]\n", "    remind: [1 month before, 190 days after]  # <-\n",
    ),
    "two states between which a placement goes round": _one(
        "endless_cycle",
        "phase: recruitment, open_ended: true}\n  candidate_selected:",
        "phase: recruitment}  # <-\n  candidate_selected:",
    ),
    "an exemption that can be taken back for ever": _one(
        "endless_cycle",
        "  training_body_contacted: {label: {fr: Organisme de formation contacté, en: Training body contacted}, phase: contracting}\n",
        "  training_body_contacted: {label: {fr: Organisme de formation contacté, en: Training body contacted}, phase: contracting}  # <-\n",
        ("  withdraw:\n", "  annul: {from: contract_signed, to: training_body_contacted, by: [anct]}\n  withdraw:\n"),
        ("    while: open_states\n    remind: [6 months before, 3 months before, 2 months before]\n    then: end_convention\n",
         "    while: [contract_signed, in_training, in_post]\n    then: end_convention\n"),
    ),
    "deadlines that fall in a circle at once": _one(
        "instant_cycle",
        "    then: lapse_selection\n",
        "    then: lapse_selection  # <-\n",
        (_SELECTION, "    after: candidate_shown\n    within: 0 days\n    counting: inclusive\n"),
        ("    after: post_vacant\n    within: 6 months\n    while: post_vacant\n    remind: [1 month before]\n    then: return_post\n",
         "    after: post_vacant\n    within: 0 days\n    counting: inclusive\n    while: post_vacant\n    then: show_again\n"),
        ("  withdraw:\n", "  show_again: {from: post_vacant, to: candidate_shown, by: [scheduler]}\n  withdraw:\n"),
    ),
    "two ways that nothing parts": _one(
        "ambiguous_trigger",
        "  exempt_from_training:\n",
        "  direct:\n    - {from: post_vacant, to: post_returned, by: [anct]}\n"
        "    - {from: post_vacant, to: withdrawn, by: [anct]}  # <-\n  exempt_from_training:\n",
    ),
    "a way that is hidden": _one(
        "never_taken",
        "  exempt_from_training:\n",
        "  direct:\n    - {from: post_vacant, to: post_returned, by: [anct], first_that_holds: true}\n"
        "    - {from: post_vacant, to: withdrawn, by: [anct], first_that_holds: true}  # <-\n  exempt_from_training:\n",
    ),
    "automatic transitions in a circle": _one(
        "automatic_cycle",
        "automatic:\n",
        "automatic:\n  back_again: {from: training_body_contacted, to: candidate_selected}  # <-\n",
        ("  training_body_already_contacted:\n", "  training_body_already_contacted:  # <-\n"),
    ),
    "a field that is misspelt": _one("unknown_field", "dated_by: granted_on\n", "dated_by: grantd_on  # <-\n"),
    "a role that there is not": _one(
        "unknown_role", "    by: [host]\n    needs: [selected_candidate_ref]\n",
        "    by: [hots]  # <-\n    needs: [selected_candidate_ref]\n",
    ),
    "a predicate that there is not": _one(
        "unknown_predicate",
        "        predicate: selected_candidate_was_shown\n",
        "        predicate: selected_candidate_was_seen  # <-\n",
    ),
    "a unit that there is not": _one(
        "wrong_length", "    within: 6 months\n", "    within: 6 fortnights  # <-\n",
    ),
    "a trigger that is misspelt": _one(
        "unknown_trigger", "    then: lapse_selection\n", "    then: lapse_selektion  # <-\n",
    ),
    "a state that is misspelt": _one(
        "unknown_state", "    while: candidate_shown\n", "    while: candidate_show  # <-\n",
    ),
    "a life that may be longer than it says": _one("too_long", "\ninvariants:\n", "\nlongest: 10 years  # <-\ninvariants:\n"),
    "a time to choose that was prolonged": _one(
        "invariant_broken",
        _label("Choix dans les quinze jours"),
        "  - label: Choix  # <-\n",
        (_SELECTION, "    after: candidate_shown\n    within: 20 days\n"),
    ),
    "a contact that restarts the time to sign": _one(
        "invariant_broken",
        _label("Contrat signé dans les quinze jours"),
        "  - label: Signature  # <-\n",
        ("    after: candidate_selected     # contacting", "    after: [training_body_contacted, candidate_selected]  # contacting"),
    ),
    "a post without a contract": _one(
        "invariant_broken",
        _label("Ni formation"),
        "  - label: Contrat  # <-\n",
        ("    label: {fr: Dispenser de formation, en: Exempt from training}\n    from: contract_signed\n",
         "    label: {fr: Dispenser de formation, en: Exempt from training}\n    from: [contract_signed, training_body_contacted]\n"),
        (_label("Contrat signé dans les quinze jours"), "  - label: Signature  # <-\n"),
    ),
    "a candidate before the post is granted": _one(
        "invariant_broken",
        _label("Pas de candidat"),
        "  - label: Attribution  # <-\n",
        ("      needs: [candidate_ref, candidate_name]\n      guards:\n        - code: post_not_granted\n          require: has(granted_on)\n"
         "          message: {fr: Le poste n'est pas encore attribué, en: The post is not granted yet}\n",
         "      needs: [candidate_ref, candidate_name]\n"),
    ),
    "a convention of four years": _one(
        "invariant_broken",
        _label("Trente-six mois"),
        "  - label: Convention  # <-\n",
        ("    maximum: 36\n    default: 36\n", "    maximum: 48\n    default: 36\n"),
        ("unit: months, at_most: 36}", "unit: months, at_most: 48}"),
    ),
    "a vacancy that lasts from the last notice": _one(
        "invariant_broken",
        _label("Un poste vacant"),
        "  - label: Vacance  # <-\n",
        ("    within: 6 months\n    while: post_vacant\n", "    within: 6 months\n    counting: clear\n    while: post_vacant\n"),
    ),
}  # fmt: skip
