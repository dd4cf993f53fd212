"""Redrawing: units of a litter born anew, or fallen silent, in place, with the optimiser's state of their weights."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from artneuro.anatomy.wiring import Part, Strand, Wiring
from artneuro.rearing.tissue import Tissue

SILENT = {"weight": 1.0, "bias": 0.0, "running_mean": 0.0, "running_var": 1.0}
"""What the entries of a batch norm are for a silent unit: as at birth, so that nothing in gives nothing out."""


def redraw(
    tissue: Tissue,
    wiring: Wiring,
    subjects: Sequence[int],
    units: Tensor,
    newborn: Sequence[Mapping[str, Tensor]],
    scales: Mapping[Part, float],
    reset_state: bool,
) -> None:
    """Give units the weights that they have in other networks.

    Parameters
    ----------
    subjects : sequence of int
        Places in the litter.
    units : Tensor, shape (len(subjects), unit), int64
        Of each of these subjects; as many of each.
    newborn : sequence of mapping of str to Tensor
        The other network of each of these subjects: weights by name.
    scales : mapping of part to float
        What is redrawn, and by which factor what is drawn is multiplied.
    reset_state : bool
        Whether what the optimiser keeps of the redrawn entries begins at zero, as it did at birth.
    """
    for strand in wiring.strands:
        if strand.part in scales:
            target = tissue.weights(strand.name)
            pairs = zip(newborn, units.cpu(), strict=True)
            drawn = [strand.of_units(own[strand.name], wanted) for own, wanted in pairs]
            values = torch.stack(drawn).flatten(1, 2).to(target) * scales[strand.part]
            _put(target, strand, subjects, units, values)
            if reset_state:
                _forget(tissue, strand, subjects, units)


def silence(tissue: Tissue, wiring: Wiring, subjects: Sequence[int], units: Tensor) -> None:
    """Set all weights into and out of units to zero, and what the optimiser keeps of them; see `redraw`."""
    for strand in wiring.strands:
        kind = strand.name.rpartition(".")[2]
        _put(tissue.weights(strand.name), strand, subjects, units, SILENT[kind] if strand.part == "norm" else 0.0)
        _forget(tissue, strand, subjects, units)


def entries(strand: Strand, units: Tensor, ndim: int) -> Tensor:
    """Return a mask over units (subject, unit) as one over the entries of a tensor with `ndim` dims, broadcastable.

    Examples
    --------
    >>> entries(Strand("fc.weight", "outgoing", 1, block=2), torch.tensor([[True, False]]), ndim=3).shape
    torch.Size([1, 1, 4])
    """
    own = units.repeat_interleave(strand.block, dim=1)
    shape = [1] * ndim
    shape[0], shape[strand.dim + 1] = own.shape
    return own.view(shape)


def _put(target: Tensor, strand: Strand, subjects: Sequence[int], units: Tensor, values: Tensor | float) -> None:
    rows = torch.tensor(subjects, device=units.device).unsqueeze(1)
    view = target.movedim(strand.dim + 1, 1)
    if isinstance(values, float):
        view[rows, strand.places(units)] = values
    else:
        view.index_put_((rows, strand.places(units)), values)


def _forget(tissue: Tissue, strand: Strand, subjects: Sequence[int], units: Tensor) -> None:
    for kept in tissue.state.get(strand.name, {}).values():
        _put(kept, strand, subjects, units, 0.0)
