"""Activation maximisation: images that drive units of a network most, found by climbing the gradient of the activity.

Erhan, Bengio, Courville and Vincent 2009; regularisers: Simonyan et al. 2014, arXiv 1312.6034 (L2), Mahendran and
Vedaldi 2015, arXiv 1412.0035 (total variation, jitter), Yosinski et al. 2015, arXiv 1506.06579 (blur).
"""

from collections.abc import Sequence
from typing import Literal, final

import attrs
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from artneuro.anatomy.recording import record_activity
from artneuro.errors import ActivityError
from artneuro.fields import Spec, define_spec, ge, gt, param
from artneuro.seeds import Stream

Of = Literal["mean", "max", "centre"]
When = Literal["before", "after"]

_BLOCK = 64  # images at a time


@final
@define_spec
class Ascent(Spec):
    """How an image is changed, step by step, so that it drives a unit more.

    Values are those of stimuli as presented, where 1 is a standard deviation of pixels (with `normalise: standard`).
    Steps are those of Adam, and their length falls to 0 in a line, so that the end is a place of rest. Where `norm` is
    given, the image stays on a sphere, and only what of the gradient lies along it counts.
    """

    steps: int = param(200, doc="steps", check=ge(1))
    lr: float = param(0.05, doc="length of the first step, value by value", check=gt(0.0))
    start: float = param(0.1, doc="standard deviation of the noise to begin with, around the mean pixel", check=ge(0.0))
    l2: float = param(0.0, doc="what the mean square of the values costs", check=ge(0.0))
    total_variation: float = param(0.0, doc="what the mean difference of neighbouring pixels costs", check=ge(0.0))
    jitter: int = param(0, units="pixel", doc="how far the image is moved at random, at each step", check=ge(0))
    blur: float = param(0.0, units="pixel", doc="standard deviation of the blur after each step", check=ge(0.0))
    norm: float | None = param(None, doc="root mean square of the values, held; free, if nothing", check=gt(0.0))
    bounds: bool = param(True, doc="keep pixels from black to white")


@final
@attrs.frozen(eq=False)
class Climb:
    """What an ascent found.

    Parameters
    ----------
    images : Tensor, shape (image, channel, y, x)
        As presented.
    iterations : list of int
        Steps after which the activity was read; the first is 0, the last the end.
    activity : Tensor, shape (image, iteration)
        Of the unit that each image is for, without jitter.
    """

    images: Tensor
    iterations: list[int]
    activity: Tensor


def unit_activity(
    model: nn.Module, module: str, stimuli: Tensor, units: Tensor, when: When = "before", of: Of = "mean"
) -> Tensor:
    """Activity of one unit for each stimulus.

    Parameters
    ----------
    model : nn.Module
        In evaluation mode, so that stimuli do not see each other.
    module : str
        Name of a torch module that the model calls once.
    stimuli : Tensor, shape (image, channel, y, x)
    units : Tensor of int, shape (image,)
        Number of the unit (of a feature map: its channel) for each image.
    when : {"before", "after"}
        What goes into the module, such as a ReLU, or comes out of it.
    of : {"mean", "max", "centre"}
        Of a feature map: its mean, its maximum, or its place in the middle.

    Returns
    -------
    Tensor, shape (image,)

    Raises
    ------
    ActivityError
        Where there is no unit of that number.
    """
    found = record_activity(model, {module: module}, stimuli, when)[module]
    if int(units.max()) >= found.shape[1] or int(units.min()) < 0:
        came = int(units.max() if int(units.max()) >= found.shape[1] else units.min())
        raise ActivityError(f"{module}: required a unit from 0 to {found.shape[1] - 1}; came {came}")
    own = found[torch.arange(len(found), device=found.device), units]
    return one_a_unit(own[:, None], of)[:, 0]


