"""Predictor: a description of stimuli by which activity may be explained, as a dissimilarity of each pair."""

from abc import ABC, abstractmethod
from typing import final

from torch import Tensor

from artneuro.environment.environment import Environment, Stimuli
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Spec
from artneuro.measures.rdms import rdm, unit_rdms
from artneuro.registry import family


@family("predictor")
class Predictor(Spec, ABC):
    """What stimuli may be told apart by."""

    __slots__ = ()

    @abstractmethod
    def rdm(self, environment: Environment, stimuli: Stimuli) -> Tensor:
        """Return the dissimilarity of each pair of stimuli of an environment (pair,), float64.

        The order of pairs is that of `artneuro.measures.rdm`.

        Raises
        ------
        SpecificationError
            Where such stimuli cannot be described so.
        """


class Description(Predictor, ABC):
    """A predictor that describes each stimulus by itself, with one number or several."""

    __slots__ = ()

    @abstractmethod
    def features(self, environment: Environment, stimuli: Stimuli) -> Tensor:
        """Return the description (stimulus, feature) of stimuli of an environment."""

    @final
    def rdm(self, environment: Environment, stimuli: Stimuli) -> Tensor:
        """Return the euclidean distance of each pair of stimuli (pair,), of the mean square over features, float64.

        Of a single feature it is ``|a - b|``.
        """
        features = self.features(environment, stimuli)
        # exact for one: rounding, however small, would break ties where RDMs are ranked
        return unit_rdms(features)[0] if features.shape[1] == 1 else rdm(features, "euclidean")


class ImageStatistic(Description, ABC):
    """A description that is computed from pixels."""

    __slots__ = ()

    @abstractmethod
    def _of(self, pixels: Tensor) -> Tensor:
        """Return the description (stimulus, feature) of pixels (stimulus, channel, y, x), from 0 to 1, float64."""

    @final
    def features(self, environment: Environment, stimuli: Stimuli) -> Tensor:
        """Return the description of stimuli as stored, without normalisation; bytes are scaled to [0, 1]."""
        pixels = stimuli.images.double()
        return self._of(pixels if stimuli.images.is_floating_point() else pixels / 255)


LUMA = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in the luma of ITU-R BT.601."""


def luma(pixels: Tensor) -> Tensor:
    """Return the luma (stimulus, y, x) of pixels (stimulus, channel, y, x); a single channel is its own.

    Examples
    --------
    >>> import torch
    >>> luma(torch.tensor([1.0, 0.0, 0.0]).reshape(1, 3, 1, 1)).item()
    0.29899999499320984
    """
    if pixels.shape[1] == 1:
        return pixels[:, 0]
    require_colour(pixels)
    return (pixels * pixels.new_tensor(LUMA)[:, None, None]).sum(dim=1)


def require_colour(pixels: Tensor) -> None:
    """Refuse pixels that are not red, green and blue."""
    if pixels.shape[1] != 3:
        came = f"{pixels.shape[1]} channels"
        raise SpecificationError([Problem("predictors", "stimuli of red, green and blue", came)])
