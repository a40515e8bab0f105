"""The engine's own refusals: each code once, with its sentence in French and English."""

from collections.abc import Sequence
from datetime import date, datetime

from workflow.errors import Blocker
from workflow.language.wording import Said


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)


def not_from_state(trigger: str, state: str, allowed: Sequence[str]) -> Blocker:
    """The trigger has no transition in this state."""
    return Blocker(
        "not_allowed_here",
        f"{trigger} n'est pas possible dans l'état {state} (possible dans : {_list(allowed)})",
        f"{trigger} is not possible in the state {state} (possible in: {_list(allowed)})",
        {"state": state, "allowed_in": list(allowed)},
    )


def no_condition_holds(trigger: str, state: str) -> Blocker:
    """The trigger stands in this state, but under conditions of which none holds."""
    return Blocker(
        "condition_not_met",
        f"aucune des conditions de {trigger} n'est remplie dans l'état {state}",
        f"no condition of {trigger} holds in the state {state}",
        {"state": state},
    )


def not_since(trigger: str, state: str) -> Blocker:
    """The trigger is allowed only after the first entry into a state."""
    return Blocker(
        "not_yet",
        f"{trigger} n'est possible qu'après un premier passage par {state}",
        f"{trigger} is possible only after {state} was entered once",
        {"since": state},
    )


def already_recorded(trigger: str) -> Blocker:
    """The trigger is allowed once only."""
    return Blocker("already_recorded", f"{trigger} est déjà enregistré", f"{trigger} is recorded already")


def role_needed(allowed: Sequence[str]) -> Blocker:
    """The caller named no role."""
    return Blocker(
        "role_needed",
        f"un rôle est nécessaire (option --role) : {_list(allowed)}",
        f"a role is needed (option --role): {_list(allowed)}",
        {"by": list(allowed)},
    )


def role_not_allowed(trigger: str, roles: Sequence[str], allowed: Sequence[str]) -> Blocker:
    """None of the caller's roles may ask for this."""
    return Blocker(
        "role_not_allowed",
        f"{trigger} n'est pas permis au rôle {_list(roles)} (permis à : {_list(allowed)})",
        f"{trigger} is not allowed to the role {_list(roles)} (allowed to: {_list(allowed)})",
        {"roles": list(roles), "by": list(allowed)},
    )


def scheduler_only(trigger: str) -> Blocker:
    """Only a deadline fires this trigger; nobody can ask for it."""
    return Blocker(
        "role_not_allowed",
        f"{trigger} n'est déclenché que par une échéance",
        f"{trigger} is fired by a deadline only",
        {"by": ["scheduler"]},
    )


def field_needed(name: str) -> Blocker:
    """A value is missing."""
    return Blocker("field_needed", f"le champ {name} est nécessaire", f"the field {name} is needed", {"field": name})


def field_not_taken(trigger: str, name: str, taken: Sequence[str]) -> Blocker:
    """The trigger does not take this field."""
    return Blocker(
        "field_not_taken",
        f"{trigger} n'accepte pas le champ {name} (acceptés : {_list(taken) or 'aucun'})",
        f"{trigger} does not take the field {name} (taken: {_list(taken) or 'none'})",
        {"field": name, "takes": list(taken)},
    )


def reason_needed(trigger: str) -> Blocker:
    """The transition asks for a reason."""
    return Blocker(
        "reason_needed",
        f"{trigger} demande un motif (option --reason)",
        f"{trigger} needs a reason (option --reason)",
    )


def in_the_future(at: datetime, now: datetime) -> Blocker:
    """Facts are entered once they have happened."""
    return Blocker(
        "in_the_future",
        f"le fait est daté du {at.isoformat()}, dans le futur (il est {now.isoformat()})",
        f"the fact is dated {at.isoformat()}, in the future (it is {now.isoformat()})",
        {"at": at.isoformat(), "now": now.isoformat()},
    )


def dates_disagree(name: str, given: date, day: date) -> Blocker:
    """The fact's moment and the date field that dates it are of different local days."""
    return Blocker(
        "dates_disagree",
        f"{name} vaut {given} alors que le fait est daté du {day}",
        f"{name} is {given} while the fact is dated {day}",
        {"field": name, "value": given.isoformat(), "day": day.isoformat()},
    )


def entries_in_the_way(at: datetime, entries: Sequence[tuple[int, str, datetime]]) -> Blocker:
    """The fact is earlier than entries that changed the state: (seq, trigger, occurred_at) of each."""
    named = "; ".join(f"n° {seq} {trigger} ({when.isoformat()})" for seq, trigger, when in entries)
    return Blocker(
        "entries_in_the_way",
        f"le fait du {at.isoformat()} est antérieur à : {named}",
        f"the fact of {at.isoformat()} is earlier than: {named}",
        {"entries": [{"seq": s, "trigger": name, "occurred_at": when.isoformat()} for s, name, when in entries]},
    )


