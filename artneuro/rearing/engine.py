"""The engine: gradients and answers of many subjects of one anatomy, computed in one of two ways.

stacked
    One computation for all subjects at once: `torch.func` maps the gradient of one subject over their stacked weights.
plain
    Subject by subject, convolutions channels-last.

On a CPU both give, bit for bit, what an ordinary training loop of a single network gives with one thread.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, NamedTuple, final

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap
from torch.nn import functional as F
from torch.utils._pytree import tree_map

from artneuro.rearing.each import use_each
from artneuro.rearing.modulation import Modulation, handing_in, open_to_modulation, set_mode
from artneuro.rearing.program import Program

Way = Literal["stacked", "plain"]
Weights = Mapping[str, Tensor]

STACKABLE = (nn.Sequential, nn.Linear, nn.ReLU, nn.Flatten, nn.Identity, nn.Dropout)


def way(model: nn.Module, device: torch.device | str) -> Way:
    """Return how subjects of an anatomy are computed; it follows from the anatomy and the device alone.

    On a CPU, stacking pays for fully connected networks, and is exact where every layer is one whose arithmetic
    cannot depend on how many subjects are stacked: plain sequences of linear layers, ReLUs and dropout. (Others, such
    as batch norm and tanh, treat the last few entries of a tensor by another kernel, and those entries would change
    with the company.) On any other device, subjects are stacked.

    Examples
    --------
    >>> way(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), "cpu"), way(nn.Conv2d(1, 2, 3), "cpu")
    ('stacked', 'plain')
    """
    if torch.device(device).type != "cpu":
        return "stacked"
    return "stacked" if all(type(module) in STACKABLE for module in model.modules()) else "plain"


class Lesson(NamedTuple):
    """What one batch teaches: gradients and buffers (subject, ...), loss and number of right answers (subject,)."""

    gradients: dict[str, Tensor]
    buffers: dict[str, Tensor]
    loss: Tensor
    right: Tensor


class Exam(NamedTuple):
    """Answers to one batch: summed loss and number of right answers (subject,)."""

    loss: Tensor
    right: Tensor


class Key(NamedTuple):
    """One computation: its kind, the number of subjects and stimuli, and what modulates it."""

    training: bool
    subjects: int
    stimuli: int
    acting: tuple[Modulation, ...]


def cross_entropy(logits: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return the mean cross-entropy of a batch; its gradient equals that of `nn.functional.cross_entropy` bit for bit.

    Targets are classes, and all of them count, which makes it a few operations shorter.
    """
    if smoothing:
        return F.cross_entropy(logits, targets, label_smoothing=smoothing)
    return -F.log_softmax(logits, -1).gather(-1, targets.unsqueeze(-1)).mean()


