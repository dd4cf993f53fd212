"""Modulation: changing activity within the forward pass by what was drawn outside it.

What is random is drawn a subject at a time, from that subject's own streams, and handed to the network as one more
input. A forward hook reads it from a context variable, so the same network serves one subject and many at once. The
dropout layers of an anatomy work the same way: the layer itself does nothing, and its output is modulated.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, final

import attrs
import torch
from torch import Tensor, nn

from artneuro.errors import Problem, SpecificationError
from artneuro.rearing.dropout import Dropout
from artneuro.rearing.intervention import Intervention, Modulatory
from artneuro.rearing.timing import Clock
from artneuro.rearing.tissue import Memory
from artneuro.seeds import Stream
from artneuro.subject import intervention_stream

_DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
_handed_in: ContextVar[Mapping[str, Sequence[tuple[Modulatory, Tensor]]]] = ContextVar("handed_in")


@final
@attrs.frozen
class Modulation:
    """One intervention at one place of the network.

    Parameters
    ----------
    module : str
        Name of the torch module whose output is modulated.
    intervention : Modulatory
        What modulates it.
    place : int
        Of the intervention among those of the arm; -1 for a layer of the anatomy.
    """

    module: str
    intervention: Modulatory
    place: int

    def acts(self, epoch: int, training: bool) -> bool:
        """Tell whether it acts in this epoch, in training or in tests."""
        return self.intervention.window.holds(epoch) and (training or self.intervention.acts_in_test())

    def generator(self, subject: Stream, epoch: int, training: bool, device: torch.device) -> torch.Generator:
        """Return the generator of a subject's draws in one epoch."""
        if self.place < 0:
            stream = subject.child("anatomy")
        else:
            stream = intervention_stream(subject, self.place, self.intervention)
        return stream.child(self.module, "training" if training else "test", epoch).torch(device)


def modulations(
    model: nn.Module, sites: Mapping[str, str], interventions: Sequence[Intervention]
) -> tuple[Modulation, ...]:
    """Return all modulations of a network: those of its interventions, in their order, and its own dropout layers.

    Raises
    ------
    SpecificationError
        Where an intervention names a site that the network does not have; the message carries the valid ones.
    """
    found: list[Modulation] = []
    problems: list[Problem] = []
    for place, intervention in enumerate(interventions):
        if isinstance(intervention, Modulatory):
            try:
                at = intervention.acts_at(tuple(sites))
            except SpecificationError as error:
                where = f"interventions[{place}].{type(intervention).__name__}"
                problems += [problem.within(where) for problem in error.problems]
                continue
            found += [Modulation(sites[site], intervention, place) for site in at]
    if problems:
        raise SpecificationError(problems)
    for name, layer in model.named_modules():
        if isinstance(layer, _DROPOUTS):
            whole_maps = not isinstance(layer, nn.Dropout)
            found.append(Modulation(name, Dropout(rate=layer.p, maps=whole_maps), -1))
    return tuple(found)


def open_to_modulation(model: nn.Module, names: Iterable[str]) -> None:
    """Let the outputs of these modules be modulated."""
    for name in set(names):
        model.get_submodule(name).register_forward_hook(_hook(name))


def set_mode(model: nn.Module, training: bool) -> None:
    """Put a model into training or evaluation mode; its dropout layers stay silent: modulations stand for them."""
    model.train(training)
    for layer in model.modules():
        if isinstance(layer, _DROPOUTS):
            layer.eval()


def _hook(name: str) -> Callable[[nn.Module, Any, Tensor], Tensor]:
    def modulate(module: nn.Module, inputs: Any, activity: Tensor) -> Tensor:
        for intervention, drawn in _handed_in.get({}).get(name, ()):
            if drawn.is_floating_point():
                drawn = drawn.to(activity.dtype)
            activity = intervention.modulate(activity, drawn)
        return activity

    return modulate


@contextmanager
def handing_in(acting: Sequence[Modulation], drawn: Sequence[Tensor]) -> Iterator[None]:
    """Hand what was drawn for each acting modulation to the networks that run within the block."""
    by_module: dict[str, list[tuple[Modulatory, Tensor]]] = {}
    for modulation, tensor in zip(acting, drawn, strict=True):
        by_module.setdefault(modulation.module, []).append((modulation.intervention, tensor))
    token = _handed_in.set(by_module)
    try:
        yield
    finally:
        _handed_in.reset(token)


@final
class Draws:
    """What is random within the forward pass of some subjects in one epoch, drawn update by update.

    Parameters
    ----------
    acting : sequence of Modulation
        Those that act in this epoch.
    units : mapping of str to tuple of int
        Name of the module -> shape of its output for one stimulus.
    streams : sequence of Stream
        One a subject.
    memories : sequence of mapping of str to Tensor, shape (subject, ...)
        What each intervention of the arm remembers, by its place; it may change between updates.
    """

    def __init__(
        self,
        acting: Sequence[Modulation],
        units: Mapping[str, tuple[int, ...]],
        streams: Sequence[Stream],
        epoch: int,
        training: bool,
        device: torch.device,
        memories: Sequence[Memory] = (),
    ) -> None:
        self.acting = tuple(acting)
        self._memories = memories
        self._units = units
        self._generators = [
            [modulation.generator(stream, epoch, training, device) for stream in streams] for modulation in acting
        ]

    def __call__(self, stimuli: int, clock: Clock) -> list[Tensor]:
        """Return one tensor (subject, ...) an acting modulation, for a batch of so many stimuli."""
        drawn = []
        for each, generators in zip(self.acting, self._generators, strict=True):
            shape = stimuli, *self._units[each.module]
            own = torch.stack([each.intervention.draw(shape, clock, generator) for generator in generators])
            memory = self._memories[each.place] if each.place >= 0 and self._memories else {}
            drawn.append(each.intervention.recall(own, memory, clock))
        return drawn
