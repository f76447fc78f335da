"""The perceptron is the same in NumPy, in PyTorch and in scikit-learn, weight for weight."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest
import sklearn.linear_model
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

import numpy_nn.perceptron
import torch_nn.perceptron
from numpy_nn.backend import device_of, to_device, to_host
from numpy_nn.data import digits

XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float64), np.array([0, 1, 1, 0])
AND = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float64), np.array([0, 0, 0, 1])


class Wing(NamedTuple):
    """One of the two implementations, and how its arrays are made."""

    room: Any
    array: Any

    def fit(self, x, y, max_epochs=30, eta=1.0, **options):
        """A fitted perceptron, which has warned exactly where it did not converge."""
        model = self.room.Perceptron(eta)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert model.fit(self.array(x), self.array(y), max_epochs, **options) is model
        says = f"no convergence: {model.mistakes[-1]} mistakes on {len(x)} samples in the last of {max_epochs} epochs"
        expected = [] if model.converged else [(self.room.ConvergenceWarning, says)]
        assert [(warning.category, str(warning.message)) for warning in caught] == expected
        return model


NUMPY, TORCH = Wing(numpy_nn.perceptron, np.asarray), Wing(torch_nn.perceptron, torch.from_numpy)
both_wings = pytest.mark.parametrize("wing", [NUMPY, TORCH], ids=["numpy", "torch"])


def same(ours, theirs):
    """Equal in shape, dtype and every bit."""
    theirs = theirs.numpy()
    return ours.shape == theirs.shape and ours.dtype == theirs.dtype and ours.tobytes() == theirs.tobytes()


@st.composite
def labels(draw, positive):
    """The labels of samples, some of them positive: {0, 1} or {−1, +1}, in one of the dtypes that holds them."""
    negative, dtype = draw(st.sampled_from([(0, "i8"), (0, "u1"), (0, "?"), (-1, "i8"), (-1, "i1")]))
    return np.where(positive, 1, negative).astype(dtype)


@st.composite
def exact_problems(draw):
    """x, y and eta whose every product and sum is exact in float32, so that no order of summation matters.

    Small multiples of 1/4: ties, repeated samples and scores of exactly 0 are common; some can be separated, some not.
    """
    N, D = draw(st.integers(2, 12)), draw(st.integers(1, 4))
    quarters = st.lists(st.integers(-6, 6), min_size=D, max_size=D)
    x = np.array(draw(st.lists(quarters, min_size=N, max_size=N))) / 4
    if draw(st.booleans()):
        positive = x @ draw(quarters) > draw(st.integers(-2, 2))
    else:
        positive = np.array(draw(st.lists(st.booleans(), min_size=N, max_size=N)))
    assume(0 < positive.sum() < N)
    eta = draw(st.sampled_from([1.0, 0.25, 2.0]))
    return x.astype(draw(st.sampled_from(["f4", "f8"]))), draw(labels(positive)), eta


@st.composite
def dense_problems(draw):
    """x, y and eta of any 53 bits: float64 data from a drawn seed, where no score comes within rounding of 0."""
    N, D = draw(st.integers(2, 20)), draw(st.integers(1, 10))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.normal(size=(N, D)) * draw(st.sampled_from([1e-3, 1.0, 1e3]))
    positive = (x @ rng.normal(size=D) > 0) ^ (rng.random(N) < draw(st.sampled_from([0, 0.3])))
    assume(0 < positive.sum() < N)
    return x, draw(labels(positive)), draw(st.floats(1e-3, 1e3))


@given(st.one_of(exact_problems(), dense_problems()))
def test_numpy_and_torch_and_scikit_learn_end_at_the_same_weights(problem):
    x, y, eta = problem
    ours, twin = (wing.fit(x, y, eta=eta) for wing in (NUMPY, TORCH))
    assert same(ours.weight, twin.weight)
    assert same(ours.bias, twin.bias)
    assert ours.converged == twin.converged
    assert ours.mistakes == twin.mistakes
    assert same(ours.predict(x), twin.predict(torch.from_numpy(x)))

    # Epochs after the first without a mistake change nothing, so the full number may be run there.
    reference = sklearn.linear_model.Perceptron(shuffle=False, tol=None, max_iter=30, eta0=eta).fit(x, y)
    np.testing.assert_array_equal(ours.weight, reference.coef_)
    np.testing.assert_array_equal(ours.bias, reference.intercept_)
    np.testing.assert_array_equal(ours.predict(x), reference.predict(x))


@given(exact_problems(), st.integers(1, 5))
def test_stopped_at_any_epoch_the_weights_are_scikit_learns(problem, epochs):
    x, y, eta = problem
    ours = NUMPY.fit(x, y, max_epochs=epochs, eta=eta)
    reference = sklearn.linear_model.Perceptron(shuffle=False, tol=None, max_iter=epochs, eta0=eta).fit(x, y)
    np.testing.assert_array_equal(ours.weight, reference.coef_)
    np.testing.assert_array_equal(ours.bias, reference.intercept_)
    np.testing.assert_array_equal(ours.decision_function(x), reference.decision_function(x))


@pytest.mark.parametrize("digit", [0, 8])
def test_real_digits_are_learned_with_scikit_learns_weights(digit):
    """One digit against the others: 0 can be separated, 8 cannot. The pixels are sixteenths, so every sum is exact."""
    images, targets = digits(np.float64)
    ours, twin = (wing.fit(images, targets == digit, max_epochs=7, record=False) for wing in (NUMPY, TORCH))
    assert ours.converged == (digit == 0)
    assert same(ours.weight, twin.weight)
    assert same(ours.bias, twin.bias)
    reference = sklearn.linear_model.Perceptron(shuffle=False, tol=None, max_iter=7).fit(images, targets == digit)
    np.testing.assert_array_equal(ours.weight, reference.coef_)
    np.testing.assert_array_equal(ours.bias, reference.intercept_)


@given(exact_problems())
def test_the_history_is_every_mistake_and_nothing_else(problem):
    """A third reading of the rule, in rational numbers, against the history of both wings."""
    x, y, eta = problem
    ours, twin = (wing.fit(x, y, max_epochs=8, eta=eta) for wing in (NUMPY, TORCH))
    weight, bias, steps = [Fraction(0)] * x.shape[1], Fraction(0), []
    for epoch in range(len(ours.mistakes)):
        for index, (sample, label) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            sign = 1 if label == 1 else -1
            if sign * (sum(w * Fraction(v) for w, v in zip(weight, sample, strict=True)) + bias) <= 0:
                weight = [w + Fraction(eta) * sign * Fraction(v) for w, v in zip(weight, sample, strict=True)]
                bias += Fraction(eta) * sign
                steps.append((epoch, index, [[float(w) for w in weight]], [float(bias)]))
    for model in (ours, twin):
        assert [(e, i, w.tolist(), b.tolist()) for e, i, w, b in model.history] == steps
        assert model.mistakes == [sum(step[0] == epoch for step in steps) for epoch in range(len(model.mistakes))]
        assert model.weight.tolist() == steps[-1][2]
        assert model.converged == (model.mistakes[-1] == 0)
        assert 0 not in model.mistakes[:-1]


@given(exact_problems())
def test_a_step_is_gradient_descent_on_the_perceptron_criterion(problem):
    """w ← w − eta ∂L/∂w with L = −sign · score of the mistaken sample, differentiated by PyTorch."""
    x, y, eta = problem
    layer = torch.nn.Linear(x.shape[1], 1, dtype=torch.from_numpy(x).dtype)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    optimizer = torch.optim.SGD(layer.parameters(), lr=eta)
    for mistake in NUMPY.fit(x, y, max_epochs=4, eta=eta).history:
        optimizer.zero_grad()
        sign = 1 if y[mistake.sample] == 1 else -1
        (-sign * layer(torch.from_numpy(x[mistake.sample]))).sum().backward()
        optimizer.step()
        assert mistake.weight.tolist() == layer.weight.tolist()
        assert mistake.bias.tolist() == layer.bias.tolist()


@given(st.data())
def test_separable_data_is_learned_within_novikoffs_bound(data):
    N, D = data.draw(st.integers(2, 12)), data.draw(st.integers(1, 3))
    digit = st.integers(-3, 3)
    x = np.array(data.draw(st.lists(st.lists(digit, min_size=D, max_size=D), min_size=N, max_size=N)), np.float64)
    weight, bias = (
        np.array([data.draw(st.lists(digit, min_size=D, max_size=D))], np.float64),
        np.array([data.draw(digit)]),
    )
    score = x @ weight[0] + bias
    x, score = x[score != 0], score[score != 0]
    assume(0 < (score > 0).sum() < len(x))
    y = data.draw(labels(score > 0))

    R_squared = max(1 + sum(Fraction(v) ** 2 for v in sample) for sample in x.tolist())
    norm_squared = sum(Fraction(v) ** 2 for v in [*weight[0].tolist(), *bias.tolist()])
    gamma_squared = Fraction(min(abs(score).tolist())) ** 2 / norm_squared
    eta = data.draw(st.sampled_from([1.0, 0.125, 3.0]))
    for wing in (NUMPY, TORCH):
        samples, hyperplane = (wing.array(x), wing.array(y)), (wing.array(weight), wing.array(bias))
        bound = wing.room.mistake_bound(*samples, *hyperplane)
        margin = wing.room.margin(*samples, *hyperplane)
        assert math.isclose(bound, R_squared / gamma_squared, rel_tol=2**-51)
        assert math.isclose(margin, math.sqrt(gamma_squared), rel_tol=2**-51)
        model = wing.fit(x, y, max_epochs=1000, eta=eta)
        assert model.converged
        assert sum(model.mistakes) <= bound
        np.testing.assert_array_equal(model.predict(samples[0]), y)
        assert wing.room.margin(*samples, model.weight, model.bias) > 0


@both_wings
def test_the_bound_can_be_met(wing):
    """x = ±1: R² = 2 and γ = 1 for w = 1, b = 0; the perceptron makes both mistakes."""
    x, y = np.array([[1.0], [-1.0]]), np.array([1, 0])
    plane = wing.array(np.array([[1.0]])), wing.array(np.array([0.0]))
    assert wing.room.mistake_bound(wing.array(x), wing.array(y), *plane) == 2
    assert wing.fit(x, y).mistakes == [2, 0]


@both_wings
def test_data_that_no_line_separates_ends_with_the_last_epoch_and_says_so(wing):
    model = wing.room.Perceptron()
    x, y = map(wing.array, XOR)
    with pytest.warns(wing.room.ConvergenceWarning, match="4 mistakes on 4 samples in the last of 50 epochs"):
        model.fit(x, y, max_epochs=50)
    assert model.converged is False
    assert len(model.mistakes) == 50
    assert model.weight.tolist() == [[0, 0]]
    assert issubclass(wing.room.ConvergenceWarning, UserWarning)


@both_wings
def test_the_logical_and_is_learned(wing):
    model = wing.fit(*AND)
    assert model.converged is True
    assert model.predict(wing.array(AND[0])).tolist() == [0, 0, 0, 1]


@both_wings
def test_a_thousand_epochs_is_the_default_limit(wing):
    with pytest.warns(wing.room.ConvergenceWarning):
        assert len(wing.room.Perceptron().fit(*map(wing.array, XOR)).mistakes) == 1000


@both_wings
@pytest.mark.parametrize(("negative", "dtype"), [(0, "u1"), (0, "i8"), (0, "?"), (-1, "i1"), (-1, "i4")])
def test_predictions_are_labels_of_the_kind_that_was_given(wing, negative, dtype):
    x, y = AND[0], np.where(AND[1] == 1, 1, negative).astype(dtype)
    predicted = wing.fit(x, y).predict(wing.array(x))
    assert predicted.dtype == wing.array(y).dtype
    assert predicted.tolist() == y.tolist()


@both_wings
def test_a_score_of_zero_is_predicted_as_the_other_label(wing):
    model = wing.fit(np.array([[1.0], [-1.0]]), np.array([1, -1]))
    assert model.bias.tolist() == [0]
    assert model.predict(wing.array(np.array([[0.0], [-0.0]]))).tolist() == [-1, -1]


@both_wings
def test_fitting_again_starts_from_zero(wing):
    model, fresh = wing.fit(*AND), wing.fit(AND[0], 1 - AND[1])
    model.fit(wing.array(AND[0]), wing.array(1 - AND[1]))
    assert model.weight.tolist() == fresh.weight.tolist()
    assert len(model.history) == len(fresh.history)
    assert model.mistakes == fresh.mistakes


@both_wings
def test_without_a_record_the_weights_are_the_same(wing):
    recorded, bare = wing.fit(*AND), wing.fit(*AND, record=False)
    assert bare.history == []
    assert len(recorded.history) == sum(recorded.mistakes) == sum(bare.mistakes)
    assert bare.weight.tolist() == recorded.weight.tolist()


@both_wings
def test_the_weights_can_be_changed_without_changing_the_history(wing):
    model = wing.fit(*AND)
    before = [(weight.tolist(), bias.tolist()) for _, _, weight, bias in model.history]
    model.weight *= 2
    model.bias += 1
    assert [(weight.tolist(), bias.tolist()) for _, _, weight, bias in model.history] == before


@both_wings
def test_the_data_stay_as_they_are_and_may_lie_in_memory_in_any_way(wing):
    rng = np.random.default_rng(0)
    wide = rng.normal(size=(6, 20))
    y = np.tile([0, 1], 10)
    kept = wide.copy(), y.copy()
    strided = wing.room.Perceptron()
    with pytest.warns(wing.room.ConvergenceWarning):
        strided.fit(wing.array(wide)[::2].T, wing.array(y), max_epochs=5)
    packed = wing.fit(np.ascontiguousarray(wide[::2].T), y, max_epochs=5)
    assert strided.weight.tolist() == packed.weight.tolist()
    assert wide.tolist() == kept[0].tolist()
    assert y.tolist() == kept[1].tolist()


def test_the_perceptron_lives_where_its_data_are(device):
    host = NUMPY.fit(*AND)
    plane = np.array([[1.0, 1.0]]), np.array([-1.5])
    for place in ("strict", device):
        x, y, weight, bias = (to_device(array, place) for array in (*AND, *plane))
        model = numpy_nn.perceptron.Perceptron().fit(x, y)
        assert {device_of(array) for array in (model.weight, model.bias, model.predict(x))} == {place}
        assert to_host(model.weight).tolist() == host.weight.tolist()
        assert to_host(model.bias).tolist() == host.bias.tolist()
        assert to_host(model.predict(x)).tolist() == AND[1].tolist()
        for measure in (numpy_nn.perceptron.margin, numpy_nn.perceptron.mistake_bound):
            assert measure(x, y, weight, bias) == measure(*AND, *plane)
    x, y = (to_device(array, "strict") for array in AND)
    with pytest.raises(ValueError, match="y: expected on strict, where x is, got cpu"):
        numpy_nn.perceptron.Perceptron().fit(x, AND[1])
    with pytest.raises(ValueError, match="x: expected on strict, as in fit, got cpu"):
        numpy_nn.perceptron.Perceptron().fit(x, y).predict(AND[0])


@both_wings
def test_no_samples_have_no_labels(wing):
    predicted = wing.fit(*AND).predict(wing.array(np.zeros((0, 2))))
    assert tuple(predicted.shape) == (0,)


@both_wings
@pytest.mark.parametrize(
    ("x", "y", "error", "match"),
    [
        (AND[0][0], AND[1], ValueError, r"x: expected shape \(N, D\), got \(2,\)"),
        (AND[0][None], AND[1], ValueError, r"x: expected shape \(N, D\)"),
        (AND[0].astype(int), AND[1], TypeError, "x: expected a floating dtype, got .*int64"),
        (np.array([[0, np.nan], [1, 1]]), AND[1][2:], ValueError, "x: expected finite"),
        (np.array([[0, np.inf], [1, 1]]), AND[1][2:], ValueError, "x: expected finite"),
        (AND[0], AND[1].astype(float), TypeError, "y: expected integer or boolean labels, got .*float64"),
        (AND[0], AND[1][:3], ValueError, r"y: expected shape \(4,\), .*got \(3,\)"),
        (AND[0], AND[1][:, None], ValueError, r"y: expected shape \(4,\), .*got \(4, 1\)"),
        (AND[0], AND[1] * 2, ValueError, r"y: expected labels .*got \[0, 2\]"),
        (AND[0], AND[1] - 1, ValueError, r"y: expected labels .*got \[-1, 0\]"),
        (AND[0], np.array([-1, 0, 1, 0]), ValueError, r"y: expected labels .*got \[-1, 0, 1\]"),
        (AND[0], np.arange(4), ValueError, r"y: expected labels .*got \[0, 1, 2, 3\]"),
        (AND[0], np.ones(4, int), ValueError, r"y: expected labels .*got \[1\]"),
        (AND[0][:0], AND[1][:0], ValueError, r"y: expected labels .*got \[\]"),
    ],
)
def test_other_data_are_refused_and_what_was_learned_stays(wing, x, y, error, match):
    with pytest.raises(error, match=match):
        wing.room.Perceptron().fit(wing.array(x), wing.array(y))
    model = wing.fit(*AND)
    before = dict(vars(model))
    with pytest.raises(error, match=match):
        model.fit(wing.array(x), wing.array(y))
    assert all(vars(model)[name] is value for name, value in before.items())


@both_wings
@pytest.mark.parametrize("eta", [0, -1.0, math.nan, math.inf, True, "1", None])
def test_a_step_that_is_no_positive_number_is_refused(wing, eta):
    with pytest.raises(ValueError, match="eta: expected a positive number"):
        wing.room.Perceptron(eta)


@both_wings
@pytest.mark.parametrize("max_epochs", [0, -1, 1.5, True, None])
def test_a_number_of_epochs_that_is_no_positive_int_is_refused(wing, max_epochs):
    with pytest.raises(ValueError, match="max_epochs: expected a positive int"):
        wing.room.Perceptron().fit(*map(wing.array, AND), max_epochs)


@both_wings
def test_prediction_needs_a_fit_and_samples_like_the_fitted_ones(wing):
    x = wing.array(AND[0])
    for use in (wing.room.Perceptron().predict, wing.room.Perceptron().decision_function):
        with pytest.raises(RuntimeError, match="call fit first"):
            use(x)
    for use in (wing.fit(*AND).predict, wing.fit(*AND).decision_function):
        with pytest.raises(ValueError, match="x: expected 2 features, as in fit, got 1"):
            use(x[:, :1])
        with pytest.raises(TypeError, match=r"x: expected .*float64, as in fit, got .*float32"):
            use(wing.array(AND[0].astype("f4")))
        with pytest.raises(ValueError, match="x: expected finite"):
            use(x * math.nan)
        with pytest.raises(ValueError, match=r"x: expected shape \(N, D\)"):
            use(x[0])


@both_wings
@pytest.mark.parametrize(
    ("x", "eta", "max_epochs"),
    [
        ([[1e30, 0], [1e30, 1]], 1.0, 2),  # a score: 1e30 · 1e30
        ([[0, 1], [1e30, 0]], 1e9, 1),  # the weight itself, in the last step: no score follows
    ],
)
def test_numbers_that_overflow_stop_the_learning(wing, x, eta, max_epochs):
    model = wing.room.Perceptron(eta)
    with pytest.raises(ValueError, match=r"x: .*float32 overflows"):
        model.fit(wing.array(np.array(x, np.float32)), wing.array(np.array([0, 1])), max_epochs)
    assert not hasattr(model, "weight")


@both_wings
def test_a_bound_needs_a_hyperplane_that_separates(wing):
    room, (x, y) = wing.room, map(wing.array, AND)
    plane = np.array([[1.0, 1.0]]), np.array([-1.5])
    assert room.margin(x, y, *map(wing.array, plane)) == pytest.approx(0.5 / math.sqrt(4.25), rel=1e-15, abs=0)
    assert room.margin(x, y, *map(wing.array, (-plane[0], -plane[1]))) < 0
    for weight, bias, match in (
        (-plane[0], -plane[1], "expected to separate"),
        (plane[0], np.array([-1.0]), "expected to separate"),  # two samples lie on the line
        (0 * plane[0], np.array([0.0]), "not all zero"),
        (plane[0] * math.nan, plane[1], "finite"),
        (plane[0][:, :1], plane[1], "weight.*: expected"),
    ):
        with pytest.raises(ValueError, match=match):
            room.mistake_bound(x, y, wing.array(weight), wing.array(bias))


@both_wings
def test_scores_may_overflow_in_silence(wing):
    model = wing.fit(np.array([[1, 1], [-1, -1]], np.float32) * 1e10, np.array([1, 0]))
    assert model.decision_function(wing.array(np.full((1, 2), 3e38, np.float32))).tolist() == [math.inf]


@both_wings
def test_a_bound_beyond_float64_is_refused(wing):
    x, y = wing.array(np.array([[1e200], [-1e200]])), wing.array(np.array([1, 0]))
    for measure in (wing.room.margin, wing.room.mistake_bound):
        with pytest.raises(ValueError, match="x, weight, bias: expected squares that are finite"):
            measure(x, y, wing.array(np.array([[1.0]])), wing.array(np.array([0.0])))


def test_what_is_no_array_is_named():
    x, y = AND
    with pytest.raises(TypeError, match="x: expected an array, got list"):
        numpy_nn.perceptron.Perceptron().fit(x.tolist(), y)
    with pytest.raises(TypeError, match="y: expected an array, got list"):
        numpy_nn.perceptron.Perceptron().fit(x, y.tolist())
    with pytest.raises(ValueError, match=r"bias: expected an array of shape \(1,\), got -1.5"):
        numpy_nn.perceptron.margin(x, y, np.ones((1, 2)), -1.5)


def test_the_wings_export_the_same_names():
    def names(room):
        return {name for name, value in vars(room).items() if getattr(value, "__module__", None) == room.__name__}

    public = {"ConvergenceWarning", "Mistake", "Perceptron", "margin", "mistake_bound"}
    for room in (numpy_nn.perceptron, torch_nn.perceptron):
        assert {name for name in names(room) if not name.startswith("_")} == public
