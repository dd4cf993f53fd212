"""Optimisers: torch's arithmetic, declared, and applied to the stacked weights of many subjects.

What `torch.optim.SGD` and its kin compute is called in its functional form: the state is then the litter's own, and
can be given by the name of a parameter to interventions that change it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import final

from torch import Tensor
from torch.optim.adam import adam
from torch.optim.adamw import adamw
from torch.optim.sgd import sgd

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
        self,
        entries: list[Tensor],
        gradients: list[Tensor],
        state: Mapping[str, list[Tensor]],
        counts: list[Tensor],
        lr: float,
    ) -> None:
        """Update blocks of entries in place.

        Parameters
        ----------
        entries, gradients : list of Tensor
            One a block.
        state : mapping of str to list of Tensor
            By the names of `state`, one a block; updated in place.
        counts : list of Tensor, shape ()
            Updates so far, one a block; an optimiser that needs them adds one.
        lr : float
            Learning rate of this update.
        """


@final
@register("sgd")
@define_spec
class SGD(Optimizer):
    """Stochastic gradient descent."""

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
        self,
        entries: list[Tensor],
        gradients: list[Tensor],
        state: Mapping[str, list[Tensor]],
        counts: list[Tensor],
        lr: float,
    ) -> None:
        """Update as `torch.optim.SGD`."""
        sgd(
            entries,
            gradients,
            [*state["momentum_buffer"]] if self.momentum else [None] * len(entries),
            weight_decay=self.weight_decay,
            momentum=self.momentum,
            lr=lr,
            dampening=0.0,
            nesterov=self.nesterov,
            maximize=False,
        )


@final
@register("adam")
@define_spec
class Adam(Optimizer):
    """Adam (Kingma and Ba 2015, arXiv 1412.6980); weight decay is an L2 penalty added to the gradient."""

    lr: float = param(1e-3, doc="learning rate", check=gt(0))
    betas: tuple[float, float] = param((0.9, 0.999), doc="decay of the moments", check=_BELOW_ONE)
    eps: float = param(1e-8, doc="term in the denominator", check=gt(0))
    weight_decay: float = param(0.0, doc="L2 penalty, added to the gradient", check=ge(0))

    @property
    def state(self) -> tuple[str, ...]:
        """The two moments of the gradient."""
        return _MOMENTS

    def update(
        self,
        entries: list[Tensor],
        gradients: list[Tensor],
        state: Mapping[str, list[Tensor]],
        counts: list[Tensor],
        lr: float,
    ) -> None:
        """Update as `torch.optim.Adam`."""
        adam(
            entries,
            gradients,
            *(state[name] for name in _MOMENTS),
            [],
            counts,
            amsgrad=False,
            beta1=self.betas[0],
            beta2=self.betas[1],
            lr=lr,
            weight_decay=self.weight_decay,
            eps=self.eps,
            maximize=False,
        )


@final
@register("adamw")
@define_spec
class AdamW(Optimizer):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101)."""

    lr: float = param(1e-3, doc="learning rate", check=gt(0))
    betas: tuple[float, float] = param((0.9, 0.999), doc="decay of the moments", check=_BELOW_ONE)
    eps: float = param(1e-8, doc="term in the denominator", check=gt(0))
    weight_decay: float = param(1e-2, doc="decoupled decay of the weights", check=ge(0))

    @property
    def state(self) -> tuple[str, ...]:
        """The two moments of the gradient."""
        return _MOMENTS

    def update(
        self,
        entries: list[Tensor],
        gradients: list[Tensor],
        state: Mapping[str, list[Tensor]],
        counts: list[Tensor],
        lr: float,
    ) -> None:
        """Update as `torch.optim.AdamW`."""
        adamw(
            entries,
            gradients,
            *(state[name] for name in _MOMENTS),
            [],
            counts,
            amsgrad=False,
            beta1=self.betas[0],
            beta2=self.betas[1],
            lr=lr,
            weight_decay=self.weight_decay,
            eps=self.eps,
            maximize=False,
        )
