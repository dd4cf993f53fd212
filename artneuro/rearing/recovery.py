"""Recovery: a subject goes on being reared while a lesion holds."""

from collections.abc import Callable, Mapping, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray
from torch import nn

from artneuro.measures.performance import Tally
from artneuro.rearing.intervention import Halting
from artneuro.rearing.lesion import Lesion
from artneuro.rearing.rear import rear
from artneuro.rearing.rearing import Rearing
from artneuro.subject import Subject

Clamped = Mapping[str, Mapping[int, float]]
"""A lesion that holds: for each site, the units lesioned and what each is clamped to. Empty: a sham."""


def recover(subject: Subject, rearing: Rearing, lesion: Clamped) -> Sequence[Subject]:
    """Rear a subject further while units are clamped, in the environment and under the interventions it knows.

    Interventions that end a rearing early are left out: how long recovery lasts is declared. The optimiser begins
    anew.

    Parameters
    ----------
    subject : Subject
        As it was when the lesion came; it stays as it is.
    rearing : Rearing
        How it is reared further; all its epochs are kept.
    lesion : mapping of str to mapping of int to float
        For each site, the units lesioned and what each is clamped to.

    Returns
    -------
    sequence of Subject
        After 0, 1, 2, ... epochs of recovery; fewer than declared where it diverged. The weights of a lesioned unit
        stay in them, so the lesion must be held when they are measured.

    Examples
    --------
    >>> import artneuro as an
    >>> naive = an.Subject.naive(an.anatomy("mlp", widths=(8,)), an.environment("digits"), seed=0)
    >>> course = recover(naive, an.Rearing(epochs=2), {"hidden1": {3: 0.0, 5: 0.0}})
    >>> [stage.age for stage in course]
    [0, 1, 2]
    """
    lesions = tuple(
        Lesion(site=site, units=tuple(clamped), values=tuple(clamped.values()))
        for site, clamped in lesion.items()
        if clamped
    )
    known = tuple(each for each in subject.interventions if not isinstance(each, Halting))
    kept = attrs.evolve(rearing, keep=tuple(range(rearing.epochs + 1)))  # type: ignore[misc]  # it is an attrs class
    adult = rear(subject, subject.environment, kept, (*known, *lesions))
    return [adult.at(age) for age in sorted(adult.ages) if age >= subject.age]


def recovery_courses(
    subject: Subject, rearing: Rearing, lesions: Sequence[Clamped], measure: Callable[[nn.Module, Clamped], Tally]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure a subject's recovery from each of some lesions.

    Parameters
    ----------
    subject, rearing
        As in `recover`.
    lesions : sequence of lesions
        Equal ones share one rearing.
    measure : callable
        A network, and the lesion to hold while it is measured -> Tally, shape ().

    Returns
    -------
    accuracy, loss : array, shape (lesion, epochs + 1)
        After 0, 1, 2, ... epochs of recovery; not-a-number from where the subject diverged.
    """
    known: dict[str, NDArray[np.float64]] = {}
    courses = []
    for lesion in lesions:
        key = str(lesion)
        if key not in known:
            course = np.full((2, rearing.epochs + 1), np.nan)
            for epochs, stage in enumerate(recover(subject, rearing, lesion)):
                tally = measure(stage.model(), lesion)
                course[:, epochs] = tally.accuracy.item(), tally.loss.item()
            known[key] = course
        courses.append(known[key])
    accuracy, loss = np.stack(courses, axis=1)
    return accuracy, loss
