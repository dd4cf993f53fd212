"""Rearing: how a subject grows up."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Literal, final

import torch

from artneuro.errors import Problem
from artneuro.fields import Spec, between, define_spec, each, ge, gt, param
from artneuro.registry import family, register


@family("optimizer")
class Optimizer(Spec, ABC):
    """Declaration of a torch optimiser."""

    __slots__ = ()

    @abstractmethod
    def make(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        """Return the optimiser of (stacked) parameters; all its state is elementwise."""


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

    def make(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        """Return `torch.optim.SGD`."""
        return torch.optim.SGD(
            parameters, lr=self.lr, momentum=self.momentum, nesterov=self.nesterov, weight_decay=self.weight_decay
        )


def _adaptive(spec: Any) -> dict[str, Any]:
    return {"lr": spec.lr, "betas": spec.betas, "eps": spec.eps, "weight_decay": spec.weight_decay}


@final
@register("adam")
@define_spec
class Adam(Optimizer):
    """Adam (Kingma and Ba 2015); weight decay is an L2 penalty added to the gradient."""

    lr: float = param(1e-3, doc="learning rate", check=gt(0))
    betas: tuple[float, float] = param((0.9, 0.999), doc="decay of the moments", check=each(between(0, 1)))
    eps: float = param(1e-8, doc="term in the denominator", check=gt(0))
    weight_decay: float = param(0.0, doc="L2 penalty, added to the gradient", check=ge(0))

    def make(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        """Return `torch.optim.Adam`."""
        return torch.optim.Adam(parameters, **_adaptive(self))


@final
@register("adamw")
@define_spec
class AdamW(Optimizer):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019)."""

    lr: float = param(1e-3, doc="learning rate", check=gt(0))
    betas: tuple[float, float] = param((0.9, 0.999), doc="decay of the moments", check=each(between(0, 1)))
    eps: float = param(1e-8, doc="term in the denominator", check=gt(0))
    weight_decay: float = param(1e-2, doc="decoupled decay of the weights", check=ge(0))

    def make(self, parameters: Iterable[torch.Tensor]) -> torch.optim.Optimizer:
        """Return `torch.optim.AdamW`."""
        return torch.optim.AdamW(parameters, **_adaptive(self))


@family("schedule")
class Schedule(Spec, ABC):
    """How the learning rate changes with age."""

    __slots__ = ()

    @abstractmethod
    def factor(self, epoch: int, epochs: int) -> float:
        """Return the factor on the optimiser's learning rate in `epoch` (0 is the first) of `epochs`."""


@final
@register("constant")
@define_spec
class Constant(Schedule):
    """The same learning rate throughout."""

    def factor(self, epoch: int, epochs: int) -> float:
        """Return 1."""
        return 1.0


@final
@define_spec
class Augmentation(Spec):
    """What happens to each training stimulus on its way in, drawn anew every time, on the device."""

    translate: int = param(
        0, units="pixel", doc="largest shift along y and x; the border is padded with zeros", check=ge(0)
    )
    flip: bool = param(False, doc="mirror left and right with probability one half")


@final
@define_spec
class Rearing(Spec):
    """How a subject grows up: how long, on what batches, by which optimiser, and which ages are kept."""

    epochs: int = param(20, units="epoch", doc="passes over the training stimuli", check=ge(0))
    batch: int = param(128, doc="stimuli an update", check=ge(1))
    optimizer: Optimizer = param(SGD(lr=0.1, momentum=0.9), doc="optimiser of the weights")
    schedule: Schedule = param(Constant(), doc="how the learning rate changes with age")
    augmentation: Augmentation = param(Augmentation(), doc="random shifts and flips of the stimuli")
    label_smoothing: float = param(0.0, doc="share of the target spread over all classes", check=between(0, 1))
    precision: Literal["float32", "bfloat16"] = param("float32", doc="arithmetic of the forward and backward pass")
    keep: tuple[int, ...] = param(
        (), units="epoch", doc="ages whose weights are kept, besides the last", check=each(ge(0))
    )

    def problems(self) -> list[Problem]:
        """Refuse ages to keep beyond the end."""
        late = [age for age in self.keep if age > self.epochs]
        if late:
            return [Problem("keep", f"ages up to `epochs`, {self.epochs}", str(late), "Raise `epochs` or drop them.")]
        return []
