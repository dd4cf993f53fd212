"""Figures of labelled data, one file a plot: a Dataset in, a matplotlib Figure out. They never compute a test."""

from artneuro.figures.box import Box, box
from artneuro.figures.cayley import Cayley, cayley
from artneuro.figures.combinations import Combinations, combinations
from artneuro.figures.connections import Connections, connections
from artneuro.figures.curve import Curve, curve
from artneuro.figures.curve_pair import CurvePair, curve_pair
from artneuro.figures.density import Density, density
from artneuro.figures.heat_map import HeatMap, heat_map
from artneuro.figures.learning_curve import LearningCurve, learning_curve
from artneuro.figures.marks import pairs
from artneuro.figures.matrix import Matrix, matrix
from artneuro.figures.montage import Montage, montage
from artneuro.figures.network import Network, network
from artneuro.figures.plot import MovingPlot, Plot
from artneuro.figures.point_map import PointMap, point_map
from artneuro.figures.save import save, save_film
from artneuro.figures.scatter import Scatter, scatter
from artneuro.figures.stack import Stack, stack
from artneuro.figures.strip import Strip, strip
from artneuro.figures.tuning import Tuning, tuning
from artneuro.figures.violin import Violin, violin

__all__ = [
    "Box",
    "Cayley",
    "Combinations",
    "Connections",
    "Curve",
    "CurvePair",
    "Density",
    "HeatMap",
    "LearningCurve",
    "Matrix",
    "Montage",
    "MovingPlot",
    "Network",
    "Plot",
    "PointMap",
    "Scatter",
    "Stack",
    "Strip",
    "Tuning",
    "Violin",
    "box",
    "cayley",
    "combinations",
    "connections",
    "curve",
    "curve_pair",
    "density",
    "heat_map",
    "learning_curve",
    "matrix",
    "montage",
    "network",
    "pairs",
    "point_map",
    "save",
    "save_film",
    "scatter",
    "stack",
    "strip",
    "tuning",
    "violin",
]
