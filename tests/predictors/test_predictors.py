"""Predictors: values worked out by hand, invariances of each statistic and where it must not have them, refusals."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist

import artneuro as an
from artneuro.environment import Stimuli
from artneuro.errors import SpecificationError
from artneuro.predictors import (
    HOG,
    ClassMembership,
    Colour,
    Contrast,
    Edges,
    Gist,
    Luminance,
    Matrix,
    Orientation,
    Pixels,
    Quantities,
    Quantity,
    SpatialFrequency,
)

DIGITS = an.environment("digits", train_size=40, test_size=20)


def grating(cycles=4, angle=0.0, phase=0.0, side=32, amplitude=0.4):
    """A sinusoid that varies along `angle` (degrees, 0: along x), one channel."""
    y, x = torch.meshgrid(torch.arange(side).double(), torch.arange(side).double(), indexing="ij")
    along = x * math.cos(math.radians(angle)) + y * math.sin(math.radians(angle))
    return (0.5 + amplitude * torch.sin(2 * math.pi * cycles * along / side + phase))[None]


def described(predictor, *images):
    stimuli = Stimuli.of(torch.stack(images), torch.zeros(len(images), dtype=torch.int64))
    return predictor.features(DIGITS, stimuli)


def coloured(red, green, blue, side=8):
    return torch.tensor([red, green, blue]).double()[:, None, None].expand(3, side, side).clone()


def test_luminance_and_contrast_by_hand():
    half = torch.zeros(1, 8, 8)
    half[:, :4] = 1.0
    assert described(Luminance(), half).tolist() == [[0.5]]
    assert described(Contrast(), half).tolist() == [[0.5]]
    white, red = described(Luminance(), coloured(1, 1, 1), coloured(1, 0, 0))[:, 0].tolist()
    assert (white, red) == (pytest.approx(1.0), pytest.approx(0.299))


def test_bytes_and_floats_are_described_alike():
    byte = torch.randint(0, 256, (4, 1, 8, 8), generator=an.Stream(0).torch(), dtype=torch.uint8)
    targets = torch.arange(4)
    for predictor in (Luminance(), Contrast(), Edges(), Pixels()):
        stored = predictor.features(DIGITS, Stimuli.of(byte, targets))
        floats = predictor.features(DIGITS, Stimuli.of(byte.double() / 255, targets))
        torch.testing.assert_close(stored, floats)


def test_colour_is_that_of_opponents_and_grey_has_none():
    grey, red, blue = described(Colour(), coloured(0.7, 0.7, 0.7), coloured(1, 0, 0), coloured(0, 0, 1)).tolist()
    assert grey == pytest.approx([0, 0, 0, 0])
    assert red == pytest.approx([1, 0.5, 0, 0])
    assert blue == pytest.approx([0, -1, 0, 0])
    with pytest.raises(SpecificationError, match="red, green and blue"):
        described(Colour(), grating())


@pytest.mark.parametrize(("cycles", "band"), [(12, 0), (6, 1), (3, 2)])
def test_a_grating_has_its_energy_in_the_octave_of_its_frequency(cycles, band):
    energy = described(SpatialFrequency(bands=3), grating(cycles)).expm1()[0]
    assert energy[band] / energy.sum() > 0.999
    moved = described(SpatialFrequency(bands=3), grating(cycles, phase=1.0), grating(cycles) + 0.1).expm1()
    torch.testing.assert_close(moved[:, band], energy[[band, band]])  # neither phase nor brightness counts


def test_energy_of_all_bands_is_that_of_the_image():
    image = torch.rand(1, 16, 16, generator=an.Stream(1).torch(), dtype=torch.float64)
    energy = described(SpatialFrequency(bands=4), image).expm1().sum()
    assert energy.item() == pytest.approx(((image - image.mean()) ** 2).sum().item() * 16 * 16)  # Parseval


def test_edges_of_a_ramp_are_its_slope():
    ramp = torch.linspace(0, 1, 9).double().expand(1, 9, 9)
    inside = 7 / 9  # columns that have both neighbours
    assert described(Edges(), ramp).item() == pytest.approx(2 / 8 * inside)
    assert described(Edges(), torch.full((1, 9, 9), 0.3)).item() == 0


@pytest.mark.parametrize(("angle", "bin_"), [(0, 0), (45, 2), (90, 4), (135, 6)])
def test_orientation_is_found_in_its_bin_whatever_the_contrast_and_the_sign(angle, bin_):
    shares = described(
        Orientation(bins=8),
        grating(4, angle),
        grating(4, angle, phase=math.pi),
        grating(4, angle, amplitude=0.1),
    )
    assert shares[0].argmax() == bin_
    assert shares.sum(dim=1).tolist() == pytest.approx([1, 1, 1])
    torch.testing.assert_close(shares[0], shares[2])


def test_hog_blocks_have_unit_length_and_know_the_place():
    image = torch.zeros(1, 16, 16, dtype=torch.float64)
    image[:, :, 4:] = 1.0  # one vertical edge in the left cells
    found = described(HOG(cell=8, bins=9), image)[0].reshape(9, 4)
    assert found.norm().item() == pytest.approx(1.0, abs=1e-5)
    assert found[0, [0, 2]].tolist() == pytest.approx([0.5**0.5] * 2, rel=1e-5)  # cells: upper left, lower left
    assert described(HOG(), torch.zeros(1, 16, 16)).abs().max() == 0
    with pytest.raises(SpecificationError, match=r"hog\.cell: required at most 4"):
        described(HOG(cell=8), torch.zeros(1, 8, 8))


def test_gist_answers_the_orientation_and_scale_of_a_grating():
    gist = Gist(scales=2, orientations=4, grid=2)
    for cycles, scale in ((8, 0), (4, 1)):
        for number, angle in enumerate((0, 45, 90, 135)):
            # a whole number of cycles along both sides, and near the scale's own frequency
            cycled = 0.75 * cycles * 2**0.5 if angle % 90 else cycles
            energy = described(gist, grating(cycled, angle)).reshape(2, 4, 4).sum(dim=2)
            assert energy.argmax().item() == scale * 4 + number
    # filters at right angles let a little of both halves of the spectrum pass (exp(-8)), and these interfere
    np.testing.assert_allclose(described(gist, grating(8, phase=2.0)), described(gist, grating(8)), atol=1e-4)


def test_rdms_are_in_the_order_of_scipy():
    stimuli = DIGITS.test
    assert ClassMembership().rdm(DIGITS, stimuli).unique().tolist() == [0, 1]
    brightness = Luminance().features(DIGITS, stimuli).numpy()
    np.testing.assert_allclose(Luminance().rdm(DIGITS, stimuli), pdist(brightness), rtol=1e-6, atol=1e-9)


def test_quantities_and_matrices_follow_the_stimuli():
    part = Stimuli(*(tensor[[7, 3, 5, 1]] for tensor in (DIGITS.test.images, DIGITS.test.targets, torch.arange(20))))
    whole = Quantities(values=tuple((float(number),) for number in range(20)), of="set")
    shown = Quantities(values=((7.0,), (3.0,), (5.0,), (1.0,)))
    assert whole.rdm(DIGITS, part).tolist() == shown.rdm(DIGITS, part).tolist() == [4, 2, 6, 2, 2, 4]
    square = np.abs(np.subtract.outer(np.arange(20.0), np.arange(20.0)))
    assert Matrix(values=square.tolist(), of="set").rdm(DIGITS, part).tolist() == [4, 2, 6, 2, 2, 4]


def test_what_does_not_fit_the_stimuli_is_refused():
    with pytest.raises(SpecificationError, match="20 lists, of the stimuli shown"):
        Quantities(values=((1.0,), (2.0,))).rdm(DIGITS, DIGITS.test)
    with pytest.raises(SpecificationError, match="20 lists or more"):
        Quantities(values=((1.0,), (2.0,)), of="set").rdm(DIGITS, Stimuli.of(DIGITS.test.images, DIGITS.test.targets))
    with pytest.raises(SpecificationError, match="unequal lists"):
        Quantities(values=((1.0,), (2.0, 3.0))).rdm(DIGITS, DIGITS.test)
    with pytest.raises(SpecificationError, match="square symmetric matrix"):
        Matrix(values=((0.0, 1.0), (2.0, 0.0)))


def test_quantities_of_the_environment_are_known_by_name():
    stimuli = Stimuli(
        *(getattr(DIGITS.test, name)[:4] for name in ("images", "targets", "index")), {"sign": torch.arange(4.0)}
    )
    assert Quantity(name="sign").rdm(DIGITS, stimuli).tolist() == [1, 2, 3, 1, 2, 1]
    with pytest.raises(SpecificationError, match='Did you mean "sign"'):
        Quantity(name="sing").rdm(DIGITS, stimuli)
