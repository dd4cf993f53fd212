"""Arithmetic against torch's own optimisers, to the last bit."""

import pytest
import torch

from artneuro.errors import SpecificationError
from artneuro.rearing.optimizer import SGD, Adam, AdamW

PAIRS = {
    "sgd": (SGD(lr=0.1), torch.optim.SGD, {}),
    "decay": (SGD(lr=0.1, weight_decay=0.01), torch.optim.SGD, {"weight_decay": 0.01}),
    "momentum": (
        SGD(lr=0.1, momentum=0.9, weight_decay=0.01),
        torch.optim.SGD,
        {"momentum": 0.9, "weight_decay": 0.01},
    ),
    "nesterov": (
        SGD(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
        torch.optim.SGD,
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ),
    "adam": (Adam(lr=0.1, betas=(0.8, 0.99), eps=1e-6), torch.optim.Adam, {"betas": (0.8, 0.99), "eps": 1e-6}),
    "adam, decay": (Adam(lr=0.1, weight_decay=0.1), torch.optim.Adam, {"weight_decay": 0.1}),
    "adamw": (AdamW(lr=0.1), torch.optim.AdamW, {}),
    "adamw, decay": (AdamW(lr=0.1, weight_decay=0.1), torch.optim.AdamW, {"weight_decay": 0.1}),
}


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("size", [7, 32, 1003])
def test_updates_are_torchs_however_entries_are_grouped(pair, size):
    spec, theirs, parameters = PAIRS[pair]
    draw = torch.Generator().manual_seed(0)
    start = torch.randn(size, generator=draw)
    gradients = torch.randn(5, size, generator=draw)
    gradients[:, 0] = 0.0
    expected = start.clone().requires_grad_()
    reference = theirs([expected], lr=0.1, **parameters)
    ours = torch.cat([torch.ones(3), start])  # at another place of a larger tensor
    state = {name: torch.zeros_like(ours) for name in spec.state}
    given = torch.cat([torch.ones(5, 3), gradients], dim=1)
    for step in range(5):
        for group in reference.param_groups:
            group["lr"] = 0.1 / (step + 1)
        expected.grad = gradients[step]
        reference.step()
        before = given[step].clone()
        spec.update(ours, given[step], state, torch.full_like(ours, torch.nan), step + 1, 0.1 / (step + 1))
        assert torch.equal(given[step], before)
    assert torch.equal(ours[3:], expected.detach())
    for name in spec.state:
        assert torch.equal(state[name][3:], reference.state[expected][name])


def test_parameters_that_make_no_sense_are_refused():
    with pytest.raises(SpecificationError, match=r"SGD.nesterov: required momentum > 0.*Set `momentum`"):
        SGD(nesterov=True)
    with pytest.raises(SpecificationError, match=r"Adam.betas: required .* from 0 to below 1; came \(0.9, 1.0\)"):
        Adam(betas=(0.9, 1.0))
