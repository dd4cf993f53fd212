"""Anatomies: specifications that build torch models; recording, cutting and lesioning what their units do."""

import sys
from types import ModuleType
from typing import Any

from artneuro.anatomy.achille_mlp import AchilleMLP
from artneuro.anatomy.all_cnn import AllCNN
from artneuro.anatomy.anatomy import Anatomy
from artneuro.anatomy.deep_linear import DeepLinear
from artneuro.anatomy.depth_cnn import DepthCNN
from artneuro.anatomy.embedding import Embedded, Embedding
from artneuro.anatomy.groups import Groups
from artneuro.anatomy.mlp import MLP
from artneuro.anatomy.module import Module, anatomy_of
from artneuro.anatomy.morcos_cnn import MorcosCNN
from artneuro.anatomy.placement import Given, Lattice, Line, Placement, Ring
from artneuro.anatomy.recurrent import Recurrent
from artneuro.anatomy.resnet18 import ResNet18
from artneuro.anatomy.simple_cnn import SimpleCNN
from artneuro.anatomy.token_mlp import TokenMLP
from artneuro.anatomy.tran_cnn import TranCNN
from artneuro.anatomy.transformer import Transformer
from artneuro.fields import conform

__all__ = [
    "MLP",
    "AchilleMLP",
    "AllCNN",
    "Anatomy",
    "DeepLinear",
    "DepthCNN",
    "Embedded",
    "Embedding",
    "Given",
    "Groups",
    "Lattice",
    "Line",
    "Module",
    "MorcosCNN",
    "Placement",
    "Recurrent",
    "ResNet18",
    "Ring",
    "SimpleCNN",
    "TokenMLP",
    "TranCNN",
    "Transformer",
    "anatomy",
    "anatomy_of",
]


def anatomy(name: str, **parameters: Any) -> Anatomy:
    """Return a registered anatomy.

    Parameters
    ----------
    name : str
        Such as ``mlp``; ``artneuro list`` prints them all.
    **parameters
        Its parameters; ``artneuro describe mlp`` prints them.

    Raises
    ------
    SpecificationError
        Where the name, or a parameter, is unknown or wrong; the message carries the nearest valid name.

    Examples
    --------
    >>> anatomy("mlp", widths=(64, 32))
    MLP(widths=(64, 32), activation='relu', batch_norm=False, dropout=0.0)
    """
    built: Anatomy = conform({name: parameters}, Anatomy)
    return built


class _Room(ModuleType):
    """The room itself, which can be called; its name belongs to the function and to the package alike."""

    __call__ = staticmethod(anatomy)


sys.modules[__name__].__class__ = _Room
