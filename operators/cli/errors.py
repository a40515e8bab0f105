"""From an error to its exit code, its sentence in the language of the answer, and its JSON object.

Imports the engine's errors only here, when something went wrong.
"""

import sys
from typing import TYPE_CHECKING, Any

import typer

from operators.cli.output import print_json, shown, write
from operators.unknown_names import unknown_fr
from workflow.errors import (
    Blocker,
    DefinitionError,
    Finding,
    InputRefused,
    IntegrityBroken,
    NotFound,
    ParcoursError,
    StalePlacement,
    StoreUnavailable,
    TransitionRefused,
    UnknownName,
)

if TYPE_CHECKING:
    from operators.cli.session import Session

DONE, FAILED, USAGE, REFUSED, STALE, NO_PLACEMENT, INVALID, BROKEN, HELD = range(9)

_HOLDING = {"held", "incident"}
_BY_NAME = {"wrong_usage": USAGE, "held": HELD}
_CODES: tuple[tuple[type[ParcoursError], int], ...] = (
    (UnknownName, USAGE),
    (StalePlacement, STALE),
    (NotFound, NO_PLACEMENT),
    (DefinitionError, INVALID),
    (InputRefused, INVALID),
    (IntegrityBroken, BROKEN),
    (StoreUnavailable, FAILED),
)

_USAGE = (
    ("No such command ", "Commande inconnue : "),
    ("No such option: ", "Option inconnue : "),
    ("Missing command.", "Il manque la commande : parcours --help les nomme."),
    ("Missing argument ", "Argument manquant : "),
    ("Missing option ", "Option manquante : "),
    ("Invalid value for ", "Valeur refusée pour "),
    ("Got unexpected extra argument(s) ", "Arguments en trop : "),
    ("Did you mean ", "Vouliez-vous dire "),
    ("(Possible options:", "(options proches :"),
)


def exit_code(error: BaseException) -> int:
    """The documented exit code of an error."""
    if isinstance(error, TransitionRefused):
        return HELD if error.blockers and {b.code for b in error.blockers} <= _HOLDING else REFUSED
    if isinstance(error, typer.TyperException):
        return error.exit_code
    if isinstance(error, ParcoursError) and error.code in _BY_NAME:
        return _BY_NAME[error.code]
    return next((code for family, code in _CODES if isinstance(error, family)), FAILED)


def report(error: BaseException, session: "Session") -> int:
    """Tell about an error, on stdout as JSON or on stderr as a sentence, and give its exit code.

    An error that nobody expected is logged with its traceback.
    """
    as_json, lang = _manner(session)
    if not isinstance(error, ParcoursError | typer.TyperException | OSError | KeyboardInterrupt | typer.Abort):
        _log_unexpected(error, session)
    if as_json:
        print_json({"error": error_object(error, lang)})
    else:
        write(sentence(error, lang) + "\n", sys.stderr)
    return exit_code(error)


def error_object(error: BaseException, lang: str) -> dict[str, Any]:
    """The object `error` of an answer in JSON."""
    return {
        "code": _name(error),
        "message": sentence(error, lang),
        "blockers": [blocker_object(blocker, lang) for blocker in getattr(error, "blockers", ())],
        "findings": [finding_object(finding, lang) for finding in getattr(error, "findings", ())],
        **getattr(error, "details", {}),
    }


def blocker_object(blocker: Blocker, lang: str) -> dict[str, Any]:
    """A blocker as in all JSON."""
    return {"code": blocker.code, "message": blocker.sentence(lang), "details": dict(blocker.details)}


def finding_object(finding: Finding, lang: str) -> dict[str, Any]:
    """A finding as in all JSON; with the `path` of a life in which it shows, where there is one."""
    names = ("file", "line", "column", "code")
    path = [{"at": each.at.isoformat(timespec="minutes"), "message": each.sentence(lang)} for each in finding.path]
    return {
        **{name: getattr(finding, name) for name in names},
        "message": finding.message_in(lang),
        **({"path": path} if path else {}),
    }


def _finding_lines(finding: Finding, lang: str) -> list[str]:
    path = [f"    {each.at:%Y-%m-%d %H:%M}  {each.sentence(lang)}" for each in finding.path]
    return [finding.sentence(lang), *path]


def sentence(error: BaseException, lang: str) -> str:
    """What was tried, on what, and why not: one sentence, or one line for each finding."""
    if isinstance(error, TransitionRefused):
        reasons = " ; ".join(blocker.sentence(lang) for blocker in error.blockers)
        return shown(f"{error.trigger}, {error.reference} : {reasons}" if lang == "fr"
                     else f"{error.trigger}, {error.reference}: {reasons}")  # fmt: skip
    if isinstance(error, DefinitionError | InputRefused):
        return "\n".join(shown(line) for finding in error.findings for line in _finding_lines(finding, lang))
    if isinstance(error, typer.TyperException):
        return shown(_usage_fr(error.format_message()) if lang == "fr" else error.format_message())
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return "Interrompu : rien de plus n'a été fait." if lang == "fr" else "Interrupted: no more was done."
    if isinstance(error, OSError):
        return shown(f"{error.filename or ''}: {error.strerror or error}".removeprefix(": "))
    if isinstance(error, UnknownName) and lang == "fr":
        return shown(unknown_fr(error))
    english = getattr(error, "message_en", None) if lang == "en" else None
    return shown(str(english or error) or type(error).__name__)


def _usage_fr(message: str) -> str:
    """The parser's sentence in French, where it is one of those that people meet; else as it is."""
    for english, french in _USAGE:
        message = message.replace(english, french)
    return message


def _name(error: BaseException) -> str:
    if isinstance(error, ParcoursError):
        return error.code
    if isinstance(error, typer.TyperException):
        return "wrong_usage"
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return "interrupted"
    return "failed"


def _manner(session: "Session") -> tuple[bool, str]:
    """JSON or text, and the language; from what was typed where the settings themselves are wrong."""
    try:
        return "--json" in session.command or session.json, session.lang
    except ParcoursError:
        return "--json" in session.command, session.flags.get("lang", "fr")


def _log_unexpected(error: BaseException, session: "Session") -> None:
    import logging

    from operators import logs

    logs.configure(session.flags.get("log_format", "auto"))
    name = next((word for word in session.command if not word.startswith("-")), "")
    logging.getLogger("operators.cli").error("command.failed", exc_info=error, extra={"command": name})
