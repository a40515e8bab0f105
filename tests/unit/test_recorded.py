"""What strace says of a folder: every call that changes it, as it was made; what cannot be followed is refused."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from faults.disk import Call, Cut, Name, Remove, Rename, Say, Sync, SyncFolder, Write
from faults.recorded import Recorder

FOLDER = Path("/office")


def hexed(text: str) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode()) + '"'


def calls(folder: Path, *lines: str, files: Sequence[str] = ("db",)) -> list[Call]:
    """The calls of these lines, in which texts stand between backticks."""
    trace = folder / "trace"
    text = "\n".join(["7  rmdir(`begin`) = 0 (INJECTED)", *(f"7  {line}" for line in lines)])
    parts = text.split("`")
    trace.write_text("".join(hexed(part) if number % 2 else part for number, part in enumerate(parts)))
    recorder = Recorder(FOLDER, dict.fromkeys(files, b"12345"), lambda name: name.endswith("-shm"))
    return list(recorder.calls(trace))


def test_bytes_sizes_and_syncs_of_a_file_are_followed(tmp_path: Path) -> None:
    assert calls(
        tmp_path,
        "openat(AT_FDCWD, `/office/db`, O_RDWR|O_CLOEXEC) = 3",
        "pwrite64(3, `abc`, 3, 2) = 3",
        "ftruncate(3, 4) = 0",
        "fdatasync(3) = 0",
    ) == [Write(0, 2, b"abc"), Cut(0, 4), Sync(0)]


def test_write_that_was_cut_short_counts_as_far_as_it_came(tmp_path: Path) -> None:
    opened = "openat(AT_FDCWD, `/office/db`, O_RDWR) = 3"
    assert calls(tmp_path, opened, "pwrite64(3, `abc`, 3, 0) = 2") == [Write(0, 0, b"ab")]


def test_failed_call_changes_nothing(tmp_path: Path) -> None:
    assert calls(tmp_path, "unlink(`/office/db`) = -1 EIO (Input/output error)") == []


def test_new_file_gets_a_name_and_is_written_from_its_beginning(tmp_path: Path) -> None:
    assert calls(
        tmp_path,
        "openat(AT_FDCWD, `/office/note.partial`, O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3",
        "write(3, `one`, 3) = 3",
        "write(3, `two`, 3) = 3",
        "rename(`/office/note.partial`, `/office/note`) = 0",
        "openat(AT_FDCWD, `/office`, O_RDONLY|O_DIRECTORY) = 4",
        "fsync(4) = 0",
    ) == [
        Name("note.partial", 1), Cut(1, 0), Write(1, 0, b"one"), Write(1, 3, b"two"),
        Rename("note.partial", "note"), SyncFolder(),
    ]  # fmt: skip


def test_what_is_appended_goes_to_the_end(tmp_path: Path) -> None:
    opened = "openat(AT_FDCWD, `db`, O_RDWR|O_CREAT|O_APPEND, 0666) = 3"
    assert calls(tmp_path, opened, "write(3, `x`, 1) = 1", "write(3, `y`, 1) = 1") == [
        Write(0, 5, b"x"), Write(0, 6, b"y"),
    ]  # fmt: skip


def test_file_keeps_its_number_under_another_name(tmp_path: Path) -> None:
    assert calls(
        tmp_path,
        "link(`/office/db`, `/office/copy`) = 0",
        "unlink(`/office/db`) = 0",
        "openat(AT_FDCWD, `/office/copy`, O_RDWR) = 3",
        "fsync(3) = 0",
    ) == [Name("copy", 0), Remove("db"), Sync(0)]


def test_answers_are_told_apart_from_files(tmp_path: Path) -> None:
    assert calls(tmp_path, "write(1, `done`, 4) = 4", "write(9, `elsewhere`, 9) = 9") == [Say(1, b"done")]


def test_other_folders_and_volatile_files_are_left_out(tmp_path: Path) -> None:
    assert calls(
        tmp_path,
        "openat(AT_FDCWD, `/elsewhere/db`, O_RDWR|O_CREAT, 0644) = 3",
        "pwrite64(3, `x`, 1, 0) = 1",
        "openat(AT_FDCWD, `/office/db-shm`, O_RDWR|O_CREAT, 0644) = 4",
        "mmap(NULL, 32768, PROT_READ|PROT_WRITE, MAP_SHARED, 4, 0) = 0x7f",
        "unlink(`/office/db-shm`) = 0",
    ) == []  # fmt: skip


OPENED = "openat(AT_FDCWD, `/office/db`, O_RDWR) = 3"


@pytest.mark.parametrize("line", [
    "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = 0x7f",
    "write(3, `x`, 1) = 1",
    "pwritev(3, [{iov_base=`x`, iov_len=1}], 1, 0) = 1",
    "fallocate(3, 0, 0, 4096) = 0",
    "dup(3) = 4",
    "copy_file_range(8, NULL, 3, NULL, 10, 0) = 10",
    "openat(AT_FDCWD, `/office/new`, O_WRONLY|O_CREAT|O_DSYNC, 0644) = 4",
    "mkdir(`/office/folder`, 0777) = 0",
    "rename(`/office/db`, `/elsewhere/db`) = 0",
    "truncate(`/office/db`, 0) = 0",
    "pwrite64(3, `x`..., 2, 0) = 2",
    "fsync(3 <unfinished ...>",
])  # fmt: skip
def test_what_cannot_be_followed_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(RuntimeError):
        calls(tmp_path, OPENED, line)
