"""The version of artneuro."""

__version__ = "0.1.0"
