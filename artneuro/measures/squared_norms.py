"""Squared norms of per-sample gradients of a layer's weights, without the gradients themselves.

The gradient of one sample is a sum over positions p of outer products, ``G = sum_p g_p a_p^T``, of what came into the
layer and of the gradient at its output. Its squared norm is also ``sum_pq (a_p . a_q)(g_p . g_q)``: the inner product
of two position-by-position Gram matrices. With one position that is ``|a|^2 |g|^2`` (Goodfellow 2015, arXiv
1510.01799); with many, whichever form needs fewer multiplications is taken (Rochette et al. 2019, arXiv 1912.06015).
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Norms = Callable[[Sequence[Tensor]], Tensor]
"""Gradients at the outputs of a layer's calls, (stimulus, ...) each -> squared norms, (stimulus,)."""


def linear_norms(layer: nn.Linear, inputs: Sequence[Tensor]) -> Norms:
    """Squared norms for a fully connected layer, of weight and bias together.

    Parameters
    ----------
    layer : nn.Linear
        The layer.
    inputs : sequence of Tensor, shape (stimulus, ..., feature)
        What came into it, at each of its calls; what lies between are positions.

    Returns
    -------
    callable
        Gradients at the outputs, one a call -> squared norms, shape (stimulus,).

    Examples
    --------
    >>> norms = linear_norms(nn.Linear(2, 1), [torch.tensor([[3.0, 4.0]])])
    >>> norms([torch.tensor([[2.0]])])  # 2 ** 2 * (3 ** 2 + 4 ** 2), and 2 ** 2 for the bias
    tensor([104.])
    """
    a = torch.cat([_positions(x) for x in inputs], dim=1)
    positions = a.shape[1]
    as_gram = positions * (layer.in_features + layer.out_features) < layer.in_features * layer.out_features
    gram = a @ a.transpose(1, 2) if as_gram else None

    def norms(gradients: Sequence[Tensor]) -> Tensor:
        g = torch.cat([_positions(one) for one in gradients], dim=1)
        found = _square(g.transpose(1, 2) @ a) if gram is None else _inner(gram, g @ g.transpose(1, 2))
        return found if layer.bias is None else found + _square(g.sum(dim=1))

    return norms


def convolution_norms(layer: nn.Conv2d, inputs: Sequence[Tensor]) -> Norms:
    """Squared norms for a convolution that is padded with zeros, of weight and bias together.

    Inputs and gradients are laid on one grid of rows, so that moving the kernel by one place is moving along a flat
    list of positions, and nothing is unfolded. A convolution with a stride reads one of several such grids at each
    place of its kernel, its phases. A layer called more than once needs the gradients themselves, place by place of
    the kernel; they are never held together.

    Parameters
    ----------
    layer : nn.Conv2d
        The layer; any stride, dilation, groups and padding, as long as the padding is zeros.
    inputs : sequence of Tensor, shape (stimulus, channel, y, x)
        What came into it, at each of its calls.

    Returns
    -------
    callable
        Gradients at the outputs, one a call -> squared norms, shape (stimulus,).

    Examples
    --------
    >>> layer = nn.Conv2d(1, 1, 3, padding=1, bias=False)
    >>> x, g = torch.randn(2, 1, 5, 5), torch.randn(2, 1, 5, 5)
    >>> weight = torch.nn.grad.conv2d_weight(x[:1], (1, 1, 3, 3), g[:1], padding=1)
    >>> bool(torch.isclose(convolution_norms(layer, [x])([g])[0], weight.square().sum(), rtol=1e-4))
    True
    """
    grids = [_Grid(layer, x) for x in inputs]
    grams = [grids[0].gram(group) for group in range(layer.groups)] if _gram_is_cheaper(layer, grids) else None

    def norms(gradients: Sequence[Tensor]) -> Tensor:
        laid = [grid.laid(g) for grid, g in zip(grids, gradients, strict=True)]
        found = gradients[0].new_zeros(len(gradients[0]))
        for group in range(layer.groups):
            own = [_of_group(g, group, layer.groups) for g in laid]
            if grams is not None:
                found += _inner(grams[group], own[0] @ own[0].transpose(1, 2))
                continue
            for place in range(len(grids[0].places)):
                parts = [g.transpose(1, 2) @ grid.seen(place, group) for g, grid in zip(own, grids, strict=True)]
                found += _square(sum(parts[1:], parts[0]))
        if layer.bias is not None:
            sums = [g.sum(dim=(2, 3)) for g in gradients]
            found += _square(sum(sums[1:], sums[0]))
        return found

    return norms


def norm_norms(layer: nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d, inputs: Sequence[Tensor]) -> Norms:
    """Squared norms for the gain and shift of a batch norm in evaluation mode, whose statistics are constants.

    Parameters
    ----------
    layer : nn.BatchNorm1d, nn.BatchNorm2d or nn.BatchNorm3d
        The layer, with running statistics.
    inputs : sequence of Tensor, shape (stimulus, channel, ...)
        What came into it, at each of its calls.

    Returns
    -------
    callable
        Gradients at the outputs, one a call -> squared norms, shape (stimulus,).

    Examples
    --------
    >>> layer = nn.BatchNorm1d(1, eps=0.0).eval()
    >>> norms = norm_norms(layer, [torch.tensor([[3.0]])])
    >>> norms([torch.tensor([[2.0]])])  # (2 * 3) ** 2 for the gain, and 2 ** 2 for the shift
    tensor([40.])
    """
    mean, variance = layer.running_mean, layer.running_var
    assert mean is not None
    assert variance is not None

    def norms(gradients: Sequence[Tensor]) -> Tensor:
        gains, shifts = [], []
        for x, g in zip(inputs, gradients, strict=True):
            along = tuple(range(2, g.ndim))
            shifts.append(g.sum(dim=along) if along else g)
            product = (g * x).sum(dim=along) if along else g * x
            gains.append((product - mean * shifts[-1]) * (variance + layer.eps).rsqrt())
        return _square(sum(gains[1:], gains[0])) + _square(sum(shifts[1:], shifts[0]))

    return norms


