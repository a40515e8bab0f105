"""Who would be told of a reminder that somebody asks for, and who of them has no address. It sends nothing."""

from collections.abc import Sequence
from dataclasses import replace

from app import App
from operators.labels import Labels
from operators.notices.planning import about_notice
from operators.notices.recipients import About, Reader, once_each, own_addresses, subscriptions
from operators.notices.subscribers import subscribers
from operators.plurals import counted
from operators.roles import roles_text
from workflow.civil import wording
from workflow.definition import Definition, Label
from workflow.facts import Facts

NOBODY = Label("", "")


def awaited_text(app: App, labels: Labels, facts: Facts, deadline: str) -> Label:
    """Of what and to whom a reminder would go; NOBODY where nobody would be told anything."""
    definition = app.engine.rules(facts.definition).definition
    about = about_notice("note", 0, deadline, definition, facts)
    readers = _readers(app)
    mailed = app.settings.notices_email
    own = own_addresses(definition, facts, about.roles) if mailed else []
    others = once_each([each for each in readers if each.wants(about)])
    hooks = [said.partition("=")[0] for said in app.settings.webhooks]
    if not (own or others or hooks):
        return NOBODY
    unreached = [role for role in about.roles if role not in own and not _is_told(readers, about, role)]
    counts = (len(others), hooks)
    return Label(*(" ".join((_what(labels, definition, facts, deadline, lang), _whom(own, counts, unreached, lang)))
                   for lang in ("fr", "en")))  # fmt: skip


def _readers(app: App) -> Sequence[Reader]:
    if not app.settings.notices_email:
        return ()
    return (*subscriptions(app.settings.notices_to, app.installation.secret),
            *(each for each in subscribers(app) if each.choice.rhythm == "each"))  # fmt: skip


def _is_told(readers: Sequence[Reader], about: About, role: str) -> bool:
    return any(each.wants(replace(about, roles=(role,))) for each in readers)


def _what(labels: Labels, definition: Definition, facts: Facts, deadline: str, lang: str) -> str:
    day, label = facts.occurrences[deadline].last_day, definition.deadlines[deadline].label[lang]
    return (
        f"{label}, by {wording.day_en(day)}:" if lang == "en" else f"{label}, avant la fin du {wording.day_fr(day)} :"
    )


def _whom(own: Sequence[str], counts: tuple[int, Sequence[str]], unreached: Sequence[str], lang: str) -> str:
    fr, (others, hooks) = lang != "en", counts
    told = [
        f"{roles_text([role], lang)} ({'adresse du dossier' if fr else 'address of the placement'})" for role in own
    ]
    if others:
        told.append(counted(others, "abonné|abonnés|subscriber|subscribers", lang))
    told += [f"webhook {name}" for name in hooks]
    without = "" if not unreached else (
        f" {'Sans adresse :' if fr else 'Without an address:'} {roles_text(unreached, lang)}.")  # fmt: skip
    return f"{', '.join(told)}.{without}"
