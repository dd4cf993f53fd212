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

from artneuro.anatomy.circuit import WiredSequence
from artneuro.anatomy.places import Places
from artneuro.rearing.criterion import Criterion
from artneuro.rearing.each import EACH, use_each
from artneuro.rearing.modulation import Modulation, handing_in, open_to_modulation, set_mode
from artneuro.rearing.program import Program

Way = Literal["stacked", "plain"]
Weights = Mapping[str, Tensor]
Acting = tuple[Modulation, ...]
Tensors = Callable[..., tuple[Tensor, ...]]

STACKABLE = (nn.Sequential, WiredSequence, nn.Linear, nn.ReLU, *EACH, nn.Flatten, nn.Identity, nn.Dropout, Places)


def way(model: nn.Module, device: torch.device | str) -> Way:
    """Return how subjects of an anatomy are computed; it follows from the anatomy and the device alone.

    On a CPU, stacking pays for fully connected networks, and is exact where every layer is one whose arithmetic
    does not depend on how many subjects are stacked: plain sequences of linear layers, nonlinearities and dropout.
    (Others, such as batch norm, treat the last few entries of a tensor by another kernel, and those entries would
    change with the company; so linear layers, SiLU, GELU and tanh are computed by `each`.) On any other device,
    subjects are stacked.

    Examples
    --------
    >>> way(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), "cpu"), way(nn.Conv2d(1, 2, 3), "cpu")
    ('stacked', 'plain')
    """
    if torch.device(device).type != "cpu":
        return "stacked"
    return "stacked" if all(map(_stackable, model.modules())) else "plain"


def _stackable(module: nn.Module) -> bool:
    approximate = isinstance(module, nn.GELU) and module.approximate != "none"
    return type(module) in STACKABLE and not approximate


class Lesson(NamedTuple):
    """What one batch teaches: gradients and buffers (subject, ...), loss and number of right answers (subject,).

    Values are neither right nor wrong: where targets are such, `right` is None.
    """

    gradients: dict[str, Tensor]
    buffers: dict[str, Tensor]
    loss: Tensor
    right: Tensor | None


class Exam(NamedTuple):
    """Answers to one batch: summed loss and number of right answers (subject,), None where targets are values."""

    loss: Tensor
    right: Tensor | None = None


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
    criterion : Criterion
        How answers are judged.
    precision : {"float32", "bfloat16", "float64"}
        Of lessons; exams are in the precision of the weights.
    """

    def __init__(
        self,
        model: nn.Module,
        way: Way,
        modulations: Sequence[Modulation] = (),
        criterion: Criterion = Criterion(),  # noqa: B008  frozen
        precision: Literal["float32", "bfloat16", "float64"] = "float32",
    ) -> None:
        self.way = way
        self._programs: dict[tuple[Any, ...], Program] = {}
        self._parameters: tuple[Weights, list[Tensor]] = {}, []
        self._criterion, self._precision = criterion, precision
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
        targets : Tensor, shape (subject, batch), or (subject, batch, value)
        acting, drawn
            The modulations that act and what was drawn for each, (subject, ...).
        """
        program = self._program(self._lessons, targets, acting, parameters, buffers)
        batch = self._alone([self._laid_out(stimuli), targets, *drawn, *buffers.values()])
        loss, *rest = self._stacked(program(*self._alone_parameters(parameters), *batch))
        right = None if targets.is_floating_point() else rest.pop(0)
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

    def _lessons(self, acting: Acting, trained: tuple[str, ...], held: tuple[str, ...]) -> Tensors:
        """Return a function of parameters, stimuli, targets, what was drawn, and buffers."""

        def answers(parameters: list[Tensor], stimuli: Tensor, targets: Tensor, *more: Tensor) -> tuple[Tensor, ...]:
            drawn, buffers = more[: len(acting)], more[len(acting) :]
            own = [buffer.clone() for buffer in buffers]  # a forward pass updates them in place
            weights = dict(zip((*trained, *held), (*parameters, *own), strict=True))
            with handing_in(acting, drawn), self._autocast(stimuli.device):
                logits = functional_call(self._learner, weights, (stimuli,))
            return self._criterion.lesson(logits, targets), *self._criterion.right(logits, targets), *own

        every = answers if self.way == "plain" else vmap(answers)

        def lessons(*given: Tensor) -> tuple[Tensor, ...]:
            with torch.enable_grad():
                parameters = [tensor.detach().requires_grad_() for tensor in given[: len(trained)]]
                loss, *rest = every(parameters, *given[len(trained) :])
                gradients = torch.autograd.grad(loss.sum(), parameters, materialize_grads=True)
            after = len(rest) - len(held)
            return loss.detach(), *rest[:after], *gradients, *rest[after:]

        return lessons

    def _exams(self, acting: Acting, trained: tuple[str, ...], held: tuple[str, ...]) -> Tensors:
        """Return a function of parameters, stimuli, targets, what was drawn, and buffers."""

        def answers(parameters: list[Tensor], stimuli: Tensor, targets: Tensor, *more: Tensor) -> tuple[Tensor, ...]:
            drawn, buffers = more[: len(acting)], more[len(acting) :]
            weights = dict(zip((*trained, *held), (*parameters, *buffers), strict=True))
            with handing_in(acting, drawn):
                logits = functional_call(self._examinee, weights, (stimuli,))
            return self._criterion.exam(logits, targets) * len(targets), *self._criterion.right(logits, targets)

        def every(*given: Tensor) -> tuple[Tensor, ...]:
            parameters, stimuli, *more = list(given[: len(trained)]), *given[len(trained) :]
            if self.way == "plain":
                return answers(parameters, stimuli, *more)
            return vmap(answers, in_dims=(0, None, *[0] * len(more)))(parameters, stimuli, *more)

        return every

    def _autocast(self, device: torch.device) -> AbstractContextManager[Any]:
        if self._precision != "bfloat16":
            return nullcontext()
        return torch.autocast(device.type, torch.bfloat16)
