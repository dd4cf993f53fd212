"""How much faster are measures of representations than the tools that have them, on the same work with equal results?

    pip install rsatoolbox
    python tests/benchmarks/bench_similarity.py

Activity is random, half of it 0 as after a ReLU, in double precision (CKA: single, as torch_cka has it, but equality is
checked with its form in double precision, since it does not centre and loses three digits). Both sides take turns;
figures are medians of processor time on one thread, and `apart` is the largest difference of the results.

- RDMs, crossnobis and unit-level RSA against rsatoolbox. There, a unit is a call of calc_rdm and of compare with all
  predictors: `--units` of them are timed and scaled up to eight times as many, which is what ours is timed on.
- Procrustes against what netrep's LinearMetric does (it is not in the package index; its published steps are written
  here): pad, whiten (alpha = 1: not at all), singular vectors of the units x units product, rotate both, compare.
- CKA of all pairs against the published form of batched hook CKA (torch_cka 0.21, thingsvision): for each pair, both
  Grams anew and the unbiased HSIC by matrix products. Hooks and forward passes are left out on both sides; one batch
  holds all stimuli. `--pairs` of the 7260 pairs are timed and scaled up; ours is timed on all.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import rsatoolbox
import torch
from torch import Tensor

from artneuro.measures import cka_matrix, compare_rdms, compare_unit_rdms, procrustes, rdm


def activity(stimuli: int, units: int, seed: int) -> Tensor:
    """Random activity, half of it 0."""
    return torch.randn(stimuli, units, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).clamp(min=0)


def timed(act: Callable[[], object]) -> tuple[float, np.ndarray]:
    """Processor time, and the result as an array."""
    began = time.process_time()
    found = act()
    return time.process_time() - began, np.asarray(found, dtype=np.float64)


def line(
    name: str,
    theirs: Callable[[], object],
    ours: Callable[[], object],
    turns: int,
    scale: float = 1.0,
    exact: Callable[[], object] | None = None,
) -> None:
    """Time both sides in turns and print a row; `scale` times theirs stands for the whole work."""
    ours()  # what is imported or allocated on the first call counts for neither
    rows = []
    for _ in range(turns):
        (peer, expected), (own, found) = timed(theirs), timed(ours)
        apart = np.abs(expected - found[: len(expected)] if expected.ndim else expected - found).max()
        if exact is not None:
            apart = np.abs(np.asarray(exact()) - found).max()
        rows.append((peer * scale, own, peer * scale / own, apart))
    peer, own, ratio, apart = (statistics.median(column) for column in zip(*rows, strict=True))
    low, high = min(row[2] for row in rows), max(row[2] for row in rows)
    print(f"{name:62s} {peer:9.3f} s {own:9.4f} s {ratio:7.1f} ({low:.1f} to {high:.1f})  {apart:.0e}", flush=True)


def correlation_rdms(turns: int) -> None:
    """RDM of 500 stimuli and 4096 units."""
    x = activity(500, 4096, 0)
    data = rsatoolbox.data.Dataset(x.numpy())
    line(
        "correlation RDM, 500 x 4096, rsatoolbox",
        lambda: rsatoolbox.rdm.calc_rdm(data, method="correlation").get_vectors()[0],
        lambda: rdm(x),
        turns,
    )


def crossnobis(turns: int) -> None:
    """Crossnobis of 100 stimuli in 4 folds."""
    for units in (512, 4096):
        x = activity(400, units, 0) + activity(100, units, 1).repeat(4, 1)
        stimuli, folds = torch.arange(100).repeat(4), torch.arange(4).repeat_interleave(100)
        labels = {"stimulus": [f"{s:03d}" for s in stimuli], "fold": [str(int(f)) for f in folds]}
        data = rsatoolbox.data.Dataset(x.numpy(), obs_descriptors=labels)
        line(
            f"crossnobis, 100 stimuli x 4 folds x {units}, rsatoolbox",
            lambda data=data: rsatoolbox.rdm.calc_rdm(
                data, method="crossnobis", descriptor="stimulus", cv_descriptor="fold"
            ).get_vectors()[0],
            lambda x=x, s=stimuli, f=folds: rdm(x, "crossnobis", stimuli=s, folds=f),
            turns,
        )


def unit_rsa(turns: int, units: int) -> None:
    """RDMs of single units against 18 predictors, 800 stimuli."""
    x = activity(800, units * 8, 0)
    predictors = torch.stack([rdm(activity(800, 5, 1 + k), "euclidean") for k in range(18)])
    models = rsatoolbox.rdm.RDMs(predictors.numpy())

    def loop() -> np.ndarray:
        found = []
        for unit in range(units):
            one = rsatoolbox.rdm.calc_rdm(rsatoolbox.data.Dataset(x[:, [unit]].numpy()), method="euclidean")
            found.append(rsatoolbox.rdm.compare(one, models, method="spearman")[0])
        return np.stack(found)

    # a squared distance has the ranks of the distance
    line(
        f"unit RSA, 800 stimuli, {units * 8} units, 18 predictors, rsatoolbox",
        loop,
        lambda: compare_unit_rdms(x, predictors),
        turns,
        scale=8,
    )


def whole_unit_rsa(threads: int) -> None:
    """The whole of 4096 units by the clock."""
    torch.set_num_threads(threads)
    x = activity(800, 4096, 0)
    predictors = torch.stack([rdm(activity(800, 5, 1 + k), "euclidean") for k in range(18)])
    began, processor = time.perf_counter(), time.process_time()
    compare_unit_rdms(x, predictors)
    print(
        f"unit RSA of 4096 units on {threads} threads: {time.perf_counter() - began:.0f} s by the clock, "
        f"{time.process_time() - processor:.0f} s of processor time"
    )
    torch.set_num_threads(1)


def published_cka(x: Tensor, y: Tensor) -> Tensor:
    """Unbiased CKA of a pair as torch_cka computes it, with one batch."""

    def hsic(k: Tensor, ell: Tensor) -> Tensor:
        n = len(k)
        ones = torch.ones(n, 1, dtype=k.dtype)
        result = torch.trace(k @ ell)
        result += ((ones.t() @ k @ ones @ ones.t() @ ell @ ones) / ((n - 1) * (n - 2))).item()
        result -= ((ones.t() @ k @ ell @ ones) * 2 / (n - 2)).item()
        return 1 / (n * (n - 3)) * result

    k, ell = (x @ x.t()).fill_diagonal_(0.0), (y @ y.t()).fill_diagonal_(0.0)
    return hsic(k, ell) / (hsic(k, k).sqrt() * hsic(ell, ell).sqrt())


def cka(turns: int, pairs: int) -> None:
    """All pairs of 20 subjects x 6 layers, 1000 stimuli."""
    widths = (512, 512, 256, 256, 128, 64)
    shared = activity(1000, 30, 0)
    xs = []
    for number in range(120):
        width = widths[number % 6]
        xs.append((shared @ activity(30, width, number + 1) + 5 * activity(1000, width, number + 500)).float())
    count = len(xs) * (len(xs) + 1) // 2
    # pairs spread over all combinations of widths
    chosen = [(k * 7 % 120, k * 13 % 120) for k in range(pairs)]
    line(
        f"CKA (debiased), {count} pairs of 120, 1000 stimuli, batched hook CKA",
        lambda: np.array([float(published_cka(xs[i], xs[j])) for i, j in chosen]),
        lambda: cka_matrix(xs, debiased=True)[*np.array(chosen).T],
        turns,
        scale=count / pairs,
        exact=lambda: np.array([float(published_cka(xs[i].double(), xs[j].double())) for i, j in chosen]),
    )


def published_procrustes(x: np.ndarray, y: np.ndarray) -> float:
    """Fit and score as netrep's LinearMetric(alpha=1) does."""
    whitened = []
    for one in (x, y):
        mean = one.mean(axis=0)
        whitened.append((mean, one - mean, np.eye(one.shape[1])))
    (mx, xw, zx), (my, yw, zy) = whitened
    left, _, right = np.linalg.svd(xw.T @ yw)
    a, b = (x - mx) @ (zx @ left), (y - my) @ (zy @ right.T)
    cosine = np.dot(a.ravel(), b.ravel()) / (np.linalg.norm(a.ravel()) * np.linalg.norm(b.ravel()))
    return float(np.arccos(np.clip(cosine, -1.0, 1.0)))


