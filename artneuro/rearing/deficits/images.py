"""What deficits ask of the stimuli: that they are images."""

from collections.abc import Iterator

from artneuro.environment.environment import Environment
from artneuro.errors import Problem


def not_images(environment: Environment) -> Iterator[Problem]:
    """Yield why stimuli have nothing that could be blurred, turned or covered: one side of them is a single number.

    Examples
    --------
    >>> import numpy as np
    >>> profiles = np.zeros((2, 1, 16))
    >>> environment = Environment.from_arrays(profiles, [0, 1], profiles, [0, 1])
    >>> print(*not_images(environment))
    stimuli: required images of at least 2 x 2 pixels; came 1 x 16. Use a deficit that is defined for any stimuli: \
WhiteNoise, LabelPermutation, or a function of your own (deficit_of).
    """
    sides = environment.shape[1:]
    if min(sides) < 2:
        advice = (
            "Use a deficit that is defined for any stimuli: WhiteNoise, LabelPermutation, or a function of your own "
            "(deficit_of)."
        )
        yield Problem("stimuli", "images of at least 2 x 2 pixels", " x ".join(map(str, sides)), advice)
