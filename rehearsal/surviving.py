"""Runs mutants of a definition against its record: which are found out, and which survive."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from rehearsal.mutating import Mutant, changed, mutants
from rehearsal.playing import play
from rehearsal.record import Record
from rehearsal.stage import published
from workflow.changes import Published
from workflow.errors import DefinitionError, ParcoursError
from workflow.language.positions import Source
from workflow.language.wording import Said
from workflow.language.yaml_nodes import read_yaml


@dataclass(frozen=True)
class Fate:
    """What became of one mutant: what gave it away (None: it survived)."""

    mutant: Mutant
    given_away: Said | None


@dataclass
class Hunt:
    """The mutants that were tried; `refused`: how many drawn ones `check` finds by itself, and that do not count."""

    fates: list[Fate] = field(default_factory=list)
    refused: int = 0

    @property
    def killed(self) -> int:
        """How many were found out."""
        return sum(fate.given_away is not None for fate in self.fates)

    @property
    def survivors(self) -> list[Mutant]:
        """Those that nobody would notice."""
        return [fate.mutant for fate in self.fates if fate.given_away is None]

    @property
    def percent(self) -> float:
        """How many of a hundred were found out."""
        return 100.0 * self.killed / len(self.fates) if self.fates else 100.0

    def by_kind(self) -> dict[str, tuple[int, int]]:
        """Kind -> how many were found out, and how many there were."""
        every = Counter(fate.mutant.kind for fate in self.fates)
        dead = Counter(fate.mutant.kind for fate in self.fates if fate.given_away is not None)
        return {kind: (dead[kind], count) for kind, count in sorted(every.items())}


def hunt(
    data: bytes, file: str, record: Record, count: int, seed: int, told: Callable[[], None] = lambda: None
) -> Hunt:
    """Try so many mutants, drawn by a seed, against a record; the same seed draws the same ones."""
    source, _ = read_yaml(data, file)
    result = Hunt()
    for mutant, definition in _drawn(source, file, count, seed, result):
        result.fates.append(Fate(mutant, given_away(record, definition)))
        told()
    return result


def _drawn(source: Source, file: str, count: int, seed: int, result: Hunt) -> Iterator[tuple[Mutant, Published]]:
    """Mutants that `check` lets pass: first a kind is drawn, then one of it, so that rare kinds are tried too."""
    chance, pools = Random(seed), _pools(mutants(source))  # noqa: S311 - no secret: it must be the same next time
    for pool in pools.values():
        chance.shuffle(pool)
    while count and pools:
        kind = chance.choice(sorted(pools))
        mutant = pools[kind].pop()
        if not pools[kind]:
            del pools[kind]
        try:
            definition = published(json.dumps(changed(source, mutant), ensure_ascii=False).encode(), file)
        except DefinitionError:
            result.refused += 1
            continue
        count -= 1
        yield mutant, definition


def _pools(every: Iterable[Mutant]) -> dict[str, list[Mutant]]:
    pools: dict[str, list[Mutant]] = {}
    for mutant in every:
        pools.setdefault(mutant.kind, []).append(mutant)
    return pools


def given_away(record: Record, definition: Published) -> Said | None:
    """Where a definition first does something else than the record expects; None where it never does."""
    try:
        return next((shown.where for shown in play(record, definition) if shown.seen != shown.expected), None)
    except (ParcoursError, LookupError, ValueError) as error:
        fr = f"elle ne peut être jouée : le moteur dit « {error} »"
        return Said(fr, f"it cannot be played: {error}")
