"""What a disk may hold after the power was cut: of one folder, by the calls that reached it before.

The disk honours flush, and promises little else: of what was not synced, every sector holds what it held at some
moment since, each by itself; a file has one of the sizes that it had; each new name, removal and renaming took place or
not. Where a size was kept and the bytes were not, there are zeros, or noise. Knows nothing of who made the calls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

T = TypeVar("T")

SECTORS = (512, 4096)
_KEPT = (0.0, 0.1, 0.5, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes at a place of a file; files are numbers, since names change."""

    file: int
    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """Another size."""

    file: int
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    """All of a file that was written is safe: its bytes and its size, not its name."""

    file: int


@dataclass(frozen=True, slots=True)
class Name:
    """A file is in the folder under this name: a new one, or another name of one."""

    name: str
    file: int


@dataclass(frozen=True, slots=True)
class Rename:
    """Another name, in place of the file that had it: at once, or not at all."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Remove:
    """A name less."""

    name: str


@dataclass(frozen=True, slots=True)
class SyncFolder:
    """All names are safe."""


@dataclass(frozen=True, slots=True)
class Say:
    """Something was told: nothing on the disk, and a moment among the calls."""

    stream: int
    data: bytes


Change = Write | Cut
Naming = Name | Rename | Remove
Call = Change | Naming | Sync | SyncFolder | Say


@dataclass(frozen=True, slots=True)
class Weather:
    """How one disk was hit: the unit that it writes whole, how much was kept, what is where nothing was written."""

    sector: int
    kept: float
    noise: bool

    @classmethod
    def drawn(cls, dice: Random) -> "Weather":
        """One of them; in some nothing was kept that was not synced, or all."""
        return cls(dice.choice(SECTORS), dice.choice(_KEPT), dice.random() < 0.25)


class Disk:
    """A folder: what is safe of it, and what was done since."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """All of these files are safe; they are numbered in this order, from 0."""
        self._safe: dict[int, bytes] = dict(enumerate(files.values()))
        self._names: dict[str, int] = {name: number for number, name in enumerate(files)}
        self._changes: dict[int, list[Change]] = {}
        self._namings: list[Naming] = []

    @classmethod
    def before(cls, files: Mapping[str, bytes], calls: Sequence[Call]) -> "Disk":
        """The disk at the moment after these calls."""
        disk = cls(files)
        for call in calls:
            disk.do(call)
        return disk

    def do(self, call: Call) -> None:
        """Make a call."""
        match call:
            case Write() | Cut():
                self._changes.setdefault(call.file, []).append(call)
            case Sync():
                self._safe[call.file] = self._whole(call.file)
                self._changes.pop(call.file, None)
            case Name() | Rename() | Remove():
                self._namings.append(call)
            case SyncFolder():
                _rename(self._names, self._namings)
                self._namings.clear()

    def running(self) -> dict[str, bytes]:
        """What programs see while nothing is cut."""
        names = dict(self._names)
        _rename(names, self._namings)
        return {name: self._whole(file) for name, file in names.items()}

    def left(self, dice: Random, weather: Weather) -> dict[str, bytes]:
        """What may be there after a cut at this moment; `dice` decides."""
        names = dict(self._names)
        _rename(names, [each for each in self._namings if dice.random() < weather.kept])
        # Two names of one file show the same bytes.
        bytes_of = {file: self._left(file, dice, weather) for file in sorted({*names.values()})}
        return {name: bytes_of[file] for name, file in names.items()}

    def _whole(self, file: int) -> bytes:
        image = bytearray(self._safe.get(file, b""))
        for change in self._changes.get(file, ()):
            _apply(change, image)
        return bytes(image)

    def _left(self, file: int, dice: Random, weather: Weather) -> bytes:
        safe = self._safe.get(file, b"")
        sizes, sectors = _since(safe, self._changes.get(file, ()), weather.sector)
        size = _one_of(sizes, dice, weather)
        # Past what was safe nothing is known of a sector until it was written.
        unknown = max(0, size - len(safe))
        left = bytearray(safe + (dice.randbytes(unknown) if weather.noise else bytes(unknown)))
        for number, versions in sorted(sectors.items()):
            at = number * weather.sector
            _put(left, at, _one_of([bytes(left[at : at + weather.sector]), *versions], dice, weather))
        return bytes(left[:size])


def _since(safe: bytes, changes: Sequence[Change], sector: int) -> tuple[Sequence[int], Mapping[int, Sequence[bytes]]]:
    """The sizes that a file had, and what each sector held that was touched: oldest first."""
    image, sizes = bytearray(safe), [len(safe)]
    sectors: dict[int, list[bytes]] = {}
    for change in changes:
        for number in _apply(change, image, sector):
            sectors.setdefault(number, []).append(bytes(image[number * sector : (number + 1) * sector]))
        sizes.append(len(image))
    return sizes, sectors


def _apply(change: Change, image: bytearray, sector: int = SECTORS[0]) -> range:
    """Change a file; gives the sectors that were touched."""
    before = len(image)
    if isinstance(change, Write):
        begin, end = min(change.at, before), change.at + len(change.data)
        _put(image, change.at, change.data)
    else:
        begin, end = min(change.size, before), max(change.size, before)
        del image[change.size :]
        image.extend(bytes(change.size - len(image)))
    return range(begin // sector, -(-end // sector))


def _put(image: bytearray, at: int, data: bytes) -> None:
    image.extend(bytes(max(0, at - len(image))))
    image[at : at + len(data)] = data


def _one_of(versions: Sequence[T], dice: Random, weather: Weather) -> T:
    """The newest, as often as is kept; else any that was before, or what was safe where nothing is kept."""
    if len(versions) == 1 or dice.random() < weather.kept:
        return versions[-1]
    return dice.choice(versions[:-1]) if weather.kept else versions[0]


def _rename(names: dict[str, int], namings: Sequence[Naming]) -> None:
    """Do these; what follows on another that did not take place takes none either."""
    for each in namings:
        match each:
            case Name():
                names[each.name] = each.file
            case Remove():
                names.pop(each.name, None)
            case Rename() if each.old in names:
                names[each.new] = names.pop(each.old)
