"""Tissue: what a litter is made of, for interventions that act on weights, optimiser state and their own memory."""

import copy
import threading
from collections.abc import Mapping
from functools import cached_property
from typing import final

import attrs
import torch
from torch import Tensor, nn

from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.embedding import Space
from artneuro.anatomy.recording import record_activity
from artneuro.anatomy.sites import resolve_sites
from artneuro.anatomy.wiring import Wiring
from artneuro.environment.environment import Environment
from artneuro.seeds import Stream

Memory = dict[str, Tensor]

_tracing = threading.Lock()
_initialising = threading.Lock()  # initialisers draw from torch's global generator, and litters grow up on threads


@final
@attrs.frozen(eq=False)
class Body:
    """What the subjects of a litter have in common.

    Parameters
    ----------
    anatomy : Anatomy
        What they are built of.
    environment : Environment
        Where they live.
    model : nn.Module
        One network of the anatomy, in evaluation mode; its weights are nobody's.
    """

    anatomy: Anatomy
    environment: Environment
    model: nn.Module
    _wirings: dict[str, Wiring] = attrs.field(factory=dict, init=False)

    @property
    def sites(self) -> dict[str, str]:
        """Sites of the anatomy: name of the site -> name of the torch module."""
        return self.anatomy.sites(self.model)

    def present(self, images: Tensor) -> Tensor:
        """Return stored images (..., channel, y, x) as the model takes them."""
        return self.environment.present(images, dtype=next(self.model.parameters()).dtype)

    @cached_property
    def space(self) -> Space:
        """Where its units lie.

        Raises
        ------
        SpecificationError
            Where the anatomy is not embedded in space.
        """
        return Space.of(self.anatomy, self.model)

    def wiring(self, site: str) -> Wiring:
        """Return which entries of which tensors belong to the units of a site; found once.

        Raises
        ------
        SpecificationError
            Where there is no such site, or its wiring cannot be found.
        """
        with _tracing:
            if site not in self._wirings:
                module = resolve_sites(self.sites, site)[site]
                example = self.present(self.environment.train.images[:1])
                # hooks go to a copy: litters that grow up on other threads read the model meanwhile
                self._wirings[site] = Wiring.of(copy.deepcopy(self.model), module, example)
            return self._wirings[site]

    def newborn(self, stream: Stream) -> dict[str, Tensor]:
        """Return the weights of another network of the anatomy at birth: what its own initialisers draw."""
        with _initialising, stream.initialising():
            model = self.anatomy.build(self.environment.shape, len(self.environment.outputs))
        return {name: tensor.detach() for name, tensor in (*model.named_parameters(), *model.named_buffers())}


@final
@attrs.frozen(eq=False)
class Tissue:
    """What a litter is made of at one moment; everything in it may be changed in place.

    Parameters
    ----------
    body : Body
        What its subjects have in common; not to be changed.
    parameters : dict of str to Tensor, shape (subject, ...)
        What gradients train, by name.
    buffers : dict of str to Tensor, shape (subject, ...)
        Weights that gradients do not train: running statistics, and parameters that the anatomy froze.
    state : dict of str to dict of str to Tensor, shape (subject, ...)
        Parameter's name -> name of torch's state, such as ``momentum_buffer`` or ``exp_avg`` -> tensor of the
        parameter's shape.
    memory : dict of str to Tensor, shape (subject, ...)
        What the intervention remembers; see `Intervention.memory`.
    """

    body: Body
    parameters: Mapping[str, Tensor]
    buffers: Mapping[str, Tensor]
    state: Mapping[str, Mapping[str, Tensor]]
    memory: Memory

    def weights(self, name: str) -> Tensor:
        """Return a parameter or buffer (subject, ...) by name."""
        return self.parameters[name] if name in self.parameters else self.buffers[name]

    def activity(self, site: str, place: int, stimuli: int) -> Tensor:
        """Return the mean absolute activity (unit,) of a subject's site, over the first so many training stimuli.

        It is measured in evaluation mode, without what modulates activity; that of a feature map over its positions.

        Parameters
        ----------
        place : int
            Of the subject in the litter.
        """
        environment = self.body.environment
        model = copy.deepcopy(self.body.model)
        own = {name: tensor[place] for name, tensor in (*self.parameters.items(), *self.buffers.items())}
        module = self.body.wiring(site).module
        model.load_state_dict({**model.state_dict(), **own}, strict=False)
        with torch.no_grad():
            shown = self.body.present(environment.train.images[:stimuli])
            activity = record_activity(model, {site: module}, shown)[site]
        return activity.abs().flatten(2).mean((0, 2)) if activity.ndim > 2 else activity.abs().mean(0)
