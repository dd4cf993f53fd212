"""Ranks with ties, for many rows at once."""

import numpy as np
import torch
from torch import Tensor


def average_ranks(values: Tensor) -> Tensor:
    """Rank each row, 1 for the smallest; equal values share the mean of their ranks.

    Parameters
    ----------
    values : Tensor, shape (..., n)
        Rows to be ranked.

    Returns
    -------
    Tensor, shape (..., n), float64
        On the device of the values.

    Examples
    --------
    >>> average_ranks(torch.tensor([3.0, 1.0, 3.0, 9.0]))
    tensor([2.5000, 1.0000, 2.5000, 4.0000], dtype=torch.float64)
    """
    rows = values.reshape(-1, values.shape[-1])
    on_cpu = rows.device.type == "cpu"  # where NumPy sorts faster than torch, which takes one thread as well
    order = torch.from_numpy(np.argsort(rows.numpy(), axis=1)) if on_cpu else rows.argsort(dim=1)
    ranks = torch.empty(rows.shape, dtype=torch.float64, device=rows.device)
    return ranks.scatter_(1, order, ranks_in_order(rows.gather(1, order))).reshape(values.shape)


def distance_ranks(distances: Tensor) -> Tensor:
    """Rank rows of distances, taking for equal what differs by rounding alone; twice as fast as `average_ranks`.

    Parameters
    ----------
    distances : Tensor, shape (row, n), float64, >= 0
        Rows to be ranked; to about 10 digits for a few hundred thousand distances a row.

    Returns
    -------
    Tensor, shape (row, n), float64

    Examples
    --------
    >>> distance_ranks(torch.tensor([[0.1 + 0.2, 0.0, 0.3]], dtype=torch.float64))
    tensor([[2.5000, 1.0000, 2.5000]], dtype=torch.float64)
    """
    # Bits of a float >= 0 are ordered as the float is. The lowest ones make room for the place of each distance, so
    # that plain integers are sorted, which is fast, instead of places by their distances.
    n = distances.shape[1]
    low = (1 << (n - 1).bit_length()) - 1
    # half of what is cut off is added, so that it is rounded and equal numbers stay on one side
    rounded = (distances.view(torch.int64) + (low + 1) // 2) & ~low
    keys = rounded | torch.arange(n, device=distances.device)
    keys = torch.from_numpy(np.sort(keys.numpy(), axis=1)) if keys.device.type == "cpu" else keys.sort(dim=1).values
    ranks = torch.empty(distances.shape, dtype=torch.float64, device=distances.device)
    return ranks.scatter_(1, keys & low, ranks_in_order(keys & ~low))


def ranks_in_order(ascending: Tensor) -> Tensor:
    """Ranks of rows that are sorted already.

    Parameters
    ----------
    ascending : Tensor, shape (row, n)
        Each row from its smallest value to its largest.

    Returns
    -------
    Tensor, shape (row, n), float64

    Examples
    --------
    >>> ranks_in_order(torch.tensor([[1.0, 3.0, 3.0]]))
    tensor([[1.0000, 2.5000, 2.5000]], dtype=torch.float64)
    """
    rows, n = ascending.shape
    steps = torch.ones(rows, n, dtype=torch.bool, device=ascending.device)
    torch.ne(ascending[:, 1:], ascending[:, :-1], out=steps[:, 1:])
    # all rows as one: a run of equal values never goes on into the next row, which begins with a step
    starts = steps.flatten().nonzero()[:, 0]
    lengths = starts.diff(append=starts.new_tensor([rows * n]))
    shared = starts % n + (lengths + 1).double() / 2
    return shared.repeat_interleave(lengths, output_size=rows * n).view(rows, n)
