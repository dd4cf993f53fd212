"""Deficits: what subjects see or are told is poorer or other than it is, while a window holds; tests stay intact."""

from artneuro.rearing.deficits.blur import Blur
from artneuro.rearing.deficits.grey_scale import GreyScale
from artneuro.rearing.deficits.label_permutation import LabelPermutation
from artneuro.rearing.deficits.low_contrast import LowContrast
from artneuro.rearing.deficits.occlusion import Occlusion
from artneuro.rearing.deficits.own_deficit import OwnDeficit, deficit_of
from artneuro.rearing.deficits.rotation import Rotation
from artneuro.rearing.deficits.vertical_flip import VerticalFlip
from artneuro.rearing.deficits.white_noise import WhiteNoise

__all__ = [
    "Blur",
    "GreyScale",
    "LabelPermutation",
    "LowContrast",
    "Occlusion",
    "OwnDeficit",
    "Rotation",
    "VerticalFlip",
    "WhiteNoise",
    "deficit_of",
]
