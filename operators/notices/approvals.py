"""What is told of a correction that waits for a second person: what is asked, of which placement, and where to answer.

Holds no personal value and no name: which values it asks for is on its page.
"""

from dataclasses import dataclass

from operators.addresses import page_of
from operators.notices.subject import Subject
from operators.notices.telling import due_text, state_label
from operators.roles import roles_text
from operators.timeline import ACTS
from workflow.definition import Definition
from workflow.facts import Waiting


@dataclass(frozen=True, slots=True)
class Waits:
    """One such correction in one language; `title` is also the subject of its e-mail."""

    title: str
    reference: str
    host: str
    state: str
    act: str
    about: str
    by: str
    asked_at: str
    command: str
    refusal: str
    page: str | None
    sandbox: bool


def waiting_in(subject: Subject) -> Waiting | None:
    """The correction, while it waits."""
    return next((each for each in subject.facts.requests if each.seq == subject.entry.seq), None)


def waits_of(subject: Subject, waiting: Waiting, lang: str, *, url: str | None, sandbox: bool) -> Waits:
    """It, as people read it; `url` is the console's address."""
    facts, definition = subject.facts, subject.view.rules.definition
    act = ACTS[waiting.act][lang] if waiting.act in ACTS else waiting.act
    words = f"{facts.reference} --request {waiting.seq}"
    return Waits(
        title=_title(act, facts.reference, lang),
        reference=facts.reference,
        host=str(facts.fields.get("host_name") or ""),
        state=state_label(definition, facts.state, lang),
        act=act,
        about=", ".join(_called(definition, name, lang) for name in waiting.about.split()),
        by=roles_text(waiting.by, lang),
        asked_at=due_text(waiting.asked_at, facts.territory, lang),
        command=f"parcours approve {words}",
        refusal=f"parcours refuse {words} --reason …",
        page=page_of(url, facts.reference, "requests", waiting.seq),
        sandbox=sandbox,
    )


def _title(act: str, reference: str, lang: str) -> str:
    if lang == "en":
        return f"To be approved: {act}, placement {reference}"
    return f"À approuver : {act}, dossier {reference}"


def _called(definition: Definition, name: str, lang: str) -> str:
    """A field, a deadline or a trigger by its label."""
    if name in definition.fields:
        return definition.fields[name].label[lang]
    if name in definition.deadlines:
        return definition.deadlines[name].label[lang]
    label = next((each.label for each in definition.transitions.get(name, ()) if each.label is not None), None)
    return name if label is None else label[lang]
