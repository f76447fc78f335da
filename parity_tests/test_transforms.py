"""Transformed images are bit for bit those of torchvision's rules in plain PyTorch, from one seed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils import data as torch_data

import numpy_nn.random
import torch_nn.data
from numpy_nn.backend import device_of, to_device, to_host
from numpy_nn.data import DataLoader, TransformedDataset, transforms
from parity_tests.loaders import alike, assert_same_position, same, seed_both
from parity_tests.test_workers import forked

seeds = st.integers(0, 2**63 - 1)
sizes = st.integers(1, 7) | st.tuples(st.integers(1, 7), st.integers(1, 7))
widths = st.integers(0, 3)
paddings = widths | st.tuples(widths, widths) | st.tuples(widths, widths, widths, widths)


@st.composite
def images(draw, dtypes=("u1", "i4", "f4", "f8"), least=1, leading=((), (1,), (3,), (2, 3))):
    """Pictures of up to 7 by 7 pixels, and stacks of them, in any memory order."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    shape = *draw(st.sampled_from(leading)), draw(st.integers(least, 7)), draw(st.integers(least, 7))
    values = rng.random(shape[::-1]) if dtype.kind == "f" else rng.integers(0, 128, shape[::-1])
    image = values.astype(dtype).T
    return image if draw(st.booleans()) else np.ascontiguousarray(image)


def assert_same_image(ours, theirs, image, seed=0):
    """Both transforms make the same of an image, twice, draw the same for it, and leave it as it was."""
    before = image.copy()
    seed_both(seed)
    for _ in range(2):
        assert same(ours(image), theirs(torch.from_numpy(image.copy())))
        assert_same_position()
    assert (image == before).all()


BORDERS = images(), paddings, st.integers(0, 100)
MIRRORED = images(least=4), paddings, st.sampled_from(["edge", "reflect", "symmetric"])
MIDDLES = images(), sizes
PARTS = seeds, images(), sizes, paddings, st.integers(0, 9)
FLIPS = seeds, images(), st.sampled_from([0.0, 0.1, 0.5, 1.0])
CONVERSIONS = (
    images(dtypes=("?", "u1", "i1", "i2", "i4", "f4", "f8")),
    st.sampled_from(["f4", "f8"]),
    st.booleans(),
)
NUMBERS = [((0.5,), (0.25,)), ((0.1, 0.2, 0.3), (0.3, 0.7, 1.1)), ((0.1307,), (0.1, 0.2, 0.3))]
CHANNELS = images(dtypes=("f4", "f8"), leading=((3,), (2, 3))), st.sampled_from(NUMBERS)


@given(*BORDERS)
def test_a_border_of_one_number_is_pytorchs(image, padding, fill):
    assert_same_image(*(module.Pad(padding, fill) for module in (transforms, torch_nn.data)), image)


@given(*MIRRORED)
def test_a_border_of_the_image_itself_is_pytorchs(image, padding, mode):
    assert_same_image(*(module.Pad(padding, padding_mode=mode) for module in (transforms, torch_nn.data)), image)


def test_borders_are_what_they_are_called():
    image = np.array([[1, 2, 3]])
    borders = {"edge": [1, 1, 1, 2, 3, 3], "reflect": [3, 2, 1, 2, 3, 2], "symmetric": [2, 1, 1, 2, 3, 3]}
    for mode, expected in borders.items():
        assert transforms.Pad((2, 0, 1, 0), padding_mode=mode)(image).tolist() == [expected]
    assert transforms.Pad((1, 0, 0, 1), fill=9)(image).tolist() == [[9, 1, 2, 3], [9, 9, 9, 9]]
    assert transforms.Pad((1, 0))(image).tolist() == [[0, 1, 2, 3, 0]]


@given(*MIDDLES)
def test_the_middle_of_an_image_is_pytorchs(image, size):
    assert_same_image(*(module.CenterCrop(size) for module in (transforms, torch_nn.data)), image)


@given(*PARTS)
def test_a_random_part_of_an_image_is_pytorchs(seed, image, size, padding, fill):
    options = {"padding": padding, "fill": fill, "pad_if_needed": True}
    assert_same_image(*(module.RandomCrop(size, **options) for module in (transforms, torch_nn.data)), image, seed)


@pytest.mark.parametrize("size", [(1, 1), (3, 4), (5, 3), (2, 9), (8, 9), (7, 8)])
@pytest.mark.parametrize("options", [{}, {"padding": 1}, {"padding": (1, 0, 2, 1), "fill": 7}], ids=str)
def test_what_an_image_lacks_is_padded_on_both_sides(size, options):
    image = np.arange(1, 25, dtype=np.int64).reshape(2, 3, 4)
    ours, theirs = (module.RandomCrop(size, pad_if_needed=True, **options) for module in (transforms, torch_nn.data))
    assert_same_image(ours, theirs, image, 3)


