"""Shape bias: whether what is seen is named by its shape or by its texture, where the two conflict.

Geirhos et al. 2019, arXiv 1811.12231.
"""

import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.responses import Activity, tensor_of


def shape_bias(answers: Activity, shape: Activity, texture: Activity) -> Tensor:
    """Share of the answers by shape among those by shape or texture, over stimuli whose cues conflict.

    Parameters
    ----------
    answers : Tensor or array of int, shape (..., stimulus)
        Class that was named; any number that is no class for none.
    shape, texture : Tensor or array of int, shape (stimulus,)
        Class of each cue. Stimuli whose cues agree are left out.

    Returns
    -------
    Tensor, shape (...), float64
        1: always by shape; 0: always by texture. Not-a-number where neither was ever named.

    Examples
    --------
    >>> shape_bias(torch.tensor([0, 1, 1, 2]), torch.tensor([0, 0, 1, 1]), torch.tensor([1, 1, 0, 1]))
    tensor(0.6667, dtype=torch.float64)
    """
    said, form, surface = tensor_of(answers), tensor_of(shape), tensor_of(texture)
    if form.shape != surface.shape or form.ndim != 1 or said.shape[-1:] != form.shape:
        shapes = ", ".join(str(tuple(each.shape)) for each in (said, form, surface))
        raise ActivityError(f"required answers (..., stimulus), shape and texture (stimulus,); came {shapes}")
    conflict = form != surface
    by_shape = ((said == form) & conflict).sum(dim=-1).double()
    by_texture = ((said == surface) & conflict).sum(dim=-1).double()
    named = by_shape + by_texture
    return torch.where(named > 0, by_shape / named, torch.nan)
