"""What a disk may hold after a power cut, by the calls before it: what was synced, and nothing that nobody wrote."""

from collections.abc import Mapping, Sequence
from random import Random

import pytest

from faults.disk import Call, Cut, Disk, Name, Remove, Rename, Sync, SyncFolder, Weather, Write

A, B = b"a" * 512, b"b" * 512
NEW = 1
Left = tuple[tuple[str, bytes], ...]


def left(calls: Sequence[Call], files: Mapping[str, bytes] | None = None, **hit: float) -> set[Left]:
    """All that was left of a disk in 300 draws, each as pairs of names and bytes."""
    disk = Disk.before({"f": A + A} if files is None else files, calls)
    found = set()
    for seed in range(300):
        dice = Random(seed)
        drawn = Weather.drawn(dice)
        weather = Weather(int(hit.get("sector", 512)), hit.get("kept", drawn.kept), bool(hit.get("noise", False)))
        found.add(tuple(sorted(disk.left(dice, weather).items())))
    return found


def test_what_was_synced_is_there() -> None:
    assert left([Write(0, 512, B), Sync(0)]) == {(("f", A + B),)}


def test_what_was_not_synced_is_there_in_any_subset_of_its_sectors() -> None:
    assert left([Write(0, 0, B + B)]) == {(("f", one + other),) for one in (A, B) for other in (A, B)}


def test_larger_sectors_are_written_whole() -> None:
    assert left([Write(0, 0, B + B)], sector=4096) == {(("f", A + A),), (("f", B + B),)}


def test_sync_of_another_file_keeps_nothing_of_this_one() -> None:
    files = {"f": A, "g": A}
    assert (("f", A), ("g", B)) in left([Write(0, 0, B), Write(1, 0, B), Sync(1)], files)
    assert not any(dict(found)["g"] == A for found in left([Write(0, 0, B), Write(1, 0, B), Sync(1)], files))


def test_later_write_can_be_there_without_an_earlier_one() -> None:
    assert (("f", A + B),) in left([Write(0, 0, B), Write(0, 512, B)])


def test_sector_holds_one_of_its_versions_never_a_mixture() -> None:
    calls: list[Call] = [Write(0, 0, b"1" * 256), Write(0, 256, b"2" * 256)]
    versions = (A, b"1" * 256 + b"a" * 256, b"1" * 256 + b"2" * 256)
    assert left(calls, {"f": A}) == {(("f", version),) for version in versions}


def test_file_has_one_of_its_sizes() -> None:
    sizes = {len(dict(found)["f"]) for found in left([Cut(0, 0), Write(0, 0, B), Cut(0, 700)])}
    assert sizes == {1024, 0, 512, 700}


@pytest.mark.parametrize("noise", [False, True])
def test_size_without_bytes_shows_zeros_or_noise(noise: bool) -> None:
    longer = {dict(found)["f"] for found in left([Write(0, 512, B)], {"f": A}, noise=noise)}
    unwritten = {data[512:] for data in longer if len(data) == 1024} - {B}
    assert all(data[:512] == A for data in longer)
    assert (bytes(512) in unwritten) is not noise
    assert unwritten


def test_cut_tail_can_come_back_until_it_is_synced() -> None:
    assert left([Cut(0, 0)]) == {(("f", A + A),), (("f", b""),)}
    assert left([Cut(0, 0), Sync(0)]) == {(("f", b""),)}


def test_new_name_is_there_for_sure_once_the_folder_is_synced() -> None:
    calls: list[Call] = [Name("g", NEW), Write(NEW, 0, B), Sync(NEW)]
    assert left(calls, {}) == {(), (("g", B),)}
    assert left([*calls, SyncFolder()], {}) == {(("g", B),)}


def test_synced_folder_says_nothing_of_the_bytes() -> None:
    assert (("g", b""),) in left([Name("g", NEW), Write(NEW, 0, B), SyncFolder()], {})


def test_renaming_took_place_at_once_or_not_at_all() -> None:
    files = {"f": A, "g": B}
    assert left([Rename("f", "g")], files) == {(("f", A), ("g", B)), (("g", A),)}
    assert left([Rename("f", "g"), SyncFolder()], files) == {(("g", A),)}


def test_removed_name_can_be_back_with_all_its_bytes() -> None:
    assert left([Remove("f")], {"f": A}) == {(), (("f", A),)}
    assert left([Remove("f"), SyncFolder()], {"f": A}) == {()}


def test_two_names_of_one_file_show_the_same_bytes() -> None:
    for found in left([Name("g", 0), SyncFolder(), Write(0, 0, B + B)]):
        assert dict(found)["f"] == dict(found)["g"]


def test_name_that_was_given_to_a_second_file_shows_one_of_the_two() -> None:
    calls: list[Call] = [Remove("f"), Name("f", NEW), Write(NEW, 0, B), Sync(NEW)]
    assert left(calls, {"f": A}) == {(), (("f", A),), (("f", B),)}


def test_all_is_kept_where_nothing_was_lost() -> None:
    calls: list[Call] = [Write(0, 100, B), Cut(0, 300), Name("g", NEW), Write(NEW, 0, A), Rename("g", "h"), Remove("f")]
    disk = Disk.before({"f": A}, calls)
    assert left(calls, {"f": A}, kept=1.0) == {tuple(sorted(disk.running().items()))} == {(("h", A),)}


def test_only_what_was_synced_is_there_where_nothing_was_kept() -> None:
    calls: list[Call] = [
        Write(0, 0, B),
        Sync(0),
        Write(0, 0, A),
        Write(0, 0, b"c" * 512),
        Cut(0, 9),
        Name("g", NEW),
        Remove("f"),
    ]
    assert left(calls, {"f": A}, kept=0.0) == {(("f", B),)}


def test_programs_see_all_that_was_written() -> None:
    assert Disk.before({}, [Name("f", 0), Write(0, 2, b"x"), Cut(0, 5)]).running() == {"f": b"\0\0x\0\0"}
