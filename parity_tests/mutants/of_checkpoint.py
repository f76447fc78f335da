"""What the suite holds against saving and loading."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from parity_tests import hostile, test_checkpoint, test_checkpoint_hostile, test_checkpoint_torch, test_files
from parity_tests.mutants.drawing import Check, in_a_folder
from parity_tests.plain_data import NAMES, odd, same

SEEDS = range(60)
LONG = 200_000
"""Hostile files with more bytes than this are left to the suite: they are slow to make."""


def _to_torch() -> None:
    for seed in SEEDS:
        test_checkpoint_torch.test_shared_memory_is_shared_in_torch.hypothesis.inner_test(seed)
        test_checkpoint_torch.test_strides_are_kept_in_torch.hypothesis.inner_test(seed)
    for name in NAMES:
        test_checkpoint_torch.test_every_dtype_both_ways(name)
    test_checkpoint_torch.test_the_records_are_pytorchs()
    test_checkpoint_torch.test_a_small_part_does_not_end_the_storage_of_the_whole()


def _from_torch() -> None:
    for seed in SEEDS:
        for protocol in (2, 4):
            test_checkpoint_torch.test_shared_memory_and_strides_of_torch_are_kept.hypothesis.inner_test(protocol, seed)
    test_checkpoint_torch.test_bfloat16_is_widened_exactly_and_still_shared.hypothesis.inner_test(0)
    for protocol in test_checkpoint_torch.PROTOCOLS:
        test_checkpoint_torch.test_everything_torch_saves_is_read(protocol)
    test_checkpoint_torch.test_a_file_of_a_big_endian_machine_is_read()
    test_checkpoint_torch.test_dtypes_and_devices_are_read_as_their_names()


def _round_trip() -> None:
    for ending in test_checkpoint.ENDINGS:
        test_checkpoint.test_every_kind_of_value_comes_back(ending)
        test_checkpoint.test_arrays_out_of_step_in_the_same_bytes_come_back(ending)
        for data in test_checkpoint.WHOLES:
            test_checkpoint.test_anything_may_be_the_whole(ending, data)
        test_checkpoint.test_numpy_numbers_become_pythons(ending)
        for seed in SEEDS:
            array = test_checkpoint.without_complex128(odd(seed))
            assert same(test_checkpoint.through(array, ending), array)


def _refusals(folder: Path) -> None:
    test_checkpoint.test_complex128_is_refused_by_safetensors_and_a_huge_expanded_array_by_pth(folder)
    for ending in test_checkpoint.ENDINGS:
        for case in test_checkpoint.REFUSED:
            (folder / ending / case).mkdir(parents=True)
            test_checkpoint.test_what_cannot_be_saved_is_refused_and_the_old_file_stays(
                ending, case, folder / ending / case
            )


def _foreign(folder: Path) -> None:
    test_checkpoint.test_what_numpy_and_safetensors_write_is_a_dict_of_arrays(folder)
    test_checkpoint.test_a_dict_of_arrays_is_what_numpy_and_safetensors_know(folder)


@cache
def _hostile_files() -> dict[str, hostile.Hostile]:
    """The short ones, made once."""
    built = {name: case.build() for name, case in hostile.HOSTILE.items()}
    return {
        name: hostile.Hostile(lambda data=data: data, hostile.HOSTILE[name].ending, hostile.HOSTILE[name].error)
        for name, data in built.items()
        if len(data) < LONG
    }


def _hostile() -> None:
    for case in _hostile_files().values():
        test_checkpoint_hostile.assert_harmless(case, vars(hostile.judged(case, [])))


def _statistics(folder: Path) -> None:
    test_checkpoint.test_rows_name_every_leaf(".npz", folder)
    for seed in SEEDS:
        test_checkpoint.test_statistics_are_numpys.hypothesis.inner_test(seed)


CHECKS: dict[str, dict[str, Check]] = {
    "checkpoint.save": {
        "pytorch": _to_torch,
        "round trip": _round_trip,
        "refusals": in_a_folder(_refusals, _foreign),
    },
    "checkpoint.load": {
        "pytorch": _from_torch,
        "round trip": _round_trip,
        "hostile": _hostile,
        "foreign": in_a_folder(_foreign),
    },
    "checkpoint.describe": {"numpy": in_a_folder(_statistics)},
    "files.whole": {
        "folder": in_a_folder(
            test_files.test_what_is_written_takes_the_place_of_the_old_when_it_is_done,
            lambda folder: test_files.test_an_error_leaves_the_old_file_and_nothing_else(ValueError, folder),
            lambda folder: test_files.test_a_new_file_has_the_permissions_of_the_umask_and_a_replaced_one_its_own(
                0o022, folder
            ),
            test_files.test_a_link_stays_and_what_it_points_to_is_replaced,
            test_files.test_a_leftover_is_removed_and_what_is_being_written_is_not,
            test_files.test_what_is_written_reaches_the_disk_before_its_name_does,
        ),
    },
}
