"""The simulator: what one published version, or two, would lead to over months, with simulated people.

It runs in a process of its own, one at a time and for a while at most: nobody waits for it, and it opens no database.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends

from operators.console.apart import Apart, NotAnswered, definition_files
from operators.console.routing import Screen, current
from operators.console.visit import Visit
from operators.simulation.trial import MOST_MONTHS, MOST_PLACEMENTS, Answer, Trial
from workflow.changes import Published

screen = Screen()
Here = Annotated[Visit, Depends(current)]

_BEGINNING: Final = {"placements": "100", "months": "36", "begins_on": "2022-01-03", "seed": "1"}
SIMULATOR: Final = Apart(
    NotAnswered("Une autre simulation est en cours : réessayez dans une minute.",
                "Another simulation is going on: try again in a minute."),
    NotAnswered("La simulation a pris trop de temps : demandez moins de dossiers ou de mois.",
                "The simulation took too long: ask for fewer placements or months."),
)  # fmt: skip


@screen.get("/definition/simulation", "definition.simulate")
def simulation(visit: Here) -> Any:
    """The form, and below it what came of what it asks."""
    said = {name: value for name, value in visit.request.query_params.items() if value}
    with visit.app.store.reading() as reading:
        versions = sorted(reading.versions(), key=lambda each: each.published_at, reverse=True)
    answer, error = None, None
    if "placements" in said:
        try:
            answer = _answered(visit, said, {each.digest: each for each in versions})
        except NotAnswered as refused:
            error = visit.say(refused.fr, refused.en)
    return visit.page(
        "simulation.html",
        status=422 if error else 200,
        said={"digest": visit.app.engine.current_rules().definition.digest, **_BEGINNING, **said},
        versions=[(each.digest, f"{each.name} {each.version}") for each in versions],
        answer=answer,
        error=error,
        most=(MOST_PLACEMENTS, MOST_MONTHS),
    )


def _answered(visit: Visit, said: Mapping[str, str], versions: Mapping[str, Published]) -> Answer:
    chosen = [said.get("digest", visit.app.engine.current_rules().definition.digest)]
    chosen += [said["other"]] if said.get("other", chosen[0]) != chosen[0] else []
    if not versions.keys() >= set(chosen):
        raise NotAnswered("Cette version n’est pas publiée.", "This version is not published.")
    with definition_files([versions[digest] for digest in chosen]) as files:
        found = _run(_trial(said, files, visit.lang))
    if found.error:
        raise NotAnswered(f"Ces versions ne peuvent être simulées ensemble : {found.error}",
                           f"These versions cannot be simulated together: {found.error}")  # fmt: skip
    return found


def _trial(said: Mapping[str, str], files: list[str], lang: str) -> Trial:
    numbers = {name: said.get(name, _BEGINNING[name]) for name in _BEGINNING}
    try:
        return msgspec.convert({"definitions": files, "lang": lang, **numbers}, Trial, strict=False)
    except msgspec.ValidationError:
        raise NotAnswered(
            f"Il faut 1 à {MOST_PLACEMENTS} dossiers, 1 à {MOST_MONTHS} mois, une date, et un nombre pour graine.",
            f"It takes 1 to {MOST_PLACEMENTS} placements, 1 to {MOST_MONTHS} months, a date, and a number as seed.",
        ) from None


def _run(trial: Trial) -> Answer:
    told = SIMULATOR.answer("operators.simulation.trial", told=msgspec.json.encode(trial))
    return msgspec.json.decode(told, type=Answer)
