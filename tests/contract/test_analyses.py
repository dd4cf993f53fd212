"""What holds for every registered analysis: few values, and values that do not vary, are answered in words."""

import numpy as np
import pytest
import xarray as xr

from artneuro import registry
from artneuro.errors import DesignError
from artneuro.statistics import Analysis

REGISTERED = [name for name, cls in registry.members("analysis").items() if cls.__module__.startswith("artneuro.")]

TWO, ONE = {"arm": ("a", "b")}, {"arm": "a"}
CASES = {
    "anova": [
        {"of": "R.x", "between": "arm", "posthoc": "tukey"},
        {"of": "R.x", "between": "arm", "posthoc": "games-howell"},
        {"of": "R.y", "between": ("arm", "clamp")},
    ],
    "correlation": [{"x": "R.x", "y": "R.z"}, {"x": "R.x", "y": "R.z", "method": "spearman", "where": ONE}],
    "equivalence": [{"of": "R.x", "between": "arm", "margin": 0.1, "where": TWO}],
    "friedman": [{"of": "R.x", "within": "arm"}, {"of": "R.y", "within": "clamp", "where": ONE}],
    "kruskal": [{"of": "R.x", "between": "arm"}],
    "mixed_anova": [{"of": "R.y", "between": "arm", "within": "clamp"}],
    "mixed_model": [{"of": "R.y", "fixed": ("arm", "clamp")}],
    "pairwise": [{"of": "R.x", "between": "arm"}],
    "permutation": [{"of": "R.x", "between": "arm", "where": TWO}],
    "ratio": [{"of": "R.x", "over": "R.z", "where": ONE}],
    "regression": [{"of": "R.x", "predictors": ("R.z",)}],
    "rm_anova": [
        {"of": "R.x", "within": "arm"},
        {"of": "R.y", "within": "clamp", "where": ONE},
        {"of": "R.y", "within": ("arm", "clamp")},
    ],
    "t_test": [{"of": "R.x", "between": "arm", "where": TWO}, {"of": "R.x", "against": 0.0, "where": ONE}],
    "welch_anova": [{"of": "R.x", "between": "arm", "posthoc": "games-howell"}],
}
VALUES = {
    "noise": lambda arm, seed: np.random.default_rng([ord(arm), seed]).normal(size=2),
    "constant": lambda arm, seed: np.ones(2),
    "constant in each arm": lambda arm, seed: np.array([ord(arm), ord(arm)], dtype=float),
    "constant in one arm": lambda arm, seed: np.ones(2) * (1 if arm == "a" else seed),
    "the same in every arm": lambda arm, seed: np.array([seed, 0], dtype=float),
    "missing in one arm": lambda arm, seed: np.random.default_rng([ord(arm), seed]).normal(size=2) * (
        np.nan if arm == "a" and seed > 1 else 1
    ),
}  # fmt: skip


def record(sizes, values, twins):
    rows = [(arm, seed) for arm, size in zip("abc", sizes, strict=True) for seed in range(size)]
    y = np.array([values(arm, seed) for arm, seed in rows])
    seeds = [seed if twins else 100 * ord(arm) + seed for arm, seed in rows]
    about = {
        "subject": [f"{arm}-{seed}" for (arm, _), seed in zip(rows, seeds, strict=True)],
        "arm": ("subject", [arm for arm, _ in rows]),
        "seed": ("subject", seeds),
        "clamp": ["zero", "mean"],
    }
    return xr.Dataset({"y": (("subject", "clamp"), y), "x": ("subject", y[:, 0]), "z": ("subject", y[:, 1])}, about)


@pytest.mark.parametrize("name", REGISTERED)
def test_it_has_a_case(name):
    assert name in CASES


@pytest.mark.parametrize(("sizes", "twins"), [((2, 2, 2), True), ((2, 2, 1), False)], ids=str)
@pytest.mark.parametrize("name", REGISTERED)
def test_few_values_and_values_that_do_not_vary_are_answered_in_words(name, sizes, twins):
    for what, values in VALUES.items():
        for parameters in CASES[name]:
            analysis: Analysis = registry.members("analysis")[name](**parameters)
            try:
                result = analysis.run({"R": record(sizes, values, twins)})
            except DesignError as refusal:
                assert len(str(refusal)) > 20
            else:
                said = [sentence for sentence in (*result.sentences, *result.notes) if "nan" in sentence.split()]
                assert said == [], what
