"""Protocols: declared experiments."""

from artneuro.protocols.activation_maximisation import ActivationMaximisation
from artneuro.protocols.brain_comparison import BrainComparison
from artneuro.protocols.deprivation_study import DeprivationStudy
from artneuro.protocols.human_errors import HumanErrors
from artneuro.protocols.human_uncertainty import HumanUncertainty
from artneuro.protocols.individual_differences import IndividualDifferences
from artneuro.protocols.information_study import InformationStudy
from artneuro.protocols.lesion_study import LesionStudy
from artneuro.protocols.matrix_completion import MatrixCompletion
from artneuro.protocols.neural_prediction import NeuralPrediction
from artneuro.protocols.neurogenesis import Neurogenesis
from artneuro.protocols.protocol import Assay, CohortStudy, Protocol, TwinStudy
from artneuro.protocols.recording import Recording
from artneuro.protocols.tracking import track
from artneuro.protocols.virtual_electrophysiology import VirtualElectrophysiology
from artneuro.protocols.wiring_cost import WiringCost

__all__ = [
    "ActivationMaximisation",
    "Assay",
    "BrainComparison",
    "CohortStudy",
    "DeprivationStudy",
    "HumanErrors",
    "HumanUncertainty",
    "IndividualDifferences",
    "InformationStudy",
    "LesionStudy",
    "MatrixCompletion",
    "NeuralPrediction",
    "Neurogenesis",
    "Protocol",
    "Recording",
    "TwinStudy",
    "VirtualElectrophysiology",
    "WiringCost",
    "track",
]
