"""HumanErrors: networks built to go by shape or by texture, words, and what is refused."""

import numpy as np
import pytest
import torch

import artneuro as an
from artneuro import measures
from artneuro.brains import brain
from artneuro.errors import SpecificationError

PLACE = an.environment("digits", train_size=60, test_size=40)
WORDS = {"0": "zero", "1": "one", "2": "two"}


@pytest.fixture
def subject():
    return an.Subject.naive(an.anatomy("mlp", widths=(6,)), PLACE, seed=0)


def saved(folder, **changed):
    """Twelve images, of which the last three have cues that the network has no word for or that agree."""
    random = np.random.default_rng(0)
    arrays = {
        "images": random.integers(0, 255, (12, 8, 8)).astype(np.uint8),
        "category": ["zero", "one", "two"] * 3 + ["three", "zero", "one"],
        "texture": ["one", "two", "zero"] * 3 + ["zero", "three", "one"],
        "classes": ["one", "two", "zero", "three"],
        "answer": random.integers(-1, 4, (3, 12)),
        **changed,
    }
    np.savez(folder / "people.npz", **{name: values for name, values in arrays.items() if values is not None})
    return {"file": {"path": "people.npz"}}


def test_numbers_are_those_by_hand(subject, own_root):
    found = an.HumanErrors(people=saved(own_root), words=WORDS).run(subject).isel(subject=0)
    people = brain("file", path="people.npz")
    images = people.shown_to(PLACE).images
    with torch.no_grad():
        said = subject.model()(subject.present(images))[:9, :3].argmax(dim=1).numpy()  # the three that have a word
    shape, texture = np.array([0, 1, 2] * 3), np.array([1, 2, 0] * 3)
    assert (found.stimuli_used.item(), found.left_out.item()) == (9, 3)
    right = said == shape
    assert found.accuracy.item() == pytest.approx(right.mean())
    named = right.sum() + (said == texture).sum()
    assert found.shape_bias.item() == pytest.approx(right.sum() / named)
    own = np.array([2, 0, 1])  # places of zero, one, two among people's words
    theirs = people.record.answer.values[:, :9]
    human = theirs == own[shape]
    assert found.human_accuracy.item() == pytest.approx(human.mean())
    assert found.human_shape_bias.item() == pytest.approx(human.sum() / (human.sum() + (theirs == own[texture]).sum()))
    kappa = measures.error_consistency(torch.from_numpy(right)[None], torch.from_numpy(human))
    assert found.error_consistency.item() == pytest.approx(float(kappa.mean()))
    among = measures.error_consistency(torch.from_numpy(human), torch.from_numpy(human))
    pairs = (among[0, 1] + among[0, 2] + among[1, 2]) / 3
    assert found.human_error_consistency.item() == pytest.approx(float(pairs))


def test_without_textures_there_is_no_shape_bias(subject, own_root):
    found = an.HumanErrors(people=saved(own_root, texture=None), words=WORDS).run(subject).isel(subject=0)
    assert np.isnan(found.shape_bias)
    assert found.stimuli_used.item() == 11


@pytest.mark.parametrize(
    ("changed", "words", "said"),
    [
        ({}, {"zero": "zero"}, r"words\.zero: required a class of the environment \(0, 1, "),
        ({}, {**WORDS, "3": "four"}, r"words\.3: required a word that people could say \(one, two, zero, three\)"),
        ({}, {"0": "zero"}, "words: required words for 4 stimuli or more; came words for 0"),
        ({"images": None}, WORDS, r"people: required answers \(subject, stimulus\) to images with a category"),
    ],
)
def test_what_cannot_be_compared_is_refused_before(subject, own_root, changed, words, said):
    with pytest.raises(SpecificationError, match=said):
        an.HumanErrors(people=saved(own_root, **changed), words=words).run(subject)
