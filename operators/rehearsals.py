"""What a rehearsal of a definition's file comes to: the answer for programs, lines for people, and whether it is good.

Knows where the record and the scenarios of a definition lie: beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.coverage import SECTIONS, Coverage, Goal
from rehearsal.playing import Shown, play
from rehearsal.record import Record, read_record, record_text
from rehearsal.recording import recorded
from rehearsal.rehearsing import Limits, Rehearsal, all_faults, mapped, prepared, rehearse
from rehearsal.scenarios.living import Otherwise, live
from rehearsal.scenarios.reading import Scenario, read_scenarios
from rehearsal.surviving import Hunt, hunt
from settings import WrongUsage
from workflow.changes import Published
from workflow.definition import Definition
from workflow.errors import InputRefused
from workflow.loader import load_definition

Line = tuple[str, str]
"""A line for people, in French and English."""

Told = tuple[dict[str, Any], list[Line], bool]
"""The answer for programs, the lines for people, and whether all is good."""

MAX_SHOWN = 20
_SECTIONS = {
    "states": ("états", "states"),
    "transitions": ("transitions", "transitions"),
    "guards": ("gardes, tenues et refusées", "guards, held and refused"),
    "deadlines": ("échéances et rappels", "deadlines and reminders"),
    "shares": ("quotas et valeurs exclusives", "quotas and exclusive values"),
}
_OUTCOMES = {
    "entered": "atteint",
    "fired": "tombée",
    "granted": "accord",
    "held": "tenue",
    "met": "satisfaite",
    "milestone": "jalon",
    "missed": "manquée",
    "refused": "refus",
    "reminded": "rappel",
    "taken": "prise",
}
"""What was not seen to happen; a reminder's is followed by its text."""


@dataclass(frozen=True)
class Subject:
    """A definition's file, published in memory."""

    path: Path
    published: Published
    definition: Definition

    @property
    def record_path(self) -> Path:
        """Where its expected outcomes are kept."""
        return self.path.with_suffix(".expected.json")

    @property
    def scenario_paths(self) -> list[Path]:
        """The scenario files beside it, sorted."""
        return sorted((self.path.parent / "scenarios").glob("*.yaml"))


def subject(path: Path) -> Subject:
    """The definition in a file, ready to be rehearsed. Raises DefinitionError."""
    return Subject(path, *prepared(load_definition(path).source, str(path)))


def limits(loops: int, paths: int, seconds: float) -> Limits:
    """How far a rehearsal goes."""
    return Limits(loops, paths, seconds)


def test(of: Subject, within: Limits, threshold: float) -> Told:
    """Rehearse, compare with the record, live the scenarios. Raises InputRefused for files that cannot be read."""
    scenarios = [each for path in of.scenario_paths for each in read_scenarios(_bytes(path), str(path), of.definition)]
    expected = read_record(_bytes(of.record_path), str(of.record_path)) if of.record_path.exists() else None
    rehearsal = rehearse(of.published.source, str(of.path), within)
    differing = [] if expected is None else differences(expected, of.published)
    otherwise = [(each, live(each, of.published, of.definition)) for each in scenarios]
    good = (
        rehearsal.coverage.percent >= threshold
        and not all_faults(rehearsal)
        and not differing
        and not any(wrong for _, wrong in otherwise)
    )
    answer = {
        **_head(of),
        "threshold": threshold,
        **_rehearsed(rehearsal),
        "expected": None if expected is None else str(of.record_path),
        "differences": [_difference(each) for each in differing],
        "scenarios": [_scenario(each, wrong) for each, wrong in otherwise],
        "ok": good,
    }
    lines = [
        *_lines(of, rehearsal, threshold),
        *_compared(of, expected, differing),
        *_lived(otherwise),
    ]
    return answer, lines, good


def record(of: Subject) -> Told:
    """Write what the definition does now as what is expected of it."""
    coverage = Coverage(of.definition)
    found, player = mapped(of.published, of.definition, coverage)
    made = recorded(found, player)
    of.record_path.write_text(record_text(made), "utf-8")
    outcomes = sum(1 for _ in play(made, of.published))
    answer = {**_head(of), "expected": str(of.record_path), "situations": len(made.situations), "outcomes": outcomes}
    fr = f"{of.record_path} : {len(made.situations)} situations, {outcomes} résultats attendus."
    en = f"{of.record_path}: {len(made.situations)} situations, {outcomes} expected outcomes."
    return answer, [(fr, en)], True


