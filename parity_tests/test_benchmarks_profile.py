"""Where the time of a step goes adds up, and names what it goes to."""

from __future__ import annotations

import pytest

from benchmarks import command, profile
from benchmarks.networks import mlp
from numpy_nn.data.text import generated
from numpy_nn.word2vec import Vocabulary

NAMES = ("Linear", "ReLU", "Dropout", "CrossEntropyLoss")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still but for what a test adds to it."""
    now = [0.0]
    monkeypatch.setattr(profile, "perf_counter", lambda: now[0])
    return now


def test_time_spent_in_a_watched_call_counts_for_it_alone(clock):
    watch = profile.Watch()

    def take(seconds):
        clock[0] += seconds

    inner = watch.watched("inner", take)

    def both():
        take(1)
        inner(2)
        inner(3)
        take(4)

    outer = watch.watched("outer", both)
    outer()
    outer()
    assert (dict(watch.seconds), dict(watch.calls)) == ({"inner": 10, "outer": 10}, {"inner": 4, "outer": 2})
    assert watch.each(2) == {"inner": 5, "outer": 5}


def test_an_error_leaves_no_time_behind(clock):
    watch = profile.Watch()

    def fail():
        clock[0] += 1
        raise KeyError

    with pytest.raises(KeyError):
        watch.watched("fails", fail)()
    watch.watched("after", lambda: None)()
    assert watch.seconds == {"fails": 1, "after": 0}


def test_a_networks_step_is_its_layers_its_loss_and_its_optimizer():
    parts = profile.of_network(mlp((6, 5, 4), 3, "optim.SGD", {"lr": 0.1}), seconds=0)
    layers = {f"{name} {way}" for name in NAMES for way in ("forward", "backward")}
    assert set(parts) == {*layers, "SGD step", profile.BETWEEN}
    assert all(seconds > 0 for seconds in parts.values())
    assert list(parts.values()) == sorted(parts.values(), reverse=True)


def test_skip_gram_is_watched_while_it_learns_and_not_afterwards():
    sentences = generated.sentences(300)
    vocabulary = Vocabulary.build(sentences, 1)
    text = profile.Text(vocabulary, vocabulary.encode(sentences))
    before = vars(profile.skip_gram.SkipGram) | vars(profile.blocks.Blocks), profile.machine.adder
    parts = profile.of_skip_gram(text)
    assert set(parts) == {
        "cutting the text into blocks",
        "gathering rows of the matrices",
        "adding rows to the matrices",
        "products and slopes",
        profile.BETWEEN,
    }
    assert (vars(profile.skip_gram.SkipGram) | vars(profile.blocks.Blocks), profile.machine.adder) == before


def test_the_table_has_shares_and_a_sum():
    table = profile.table("step", {"a": 3e-6, "b": 1e-6}, ["a note"])
    assert table.rows == [["a", "3", "75%"], ["b", "1", "25%"], ["together", "4", "100%"]]


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.39226, "392,300"), (1.23456, "1,235,000"), (1.2344e-3, "1,234"), (1.23456e-7, "0.1235")]
)
def test_microseconds_are_told_to_four_digits(seconds, told):
    assert profile.microseconds(seconds) == told
    assert profile.table("step", {"a": seconds}).rows == [["a", told, "100%"], ["together", told, "100%"]]


def test_a_corpus_that_is_not_there_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        command.main(["profile", "--corpus", str(tmp_path / "none.txt")])
    assert "--corpus:" in capsys.readouterr().err
