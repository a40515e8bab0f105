"""`person find`: which placements speak of somebody. Names placements and fields; shows no value, and logs none."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from operators.cli.command import command, new_commands
from operators.cli.session import Session

if TYPE_CHECKING:
    from operators.cli.output import Page
    from workflow.finding import Found, Mentioned

commands = new_commands()


@command(commands, "person find")
def find(
    session: Session,
    texts: Annotated[
        list[str],
        typer.Argument(metavar="TEXT...", help="How somebody is called or referred to; - reads it from the input."),
    ],
) -> None:
    """Find the placements that speak of somebody."""
    from operators.cli.person_bulk import typed

    with session.open() as app:
        found = app.engine.find_person(typed(texts))
    session.answer(found_object(found), lambda page: write_found(page, found))


def found_object(found: "Found") -> dict[str, Any]:
    """The answer of `person find`."""
    return {
        "placements": [
            {**mentioned_object(each), "revision": each.revision, "held": each.held,
             "values": [{"field": mention.name, "seq": mention.seq} for mention in each.mentions]}
            for each in found.placements
        ],
        "actors": list(found.actors),
        "unopened": found.unopened,
    }  # fmt: skip


def mentioned_object(each: "Mentioned") -> dict[str, Any]:
    """A placement that speaks of the person, by which fields; `others`: what else is kept of persons there."""
    return {"reference": each.reference, "fields": fields_of(each), "others": list(each.others)}


def fields_of(each: "Mentioned") -> list[str]:
    """The names of the fields that speak of the person, each once."""
    return list(dict.fromkeys(mention.name for mention in each.mentions))


def write_found(page: "Page", found: "Found") -> None:
    """The same for people."""
    columns = page.say("dossier|parle de la personne|autres données gardées|conservation légale",
                       "placement|speaks of the person|what else is kept|legal hold")  # fmt: skip
    page.table(columns.split("|"), list(_rows(page, found.placements)))
    page.line(page.say(f"{len(found.placements)} dossiers.", f"{len(found.placements)} placements."))
    write_remarks(page, found)


def _rows(page: "Page", placements: "Iterable[Mentioned]") -> Iterable[tuple[str, ...]]:
    for each in placements:
        held = page.say("oui", "yes") if each.held else ""
        yield each.reference, ", ".join(fields_of(each)), ", ".join(each.others), held


def write_remarks(page: "Page", found: "Found") -> None:
    """What else there is to know: the name is one of those who act, or not everything could be looked at."""
    for actor in found.actors:
        page.line(page.say(f"Cette personne agit aussi, sous {actor} : parcours actor erase {actor}.",
                           f"This person also acts, as {actor}: parcours actor erase {actor}."))  # fmt: skip
    if found.unopened:
        page.line(page.say(
            f"attention : {found.unopened} valeurs sans leur clé ici (copie sans clés) n'ont pas été comparées.",
            f"warning: {found.unopened} values have no key here (a copy without keys) and could not be compared.",
        ))  # fmt: skip
