"""Connectomes: nervous systems as graphs, read from the data root, and measured as trained networks are."""

from artneuro.connectomes.as_graph import AsGraph
from artneuro.connectomes.connectome import Connectome
from artneuro.connectomes.measures import graph_measures, graph_record
from artneuro.connectomes.placement import Neurons
from artneuro.connectomes.published import connectome

__all__ = ["AsGraph", "Connectome", "Neurons", "connectome", "graph_measures", "graph_record"]
