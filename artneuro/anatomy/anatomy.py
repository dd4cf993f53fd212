"""Anatomy: a specification that builds a torch model and names the sites where its units can be reached."""

from abc import ABC, abstractmethod

from torch import nn

from artneuro.fields import Spec
from artneuro.registry import family


@family("anatomy")
class Anatomy(Spec, ABC):
    """What a subject is built of.

    A subclass is final, registered under a name, and says how to build the model for stimuli of a given shape. The
    model maps float stimuli (batch, channel, y, x) to logits (batch, class).
    """

    __slots__ = ()

    @abstractmethod
    def build(self, shape: tuple[int, ...], classes: int) -> nn.Module:
        """Return the untrained model; its initial weights come from torch's global generator, which the caller seeds.

        Parameters
        ----------
        shape : tuple of int
            Shape of one stimulus, (channel, y, x).
        classes : int
            Number of outputs.
        """

    def material(self) -> str:
        """Return what identifies all that it reads besides its declaration, such as places; most read nothing.

        Subjects are reared anew where it changes.
        """
        return ""

    @abstractmethod
    def sites(self, model: nn.Module) -> dict[str, str]:
        """Return the sites of a built model, from input to output: name of the site -> name of the torch module.

        The output of that module is the site's activity, after the nonlinearity.
        """
