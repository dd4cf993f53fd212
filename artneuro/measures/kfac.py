"""Log-determinant of the Fisher information, by its Kronecker factors.

The information of a layer's weights is taken as ``F_l ~ A (x) G``: A the second moment of what comes into the layer, G
that of the gradient of the score at its output, as if the two were independent (Martens and Grosse 2015, arXiv
1503.05671). In a convolution, positions are taken as independent too, and A is summed over them while G is averaged
(Grosse and Martens 2016, arXiv 1602.01407, equation 31).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from artneuro.errors import Problem, SpecificationError
from artneuro.measures.directions import Source, directions, drawn_for
from artneuro.measures.parametrised import evaluating, parameters_by_layer
from artneuro.measures.scores import Scorer
from artneuro.measures.squared_norms import padding_of
from artneuro.measures.tape import Tape


@final
@dataclass(frozen=True, eq=False)
class KFACLogDeterminant:
    """Log-determinant of each layer's part of the information, with damping.

    Parameters
    ----------
    layers : tuple of str
        Names of the layers, linear and convolution.
    value : Tensor, shape (layer,), float64
        ``log |A (x) G + damping I|``, the natural logarithm.
    weights : Tensor, shape (layer,), int64
        Number of weights of each layer: of eigenvalues whose logarithms are summed.
    damping : float
        What was added to every eigenvalue.
    """

    layers: tuple[str, ...]
    value: Tensor
    weights: Tensor
    damping: float

    @property
    def total(self) -> float:
        """Log-determinant of the block-diagonal matrix of all layers."""
        return float(self.value.sum())


def kfac_log_determinant(
    model: nn.Module,
    stimuli: Tensor,
    *,
    damping: float,
    source: Source = "weighted",
    draws: int = 1,
    generator: torch.Generator | None = None,
    batch: int = 32,
    layers: Sequence[str] | None = None,
) -> KFACLogDeterminant:
    """Log-determinant of the Fisher information, layer by layer, with Kronecker factors.

    With eigenvalues a_i of A and g_j of G, it is ``sum_ij log(a_i g_j + damping)``; without damping that would be
    ``d_G log|A| + d_A log|G|``, which is minus infinity for any layer that stimuli do not fill. The value depends on
    the damping, and compares only with others of the same damping. The bias of a layer is a weight of a constant
    input. Norms and other layers have no such factors and are left out.

    Parameters
    ----------
    model : nn.Module
        Maps stimuli to logits (stimulus, class), each stimulus by itself; measured in evaluation mode and left as it
        was.
    stimuli : Tensor, shape (stimulus, ...)
        As presented.
    damping : float
        Added to every eigenvalue of the product, in the unit of the information; above 0.
    source : {"weighted", "sampled", "probe", "exact"}
        Where the gradients of G come from; see `fisher_trace`.
    draws : int
        How often something is drawn; for `exact` there is nothing to draw.
    generator : torch.Generator, optional
        The randomness; `exact` needs none.
    batch : int
        Stimuli at a time.
    layers : sequence of str, optional
        Names of linear layers and convolutions to measure; all, if left out.

    Returns
    -------
    KFACLogDeterminant

    Raises
    ------
    SpecificationError
        Where the damping is not above 0, the randomness is missing, or a layer has no such factors: it is of another
        kind, or its weights are used elsewhere too.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(1, 2, bias=False))
    >>> model[0].weight.data = torch.zeros(2, 1)
    >>> found = kfac_log_determinant(model, torch.tensor([[2.0]]), damping=1.0, source="exact")
    >>> round(found.total, 4)  # A = (4), G has the eigenvalues 0 and 1/2: log(0 + 1) + log(2 + 1)
    1.0986
    """
    wrong = []
    if not damping > 0:
        wrong.append(Problem("damping", "a number above 0", repr(damping)))
    if source != "exact" and generator is None:
        wrong.append(Problem("generator", f"the randomness of `{source}`", "none", "Hand over `torch.Generator`."))
    if wrong:
        raise SpecificationError(wrong)
    with evaluating(model) as weights:
        names = _factored(model, layers)
        _check(Scorer.of(model, weights, names, stimuli[:1]), stimuli[:1])
        classes = Tape.of(model, weights, stimuli[:1], []).logits.shape[1]
        drawn = drawn_for(source, draws, len(stimuli), classes, generator)
        factors = {name: _Factors(model.get_submodule(name)) for name in names}
        for block, random in zip(torch.split(stimuli, batch), torch.split(drawn, batch, dim=1), strict=True):
            tape = Tape.of(model, weights, block, list(names))
            calls = {name: tape.calls[name][0] for name in names}
            edges = [call.edge for call in calls.values() if call.edge is not None]
            for along in directions(tape.logits.detach(), source, random):
                taken = torch.autograd.grad(tape.logits, edges, along, retain_graph=True)
                for name, gradient in zip(names, taken, strict=True):
                    factors[name].add_gradient(gradient)
            for name, call in calls.items():
                if call.inputs is not None:
                    factors[name].add_input(call.inputs)
    scale = len(stimuli), len(stimuli) * (1 if source == "exact" else draws)
    value = torch.stack([one.log_determinant(*scale, damping) for one in factors.values()])
    sizes = torch.tensor([sum(weights[one].numel() for one in own) for own in names.values()])
    return KFACLogDeterminant(tuple(names), value, sizes, damping)


class _Factors:
    """Sums of the two factors of a layer, in double precision, shape (group, feature, feature)."""

    def __init__(self, layer: nn.Module) -> None:
        assert isinstance(layer, nn.Linear | nn.Conv2d)
        self._layer = layer
        self._groups = layer.groups if isinstance(layer, nn.Conv2d) else 1
        self._inputs: Tensor | float = 0.0
        self._gradients: Tensor | float = 0.0

    def add_input(self, x: Tensor) -> None:
        """Add what came in, summed over positions; the constant that the bias is a weight of comes last."""
        if isinstance(self._layer, nn.Conv2d):
            (up, down), (left, right) = padding_of(self._layer)
            padded = F.pad(x, (left, right, up, down))
            layer = self._layer
            seen = F.unfold(padded, layer.kernel_size, dilation=layer.dilation, stride=layer.stride)
            x = torch.unflatten(seen, 1, (self._groups, -1)).movedim(1, 0).transpose(2, 3)
        x = x.reshape(self._groups, -1, x.shape[-1]).double()
        if self._layer.bias is not None:
            x = torch.cat([x, torch.ones_like(x[..., :1])], dim=2)
        self._inputs = self._inputs + x.transpose(1, 2) @ x

    def add_gradient(self, gradient: Tensor) -> None:
        """Add the gradient of a score at the output, averaged over positions."""
        if isinstance(self._layer, nn.Conv2d):
            gradient = torch.unflatten(gradient, 1, (self._groups, -1)).movedim(1, 0).flatten(3).transpose(2, 3)
        else:
            gradient = gradient[None]
        g = gradient.flatten(1, -2).double()
        positions = g.shape[1] // gradient.shape[1]
        self._gradients = self._gradients + g.transpose(1, 2) @ g / positions

    def log_determinant(self, stimuli: int, scores: int, damping: float) -> Tensor:
        """Return the sum of logarithms of the damped eigenvalues of A (x) G, over groups."""
        a = torch.linalg.eigvalsh(self._inputs / stimuli).clamp(min=0.0)  # rounding makes some of them negative
        g = torch.linalg.eigvalsh(self._gradients / scores).clamp(min=0.0)
        eigenvalues: Tensor = a[:, :, None] * g[:, None, :]
        return (eigenvalues + damping).log().sum()


def _factored(model: nn.Module, layers: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    """Return the layers asked for; without a wish, those that are of a kind with factors."""
    every = parameters_by_layer(model, layers)
    if layers is not None:
        return every
    found = {name: own for name, own in every.items() if isinstance(model.get_submodule(name), nn.Linear | nn.Conv2d)}
    if not found:
        required = "a network with linear layers or convolutions"
        raise SpecificationError([Problem("model", required, f"the layers {', '.join(every)}")])
    return found


def _check(scorer: Scorer, example: Tensor) -> None:
    """Refuse layers without factors."""
    calls = scorer.show(example).tape.calls
    advice = "Leave it out with `layers`."
    required = "a linear layer or convolution that is called once, whose weights are its own"
    wrong = []
    for name in scorer.layers:
        module = scorer.model.get_submodule(name)
        if not isinstance(module, nn.Linear | nn.Conv2d):
            wrong.append(Problem(f"layers ({name})", required, type(module).__name__, advice))
        elif name not in scorer.known or len(calls[name]) != 1:
            wrong.append(Problem(f"layers ({name})", required, "one that is used otherwise", advice))
    if wrong:
        raise SpecificationError(wrong)
