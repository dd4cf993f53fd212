"""How much faster are lesions than a hook and whole forward passes, and than captum? With the equality of results.

    ARTNEURO_DATA=... python tests/benchmarks/bench_lesions.py

Curves: a site of `tran_cnn`, 21 fractions, 10 random orders, 10,000 test images of CIFAR-10. The usual loop puts a hook
on the site that silences the units, and runs the whole network in batches of 500, for each of the 210 points. It takes
long, so some points, spread over all fractions, are timed, and their mean is multiplied by 210; `--whole` times them
all. A second line gives the loop the memory format that suits convolutions on a CPU (channels last), which artneuro
uses unasked. Ours is `LesionStudy.run` as a user calls it: with the intact performance on both sets, the profile of
every unit, and the record. `apart` is the largest difference of accuracy and of loss at the points timed.

Single units: each unit of a site alone, on `--images` test images, against captum's LayerFeatureAblation of the right
answers with 1 and 8 perturbations a pass, whichever is faster. `apart` is the largest difference of importance, and
counts answers: one image is 1 / images.

Both sides take turns, so that whatever else the machine does falls on both; figures are medians.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import attrs
import torch
from captum.attr import LayerFeatureAblation
from torch.nn import functional as F

import artneuro as an

POINTS, REPEATS, BATCH = 21, 10, 500


def timed(call: Callable[[], object]) -> tuple[float, object]:
    """How long a call takes, and what it gives."""
    began = time.perf_counter()
    result = call()
    return time.perf_counter() - began, result


def hooked_pass(model, module: str, silent: torch.Tensor, batches, targets: torch.Tensor) -> tuple[float, float]:
    """Accuracy and loss of whole forward passes with some units silenced, as one usually writes it."""

    def silence(module, inputs, output):
        output[:, silent] = 0.0
        return output

    handle = model.get_submodule(module).register_forward_hook(silence)
    with torch.no_grad():
        logits = torch.cat([model(batch) for batch in batches])
    handle.remove()
    return (logits.argmax(1) == targets).double().mean().item(), F.cross_entropy(logits, targets).item()


def curves(subject: an.Subject, site: str, sample: int, turns: int, whole: bool) -> None:
    """Print the lines of one site."""
    module, environment = subject.sites()[site], subject.environment
    x, targets = environment.present(environment.test.images), environment.test.targets
    study = an.LesionStudy(site=site, repeats=REPEATS, fractions=POINTS, single=False)
    every = [(repeat, point) for repeat in range(REPEATS) for point in range(POINTS)]
    plain, last = subject.model(), subject.model().to(memory_format=torch.channels_last)
    formats = {"contiguous": (plain, x), "channels last": (last, x.contiguous(memory_format=torch.channels_last))}
    ours, loops, ratios = [], {name: [] for name in formats}, {name: [] for name in formats}
    accuracy_apart = loss_apart = 0.0
    for turn in range(turns):
        chosen = every if whole else every[turn :: len(every) // sample]
        seconds, record = timed(lambda: study.run(subject))
        ours.append(seconds)
        found = record.isel(subject=0, site=0, order=0, clamp=0)
        for name, (model, stimuli) in formats.items():
            batches, spent = stimuli.split(BATCH), 0.0
            for repeat, point in chosen:
                silent = torch.from_numpy(found.lesion_rank.values[repeat] < found.lesioned.values[point])
                seconds, result = timed(lambda s=silent, m=model, b=batches: hooked_pass(m, module, s, b, targets))
                spent += seconds
                cell = found.isel(repeat=repeat, fraction=point)
                accuracy_apart = max(accuracy_apart, abs(float(cell.accuracy) - result[0]))
                loss_apart = max(loss_apart, abs(float(cell.loss) - result[1]))
            loops[name].append(spent / len(chosen) * len(every))
            ratios[name].append(loops[name][-1] / ours[-1])
    for name in formats:
        report(f"curve, {site}, loop {name}", loops[name], ours, ratios[name], f"{accuracy_apart:.0e} {loss_apart:.0e}")


def singles(subject: an.Subject, site: str, images: int, turns: int) -> None:
    """Print the line of one site."""
    test = subject.environment.test
    few = attrs.evolve(test, images=test.images[:images], targets=test.targets[:images], index=test.index[:images])
    subject = attrs.evolve(subject, environment=attrs.evolve(subject.environment, test=few))
    x, model = subject.environment.present(few.images), subject.model()
    layer = model.get_submodule(subject.sites()[site])
    with torch.no_grad():
        shape = shape_of(model, layer, x[:1])
    mask = torch.arange(shape[0]).view(1, -1, *[1] * (len(shape) - 1)).expand(1, *shape)

    def right(stimuli, targets):
        return (model(stimuli).argmax(1) == targets).float()

    def captum(at_once: int) -> torch.Tensor:
        ablation = LayerFeatureAblation(right, layer)
        with torch.no_grad():
            parts = [
                ablation.attribute(
                    stimuli, additional_forward_args=(targets,), layer_mask=mask, perturbations_per_eval=at_once
                )
                for stimuli, targets in zip(x.split(BATCH), few.targets.split(BATCH), strict=True)
            ]
        return torch.cat(parts).flatten(2)[:, :, 0].mean(0) if len(shape) > 1 else torch.cat(parts).mean(0)

    study = an.LesionStudy(site=site, repeats=1, fractions=2)
    peers, ours, apart = [], [], 0.0
    for _ in range(turns):
        seconds, record = timed(lambda: study.run(subject))
        ours.append(seconds)
        tried = [timed(lambda k=at_once: captum(k)) for at_once in (1, 8)]
        peers.append(min(seconds for seconds, _ in tried))
        for _, found in tried:
            apart = max(apart, float((torch.from_numpy(record.importance.values[0]) - found).abs().max()))
    ratios = [peer / own for peer, own in zip(peers, ours, strict=True)]
    report(f"single units, {site}, {images} images, captum", peers, ours, ratios, f"{apart:.0e}")


def shape_of(model, layer, x) -> tuple[int, ...]:
    """Shape of one stimulus' activity at a layer."""
    shapes = []
    handle = layer.register_forward_hook(lambda module, inputs, output: shapes.append(tuple(output.shape[1:])))
    model(x)
    handle.remove()
    return shapes[0]


