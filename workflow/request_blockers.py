"""Why a correction cannot be asked for, approved or refused by a second person: each code once, in both languages."""

from collections.abc import Sequence

from workflow.errors import Blocker


def second_person_needed(request: int) -> Blocker:
    """Who asked for a correction may not approve it."""
    return Blocker(
        "second_person_needed",
        f"la demande n° {request} doit être approuvée par une autre personne que celle qui l'a faite",
        f"the request no. {request} must be approved by another person than who asked for it",
        {"request": request},
    )


def no_request(request: int | None) -> Blocker:
    """Nothing waits, or not what was named."""
    named_fr, named_en = ("", "") if request is None else (f" sous le n° {request}", f" under no. {request}")
    return Blocker(
        "no_request",
        f"aucune demande n'attend{named_fr}",
        f"no request waits{named_en}",
        {} if request is None else {"request": request},
    )


def request_unclear(waiting: Sequence[int]) -> Blocker:
    """Several requests wait, and none was named."""
    numbers = ", ".join(map(str, waiting))
    return Blocker(
        "request_unclear",
        f"plusieurs demandes attendent (n° {numbers}) : dire laquelle",
        f"several requests wait (no. {numbers}): say which",
        {"requests": list(waiting)},
    )


def request_overtaken(request: int, concerned: int) -> Blocker:
    """The last move is no longer the one whose reversal was asked for."""
    return Blocker(
        "request_overtaken",
        f"la demande n° {request} vise l'écriture n° {concerned}, qui n'est plus la dernière transition",
        f"the request no. {request} is about entry no. {concerned}, which is no longer the last move",
        {"request": request, "concerns": concerned},
    )


def too_many_requests(most: int) -> Blocker:
    """So many requests wait that no more are taken."""
    return Blocker(
        "too_many_requests",
        f"{most} demandes attendent déjà sur ce placement : elles doivent d'abord être traitées",
        f"{most} requests wait on this placement already: they must be decided first",
        {"most": most},
    )
