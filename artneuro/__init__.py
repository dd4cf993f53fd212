"""Artificial neuroscience: experiments that treat trained neural networks as experimental animals.

The public names are listed here, each with the module it comes from; a module is imported when one of its names is
first used, so that the command line answers at once. The rooms `anatomy` and `environment` can also be called:
``artneuro.anatomy("mlp")``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from artneuro._version import __version__

_PUBLIC = {
    # subjects and their design
    "Arm": "cohort",
    "Cohort": "cohort",
    "Subject": "subject",
    "Anatomy": "anatomy",
    "anatomy_of": "anatomy",
    "Environment": "environment",
    # rearing
    "Augmentation": "rearing",
    "Rearing": "rearing",
    "Window": "rearing",
    "rear": "rearing.rear",
    "rear_litter": "rearing.rear",
    "turned_over": "rearing.turnover_once",
    # interventions
    "ActivityNoise": "rearing",
    "Blur": "rearing",
    "Dropout": "rearing",
    "EarlyStop": "rearing",
    "Freeze": "rearing",
    "GreyScale": "rearing",
    "LabelCorruption": "rearing",
    "LabelPermutation": "rearing",
    "Lesion": "rearing",
    "LowContrast": "rearing",
    "Occlusion": "rearing",
    "Rotation": "rearing",
    "Turnover": "rearing",
    "VerticalFlip": "rearing",
    "WeightDecay": "rearing",
    "WhiteNoise": "rearing",
    "deficit_of": "rearing",
    "ranking_of": "rearing",
    # protocols
    "ActivationMaximisation": "protocols",
    "Assay": "protocols",
    "BrainComparison": "protocols",
    "CohortStudy": "protocols",
    "DeprivationStudy": "protocols",
    "HumanErrors": "protocols",
    "HumanUncertainty": "protocols",
    "IndividualDifferences": "protocols",
    "InformationStudy": "protocols",
    "LesionStudy": "protocols",
    "MatrixCompletion": "protocols",
    "NeuralPrediction": "protocols",
    "Neurogenesis": "protocols",
    "WiringCost": "protocols",
    "Protocol": "protocols",
    "Recording": "protocols",
    "TwinStudy": "protocols",
    "VirtualElectrophysiology": "protocols",
    "track": "protocols",
    "record": "recording",
    # records
    "read": "records",
    "write": "records",
    "provenance": "records",
    # nervous systems
    "Connectome": "connectomes",
    "connectome": "connectomes",
    "graph_measures": "connectomes",
    "graph_record": "connectomes",
    "Brain": "brains",
    "brain": "brains",
    "brain_of": "brains",
    # randomness and errors
    "Stream": "seeds",
    "ArtneuroError": "errors",
}
_JOINING = {"anatomy": ("connectomes.placement",)}
"""Rooms whose families have members that are defined elsewhere: there, since these read data."""
_ROOMS = ("anatomy", "brains", "bridges", "environment", "figures", "measures", "predictors", "statistics")

__all__ = ["__version__", *_PUBLIC, *_ROOMS]

if TYPE_CHECKING:
    from artneuro import brains as brains
    from artneuro import bridges as bridges
    from artneuro import figures as figures
    from artneuro import measures as measures
    from artneuro import predictors as predictors
    from artneuro import statistics as statistics
    from artneuro.anatomy import Anatomy as Anatomy
    from artneuro.anatomy import anatomy as anatomy  # type: ignore[no-redef]  # the room and its function are one
    from artneuro.anatomy import anatomy_of as anatomy_of
    from artneuro.brains import Brain as Brain
    from artneuro.brains import brain as brain  # type: ignore[no-redef]  # a module has this name too
    from artneuro.brains import brain_of as brain_of
    from artneuro.cohort import Arm as Arm
    from artneuro.cohort import Cohort as Cohort
    from artneuro.connectomes import Connectome as Connectome
    from artneuro.connectomes import connectome as connectome  # type: ignore[no-redef]  # a module has this name too
    from artneuro.connectomes import graph_measures as graph_measures
    from artneuro.connectomes import graph_record as graph_record
    from artneuro.environment import Environment as Environment
    from artneuro.environment import environment as environment  # type: ignore[no-redef]  # likewise
    from artneuro.errors import ArtneuroError as ArtneuroError
    from artneuro.protocols import ActivationMaximisation as ActivationMaximisation
    from artneuro.protocols import Assay as Assay
    from artneuro.protocols import BrainComparison as BrainComparison
    from artneuro.protocols import CohortStudy as CohortStudy
    from artneuro.protocols import DeprivationStudy as DeprivationStudy
    from artneuro.protocols import HumanErrors as HumanErrors
    from artneuro.protocols import HumanUncertainty as HumanUncertainty
    from artneuro.protocols import IndividualDifferences as IndividualDifferences
    from artneuro.protocols import InformationStudy as InformationStudy
    from artneuro.protocols import LesionStudy as LesionStudy
    from artneuro.protocols import MatrixCompletion as MatrixCompletion
    from artneuro.protocols import NeuralPrediction as NeuralPrediction
    from artneuro.protocols import Neurogenesis as Neurogenesis
    from artneuro.protocols import Protocol as Protocol
    from artneuro.protocols import Recording as Recording
    from artneuro.protocols import TwinStudy as TwinStudy
    from artneuro.protocols import VirtualElectrophysiology as VirtualElectrophysiology
    from artneuro.protocols import WiringCost as WiringCost
    from artneuro.protocols import track as track
    from artneuro.rearing import ActivityNoise as ActivityNoise
    from artneuro.rearing import Augmentation as Augmentation
    from artneuro.rearing import Blur as Blur
    from artneuro.rearing import Dropout as Dropout
    from artneuro.rearing import EarlyStop as EarlyStop
    from artneuro.rearing import Freeze as Freeze
    from artneuro.rearing import GreyScale as GreyScale
    from artneuro.rearing import LabelCorruption as LabelCorruption
    from artneuro.rearing import LabelPermutation as LabelPermutation
    from artneuro.rearing import Lesion as Lesion
    from artneuro.rearing import LowContrast as LowContrast
    from artneuro.rearing import Occlusion as Occlusion
    from artneuro.rearing import Rearing as Rearing
    from artneuro.rearing import Rotation as Rotation
    from artneuro.rearing import Turnover as Turnover
    from artneuro.rearing import VerticalFlip as VerticalFlip
    from artneuro.rearing import WeightDecay as WeightDecay
    from artneuro.rearing import WhiteNoise as WhiteNoise
    from artneuro.rearing import Window as Window
    from artneuro.rearing import deficit_of as deficit_of
    from artneuro.rearing import ranking_of as ranking_of
    from artneuro.rearing.rear import rear as rear
    from artneuro.rearing.rear import rear_litter as rear_litter
    from artneuro.rearing.turnover_once import turned_over as turned_over
    from artneuro.recording import record as record
    from artneuro.records import provenance as provenance
    from artneuro.records import read as read
    from artneuro.records import write as write
    from artneuro.seeds import Stream as Stream
    from artneuro.subject import Subject as Subject


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        found = getattr(import_module(f"artneuro.{_PUBLIC[name]}"), name)
    elif name in _ROOMS:
        found = import_module(f"artneuro.{name}")
        for room in _JOINING.get(name, ()):
            import_module(f"artneuro.{room}")
    else:
        raise AttributeError(f"artneuro has no {name!r}; it has {', '.join(__all__)}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
