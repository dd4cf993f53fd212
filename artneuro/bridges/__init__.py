"""Bridges: recordings and dissimilarities to and from the data structures of other tools, with labels and units."""

from artneuro.bridges.brain_score import from_brain_score, to_brain_score
from artneuro.bridges.nwb import read_nwb, write_nwb
from artneuro.bridges.rsa import from_rsatoolbox, rdms_from_rsatoolbox, rdms_to_rsatoolbox, to_rsatoolbox

__all__ = [
    "from_brain_score",
    "from_rsatoolbox",
    "rdms_from_rsatoolbox",
    "rdms_to_rsatoolbox",
    "read_nwb",
    "to_brain_score",
    "to_rsatoolbox",
    "write_nwb",
]
