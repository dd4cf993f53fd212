"""Rearing where values are learnt, in double precision, and with few evaluations."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.rearing import SGD, AdamW, EarlyStop, LabelCorruption, Rearing
from artneuro.rearing.engine import way
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.rear import rear, rear_litter, rear_up_to, rear_watched
from artneuro.rearing.tracking import rear_tracked
from artneuro.subject import Subject

SQUARE = Rearing(epochs=4, batch=16, optimizer=AdamW(lr=0.01), loss="mean_square")


@pytest.fixture(scope="module")
def heights():
    """Two values of four inputs: 50 stimuli to learn from, 20 to be tested on."""
    x = np.random.default_rng(0).uniform(-1, 1, (70, 1, 4)).astype(np.float32)
    y = np.stack([x[:, 0, 0] * x[:, 0, 1], np.sin(x[:, 0, 2]) + x[:, 0, 3]], axis=1)
    return an.Environment.from_arrays(x[:50], y[:50], x[50:], y[50:], ["product", "sum"], normalise="none")


@pytest.fixture
def born(heights):
    def born(*seeds, place=heights, **parameters):
        anatomy = an.anatomy("mlp", **{"widths": (9, 7), "activation": "silu", **parameters})
        return [Subject.naive(anatomy, place, seed) for seed in seeds]

    return born


@pytest.mark.parametrize("activation", ["relu", "silu", "gelu", "tanh"])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_it_is_an_ordinary_loop_to_the_last_bit(born, same, ordinary, activation, precision):
    subjects = born(0, 1, 2, activation=activation)
    assert way(subjects[0].model(), "cpu") == "stacked"
    for batch in (16, 50):
        adults = rear_litter(subjects, SQUARE.but(precision=precision, batch=batch))
        for subject, adult in zip(subjects, adults, strict=True):
            optimizer = lambda weights: torch.optim.AdamW(weights, lr=0.01, weight_decay=0.01)  # noqa: E731
            wanted = {"judge": F.mse_loss, "dtype": getattr(torch, precision)}
            expected = ordinary(subject, 4, batch, optimizer, **wanted)
            assert same(adult.weights, expected)
            assert same(rear_litter([subject], SQUARE.but(precision=precision, batch=batch))[0].weights, expected)


def test_the_history_is_what_the_network_is_off_by(born, heights):
    (adult,) = rear_litter(born(0), SQUARE.but(evaluate_train=True))
    for part in ("train", "test"):
        stimuli = getattr(heights, part)
        with torch.no_grad():
            answers = adult.model()(adult.present(stimuli.images))
        expected = (answers.double() - stimuli.targets).square().mean().item()
        assert float(adult.history[f"{part}_loss"][-1]) == pytest.approx(expected, rel=1e-5)  # answers in float32
        assert f"{part}_accuracy" not in adult.history
    assert adult.history.test_loss.attrs["units"] == "1"
    assert float(adult.history.test_loss[-1]) < float(adult.history.test_loss[0])


def test_in_double_precision_all_is_double_and_lasts(born, heights, tmp_path):
    (adult,) = rear_litter(born(0), SQUARE.but(precision="float64"))
    assert {tensor.dtype for tensor in adult.weights.values()} == {torch.float64} == {adult.dtype}
    assert adult.present(heights.test.images).dtype == torch.float64
    with torch.no_grad():
        answers = adult.model()(adult.present(heights.test.images))
    expected = float((answers - heights.test.targets).square().mean())
    assert float(adult.history.test_loss[-1]) == pytest.approx(expected, rel=1e-12)
    adult.save(tmp_path)
    again = Subject.load(tmp_path, heights)
    assert again.fingerprint == adult.fingerprint
    assert rear(again, heights, SQUARE).dtype == torch.float32  # as the rearing declares


def test_classes_may_be_learnt_by_mean_square(few, naive, same, ordinary):
    (subject,) = naive("mlp", widths=(8,))
    adult = rear(subject, few, Rearing(epochs=3, batch=16, optimizer=SGD(lr=0.1), loss="mean_square"))

    def judge(answers, targets):
        return F.mse_loss(answers, F.one_hot(targets, 3).to(answers))

    assert same(adult.weights, ordinary(subject, 3, 16, lambda weights: torch.optim.SGD(weights, lr=0.1), judge=judge))
    assert float(adult.history.test_accuracy[-1]) >= 0


EVERY = Rearing(epochs=12, batch=16, loss="mean_square")


def test_what_is_not_evaluated_is_lived_all_the_same(born, same):
    subjects = born(0, 1)
    often = rear_litter(subjects, EVERY.but(keep=(4, 8)))
    seldom = rear_litter(subjects, EVERY.but(keep=(4, 8), evaluate_every=4))
    for one, other in zip(often, seldom, strict=True):
        assert sorted(one.ages) == sorted(other.ages) == [4, 8, 12]
        assert all(same(one.ages[age], other.ages[age]) for age in one.ages)
        assert other.history.epoch.values.tolist() == [4, 8, 12]
        own = one.history.sel(epoch=[4, 8, 12])
        for name in ("train_loss", "test_loss", "learning_rate", "updates"):
            assert own[name].values.tolist() == other.history[name].values.tolist()


@pytest.mark.parametrize("until", [3, 4, 6])
def test_a_pause_between_evaluations_leaves_no_trace(born, same, tmp_path, until):
    subjects, rearing = born(0, 1), EVERY.but(evaluate_every=4, optimizer=AdamW(lr=0.01))
    whole = rear_litter(subjects, rearing)
    paused = rear_up_to(until, subjects, rearing)
    paused[0].save(tmp_path / "one")
    paused[0] = Juvenile.load(tmp_path / "one", subjects[0])
    for one, other in zip(whole, rear_litter(paused, rearing), strict=True):
        assert same(one.weights, other.weights)
        assert sorted(one.ages) == sorted(other.ages) == [12]
        assert one.history.drop_vars("wall_time").identical(other.history.drop_vars("wall_time"))


def test_who_diverges_between_evaluations_keeps_the_weights_of_the_one_before(born, same):
    (subject,) = born(0)
    wild = EVERY.but(optimizer=SGD(lr=30.0), evaluate_every=4)
    rates = an.rearing.MultiStep(at=(5,), gamma=1e30)
    lost = rear_litter([subject], wild.but(optimizer=SGD(lr=0.01), schedule=rates))[0]
    assert lost.diverged == 8
    assert lost.age == 4
    assert same(lost.weights, rear_litter([subject], EVERY.but(epochs=4, optimizer=SGD(lr=0.01)))[0].weights)
    paused = rear_up_to(6, [subject], wild.but(optimizer=SGD(lr=0.01), schedule=rates))
    later = rear_litter(paused, wild.but(optimizer=SGD(lr=0.01), schedule=rates))[0]
    assert (later.diverged, later.age) == (8, 4)
    assert same(later.weights, lost.weights)


def test_watchers_and_visitors_come_when_subjects_are_evaluated(born):
    seen = []
    rows = rear_watched(lambda lived: bool(seen.append(len(lived[0]))), born(0), EVERY.but(evaluate_every=4))
    assert (seen, len(rows[0])) == ([1, 2, 3], 3)
    met = []
    rearing = EVERY.but(evaluate_every=4)
    rear_tracked((0, 8), born(0), rearing, visit=lambda place, subject: met.append((subject.age, subject.dtype)))
    assert met == [(0, torch.float32), (8, torch.float32)]
    with pytest.raises(SpecificationError, match="ages at which subjects are evaluated, every 4 epochs"):
        rear_tracked((6,), born(0), rearing, visit=lambda place, subject: None)


def test_early_stopping_counts_epochs(born):
    stop = EarlyStop(patience=5, margin=1e9)  # nothing is ever an improvement after the first
    (adult,) = rear_litter(born(0), EVERY.but(evaluate_every=4), [stop])
    assert adult.age == 12
    assert rear_litter(born(0), EVERY.but(evaluate_every=1), [stop])[0].age == 6


def test_what_values_cannot_have_is_refused(born, few, naive):
    (subject,) = born(0)
    place = subject.environment
    for rearing, interventions, message in (
        (SQUARE.but(loss="cross_entropy"), (), "Rearing.loss: required mean_square, where targets are values"),
        (
            SQUARE,
            [LabelCorruption(fraction=0.5)],
            "required an environment whose targets are classes",
        ),
        (
            SQUARE,
            [EarlyStop(patience=1, of="test_accuracy")],
            "of: required a loss, where targets are values",
        ),
    ):
        with pytest.raises(SpecificationError, match=message):
            rear(subject, place, rearing, interventions)
    for protocol in (an.LesionStudy(site="hidden1"), an.InformationStudy()):
        with pytest.raises(SpecificationError, match="environment: required one whose targets are classes"):
            protocol.run(subject)
    other = Subject.naive(subject.anatomy, few, 0)
    with pytest.raises(SpecificationError, match=r"came stimuli of shape \(3, 8, 8\) and 3 classes"):
        subject.living_in(few)
    adult = rear(other, few, Rearing(epochs=1))
    with pytest.raises(SpecificationError, match="required the loss that the subject was reared with, cross_entropy"):
        rear(adult, few, Rearing(epochs=1, loss="mean_square"))
    taught = rear(other, few, Rearing(epochs=1, loss="mean_square"))
    with pytest.raises(SpecificationError, match="required subjects reared with cross_entropy; came mean_square"):
        an.InformationStudy().run(taught)
