"""What the tests of measures share: gradients by hand, a stimulus and a class at a time, and graphs."""

from collections.abc import Callable

import numpy as np
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


@pytest.fixture(scope="session")
def random_graphs() -> list[np.ndarray]:
    """Give random weighted graphs of both signs, directed and undirected, sparse to dense, some in several parts."""
    rng = np.random.default_rng(0)
    graphs = []
    for n, share in ((6, 0.3), (12, 0.1), (15, 0.35), (20, 0.6), (9, 0.9)):
        matrix = rng.normal(size=(n, n)) * (rng.random((n, n)) < share)
        graphs += [matrix, np.triu(matrix, 1) + np.triu(matrix, 1).T]
    return graphs


@pytest.fixture(scope="session")
def two_cliques() -> np.ndarray:
    """Give two cliques of five units, joined by one connection."""
    cliques = np.kron(np.eye(2), np.ones((5, 5))) - np.eye(10)
    cliques[4, 5] = cliques[5, 4] = 1
    return cliques


@pytest.fixture(scope="session")
def ring_lattice() -> Callable[[int, int], np.ndarray]:
    """Make a ring of n units, each connected with its `reach` nearest neighbours on both sides."""

    def ring(n: int, reach: int) -> np.ndarray:
        apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
        apart = np.minimum(apart, n - apart)
        return ((apart > 0) & (apart <= reach)).astype(float)

    return ring
