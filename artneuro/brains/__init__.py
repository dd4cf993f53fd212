"""Brains: what was measured of neurons and people, read from files, with the stimuli that they were shown."""

from pathlib import Path
from typing import Any

from artneuro.brains.brain import Brain, BrainSource
from artneuro.brains.cifar10h import CIFAR10H
from artneuro.brains.human_16class import Human16Class
from artneuro.brains.kriegeskorte92 import Kriegeskorte92
from artneuro.brains.macaque_v4_cowley import MacaqueV4Cowley
from artneuro.brains.making import brain_of
from artneuro.brains.own_file import OwnFile
from artneuro.brains.simulated import Simulated
from artneuro.errors import SpecificationError
from artneuro.fields import conform

__all__ = [
    "CIFAR10H",
    "Brain",
    "BrainSource",
    "Human16Class",
    "Kriegeskorte92",
    "MacaqueV4Cowley",
    "OwnFile",
    "Simulated",
    "brain",
    "brain_of",
]


def brain(name: str, data_root: Path | str | None = None, **parameters: Any) -> Brain:
    """Read a brain, or what people did, by name.

    Parameters
    ----------
    name : str
        A registered brain: cifar10h, file, human_16class, kriegeskorte92, macaque_v4_cowley, simulated, or a plugin's.
    data_root : path, optional
        Folder that holds the data sets; by default the environment variable ``ARTNEURO_DATA``, or ``data``.
    **parameters
        Parameters of that brain, as in a study file; an unknown one is refused.

    Raises
    ------
    SpecificationError
        Where the name or a parameter is wrong.
    DataError
        Where a file is missing (the text tells where to get it) or is not what it should be.

    Examples
    --------
    >>> brain("simulated", subjects=2)
    Brain('simulated': dissimilarity, activity, trial_activity, answers, answer; 24 stimuli, images of 3 x 16 x 16)
    """
    try:
        source: BrainSource = conform({name: parameters}, BrainSource)
    except SpecificationError as error:
        raise SpecificationError([problem.within("brain") for problem in error.problems]) from None
    return source.load(data_root)
