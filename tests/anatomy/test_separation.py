"""What is said to keep units apart does: tried by exciting one unit of three."""

import pytest
import torch
from torch import fx, nn
from torch.nn import functional as F

from artneuro.anatomy.separation import advice, described, is_nonlinear, is_sum, keeps_units

MIXING = {"Softmax", "Softmax2d", "Softmin", "LogSoftmax", "GLU", "MultiheadAttention"}
GIVEN = {"Threshold": (0.1, 0.2)}
ACTIVATIONS = sorted(set(nn.modules.activation.__all__) - MIXING)
FUNCTIONS = sorted(
    name for name in dir(F) if name in {kind.lower() for kind in ACTIVATIONS} | {"leaky_relu"} and name != "prelu"
)

KEEPING = {
    "max_pool2d": lambda x: F.max_pool2d(x, 2),
    "torch.max_pool2d": lambda x: torch.max_pool2d(x, 2),
    "avg_pool2d": lambda x: F.avg_pool2d(x, 2),
    "lp_pool2d": lambda x: F.lp_pool2d(x, 2, 2),
    "adaptive_avg_pool2d": lambda x: F.adaptive_avg_pool2d(x, 1),
    "adaptive_max_pool2d": lambda x: F.adaptive_max_pool2d(x, 1),
    "dropout": lambda x: F.dropout(x, 0.5, False),
    "dropout2d": lambda x: F.dropout2d(x, 0.5, False),
    "clamp": lambda x: torch.clamp(x, 0, 6),
    "Tensor.clamp": lambda x: x.clamp(min=0),
    "relu_": lambda x: x.clone().relu_(),
    "flatten": lambda x: torch.flatten(x, 2),
    "view": lambda x: x.view(x.size(0), x.shape[1], -1),
    "reshape": lambda x: x.reshape(-1, 3, 16),
    "squeeze": lambda x: F.adaptive_avg_pool2d(x, 1).squeeze(-1).squeeze(-1),
    "mean": lambda x: x.mean((2, 3)),
    "mean by name": lambda x: x.mean(dim=[2, 3], keepdim=True),
    "mean from the end": lambda x: torch.mean(x, (-1, -2)),
    "sum": lambda x: x.sum(3),
    "amax": lambda x: x.amax((2, 3)),
    "first position": lambda x: x[:, :, 0, 0],
    "numbers": lambda x: (-2 * x + 1) / 3 - 0.5,
    "power": lambda x: x**2,
    "swish": lambda x: x * torch.sigmoid(x),
    "where": lambda x: torch.where(x > 0, x, 0.1 * x),
    "centred on each unit's mean": lambda x: x - x.mean((2, 3), keepdim=True),
    "interpolate": lambda x: F.interpolate(x, scale_factor=2),
    "pad": lambda x: F.pad(x, (1, 1, 1, 1)),
    "to": lambda x: x.to(torch.float32).contiguous(),
}
NOT_KEEPING = {
    "torch.nn.functional.softmax": lambda x: F.softmax(x, 1),
    "torch.nn.functional.layer_norm": lambda x: F.layer_norm(x, (3, 4, 4)),
    "Tensor.permute": lambda x: x.permute(0, 2, 3, 1),
    "Tensor.mean": lambda x: x.mean(1),
    "torch.sum": lambda x: torch.sum(x, dim=(1, 2)),
    "torch.mean": lambda x: torch.mean(x),
    "operator.getitem": lambda x: x[:, :2],
    "operator.sub": lambda x: x - x.mean(1, keepdim=True),
    "operator.matmul": lambda x: x @ x,
    "torch.cat": lambda x: torch.cat([x, x], 1),
}


class Step(nn.Module):
    def __init__(self, step):
        super().__init__()
        self.step = step

    def forward(self, x):
        return self.step(x)


def last(step):
    """The model and the last step of it."""
    model = Step(step)
    *_, node, _ = fx.symbolic_trace(model).graph.nodes
    return model, node


def apart(step):
    """Whether exciting the second of three units changes that unit, and it alone."""
    torch.manual_seed(0)
    before = torch.rand(1, 3, 4, 4)
    after = before.clone()
    after[:, 1] += 1.0
    changed = (step(after) != step(before)).reshape(3, -1).any(1)
    return changed.tolist() == [False, True, False]


@pytest.mark.parametrize("name", KEEPING)
def test_steps_that_keep_units_apart(name):
    assert apart(KEEPING[name])
    assert keeps_units(*last(KEEPING[name]))


@pytest.mark.parametrize("name", NOT_KEEPING)
def test_steps_that_may_not_are_named(name):
    model, node = last(NOT_KEEPING[name])
    assert not keeps_units(model, node)
    assert described(model, node) == name


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_module_of_torch_is_known(name):
    module = getattr(nn, name)(*GIVEN.get(name, ())).eval()
    assert apart(lambda x: module(x * 2 - 1))  # on both sides of zero
    model, node = last(module)
    assert keeps_units(model, node)
    assert is_nonlinear(model, node)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_activation_function_of_torch_is_known(name):
    function = getattr(F, name)
    model, node = last(lambda x: function(x, *GIVEN.get(name.title(), ())))
    assert is_nonlinear(model, node)
    assert keeps_units(model, node)


def test_there_are_functions_to_try():
    assert len(FUNCTIONS) >= 20


@pytest.mark.parametrize("name", sorted(MIXING - {"MultiheadAttention"}))
def test_activations_that_mix_units_are_not_taken_for_others(name):
    model, node = last(getattr(nn, name)(*[1] * (name != "Softmax2d")))
    assert not keeps_units(model, node)
    assert described(model, node) == f"step (nn.{name})"


def test_what_tells_units_from_tensors_of_other_units():
    both = Step(lambda x: torch.relu(x) + torch.flip(x, (1,)))
    *_, added, _ = fx.symbolic_trace(both).graph.nodes
    assert is_sum(both, added)
    assert not keeps_units(both, added)
    model, node = last(lambda x: x + 1)
    assert not is_sum(model, node)


@pytest.mark.parametrize(
    ("module", "said"),
    [(nn.GroupNorm(1, 3), "many units at once"), (nn.Conv1d(3, 3, 1), "nn.Conv2d"), (nn.Softmax(1), "")],
)
def test_advice_is_given_where_one_knows_better(module, said):
    assert said in advice(*last(module))
    assert bool(said) == bool(advice(*last(module)))
