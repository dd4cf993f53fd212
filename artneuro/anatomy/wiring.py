"""Wiring: which entries of which tensors belong to the units of a site, coming in and going out.

So that units can be born anew, grow or fall silent: all that one unit receives, is and gives lies in these entries.
"""

from collections.abc import Iterator
from typing import Any, Literal, final

import attrs
import torch
from torch import Tensor, nn

from artneuro.anatomy.neighbours import Weighted, layers_into, layers_out_of, norms_around
from artneuro.anatomy.recording import hooked, record_activity
from artneuro.errors import Problem, SpecificationError

Part = Literal["incoming", "bias", "norm", "outgoing"]

_NORM = ("weight", "bias", "running_mean", "running_var")
_REMEDY = (
    "It takes nn.Linear or nn.Conv2d layers on both sides, in a network that torch.fx can trace, with only "
    "nonlinearities, batch norm, pooling, dropout or flattening between; choose another site, or write the network so."
)


@final
@attrs.frozen
class Strand:
    """Where the units of a site lie in one tensor.

    Parameters
    ----------
    name : str
        Of the parameter or buffer.
    part : {"incoming", "bias", "norm", "outgoing"}
        What it is to the units: the weights into them, their bias, the scale, shift and running statistics of a batch
        norm beside the site, or the weights out of them.
    dim : int
        Dim of the tensor along which the units lie.
    block : int
        Neighbouring entries along `dim` that belong to one unit: more than one where feature maps are flattened.
    """

    name: str
    part: Part
    dim: int
    block: int = 1

    def places(self, units: Tensor) -> Tensor:
        """Return the places (..., unit * block) along `dim` of units (..., unit).

        Examples
        --------
        >>> Strand("fc.weight", "outgoing", 1, block=4).places(torch.tensor([0, 2]))
        tensor([ 0,  1,  2,  3,  8,  9, 10, 11])
        """
        return (units.unsqueeze(-1) * self.block + torch.arange(self.block, device=units.device)).flatten(-2)

    def of_units(self, tensor: Tensor, units: Tensor) -> Tensor:
        """Return the entries of units (unit,) of one subject's tensor, (unit, ...)."""
        own = tensor.movedim(self.dim, 0)[self.places(units)]
        return own.reshape(len(units), self.block, *own.shape[1:])


@final
@attrs.frozen
class Wiring:
    """The units of a site, and where they lie.

    Parameters
    ----------
    module : str
        Name of the site's torch module.
    units : int
        How many there are: neurons, or feature maps.
    strands : tuple of Strand
        All tensors that the units have a share in.
    """

    module: str
    units: int
    strands: tuple[Strand, ...]

    @classmethod
    def of(cls, model: nn.Module, module: str, example: Tensor) -> "Wiring":
        """Find the wiring of a site.

        What a skip connection carries past the layers has no weights, and so is not part of it.

        Parameters
        ----------
        model : nn.Module
            The network, in evaluation mode.
        module : str
            Name of the site's torch module.
        example : Tensor, shape (stimulus, channel, y, x)
            One stimulus or more, as presented.

        Raises
        ------
        SpecificationError
            Where the layers into or out of the site cannot be told, or are shared in a way that keeps no unit apart.

        Examples
        --------
        >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 5)).eval()
        >>> wiring = Wiring.of(model, "1", torch.zeros(1, 1, 4, 4))
        >>> [(strand.name, strand.dim, strand.block) for strand in wiring.strands]
        [('0.weight', 0, 1), ('0.bias', 0, 1), ('3.weight', 1, 4)]
        """
        with torch.no_grad():
            units = record_activity(model, {module: module}, example[:1])[module].shape[1]
        into, out_of = layers_into(model, module), layers_out_of(model, module)
        found = [*_missing(model, module, into, "incoming"), *_missing(model, module, out_of, "outgoing")]
        strands: list[Strand] = []
        for name, layer in into.items():
            if layer.weight.shape[0] != units:
                came = f"{units} units and {layer.weight.shape[0]} outputs of {name}"
                advice = "Its units share weights: choose the site before flattening or grouping."
                found.append(Problem("site", "weights of its own for each unit", came, advice))
            strands.append(Strand(f"{name}.weight", "incoming", 0))
            if layer.bias is not None:
                strands.append(Strand(f"{name}.bias", "bias", 0))
        for name, norm in norms_around(model, module).items():
            block, rest = divmod(norm.num_features, units)
            if rest:
                came = f"{norm.num_features} in {name}"
                found.append(Problem("site", f"batch norms of a multiple of {units} features", came, _REMEDY))
            present = [entry for entry in _NORM if getattr(norm, entry) is not None]
            strands += [Strand(f"{name}.{entry}", "norm", 0, block) for entry in present]
        for name, layer in out_of.items():
            inputs = layer.weight.shape[1]
            if inputs % units:
                came = f"{units} units and {inputs} inputs of {name}"
                required = "outgoing weights that belong to one unit each"
                found.append(Problem("site", required, came, f"Grouped convolutions share them. {_REMEDY}"))
            strands.append(Strand(f"{name}.weight", "outgoing", 1, inputs // units))
        if not found:
            found += _mixing(model, module, units, out_of, example)
        if found:
            raise SpecificationError(found)
        return cls(module, units, tuple(strands))


def _missing(model: nn.Module, module: str, layers: dict[str, Weighted], side: str) -> Iterator[Problem]:
    if not layers:
        required = f"a site with {side} weights that can be found"
        yield Problem("site", required, f"the module {module!r}, which has none", _REMEDY)
    own = dict(model.named_parameters())
    for name in layers:
        if f"{name}.weight" not in own:
            came = f"{name}, whose weight is computed, or shared with another layer"
            yield Problem("site", f"{side} layers with weights of their own", came, "Choose another site.")


def _mixing(
    model: nn.Module, module: str, units: int, layers: dict[str, Weighted], example: Tensor
) -> Iterator[Problem]:
    """Yield what is wrong where a unit reaches other inputs of a layer than its own: tried with three of them."""
    tried = sorted({0, min(1, units - 1), units - 1})
    read: dict[str, Tensor] = {}

    def excite(module: nn.Module, inputs: Any, activity: Tensor) -> Tensor:
        excited = torch.zeros_like(activity)
        for place, unit in enumerate(tried, start=1):
            excited[place, unit] = 1.0
        return excited

    def keep(name: str) -> Any:
        def hook(layer: nn.Module, inputs: Any, output: Any) -> None:
            read[name] = inputs[0].clone()

        return hook

    same = example[:1].expand(len(tried) + 1, *example.shape[1:])
    with torch.no_grad(), hooked(model, {module: excite}), hooked(model, {name: keep(name) for name in layers}):
        model(same)
    for name, layer in layers.items():
        channel = 1 if isinstance(layer, nn.Conv2d) else -1
        seen = read[name].movedim(channel, 1).flatten(2) if read[name].ndim > 2 else read[name].unsqueeze(-1)
        reached = (seen[1:] != seen[:1]).any(-1)
        block = layer.weight.shape[1] // units
        for place, unit in enumerate(tried):
            outside = torch.cat([reached[place, : unit * block], reached[place, (unit + 1) * block :]])
            if outside.any():
                required = "units that stay apart on their way to the next layer"
                yield Problem("site", required, f"unit {unit}, which reaches other inputs of {name}", _REMEDY)
                break
