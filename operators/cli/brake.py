"""How the brake stands, in answers; and releasing it, which `run --release` does."""

from typing import TYPE_CHECKING, Any

from operators.cli.session import Session

if TYPE_CHECKING:
    from app import App
    from operators.cli.output import Page
    from workflow.brake import Held
    from workflow.watching import Standing


def brake_object(standing: "Standing", lang: str) -> dict[str, Any]:
    """How the brake stands, as in all JSON: `held` is null where it does not hold."""
    from operators.cli.output import instant

    watch = standing.watch
    return {
        "on": standing.on,
        "held": None if standing.held is None else _held_object(standing.held, lang),
        "seen_at": instant(watch.seen_at),
        "written_at": instant(watch.written_at),
        "released_at": instant(watch.released_at),
    }


def _held_object(held: "Held", lang: str) -> dict[str, Any]:
    return {**held.details, "message": held.sentence(lang)}


def brake_warnings(session: Session, standing: "Standing") -> list[str]:
    """What a person should know: that it holds, and how it is released."""
    if standing.held is None:
        return []
    how = session.say("Mettre l'horloge à l'heure ; si elle l'est :", "Set the clock right; if it is:")
    return [f"{standing.held.sentence(session.lang)}. {how} parcours run --release --reason …"]


def release(session: Session, app: "App", reason: str) -> None:
    """Release what holds now, and tell what opens the commitment to the reason. Raises TransitionRefused."""
    import logging

    from workflow.commands import Release

    asked = Release(reason=reason, actor=app.settings.actor, roles=app.settings.role)
    done = app.engine.release(asked)
    if done is not None:
        logging.getLogger("parcours.brake").warning("brake.released", extra=done.held.details)
    answer = {
        "released": None if done is None else _held_object(done.held, session.lang),
        "disclosure": None if done is None else done.disclosure,
        "brake": brake_object(app.engine.brake(), session.lang),
    }
    session.answer(answer, lambda page: _write_released(page, answer))


def _write_released(page: "Page", answer: dict[str, Any]) -> None:
    held, opens = answer["released"], answer["disclosure"]
    if held is None:
        page.line(page.say("Rien n'est retenu : rien à lever.", "Nothing holds: there is nothing to release."))
        return
    page.lines((
        page.say(f"Levé : {held['message']}.", f"Released: {held['message']}."),
        page.say(
            f"La levée est au journal, avec un engagement sur son motif ; ce qui l'ouvre, à garder : {opens}",
            f"The release is entered, with a commitment to its reason; what opens it, to be kept: {opens}",
        ),
    ))  # fmt: skip
