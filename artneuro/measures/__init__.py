"""Measures: pure functions on activity, weights, answers and curves."""

from artneuro.measures.activity import Moments, spatial_mean
from artneuro.measures.correlation import spearman
from artneuro.measures.curves import area_under_curve, normalised_accuracy
from artneuro.measures.dose import counts_of, dose_response, points_of
from artneuro.measures.entropy import predictive_entropy
from artneuro.measures.fisher import FisherTrace, empirical_fisher_trace, fisher_trace
from artneuro.measures.gradients import GradientStatistics, gradient_statistics
from artneuro.measures.importance import importance, site_summary
from artneuro.measures.information import equal_frequency_bins, mutual_information
from artneuro.measures.kfac import KFACLogDeterminant, kfac_log_determinant
from artneuro.measures.noise import NoiseInformation, noise_information
from artneuro.measures.norms import incoming_norm, outgoing_norm
from artneuro.measures.performance import Tally
from artneuro.measures.selectivity import class_means, class_selectivity, preferred_class

__all__ = [
    "FisherTrace",
    "GradientStatistics",
    "KFACLogDeterminant",
    "Moments",
    "NoiseInformation",
    "Tally",
    "area_under_curve",
    "class_means",
    "class_selectivity",
    "counts_of",
    "dose_response",
    "empirical_fisher_trace",
    "equal_frequency_bins",
    "fisher_trace",
    "gradient_statistics",
    "importance",
    "incoming_norm",
    "kfac_log_determinant",
    "mutual_information",
    "noise_information",
    "normalised_accuracy",
    "outgoing_norm",
    "points_of",
    "predictive_entropy",
    "preferred_class",
    "site_summary",
    "spatial_mean",
    "spearman",
]
