"""MagnitudePruning: the weakest connections are taken away. Han et al. 2015, arXiv 1506.02626; step by step, Zhu and
Gupta 2017, arXiv 1710.01878.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, final

import torch
from torch import Tensor

from artneuro.anatomy.circuit import Circuit
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import between, define_spec, ge, param
from artneuro.rearing.intervention import Holding, Struck, Structural
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.timing import Clock, Window
from artneuro.rearing.tissue import Body, Memory, Tissue
from artneuro.registry import register
from artneuro.seeds import Stream

PRUNED = "pruned."
"""What the memories begin with that tell which entries of a weight were pruned."""


@final
@register("MagnitudePruning")
@define_spec
class MagnitudePruning(Structural, Holding):
    """Set the connections with the smallest absolute weights to zero, and hold them there.

    With one round it is done at once, after the update `onset`. With more, `every` so many updates the same share of
    what is left goes, until `sparsity` is reached: after round r of n, the share ``1 - (1 - sparsity)**(r / n)`` of all
    connections is pruned, in whole connections. What the optimiser keeps of them becomes zero too. Between rounds, and
    afterwards, the others learn on. Biases and learnt vectors of tokens are no connections. Of equally weak ones, the
    first in the order of the network goes first.

    Examples
    --------
    >>> import artneuro as an
    >>> naive = an.Subject.naive(an.anatomy("mlp", widths=(16,)), an.environment("digits"), seed=0)
    >>> adult = an.rear(naive, naive.environment, an.Rearing(epochs=1), [MagnitudePruning(sparsity=0.75, onset=4)])
    >>> weights = [tensor for name, tensor in adult.weights.items() if name.endswith("weight")]
    >>> sum(int((weight == 0).sum()) for weight in weights) / sum(weight.numel() for weight in weights)
    0.75
    """

    sparsity: float = param(doc="share of the connections that is pruned in the end", check=between(0, 1))
    onset: int = param(units="update", doc="update after which the first are pruned, counted from birth", check=ge(1))
    rounds: int = param(1, doc="times that some are pruned", check=ge(1))
    every: int = param(100, units="update", doc="updates from round to round", check=ge(1))
    scope: Literal["network", "layer"] = param(
        "network", doc="whether the weakest of the whole network go, or in every layer of weights the same share"
    )
    window: Window = param(Window(), doc="when rounds take place; what was pruned is held for good")

    def misfits(self, body: Body, rearing: Rearing, begin: Clock) -> Iterator[Problem]:
        """Refuse networks whose connections cannot be told, and rounds that come before or after the rearing."""
        try:
            Circuit.of(body.model)
        except SpecificationError as error:
            yield from error.problems
        last = self.onset + (self.rounds - 1) * self.every
        end = begin.after(rearing, len(body.environment.train)).step
        if not begin.step < self.onset:
            yield Problem("onset", f"an update after the rearing begins, at {begin.step}", str(self.onset))
        if last > end:
            advice = "Begin earlier, prune in fewer rounds or closer ones, or rear for longer."
            yield Problem("onset", f"a last round before the rearing ends, at update {end}", f"{last}", advice)

    def memory(self, body: Body, stream: Stream) -> Memory:
        """Remember which connections were pruned: none as yet."""
        parameters = dict(body.model.named_parameters())
        return {f"{PRUNED}{name}": torch.zeros_like(parameters[name], dtype=torch.bool) for name in _names(body)}

    def restructure(self, tissue: Tissue, clock: Clock, streams: tuple[Stream, ...]) -> tuple[Struck, ...]:
        """Prune, where it is time."""
        since, beyond = divmod(clock.step - self.onset, self.every)
        if beyond == 0 and 0 <= since < self.rounds:
            share = 1 - (1 - self.sparsity) ** ((since + 1) / self.rounds)
            names = _names(tissue.body)
            groups = [names] if self.scope == "network" else [[name] for name in names]
            for subject in range(len(streams)):
                for group in groups:
                    self._prune(tissue, group, subject, share)
        return ()

    def holds(self, tissue: Tissue, clock: Clock) -> Mapping[str, Tensor | None]:
        """Hold what was pruned at zero."""
        if clock.step < self.onset:
            return {}
        return {name: tissue.memory[f"{PRUNED}{name}"] for name in _names(tissue.body)}

    def _prune(self, tissue: Tissue, names: list[str], subject: int, share: float) -> None:
        """Prune the weakest connections of some weights of one subject, so that this share of them is pruned."""
        masks = [tissue.memory[f"{PRUNED}{name}"][subject] for name in names]
        before = torch.cat([mask.flatten() for mask in masks])
        strength = torch.cat([tissue.parameters[name][subject].abs().flatten() for name in names])
        strength[before] = -1.0  # what is pruned stays so
        weakest = strength.argsort(stable=True)[: round(share * len(strength))]
        pruned = before.clone()
        pruned[weakest] = True
        own_parts = torch.split(pruned, [mask.numel() for mask in masks])
        for name, mask, own in zip(names, masks, own_parts, strict=True):
            mask.copy_(own.view_as(mask))
            for tensor in (tissue.parameters[name], *tissue.state.get(name, {}).values()):
                tensor[subject].masked_fill_(mask, 0.0)


def _names(body: Body) -> list[str]:
    """Return the names of the weights that are connections."""
    return [projection.name for projection in Circuit.of(body.model).projections]
