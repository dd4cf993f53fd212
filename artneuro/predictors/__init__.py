"""Predictors: descriptions of stimuli by which activity may be explained."""

from artneuro.predictors.form import HOG, Edges, Gist, Orientation, SpatialFrequency
from artneuro.predictors.known import ClassMembership, Matrix, Quantities, Quantity
from artneuro.predictors.light import Colour, Contrast, Luminance, Pixels
from artneuro.predictors.predictor import Description, ImageStatistic, Predictor

__all__ = [
    "HOG",
    "ClassMembership",
    "Colour",
    "Contrast",
    "Description",
    "Edges",
    "Gist",
    "ImageStatistic",
    "Luminance",
    "Matrix",
    "Orientation",
    "Pixels",
    "Predictor",
    "Quantities",
    "Quantity",
    "SpatialFrequency",
]
