"""Early stopping: rearing ends when a measure no longer improves (Prechelt 1998)."""

from typing import Literal, final

from artneuro.fields import define_spec, ge, param
from artneuro.rearing.intervention import Halting, Window
from artneuro.registry import register


@final
@register("EarlyStop")
@define_spec
class EarlyStop(Halting):
    """End a subject's rearing once a measure has not improved for `patience` epochs; it keeps its last weights.

    Its age is then the epoch at which it stopped. Ages that would have come later are not kept.

    Examples
    --------
    >>> stop = EarlyStop(patience=2)
    >>> stop.halts({"test_loss": [1.0, 0.5, 0.6]}), stop.halts({"test_loss": [1.0, 0.5, 0.6, 0.5]})
    (False, True)
    """

    patience: int = param(doc="epochs without improvement after which rearing ends", units="epoch", check=ge(1))
    of: Literal["test_loss", "test_accuracy", "train_loss", "train_accuracy"] = param(
        "test_loss", doc="what must improve: a loss falls, an accuracy rises"
    )
    margin: float = param(0.0, doc="how much better than the best so far counts as an improvement", check=ge(0))
    window: Window = param(Window(), doc="when it may end a rearing")

    def halts(self, history: dict[str, list[float]]) -> bool:
        """Tell whether the last improvement lies `patience` epochs back."""
        sign = 1.0 if self.of.endswith("loss") else -1.0
        best, since = float("inf"), 0
        for value in history[self.of]:
            improved = sign * value < best - self.margin
            best, since = (sign * value, 0) if improved else (best, since + 1)
        return since >= self.patience
