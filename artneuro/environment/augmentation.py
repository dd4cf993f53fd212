"""Augmentation: random shifts and flips of the stimuli of a whole litter, on the device, without a loop over images."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F


def augment(stimuli: Tensor, *, translate: int, flip: bool, generators: Sequence[torch.Generator]) -> Tensor:
    """Mirror each image with probability one half, then shift it by up to `translate` pixels along y and x.

    Shifts are drawn uniformly from ``-translate..translate`` for each image and axis. What moves in from outside is 0
    in the space of the stimuli, that is after normalisation: the mean of the training stimuli under "standard" (as in
    He et al. 2016, arXiv 1512.03385, section 4.2), mid-grey under "half", black under "none".

    Parameters
    ----------
    stimuli : Tensor, shape (subject, batch, channel, y, x)
        Normalised stimuli.
    translate : int
        Largest shift, in pixels, >= 0.
    flip : bool
        Whether to mirror left and right.
    generators : sequence of torch.Generator
        One a subject. What a subject sees depends on its own generator alone. Flips and shifts are both drawn even
        where only one is used, so that changing one dose leaves the other's draws as they are.

    Returns
    -------
    Tensor
        Of the same shape and kind; the very same tensor where the dose is zero (no shift, no flip).

    Examples
    --------
    >>> from artneuro.seeds import Stream
    >>> stimuli = torch.ones(1, 1, 1, 2, 2)
    >>> augment(stimuli, translate=0, flip=False, generators=[Stream(0).torch()]) is stimuli
    True
    """
    if len(generators) != len(stimuli):
        raise ValueError(f"one generator a subject: {len(stimuli)} subjects, {len(generators)} generators")
    if translate == 0 and not flip:
        return stimuli
    subjects, batch, channels, height, width = stimuli.shape
    mirrored, shifts = (torch.cat(drawn).to(stimuli.device) for drawn in _draw(batch, translate, generators))
    rows = torch.arange(height, device=stimuli.device) + shifts[:, :1] + translate
    columns = torch.arange(width, device=stimuli.device) + shifts[:, 1:]
    if flip:
        columns = torch.where(mirrored[:, None], width - 1 - columns, columns)
    columns = columns + translate
    padded = F.pad(stimuli.flatten(0, 1), (translate,) * 4)
    places = rows[:, :, None] * padded.shape[3] + columns[:, None, :]
    pixels = padded.flatten(2).gather(2, places.flatten(1)[:, None].expand(-1, channels, -1))
    return pixels.reshape(subjects, batch, channels, height, width)


def _draw(batch: int, translate: int, generators: Sequence[torch.Generator]) -> tuple[list[Tensor], list[Tensor]]:
    """Draw which images are mirrored, and their shifts (y, x), for each subject."""
    mirrored, shifts = [], []
    for generator in generators:
        kind = {"generator": generator, "device": generator.device}
        mirrored.append(torch.randint(0, 2, (batch,), **kind).bool())  # type: ignore[call-overload]
        shifts.append(torch.randint(-translate, translate + 1, (batch, 2), **kind))  # type: ignore[call-overload]
    return mirrored, shifts
