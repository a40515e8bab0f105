"""What a rehearsal of a definition says to people, line by line, in French and in English.

Knows nothing of JSON, of exit codes and of where files lie.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rehearsal import goal_words, mutant_words
from rehearsal.coverage import SECTIONS
from rehearsal.differing import grouped
from rehearsal.playing import Shown
from rehearsal.rehearsing import Rehearsal, all_faults
from rehearsal.scenarios.living import Otherwise
from rehearsal.scenarios.reading import Scenario
from rehearsal.surviving import Hunt
from workflow.definition import Definition
from workflow.language.wording import Said

MAX_SHOWN = 20


def seen(file: Path, rehearsal: Rehearsal, threshold: float) -> Iterator[Said]:
    """What was seen of a definition, what was not, and which laws are broken."""
    coverage, definition = rehearsal.coverage, rehearsal.coverage.definition
    name = f"{definition.name} {definition.version}"
    yield Said(f"{file} : {name}", f"{file}: {name}")
    for section in SECTIONS:
        (count, every), words = coverage.counts()[section], goal_words.SECTIONS[section]
        yield Said(f"  {words.fr} : {count} sur {every}", f"  {words.en}: {count} of {every}")
    yield _lives(rehearsal)
    yield from _shortened(list(_never(rehearsal)), Said("Jamais vu :", "Never seen:"))
    yield from _shortened([each.said for each in rehearsal.edges.unreached], Said("Hors d'atteinte :", "Out of reach:"))
    yield from _shortened(all_faults(rehearsal), Said("Lois enfreintes :", "Laws broken:"))
    missed = _missed(coverage.percent, threshold)
    yield Said(
        f"Vu : {coverage.percent:.1f} % (seuil {threshold:g} %{missed.fr}).",
        f"Seen: {coverage.percent:.1f} % (threshold {threshold:g} %{missed.en}).",
    )


def compared(record: Path, differing: Sequence[Shown] | None, definition: Definition) -> Iterator[Said]:
    """What differs from a record; None: there is none."""
    if differing is None:
        yield Said(
            "Aucun résultat attendu n'est enregistré (--record).", "No expected outcomes are recorded (--record)."
        )
        return
    if not differing:
        yield Said(f"Comme attendu ({record}).", f"As expected ({record}).")
        return
    count = len(differing)
    one, several = Said("résultat diffère", "outcome differs"), Said("résultats diffèrent", "outcomes differ")
    differ = one if count == 1 else several
    heading = Said(f"{count} {differ.fr} de {record} :", f"{count} {differ.en} from {record}:")
    yield from _shortened(list(grouped(differing, definition)), heading)


def recorded(record: Path, situations: int, outcomes: int) -> Said:
    """That a record was written."""
    return Said(
        f"{record} : {situations} situations, {outcomes} résultats attendus.",
        f"{record}: {situations} situations, {outcomes} expected outcomes.",
    )


def lived(otherwise: Sequence[tuple[Scenario, Sequence[Otherwise]]]) -> Iterator[Said]:
    """How scenarios went."""
    if not otherwise:
        return
    good, every = sum(not wrong for _, wrong in otherwise), len(otherwise)
    yield Said(f"Scénarios : {good} sur {every} tels que racontés.", f"Scenarios: {good} of {every} as told.")
    for scenario, wrong in otherwise:
        if wrong:
            name = scenario.form.scenario
            yield Said(f"  {name}", f"  {name}")
            yield from (Said(f"    {each.sentence('fr')}", f"    {each.sentence('en')}") for each in wrong)


def hunted(file: Path, result: Hunt, threshold: float) -> Iterator[Said]:
    """Which mutants were found out, and which survive."""
    for kind, (dead, every) in result.by_kind().items():
        words = mutant_words.KINDS[kind]
        yield Said(f"  {words.fr} : {dead} sur {every}", f"  {words.en}: {dead} of {every}")
    yield from _shortened(list(_survivors(file, result)), Said("Survivants :", "Survivors:"))
    missed = _missed(result.percent, threshold)
    yield Said(
        f"Mutants : {result.killed} découverts sur {len(result.fates)}, {result.percent:.1f} % (seuil {threshold:g} %"
        f"{missed.fr}) ; {result.refused} autres refusés par definition check.",
        f"Mutants: {result.killed} of {len(result.fates)} found out, {result.percent:.1f} % (threshold {threshold:g} %"
        f"{missed.en}); {result.refused} others refused by definition check.",
    )


def _lives(rehearsal: Rehearsal) -> Said:
    walked, edges, situations = rehearsal.walked, rehearsal.edges, len(rehearsal.found.situations)
    first, second = _cut(walked.cut), _cut(edges.cut)
    return Said(
        f"  {situations} situations, {walked.paths} chemins{first.fr}, "
        f"{edges.runs} vies aux bords des échéances{second.fr}",
        f"  {situations} situations, {walked.paths} paths{first.en}, {edges.runs} lives on deadlines' edges{second.en}",
    )


def _never(rehearsal: Rehearsal) -> Iterator[Said]:
    coverage = rehearsal.coverage
    for goal in coverage.missing:
        what, why = goal_words.told(goal, coverage.definition), coverage.why[goal]
        yield Said(f"{what.fr} : {why.fr}", f"{what.en}: {why.en}")


def _survivors(file: Path, result: Hunt) -> Iterator[Said]:
    for each in result.survivors:
        kind, at = mutant_words.KINDS[each.kind], f"{file}:{each.place.line}:{each.place.column}"
        yield Said(f"{at}: {kind.fr}, {each.what.fr}", f"{at}: {kind.en}, {each.what.en}")


def _missed(percent: float, threshold: float) -> Said:
    return Said("", "") if percent >= threshold else Said(", non atteint", ", not reached")


def _cut(cut: bool) -> Said:
    return Said(" (interrompu)", " (cut short)") if cut else Said("", "")


def _shortened(lines: Sequence[Said], heading: Said) -> Iterator[Said]:
    if not lines:
        return
    yield heading
    yield from (Said(f"  {each.fr}", f"  {each.en}") for each in lines[:MAX_SHOWN])
    left = len(lines) - MAX_SHOWN
    if left > 0:
        yield Said(f"  … et {left} de plus (--json les donne tous)", f"  … and {left} more (--json gives them all)")