def test_a_flipped_image_is_an_array_of_its_own():
    image = np.arange(12.0).reshape(3, 4)
    flipped = transforms.RandomHorizontalFlip(1.0)(image)
    assert flipped.flags.c_contiguous
    assert not np.shares_memory(flipped, image)


def test_a_part_is_drawn_only_where_there_is_a_choice():
    image = np.arange(12).reshape(3, 4)
    for size, words in (((3, 4), 0), ((2, 4), 1), ((3, 3), 1), ((2, 2), 2)):
        ours, expected = numpy_nn.random.Generator(1), numpy_nn.random.Generator(1)
        with numpy_nn.random.default_stream(ours):
            transforms.RandomCrop(size)(image)
        numpy_nn.random.randint(0, 2, words, generator=expected)
        assert ours.get_state().tobytes() == expected.get_state().tobytes()


def test_every_part_of_an_image_is_drawn():
    image = np.arange(12).reshape(3, 4)
    numpy_nn.random.manual_seed(0)
    corners = {int(transforms.RandomCrop(2)(image)[0, 0]) for _ in range(200)}
    assert corners == {0, 1, 2, 4, 5, 6}


@given(*FLIPS)
def test_a_random_flip_is_pytorchs(seed, image, p):
    assert_same_image(*(module.RandomHorizontalFlip(p) for module in (transforms, torch_nn.data)), image, seed)


def test_a_flip_is_drawn_in_float32():
    """Where the draw is float32(p) itself, which as a float64 lies above p or below it, there is no flip."""
    image = np.arange(2)[None]
    for seed in range(4):
        with numpy_nn.random.default_stream(numpy_nn.random.Generator(seed)):
            p = numpy_nn.random.rand(1)[0]
        for shifted in (float(p), float(p) * (1 + 1e-12), float(np.nextafter(p, np.float32(1)))):
            with numpy_nn.random.default_stream(numpy_nn.random.Generator(seed)):
                flipped = transforms.RandomHorizontalFlip(shifted)(image)
            torch.manual_seed(seed)
            assert same(flipped, torch_nn.data.RandomHorizontalFlip(shifted)(torch.from_numpy(image)))


@given(*CONVERSIONS)
def test_another_dtype_is_pytorchs(image, dtype, scale):
    twin = {"f4": torch.float32, "f8": torch.float64}[dtype]
    assert_same_image(transforms.ToDtype(dtype, scale), torch_nn.data.ToDtype(twin, scale), image)


def test_scaling_takes_every_byte_into_the_unit_interval():
    scaled = transforms.ToDtype(np.float32, scale=True)(np.arange(256, dtype=np.uint8).reshape(16, 16))
    assert np.allclose(scaled.ravel(), np.arange(256) / 255, rtol=2**-23, atol=0)
    assert scaled.dtype == np.float32
    assert (scaled.min(), scaled.max()) == (0, 1)
    assert transforms.ToDtype(np.int64)(np.ones((1, 1), np.uint8)).dtype == np.int64


@given(*CHANNELS)
def test_normal_channels_are_pytorchs(image, numbers):
    assert_same_image(*(module.Normalize(*numbers) for module in (transforms, torch_nn.data)), image)


def test_one_number_normalizes_every_channel():
    image = np.ones((2, 1, 1), np.float32)
    assert transforms.Normalize(0.5, 0.25)(image).tolist() == [[[2]], [[2]]]


def pipeline(module, dtype):
    return module.Compose(
        [
            module.RandomCrop(4, padding=1, padding_mode="reflect"),
            module.RandomHorizontalFlip(),
            module.ToDtype(dtype, scale=True),
            module.Normalize((0.1307,), (0.3081,)),
        ]
    )


@pytest.mark.parametrize("num_workers", [0, 2])
def test_augmented_batches_are_the_same_in_both_wings(num_workers):
    """Cropped, flipped, scaled, normalized, in both wings, by threads and by processes, from one seed."""
    x = np.random.default_rng(0).integers(0, 256, (10, 1, 5, 5), np.uint8)
    y = np.arange(10)
    seed_both(4)
    ours = TransformedDataset(list(zip(x, y, strict=True)), pipeline(transforms, np.float32))
    tensors = torch_data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    theirs = torch_nn.data.TransformedDataset(tensors, pipeline(torch_nn.data, torch.float32))
    with forked() as fork:
        options = {"num_workers": num_workers, "batch_size": 3, "shuffle": True}
        twins = torch_data.DataLoader(theirs, **options, **(fork if num_workers else {}))
        for _ in range(2):
            for batch, twin in zip(DataLoader(ours, **options), twins, strict=True):
                assert alike(batch, twin)
            assert_same_position()


