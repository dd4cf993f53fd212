"""Shape distances: what is left between two representations after the best rotation.

Williams et al. 2021, arXiv 2110.14739. These are metrics: symmetric, 0 for equal shapes, with a triangle inequality, so
that subjects can be clustered and scaled by them.
"""

from collections.abc import Sequence
from math import acos, sqrt
from typing import Literal

import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.responses import Activity, responses, same_stimuli

Form = Literal["angular", "euclidean"]


def procrustes(x: Activity, y: Activity, form: Form = "euclidean") -> float:
    """Procrustes distance: how far apart two centred representations stay when one is rotated onto the other.

    - ``euclidean``: min over orthogonal Q of |X - Y Q|_F = (|X|^2 + |Y|^2 - 2 |X'Y|_*)^1/2, in units of activity, not
      normalised; Williams et al. 2021, equation 5;
    - ``angular``: arccos(|X'Y|_* / (|X| |Y|)), in [0, pi/2] rad; scale does not matter; the same, equation 6.

    `x` and `y` are centred over stimuli. Where they differ in the number of units, the smaller has units without
    activity added, which changes neither.

    Parameters
    ----------
    x, y : Tensor or array, shape (stimulus, unit)
        Activity for the same stimuli.
    form : {"euclidean", "angular"}
        See above.

    Returns
    -------
    float
        0: equal up to rotation and offset (``angular``: and scale).

    Examples
    --------
    >>> x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [5.0, 3.0]])
    >>> round(procrustes(x, x.flip(1) + 1, "angular"), 6)
    0.0
    """
    return shape_metric(x, y, alpha=1.0, form=form)


def shape_metric(x: Activity, y: Activity, alpha: float, form: Form = "angular") -> float:
    """Distance of two shapes after partial whitening, between canonical correlation and Procrustes.

    Singular values s of the centred activity become ``alpha s + (1 - alpha)``, then all are scaled so that the total
    variance is what it was; and then as `procrustes`. Williams et al. 2021, equation 11 and their code netrep.

    Parameters
    ----------
    x, y : Tensor or array, shape (stimulus, unit)
        Activity for the same stimuli.
    alpha : float
        1: only rotations are forgiven (Procrustes). 0: any invertible linear map is.
    form : {"angular", "euclidean"}
        See `procrustes`.

    Returns
    -------
    float

    Raises
    ------
    ActivityError
        For ``alpha=0`` and as many independent units as stimuli less one, whose distances are all 0; for activity that
        does not vary; for too few or other stimuli, or missing values.

    Examples
    --------
    >>> x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [5.0, 3.0], [1.0, 1.0]])
    >>> mixed = x @ torch.tensor([[1.0, 2.0], [0.0, 3.0]])
    >>> round(shape_metric(x, mixed, alpha=0.0), 6), shape_metric(x, mixed, alpha=1.0) > 0.1
    (0.0, True)
    """
    return float(shape_distances([x], [y], alpha, form)[0, 0])


def shape_distances(
    xs: Sequence[Activity], ys: Sequence[Activity] | None = None, alpha: float = 1.0, form: Form = "angular"
) -> Tensor:
    """Shape distances of all pairs; each representation is centred, reduced and whitened once.

    Parameters
    ----------
    xs : sequence of Tensor or array, shape (stimulus, unit)
        Such as the sites of all subjects, one after the other.
    ys : sequence of the same, optional
        Without it, `xs` with themselves.
    alpha, form
        See `shape_metric`.

    Returns
    -------
    Tensor, shape (len(xs), len(ys)), float64
        With `ys` left out, symmetric and 0 on the diagonal.

    Examples
    --------
    >>> x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [5.0, 3.0]])
    >>> shape_distances([x, 3 * x]).round(decimals=6).abs()
    tensor([[0., 0.],
            [0., 0.]], dtype=torch.float64)
    """
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha: required in [0, 1]; came {alpha}")
    if form not in ("angular", "euclidean"):
        raise ValueError(f"form: required angular or euclidean; came {form!r}")
    left = _roots(xs, "xs", alpha)
    right = left if ys is None else _roots(ys, "ys", alpha)
    if not left or not right:
        raise ActivityError("required at least one representation on either side; came none")
    same_stimuli(left[0], right[0])
    found = left[0].new_zeros(len(left), len(right))
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            if ys is None and j <= i:
                found[i, j] = found[j, i]  # 0 on the diagonal
            else:
                found[i, j] = _distance(one, other, form)
    return found


def _distance(one: Tensor, other: Tensor, form: Form) -> float:
    overlap = float(torch.linalg.svdvals(one.T @ other).sum())
    a, b = float(one.square().sum()), float(other.square().sum())
    if form == "angular":
        return acos(min(1.0, overlap / (a * b) ** 0.5))
    return sqrt(max(0.0, a + b - 2 * overlap))


def _roots(xs: Sequence[Activity], name: str, alpha: float) -> list[Tensor]:
    roots = [_root(responses(x, f"{name}[{number}]"), f"{name}[{number}]", alpha) for number, x in enumerate(xs)]
    for root in roots:
        same_stimuli(roots[0], root)
    return roots


def _root(values: Tensor, name: str, alpha: float) -> Tensor:
    """Matrix with the Gram of the centred, partially whitened activity, of at most as many columns as stimuli.

    Distances depend on Grams alone, so the singular values of a product of two such matrices are all that is needed;
    with fewer stimuli than units that is far smaller than the product over units.
    """
    stimuli, units = values.shape
    varies = values.amax(dim=0) != values.amin(dim=0)
    if not varies.any():
        raise ActivityError(f"{name}: required units that vary over stimuli; all {units} are constant")
    centred = torch.where(varies, values - values.mean(dim=0), 0.0)
    if units > stimuli:
        centred = torch.linalg.qr(centred.T, mode="r").R.T
    if alpha == 1.0:
        return centred
    left, sizes, _ = torch.linalg.svd(centred, full_matrices=False)
    rank = int((sizes > max(values.shape) * torch.finfo(torch.float64).eps * sizes[0]).sum())
    if alpha == 0.0 and rank >= stimuli - 1:
        raise ActivityError(
            f"{name}: required fewer independent directions than stimuli less one for alpha = 0; came {rank} for "
            f"{stimuli} stimuli, whose distances are all 0. Record more stimuli, or take alpha > 0."
        )
    sizes = sizes[:rank]
    whitened = alpha * sizes + (1 - alpha)
    root: Tensor = left[:, :rank] * whitened * (sizes.norm() / whitened.norm())
    return root
