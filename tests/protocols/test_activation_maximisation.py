"""ActivationMaximisation: units whose best image is known, beside the stimuli that drive them."""

import attrs
import numpy as np
import pytest
import torch

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.recording import record


@pytest.fixture(scope="module")
def built():
    """Unit 0 sees the left half against the right half, unit 1 nothing."""
    digits = an.environment("digits", train_size=60, test_size=40)
    subject = an.Subject.naive(an.anatomy("mlp", widths=(2,)), digits, seed=0)
    weights = {name: torch.zeros_like(tensor) for name, tensor in subject.weights.items()}
    first = next(name for name in weights if weights[name].shape == (2, 64))
    halves = torch.ones(8, 8)
    halves[:, 4:] = -1
    weights[first][0] = halves.flatten() / 64
    return attrs.evolve(subject, ages={0: weights})


STIMULI = {"set": "test", "count": None}


def test_the_image_that_is_found_is_the_one_on_paper(built):
    study = an.ActivationMaximisation(stimuli=STIMULI, ascent={"steps": 150}, repeats=2, extremes=2, curve=4)
    found = study.run(built).isel(subject=0)
    assert dict(found.sizes) == {
        "unit": 2,
        "picture": 4,
        "channel": 1,
        "y": 8,
        "x": 8,
        "repeat": 2,
        "iteration": 4,
    }
    for picture in ("maximised 1", "maximised 2"):
        image = found.image.sel(picture=picture).isel(unit=0, channel=0).values
        # white on the left, black on the right; pixels of float32 go through normalisation and back
        np.testing.assert_allclose(image[:, :4], 1.0, atol=1e-5)
        np.testing.assert_allclose(image[:, 4:], 0.0, atol=1e-5)
    std = built.environment.std.item()
    assert found.picture_activity.values[0, 0] == pytest.approx(
        float(built.environment.present(torch.tensor(image)[None, None]).flatten() @ _halves()), rel=1e-4
    )
    # from left white, right black: half a pixel's range a side, in standard deviations
    assert found.picture_activity.values[0, 0] == pytest.approx(0.5 / std, rel=1e-4)
    assert found.iteration.values.tolist() == [0, 50, 100, 150]
    assert (np.diff(found.activity.values[0, 0]) >= 0).all()
    assert found.activity.values[0, :, -1].tolist() == found.picture_activity.values[0, :2].tolist()


def _halves():
    halves = torch.ones(8, 8)
    halves[:, 4:] = -1
    return halves.flatten() / 64


def test_stimuli_stand_beside_it_as_they_are(built):
    study = an.ActivationMaximisation(stimuli=STIMULI, ascent={"steps": 1}, extremes=3)
    found = study.run(built).isel(subject=0)
    test = built.environment.test
    activity = record(built, test, when="before").activity.values[:, 0]
    best = np.argsort(-activity, kind="stable")[:3]
    assert found.picture_stimulus.values[0].tolist() == [-1, *test.index[best].tolist()]
    np.testing.assert_allclose(found.picture_activity.values[0, 1:], activity[best], rtol=1e-6)
    # float32 through normalisation and back
    np.testing.assert_allclose(found.image.values[0, 1:], test.images[best].numpy(), atol=1e-5)
    assert found.activity_deviation.values[0] == pytest.approx(activity.std(), rel=1e-5)
    assert found.activity_deviation.values[1] == 0


def test_the_seed_alone_tells_images_apart(built):
    def image(**changed):
        study = an.ActivationMaximisation(stimuli=STIMULI, ascent={"steps": 2, "jitter": 1}, **changed)
        return study.run(built).image.values[0, :, 0]

    assert np.array_equal(image(), image())
    assert not np.array_equal(image(), image(seed=1))
    assert np.array_equal(image()[1], image(units=(1, 0))[0])
    study = an.ActivationMaximisation(stimuli=STIMULI, ascent={"steps": 1}, repeats=2)
    first, second = study.run(built).image.values[0, 0, :2]
    assert not np.array_equal(first, second)


def test_any_module_can_be_asked(built):
    study = an.ActivationMaximisation(stimuli=STIMULI, ascent={"steps": 2}, when="after", units=(9,))
    module = next(name for name, part in built.model().named_modules() if getattr(part, "out_features", 0) == 10)
    found = study.but(sites=(module,)).run(built)
    assert found.unit_site.values.tolist() == [module]
    assert found.unit_index.values.tolist() == [9]


def test_what_it_cannot_do_is_refused(built):
    for changed, words in (
        ({"sites": ("hiden1",)}, "a site of this anatomy or a torch module; came 'hiden1'. Did you mean \"hidden1\""),
        ({"units": (2,), "stimuli": STIMULI}, "units: required numbers below 2, the units of hidden1; came 2"),
        ({"stimuli": {"count": 20}, "extremes": 21}, "extremes: required at most 20"),
    ):
        with pytest.raises(SpecificationError, match=words):
            an.ActivationMaximisation(**changed).run(built)
    for units in (0, (), (-1,)):
        with pytest.raises(SpecificationError, match="units: required how many"):
            an.ActivationMaximisation(units=units)