def report(name: str, peers: list[float], ours: list[float], ratios: list[float], apart: str) -> None:
    """Print one line of the table."""
    spread = f"{min(ratios):.1f} - {max(ratios):.1f}"
    print(
        f"{name:48s} {statistics.median(peers):9.2f} {statistics.median(ours):9.2f} {statistics.median(ratios):7.1f}"
        f"   {spread:>15s}   {apart}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-root", type=Path, default=Path(os.environ.get("ARTNEURO_DATA", "data")))
    parser.add_argument("--points", type=int, default=6, help="points of the usual loop timed in each turn")
    parser.add_argument("--whole", action="store_true", help="time all 210 points of the usual loop")
    parser.add_argument("--images", type=int, default=500, help="test images for single units")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--only", default="", help="lines whose name contains this")
    given = parser.parse_args()

    cifar = an.environment("cifar10", given.data_root, train_size=2000)
    naive = an.Subject.naive(an.anatomy("tran_cnn"), cifar, seed=0)
    rearing = an.Rearing(epochs=6, batch=32, optimizer={"adam": {"lr": 1e-3}})
    subject = an.rear(naive, cifar, rearing)  # a little, so that answers depend on units
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads; times in seconds")
    print(f"{'':48s} {'usual':>9s} {'artneuro':>9s} {'ratio':>7s}   {'of each turn':>15s}   apart")
    for site in ("hidden1", "hidden3"):
        if given.only in f"curve, {site}":
            curves(subject, site, given.points, given.turns, given.whole)
    for site in ("hidden1", "conv6"):
        if given.only in f"single units, {site}":
            singles(subject, site, given.images, given.turns)


if __name__ == "__main__":
    main()
