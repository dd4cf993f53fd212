import pytest
import torch
from torch import nn

from artneuro.errors import SpecificationError
from artneuro.measures.parametrised import evaluating
from artneuro.measures.tape import Tape


class Twice(nn.Module):
    """One layer called twice, and its weight read once more outside."""

    def __init__(self):
        super().__init__()
        self.layer, self.output = nn.Linear(3, 3), nn.Linear(3, 2)

    def forward(self, x):
        hidden = self.layer(torch.relu(self.layer(x)))
        return self.output(hidden @ self.layer.weight)


def recorded(model, stimuli, layers):
    with evaluating(model) as weights:
        tape = Tape.of(model, weights, stimuli, layers)
        return tape, tape.uses(weights)


def test_every_call_and_every_use_is_counted():
    tape, uses = recorded(Twice(), torch.randn(5, 3), ["layer", "output"])
    assert {name: len(calls) for name, calls in tape.calls.items()} == {"layer": 2, "output": 1}
    assert uses == {"layer.weight": 3, "layer.bias": 2, "output.weight": 1, "output.bias": 1}


def test_a_weight_of_no_use_is_counted_as_such():
    model = Twice()
    model.spare = nn.Linear(3, 3)
    assert recorded(model, torch.randn(5, 3), [])[1]["spare.weight"] == 0


def test_inputs_are_written_down_and_their_place_is_before_what_works_in_place():
    model, x = nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace=True), nn.Linear(3, 2)), torch.randn(5, 3)
    tape, _ = recorded(model, x, ["0", "2"])
    assert torch.equal(tape.calls["0"][0].inputs, x)
    torch.testing.assert_close(tape.calls["2"][0].inputs, model[0](x).relu())
    (gradient,) = torch.autograd.grad(tape.logits.sum(), [tape.calls["0"][0].edge])
    expected = (model[0](x) > 0) * model[2].weight.sum(0)
    torch.testing.assert_close(gradient, expected)


def test_no_hook_is_left_behind():
    model = nn.Sequential(nn.Linear(3, 2))
    recorded(model, torch.randn(5, 3), ["0"])
    with pytest.raises(RuntimeError):
        recorded(model, torch.randn(5, 4), ["0"])
    assert not model[0]._forward_hooks


class Answers(nn.Module):
    def __init__(self, answer):
        super().__init__()
        self.layer, self.answer = nn.Linear(3, 2), answer

    def forward(self, x):
        return self.answer(self.layer(x))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda y: (y, y), "came tuple"),
        (lambda y: y[:, 0], r"came a tensor \(5,\)"),
        (lambda y: y[:, :1], r"of two classes or more, for 5 stimuli; came a tensor \(5, 1\)"),
        (lambda y: y.sum(0, keepdim=True), r"came a tensor \(1, 2\)"),
        (lambda y: y.detach(), "required logits that depend on the weights.*must not detach"),
    ],
)
def test_answers_that_are_no_logits_are_refused(answer, says):
    with pytest.raises(SpecificationError, match=says):
        recorded(Answers(answer), torch.randn(5, 3), ["layer"])


def test_a_caller_without_gradients_is_no_matter():
    with torch.no_grad():
        tape, _ = recorded(nn.Linear(3, 2), torch.randn(5, 3), [""])
    assert tape.logits.requires_grad
