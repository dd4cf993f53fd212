"""Stacking: the weights of several subjects as tensors with a leading `subject` dim, and back."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, final

import torch
from torch import Tensor, nn

Weights = Mapping[str, Tensor]


@final
class Layout(NamedTuple):
    """Which weights of an anatomy are trained.

    Parameters
    ----------
    trained : tuple of str
        Parameters that gradients train.
    rest : dict of str to Tensor
        Frozen parameters and buffers, by name, as the model has them.
    owner : dict of str to str
        Name of each saved weight -> the name it goes by here; they differ where modules share one tensor.
    """

    trained: tuple[str, ...]
    rest: dict[str, Tensor]
    owner: dict[str, str]

    @classmethod
    def of(cls, model: nn.Module) -> "Layout":
        """Return the layout of a model."""
        parameters, buffers = dict(model.named_parameters()), dict(model.named_buffers())
        names = {id(tensor): name for name, tensor in (parameters | buffers).items()}
        trained = tuple(name for name, parameter in parameters.items() if parameter.requires_grad)
        rest = {name: tensor.detach() for name, tensor in (parameters | buffers).items() if name not in trained}
        saved = model.state_dict(keep_vars=True)
        return cls(trained, rest, {name: names[id(tensor)] for name, tensor in saved.items()})


def stack(
    weights: Sequence[Weights], layout: Layout, channels_last: bool, dtype: torch.dtype = torch.float32
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Return the trained weights and the rest of several subjects, (subject, ...) by name.

    Parameters
    ----------
    weights : sequence of mapping
        One a subject, as saved.
    channels_last : bool
        Whether the weights of convolutions take that memory format.
    dtype : torch.dtype
        Precision that they take; what counts stays whole numbers.
    """
    saved = {owner: name for name, owner in layout.owner.items()}

    def stacked(name: str) -> Tensor:
        if name not in saved:  # a buffer that is not saved, the same for all
            return torch.stack([layout.rest[name]] * len(weights))
        together = torch.stack([own[saved[name]] for own in weights])
        together = together.to(dtype) if together.is_floating_point() else together
        if channels_last and together.ndim == 5:
            return together.flatten(0, 1).contiguous(memory_format=torch.channels_last).view(together.shape)
        return together

    return {name: stacked(name) for name in layout.trained}, {name: stacked(name) for name in layout.rest}


def unstack(trained: Weights, rest: Weights, layout: Layout, place: int) -> dict[str, Tensor]:
    """Return a copy of one subject's weights, as saved."""
    own = {**trained, **rest}
    return {
        name: own[owner][place].clone(memory_format=torch.contiguous_format) for name, owner in layout.owner.items()
    }