@final
class Engine:
    """Computes lessons and exams of stacked subjects.

    Parameters
    ----------
    model : nn.Module
        Any network of the anatomy; a copy is kept, and its weights are never used.
    way : {"stacked", "plain"}
        See `way`.
    modulations : sequence of Modulation
        All that may ever act.
    smoothing : float
        Share of the target spread over all classes.
    precision : {"float32", "bfloat16"}
        Of lessons; exams are in float32.
    """

    def __init__(
        self,
        model: nn.Module,
        way: Way,
        modulations: Sequence[Modulation] = (),
        smoothing: float = 0.0,
        precision: Literal["float32", "bfloat16"] = "float32",
    ) -> None:
        self.way = way
        self._programs: dict[Key, Program] = {}
        self._smoothing, self._precision = smoothing, precision
        self.channels_last = way == "plain" and any(isinstance(module, nn.Conv2d) for module in model.modules())
        self._learner, self._examinee = copy.deepcopy(model), copy.deepcopy(model)
        for network, training in ((self._learner, True), (self._examinee, False)):
            open_to_modulation(network, (modulation.module for modulation in modulations))
            set_mode(network, training)
            if way == "stacked" and next(network.parameters()).device.type == "cpu":
                use_each(network)

    def lesson(
        self,
        parameters: Weights,
        buffers: Weights,
        stimuli: Tensor,
        targets: Tensor,
        acting: tuple[Modulation, ...] = (),
        drawn: Sequence[Tensor] = (),
    ) -> Lesson:
        """Return what a batch teaches.

        Parameters
        ----------
        parameters, buffers : mapping of str to Tensor, shape (subject, ...)
            Weights; they are not changed.
        stimuli : Tensor, shape (subject, batch, channel, y, x)
        targets : Tensor, shape (subject, batch)
        acting, drawn
            The modulations that act and what was drawn for each, (subject, ...).
        """
        key = Key(True, *targets.shape, acting)
        compute = self._programs.get(key) or self._programs.setdefault(key, Program(self._lessons(key)))
        return Lesson(*compute(parameters, buffers, self._laid_out(stimuli), targets, list(drawn)))

    def exam(
        self,
        parameters: Weights,
        buffers: Weights,
        stimuli: Tensor,
        targets: Tensor,
        acting: tuple[Modulation, ...] = (),
        drawn: Sequence[Tensor] = (),
    ) -> Exam:
        """Return the answers to a batch of stimuli (batch, channel, y, x), the same for all subjects."""
        key = Key(False, *targets.shape, acting)
        compute = self._programs.get(key) or self._programs.setdefault(key, Program(self._exams(key)))
        return Exam(*compute(parameters, buffers, self._laid_out(stimuli[None])[0], targets, list(drawn)))

    def _laid_out(self, stimuli: Tensor) -> Tensor:
        """Return stimuli (subject, batch, channel, y, x) in the memory format of the way."""
        if not self.channels_last:
            return stimuli
        return stimuli.flatten(0, 1).contiguous(memory_format=torch.channels_last).unflatten(0, stimuli.shape[:2])

    def _lessons(self, key: Key) -> Callable[..., Any]:
        def answers(parameters: Weights, buffers: Weights, stimuli: Tensor, targets: Tensor, drawn: list[Tensor]) -> Any:
            own = {name: buffer.clone() for name, buffer in buffers.items()}  # a forward pass updates them in place
            with handing_in(key.acting, drawn), self._autocast(stimuli.device):
                logits = functional_call(self._learner, {**parameters, **own}, (stimuli,))
                loss = cross_entropy(logits, targets, self._smoothing)
            return loss, (logits.argmax(-1) == targets).sum(), own

        every = self._over_subjects(answers, dims=(0, 0, 0, 0, 0))

        def lessons(parameters: Weights, *rest: Any) -> tuple[Any, ...]:
            with torch.enable_grad():
                leaves = {name: tensor.detach().requires_grad_() for name, tensor in parameters.items()}
                loss, right, after = every(leaves, *rest)
                found = torch.autograd.grad(loss.sum(), list(leaves.values()), materialize_grads=True)
            return dict(zip(leaves, found, strict=True)), after, loss.detach(), right

        return lessons

    def _exams(self, key: Key) -> Callable[..., Any]:
        def answers(
            parameters: Weights, buffers: Weights, stimuli: Tensor, targets: Tensor, drawn: list[Tensor]
        ) -> tuple[Tensor, Tensor]:
            with handing_in(key.acting, drawn):
                logits = functional_call(self._examinee, {**parameters, **buffers}, (stimuli,))
            return cross_entropy(logits, targets) * len(targets), (logits.argmax(-1) == targets).sum()

        return self._over_subjects(answers, dims=(0, 0, None, 0, 0))

    def _over_subjects(self, function: Callable[..., Any], dims: tuple[int | None, ...]) -> Callable[..., Any]:
        """Return the function of one subject as one of stacked subjects."""
        if self.way == "stacked":
            mapped: Callable[..., Any] = vmap(function, in_dims=dims)
            return mapped

        def alone(*stacked: Any) -> Any:
            own = [
                value if dim is None else tree_map(lambda tensor: tensor.squeeze(0), value)
                for value, dim in zip(stacked, dims, strict=True)
            ]
            return tree_map(lambda tensor: tensor.unsqueeze(0), function(*own))

        return alone

    def _autocast(self, device: torch.device) -> AbstractContextManager[Any]:
        if self._precision == "float32":
            return nullcontext()
        return torch.autocast(device.type, torch.bfloat16)
