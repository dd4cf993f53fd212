"""Weights in files: verified each time they are asked for."""

import pytest
import torch

import artneuro as an
from artneuro.errors import RecordError
from artneuro.subject import Subject


@pytest.fixture(scope="module")
def place():
    return an.environment("digits")


@pytest.fixture(scope="module")
def adult(place):
    newborn = Subject.naive(an.anatomy("mlp", widths=(8,)), place, seed=3)
    return an.rear(newborn, place, an.Rearing(epochs=3, batch=500, keep=(0, 2)))


def test_weights_that_are_read_when_asked_for_are_verified_then(adult, place, tmp_path):
    adult.save(tmp_path)
    asked = Subject.load(tmp_path, place, weights="asked")
    assert (asked.fingerprint, asked.at(2).fingerprint) == (adult.fingerprint, adult.at(2).fingerprint)
    assert sorted(asked.at(2).ages) == [0, 2]
    assert all(torch.equal(asked.weights[name], tensor) for name, tensor in adult.weights.items())
    before = tmp_path / "weights-2.safetensors"
    before.write_bytes((tmp_path / "weights-3.safetensors").read_bytes())
    assert asked.ages[3]  # the others are sound
    with pytest.raises(RecordError, match=r"weights-2\.safetensors: the weights are not those that were saved"):
        asked.at(2).model()
