"""A machine whose clock is set at will, while programs run on it (libfaketime)."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

libfaketime = pytest.importorskip("libfaketime", reason="only Linux on x86-64 has a wheel of libfaketime")

LIBRARY = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"


@dataclass(frozen=True)
class Machine:
    """`offset`: the file that says how far the clock is off; programs with `surroundings` read it all the time."""

    offset: Path
    library: Path = LIBRARY

    @property
    def surroundings(self) -> dict[str, str]:
        """What programs of this machine find in their environment."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.offset),
            "FAKETIME_NO_CACHE": "1",
            # A person sets the wall clock; the clock that counts since the start goes on.
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        }

    @property
    def environ(self) -> dict[str, str]:
        """The whole environment of a program of this machine."""
        return {**os.environ, **self.surroundings}

    def set_clock(self, offset: str) -> None:
        """How far the clock is off from now on, as libfaketime has it: `+30d`, `-16y`."""
        following = self.offset.with_suffix(".next")
        following.write_text(f"{offset}\n")
        following.replace(self.offset)


def machine_in(folder: Path, library: Path = LIBRARY) -> Machine:
    """A machine whose clock is right, as yet."""
    made = Machine(folder / "clock", library)
    made.set_clock("+0")
    return made
