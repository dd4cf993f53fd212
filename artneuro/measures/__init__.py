"""Measures: pure functions on activity, weights, answers and curves."""

from artneuro.measures.activity import Moments, spatial_mean
from artneuro.measures.canonical import cca, pwcca, svcca
from artneuro.measures.cka import cka, cka_matrix, minibatch_cka
from artneuro.measures.clustering import clustering
from artneuro.measures.communicability import communicability
from artneuro.measures.components import components, numbered_by_size
from artneuro.measures.correlation import spearman
from artneuro.measures.curves import area_under_curve, normalised_accuracy
from artneuro.measures.decoding import cross_condition_decoding, decode_class, decode_value
from artneuro.measures.dimensionality import intrinsic_dimension, participation_ratio
from artneuro.measures.discriminability import d_prime
from artneuro.measures.dose import counts_of, dose_response, points_of
from artneuro.measures.encoding import encoding_fit, encoding_predictions, split_half_reliability
from artneuro.measures.entropy import predictive_entropy
from artneuro.measures.error_consistency import error_consistency
from artneuro.measures.fisher import FisherTrace, empirical_fisher_trace, fisher_trace
from artneuro.measures.gradients import GradientStatistics, gradient_statistics
from artneuro.measures.graph import (
    binarised,
    binarised_to_density,
    connection_count,
    degrees,
    density,
    is_directed,
    layered,
    strengths,
    symmetrised,
)
from artneuro.measures.importance import importance, site_summary
from artneuro.measures.individuals import classical_scaling, leaf_order, pseudo_values
from artneuro.measures.information import equal_frequency_bins, mutual_information
from artneuro.measures.kfac import KFACLogDeterminant, kfac_log_determinant
from artneuro.measures.modularity import louvain, modularity
from artneuro.measures.neighbours import neighbour_overlap
from artneuro.measures.noise import NoiseInformation, noise_information
from artneuro.measures.noise_ceiling import noise_ceiling
from artneuro.measures.norms import incoming_norm, outgoing_norm
from artneuro.measures.nulls import degree_preserving_nulls, rewired
from artneuro.measures.paths import characteristic_path_length, efficiency, path_lengths, reachable_fraction
from artneuro.measures.performance import Tally
from artneuro.measures.periphery import periphery
from artneuro.measures.procrustes import procrustes, shape_distances, shape_metric
from artneuro.measures.profile_clusters import cluster_profiles
from artneuro.measures.rdm_comparison import compare_rdms
from artneuro.measures.rdm_models import (
    crossvalidated_weighted_rdm,
    partial_correlation,
    partial_correlations,
    variance_partition,
    weighted_rdm,
)
from artneuro.measures.rdm_resampling import bootstrap_comparison, permutation_test
from artneuro.measures.rdms import percentile_rdms, rdm, square_rdm, unit_rdms
from artneuro.measures.rich_club import normalised_rich_club, rich_club
from artneuro.measures.rv import rv2
from artneuro.measures.selectivity import class_means, class_selectivity, preferred_class
from artneuro.measures.shape_bias import shape_bias
from artneuro.measures.small_world import SmallWorld, small_world
from artneuro.measures.sparseness import lifetime_sparseness, population_sparseness
from artneuro.measures.tuning import TuningCurves, preferred_stimuli, receptive_fields, tuning_curves
from artneuro.measures.uncertainty import (
    answer_shares,
    class_confusions,
    confusion_correlation,
    halved_answers,
    soft_cross_entropy,
    wrong_answer_correlation,
)
from artneuro.measures.unit_rsa import compare_unit_rdms
from artneuro.measures.wiring_length import (
    distances_between,
    expected_wiring_length,
    shuffled_wiring_lengths,
    wiring_length,
)

__all__ = [
    "FisherTrace",
    "GradientStatistics",
    "KFACLogDeterminant",
    "Moments",
    "NoiseInformation",
    "SmallWorld",
    "Tally",
    "TuningCurves",
    "answer_shares",
    "area_under_curve",
    "binarised",
    "binarised_to_density",
    "bootstrap_comparison",
    "cca",
    "characteristic_path_length",
    "cka",
    "cka_matrix",
    "class_confusions",
    "class_means",
    "class_selectivity",
    "classical_scaling",
    "cluster_profiles",
    "clustering",
    "communicability",
    "compare_rdms",
    "compare_unit_rdms",
    "components",
    "confusion_correlation",
    "connection_count",
    "counts_of",
    "cross_condition_decoding",
    "crossvalidated_weighted_rdm",
    "d_prime",
    "decode_class",
    "decode_value",
    "degree_preserving_nulls",
    "degrees",
    "density",
    "distances_between",
    "dose_response",
    "efficiency",
    "empirical_fisher_trace",
    "encoding_fit",
    "encoding_predictions",
    "equal_frequency_bins",
    "error_consistency",
    "expected_wiring_length",
    "fisher_trace",
    "gradient_statistics",
    "halved_answers",
    "importance",
    "incoming_norm",
    "intrinsic_dimension",
    "is_directed",
    "kfac_log_determinant",
    "layered",
    "leaf_order",
    "lifetime_sparseness",
    "louvain",
    "minibatch_cka",
    "modularity",
    "mutual_information",
    "neighbour_overlap",
    "noise_ceiling",
    "noise_information",
    "normalised_accuracy",
    "normalised_rich_club",
    "numbered_by_size",
    "outgoing_norm",
    "partial_correlation",
    "partial_correlations",
    "participation_ratio",
    "path_lengths",
    "percentile_rdms",
    "periphery",
    "permutation_test",
    "points_of",
    "population_sparseness",
    "predictive_entropy",
    "preferred_class",
    "preferred_stimuli",
    "procrustes",
    "pseudo_values",
    "pwcca",
    "rdm",
    "reachable_fraction",
    "receptive_fields",
    "rewired",
    "rich_club",
    "rv2",
    "shape_bias",
    "shape_distances",
    "shape_metric",
    "shuffled_wiring_lengths",
    "site_summary",
    "small_world",
    "soft_cross_entropy",
    "spatial_mean",
    "spearman",
    "split_half_reliability",
    "square_rdm",
    "strengths",
    "svcca",
    "symmetrised",
    "tuning_curves",
    "unit_rdms",
    "variance_partition",
    "weighted_rdm",
    "wiring_length",
    "wrong_answer_correlation",
]
