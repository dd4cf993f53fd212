"""Rearing: how subjects grow up, and what is done to them meanwhile.

`artneuro.rearing.rear` holds the one training loop; it stands above `Subject`, so it is not imported here.
"""

from artneuro.rearing.activity_noise import ActivityNoise
from artneuro.rearing.deficits import (
    Blur,
    GreyScale,
    LabelPermutation,
    LowContrast,
    Occlusion,
    OwnDeficit,
    Rotation,
    VerticalFlip,
    WhiteNoise,
    deficit_of,
)
from artneuro.rearing.dropout import Dropout
from artneuro.rearing.early_stop import EarlyStop
from artneuro.rearing.freeze import Freeze
from artneuro.rearing.intervention import (
    Gained,
    Halting,
    Holding,
    Instructive,
    Intervention,
    Modulatory,
    Penalty,
    Perceptual,
    Struck,
    Structural,
    Teaching,
)
from artneuro.rearing.label_corruption import LabelCorruption
from artneuro.rearing.lesion import Lesion
from artneuro.rearing.magnitude_pruning import MagnitudePruning
from artneuro.rearing.optimizer import SGD, Adam, AdamW, Optimizer
from artneuro.rearing.ranking import Ranking, ranking_of
from artneuro.rearing.rearing import Augmentation, Rearing
from artneuro.rearing.schedule import Constant, Cosine, Exponential, MultiStep, Restart, Schedule, Step
from artneuro.rearing.swap import Swap
from artneuro.rearing.timing import Clock, Window
from artneuro.rearing.turnover import Turnover
from artneuro.rearing.weight_decay import WeightDecay
from artneuro.rearing.wiring_penalty import Phase, WiringPenalty

__all__ = [
    "SGD",
    "ActivityNoise",
    "Adam",
    "AdamW",
    "Augmentation",
    "Blur",
    "Clock",
    "Constant",
    "Cosine",
    "Dropout",
    "EarlyStop",
    "Exponential",
    "Freeze",
    "Gained",
    "GreyScale",
    "Halting",
    "Holding",
    "Instructive",
    "Intervention",
    "LabelCorruption",
    "LabelPermutation",
    "Lesion",
    "LowContrast",
    "MagnitudePruning",
    "Modulatory",
    "MultiStep",
    "Occlusion",
    "Optimizer",
    "OwnDeficit",
    "Penalty",
    "Perceptual",
    "Phase",
    "Ranking",
    "Rearing",
    "Restart",
    "Rotation",
    "Schedule",
    "Step",
    "Struck",
    "Structural",
    "Swap",
    "Teaching",
    "Turnover",
    "VerticalFlip",
    "WeightDecay",
    "WhiteNoise",
    "Window",
    "WiringPenalty",
    "deficit_of",
    "ranking_of",
]
