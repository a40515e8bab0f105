"""Why a request is turned away before its page is asked, and the sentences for errors of every kind."""

from starlette.exceptions import HTTPException

from operators.console.policy import Action


class SignInNeeded(Exception):
    """Nobody is signed in; `address` is where they wanted to go."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(address)


class Forbidden(Exception):
    """Who is signed in may not do this at all."""

    def __init__(self, action: Action) -> None:
        self.action = action
        super().__init__(action)


class TooMany(Exception):
    """Too many attempts; `wait_s` seconds until the next one is listened to."""

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"wait {wait_s} s")


def status_sentence(error: HTTPException) -> tuple[str, str]:
    """What an HTTP error means, in French and English."""
    said = {
        404: ("Cette page n’existe pas, ou ne vous est pas ouverte.", "There is no such page, or not for you."),
        405: ("Cette adresse ne se demande pas ainsi.", "This address is not asked for like that."),
        413: ("Ce formulaire est trop long.", "This form is too long."),
    }
    return said.get(error.status_code, ("Cette demande n’a pas été comprise.", "This request was not understood."))
