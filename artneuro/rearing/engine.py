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

from artneuro.anatomy.places import Places
from artneuro.rearing.each import use_each
from artneuro.rearing.modulation import Modulation, handing_in, open_to_modulation, set_mode
from artneuro.rearing.program import Program

Way = Literal["stacked", "plain"]
Weights = Mapping[str, Tensor]
Acting = tuple[Modulation, ...]
Tensors = Callable[..., tuple[Tensor, ...]]

STACKABLE = (nn.Sequential, nn.Linear, nn.ReLU, nn.Flatten, nn.Identity, nn.Dropout, Places)


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


def cross_entropy(logits: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return the mean cross-entropy of a batch; its gradient equals that of `nn.functional.cross_entropy` bit for bit.

    It is spelled out because it is then summed in the same way under `vmap`, and a few operations shorter: targets are
    classes, and all of them count. Logits of a lower precision are taken in float32, as autocast does.
    """
    logarithms = F.log_softmax(logits.float(), -1)
    loss = -logarithms.gather(-1, targets.unsqueeze(-1)).mean()
    if smoothing:
        loss = (1 - smoothing) * loss - smoothing / logits.shape[-1] * logarithms.sum(-1).mean()
    return loss


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
        self._programs: dict[tuple[Any, ...], Program] = {}
        self._parameters: tuple[Weights, list[Tensor]] = {}, []
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
        acting: Acting = (),
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
        program = self._program(self._lessons, targets, acting, parameters, buffers)
        batch = self._alone([self._laid_out(stimuli), targets, *drawn, *buffers.values()])
        loss, right, *rest = self._stacked(program(*self._alone_parameters(parameters), *batch))
        gradients = dict(zip(parameters, rest, strict=False))
        return Lesson(gradients, dict(zip(buffers, rest[len(gradients) :], strict=True)), loss, right)

    def exam(
        self,
        parameters: Weights,
        buffers: Weights,
        stimuli: Tensor,
        targets: Tensor,
        acting: Acting = (),
        drawn: Sequence[Tensor] = (),
    ) -> Exam:
        """Return the answers to a batch of stimuli (batch, channel, y, x), the same for all subjects."""
        program = self._program(self._exams, targets, acting, parameters, buffers)
        batch = self._alone([targets, *drawn, *buffers.values()])
        return Exam(
            *self._stacked(program(*self._alone_parameters(parameters), self._laid_out(stimuli[None])[0], *batch))
        )

    def _program(
        self, make: Callable[..., Tensors], targets: Tensor, acting: Acting, parameters: Weights, buffers: Weights
    ) -> Program:
        """Return the one computation for so many subjects and stimuli, and these modulations."""
        key = (make.__name__, *targets.shape, *map(id, acting))
        if key not in self._programs:
            self._programs[key] = Program(make(acting, tuple(parameters), tuple(buffers)))
        return self._programs[key]

    def _alone(self, stacked: list[Tensor]) -> list[Tensor]:
        return stacked if self.way == "stacked" else [tensor[0] for tensor in stacked]

    def _alone_parameters(self, parameters: Weights) -> list[Tensor]:
        """Return the parameters as the way takes them; they are always the same tensors, changed in place."""
        if parameters is not self._parameters[0]:
            self._parameters = parameters, self._alone(list(parameters.values()))
        return self._parameters[1]

    def _stacked(self, outcome: tuple[Tensor, ...]) -> list[Tensor]:
        if self.way == "stacked":
            return [tensor.contiguous() for tensor in outcome]  # what comes back as a buffer keeps its memory format
        return [tensor[None] for tensor in outcome]

    def _laid_out(self, stimuli: Tensor) -> Tensor:
        """Return stimuli (subject, batch, channel, y, x) in the memory format of the way, whatever they come in."""
        if not self.channels_last:
            return stimuli.contiguous()
        return stimuli.flatten(0, 1).contiguous(memory_format=torch.channels_last).view(stimuli.shape)

    def _lessons(self, acting: Acting, trained: tuple[str, ...], rest: tuple[str, ...]) -> Tensors:
        """Return a function of parameters, stimuli, targets, what was drawn, and buffers."""

        def answers(parameters: list[Tensor], stimuli: Tensor, targets: Tensor, *more: Tensor) -> tuple[Tensor, ...]:
            drawn, buffers = more[: len(acting)], more[len(acting) :]
            own = [buffer.clone() for buffer in buffers]  # a forward pass updates them in place
            weights = dict(zip((*trained, *rest), (*parameters, *own), strict=True))
            with handing_in(acting, drawn), self._autocast(stimuli.device):
                logits = functional_call(self._learner, weights, (stimuli,))
            loss = cross_entropy(logits, targets, self._smoothing)
            return loss, (logits.argmax(-1) == targets).sum(), *own

        every = answers if self.way == "plain" else vmap(answers)

        def lessons(*given: Tensor) -> tuple[Tensor, ...]:
            with torch.enable_grad():
                parameters = [tensor.detach().requires_grad_() for tensor in given[: len(trained)]]
                loss, right, *after = every(parameters, *given[len(trained) :])
                gradients = torch.autograd.grad(loss.sum(), parameters, materialize_grads=True)
            return loss.detach(), right, *gradients, *after

        return lessons

    def _exams(self, acting: Acting, trained: tuple[str, ...], rest: tuple[str, ...]) -> Tensors:
        """Return a function of parameters, stimuli, targets, what was drawn, and buffers."""

        def answers(parameters: list[Tensor], stimuli: Tensor, targets: Tensor, *more: Tensor) -> tuple[Tensor, ...]:
            drawn, buffers = more[: len(acting)], more[len(acting) :]
            weights = dict(zip((*trained, *rest), (*parameters, *buffers), strict=True))
            with handing_in(acting, drawn):
                logits = functional_call(self._examinee, weights, (stimuli,))
            return cross_entropy(logits, targets) * len(targets), (logits.argmax(-1) == targets).sum()

        def every(*given: Tensor) -> tuple[Tensor, ...]:
            parameters, stimuli, *more = list(given[: len(trained)]), *given[len(trained) :]
            if self.way == "plain":
                return answers(parameters, stimuli, *more)
            return vmap(answers, in_dims=(0, None, *[0] * len(more)))(parameters, stimuli, *more)

        return every

    def _autocast(self, device: torch.device) -> AbstractContextManager[Any]:
        if self._precision == "float32":
            return nullcontext()
        return torch.autocast(device.type, torch.bfloat16)
