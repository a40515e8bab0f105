"""What a program did to one folder, read from strace's lines: as the calls of `faults.disk`, with all bytes.

A call that it cannot follow exactly is an error, never left out: a map of a file that is written to, a file opened to
be synced by itself, a folder in the folder. Knows nothing of what the files hold.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from faults.disk import Call, Cut, Name, Remove, Rename, Say, Sync, SyncFolder, Write

TRACED = (
    "rmdir,openat,pwrite64,write,ftruncate,fsync,fdatasync,mmap,close,?open,?rename,?renameat,renameat2,?link,linkat,"
    "?unlink,unlinkat,?creat,?openat2,writev,pwritev,?pwritev2,truncate,fallocate,sync_file_range,?mkdir,mkdirat,"
    "?symlink,symlinkat,copy_file_range,sendfile,splice,dup,?dup2,dup3"
)
"""All by which a file or a folder changes, or a descriptor comes to be one."""

_LINE = re.compile(r"\d+ +(\w+)\((.*)\) += (-?\w+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_STREAMS = (1, 2)
_PATHS = {"rename": 2, "renameat": 2, "renameat2": 2, "link": 2, "linkat": 2, "unlink": 1, "unlinkat": 1, "mkdir": 1,
          "mkdirat": 1, "rmdir": 1, "symlink": 2, "symlinkat": 2, "creat": 1, "truncate": 1, "openat2": 1}  # fmt: skip
"""How many names a call is given."""
_BY_ONE = ("pwrite64", "write", "ftruncate", "fsync", "fdatasync", "mmap")
"""The calls on one descriptor that are followed."""


@dataclass
class _Opened:
    """What stands behind a descriptor: a file (None: the folder itself), and where the next `write` goes."""

    file: int | None
    appends: bool = False
    at: int | None = None


@dataclass
class Recorder:
    """Follows the folder through one trace after the other. `volatile`: names of files that no cut leaves anyway."""

    folder: Path
    files: Mapping[str, bytes]
    volatile: Callable[[str], bool]
    _names: dict[str, int] = field(init=False)
    _sizes: dict[int, int] = field(init=False)
    _opened: dict[int, _Opened] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._names = {name: number for number, name in enumerate(self.files)}
        self._sizes = {number: len(data) for number, data in enumerate(self.files.values())}

    def calls(self, trace: Path) -> Iterator[Call]:
        """The calls of one process that began and ended. Raises RuntimeError for what cannot be followed."""
        self._opened = {}
        # What comes before the sign that the process may begin is no part of the program.
        _, _, begun = trace.read_text("ascii", "replace").partition("rmdir(")
        for line in begun.splitlines()[1:]:
            if "unfinished ...>" in line or "resumed>" in line:
                raise RuntimeError(f"two threads at once cannot be followed: {line[:200]}")
            found = _LINE.match(line)
            if found is not None and not found[3].startswith("-"):
                yield from self._call(found[1], found[2], int(found[3], 0) if found[3] != "?" else 0)

    def _call(self, name: str, words: str, answer: int) -> Iterator[Call]:
        texts = [bytes.fromhex(each[1].replace("\\x", "")) for each in _TEXT.finditer(words)]
        if any(each[2] for each in _TEXT.finditer(words)):
            raise RuntimeError(f"strace cut the bytes of {name} short")
        if name in ("open", "openat"):
            yield from self._open(texts[0], words, answer)
        elif name in _PATHS:
            yield from self._name(name, [self._within(text) for text in texts[: _PATHS[name]]])
        else:
            yield from self._by_descriptor(name, texts, words, answer)

    def _within(self, text: bytes) -> str | None:
        """The name in the folder; None for what is elsewhere."""
        path = Path(os.path.normpath(self.folder / os.fsdecode(text)))
        return str(path.relative_to(self.folder)) if path.is_relative_to(self.folder) else None

    def _open(self, text: bytes, words: str, descriptor: int) -> Iterator[Call]:
        name = self._within(text)
        self._opened.pop(descriptor, None)
        if name is None or self.volatile(name):
            return
        flags = set(re.findall(r"O_\w+", words))
        if flags & {"O_SYNC", "O_DSYNC", "O_DIRECT", "O_TMPFILE"} or "/" in name:
            raise RuntimeError(f"{name} is opened in a way that cannot be followed: {sorted(flags)}")
        if name == ".":
            self._opened[descriptor] = _Opened(None)
            return
        empty = "O_TRUNC" in flags or name not in self._names
        if name not in self._names:
            yield self._new(name)
        file = self._names[name]
        if "O_TRUNC" in flags:
            yield self._changed(Cut(file, 0))
        # Where a file is read as well, the place of the next `write` is not known.
        known = empty or "O_WRONLY" in flags
        self._opened[descriptor] = _Opened(file, "O_APPEND" in flags, 0 if known else None)

    def _new(self, name: str) -> Name:
        self._names[name] = len(self._sizes)
        self._sizes[len(self._sizes)] = 0
        return Name(name, self._names[name])

    def _changed(self, change: Write | Cut) -> Write | Cut:
        if isinstance(change, Cut):
            self._sizes[change.file] = change.size
        else:
            self._sizes[change.file] = max(self._sizes[change.file], change.at + len(change.data))
        return change

    def _name(self, call: str, names: list[str | None]) -> Iterator[Call]:
        here = [name for name in names if name is not None and not self.volatile(name)]
        if not here:
            return
        if len(here) != len(names) or any("/" in name for name in here):
            raise RuntimeError(f"{call} leads out of the folder: {names}")
        if call.startswith("rename"):
            self._names[here[1]] = self._names.pop(here[0])
            yield Rename(*here)
        elif call.startswith("link"):
            self._names[here[1]] = self._names[here[0]]
            yield Name(here[1], self._names[here[1]])
        elif call.startswith("unlink"):
            del self._names[here[0]]
            yield Remove(here[0])
        else:
            raise RuntimeError(f"{call} cannot be followed: {names}")

    def _by_descriptor(self, call: str, texts: list[bytes], words: str, answer: int) -> Iterator[Call]:
        given = words.split(", ")
        descriptor = int(given[4] if call == "mmap" else given[0])
        opened = self._opened.get(descriptor)
        if call == "close":
            self._opened.pop(descriptor, None)
        elif call == "write" and opened is None:
            if descriptor in _STREAMS:
                yield Say(descriptor, texts[0][:answer])
        elif call not in _BY_ONE:
            if {int(each) for each in given if each.isdecimal()} & {*self._opened, *_STREAMS}:
                raise RuntimeError(f"{call} cannot be followed")
        elif opened is not None:
            yield from self._on(call, opened, texts, given, answer)

    def _on(self, call: str, opened: _Opened, texts: list[bytes], given: list[str], answer: int) -> Iterator[Call]:
        if call in ("fsync", "fdatasync"):
            yield SyncFolder() if opened.file is None else Sync(opened.file)
        elif call == "mmap":
            if "MAP_SHARED" in given[3] and "PROT_WRITE" in given[2]:
                raise RuntimeError("a file that is written to by a map cannot be followed")
        elif opened.file is not None:
            yield self._changed(self._change(call, opened.file, opened, texts, given, answer))

    def _change(
        self, call: str, file: int, opened: _Opened, texts: list[bytes], given: list[str], answer: int
    ) -> Write | Cut:
        if call == "ftruncate":
            return Cut(file, int(given[1]))
        if call == "pwrite64":
            return Write(file, int(given[3]), texts[0][:answer])
        at = self._sizes[file] if opened.appends else opened.at
        if at is None:
            raise RuntimeError("a write to a file that may have been read before cannot be followed: where does it go?")
        opened.at = None if opened.at is None else at + answer
        return Write(file, at, texts[0][:answer])
