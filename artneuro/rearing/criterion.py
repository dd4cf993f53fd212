"""Criterion: what a subject's answers to a batch are held against, and how far they are off."""

from typing import Literal, final

import attrs
import torch
from torch import Tensor
from torch.nn import functional as F

Loss = Literal["cross_entropy", "mean_square"]


def cross_entropy(logits: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
    """Return the mean cross-entropy of a batch; its gradient equals that of `nn.functional.cross_entropy` bit for bit.

    It is spelled out because it is then summed in the same way under `vmap`, and a few operations shorter: targets are
    classes, and all of them count. Logits of a lower precision are taken in float32, as autocast does.
    """
    logarithms = F.log_softmax(_at_least_single(logits), -1)
    loss = -logarithms.gather(-1, targets.unsqueeze(-1)).mean()
    if smoothing:
        loss = (1 - smoothing) * loss - smoothing / logits.shape[-1] * logarithms.sum(-1).mean()
    return loss


def mean_square(answers: Tensor, targets: Tensor) -> Tensor:
    """Return the mean square of the differences, over stimuli and outputs; the gradient is that of torch's `mse_loss`.

    Parameters
    ----------
    answers : Tensor, shape (stimulus, output)
    targets : Tensor, shape (stimulus, output), or (stimulus,), int64
        Values; or classes, of which the right one counts as 1 and all others as 0.

    Examples
    --------
    >>> mean_square(torch.tensor([[1.0, 3.0]]), torch.tensor([[0.0, 0.0]])).item()
    5.0
    >>> mean_square(torch.tensor([[1.0, 3.0]]), torch.tensor([1])).item()
    2.5
    """
    answers = _at_least_single(answers)
    if not targets.is_floating_point():
        targets = (targets.unsqueeze(-1) == torch.arange(answers.shape[-1], device=answers.device)).to(answers)
    off = answers - targets
    return (off * off).flatten().mean()  # as one row, so that it is summed in the same way under `vmap`


@final
@attrs.frozen
class Criterion:
    """How answers are judged.

    Parameters
    ----------
    loss : {"cross_entropy", "mean_square"}
    smoothing : float
        Share of the target spread over all classes, in lessons.
    """

    loss: Loss = "cross_entropy"
    smoothing: float = 0.0

    def lesson(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Return what is to fall: the mean loss of a batch."""
        if self.loss == "mean_square":
            return mean_square(answers, targets)
        return cross_entropy(answers, targets, self.smoothing)

    def exam(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss of a batch, without smoothing."""
        return mean_square(answers, targets) if self.loss == "mean_square" else cross_entropy(answers, targets)

    def right(self, answers: Tensor, targets: Tensor) -> tuple[Tensor, ...]:
        """Return the number of right answers; nothing where targets are values, none of which is right or wrong."""
        return () if targets.is_floating_point() else ((answers.argmax(-1) == targets).sum(),)


def _at_least_single(answers: Tensor) -> Tensor:
    return answers.to(torch.promote_types(answers.dtype, torch.float32))
