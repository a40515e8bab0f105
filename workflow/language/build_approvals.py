"""From the language's approvals to those of a definition: which correction waits for whom, and for what of it."""

from collections.abc import Iterator

from workflow.definition import SCHEDULER, SUPERVISOR, Approval
from workflow.language.forms import ApprovalForm, ApprovalsForm
from workflow.language.names import Names
from workflow.language.positions import Path

_ONLY = {"triggers": "trigger", "fields": "field", "deadlines": "deadline"}


def build_approvals(names: Names, form: ApprovalsForm) -> dict[str, Approval]:
    """The approvals by the correction that they are asked for; findings for roles and names that there are not."""
    asked = ((act, getattr(form, act)) for act in ApprovalsForm.model_fields)
    return {act: _approval(names, act, each) for act, each in asked if each is not None}


def _approval(names: Names, act: str, form: ApprovalForm) -> Approval:
    path = ("approvals", act)
    only = {
        name for key, kind in _ONLY.items() for name in names.each(kind, getattr(form, key, None) or (), (*path, key))
    }
    return Approval(tuple(_roles(names, form, (*path, "by"))), frozenset(only))


def _roles(names: Names, form: ApprovalForm, path: Path) -> Iterator[str]:
    for index, role in enumerate(form.by):
        at = names.source.value(*path, index)
        if role == SCHEDULER:
            fr = "l'échéancier n'est pas une seconde personne : nommez des rôles tenus par des personnes"
            names.report(at, "wrong_approver", fr, "the scheduler is no second person: name roles of people")
        elif role in form.by[:index]:
            fr = f"le rôle « {role} » est là deux fois : supprimez-en un exemplaire"
            names.report(at, "repeated", fr, f"role {role!r} is here twice: leave it out once")
        elif role == SUPERVISOR or names.one("role", role, (*path, index)):
            # A supervisor makes corrections in every definition, declared or not.
            yield role