ADDITION = 15  # what adding two Gram matrices costs, in multiplications an entry: memory is slower than arithmetic


def _gram_is_cheaper(layer: nn.Conv2d, grids: "Sequence[_Grid]") -> bool:
    """Tell whether Gram matrices take less arithmetic than the gradient, place by place; only for a single call."""
    if len(grids) > 1:
        return False
    grid = grids[0]
    inputs, outputs = layer.in_channels // layer.groups, layer.out_channels // layer.groups
    places, length = len(grid.places), grid.length
    gram = len(grid.phases) * grid.phases[0].shape[1] ** 2 * inputs + length**2 * (outputs + ADDITION * places)
    return gram < places * length * inputs * outputs


class _Grid:
    """The input of a convolution, zero-padded and laid out as flat lists of positions, one a phase of the stride.

    ``seen(place)`` is what each output position sees at one place of the kernel: a stretch of such a list. Rows are
    as long as those of the input's phase, so an output row is followed by a few positions that are none; `laid` puts
    zeros there.
    """

    def __init__(self, layer: nn.Conv2d, x: Tensor) -> None:
        (up, down), (left, right) = padding_of(layer)
        self._stride = (layer.stride[0], layer.stride[1])
        kernel, dilation, (high, wide) = layer.kernel_size, layer.dilation, self._stride
        self._groups = layer.groups
        heights, widths = x.shape[2] + up + down, x.shape[3] + left + right
        self._height = (heights - dilation[0] * (kernel[0] - 1) - 1) // high + 1
        self._width = (widths - dilation[1] * (kernel[1] - 1) - 1) // wide + 1
        # each phase must have rows and columns of one number: pad to a multiple of the stride
        more = (-heights % high, -widths % wide)
        padded = F.pad(x.permute(0, 2, 3, 1), (0, 0, left, right + more[1], up, down + more[0]))
        self._row = padded.shape[2] // wide
        self.length = (self._height - 1) * self._row + self._width
        self.places = [
            ((dy % high) * wide + dx % wide, (dy // high) * self._row + dx // wide)
            for dy in range(0, dilation[0] * kernel[0], dilation[0])
            for dx in range(0, dilation[1] * kernel[1], dilation[1])
        ]
        used = {phase for phase, _ in self.places}
        self.phases = {
            phase: padded[:, phase // wide :: high, phase % wide :: wide].flatten(1, 2) for phase in sorted(used)
        }
        self._renumber()

    def _renumber(self) -> None:
        """Number the phases that are used from 0."""
        number = {phase: place for place, phase in enumerate(self.phases)}
        self.places = [(number[phase], offset) for phase, offset in self.places]
        self.phases = {number[phase]: positions for phase, positions in self.phases.items()}

    def seen(self, place: int, group: int) -> Tensor:
        """Return what output positions see at a place of the kernel, (stimulus, position, channel)."""
        phase, offset = self.places[place]
        return _of_group(self.phases[phase][:, offset : offset + self.length], group, self._groups)

    def gram(self, group: int) -> Tensor:
        """Return inner products of what pairs of output positions see, summed over places, (stimulus, p, q)."""
        total: Tensor | None = None
        for number, positions in self.phases.items():
            own = _of_group(positions, group, self._groups)
            products = own @ own.transpose(1, 2)
            for phase, offset in self.places:
                if phase == number:
                    part = products[:, offset : offset + self.length, offset : offset + self.length]
                    total = part.clone() if total is None else total.add_(part)
        assert total is not None
        return total

    def laid(self, gradient: Tensor) -> Tensor:
        """Lay the gradient at the output on the same grid, (stimulus, position, channel)."""
        rows = F.pad(gradient.permute(0, 2, 3, 1), (0, 0, 0, self._row - self._width))
        return rows.flatten(1, 2)[:, : self.length]


def padding_of(layer: nn.Conv2d) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return rows of zeros that a convolution adds above and below, and columns left and right.

    Examples
    --------
    >>> padding_of(nn.Conv2d(1, 1, (2, 3), padding="same"))
    ((0, 1), (1, 1))
    """
    if layer.padding == "same":  # torch puts the odd one below and on the right
        totals = [spread * (size - 1) for spread, size in zip(layer.dilation, layer.kernel_size, strict=True)]
        return (totals[0] // 2, totals[0] - totals[0] // 2), (totals[1] // 2, totals[1] - totals[1] // 2)
    if isinstance(layer.padding, str):
        return (0, 0), (0, 0)
    return (layer.padding[0], layer.padding[0]), (layer.padding[1], layer.padding[1])


def _of_group(positions: Tensor, group: int, groups: int) -> Tensor:
    """Return the channels of one group."""
    return positions if groups == 1 else positions.chunk(groups, dim=2)[group]


def _positions(x: Tensor) -> Tensor:
    """Return (stimulus, position, feature)."""
    return x.unsqueeze(1) if x.ndim == 2 else x.flatten(1, -2)


def _square(x: Tensor) -> Tensor:
    """Squared norm of each stimulus' part."""
    return _inner(x, x)


def _inner(x: Tensor, y: Tensor) -> Tensor:
    """Inner product of each stimulus' parts; flat, because that is several times faster than summing a product."""
    product: Tensor = torch.linalg.vecdot(x.flatten(1), y.flatten(1))
    return product
