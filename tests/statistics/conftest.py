"""Records that the tests of statistics share."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
import xarray as xr


@pytest.fixture
def of_arms() -> Callable[..., xr.Dataset]:
    """A record with one value a subject: arm -> values; seeds 0, 1, ... in each arm, so that arms are twins."""

    def make(
        arms: Mapping[str, Sequence[float]],
        name: str = "auc",
        seeds: Mapping[str, Sequence[int]] | None = None,
        **more: Mapping[str, Sequence[float]],
    ) -> xr.Dataset:
        labels = [arm for arm, values in arms.items() for _ in values]
        numbers = [seed for arm, values in arms.items() for seed in (seeds[arm] if seeds else range(len(values)))]
        variables = {name: arms, **more}
        return xr.Dataset(
            {key: ("subject", np.concatenate([by[arm] for arm in arms])) for key, by in variables.items()},
            {
                "subject": [f"{arm}-{seed}" for arm, seed in zip(labels, numbers, strict=True)],
                "arm": ("subject", labels),
                "seed": ("subject", numbers),
                "diverged": ("subject", [-1] * len(labels)),
            },
        )

    return make


@pytest.fixture
def strangers(of_arms: Callable[..., xr.Dataset]) -> Callable[..., xr.Dataset]:
    """As `of_arms`, with no seed in two arms."""

    def make(arms: Mapping[str, Sequence[float]], **more: Mapping[str, Sequence[float]]) -> xr.Dataset:
        first = {arm: 100 * place for place, arm in enumerate(arms)}
        seeds = {arm: range(first[arm], first[arm] + len(values)) for arm, values in arms.items()}
        return of_arms(arms, seeds=seeds, **more)

    return make


@pytest.fixture
def within() -> Callable[..., xr.Dataset]:
    """A record of one arm with a condition: values shaped (subject, level)."""

    def make(values: Sequence[Sequence[float]], dim: str = "clamp", levels: Sequence[object] = (), name: str = "auc"):
        array = np.asarray(values, dtype=float)
        known = list(levels) or ["zero", "mean", "noise", "resample"][: array.shape[1]]
        n = len(array)
        return xr.Dataset(
            {name: (("subject", dim), array)},
            {
                "subject": [f"clean-{seed}" for seed in range(n)],
                "arm": ("subject", ["clean"] * n),
                "seed": ("subject", list(range(n))),
                dim: known,
            },
        )

    return make


@pytest.fixture
def crossed() -> Callable[..., xr.Dataset]:
    """A record of twins in two arms, each measured under two clamps, with effects and noise that are known."""

    def make(n: int = 8, interaction: float = 0.0, seed: int = 0, noise: float = 0.02) -> xr.Dataset:
        rng = np.random.default_rng(seed)
        litter = rng.normal(0, 0.1, n)  # what twins share
        values = np.concatenate(
            [
                0.5 + litter[:, None] + np.array([0.0, -0.05 - step]) + rng.normal(0, noise, (n, 2))
                for step in (0.0, interaction)
            ]
        )
        arms = ["control"] * n + ["turnover"] * n
        seeds = [*range(n), *range(n)]
        return xr.Dataset(
            {"auc": (("subject", "clamp"), values)},
            {
                "subject": [f"{arm}-{number}" for arm, number in zip(arms, seeds, strict=True)],
                "arm": ("subject", arms),
                "seed": ("subject", seeds),
                "clamp": ["zero", "mean"],
            },
        )

    return make


@pytest.fixture
def plant_growth() -> dict[str, list[float]]:
    """Dobson 1983, as R's `PlantGrowth`: dried weight of plants."""
    return {
        "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
        "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
        "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
    }


@pytest.fixture
def sleep() -> dict[str, list[float]]:
    """Student 1908, as R's `sleep`: hours of sleep gained under two drugs, the same ten patients."""
    return {
        "first": [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
        "second": [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
    }
