"""Environments: what subjects see. A declaration by name, ``environment("digits")``, brings stimuli into memory."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from artneuro.environment.arrays import Arrays
from artneuro.environment.augmentation import augment
from artneuro.environment.cifar import CIFAR10, CIFAR100
from artneuro.environment.collection import Collection
from artneuro.environment.digits import Digits
from artneuro.environment.environment import Environment, EnvironmentSource, InMemory, Stimuli
from artneuro.environment.image_folder import ImageFolder
from artneuro.environment.in_context_regression import InContextRegression
from artneuro.environment.mazes import Mazes
from artneuro.environment.mnist import MNIST, FashionMNIST
from artneuro.environment.modular_addition import ModularAddition
from artneuro.environment.one_hot import OneHot
from artneuro.environment.permutation_group import PermutationGroup
from artneuro.environment.stimulus_sample import StimulusSample
from artneuro.environment.symbolic import Symbolic
from artneuro.environment.two_moons import TwoMoons
from artneuro.environment.validation import Validation
from artneuro.errors import SpecificationError
from artneuro.fields import conform

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "MNIST",
    "Arrays",
    "Collection",
    "Digits",
    "Environment",
    "EnvironmentSource",
    "FashionMNIST",
    "ImageFolder",
    "InContextRegression",
    "InMemory",
    "Mazes",
    "ModularAddition",
    "OneHot",
    "PermutationGroup",
    "Stimuli",
    "StimulusSample",
    "Symbolic",
    "TwoMoons",
    "Validation",
    "augment",
    "environment",
]


def environment(
    name: str, data_root: Path | str | None = None, device: torch.device | str = "cpu", **parameters: Any
) -> Environment:
    """Load an environment by name.

    Parameters
    ----------
    name : str
        A registered environment: arrays, cifar10, cifar100, digits, fashion_mnist, image_folder, in_context_regression,
        mazes, mnist, modular_addition, one_hot, permutation_group, symbolic, two_moons, validation, or a plugin's.
    data_root : path, optional
        Folder that holds the data sets; by default the environment variable ``ARTNEURO_DATA``, or ``data``.
    device : torch device
        Where the stimuli will lie.
    **parameters
        Parameters of that environment, as in a study file; an unknown one is refused.

    Raises
    ------
    SpecificationError
        Where the name or a parameter is wrong.
    DataError
        Where data are missing (naming the folder looked in and the ways to get them) or corrupt.

    Examples
    --------
    >>> ones_and_sevens = environment("digits", classes=[1, 7], train_size=100)
    >>> len(ones_and_sevens.train), ones_and_sevens.classes
    (100, ('1', '7'))
    """
    try:
        source: EnvironmentSource = conform({name: parameters}, EnvironmentSource)
    except SpecificationError as error:
        raise SpecificationError([problem.within("environment") for problem in error.problems]) from None
    return source.load(data_root, device)


class _Room(ModuleType):
    """The room itself, which can be called; its name belongs to the function and to the package alike."""

    __call__ = staticmethod(environment)


sys.modules[__name__].__class__ = _Room