def before_placement(at: datetime, placed_at: datetime) -> Blocker:
    """The fact is earlier than the placement itself."""
    return Blocker(
        "before_placement",
        f"le fait du {at.isoformat()} est antérieur au placement, du {placed_at.isoformat()}",
        f"the fact of {at.isoformat()} is earlier than the placement, of {placed_at.isoformat()}",
        {"at": at.isoformat(), "placed_at": placed_at.isoformat()},
    )


def table_not_covered(table: str, territory: str, day: date, known_until: date) -> Blocker:
    """A dated table says nothing for this day and territory."""
    late = day > known_until
    return Blocker(
        "table_not_covered",
        f"la table {table} n'est connue que jusqu'au {known_until} : elle doit être mise à jour pour le {day}"
        if late
        else f"la table {table} ne dit rien pour le territoire {territory} au {day}",
        f"the table {table} is known until {known_until} only: it must be brought up to date for {day}"
        if late
        else f"the table {table} says nothing for the territory {territory} on {day}",
        {"table": table, "territory": territory, "day": day.isoformat()},
    )


def guard_failed(code: str, sentence: str) -> Blocker:
    """A guard could not be evaluated: what cannot be shown to hold refuses."""
    return Blocker(
        "guard_failed",
        f"la condition {code} n'a pas pu être évaluée : {sentence}",
        f"the guard {code} could not be evaluated: {sentence}",
        {"guard": code},
    )


def value_taken(name: str) -> Blocker:
    """Another placement holds this value in an exclusive field."""
    return Blocker(
        "value_taken",
        f"cette valeur du champ {name} est déjà celle d'un autre placement",
        f"another placement holds this value of the field {name}",
        {"field": name},
    )


def value_erased(names: Sequence[str]) -> Blocker:
    """What a guard has to look at was erased: it counts as not set."""
    return Blocker(
        "value_erased",
        f"des données personnelles ont été effacées et ne peuvent plus être examinées : {_list(names)}",
        f"personal data were erased and cannot be looked at any more: {_list(names)}",
        {"fields": list(names)},
    )


def nobody_awaited(deadline: str) -> Blocker:
    """Nobody is reminded of a deadline for which the definition awaits nobody."""
    return Blocker(
        "nobody_awaited",
        f"l'échéance {deadline} n'attend personne : il n'y a personne à qui la rappeler",
        f"the deadline {deadline} awaits nobody: there is nobody to be reminded of it",
        {"deadline": deadline},
    )


def nothing_to_erase() -> Blocker:
    """All that was asked to be erased is gone already, or never was there."""
    return Blocker(
        "nothing_to_erase",
        "il ne reste rien à effacer de ce qui est demandé",
        "nothing is left to erase of what was asked",
    )


def legal_hold() -> Blocker:
    """A legal hold forbids erasing."""
    return Blocker(
        "legal_hold",
        "les données de ce placement sont conservées pour un litige ou une procédure : rien ne peut en être effacé",
        "the data of this placement are under a legal hold: nothing of them may be erased",
    )


def hold_stands(held_now: bool) -> Blocker:
    """The hold that was asked for is there already, or the one to be released is not."""
    return Blocker(
        "already_held" if held_now else "not_held",
        f"ce placement {'est déjà' if held_now else 'n’est pas'} sous conservation légale".replace("’", "'"),
        f"this placement is {'already' if held_now else 'not'} under a legal hold",
    )


def ground_unknown(ground: str, grounds: Sequence[str]) -> Blocker:
    """The ground of an erasure is none that the law knows."""
    return Blocker(
        "ground_unknown",
        f"{ground!r} n'est pas un fondement d'effacement (RGPD, art. 17) : {_list(grounds)}",
        f"{ground!r} is no ground for erasing (GDPR art. 17): {_list(grounds)}",
        {"grounds": list(grounds)},
    )


def decision_unclear() -> Blocker:
    """The reference of a decision is missing, or is a text, which could say something personal for ever."""
    return Blocker(
        "decision_unclear",
        "la référence de la décision est nécessaire, sans espaces, comme DPO-2024/17 : elle reste dans l'historique",
        "the decision's reference is needed, without spaces, such as DPO-2024/17: it stays in the history",
    )


def key_reused(key: str) -> Blocker:
    """The command key was used for another command."""
    return Blocker(
        "key_reused",
        f"la clé {key} a déjà servi pour une autre commande",
        f"the key {key} was used for another command",
        {"key": key},
    )


