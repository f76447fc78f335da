"""What the suite holds against datasets, samplers, loaders, transforms and the readers of files."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from parity_tests import (
    test_collate,
    test_data,
    test_datasets,
    test_download,
    test_memory_map,
    test_samplers,
    test_tables,
    test_transforms,
    test_workers,
)
from parity_tests.mutants.drawing import Check, drawn, in_a_folder, together, walked


def _with_a_file(test: Callable[[Path], None]) -> Check:
    return in_a_folder(lambda folder: test(folder / "file"))


def _served(test: Callable[[test_download.Server, Path], None]) -> Check:
    """A test of downloads, with its server and a file to write in a new folder."""

    def check() -> None:
        with pytest.MonkeyPatch.context() as patch, test_download.serving() as server, TemporaryDirectory() as folder:
            patch.setenv("no_proxy", "*")
            test(server, Path(folder, "folder", "file"))

    return check


def _refusals() -> None:
    for make, error, match in test_transforms.REFUSALS:
        test_transforms.test_what_cannot_be_done_is_refused_before_anything_is_drawn(make, error, match)


def _broken_tables(file: Path) -> None:
    for content, target, match in test_tables.BROKEN.values():
        test_tables.test_a_broken_table_is_named_by_line_and_column(file, content, target, match)


def _other_arrays(file: Path) -> None:
    for arrays, match in test_tables.ARRAYS:
        test_tables.test_other_arrays_are_refused(file, arrays, match)


def _batches() -> None:
    for batch in test_collate.BATCHES.values():
        test_collate.test_a_batch_is_pytorchs(batch)
    for one in test_collate.DTYPES:
        for other in test_collate.DTYPES:
            test_collate.test_dtypes_meet_as_in_pytorch(one, other)


def _mapped(folder: Path) -> None:
    for dtype in ("?", "f4"):
        test_memory_map.test_a_mapped_array_is_the_array(folder, dtype)
    test_memory_map.test_what_is_no_array_is_refused(folder)


def _mapped_images(folder: Path) -> None:
    for shape in ((4, 3, 2), (5,)):
        test_memory_map.test_a_mapped_idx_file_is_the_array(folder, "u1", shape)
    test_memory_map.test_what_cannot_be_mapped_is_refused(folder)


def _images(server: test_download.Server, file: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        cache = test_download.publish(server, patch, file.parent)
        test_download.test_images_are_downloaded_once_and_the_same_in_both_wings(server, cache, *test_download.SETS[0])
        server.asked.clear()
        file.parent.joinpath("plain").mkdir()
        test_download.test_what_lies_unzipped_in_a_folder_is_not_fetched(server, cache, file.parent / "plain")


def _workers() -> None:
    for case in test_workers.CASES:
        test_workers.test_threads_draw_what_processes_draw(*case)


def _dropped() -> None:
    for when in ("busy", "after an error"):
        test_workers.test_the_threads_end_when_the_pass_is_dropped(when)


def _drawn_by(test: Any, strategies: Any) -> dict[str, Check]:
    return {"pytorch": drawn(test, *strategies)}


DEFAULTS = {"defaults": test_samplers.test_the_defaults_are_pytorchs}
PARTS: dict[str, Check] = {
    "row": drawn(test_datasets.test_a_row_of_datasets_is_indexed_as_pytorchs, *test_datasets.ROW),
    "pytorch": drawn(test_datasets.test_parts_of_parts_are_pytorchs, test_datasets.nested(), test_datasets.st.data()),
    "at once": drawn(
        test_datasets.test_rows_taken_at_once_are_the_samples_collated, test_datasets.nested(), test_datasets.st.data()
    ),
    "places": test_datasets.test_a_subset_takes_many_places_at_once,
    "own places": test_datasets.test_the_datasets_of_a_row_are_asked_for_places_of_their_own,
    "subclasses": test_datasets.test_a_subclass_that_gives_other_samples_is_asked_for_them,
    "kinds": test_datasets.test_rows_of_different_kinds_meet_as_in_pytorch,
}
REFUSALS: dict[str, Check] = {"refusals": _refusals}

CHECKS: dict[str, dict[str, Check]] = {
    "data.DataLoader": {
        "defaults": test_data.test_the_defaults_are_pytorchs,
        "words": together(
            lambda: test_data.test_every_word_is_drawn_when_pytorch_draws_it(False, True, False),
            lambda: test_data.test_every_word_is_drawn_when_pytorch_draws_it(True, False, True),
        ),
        "sampler": test_data.test_a_sampler_that_draws_at_once_is_asked_before_the_seed_of_the_workers_is_drawn,
        "functions": test_collate.test_a_function_of_ones_own_gets_the_samples,
        "pytorch": walked(test_data.Loaders),
    },
    "data.DataLoader's workers": {
        "processes": _workers,
        "errors": partial(test_workers.test_a_workers_error_is_raised_in_the_place_of_its_batch, 2),
        "settings": test_workers.test_a_worker_has_the_settings_of_the_thread_that_began_the_pass,
        "ahead": test_workers.test_no_more_is_made_ahead_than_asked_for,
        "dropped": _dropped,
    },
    "random.default_stream": {
        # What a bug leaves behind stays in the copy of the context.
        "thread": lambda: copy_context().run(
            test_workers.test_the_default_stream_is_another_one_inside_a_with_and_in_its_thread_alone
        )
    },
    "random.multinomial": _drawn_by(test_samplers.test_multinomial_is_pytorchs, test_samplers.MULTINOMIAL)
    | {"weighted": drawn(test_samplers.test_a_weighted_random_sampler_is_pytorchs, *test_samplers.WEIGHTED)},
    "data.RandomSampler": _drawn_by(test_samplers.test_a_random_sampler_is_pytorchs, test_samplers.RANDOM) | DEFAULTS,
    "data.SubsetRandomSampler": DEFAULTS
    | _drawn_by(test_samplers.test_a_subset_random_sampler_is_pytorchs, test_samplers.SUBSET),
    "data.WeightedRandomSampler": DEFAULTS
    | _drawn_by(test_samplers.test_a_weighted_random_sampler_is_pytorchs, test_samplers.WEIGHTED),
    "data.BatchSampler": _drawn_by(test_samplers.test_a_batch_sampler_is_pytorchs, test_samplers.BATCHES)
    | {"no more": test_samplers.test_a_batch_sampler_asks_for_no_more_than_a_batch},
    "data.default_collate": {
        "pytorch": _batches,
        "carried": test_collate.test_a_mapping_keeps_what_it_carries_and_a_list_its_kind,
    },
    "data.Subset": PARTS,
    "data.ConcatDataset": PARTS,
    "data.random_split": _drawn_by(test_datasets.test_a_random_split_is_pytorchs, test_datasets.LENGTHS)
    | {"shares": drawn(test_datasets.test_a_random_split_by_shares_is_pytorchs, *test_datasets.SHARES)},
    "data.TransformedDataset": {
        "pytorch": test_datasets.test_transformed_samples_are_the_same_in_both_wings,
    },
    "data.transforms.Compose": {
        "pytorch": partial(test_transforms.test_augmented_batches_are_the_same_in_both_wings, 0)
    },
    "data.transforms.Pad": _drawn_by(test_transforms.test_a_border_of_one_number_is_pytorchs, test_transforms.BORDERS)
    | {"mirrored": drawn(test_transforms.test_a_border_of_the_image_itself_is_pytorchs, *test_transforms.MIRRORED)}
    | REFUSALS,
    "data.transforms.CenterCrop": _drawn_by(
        test_transforms.test_the_middle_of_an_image_is_pytorchs, test_transforms.MIDDLES
    ),
    "data.transforms.RandomCrop": _drawn_by(
        test_transforms.test_a_random_part_of_an_image_is_pytorchs, test_transforms.PARTS
    )
    | REFUSALS,
    "data.transforms.RandomHorizontalFlip": _drawn_by(
        test_transforms.test_a_random_flip_is_pytorchs, test_transforms.FLIPS
    )
    | {"float32": test_transforms.test_a_flip_is_drawn_in_float32},
    "data.transforms.ToDtype": _drawn_by(test_transforms.test_another_dtype_is_pytorchs, test_transforms.CONVERSIONS),
    "data.transforms.Normalize": _drawn_by(test_transforms.test_normal_channels_are_pytorchs, test_transforms.CHANNELS)
    | REFUSALS,
    "data.download": {
        "nobody": _served(test_download.test_a_file_that_nobody_has_is_refused_with_all_that_was_tried),
        "wrong": _served(test_download.test_a_file_with_another_checksum_is_thrown_away_and_the_next_place_asked),
        "broken off": _served(test_download.test_what_broke_off_is_continued_by_the_next_call),
        "next place": _served(partial(test_download.test_what_broke_off_is_continued_by_the_next_place, kind="")),
        "no parts": _served(
            partial(test_download.test_a_server_that_gives_another_part_is_read_from_the_start, kind="plain")
        ),
    },
    "data.mnist": {"served": _served(_images)},
    "data.memmap_npy": {"arrays": in_a_folder(_mapped)},
    "data.read_idx": {"mapped": in_a_folder(_mapped_images)},
    "data.csv": {
        "names": _with_a_file(test_tables.test_a_table_with_names_is_read),
        "places": _with_a_file(test_tables.test_the_class_may_stand_anywhere),
        "classes": _with_a_file(test_tables.test_classes_are_in_order),
        "broken": _with_a_file(_broken_tables),
        "first row": _with_a_file(test_tables.test_a_first_row_that_lacks_a_number_is_not_taken_for_names),
        "unlabelled": _with_a_file(test_tables.test_rows_without_classes_are_read),
    },
    "data.npz": {
        "arrays": _with_a_file(test_tables.test_arrays_are_read_and_made_rows),
        "others": _with_a_file(_other_arrays),
    },
}
