"""Wiring: which entries of which tensors belong to the units of a site, coming in and going out.

So that units can be born anew, grow or fall silent: all that one unit receives, is and gives lies in these entries.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, final

import attrs
import torch
from torch import Tensor, nn

from artneuro.anatomy.neighbours import Side, Weighted, side_into, side_out_of
from artneuro.anatomy.recording import hooked, record_activity
from artneuro.errors import Problem, SpecificationError

Part = Literal["incoming", "bias", "norm", "outgoing"]

_NORM = ("weight", "bias", "running_mean", "running_var")
_ROUNDING = 1e-4  # of the largest activity: far above what rounding in float32 adds, far below what a unit does
_REMEDY = (
    "It takes nn.Linear or nn.Conv2d layers on both sides, in a network that torch.fx can trace, with only what keeps "
    "units apart between: nonlinearities, batch or instance norm, pooling, means over positions, dropout, flattening, "
    "arithmetic with numbers. Choose another site, or write the network so."
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
        or instance norm beside the site (or the slopes of an ``nn.PReLU``), or the weights out of them.
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
        before, after = side_into(model, module), side_out_of(model, module)
        found = [*_missing(model, module, before, "incoming"), *_missing(model, module, after, "outgoing")]
        strands: list[Strand] = []
        for name, layer in before.layers.items():
            if layer.weight.shape[0] != units:
                came = f"{units} units and {layer.weight.shape[0]} outputs of {name}"
                advice = "Its units share weights: choose the site before flattening or grouping."
                found.append(Problem("site", "weights of its own for each unit", came, advice))
            strands.append(Strand(f"{name}.weight", "incoming", 0))
            if layer.bias is not None:
                strands.append(Strand(f"{name}.bias", "bias", 0))
        for name, norm in (before.norms | after.norms).items():
            features = norm.num_parameters if isinstance(norm, nn.PReLU) else norm.num_features
            block, rest = divmod(features, units)
            if rest:
                came = f"{features} in {name}"
                found.append(Problem("site", f"norms of a multiple of {units} features", came, _REMEDY))
            held = dict(norm.named_parameters()) | dict(norm.named_buffers())
            strands += [Strand(f"{name}.{entry}", "norm", 0, block) for entry in _NORM if entry in held]
        for name, layer in after.layers.items():
            inputs = layer.weight.shape[1]
            if inputs % units:
                came = f"{units} units and {inputs} inputs of {name}"
                required = "outgoing weights that belong to one unit each"
                found.append(Problem("site", required, came, f"Grouped convolutions share them. {_REMEDY}"))
            strands.append(Strand(f"{name}.weight", "outgoing", 1, inputs // units))
        if not found:
            found += _mixing(model, module, units, before, after, example)
        if found:
            raise SpecificationError(found)
        return cls(module, units, tuple(strands))


def _missing(model: nn.Module, module: str, side: Side, part: Part) -> Iterator[Problem]:
    lost = [stop for stop in side.stops if stop.lost]
    if lost or not side.layers:
        places = " and ".join(dict.fromkeys(stop.place for stop in lost or side.stops))
        besides = f"besides {', '.join(side.layers)}, " if side.layers else ""
        way = "the way into it begins at" if part == "incoming" else "the way out of it ends at"
        advice = " ".join(dict.fromkeys([*(stop.advice for stop in lost if stop.advice), _REMEDY]))
        required = f"a site with {part} weights that can be found"
        yield Problem("site", required, f"the module {module!r}: {besides}{way} {places}", advice)
    own = dict(model.named_parameters())
    for name in side.layers:
        if f"{name}.weight" not in own:
            came = f"{name}, whose weight is computed, or shared with another layer"
            yield Problem("site", f"{part} layers with weights of their own", came, "Choose another site.")


def _mixing(model: nn.Module, module: str, units: int, before: Side, after: Side, example: Tensor) -> Iterator[Problem]:
    """Yield what is wrong where a unit reaches others on its way from a layer or to one: tried with three of them."""
    tried = sorted({0, min(1, units - 1), units - 1})
    for name, layer in before.layers.items():
        reached = _reached(model, name, _channel(layer), tried, {module: 1}, "output", example)[module]
        for unit in _astray(reached, tried, block=1):
            required, came = "units that stay apart on their way from the layer before", f"unit {unit} of {name}"
            yield Problem("site", required, f"{came}, which reaches other units of {module}", _REMEDY)
    read = {name: _channel(layer) for name, layer in after.layers.items()}
    for name, reached in _reached(model, module, 1, tried, read, "input", example).items():
        for unit in _astray(reached, tried, after.layers[name].weight.shape[1] // units):
            required = "units that stay apart on their way to the next layer"
            yield Problem("site", required, f"unit {unit}, which reaches other inputs of {name}", _REMEDY)


def _reached(
    model: nn.Module,
    source: str,
    channel: int,
    tried: list[int],
    read: Mapping[str, int],
    what: Literal["input", "output"],
    example: Tensor,
) -> dict[str, Tensor]:
    """Return which entries (unit tried, entry) of modules change when units of a source are excited, one at a time.

    Parameters
    ----------
    channel : int
        Dim of the source's output along which its units lie.
    read : mapping of str to int
        Module -> dim of its input or output along which entries lie.
    """
    seen: dict[str, Tensor] = {}

    def excite(module: nn.Module, inputs: Any, activity: Tensor) -> Tensor:
        excited = torch.zeros_like(activity)
        for place, unit in enumerate(tried, start=1):
            excited.movedim(channel, 1)[place, unit] = 1.0
        return excited

    def keep(name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            own = (inputs[0] if what == "input" else output).movedim(read[name], 1)
            seen[name] = own.clone().flatten(2) if own.ndim > 2 else own.clone().unsqueeze(-1)

        return hook

    same = example[:1].expand(len(tried) + 1, *example.shape[1:])
    with torch.no_grad(), hooked(model, {source: excite}), hooked(model, {name: keep(name) for name in read}):
        model(same)
    return {name: ((own[1:] - own[:1]).abs() > _ROUNDING * own.abs().max()).any(-1) for name, own in seen.items()}


def _astray(reached: Tensor, tried: list[int], block: int) -> Iterator[int]:
    """Yield the first unit that reaches entries (unit tried, entry) which are not its own block."""
    for own, unit in zip(reached, tried, strict=True):
        if own[: unit * block].any() or own[(unit + 1) * block :].any():
            yield unit
            return


def _channel(layer: Weighted) -> int:
    return 1 if isinstance(layer, nn.Conv2d) else -1
