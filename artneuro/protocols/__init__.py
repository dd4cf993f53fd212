"""Protocols: declared experiments."""

from artneuro.protocols.lesion_study import LesionStudy
from artneuro.protocols.protocol import Protocol

__all__ = ["LesionStudy", "Protocol"]
