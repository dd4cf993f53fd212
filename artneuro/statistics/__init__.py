"""Statistics of cohorts: labelled records in, tables and sentences out.

Every test is a function on one record and a registered `Analysis` of the same name for study files. The independent
observation is the subject; arms of twins (subjects of one seed) are paired. See `artneuro.statistics.twins` for the
policy of pairing, and `artneuro.statistics.claim` for what a hypothesis may say.
"""

from artneuro.statistics.analysis import Analysis
from artneuro.statistics.anova import Anova, anova
from artneuro.statistics.claim import Claim, parse
from artneuro.statistics.compare import compare
from artneuro.statistics.correlation import Correlation, correlation
from artneuro.statistics.design import Design
from artneuro.statistics.equivalence import Equivalence, equivalence
from artneuro.statistics.friedman import Friedman, friedman
from artneuro.statistics.gathering import gather
from artneuro.statistics.hypothesis import Hypothesis
from artneuro.statistics.kruskal import Kruskal, kruskal
from artneuro.statistics.mixed_anova import MixedAnova, mixed_anova
from artneuro.statistics.mixed_model import MixedModel, mixed_model
from artneuro.statistics.pairwise import Pairwise, pairwise
from artneuro.statistics.permutation import Permutation, permutation
from artneuro.statistics.power import achieved_power, needed_n
from artneuro.statistics.ratio import Ratio, ratio
from artneuro.statistics.regression import Regression, regression
from artneuro.statistics.result import Result
from artneuro.statistics.rm_anova import RmAnova, rm_anova
from artneuro.statistics.t_test import TTest, t_test
from artneuro.statistics.tidy import tidy
from artneuro.statistics.verdict import Verdict
from artneuro.statistics.welch_anova import WelchAnova, welch_anova

__all__ = [
    "Analysis",
    "Anova",
    "Claim",
    "Correlation",
    "Design",
    "Equivalence",
    "Friedman",
    "Hypothesis",
    "Kruskal",
    "MixedAnova",
    "MixedModel",
    "Pairwise",
    "Permutation",
    "Ratio",
    "Regression",
    "Result",
    "RmAnova",
    "TTest",
    "Verdict",
    "WelchAnova",
    "achieved_power",
    "anova",
    "compare",
    "correlation",
    "equivalence",
    "friedman",
    "gather",
    "kruskal",
    "mixed_anova",
    "mixed_model",
    "needed_n",
    "pairwise",
    "parse",
    "permutation",
    "ratio",
    "regression",
    "rm_anova",
    "t_test",
    "tidy",
    "welch_anova",
]
