"""Recording activity as labelled data: values against the network itself, on disk as in memory, refusals in words."""

import attrs
import numpy as np
import pytest
import torch
import xarray as xr

import artneuro as an
from artneuro.environment import Stimuli
from artneuro.errors import RecordError, SpecificationError
from artneuro.labels import Label
from artneuro.recording import record
from artneuro.records import dataset, write_in_blocks


@pytest.fixture(scope="module")
def cnn():
    digits = an.environment("digits", train_size=60, test_size=30)
    naive = an.Subject.naive(an.anatomy("simple_cnn", channels=(3, 4), hidden=5), digits, seed=0)
    return an.rear(naive, digits, an.Rearing(epochs=1, batch=20, keep=(0,)))


def seen(subject, module, stimuli):
    """What a module of a sequential network gives, by running it up to there."""
    model, x = subject.model(), subject.environment.present(stimuli.images)
    for name, layer in model.named_children():
        x = layer(x)
        if name == module:
            return x.detach()
    raise AssertionError(module)


def test_units_are_what_the_modules_give_with_their_places(cnn):
    stimuli = cnn.environment.test
    found = record(cnn, stimuli, pool="none")
    maps = seen(cnn, cnn.sites()["conv1"], stimuli).numpy()
    unit = found.isel(unit=found.unit_site == "conv1")
    for number in (0, 17, unit.sizes["unit"] - 1):
        one = unit.isel(unit=number)
        channel, y, x = int(one.unit_channel), int(one.unit_y), int(one.unit_x)
        np.testing.assert_array_equal(one.activity, maps[:, channel, y, x])
        assert int(one.unit_index) == number
    assert found.target.values.tolist() == stimuli.targets.tolist()
    assert found.stimulus.values.tolist() == stimuli.index.tolist()
    dense = found.isel(unit=found.unit_site == list(cnn.sites())[-1])
    assert set(dense.unit_y.values) == {-1}


def test_pooling_is_the_mean_or_the_maximum_over_places(cnn):
    stimuli = cnn.environment.test
    full = record(cnn, stimuli, "conv2", pool="none")
    for pool, reduce in (("mean", np.mean), ("max", np.max)):
        found = record(cnn, stimuli, "conv2", pool=pool)
        by_map = full.activity.values.reshape(len(stimuli), found.sizes["unit"], -1)
        np.testing.assert_allclose(found.activity, reduce(by_map, axis=2), rtol=1e-5, atol=1e-6)


def test_before_the_nonlinearity_a_relu_of_it_is_what_comes_after(cnn):
    before = record(cnn, cnn.environment.test, "conv1", pool="none", when="before")
    after = record(cnn, cnn.environment.test, "conv1", pool="none")
    assert before.activity.min() < 0
    np.testing.assert_array_equal(np.maximum(before.activity, 0), after.activity)


def test_kept_ages_lie_along_epoch(cnn):
    found = record(cnn, cnn.environment.test, ages=(0, 1))
    for age in (0, 1):
        alone = record(cnn.at(age), cnn.environment.test)
        np.testing.assert_array_equal(found.activity.sel(epoch=age), alone.activity)
    assert (found.activity.sel(epoch=0) != found.activity.sel(epoch=1)).any()


@pytest.mark.parametrize("ages", [None, (0, 1)])
def test_a_streamed_recording_is_the_one_in_memory(cnn, tmp_path, ages):
    whole = record(cnn, cnn.environment.test, pool="none", ages=ages)
    row = whole.activity.nbytes // len(cnn.environment.test)
    with record(cnn, cnn.environment.test, pool="none", ages=ages, path=tmp_path / "it.nc", memory=28 * row) as lazy:
        assert not lazy.activity._in_memory
        # blocks of other sizes take sums in another order
        np.testing.assert_allclose(lazy.activity.values, whole.activity.values, rtol=1e-5, atol=1e-6)
        xr.testing.assert_identical(lazy.drop_vars("activity").load(), whole.drop_vars("activity"))
        assert lazy.activity.attrs == whole.activity.attrs
    with xr.open_dataset(tmp_path / "it.nc") as plain:
        assert set(plain.activity.coords) == set(whole.activity.coords)


def test_what_does_not_fit_into_the_declared_memory_asks_for_a_file(cnn):
    with pytest.raises(SpecificationError, match="Give a `path`"):
        record(cnn, cnn.environment.test, pool="none", memory=1000)


def test_own_images_and_own_coordinates(cnn):
    images = torch.rand(5, 1, 8, 8, generator=an.Stream(0).torch())
    found = record(cnn, Stimuli.of(images, torch.arange(5)), coords={"size": [1, 2, 3, 4, 5]})
    assert found.size.dims == ("stimulus",)
    assert found.size.attrs["units"] == "1"


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"sites": "nowhere"}, "site of this anatomy"),
        ({"ages": (7,)}, "an age that was kept"),
        ({"ages": (1, 0)}, "kept ages that ascend"),
        ({"coords": {"target": [0] * 30}}, "new names with 30 values"),
        ({"coords": {"size": [1, 2]}}, "new names with 30 values"),
    ],
)
def test_what_cannot_be_recorded_is_said(cnn, changed, named):
    with pytest.raises(SpecificationError, match=named):
        record(cnn, cnn.environment.test, **changed)


@pytest.mark.parametrize(
    ("images", "named"),
    [
        (torch.zeros(2, 1, 9, 9), "images of shape"),
        (torch.zeros(0, 1, 8, 8), "at least one stimulus"),
        (torch.full((2, 1, 8, 8), torch.nan), "finite pixels"),
    ],
)
def test_images_that_it_cannot_see_are_refused(cnn, images, named):
    with pytest.raises(SpecificationError, match=named):
        record(cnn, Stimuli.of(images, torch.zeros(len(images), dtype=torch.int64)))


def test_blocks_that_do_not_fill_the_file_leave_none(tmp_path):
    frame = dataset({}, {}, {"stimulus": [0, 1, 2], "unit": [0, 1]})
    label = {"activity": Label("activity", "1", ("stimulus", "unit"))}
    with pytest.raises(RecordError, match="the blocks hold 2 of 3"):
        write_in_blocks(frame, label, "stimulus", [{"activity": np.ones((2, 2))}], tmp_path / "it.nc")
    assert list(tmp_path.iterdir()) == []


def test_the_protocol_shows_all_subjects_the_same_and_refuses_more_than_there_is(cnn):
    other = attrs.evolve(cnn, seed=5, arm="other")
    found = an.Recording(stimuli={"count": 10}, sites=("conv2",)).run([cnn, other])
    np.testing.assert_array_equal(found.activity[0], found.activity[1])
    assert found.target.values.tolist() == list(range(10))
    with pytest.raises(SpecificationError, match=r"stimuli.count: required at most 30"):
        an.Recording(stimuli={"count": 31}).run(cnn)


def test_quantities_of_the_stimuli_become_coordinates(cnn):
    few = cnn.environment.test.of_numbers(torch.arange(5))
    found = record(cnn, Stimuli(few.images, few.targets, few.index, {"depth": torch.arange(5.0)}))
    assert found.depth.values.tolist() == [0, 1, 2, 3, 4]
    assert found.depth.dims == ("stimulus",)