def hunt_mutants(of: Subject, count: int, seed: int, threshold: float) -> Told:
    """Try mutants against the record. Raises WrongUsage without one."""
    if not of.record_path.exists():
        fr = f"{of.record_path} n'existe pas : enregistrez d'abord les résultats attendus (--record)"
        raise WrongUsage(fr, f"{of.record_path} does not exist: record the expected outcomes first (--record)")
    expected = read_record(_bytes(of.record_path), str(of.record_path))
    if differences(expected, of.published):
        fr = "la définition ne fait plus ce qui est attendu : lancez d'abord definition test, puis --record"
        raise WrongUsage(fr, "the definition does not do what is expected: run definition test first, then --record")
    result = hunt(of.published.source, str(of.path), expected, count, seed)
    good = result.percent >= threshold
    answer = {
        **_head(of),
        "threshold": threshold,
        "seed": seed,
        "mutants": len(result.fates),
        "killed": result.killed,
        "percent": round(result.percent, 1),
        "refused_by_check": result.refused,
        "kinds": {kind: {"killed": dead, "of": all_} for kind, (dead, all_) in result.by_kind().items()},
        "survivors": [
            {"file": str(of.path), "line": m.place.line, "column": m.place.column, "kind": m.kind, "change": m.what}
            for m in result.survivors
        ],
        "ok": good,
    }
    return answer, list(_hunted(of, result, threshold)), good


def differences(expected: Record, published: Published) -> list[Shown]:
    """Everything that comes otherwise than recorded."""
    return [shown for shown in play(expected, published) if shown.seen != shown.expected]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        from workflow.language.positions import START, Source
        from workflow.language.wording import unreadable

        raise InputRefused([Source(str(path)).finding(START, "file_unreadable", *unreadable(error))]) from None


def _head(of: Subject) -> dict[str, Any]:
    name = {"name": of.definition.name, "version": of.definition.version, "digest": of.definition.digest}
    return {"file": str(of.path), "definition": name}


def _rehearsed(rehearsal: Rehearsal) -> dict[str, Any]:
    coverage = rehearsal.coverage
    counts = coverage.counts().items()
    return {
        "percent": round(coverage.percent, 1),
        "coverage": {section: {"seen": seen, "of": of} for section, (seen, of) in counts},
        "missing": [
            {"section": goal.section, "name": goal.name, "outcome": goal.outcome, "why": coverage.why[goal].en}
            for goal in coverage.missing
        ],
        "situations": len(rehearsal.found.situations),
        "paths": rehearsal.walked.paths,
        "paths_cut": rehearsal.walked.cut,
        "edges": rehearsal.edges.runs,
        "edges_cut": rehearsal.edges.cut,
        "unreached": [each.said.en for each in rehearsal.edges.unreached],
        "faults": list(all_faults(rehearsal)),
    }


def _difference(shown: Shown) -> dict[str, Any]:
    return {"where": shown.where, "expected": shown.expected, "seen": shown.seen}


def _scenario(scenario: Scenario, wrong: Sequence[Otherwise]) -> dict[str, Any]:
    told = [
        {"file": each.file, "line": each.place.line, "column": each.place.column, "message": each.en} for each in wrong
    ]
    return {"scenario": scenario.form.scenario, "file": scenario.source.file, "otherwise": told}


def _lines(of: Subject, rehearsal: Rehearsal, threshold: float) -> Iterator[Line]:
    coverage, walked, edges = rehearsal.coverage, rehearsal.walked, rehearsal.edges
    name = f"{of.definition.name} {of.definition.version}"
    yield f"{of.path} : {name}", f"{of.path}: {name}"
    for section in SECTIONS:
        seen, every = coverage.counts()[section]
        fr, en = _SECTIONS[section]
        yield f"  {fr} : {seen} sur {every}", f"  {en}: {seen} of {every}"
    yield (
        f"  {len(rehearsal.found.situations)} situations, {walked.paths} chemins{_cut(walked.cut)[0]}, "
        f"{edges.runs} vies aux bords des échéances{_cut(edges.cut)[0]}",
        f"  {len(rehearsal.found.situations)} situations, {walked.paths} paths{_cut(walked.cut)[1]}, "
        f"{edges.runs} lives on deadlines' edges{_cut(edges.cut)[1]}",
    )
    yield from _shortened(
        [
            (f"{g.name}, {_outcome_fr(g)} : {coverage.why[g].fr}", f"{g.name}, {g.outcome}: {coverage.why[g].en}")
            for g in coverage.missing
        ],
        "Jamais vu :",
        "Never seen:",
    )
    yield from _shortened([each.said for each in edges.unreached], "Hors d'atteinte :", "Out of reach:")
    yield from _shortened([(each, each) for each in all_faults(rehearsal)], "Lois enfreintes :", "Laws broken:")
    enough = coverage.percent >= threshold
    yield (
        f"Vu : {coverage.percent:.1f} % (seuil {threshold:g} %{'' if enough else ', non atteint'}).",
        f"Seen: {coverage.percent:.1f} % (threshold {threshold:g} %{'' if enough else ', not reached'}).",
    )


