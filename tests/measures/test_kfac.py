import copy

import pytest
import torch
from torch import nn

from artneuro.errors import SpecificationError
from artneuro.measures.directions import of_every_label
from artneuro.measures.kfac import kfac_log_determinant


def cnn():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2),
        nn.BatchNorm2d(4),
        nn.Tanh(),
        nn.Conv2d(4, 3, (2, 1), bias=False),
        nn.Flatten(),
        nn.Linear(6, 3),
    ).double()


@pytest.fixture
def stimuli():
    return torch.randn(12, 2, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def dense(model, layer, stimuli):
    """The whole information of one layer, from every stimulus and label."""
    weights = list(layer.parameters())
    total = 0.0
    for stimulus in stimuli:
        logits = model(stimulus[None])
        for vectors in of_every_label(logits.detach()):
            taken = torch.autograd.grad((logits * vectors).sum(), weights, retain_graph=True)
            score = torch.cat([one.flatten() for one in taken])
            total = total + score.outer(score) / len(stimuli)
    return total


def test_one_stimulus_has_a_product_of_factors_and_its_determinant_is_that_of_the_dense_matrix():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3, bias=False)).double()
    stimulus = torch.randn(1, 4, dtype=torch.float64)
    found = kfac_log_determinant(model, stimulus, damping=0.1, source="exact")
    for place, layer in enumerate((model[0], model[2])):
        whole = dense(model, layer, stimulus)
        expected = torch.logdet(whole + 0.1 * torch.eye(len(whole), dtype=whole.dtype))
        torch.testing.assert_close(found.value[place], expected)
        assert found.weights[place] == len(whole)


def test_a_convolution_with_one_position_too():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Flatten()).double()
    stimulus = torch.randn(1, 2, 3, 3, dtype=torch.float64)
    whole = dense(model, model[0], stimulus)
    found = kfac_log_determinant(model, stimulus, damping=0.1, source="exact")
    torch.testing.assert_close(found.value[0], torch.logdet(whole + 0.1 * torch.eye(len(whole), dtype=whole.dtype)))


def test_factors_by_their_definition(stimuli):
    model = cnn().eval()
    found = kfac_log_determinant(model, stimuli, damping=1e-3, source="exact", batch=5)
    assert found.layers == ("0", "3", "5")
    inputs, outputs = {}, {}
    for name in found.layers:

        def keep(_, x, y, name=name):
            inputs[name], outputs[name] = x[0], y

        model[int(name)].register_forward_hook(keep)
    logits = model(stimuli)
    gradients = [
        torch.autograd.grad(logits, list(outputs.values()), vectors, retain_graph=True)
        for vectors in of_every_label(logits.detach())
    ]
    for place, name in enumerate(found.layers):
        layer, x = model[int(name)], inputs[name].detach()
        if name == "5":
            seen, g = x[:, None, None], torch.stack([one[place] for one in gradients])[:, :, None, :, None]
        else:
            patches = nn.functional.unfold(x, layer.kernel_size, padding=layer.padding, stride=layer.stride)
            seen = patches.transpose(1, 2).unflatten(2, (layer.groups, -1)).transpose(1, 2)  # stimulus, group, position
            g = torch.stack([one[place] for one in gradients]).flatten(3).unflatten(2, (layer.groups, -1))
        total = 0.0
        for group in range(seen.shape[1]):
            a = seen[:, group]
            if layer.bias is not None:
                a = torch.cat([a, torch.ones_like(a[..., :1])], -1)
            own = g[:, :, group]  # label, stimulus, channel, position
            first = torch.einsum("npi,npj->ij", a, a) / len(x)
            second = torch.einsum("cnip,cnjp->ij", own, own) / len(x) / own.shape[3]
            total += torch.logdet(torch.kron(first, second) + 1e-3 * torch.eye(len(first) * len(second)))
        torch.testing.assert_close(found.value[place], total)


def test_without_damping_it_would_be_the_sum_of_both_logarithms():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2, bias=False), nn.Tanh(), nn.Linear(2, 4)).double()
    stimuli = torch.randn(50, 3, dtype=torch.float64)
    hidden = model[0](stimuli)
    second = torch.zeros(2, 2, dtype=torch.float64)
    logits = model[2](torch.tanh(hidden))
    for vectors in of_every_label(logits.detach()):
        (g,) = torch.autograd.grad(logits, hidden, vectors, retain_graph=True)
        second += g.T @ g / 50
    first = stimuli.T @ stimuli / 50
    expected = 2 * torch.logdet(first) + 3 * torch.logdet(second)  # d_G log|A| + d_A log|G|
    found = kfac_log_determinant(model, stimuli, damping=1e-12, source="exact", layers=["0"])
    torch.testing.assert_close(found.value[0], expected, rtol=1e-6, atol=0)


def test_many_draws_come_near_to_every_label(stimuli):
    exact = kfac_log_determinant(cnn(), stimuli, damping=1e-2, source="exact")
    for source in ("weighted", "sampled", "probe"):
        found = kfac_log_determinant(
            cnn(), stimuli, damping=1e-2, source=source, draws=200, generator=torch.Generator().manual_seed(0)
        )
        # a logarithm of an average of 200 draws: a relative error of some percent in each eigenvalue
        torch.testing.assert_close(found.value / found.weights, exact.value / exact.weights, rtol=0, atol=0.02)


def test_more_damping_more_and_no_information_is_damping_alone(stimuli):
    model = cnn()
    small, large = (kfac_log_determinant(model, stimuli, damping=one, source="exact") for one in (1e-4, 1e-2))
    assert (large.value > small.value).all()
    with torch.no_grad():
        model[5].bias[0] = 1e4
    sure = kfac_log_determinant(model, stimuli, damping=1e-2, source="exact")
    expected = sure.weights * torch.log(torch.tensor(1e-2, dtype=torch.float64))
    # a group's factors see the weights of their group alone
    torch.testing.assert_close(sure.value, expected)
    assert sure.total == pytest.approx(float(expected.sum()))


def test_the_network_is_left_as_it_was(stimuli):
    model = cnn()
    before = copy.deepcopy(model.state_dict())
    kfac_log_determinant(model, stimuli, damping=1e-2, source="exact")
    assert model.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"damping": 0.0}, "damping: required a number above 0; came 0.0"),
        ({"source": "weighted"}, "generator: required the randomness of `weighted`; came none"),
        ({"layers": ["1"]}, r"layers \(1\): required a linear layer or convolution.*came BatchNorm2d. Leave it out"),
    ],
)
def test_what_cannot_be_is_refused(stimuli, changed, says):
    with pytest.raises(SpecificationError, match=says):
        kfac_log_determinant(cnn(), stimuli, **{"damping": 0.1, "source": "exact", **changed})


def test_a_layer_called_twice_has_no_factors():
    layer = nn.Linear(3, 3)
    with pytest.raises(SpecificationError, match=r"layers \(0\): .*called once.*came one that is used otherwise"):
        kfac_log_determinant(nn.Sequential(layer, nn.Tanh(), layer), torch.randn(4, 3), damping=0.1, source="exact")


def test_a_network_without_such_layers_is_refused():
    with pytest.raises(SpecificationError, match="a network with linear layers or convolutions"):
        kfac_log_determinant(nn.Sequential(nn.LayerNorm(3)), torch.randn(4, 3), damping=0.1, source="exact")
