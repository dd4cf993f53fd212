"""Protocols: declared experiments."""

from artneuro.protocols.lesion_study import LesionStudy
from artneuro.protocols.protocol import Assay, Protocol, TwinStudy

__all__ = ["Assay", "LesionStudy", "Protocol", "TwinStudy"]
