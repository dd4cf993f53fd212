import pytest
import torch
from torch import nn
from torch.nn import functional as F

from artneuro.measures.squared_norms import convolution_norms, linear_norms, norm_norms


def autograd(layer, inputs, gradients):
    """Squared norm of the gradient of each stimulus, by autograd."""
    found = []
    for number in range(len(inputs[0])):
        score = sum(
            (layer(x[number : number + 1]) * g[number : number + 1]).sum()
            for x, g in zip(inputs, gradients, strict=True)
        )
        taken = torch.autograd.grad(score, list(layer.parameters()))
        found.append(sum(one.square().sum() for one in taken))
    return torch.stack(found)


def draw(layer, shapes):
    torch.manual_seed(0)
    inputs = [torch.randn(shape, dtype=torch.float64) for shape in shapes]
    return inputs, [torch.randn_like(layer(x)).detach() for x in inputs]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    "shapes", [[(4, 6)], [(4, 2, 6)], [(4, 3, 7, 6)], [(4, 6), (4, 6)], [(4, 2, 6), (4, 40, 6)]], ids=str
)
def test_linear(shapes, bias):
    layer = nn.Linear(6, 5, bias=bias).double()
    inputs, gradients = draw(layer, shapes)
    torch.testing.assert_close(linear_norms(layer, inputs)(gradients), autograd(layer, inputs, gradients))


CONVOLUTIONS = {
    "many positions": (nn.Conv2d(2, 3, 3, padding=1), (9, 8)),  # where gradients are cheaper than Gram matrices
    "many channels": (nn.Conv2d(40, 48, 3, padding=1), (3, 4)),  # where they are not
    "1 x 1": (nn.Conv2d(16, 12, 1), (3, 3)),
    "no padding": (nn.Conv2d(3, 4, 3, bias=False), (6, 7)),
    "stride": (nn.Conv2d(3, 4, 3, stride=2, padding=1), (8, 7)),
    "stride, many channels": (nn.Conv2d(40, 48, 3, stride=2, padding=1), (6, 5)),
    "stride beyond the kernel": (nn.Conv2d(3, 4, 1, stride=2), (7, 8)),
    "stride 3, kernel 5 x 3": (nn.Conv2d(3, 4, (5, 3), stride=(3, 2), padding=(2, 0)), (11, 10)),
    "dilation": (nn.Conv2d(3, 4, 3, dilation=(2, 3), padding=2), (9, 9)),
    "dilation and stride": (nn.Conv2d(3, 4, 3, dilation=2, stride=2), (9, 10)),
    "groups": (nn.Conv2d(8, 12, 3, groups=4, padding=1), (6, 6)),
    "groups, many channels": (nn.Conv2d(80, 80, 3, groups=2, padding=1), (3, 3)),
    "same": (nn.Conv2d(3, 4, (2, 4), padding="same"), (6, 6)),
    "valid": (nn.Conv2d(3, 4, 2, padding="valid"), (5, 6)),
}


@pytest.mark.filterwarnings("ignore:Using padding='same'")  # slower with an even kernel, says torch
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolution(name):
    layer, size = CONVOLUTIONS[name]
    layer = layer.double()
    inputs, gradients = draw(layer, [(3, layer.in_channels, *size)])
    torch.testing.assert_close(convolution_norms(layer, inputs)(gradients), autograd(layer, inputs, gradients))


def test_a_convolution_called_twice_on_images_of_two_sizes():
    layer = nn.Conv2d(40, 48, 3, padding=1).double()
    inputs, gradients = draw(layer, [(3, 40, 3, 3), (3, 40, 5, 4)])
    torch.testing.assert_close(convolution_norms(layer, inputs)(gradients), autograd(layer, inputs, gradients))


def test_both_ways_of_a_convolution_agree(monkeypatch):
    layer = nn.Conv2d(5, 4, 3, stride=2, padding=1).double()
    inputs, gradients = draw(layer, [(3, 5, 8, 8)])
    found = []
    for gram in (True, False):
        monkeypatch.setitem(convolution_norms.__globals__, "_gram_is_cheaper", lambda *_, gram=gram: gram)
        found.append(convolution_norms(layer, inputs)(gradients))
    torch.testing.assert_close(*found)
    assert not torch.equal(*found)  # else it was one way, twice


@pytest.mark.parametrize(("kind", "shape"), [(nn.BatchNorm1d, ()), (nn.BatchNorm1d, (6,)), (nn.BatchNorm2d, (5, 4))])
@pytest.mark.parametrize("calls", [1, 2])
def test_batch_norm(kind, shape, calls):
    layer = kind(3).double()
    layer(3 + 2 * torch.randn(50, 3, *shape, dtype=torch.float64))  # gives it statistics
    layer.eval()
    inputs, gradients = draw(layer, [(4, 3, *shape)] * calls)
    torch.testing.assert_close(norm_norms(layer, inputs)(gradients), autograd(layer, inputs, gradients))


def test_in_single_precision_too():
    layer = nn.Conv2d(48, 48, 3, padding=1)
    x, g = torch.randn(8, 48, 8, 8), torch.randn(8, 48, 8, 8)
    double = convolution_norms(layer, [x.double()])([g.double()])
    # 64 terms of one sign dominate the sum of products: rounding is a few 1e-7
    torch.testing.assert_close(convolution_norms(layer, [x])([g]).double(), double, rtol=1e-5, atol=0)


def test_nothing_is_unfolded(monkeypatch):
    """Else an early convolution would hold nine copies of its input."""
    monkeypatch.setattr(F, "unfold", lambda *_: pytest.fail("unfolds"))
    layer = nn.Conv2d(2, 3, 3, padding=1)
    assert convolution_norms(layer, [torch.randn(1, 2, 4, 4)])([torch.randn(1, 3, 4, 4)]) > 0
