"""Scores: squared norms, a stimulus and layer, of gradients of what a network answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from artneuro.errors import Problem, SpecificationError
from artneuro.measures.directions import of_label
from artneuro.measures.parametrised import Weights, parameters_by_layer
from artneuro.measures.squared_norms import Norms, convolution_norms, linear_norms, norm_norms
from artneuro.measures.tape import Call, Tape

KINDS: Mapping[type[nn.Module], Callable[[Any, Sequence[Tensor]], Norms]] = {
    nn.Linear: linear_norms,
    nn.Conv2d: convolution_norms,
    nn.BatchNorm1d: norm_norms,
    nn.BatchNorm2d: norm_norms,
    nn.BatchNorm3d: norm_norms,
}
"""Layers whose squared norms are known without per-sample gradients."""

AT_ONCE = 8  # stimuli whose gradients are held at once, where they must be


@final
@dataclass(frozen=True, eq=False)
class Scorer:
    """A network prepared for scores.

    The layers of `KINDS` are measured without per-sample gradients, when all use of their weights is their own calls,
    with the stimulus first in what comes in. For any other layer (of another kind, or whose weights something else
    reads too) the gradients themselves are made by `torch.func`, a few stimuli at a time.

    Parameters
    ----------
    model : nn.Module
        The network, in evaluation mode.
    weights : mapping of str to Tensor
        All its weights, as `parametrised.evaluating` yields them.
    layers : mapping of str to tuple of str
        Names of the parameters of the layers that are measured.
    known : tuple of str
        Layers that are measured without per-sample gradients.
    near : tuple of str
        The last two of the linear layers and convolutions that are called: near to the answers, so that the scores of
        every label are cheap there. Empty where they are not known.
    depth : int
        How many linear layers and convolutions are called.
    """

    model: nn.Module
    weights: Weights
    layers: Mapping[str, tuple[str, ...]]
    known: tuple[str, ...]
    near: tuple[str, ...]
    depth: int

    @classmethod
    def of(cls, model: nn.Module, weights: Weights, layers: Mapping[str, tuple[str, ...]], example: Tensor) -> "Scorer":
        """Prepare a network; `example` is one stimulus, shape (1, ...)."""
        every = parameters_by_layer(model)
        tape = Tape.of(model, weights, example, list(every))
        uses = tape.uses(weights)
        known = [
            name
            for name, own in every.items()
            if _has_its_own(model.get_submodule(name), name, own)
            and all(uses[parameter] == len(tape.calls[name]) for parameter in own)
            and all(_sound(call, 1) for call in tape.calls[name])
        ]
        called = [name for name in tape.order if type(model.get_submodule(name)) in (nn.Linear, nn.Conv2d)]
        ends = tuple(name for name in called[-2:] if name in known and called.count(name) == 1)
        near = ends if len(ends) == 2 else ()
        return cls(model, weights, layers, tuple(name for name in layers if name in known), near, len(called))

    def show(self, stimuli: Tensor) -> "Scores":
        """Show a block of stimuli, shape (stimulus, ...)."""
        tape = Tape.of(self.model, self.weights, stimuli, list(dict.fromkeys((*self.known, *self.near))))
        return Scores(self, stimuli, tape)


@final
@dataclass(eq=False)
class Scores:
    """Answers to a block of stimuli, of which gradients can be taken along any direction.

    Parameters
    ----------
    scorer : Scorer
        The network.
    stimuli : Tensor, shape (stimulus, ...)
        What it was shown.
    tape : Tape
        What happened.
    """

    scorer: Scorer
    stimuli: Tensor
    tape: Tape

    def __post_init__(self) -> None:
        self._norms: dict[str, Norms] = {}

    @property
    def logits(self) -> Tensor:
        """The answers, shape (stimulus, class)."""
        return self.tape.logits.detach()

    def squared_norms(self, vectors: Tensor, last: bool = False) -> Tensor:
        """Squared norms of the gradients of ``vectors[n] . logits[n]``.

        Parameters
        ----------
        vectors : Tensor, shape (stimulus, class)
            Directions in the space of logits.
        last : bool
            Whether nothing will be asked of these stimuli after this; memory is then freed on the way.

        Returns
        -------
        Tensor, shape (stimulus, layer), float64
        """
        found = self._without_gradients(vectors, self.scorer.known, last) if self.scorer.known else {}
        if len(found) < len(self.scorer.layers):
            found |= self._with_gradients(vectors)
        return torch.stack([found[name].double() for name in self.scorer.layers], dim=1)

    def lengths(self) -> Tensor | None:
        """Guess at the squared norms of the scores of all labels, (stimulus, class), from the last two layers.

        Known are the norms of the last layer and of the one before; each of those before is taken to have as much as
        that. None where the last two layers are not known.
        """
        if not self.scorer.near:
            return None
        guess = []
        for label in range(self.logits.shape[1]):
            labels = torch.full((len(self.stimuli),), label, device=self.stimuli.device)
            norms = self._without_gradients(of_label(self.logits, labels), self.scorer.near)
            before, end = (norms[name] for name in self.scorer.near)
            guess.append(end + (self.scorer.depth - 1) * before)
        return torch.stack(guess, dim=1)

    def squared_norm_of_sum(self, vectors: Tensor) -> Tensor:
        """Squared norm of the gradient of ``sum_n vectors[n] . logits[n]``, of each layer: shape (layer,), float64."""
        names = [name for own in self.scorer.layers.values() for name in own]
        weights = [self.scorer.weights[name] for name in names]
        gradients = torch.autograd.grad(self.tape.logits, weights, vectors, retain_graph=True, allow_unused=True)
        squares = {
            name: vectors.new_zeros((), dtype=torch.float64) if one is None else one.double().square().sum()
            for name, one in zip(names, gradients, strict=True)
        }
        return torch.stack([torch.stack([squares[name] for name in own]).sum() for own in self.scorer.layers.values()])

    def _without_gradients(self, vectors: Tensor, names: Sequence[str], last: bool = False) -> dict[str, Tensor]:
        calls = {name: self.tape.calls[name] for name in names}
        edges = [call.edge for made in calls.values() for call in made if call.edge is not None]
        taken = torch.autograd.grad(self.tape.logits, edges, vectors, retain_graph=not last, allow_unused=True)
        waiting = list(reversed(taken))
        del taken
        found: dict[str, Tensor] = {}
        with torch.no_grad():
            for name, made in calls.items():
                gradients = [waiting.pop() for _ in made]
                reached = [place for place, gradient in enumerate(gradients) if gradient is not None]
                if not reached:  # its output is not looked at
                    found[name] = vectors.new_zeros(len(vectors))
                    continue
                norms = self._norms.get(name) or self._prepared(name, [made[place] for place in reached])
                if not last:
                    self._norms[name] = norms
                found[name] = norms([gradients[place] for place in reached])
        return found

    def _prepared(self, name: str, calls: Sequence[Call]) -> Norms:
        inputs = [call.inputs for call in calls if call.inputs is not None]
        if not all(_sound(call, len(self.stimuli)) for call in calls):
            required = f"an input of {len(self.stimuli)} stimuli"
            advice = "Leave it out with `layers`, or let the first dim of its input be the stimulus in every pass."
            raise SpecificationError([Problem(name, required, str([tuple(x.shape) for x in inputs]), advice)])
        module = self.scorer.model.get_submodule(name)
        return KINDS[type(module)](module, inputs)

    def _with_gradients(self, vectors: Tensor) -> dict[str, Tensor]:
        scorer = self.scorer
        layers = {name: own for name, own in scorer.layers.items() if name not in scorer.known}
        measured = {name for own in layers.values() for name in own}
        fixed = {name: weight.detach() for name, weight in scorer.weights.items() if name not in measured}

        def score(weights: Weights, stimulus: Tensor, vector: Tensor) -> Tensor:
            logits: Tensor = functional_call(scorer.model, {**fixed, **weights}, (stimulus[None],))
            return logits[0] @ vector

        own = {name: scorer.weights[name].detach() for name in measured}
        found: dict[str, list[Tensor]] = {name: [] for name in layers}
        for stimuli, directions in zip(torch.split(self.stimuli, AT_ONCE), torch.split(vectors, AT_ONCE), strict=True):
            gradients = vmap(grad(score), in_dims=(None, 0, 0))(own, stimuli, directions)
            for name, names in layers.items():
                found[name].append(sum(gradients[one].flatten(1).square().sum(dim=1) for one in names))
        return {name: torch.cat(parts) for name, parts in found.items()}


def _has_its_own(module: nn.Module, name: str, parameters: Sequence[str]) -> bool:
    """Tell whether a layer is of a known kind, and reads no weights but these."""
    if type(module) not in KINDS or (isinstance(module, nn.Conv2d) and module.padding_mode != "zeros"):
        return False
    read = [weight for weight in ("weight", "bias") if getattr(module, weight) is not None]
    return set(parameters) == {f"{name}.{weight}" if name else weight for weight in read}


def _sound(call: Call, stimuli: int) -> bool:
    """Tell whether a call is one of so many stimuli."""
    return call.inputs is not None and call.edge is not None and len(call.inputs) == stimuli
