"""Protocols: declared experiments."""

from artneuro.protocols.information_study import InformationStudy
from artneuro.protocols.lesion_study import LesionStudy
from artneuro.protocols.protocol import Assay, Protocol, TwinStudy

__all__ = ["Assay", "InformationStudy", "LesionStudy", "Protocol", "TwinStudy"]
