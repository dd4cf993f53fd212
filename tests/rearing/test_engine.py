"""The two ways of computing."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from artneuro.anatomy import anatomy
from artneuro.rearing.engine import Engine, way
from artneuro.rearing.stacking import Layout, stack

NETWORKS = {
    "mlp": ({"widths": (9, 5)}, "stacked"),
    "simple_cnn": ({}, "plain"),
    "tran_cnn": ({"channels": (4, 6), "widths": (5,)}, "plain"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_way_follows_from_anatomy_and_device(name):
    parameters, expected = NETWORKS[name]
    model = anatomy(name, **parameters).build((3, 32, 32), 3)
    assert way(model, "cpu") == expected
    assert way(model, "cuda") == "stacked"


class Own(nn.Sequential):
    """A user's network, whose forward pass may do anything."""


@pytest.mark.parametrize(
    "model", [nn.Sequential(nn.GELU(approximate="tanh")), nn.Sequential(nn.BatchNorm1d(2)), Own(nn.Linear(2, 2))]
)
def test_what_stacking_could_change_is_plain(model):
    assert way(model, "cpu") == "plain"


def lessons(model, how, weights, stimuli, targets):
    engine = Engine(model, how)
    layout = Layout.of(model)
    if how == "stacked":
        return engine.lesson(*stack(weights, layout, False), stimuli, targets)
    each = [
        engine.lesson(
            *stack([own], layout, engine.channels_last), stimuli[place : place + 1], targets[place : place + 1]
        )
        for place, own in enumerate(weights)
    ]
    join = [{name: torch.cat([one[part][name] for one in each]) for name in each[0][part]} for part in (0, 1)]
    return *join, torch.cat([one.loss for one in each]), torch.cat([one.right for one in each])


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("name", ["mlp", "tran_cnn"])
def test_both_ways_give_the_same_gradients_and_buffers(threads, name, batch_norm):
    torch.manual_seed(0)
    parameters = {**NETWORKS[name][0], "batch_norm": batch_norm}
    models = [anatomy(name, **parameters).build((3, 8, 8), 3) for _ in range(3)]
    weights = [dict(model.state_dict()) for model in models]
    stimuli, targets = torch.randn(3, 16, 3, 8, 8), torch.randint(0, 3, (3, 16))
    with threads(1):
        stacked, plain = (lessons(models[0], how, weights, stimuli, targets) for how in ("stacked", "plain"))
    for ours, theirs in zip(stacked, plain, strict=True):
        for one, other in zip(_values(ours), _values(theirs), strict=True):
            # other kernels sum in other orders: up to a few units in the last place of the largest term
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def _values(part):
    return part.values() if isinstance(part, dict) else [part]


@pytest.mark.parametrize("name", ["mlp", "tran_cnn"])
def test_lessons_and_exams_are_those_of_the_network(threads, name):
    torch.manual_seed(0)
    model = anatomy(name, **NETWORKS[name][0], batch_norm=True).build((3, 8, 8), 3)
    how = way(model, "cpu")
    engine, layout = Engine(model, how), Layout.of(model)
    trained, rest = stack([dict(model.state_dict())], layout, engine.channels_last)
    for _ in range(3):  # called, compared, and by its operations alone
        stimuli, targets = torch.randn(1, 16, 3, 8, 8), torch.randint(0, 3, (1, 16))
        with threads(1):
            lesson = engine.lesson(trained, rest, stimuli, targets)
            exam = engine.exam(trained, rest, stimuli[0], targets)
        logits = model.eval()(stimuli[0])
        assert exam.loss.item() == pytest.approx(F.cross_entropy(logits, targets[0], reduction="sum").item(), rel=1e-5)
        assert exam.right.item() == (logits.argmax(1) == targets[0]).sum().item()
        before = {key: buffer.clone() for key, buffer in model.named_buffers()}
        logits = model.train()(stimuli[0])
        gradients = torch.autograd.grad(F.cross_entropy(logits, targets[0]), list(model.parameters()))
        assert lesson.right.item() == (logits.argmax(1) == targets[0]).sum().item()
        for (key, _), gradient in zip(model.named_parameters(), gradients, strict=True):
            torch.testing.assert_close(lesson.gradients[key][0], gradient, rtol=1e-5, atol=1e-6)  # another layout
        for key, buffer in model.named_buffers():
            torch.testing.assert_close(lesson.buffers[key][0], buffer, rtol=1e-5, atol=1e-6)
            buffer.copy_(before[key])


def test_a_forward_pass_that_looks_at_values_is_run_as_it_is():
    class Moody(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 2)

        def forward(self, stimuli):
            activity = self.layer(stimuli.flatten(1))
            return activity if activity.sum() > 0 else -activity

    torch.manual_seed(0)
    model = Moody()
    engine, layout = Engine(model, way(model, "cpu")), Layout.of(model)
    trained, rest = stack([dict(model.state_dict())], layout, False)
    for sign in (1.0, 1.0, 1.0, -1.0):
        stimuli, targets = sign * torch.ones(1, 3, 1, 2, 2), torch.zeros(1, 3, dtype=torch.long)
        expected = F.cross_entropy(model(stimuli[0]), targets[0])
        assert engine.lesson(trained, rest, stimuli, targets).loss.item() == pytest.approx(expected.item())
