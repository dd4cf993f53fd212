"""A brain: what it is refused for, its order, its identity, and its images as stimuli of an environment."""

import attrs
import numpy as np
import pytest
import torch
import xarray as xr

import artneuro as an
from artneuro.brains import Brain, brain, brain_of
from artneuro.errors import DataError, RecordError, SpecificationError

RESPONSES = np.arange(20.0).reshape(5, 4) ** 2 % 7


@pytest.fixture(scope="module")
def simulated():
    return brain("simulated")


def test_another_order_of_stimuli_moves_everything_along(simulated):
    order = simulated.names()[::-1][:7]
    other = simulated.in_order_of(order)
    assert other.names() == order
    assert torch.equal(other.images, simulated.images.flip(0)[:7])
    assert other.record.category.values.tolist() == simulated.record.category.values[::-1][:7].tolist()
    square = an.measures.square_rdm(simulated.rdms())
    assert torch.equal(an.measures.square_rdm(other.rdms()), square.flip(1, 2)[:, :7, :7])
    with pytest.raises(DataError, match="there is no stimulus 'nowhere'"):
        simulated.in_order_of([*order, "nowhere"])


def test_its_fingerprint_tells_every_change(simulated):
    assert brain("simulated").fingerprint == simulated.fingerprint
    images = simulated.images.clone()
    images[3, 0, 2, 1] += 1
    others = [attrs.evolve(simulated, images=images), brain("simulated", seed=1)]
    renamed = simulated.record.assign_coords(category=("stimulus", ["ä"] * 24, simulated.record.category.attrs))
    others.append(attrs.evolve(simulated, record=renamed))
    assert len({simulated.fingerprint, *(other.fingerprint for other in others)}) == 4


def test_what_is_no_brain_is_refused(simulated):
    with pytest.raises(RecordError, match="vocabulary"):
        Brain(name="odd", record=xr.Dataset({"activity": (("time", "unit"), np.zeros((2, 2)))}))
    with pytest.raises(DataError, match="required at least one of"):
        Brain(name="odd", record=simulated.record[["stimulus_name"]])
    with pytest.raises(DataError, match="activity along stimulus, unit; came unit, stimulus"):
        attrs.evolve(simulated, record=simulated.record[["activity"]].transpose("unit", "stimulus"))
    with pytest.raises(DataError, match="came 3 images for 24 stimuli"):
        attrs.evolve(simulated, images=simulated.images[:3])
    with pytest.raises(DataError, match="stimulus_name"):
        attrs.evolve(simulated, record=simulated.record.drop_vars("stimulus_name"))


def test_images_become_stimuli_of_the_environment(simulated):
    digits = an.environment("digits", train_size=40, test_size=20)
    shown = simulated.shown_to(digits)
    assert shown.images.shape == (24, 1, 8, 8)
    assert shown.images.dtype == torch.float32
    # the triangle of the low-pass reaches beyond a block of four pixels, so the mean of all is kept, but for borders
    assert shown.images.mean() == pytest.approx(simulated.images.double().mean().item() / 255, abs=0.01)
    assert 0 <= shown.images.min() <= shown.images.max() <= 1
    assert shown.targets.tolist() == np.repeat(range(4), 6).tolist()
    assert simulated.categories()[0] == ("0", "1", "2", "3")
    colour = an.Environment.from_arrays(
        np.zeros((4, 3, 16, 16), np.uint8), range(4), np.zeros((4, 3, 16, 16), np.uint8), range(4), normalise="none"
    )
    assert torch.equal(simulated.shown_to(colour).images, simulated.images)  # of its own size, nothing is changed


def test_without_images_stimuli_are_found_by_their_number_in_the_set():
    digits = an.environment("digits", train_size=40, test_size=20)
    there = digits.test.index.tolist()
    judged = [*there[5:10], 999_999]
    people = brain_of("people", {"answers": np.ones((6, 2))}, stimuli=judged, shares="digits")
    assert people.shown_to(digits).index.tolist() == there[5:10]
    with pytest.raises(
        SpecificationError, match="the test stimuli of cifar10, which people were shown; came one of digits"
    ):
        attrs.evolve(people, shares="cifar10").shown_to(digits)
    strangers = brain_of("people", {"answers": np.ones((4, 2))}, stimuli=[-1, -2, -3, -4], shares="digits")
    with pytest.raises(SpecificationError, match="4 test stimuli or more that people were shown; came 0"):
        strangers.shown_to(digits)


def test_it_says_what_it_holds(simulated):
    assert repr(simulated).startswith("Brain('simulated': dissimilarity, activity")
    with pytest.raises(SpecificationError, match=r"brain: required the name of a known brain.*kriegeskorte92"):
        brain("kriegeskorte")
    with pytest.raises(SpecificationError, match=r"brain\.simulated\.noize"):
        brain("simulated", noize=1)
