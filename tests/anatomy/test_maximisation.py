"""Activation maximisation where the best image is known on paper."""

import pytest
import torch
from torch import nn

from artneuro.anatomy.maximisation import Ascent, maximise, unit_activity
from artneuro.errors import ActivityError
from artneuro.seeds import Stream

SHAPE = (1, 3, 4)
WEIGHTS = torch.randn(2, 12, generator=Stream(1).torch())


def linear():
    """Two units, each a weighted sum of pixels."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 2, bias=False), nn.ReLU()).eval()
    model[1].weight.data.copy_(WEIGHTS)
    return model


class Quadratic(nn.Module):
    """One unit: b'x - x'Ax / 2, which is largest where Ax = b."""

    def __init__(self):
        super().__init__()
        root = torch.randn(12, 12, generator=Stream(2).torch()) / 12**0.5
        self.a = root @ root.T + 0.5 * torch.eye(12)
        self.b = torch.randn(12, generator=Stream(3).torch())
        self.out = nn.Identity()

    def forward(self, images):
        x = images.flatten(1)
        return self.out((x @ self.b - 0.5 * ((x @ self.a) * x).sum(dim=1))[:, None])


def start(count=1, shape=SHAPE):
    return 0.1 * torch.randn(count, *shape, generator=Stream(4).torch())


def test_a_linear_unit_is_driven_most_by_its_weights():
    free = Ascent(norm=0.7, bounds=False, steps=400, lr=0.1)
    found = maximise(linear(), "2", [0, 1], start(2), free, Stream(0))
    # of all images of one length, the weights themselves; to the length of the last steps, which fall to 0
    expected = WEIGHTS / WEIGHTS.square().mean(dim=1, keepdim=True).sqrt() * 0.7
    torch.testing.assert_close(found.images.flatten(1), expected, atol=5e-3, rtol=0)
    torch.testing.assert_close(found.activity[:, -1], (WEIGHTS * expected).sum(dim=1), rtol=1e-3, atol=0)
    assert found.iterations == [0, 400]


def test_within_bounds_a_linear_unit_wants_black_and_white():
    limits = torch.tensor(-2.0).view(1, 1, 1), torch.tensor(1.0).view(1, 1, 1)
    found = maximise(linear(), "2", [0], start(), Ascent(steps=100, lr=0.2), Stream(0), bounds=limits)
    assert torch.equal(found.images.flatten(), torch.where(WEIGHTS[0] > 0, 1.0, -2.0))


def test_a_quadratic_unit_and_an_l2_penalty_have_closed_forms():
    model = Quadratic().eval()
    free = Ascent(bounds=False, steps=600, lr=0.1)
    best = torch.linalg.solve(model.a, model.b)
    found = maximise(model, "out", [0], start(), free, Stream(0))
    torch.testing.assert_close(found.images.flatten(), best, atol=5e-3, rtol=0)
    assert found.activity[0, -1].item() == pytest.approx(0.5 * (model.b @ best).item(), rel=1e-4)
    # w'x / s - l2 x'x / 12 is largest at 12 w / (2 s l2)
    dear = maximise(linear(), "2", [1], start(), free.but(l2=20.0), Stream(0), scale=torch.tensor([2.0]))
    torch.testing.assert_close(dear.images.flatten(), 12 * WEIGHTS[1] / (2 * 2.0 * 20.0), atol=5e-3, rtol=0)


def test_regularisers_make_images_smooth():
    plain = Ascent(norm=0.7, bounds=False)

    def roughness(ascent):
        images = maximise(linear(), "2", [0], start(), ascent, Stream(0)).images
        return (images.diff(dim=2).abs().sum() + images.diff(dim=3).abs().sum()).item()

    assert roughness(plain.but(total_variation=3.0)) < 0.7 * roughness(plain)
    assert roughness(plain.but(blur=1.0)) < 0.7 * roughness(plain)
    # so dear that nothing pays but an even image, whose sign is that of the sum of the weights
    even = maximise(linear(), "2", [0], start(), plain.but(total_variation=1e4, steps=400), Stream(0)).images
    assert even.std().item() < 0.05
    assert even.mean().sign() == WEIGHTS[0].sum().sign()


def test_jitter_seeks_what_drives_the_unit_wherever_it_stands():
    # moved by every amount around, an image is seen through the mean of all weights: an even one is best
    model = linear()
    model[1].weight.data.abs_()

    def found(jitter, seed=0):
        ascent = Ascent(norm=0.7, bounds=False, steps=400, lr=0.01, jitter=jitter)
        return maximise(model, "2", [0], start(), ascent, Stream(seed)).images

    moved = found(6)
    assert moved.std().item() < 0.3 * found(0).std().item()
    assert torch.equal(moved, found(6))
    assert not torch.equal(moved, found(6, seed=1))


def test_units_side_by_side_and_alone_are_the_same_at_any_size():
    with Stream(5).initialising():
        model = nn.Sequential(nn.Conv2d(3, 70, 3, padding=1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1)).eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    for shape in ((3, 8, 8), (3, 17, 9)):
        begin, short = start(1, shape), Ascent(steps=5, bounds=False, jitter=1)
        every = maximise(model, "1", range(70), begin.expand(70, *shape), short, Stream(0))  # more than a block
        for unit in (0, 69):
            alone = maximise(model, "1", [unit], begin, short, Stream(0))
            # convolutions of other batches sum in another order
            torch.testing.assert_close(every.images[unit], alone.images[0], rtol=1e-3, atol=1e-4)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_the_activity_of_a_map_is_its_mean_maximum_or_middle():
    images = torch.arange(24.0).reshape(2, 1, 3, 4)
    model = nn.Sequential(nn.Identity())
    for of, expected in (
        ("mean", images.mean(dim=(1, 2, 3))),
        ("max", images.amax((1, 2, 3))),
        ("centre", images[:, 0, 1, 2]),
    ):
        assert torch.equal(unit_activity(model, "0", images, torch.tensor([0, 0]), "before", of), expected)


def test_what_cannot_be_climbed_is_refused():
    with pytest.raises(ActivityError, match="2: required a unit from 0 to 1; came 2"):
        maximise(linear(), "2", [2], start(), Ascent(bounds=False), Stream(0))
    with pytest.raises(ValueError, match="required black and white"):
        maximise(linear(), "2", [0], start(), Ascent(), Stream(0))
    steps = nn.Sequential(nn.Flatten(), nn.Threshold(0.0, 0.0))
    steps[1].forward = lambda x: (x > 0).float()
    with pytest.raises(ActivityError, match="1: required activity that changes smoothly"):
        maximise(steps, "1", [0], start(), Ascent(bounds=False), Stream(0), when="after")