def _outcome_fr(goal: Goal) -> str:
    kind, _, text = goal.outcome.partition(" ")
    return f"{_OUTCOMES[kind]} {text}".rstrip()


def _cut(cut: bool) -> Line:
    return (" (interrompu)", " (cut short)") if cut else ("", "")


def _shortened(lines: Sequence[Line], fr: str, en: str) -> Iterator[Line]:
    if not lines:
        return
    yield fr, en
    yield from ((f"  {one}", f"  {other}") for one, other in lines[:MAX_SHOWN])
    left = len(lines) - MAX_SHOWN
    if left > 0:
        yield f"  … et {left} de plus (--json les donne tous)", f"  … and {left} more (--json gives them all)"


def _compared(of: Subject, expected: Record | None, differing: Sequence[Shown]) -> Iterator[Line]:
    if expected is None:
        yield "Aucun résultat attendu n'est enregistré (--record).", "No expected outcomes are recorded (--record)."
        return
    if not differing:
        yield f"Comme attendu ({of.record_path}).", f"As expected ({of.record_path})."
        return
    count = len(differing)
    yield from _shortened(
        list(_grouped(differing)),
        f"{count} résultats diffèrent de {of.record_path} :",
        f"{count} outcomes differ from {of.record_path}:",
    )


def _grouped(differing: Sequence[Shown]) -> Iterator[Line]:
    """What differs in words, each difference once, with how many more situations show it."""
    groups: dict[Line, list[str]] = {}
    for shown in differing:
        where, _, rest = shown.where.partition(", ")
        groups.setdefault(_in_words(shown, rest or where), []).append(where if rest else "")
    for (fr, en), places in groups.items():
        more = len(places) - 1
        first = f"{places[0]}, " if places[0] else ""
        both = (
            (f"{places[0]} et {more} autres, ", f"{places[0]} and {more} more, ") if more and first else (first, first)
        )
        yield f"{both[0]}{fr}", f"{both[1]}{en}"


def _in_words(shown: Shown, where: str) -> Line:
    """What differs, and of lists only what is not in both."""
    before, after = shown.expected, shown.seen
    if isinstance(before, list) and isinstance(after, list):
        before, after = [e for e in before if e not in after], [e for e in shown.seen if e not in shown.expected]
    if isinstance(before, dict) and isinstance(after, dict):
        changed = [name for name in before if before[name] != after.get(name)]
        before, after = {n: before[n] for n in changed}, {n: shown.seen.get(n) for n in changed}
    fr = f"{where} : attendu {_shown(before)}, obtenu {_shown(after)}"
    return fr, f"{where}: expected {_shown(before)}, got {_shown(after)}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " | ".join(value) or "—"
    if isinstance(value, dict):
        return " | ".join(f"{name}: {text}" for name, text in value.items()) or "—"
    return str(value) or "—"


def _lived(otherwise: Sequence[tuple[Scenario, Sequence[Otherwise]]]) -> Iterator[Line]:
    if not otherwise:
        return
    good = sum(not wrong for _, wrong in otherwise)
    yield (
        f"Scénarios : {good} sur {len(otherwise)} tels que racontés.",
        f"Scenarios: {good} of {len(otherwise)} as told.",
    )
    for scenario, wrong in otherwise:
        if wrong:
            yield f"  {scenario.form.scenario}", f"  {scenario.form.scenario}"
            yield from ((f"    {each.sentence('fr')}", f"    {each.sentence('en')}") for each in wrong)


def _hunted(of: Subject, result: Hunt, threshold: float) -> Iterator[Line]:
    enough = result.percent >= threshold
    for kind, (dead, every) in result.by_kind().items():
        yield f"  {kind} : {dead} sur {every}", f"  {kind}: {dead} of {every}"
    survivors = [f"{of.path}:{m.place.line}:{m.place.column}: {m.kind}, {m.what}" for m in result.survivors]
    yield from _shortened([(each, each) for each in survivors], "Survivants :", "Survivors:")
    yield (
        f"Mutants : {result.killed} découverts sur {len(result.fates)}, {result.percent:.1f} % (seuil {threshold:g} %"
        f"{'' if enough else ', non atteint'}) ; {result.refused} autres refusés par definition check.",
        f"Mutants: {result.killed} of {len(result.fates)} found out, {result.percent:.1f} % (threshold {threshold:g} %"
        f"{'' if enough else ', not reached'}); {result.refused} others refused by definition check.",
    )