def incident(why: Said) -> Blocker:
    """The placement cannot be decided until a person has looked."""
    return Blocker(
        "incident",
        f"ce placement ne peut pas être traité : {why.fr}",
        f"this placement cannot be decided: {why.en}",
    )


def is_over(state: str) -> Blocker:
    """The placement was voided."""
    return Blocker("is_over", f"ce placement est {state}", f"this placement is {state}", {"state": state})


def nothing_to_reverse() -> Blocker:
    """No standing entry but the first changed the state."""
    return Blocker(
        "nothing_to_reverse", "aucune transition ne peut être annulée", "there is no transition that can be reversed"
    )


def date_needed(deadlines: Sequence[str]) -> Blocker:
    """After the reversal these deadlines would fire at once."""
    return Blocker(
        "date_needed",
        f"ces échéances échoiraient aussitôt : {_list(deadlines)} (--extend-to DATE ou --waive)",
        f"these deadlines would fire at once: {_list(deadlines)} (--extend-to DATE or --waive)",
        {"deadlines": list(deadlines)},
    )


def day_is_over(day: date, today: date) -> Blocker:
    """A last day that has passed already."""
    return Blocker(
        "day_is_over",
        f"le {day} est passé (nous sommes le {today})",
        f"{day} is over (it is {today})",
        {"day": day.isoformat(), "today": today.isoformat()},
    )


def nothing_to_amend() -> Blocker:
    """An amendment without a field."""
    return Blocker("nothing_to_amend", "aucun champ n'est donné (option --set)", "no field is given (option --set)")


def never_set(name: str) -> Blocker:
    """Only a trigger sets this field, and none has."""
    return Blocker(
        "never_set",
        f"le champ {name} n'a jamais été renseigné : son déclencheur l'attend",
        f"the field {name} was never set: its trigger waits for it",
        {"field": name},
    )


def not_running(deadline: str) -> Blocker:
    """The deadline is not open."""
    return Blocker(
        "not_running",
        f"l'échéance {deadline} ne court pas",
        f"the deadline {deadline} is not running",
        {"deadline": deadline},
    )


def already_paused(deadline: str) -> Blocker:
    """The clock stands still already."""
    return Blocker(
        "already_paused",
        f"l'échéance {deadline} est déjà suspendue",
        f"the deadline {deadline} is paused already",
        {"deadline": deadline},
    )


def not_paused(deadline: str) -> Blocker:
    """There is no pause to end."""
    return Blocker(
        "not_paused",
        f"l'échéance {deadline} n'est pas suspendue",
        f"the deadline {deadline} is not paused",
        {"deadline": deadline},
    )


def paused_by_state(deadline: str, state: str) -> Blocker:
    """The clock stands still as long as the placement is in this state."""
    return Blocker(
        "paused_by_state",
        f"l'échéance {deadline} est suspendue tant que dure l'état {state} : elle repart quand il est quitté",
        f"the deadline {deadline} is paused as long as the state is {state}: it runs on when that is left",
        {"deadline": deadline, "state": state},
    )


def before_anchor(deadline: str, anchored_at: datetime) -> Blocker:
    """A clock cannot be stopped before it started."""
    return Blocker(
        "before_anchor",
        f"l'échéance {deadline} ne court que depuis le {anchored_at.isoformat()}",
        f"the deadline {deadline} has been running since {anchored_at.isoformat()} only",
        {"deadline": deadline, "anchored_at": anchored_at.isoformat()},
    )


def length_not_readable(length: str, why_fr: str, why_en: str) -> Blocker:
    """The length of an extension makes no sense."""
    return Blocker(
        "length_not_readable",
        f"« {length} » ne peut pas prolonger une échéance : {why_fr}",
        f"{length!r} cannot extend a deadline: {why_en}",
        {"length": length},
    )


def operators_in_the_way(entries: Sequence[int]) -> Blocker:
    """Only what the scheduler did is reversed for a late fact."""
    named = ", ".join(map(str, entries))
    return Blocker(
        "operators_in_the_way",
        f"des actes de personnes sont postérieurs à ce fait (n° {named}) : il faut d'abord les annuler",
        f"acts of people are later than this fact (no. {named}): reverse them first",
        {"entries": list(entries)},
    )


def erased_stays_over() -> Blocker:
    """What was erased cannot come back to life."""
    return Blocker(
        "erased",
        "des données personnelles ont été effacées : ce dossier ne peut revenir que dans un état final",
        "personal data were erased: this placement can be reversed into a final state only",
    )
