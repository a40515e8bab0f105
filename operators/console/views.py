"""Saved views: a name of one's own for the filters of a list, whose address stays what it is, to be sent to others."""

from typing import Annotated, Any, Final

from fastapi import Depends
from starlette.datastructures import FormData

from operators.console.addresses import query_of
from operators.console.lists import LONGEST_TEXT
from operators.console.routing import Screen, current, posted
from operators.console.visit import Visit
from settings import WrongUsage
from storage.views import MOST, SavedView

screen = Screen()
Here = Annotated[Visit, Depends(current)]
Form = Annotated[FormData, Depends(posted)]

LISTS: Final = {
    "placements": ("text", "state", "territory", "host_siret", "deadline", "overdue"),
    "due": ("band", "text", "territory", "deadline"),
}
"""The lists that have views, and the filters that a view of each may hold."""

LONGEST_NAME: Final = 60


@screen.post("/views", "placement.read")
def save_view(visit: Here, form: Form) -> Any:
    """Keep these filters of a list under a name; a view of that name is replaced. Raises WrongUsage."""
    of_list, name = _list(form), _name(form)
    query = query_of({each: str(form.get(each, "")).strip()[:LONGEST_TEXT] for each in LISTS[of_list]})
    if query == "?":
        raise WrongUsage("Choisissez d'abord des filtres : une vue est un choix de filtres.",
                         "Choose filters first: a view is a choice of filters.")  # fmt: skip
    if not visit.app.store.views.keep(visit.who.id, of_list, SavedView(name, query), visit.console.real.now()):
        raise WrongUsage(f"Au plus {MOST} vues par liste : supprimez-en une d'abord.",
                         f"At most {MOST} views of a list: delete one first.")  # fmt: skip
    return visit.go(f"/{of_list}{query}")


@screen.post("/views/delete", "placement.read")
def delete_view(visit: Here, form: Form) -> Any:
    """Forget a view of one's own. Raises WrongUsage."""
    of_list = _list(form)
    visit.app.store.views.drop(visit.who.id, of_list, _name(form))
    return visit.go(f"/{of_list}")


def _list(form: FormData) -> str:
    of_list = str(form.get("list", ""))
    if of_list not in LISTS:
        raise WrongUsage(f"Aucune liste ne s'appelle {of_list!r} ; il y a : {', '.join(LISTS)}.",
                         f"No list is called {of_list!r}; there are: {', '.join(LISTS)}.")  # fmt: skip
    return of_list


def _name(form: FormData) -> str:
    name = " ".join(str(form.get("name", "")).split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise WrongUsage(f"Le nom d'une vue a de 1 à {LONGEST_NAME} caractères imprimables.",
                         f"A view's name has 1 to {LONGEST_NAME} printable characters.")  # fmt: skip
    return name
