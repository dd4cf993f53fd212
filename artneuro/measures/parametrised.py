"""Parametrised layers of a network, and the network as it is while its weights are measured."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from artneuro.errors import Problem, SpecificationError
from artneuro.registry import suggestion

Weights = dict[str, Tensor]


def parameters_by_layer(model: nn.Module, layers: Sequence[str] | None = None) -> dict[str, tuple[str, ...]]:
    """Names of the parameters of each layer: a module with parameters of its own.

    A parameter that several modules share belongs to the first of them.

    Parameters
    ----------
    model : nn.Module
        The network.
    layers : sequence of str, optional
        Names of modules to keep; all, if left out.

    Returns
    -------
    dict of str to tuple of str
        Name of the module -> names of its own parameters, in the order of the model.

    Raises
    ------
    SpecificationError
        Where the model has no such layer, or none at all.

    Examples
    --------
    >>> parameters_by_layer(nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2, bias=False)))
    {'0': ('0.weight', '0.bias'), '2': ('2.weight',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, _ in model.named_parameters():
        owner = name.rpartition(".")[0]
        found[owner] = (*found.get(owner, ()), name)
    if layers is not None:
        wrong = [name for name in layers if name not in found]
        if wrong or not layers:
            required = "names of modules with parameters of their own"
            advice = suggestion(wrong[0], list(found)) if wrong else f"There are: {', '.join(found)}."
            raise SpecificationError([Problem("layers", required, ", ".join(map(repr, wrong)) or "none", advice)])
        found = {name: own for name, own in found.items() if name in layers}
    if not found:
        raise SpecificationError([Problem("model", "a network with weights", "one without")])
    return found


@contextmanager
def evaluating(model: nn.Module) -> Iterator[Weights]:
    """Put a network into evaluation mode for the block, and yield its weights as leaves of graphs of their own.

    The weights share the memory of the model's parameters (convolutions may be laid out anew), so that gradients with
    respect to them never reach the model. Afterwards each module is in the mode it was in.

    Raises
    ------
    SpecificationError
        Where a batch norm has no running statistics: its answers would depend on the company a stimulus is in.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(2, 2))
    >>> with evaluating(model) as weights:
    ...     sorted(weights), model.training
    (['0.bias', '0.weight'], False)
    >>> model.training
    True
    """
    for name, module in model.named_modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.running_mean is None:
            advice = "Build it with `track_running_stats=True`: else a stimulus has no answer of its own."
            raise SpecificationError([Problem(name, "batch norm with running statistics", "one without", advice)])
    modes = {module: module.training for module in model.modules()}
    try:
        model.eval()
        yield {name: laid_out(weight.detach()).requires_grad_() for name, weight in model.named_parameters()}
    finally:
        for module, training in modes.items():
            module.training = training


def laid_out(tensor: Tensor) -> Tensor:
    """Return a tensor of images or kernels on a CPU channels-last, which suits convolutions there; others as they are.

    Examples
    --------
    >>> laid_out(torch.zeros(2, 3, 4, 4)).stride()
    (48, 1, 12, 3)
    """
    if tensor.ndim == 4 and tensor.device.type == "cpu":
        return tensor.contiguous(memory_format=torch.channels_last)
    return tensor
