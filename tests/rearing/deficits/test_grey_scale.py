"""Grey-scale equals its definition, whatever the normalisation."""

import numpy as np
import pytest
import torch

from artneuro.anatomy import anatomy
from artneuro.environment.environment import Environment
from artneuro.errors import SpecificationError
from artneuro.rearing import Clock, GreyScale, Rearing
from artneuro.rearing.rear import rear
from artneuro.seeds import Stream
from artneuro.subject import Subject


def test_every_channel_is_the_luma(seen):
    colours = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.2, 0.4, 0.6]])
    grey = seen(GreyScale(), colours.view(1, 4, 3, 1, 1))[0, :, :, 0, 0]
    luma = torch.tensor([0.299, 0.587, 0.114, 0.299 * 0.2 + 0.587 * 0.4 + 0.114 * 0.6])
    # BT.601 to three digits; the shares are held in 1/65536
    assert torch.allclose(grey, luma[:, None].expand(4, 3), rtol=0, atol=1e-5)


@pytest.mark.parametrize("normalise", ["standard", "half", "none"])
def test_it_is_what_grey_stimuli_look_like(normalise):
    draw = np.random.default_rng(0).random((6, 3, 8, 8)).astype(np.float32)
    coloured = Environment.from_arrays(draw, range(6), draw, range(6), normalise=normalise)
    stimuli = coloured.present(coloured.train.images)[None]
    seen = GreyScale().perceive(stimuli, Clock(0, 0), (Stream(0),), coloured.presentation)
    luma = np.tensordot(draw, [0.299, 0.587, 0.114], axes=(1, 0))[:, None].repeat(3, axis=1)
    expected = (luma - coloured.mean.numpy()[:, None, None]) / coloured.std.numpy()[:, None, None]
    assert np.allclose(seen[0], expected, rtol=0, atol=1e-4)  # the three digits of the shares, over a deviation of .3


def test_a_share_of_the_colour_may_be_left(seen, pixels):
    image = pixels(1, 3, 3, 4, 4)
    half, none = seen(GreyScale(colour=0.5), image), seen(GreyScale(), image)
    assert torch.allclose(half, (image + none) / 2, rtol=0, atol=1e-6)
    assert GreyScale(colour=1).perceive(image, Clock(0, 0), (), _identity()).equal(image)


def _identity():
    return Environment.from_arrays(*[np.zeros((1, 3, 2, 2)), [0]] * 2, normalise="none").presentation


def test_a_subject_sees_the_same_in_any_company(independent_of_company):
    assert independent_of_company(GreyScale(colour=0.25), (3, 13, 11))
    assert independent_of_company(GreyScale(), (3, 32, 32))


def test_grey_images_have_no_colour_to_lose(environment):
    grey = environment(1, 8, 8)
    subject = Subject.naive(anatomy("mlp", widths=(4,)), grey, 0)
    with pytest.raises(
        SpecificationError,
        match=r"interventions\[0\].GreyScale.stimuli: required colour images, of 3 channels; came 1. "
        "They are grey already",
    ):
        rear(subject, grey, Rearing(epochs=1), [GreyScale()])
    (problem,) = GreyScale().refusals(environment(4, 8, 8))
    assert "deficit_of" in problem.advice