def one_a_unit(activity: Tensor, of: Of) -> Tensor:
    """Activity (stimulus, unit) of activity (stimulus, channel, ...): of feature maps, one number each.

    Examples
    --------
    >>> maps = torch.arange(9.0).reshape(1, 1, 3, 3)
    >>> [one_a_unit(maps, of).item() for of in ("mean", "max", "centre")]
    [4.0, 8.0, 4.0]
    """
    if activity.ndim == 2:
        return activity
    if of == "centre":
        for size in reversed(activity.shape[2:]):
            activity = activity[..., size // 2]
        return activity
    flat = activity.flatten(2)
    return flat.mean(dim=2) if of == "mean" else flat.amax(dim=2)


def maximise(
    model: nn.Module,
    module: str,
    units: Sequence[int] | Tensor,
    start: Tensor,
    ascent: Ascent,
    stream: Stream,
    *,
    scale: Tensor | None = None,
    bounds: tuple[Tensor, Tensor] | None = None,
    when: When = "before",
    of: Of = "mean",
    curve: int = 2,
) -> Climb:
    """Find images that drive units most: units side by side, whatever the module and the size of images.

    What is maximised is activity / scale - l2 mean(x^2) - total_variation mean |dx|, x the image as presented and dx
    the differences between neighbouring values, along y and along x.

    Parameters
    ----------
    model : nn.Module
        In evaluation mode; it stays as it is.
    module : str
        Name of a torch module that the model calls once.
    units : sequence of int, shape (image,)
        Number of the unit that each image is for.
    start : Tensor, shape (image, channel, y, x)
        Images to begin with; they stay as they are.
    ascent : Ascent
    stream : Stream
        Randomness of the jitter; each step moves all images alike, so no image depends on which others are sought.
    scale : Tensor, shape (image,), optional
        Activity that counts as 1 against the regularisers; 1 by default.
    bounds : pair of Tensor, shape (channel, 1, 1), optional
        Black and white as presented; required where the ascent keeps within them.
    when, of : str
        See `unit_activity`.
    curve : int
        How often the activity is read, beginning and end included; 2 or more.

    Returns
    -------
    Climb

    Raises
    ------
    ActivityError
        Where there is no such unit, or its activity does not change smoothly with the image.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 1, bias=False))
    >>> _ = model[1].weight.data.copy_(torch.tensor([[3.0, 0.0, -4.0, 0.0]]))
    >>> free = Ascent(norm=0.5, bounds=False)
    >>> found = maximise(model, "1", [0], torch.ones(1, 1, 2, 2), free, Stream(0), when="after")
    >>> [round(value, 2) + 0.0 for value in found.images.flatten().tolist()]  # length 1, along the weights
    [0.6, 0.0, -0.8, 0.0]
    """
    if ascent.bounds and bounds is None:
        raise ValueError("bounds: required black and white as presented; or an ascent with bounds=False")
    numbers = torch.as_tensor(units, device=start.device)
    sizes = torch.ones(len(numbers), device=start.device) if scale is None else scale
    limits = bounds if ascent.bounds else None
    iterations = sorted({round(ascent.steps * place / (curve - 1)) for place in range(curve)})
    climbs = [
        _climb(model, module, own, images, size, ascent, stream, limits, when, of, iterations)
        for own, images, size in zip(*(torch.split(each, _BLOCK) for each in (numbers, start, sizes)), strict=True)
    ]
    images, activity = (torch.cat(each) for each in zip(*climbs, strict=True))
    return Climb(images, iterations, activity)


def _climb(
    model: nn.Module,
    module: str,
    units: Tensor,
    start: Tensor,
    scale: Tensor,
    ascent: Ascent,
    stream: Stream,
    limits: tuple[Tensor, Tensor] | None,
    when: When,
    of: Of,
    iterations: list[int],
) -> tuple[Tensor, Tensor]:
    images = _kept(start.clone(), ascent, limits)
    optimiser = torch.optim.Adam([images], lr=ascent.lr)
    moves = torch.randint(-ascent.jitter, ascent.jitter + 1, (ascent.steps, 2), generator=stream.torch()).tolist()
    read = []
    for step in range(ascent.steps + 1):
        if step in iterations:
            with torch.no_grad():
                read.append(unit_activity(model, module, images, units, when, of))
        if step == ascent.steps:
            break
        optimiser.param_groups[0]["lr"] = ascent.lr * (1 - step / ascent.steps)
        uphill = _gradient(model, module, images, units, scale, ascent, moves[step], when, of)
        images.grad = -_tangent(uphill, images, ascent)  # Adam descends
        optimiser.step()
        with torch.no_grad():
            images.copy_(_kept(_blurred(images, ascent.blur), ascent, limits))
    return images.detach(), torch.stack(read, dim=1)


def _gradient(
    model: nn.Module,
    module: str,
    images: Tensor,
    units: Tensor,
    scale: Tensor,
    ascent: Ascent,
    move: list[int],
    when: When,
    of: Of,
) -> Tensor:
    """Gradient of what is maximised, image by image."""
    with torch.enable_grad():
        seen = images.detach().requires_grad_()
        moved = seen.roll((move[0], move[1]), dims=(2, 3)) if ascent.jitter else seen
        activity = unit_activity(model, module, moved, units, when, of)
        if not activity.requires_grad:
            raise ActivityError(
                f"{module}: required activity that changes smoothly with the image; it has no gradient. Stimuli that "
                "are names or numbers of something have none."
            )
        value = (activity / scale).sum()
        value = value - ascent.l2 * seen.square().mean(dim=(1, 2, 3)).sum()
        if ascent.total_variation:
            apart = seen.diff(dim=2).abs().sum() + seen.diff(dim=3).abs().sum()
            value = value - ascent.total_variation * apart / seen[0].numel()
        (found,) = torch.autograd.grad(value, seen)
    return found


def _tangent(gradient: Tensor, images: Tensor, ascent: Ascent) -> Tensor:
    """What of a gradient lies along the sphere that images are held on."""
    if ascent.norm is None:
        return gradient
    outward = (gradient * images).mean(dim=(1, 2, 3), keepdim=True) / ascent.norm**2
    return gradient - outward * images


def _kept(images: Tensor, ascent: Ascent, limits: tuple[Tensor, Tensor] | None) -> Tensor:
    """Images at their norm, and then within their bounds."""
    if ascent.norm is not None:
        size = images.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
        images = images * (ascent.norm / size.clamp(min=1e-12))
    return images if limits is None else images.clamp(*limits)


def _blurred(images: Tensor, width: float) -> Tensor:
    """Images seen through a Gaussian that ends after three standard deviations or at the edge, where it is mirrored."""
    reach = min(int(3 * width + 0.5), images.shape[2] - 1, images.shape[3] - 1)
    if reach < 1:
        return images
    places = torch.arange(-reach, reach + 1, dtype=images.dtype, device=images.device)
    weights = (-0.5 * (places / width).square()).exp()
    weights = weights / weights.sum()
    channels = images.shape[1]
    padded = F.pad(images, (reach, reach, reach, reach), mode="reflect")
    down = F.conv2d(padded, weights.view(1, 1, -1, 1).expand(channels, 1, -1, 1), groups=channels)
    return F.conv2d(down, weights.view(1, 1, 1, -1).expand(channels, 1, 1, -1), groups=channels)
