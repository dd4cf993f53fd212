"""What the tests of information share: gradients by hand, a stimulus and a class at a time."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn


@pytest.fixture(scope="session")
def by_hand() -> Callable[..., dict[str, float]]:
    """Give the trace of the Fisher information of each layer by its definition, a stimulus and a class at a time.

    With `targets`, those labels alone count, instead of the model's distribution.
    """

    def trace(model: nn.Module, stimuli: Tensor, targets: Tensor | None = None) -> dict[str, float]:
        model.eval()
        names, weights = zip(*model.named_parameters(), strict=True)
        found = dict.fromkeys((name.rpartition(".")[0] for name in names), 0.0)
        for number in range(len(stimuli)):
            answers = model(stimuli[number : number + 1]).log_softmax(dim=1)[0]
            for label in range(len(answers)):
                chance = answers[label].exp().item() if targets is None else float(targets[number] == label)
                gradients = torch.autograd.grad(answers[label], weights, retain_graph=True, allow_unused=True)
                for name, gradient in zip(names, gradients, strict=True):
                    if gradient is not None:
                        found[name.rpartition(".")[0]] += chance * gradient.square().sum().item() / len(stimuli)
        return found

    return trace


@pytest.fixture
def randomness() -> torch.Generator:
    """Give a seeded generator."""
    return torch.Generator().manual_seed(0)
