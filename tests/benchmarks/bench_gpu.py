"""How much faster does a whole cohort grow up on a GPU than its networks one after the other? With what they come to.

    ARTNEURO_DATA=... python tests/benchmarks/bench_gpu.py --device cuda

100 `tran_cnn` on CIFAR-10, batch 128, Adam, in float32 and in bfloat16. The plain loop: one network after the other on
the same device, all stimuli there beforehand, `loss.backward()`, `torch.optim`, and a test after each epoch; a few
networks are timed, since each takes as long as any other. artneuro rears all of them as one litter. Both sides start
from the same weights and see the same stimuli in the same order. Columns: milliseconds for an epoch of one network,
processor and device waited for; the ratio; the most memory of the device; and the mean test accuracies, which must
agree to within what rounding does to a life (float32 sums in another order diverge, so weights are not compared).

On a CPU (`--device cpu`) it runs, and there is nothing to win: convolutions are not stacked there.
"""

import argparse
import os
import time
from pathlib import Path

import attrs
import torch
from torch.nn import functional as F

from artneuro.anatomy import anatomy
from artneuro.environment import environment
from artneuro.environment.environment import Environment, Stimuli
from artneuro.rearing import Adam, Rearing
from artneuro.rearing.rear import rear_litter
from artneuro.subject import Subject

APART = 0.03
"""Difference of mean test accuracies that rounding may make: a cohort's standard error after few epochs is smaller."""


def few(place: Environment, train: int, test: int) -> Environment:
    """The first stimuli of a place."""

    def first(stimuli: Stimuli, count: int) -> Stimuli:
        return Stimuli(stimuli.images[:count], stimuli.targets[:count], stimuli.index[:count])

    return attrs.evolve(place, train=first(place.train, train), test=first(place.test, test))


def waited(device: torch.device) -> float:
    """The time, once the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def plain_loop(subject: Subject, rearing: Rearing) -> float:
    """One network as it is usually trained; returns its test accuracy."""
    place, model = subject.environment, subject.model()
    device = place.device
    optimizer = torch.optim.Adam(model.parameters(), lr=rearing.optimizer.lr)
    half = rearing.precision == "bfloat16"
    right = 0
    for epoch in range(rearing.epochs):
        model.train()
        order = torch.randperm(len(place.train), generator=subject.stream.child("order", epoch).torch()).to(device)
        for chosen in order.split(rearing.batch):
            images = place.present(place.train.images[chosen])
            optimizer.zero_grad()
            with torch.autocast(device.type, torch.bfloat16, enabled=half):
                loss = F.cross_entropy(model(images), place.train.targets[chosen])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            batches = zip(place.test.images.split(1000), place.test.targets.split(1000), strict=True)
            right = sum(int((model(place.present(images)).argmax(1) == targets).sum()) for images, targets in batches)
    return right / len(place.test)


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--data-root", type=Path, default=Path(os.environ.get("ARTNEURO_DATA", "data")))
    parser.add_argument("--subjects", type=int, default=100)
    parser.add_argument("--plain", type=int, default=3, help="networks of the plain loop")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--train", type=int, default=50_000, help="training stimuli")
    parser.add_argument("--test", type=int, default=10_000, help="test stimuli")
    given = parser.parse_args()
    device = torch.device(given.device)
    place = few(environment("cifar10", data_root=given.data_root, device=given.device), given.train, given.test)
    subjects = [Subject.naive(anatomy("tran_cnn"), place, seed) for seed in range(given.subjects)]
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    print(f"{name}; {given.subjects} tran_cnn, {given.train} stimuli, {given.epochs} epochs; ms a network-epoch")
    print(f"{'':10s} {'plain':>9s} {'artneuro':>9s} {'ratio':>7s} {'GiB':>7s} {'accuracies':>15s}")
    for precision in ("float32", "bfloat16"):
        rearing = Rearing(epochs=given.epochs, batch=128, optimizer=Adam(lr=0.0002), precision=precision)
        short = attrs.evolve(rearing, epochs=1)
        warm = few(place, 256, 256)
        plain_loop(attrs.evolve(subjects[0], environment=warm), short)
        begun = waited(device)
        usual = [plain_loop(subject, rearing) for subject in subjects[: given.plain]]
        plain = (waited(device) - begun) / (len(usual) * given.epochs)
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        begun = waited(device)
        adults = rear_litter(subjects, rearing)
        ours = (waited(device) - begun) / (len(subjects) * given.epochs)
        memory = torch.cuda.max_memory_allocated(device) / 2**30 if device.type == "cuda" else 0.0
        found = [float(adult.history.test_accuracy[-1]) for adult in adults[: given.plain]]
        reached = [sum(values) / len(values) for values in (usual, found)]
        assert abs(reached[0] - reached[1]) < APART, f"accuracies apart: {reached}"
        print(
            f"{precision:10s} {1000 * plain:9.1f} {1000 * ours:9.1f} {plain / ours:7.2f} {memory:7.2f}"
            f" {reached[0]:7.3f} {reached[1]:7.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