def shapes(turns: int) -> None:
    """Angular Procrustes distance of a pair, 200 x 1024."""
    x, y = activity(200, 1024, 0), activity(200, 1024, 1)
    line(
        "Procrustes (angular), 200 x 1024, netrep's steps",
        lambda: published_procrustes(x.numpy(), y.numpy()),
        lambda: procrustes(x, y, "angular"),
        turns,
    )


def comparisons(turns: int) -> None:
    """All pairs of 20 and 20 RDMs of 500 stimuli."""
    rdms = torch.stack([rdm(activity(500, 20, k)) for k in range(20)])
    sets = rsatoolbox.rdm.RDMs(rdms.numpy())
    line(
        "Spearman of 20 x 20 RDMs of 500 stimuli, rsatoolbox",
        lambda: rsatoolbox.rdm.compare(sets, sets, method="spearman"),
        lambda: compare_rdms(rdms, rdms, "spearman"),
        turns,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--units", type=int, default=4, help="units timed of the loop over rsatoolbox")
    parser.add_argument("--pairs", type=int, default=24, help="pairs timed of batched hook CKA")
    parser.add_argument("--whole", type=int, default=0, help="also time 4096 units, on so many threads")
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, rsatoolbox 0.3.2, one thread, medians of {given.turns} turns")
    print(f"{'':62s} {'usual':>11s} {'artneuro':>11s}   ratio (range)   apart")
    correlation_rdms(given.turns)
    crossnobis(given.turns)
    comparisons(given.turns)
    unit_rsa(given.turns, given.units)
    shapes(given.turns)
    cka(given.turns, given.pairs)
    if given.whole:
        whole_unit_rsa(given.whole)


if __name__ == "__main__":
    main()