def test_images_are_transformed_where_they_are(device):
    image = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)
    for place in ("strict", device):
        numpy_nn.random.manual_seed(3)
        transformed = pipeline(transforms, np.float32)(to_device(image, place))
        numpy_nn.random.manual_seed(3)
        assert device_of(transformed) == place
        assert to_host(transformed).tobytes() == pipeline(transforms, np.float32)(image).tobytes()
        middle = transforms.CenterCrop(5)(to_device(image, place))
        assert (device_of(middle), middle.shape) == (place, (1, 5, 5))


IMAGE = np.zeros((3, 4, 5), np.float32)
REFUSALS = [
    (lambda: transforms.Compose([]), ValueError, "transforms: expected at least one"),
    (lambda: transforms.Compose([abs, 3]), TypeError, r"transforms\[1\]: expected a function, got int"),
    (lambda: transforms.ToDtype(np.uint8, scale=True), ValueError, "dtype: expected float32 or float64 to scale to"),
    (lambda: transforms.Normalize(0, 0), ValueError, "std: expected no 0"),
    (lambda: transforms.Normalize(0, [1, 0]), ValueError, "std: expected no 0, got"),
    (lambda: transforms.Normalize([], 1), ValueError, "mean: expected a number or one for every channel"),
    (lambda: transforms.Normalize(0, [[1]]), ValueError, "std: expected a number or one for every channel"),
    (lambda: transforms.Normalize(0, 1)(IMAGE.astype(int)), TypeError, "image: expected a floating dtype, got int64"),
    (lambda: transforms.Normalize([0, 0], 1)(IMAGE), ValueError, r"image: expected shape .* C = 2, got \(3, 4, 5\)"),
    (lambda: transforms.Normalize(0, 1)(IMAGE[0]), ValueError, "image: expected shape"),
    (lambda: transforms.Pad((1, 2, 3)), ValueError, "padding: expected 1 or 2 or 4 ints >= 0"),
    (lambda: transforms.Pad(-1), ValueError, "padding: expected"),
    (lambda: transforms.Pad(1.0), ValueError, "padding: expected"),
    (lambda: transforms.Pad(1, padding_mode="wrap"), ValueError, "padding_mode: expected one of constant, edge"),
    (lambda: transforms.Pad(1, 256)(IMAGE.astype("u1")), ValueError, "fill: expected a number that uint8 holds"),
    (lambda: transforms.Pad(1, 0.5)(IMAGE.astype("u1")), ValueError, "fill: expected a number that uint8 holds"),
    (lambda: transforms.Pad((0, 4), 0, "reflect")(IMAGE), ValueError, "padding: expected at most 3 rows and 4 columns"),
    (lambda: transforms.Pad((6, 0), 0, "symmetric")(IMAGE), ValueError, "padding: expected at most 4 rows and 5 col"),
    (lambda: transforms.CenterCrop(0), ValueError, "size: expected 1 or 2 ints >= 1, got 0"),
    (lambda: transforms.RandomCrop((1, 2, 3)), ValueError, "size: expected"),
    (lambda: transforms.RandomCrop(7, padding=1)(IMAGE), ValueError, r"image: expected at least \(7, 7\) .* \(6, 7\)"),
    (lambda: transforms.RandomCrop(2, 4, padding_mode="reflect")(IMAGE), ValueError, "padding: expected at most"),
    (lambda: transforms.RandomHorizontalFlip(1.5), ValueError, "p: expected a probability"),
    (lambda: transforms.RandomHorizontalFlip(-0.5), ValueError, "p: expected a probability"),
    (lambda: transforms.RandomCrop(1)([[0]]), TypeError, "image: expected an array, got list"),
    (lambda: transforms.Pad(1)([[0]]), TypeError, "image: expected an array, got list"),
    (lambda: transforms.CenterCrop(1)([[0]]), TypeError, "image: expected an array, got list"),
    (lambda: transforms.RandomHorizontalFlip()(np.zeros(3)), ValueError, r"image: expected shape \(\.\.\., H, W\)"),
]


@pytest.mark.parametrize(("make", "error", "match"), REFUSALS, ids=[match for _, _, match in REFUSALS])
def test_what_cannot_be_done_is_refused_before_anything_is_drawn(make, error, match):
    state = numpy_nn.random.get_rng_state()
    with pytest.raises(error, match=match):
        make()
    assert numpy_nn.random.get_rng_state().tobytes() == state.tobytes()
