"""Optimisers: declarations, with the arithmetic of torch's, for blocks of the stacked weights of many subjects.

The arithmetic is that of `torch.optim`, operation by operation, so the weights are the same to the last bit; only
what torch allocates anew at each update lies here in one scratch tensor, and the state is the litter's own, so that
interventions can be given it by the name of a parameter.
"""

from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor

from artneuro.errors import Problem
from artneuro.fields import Check, Spec, define_spec, each, ge, gt, param
from artneuro.registry import family, register

_BELOW_ONE = each(Check("from 0 to below 1", lambda value: 0 <= value < 1))
_MOMENTS = ("exp_avg", "exp_avg_sq")


@family("optimizer")
class Optimizer(Spec, ABC):
    """How weights follow their gradients.

    It is elementwise: what becomes of an entry depends on that entry's value, gradient and state, and on the number
    of updates alone. So it gives the same bits however the entries of many subjects are grouped.
    """

    __slots__ = ()

    lr: float

    @property
    @abstractmethod
    def state(self) -> tuple[str, ...]:
        """Names of what is kept for each entry, as torch calls them; all begin at zero."""

    @abstractmethod
    def update(
        self, entries: Tensor, gradient: Tensor, state: dict[str, Tensor], scratch: Tensor, count: int, lr: float
    ) -> None:
        """Update a block of entries in place, and its state.

        Parameters
        ----------
        entries, gradient : Tensor, shape (entry,)
            The gradient is left as it is.
        state : dict of str to Tensor, shape (entry,)
            By the names of `state`.
        scratch : Tensor, shape (entry,)
            To write to at will.
        count : int
            Updates, this one included; 1 at the first.
        lr : float
            Learning rate of this update.
        """


@final
@register("sgd")
@define_spec
class SGD(Optimizer):
    """Stochastic gradient descent, as `torch.optim.SGD`."""

    lr: float = param(0.1, doc="learning rate", check=gt(0))
    momentum: float = param(0.0, doc="momentum", check=ge(0))
    nesterov: bool = param(False, doc="Nesterov's momentum; needs momentum > 0")
    weight_decay: float = param(0.0, doc="L2 penalty, added to the gradient", check=ge(0))

    def problems(self) -> list[Problem]:
        """Refuse Nesterov's momentum without momentum."""
        if self.nesterov and self.momentum == 0:
            return [Problem("nesterov", "momentum > 0", "momentum 0", "Set `momentum`, or leave `nesterov` out.")]
        return []

    @property
    def state(self) -> tuple[str, ...]:
        """The momentum, where there is any."""
        return ("momentum_buffer",) if self.momentum else ()

    def update(
        self, entries: Tensor, gradient: Tensor, state: dict[str, Tensor], scratch: Tensor, count: int, lr: float
    ) -> None:
        """Follow the gradient, or its decaying sum."""
        if self.weight_decay:
            gradient = torch.add(gradient, entries, alpha=self.weight_decay, out=scratch)
        if self.momentum:
            momentum = state["momentum_buffer"].mul_(self.momentum).add_(gradient)
            nesterov = self.nesterov
            gradient = torch.add(gradient, momentum, alpha=self.momentum, out=scratch) if nesterov else momentum
        entries.add_(gradient, alpha=-lr)


def _adapt(
    spec: "Adam | AdamW",
    entries: Tensor,
    gradient: Tensor,
    state: dict[str, Tensor],
    scratch: Tensor,
    count: int,
    lr: float,
) -> None:
    mean, square = (state[name] for name in _MOMENTS)
    mean.lerp_(gradient, 1 - spec.betas[0])
    square.mul_(spec.betas[1]).addcmul_(gradient, gradient, value=1 - spec.betas[1])
    rate = lr / (1 - spec.betas[0] ** count)
    spread = torch.sqrt(square, out=scratch).div_((1 - spec.betas[1] ** count) ** 0.5).add_(spec.eps)
    entries.addcdiv_(mean, spread, value=-rate)


@final
@register("adam")
@define_spec
class Adam(Optimizer):
    """Adam (Kingma and Ba 2015, arXiv 1412.6980), as `torch.optim.Adam`; weight decay is added to the gradient."""

    lr: float = param(1e-3, doc="learning rate", check=gt(0))
    betas: tuple[float, float] = param((0.9, 0.999), doc="decay of the moments", check=_BELOW_ONE)
    eps: float = param(1e-8, doc="term in the denominator", check=gt(0))
    weight_decay: float = param(0.0, doc="L2 penalty, added to the gradient", check=ge(0))

    @property
    def state(self) -> tuple[str, ...]:
        """The two moments of the gradient."""
        return _MOMENTS

    def update(
        self, entries: Tensor, gradient: Tensor, state: dict[str, Tensor], scratch: Tensor, count: int, lr: float
    ) -> None:
        """Follow the mean gradient over its spread."""
        if self.weight_decay:  # a tensor of its own: scratch is needed after it
            gradient = gradient.add(entries, alpha=self.weight_decay)
        _adapt(self, entries, gradient, state, scratch, count, lr)


@final
@register("adamw")
@define_spec
class AdamW(Optimizer):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101), as `torch.optim.AdamW`."""

    lr: float = param(1e-3, doc="learning rate", check=gt(0))
    betas: tuple[float, float] = param((0.9, 0.999), doc="decay of the moments", check=_BELOW_ONE)
    eps: float = param(1e-8, doc="term in the denominator", check=gt(0))
    weight_decay: float = param(1e-2, doc="decoupled decay of the weights", check=ge(0))

    @property
    def state(self) -> tuple[str, ...]:
        """The two moments of the gradient."""
        return _MOMENTS

    def update(
        self, entries: Tensor, gradient: Tensor, state: dict[str, Tensor], scratch: Tensor, count: int, lr: float
    ) -> None:
        """Decay, then follow the mean gradient over its spread."""
        if self.weight_decay:
            entries.mul_(1 - lr * self.weight_decay)
        _adapt(self, entries, gradient, state, scratch, count, lr)
