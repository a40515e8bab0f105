"""What is to be seen of a definition, in French and in English: what each thing is, and its outcome."""

from collections.abc import Mapping
from typing import Final

from rehearsal.coverage import Goal
from workflow.civil.wording import length_en, length_fr
from workflow.definition import Definition
from workflow.language.wording import Said

SECTIONS: Final[Mapping[str, Said]] = {
    "states": Said("états", "states"),
    "transitions": Said("transitions", "transitions"),
    "guards": Said("conditions, remplies et refusées", "guards, held and refused"),
    "deadlines": Said("échéances et rappels", "deadlines and reminders"),
    "shares": Said("quotas et valeurs exclusives", "quotas and exclusive values"),
}
NOUNS: Final[Mapping[str, Said]] = {
    "states": Said("état", "state"),
    "transitions": Said("transition", "transition"),
    "deadlines": Said("échéance", "deadline"),
}
OUTCOMES: Final[Mapping[str, Said]] = {
    "entered": Said("atteint", "entered"),
    "fired": Said("échue", "fired"),
    "granted": Said("accord", "granted"),
    "held": Said("remplie", "held"),
    "met": Said("satisfaite", "met"),
    "milestone": Said("jalon passé sans son fait", "milestone passed without its fact"),
    "missed": Said("manquée", "missed"),
    "refused": Said("refus", "refused"),
    "reminded": Said("rappel {}", "reminder {}"),
    "taken": Said("prise", "taken"),
}
"""What was not seen to happen; a reminder's with the time of that reminder."""


def told(goal: Goal, definition: Definition) -> Said:
    """A thing to be seen, with its outcome."""
    what, outcome = _what(goal), OUTCOMES[goal.outcome.partition(" ")[0]]
    about = _reminder(goal, definition)
    return Said(f"{what.fr}, {outcome.fr.format(about.fr)}", f"{what.en}, {outcome.en.format(about.en)}")


def _what(goal: Goal) -> Said:
    if goal.section == "guards":
        transition, _, code = goal.name.partition(": ")
        return Said(f"condition {code} de {transition}", f"guard {code} of {transition}")
    noun = NOUNS.get(goal.section, Said("", ""))
    return Said(f"{noun.fr} {goal.name}".lstrip(), f"{noun.en} {goal.name}".lstrip())


def _reminder(goal: Goal, definition: Definition) -> Said:
    """When a reminder comes."""
    text = goal.outcome.partition(" ")[2]
    reminders = definition.deadlines[goal.name].reminders if text else ()
    for each in reminders:
        if each.text == text:
            counting = each.length.counting or "calendar"
            length = Said(length_fr(each.length, counting), length_en(each.length, counting))
            side = Said("avant", "before") if each.direction == "before" else Said("après", "after")
            return Said(f"{length.fr} {side.fr}", f"{length.en} {side.en}")
    return Said("", "")
