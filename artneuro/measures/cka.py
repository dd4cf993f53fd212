"""Centred kernel alignment: how alike two representations are, up to rotation and scale.

Kornblith et al. 2019, arXiv 1905.00414. Centred Grams are made once and every pair comes from one matrix product.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import torch
from torch import Tensor

from artneuro.errors import ActivityError
from artneuro.measures.responses import Activity, responses, same_stimuli, tensor_of

Kernel = Literal["linear", "rbf"]


def cka(
    x: Activity, y: Activity, kernel: Kernel = "linear", *, debiased: bool = False, sigma: float | None = None
) -> float:
    """Centred kernel alignment of two representations of the same stimuli.

    ``HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L))`` of the Gram matrices K of x and L of y.

    - Biased (the default): HSIC(K, L) = tr(K H L H) / (n - 1)^2, H the centring (Gretton et al. 2005). For the linear
      kernel, ``||Y'X||_F^2 / (||X'X||_F ||Y'Y||_F)`` with centred columns; Kornblith et al. 2019, equation 5.
    - Debiased: the unbiased HSIC of Song et al. 2012 (JMLR 13, equation 5), in CKA since Nguyen et al. 2021,
      arXiv 2010.15327, equation 3. It can be negative.

    The biased form depends on the number of units: for independent noise, 50 stimuli and 5000 units, it is near 1
    (0.99), while the debiased form is near 0. Take the debiased form unless stimuli outnumber units by far.

    Parameters
    ----------
    x, y : Tensor or array, shape (stimulus, unit)
        Activity for the same stimuli; units may differ in number.
    kernel : {"linear", "rbf"}
        ``rbf``: exp(-d^2 / (2 (sigma m)^2)), d the euclidean distance of two stimuli, m the median of d over pairs.
    debiased : bool
        Which estimate of HSIC.
    sigma : float, optional
        For ``rbf``, the width as a multiple of the median distance, as in the code of Kornblith et al.; 1.0 if none is
        given. (Some peers take a fixed width of 1 whatever the scale of activity.)

    Returns
    -------
    float
        1: equal up to rotation, scale and offset. Not-a-number where a representation does not vary over stimuli.

    Raises
    ------
    ActivityError
        For fewer than 4 stimuli, missing values, or different numbers of stimuli.

    Examples
    --------
    >>> x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [5.0, 3.0]])
    >>> round(cka(x, 3 * x.flip(1) + 1), 6)
    1.0
    """
    return float(cka_matrix([x], [y], kernel, debiased=debiased, sigma=sigma)[0, 0])


def cka_matrix(
    xs: Sequence[Activity],
    ys: Sequence[Activity] | None = None,
    kernel: Kernel = "linear",
    *,
    debiased: bool = False,
    sigma: float | None = None,
) -> Tensor:
    """Centred kernel alignment of all pairs: every representation of `xs` with every one of `ys`.

    Conventions are those of `cka`. Each Gram is centred once; memory is 8 n^2 bytes a representation, for n stimuli.

    Parameters
    ----------
    xs : sequence of Tensor or array, shape (stimulus, unit)
        Such as the sites of all subjects, one after the other; all on one device.
    ys : sequence of the same, optional
        Without it, `xs` with themselves.
    kernel, debiased, sigma
        See `cka`.

    Returns
    -------
    Tensor, shape (len(xs), len(ys)), float64
        Symmetric with 1 on the diagonal where `ys` is left out.

    Examples
    --------
    >>> x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [5.0, 3.0]])
    >>> cka_matrix([x, 2 * x]).round(decimals=6)
    tensor([[1., 1.],
            [1., 1.]], dtype=torch.float64)
    """
    if kernel not in ("linear", "rbf"):
        raise ValueError(f"kernel: required linear or rbf; came {kernel!r}")
    if sigma is not None and (kernel == "linear" or sigma <= 0):
        raise ValueError(f"sigma: required > 0, and the kernel rbf; came {sigma} and {kernel}")
    left = _features(xs, "xs", kernel, debiased, sigma)
    if ys is None:
        products = left @ left.T
        found = _scaled(products, products.diagonal(), products.diagonal())
        found.diagonal().masked_fill_(~found.diagonal().isnan(), 1.0)  # to the last bit
        return found
    right = _features(ys, "ys", kernel, debiased, sigma)
    if left.shape[1] != right.shape[1]:
        same_stimuli(tensor_of(xs[0]), tensor_of(ys[0]))
    return _scaled(left @ right.T, left.square().sum(dim=1), right.square().sum(dim=1))


def minibatch_cka(
    batches: Iterable[tuple[Sequence[Activity], Sequence[Activity]]],
    kernel: Kernel = "linear",
    *,
    sigma: float | None = None,
) -> Tensor:
    """Debiased centred kernel alignment of all pairs, for more stimuli than a Gram has room for.

    Unbiased HSICs of batches are averaged, and CKA is made of the averages; Nguyen et al. 2021, arXiv 2010.15327,
    equation 2. Up to noise the result does not depend on the size of the batches, as that of the biased estimate would.
    For ``rbf``, note that the median distance is that of each batch.

    Parameters
    ----------
    batches : iterable of (xs, ys)
        Blocks of stimuli, each with the activity (stimulus, unit) of every representation of one set and of the other;
        a generator will do. Every block counts the same, so make them of one size, with at least 4 stimuli.
    kernel, sigma
        See `cka`.

    Returns
    -------
    Tensor, shape (len(xs), len(ys)), float64

    Examples
    --------
    >>> x = torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [5.0, 3.0]])
    >>> minibatch_cka(([x], [x, 2 * x]) for _ in range(3)).round(decimals=6)
    tensor([[1., 1.]], dtype=torch.float64)
    """
    across = own = other = torch.zeros(())
    count = 0
    for xs, ys in batches:
        left = _features(xs, "xs", kernel, True, sigma)
        right = _features(ys, "ys", kernel, True, sigma)
        if left.shape[1] != right.shape[1]:
            same_stimuli(tensor_of(xs[0]), tensor_of(ys[0]))
        across = left @ right.T + across.to(left)
        own = left.square().sum(dim=1) + own.to(left)
        other = right.square().sum(dim=1) + other.to(left)
        count += 1
    if count == 0:
        raise ActivityError("batches: required at least one; came none. A generator can be used only once.")
    return _scaled(across, own, other)


def _features(xs: Sequence[Activity], name: str, kernel: Kernel, debiased: bool, sigma: float | None) -> Tensor:
    """Centred Grams as rows (of their triangle) whose inner products are HSICs, up to one factor."""
    if not len(xs):
        raise ActivityError(f"{name}: required at least one representation; came none")
    rows = []
    for number, x in enumerate(xs):
        values = responses(x, f"{name}[{number}]")
        same_stimuli(tensor_of(xs[0]), values)
        gram = _centred_gram(values, kernel, debiased, sigma, f"{name}[{number}]")
        n = len(gram)
        off_diagonal = gram[torch.ones(n, n, dtype=torch.bool, device=gram.device).triu(1)]
        if debiased:
            rows.append(off_diagonal * (2 / (n * (n - 3))) ** 0.5)
        else:
            rows.append(torch.cat([off_diagonal * 2**0.5, gram.diagonal()]))
    return torch.stack(rows)


def _centred_gram(values: Tensor, kernel: Kernel, debiased: bool, sigma: float | None, name: str) -> Tensor:
    varies = values.amax(dim=0) != values.amin(dim=0)
    # exactly 0 for constant units, which rounding of the mean would hide
    centred = torch.where(varies, values - values.mean(dim=0), 0.0)
    gram = centred @ centred.T
    n = len(gram)
    if kernel == "rbf" and varies.any():
        own = gram.diagonal()
        squared = (own[:, None] + own - 2 * gram).clamp(min=0.0)
        squared.fill_diagonal_(0.0)
        typical = squared[torch.ones(n, n, dtype=torch.bool, device=gram.device).triu(1)].median()
        if typical == 0:
            raise ActivityError(
                f"{name}: the median distance between stimuli is 0, so that the rbf kernel has no width: most stimuli "
                "have equal responses. Take the linear kernel, or other stimuli."
            )
        width = 1.0 if sigma is None else sigma
        gram = (-squared / (2 * width**2 * typical)).exp()
    if not debiased:
        means = gram.mean(dim=0)
        return gram - means - means[:, None] + means.mean()
    # U-centring (Szekely and Rizzo 2014, Annals of Statistics 42, equation 2.12): its inner products, off the diagonal,
    # are n (n - 3) times the unbiased HSIC of Song et al.
    gram.fill_diagonal_(0.0)
    sums = gram.sum(dim=0)
    return gram - (sums + sums[:, None]) / (n - 2) + sums.sum() / ((n - 1) * (n - 2))


def _scaled(products: Tensor, own: Tensor, other: Tensor) -> Tensor:
    return products / (own[:, None] * other).sqrt()
