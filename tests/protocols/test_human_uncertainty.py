"""HumanUncertainty: people who are the network, the order of stimuli, and people who do not fit."""

import numpy as np
import pytest
import torch

import artneuro as an
from artneuro import measures
from artneuro.errors import SpecificationError

PLACE = an.environment("digits", train_size=200, test_size=60)
WORDS = [str(number) for number in range(10)]


@pytest.fixture(scope="module")
def adult():
    subject = an.Subject.naive(an.anatomy("mlp", widths=(16,)), PLACE, seed=0)
    return an.rear(subject, PLACE, an.Rearing(epochs=8, batch=20))


def probabilities(subject):
    with torch.no_grad():
        return subject.model()(subject.present(PLACE.test.images)).double().softmax(dim=1)


@pytest.fixture
def people(own_root):
    """Save answers to the test stimuli in a data root, filled up to their numbers in scikit-learn's order."""

    def saved(answers):
        everyone = np.ones((1797, 10), dtype=np.int64)
        everyone[PLACE.test.index.numpy()] = answers
        np.savez(own_root / "people.npz", answers=everyone, classes=WORDS)
        return {"file": {"path": "people.npz", "shares": "digits"}}

    return saved


def test_people_who_answer_as_the_network_does_are_alike(adult, people):
    counts = (probabilities(adult).numpy() * 1e8).round().astype(np.int64)
    found = an.HumanUncertainty(people=people(counts), splits=2).run(adult).isel(subject=0)
    assert found.cross_entropy.item() == pytest.approx(found.human_entropy.item(), abs=1e-3)
    for name in ("entropy_correlation", "confusion_correlation", "wrong_correlation", "wrong_given_class"):
        # answers that less than one in 1e8 people would give are ties, which ranks of all wrong answers see
        assert found[name].item() > 0.95, name
        assert found[f"{name.removesuffix('_correlation')}_ceiling"].item() > 0.95, name
    logits = probabilities(adult).log()
    assert found.label_cross_entropy.item() == pytest.approx(
        float(torch.nn.functional.nll_loss(logits, PLACE.test.targets)), abs=1e-5
    )
    assert found.accuracy.item() == adult.history.test_accuracy.values[-1]


def test_classes_are_known_by_name_and_stimuli_by_number(adult, tmp_path, people):
    random = np.random.default_rng(0)
    counts = random.integers(0, 4, (60, 10)) + 20 * np.eye(10, dtype=np.int64)[PLACE.test.targets.numpy()]
    one = an.HumanUncertainty(people=people(counts), splits=1).run(adult)
    with np.load(tmp_path / "people.npz") as saved:
        turned = saved["answers"][:, ::-1]
    np.savez(tmp_path / "turned.npz", answers=turned, classes=WORDS[::-1])
    file = {"file": {"path": "turned.npz", "shares": "digits"}}
    other = an.HumanUncertainty(people=file, splits=1).run(adult)
    shares = measures.answer_shares(torch.from_numpy(counts))
    expected = measures.wrong_answer_correlation(probabilities(adult), shares, PLACE.test.targets)
    for found in (one, other):
        assert found.wrong_correlation.item() == pytest.approx(expected, abs=1e-6)
        assert found.cross_entropy.item() == one.cross_entropy.item()


def test_people_who_bring_their_images_are_shown_them(adult):
    crowd = {"simulated": {"classes": WORDS, "per_class": 3, "subjects": 12, "size": 8}}
    found = an.HumanUncertainty(people=crowd, splits=1).run(adult).isel(subject=0)
    record = an.brain("simulated", **crowd["simulated"]).record
    right = record.answers.values[np.arange(30), np.repeat(range(10), 3)].sum() / 360
    assert found.human_accuracy.item() == pytest.approx(right)


def test_people_who_do_not_fit_are_refused_before(adult, people):
    counts = 5 * np.eye(10, dtype=np.int64)[PLACE.test.targets.numpy()]
    shifted = people(np.roll(counts, 1, axis=0))
    for crowd, said in (
        (shifted, r"people: required people who know most of the labels; came \d+%.*in another order"),
        ("simulated", r"answers that are the classes of the environment; came others: only one of both has 4"),
    ):
        with pytest.raises(SpecificationError, match=said):
            an.HumanUncertainty(people=crowd).run(adult)
    values = an.Environment.from_arrays(np.zeros((4, 8, 8)), np.zeros(4), np.zeros((4, 8, 8)), np.zeros(4))
    with pytest.raises(SpecificationError, match="one whose targets are classes"):
        an.HumanUncertainty(people="simulated").run(an.Subject.naive(an.anatomy("mlp"), values, seed=0))


@pytest.mark.data
def test_cifar10h_meets_the_test_set_of_cifar10(brain_root):
    cifar = an.environment("cifar10", brain_root("cifar10h"), train_size=50, test_size=200)
    subject = an.Subject.naive(an.anatomy("mlp", widths=(4,)), cifar, seed=0)
    found = an.HumanUncertainty(splits=1).run(subject).isel(subject=0)
    assert found.human_accuracy.item() == pytest.approx(0.951, abs=0.03)  # 200 of 10,000 images, mean .951
    assert found.cross_entropy.item() > found.human_entropy.item()
