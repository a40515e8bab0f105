"""T4: the power is cut at any moment; what was acknowledged is there, nothing is half there, the same command goes on.

Commands are recorded once, with all that they write. A case is one moment of that and one state of the disk that may
remain of it (`faults.disk`): its files are made, and the product opens them.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from random import Random

from app import register_path, signing_key_path
from audit.remembered import beside
from faults import office
from faults.disk import SECTORS, Disk, Say, Weather
from faults.harness import Row, Tally, scratch, tried
from faults.power_workloads import REQUESTS, WORKLOADS, Recording, Step, Workload, put, record
from faults.program import said
from settings import Settings, read_settings
from tests.acceptance.driver import Site

AGAIN = (0, 3)
"""The same command once more: it is done, or there is nothing left to do."""

_DRAWN = 30
"""So many states are drawn for each that is wanted, before one gives up to find another that is new."""
_SOON_AFTER = 4
_INDEX_BYTES = 32_768


@dataclass(frozen=True)
class Case:
    """A recording, after so many of its calls, and the seed of what is left then."""

    recording: int
    moment: int
    seed: int


@contextmanager
def _bench(name: str, workloads: Sequence[Workload]) -> Iterator[list[Recording]]:
    with scratch(name) as folder:
        yield [record(workload, folder / str(number)) for number, workload in enumerate(workloads)]


def cases(recordings: Sequence[Recording], count: int) -> list[Case]:
    """At least so many different states, as many of each recording; fewer where it does not have that many."""
    each = -(-count // len(recordings))
    return [case for number, recording in enumerate(recordings) for case in _of_one(number, recording, each)]


def _of_one(number: int, recording: Recording, count: int) -> Iterator[Case]:
    seen: set[bytes] = set()
    for seed in range(count * _DRAWN):
        if len(seen) == count:
            return
        case = Case(number, _moment(recording, Random(f"moment {seed}")), seed)  # noqa: S311 - the same every time
        known = len(seen)
        seen.add(_digest(recording, case))
        if len(seen) > known:
            yield case


def _moment(recording: Recording, dice: Random) -> int:
    """Any; often one soon after an answer, where there is most to lose."""
    answers = [number for number, call in enumerate(recording.calls, start=1) if isinstance(call, Say)]
    if dice.random() < 1 / 3:
        return min(len(recording.calls), dice.choice(answers) + dice.randrange(_SOON_AFTER))
    return dice.randint(0, len(recording.calls))


def left(recording: Recording, case: Case) -> dict[str, bytes]:
    """The files that are there after the cut."""
    dice = Random(case.seed)  # noqa: S311 - the same every time
    files = Disk.before(recording.files, recording.calls[: case.moment]).left(dice, Weather.drawn(dice))
    if dice.random() < 0.25:
        # SQLite's index of the log is never synced: nothing may depend on what is found there.
        files[f"{recording.site.database_name}-shm"] = dice.randbytes(_INDEX_BYTES)
    return files


def _digest(recording: Recording, case: Case) -> bytes:
    asked = (recording.step_at(case.moment).first, recording.is_acknowledged(case.moment))
    digest = hashlib.sha256(repr(asked).encode())
    for name, data in sorted(left(recording, case).items()):
        digest.update(repr((name, len(data))).encode() + data)
    return digest.digest()


def cut(recordings: Sequence[Recording], case: Case) -> list[str]:
    """Cut the power there; what does not hold of what is left."""
    recording = recordings[case.recording]
    step, files = recording.step_at(case.moment), left(recording, case)
    told = recording.is_acknowledged(case.moment)
    with scratch("case") as folder, recording.workload.settings():
        site = put(recording.site, files, folder / "office")
        found = [*_beside(recording, step, files, told), *_opened(recording, step, site, told)]
    where = f"{recording.workload.name}, {step.command.name}, call {case.moment}, seed {case.seed}"
    return [f"{where}: {sentence}" for sentence in found]


def _opened(recording: Recording, step: Step, site: Site, told: bool) -> Iterator[str]:
    try:
        if step.before is not None or told:
            yield from _whole(step, site, told)
        yield from _again(recording.workload, step, site)
    except Exception as error:
        # Whatever stands in the way of reading it: the checker itself expects something that can be read.
        yield f"it cannot be read: {type(error).__name__}: {error}"


def _whole(step: Step, site: Site, told: bool) -> Iterator[str]:
    """Whether the command happened or not, and did where it was acknowledged."""
    found, end = office.examined(site)
    yield from found
    if end not in (step.before, step.after):
        yield f"half of it is there: {_difference(end, step.after)}"
    elif told and end != step.after:
        yield f"what was acknowledged is not there: {_difference(end, step.after)}"
    if step.erases and end == step.after:
        yield from _registered(site, told)


def _registered(site: Site, told: bool) -> Iterator[str]:
    """An erasure is in the register; where nobody was told of it yet, `doctor` may say that it is not."""
    if not _doctor(site):
        return
    if told:
        yield f"an erasure is not in the register: {_doctor(site)}"
        return
    said(site, "person", "register", "--out", str(register_path(_settings(site))))
    if _doctor(site):
        yield f"the register cannot be mended: {_doctor(site)}"


def _doctor(site: Site) -> list[str]:
    """What `doctor` has to say of the register."""
    name = register_path(_settings(site)).name
    return [warning for warning in said(site, "doctor", "--json").json["warnings"] if name in warning]


def _again(workload: Workload, step: Step, site: Site) -> Iterator[str]:
    """The same command once more."""
    again = said(site, *step.command.words)
    if again.code not in AGAIN or again.is_traceback:
        yield f"asked again, it answered {again.code}: {again.err}"
        return
    found, end = office.examined(site)
    yield from found
    if differ := set(_difference(end, step.after)) - set(workload.further):
        yield f"asked again, it came to another end: {sorted(differ)}"
    yield from _remembered(step, site)


def _remembered(step: Step, site: Site) -> Iterator[str]:
    """The signing key is there; and where there was a seal, after the next one the checkpoint beside it is the last."""
    key = signing_key_path(_settings(site))
    if not key.exists():
        yield "asked again, there is no signing key"
    if beside(key).path.name in step.files_after:
        sealed = said(site, "audit", "seal")
        if sealed.code or beside(key).read() != _last_note(site):
            yield f"the next seal does not remember itself: {sealed.err}"


def _last_note(site: Site) -> bytes | None:
    with site.open() as app, app.store.seals.reading() as reading:
        last = reading.last_seal()
        return last.note if last else None


def _settings(site: Site) -> Settings:
    return read_settings({"database_url": site.url, **site.settings}, environ={})


def _difference(one: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def _beside(recording: Recording, step: Step, files: Mapping[str, bytes], told: bool) -> Iterator[str]:
    """Of the files beside the database: each as it was before or after the command, the register at least as before."""
    database = recording.site.database_name
    for name, after in step.files_after.items():
        before, found = step.files_before.get(name), files.get(name)
        if name in (database, f"{database}-wal", f"{database}-journal") or found == after:
            continue
        grows = name.endswith(".jsonl") and (found or b"").startswith(before or b"")
        if told or not (found == before or grows):
            yield f"{name} is not as it {'was acknowledged' if told else 'was before or after'}"
    for name, key in step.files_before.items():
        if name.endswith(".signing-key") and key not in files.values():
            yield "a key that signed is in no file any more"
    for name, data in files.items():
        if any(key in data for key in (step.gone if told else step.gone_before)):
            yield f"a key of what was erased is in {name}"


def relied_upon(recording: Recording) -> Iterator[str]:
    """What files beside the database lack, or hold too long, at any moment if nothing is kept but what was synced."""
    disk, dice = Disk(recording.files), Random(0)  # noqa: S311 - nothing is left to it
    for moment in range(len(recording.calls) + 1):
        files = disk.left(dice, Weather(SECTORS[0], kept=0, noise=False))
        for sentence in _beside(recording, recording.step_at(moment), files, recording.is_acknowledged(moment)):
            yield f"{recording.workload.name}, call {moment}: {sentence}"
        if moment < len(recording.calls):
            disk.do(recording.calls[moment])


def run(count: int) -> Tally:
    """So many states of the disk, as many of each workload."""
    with _bench("power", WORKLOADS) as recordings:
        found = [sentence for recording in recordings for sentence in relied_upon(recording)]
        tally = tried(partial(cut, recordings), cases(recordings, count), f"{len(recordings)} workloads")
        return replace(tally, violations=(*found, *tally.violations))


def control() -> Tally:
    """The same with commits that are not synced."""
    careless = replace(REQUESTS, pragmas={**REQUESTS.pragmas, "synchronous": "NORMAL"})
    with _bench("power-control", [careless]) as recordings:
        return tried(partial(cut, recordings), cases(recordings, 40))


ROW = Row(
    name="T4",
    fault="power loss: any moment, any of what was not synced lost or torn",
    run=run,
    defect="a store that does not sync its commits (synchronous=NORMAL)",
    control=control,
    sample=30,
    usual=1_500,
    many=50_000,
    needs=("strace",),
)
