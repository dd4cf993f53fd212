"""Early stopping: rearing ends when a measure no longer improves (Prechelt 1998)."""

from collections.abc import Iterator
from typing import Literal, final

from artneuro.environment.environment import Environment
from artneuro.errors import Problem
from artneuro.fields import define_spec, ge, param
from artneuro.rearing.intervention import Halting
from artneuro.rearing.timing import Window
from artneuro.registry import register


@final
@register("EarlyStop")
@define_spec
class EarlyStop(Halting):
    """End a subject's rearing once a measure has not improved for `patience` epochs; it keeps its last weights.

    Its age is then the epoch at which it stopped. Ages that would have come later are not kept. It looks whenever the
    subject is evaluated.

    Examples
    --------
    >>> stop = EarlyStop(patience=2)
    >>> stop.halts({"epoch": [1, 2, 3], "test_loss": [1.0, 0.5, 0.6]})
    False
    >>> stop.halts({"epoch": [1, 2, 3, 4], "test_loss": [1.0, 0.5, 0.6, 0.5]})
    True
    """

    patience: int = param(doc="epochs without improvement after which rearing ends", units="epoch", check=ge(1))
    of: Literal["test_loss", "test_accuracy", "train_loss", "train_accuracy"] = param(
        "test_loss", doc="what must improve: a loss falls, an accuracy rises"
    )
    margin: float = param(0.0, doc="how much better than the best so far counts as an improvement", check=ge(0))
    window: Window = param(Window(), doc="when it may end a rearing")

    def refusals(self, environment: Environment) -> Iterator[Problem]:
        """Refuse to look at an accuracy where there is none."""
        if self.of.endswith("accuracy") and not environment.classes:
            advice = "Values are neither right nor wrong: look at a loss."
            yield Problem("of", "a loss, where targets are values", self.of, advice)

    def halts(self, history: dict[str, list[float]]) -> bool:
        """Tell whether the last improvement lies `patience` epochs back."""
        sign = 1.0 if self.of.endswith("loss") else -1.0
        best, improved = float("inf"), 0.0
        for epoch, value in zip(history["epoch"], history[self.of], strict=True):
            if sign * value < best - self.margin:
                best, improved = sign * value, epoch
        return history["epoch"][-1] - improved >= self.patience
