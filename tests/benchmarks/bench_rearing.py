"""How much faster is rearing than the usual loop over seeds and a DataLoader? With the equality of results.

    ARTNEURO_DATA=... python tests/benchmarks/bench_rearing.py

The usual loop: torchvision's data set, ToTensor, Normalize, DataLoader without workers, loss.backward(), torch.optim,
and a test after each epoch. Both sides see the same stimuli in the same order, start from the same weights, and take
turns, so that whatever else the machine does falls on both; the figures are medians. The largest difference between
the weights is not zero because Normalize rounds otherwise than `Environment.present`; the last column is against the
same ordinary loop on stimuli presented by artneuro, and is zero where arithmetic and threads are declared alike.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

import attrs
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, Subset

from artneuro._torchvision import torchvision
from artneuro.anatomy import anatomy
from artneuro.environment import environment
from artneuro.environment.environment import Environment, Stimuli
from artneuro.rearing import SGD, Adam, Rearing
from artneuro.rearing.rear import rear_litter
from artneuro.subject import Subject

OPTIMIZERS = {SGD: torch.optim.SGD, Adam: torch.optim.Adam}


def excerpt(place: Environment, train: int, test: int) -> Environment:
    """The first stimuli of a place."""

    def first(stimuli: Stimuli, count: int) -> Stimuli:
        return Stimuli(stimuli.images[:count], stimuli.targets[:count], stimuli.index[:count])

    return attrs.evolve(place, train=first(place.train, train), test=first(place.test, test))


def order(subject: Subject, epoch: int) -> torch.Tensor:
    """The order in which artneuro shows the stimuli."""
    return torch.randperm(len(subject.environment.train), generator=subject.stream.child("order", epoch).torch())


def torch_optimizer(rearing: Rearing, weights) -> torch.optim.Optimizer:
    """Torch's optimiser, as one writes it."""
    spec = rearing.optimizer
    momentum = {"momentum": spec.momentum} if isinstance(spec, SGD) else {}
    return OPTIMIZERS[type(spec)](weights, lr=spec.lr, **momentum)


def usual_loop(subject: Subject, rearing: Rearing, dataset, testset) -> tuple[dict[str, torch.Tensor], float]:
    """One seed, as it is usually written; the sampler stands in for shuffle=True to force the order."""
    model = subject.model()
    optimizer = torch_optimizer(rearing, model.parameters())
    for epoch in range(rearing.epochs):
        model.train()
        for stimuli, targets in DataLoader(dataset, rearing.batch, sampler=order(subject, epoch).tolist()):
            optimizer.zero_grad()
            F.cross_entropy(model(stimuli), targets).backward()
            optimizer.step()
        model.eval()
        right = 0
        with torch.no_grad():
            for stimuli, targets in DataLoader(testset, 500):
                right += int((model(stimuli).argmax(1) == targets).sum())
    return dict(model.state_dict()), right / len(testset)


def ordinary_arithmetic(subject: Subject, rearing: Rearing) -> dict[str, torch.Tensor]:
    """The ordinary loop on stimuli presented by artneuro, with the threads, format and precision of the rearing."""
    torch.set_num_threads(rearing.threads)
    place, model = subject.environment, subject.model().train()
    channels_last = any(isinstance(module, torch.nn.Conv2d) for module in model.modules())
    layout = torch.channels_last if channels_last else torch.contiguous_format
    model = model.to(memory_format=layout)
    optimizer = torch_optimizer(rearing, model.parameters())
    for epoch in range(rearing.epochs):
        for chosen in order(subject, epoch).split(rearing.batch):
            stimuli = place.present(place.train.images[chosen]).contiguous(memory_format=layout)
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=rearing.precision == "bfloat16"):
                loss = F.cross_entropy(model(stimuli), place.train.targets[chosen])
            loss.backward()
            optimizer.step()
    return dict(model.state_dict())


def difference(some, others) -> float:
    """The largest absolute difference between two sets of weights."""
    return max((tensor - others[name]).abs().max().item() for name, tensor in some.items())


def compare(name: str, subjects: list[Subject], rearing: Rearing, dataset, testset, repeats: int) -> None:
    """Print one line of the table."""
    loops, ours = [], []
    for _ in range(repeats):
        began = time.perf_counter()
        usual = [usual_loop(subject, rearing, dataset, testset) for subject in subjects]
        loops.append(time.perf_counter() - began)
        began = time.perf_counter()
        adults = rear_litter(subjects, rearing)
        ours.append(time.perf_counter() - began)
    apart = max(difference(adult.weights, weights) for adult, (weights, _) in zip(adults, usual, strict=True))
    accuracy = [statistics.mean(right for _, right in usual)]
    accuracy.append(statistics.mean(float(adult.history.test_accuracy[-1]) for adult in adults))
    threads = torch.get_num_threads()
    exact = difference(adults[0].weights, ordinary_arithmetic(subjects[0], rearing))
    torch.set_num_threads(threads)
    ratios = [loop / own for loop, own in zip(loops, ours, strict=True)]
    print(
        f"{name:44s} {statistics.median(loops):9.2f} {statistics.median(ours):9.2f} {statistics.median(ratios):7.1f}"
        f"   {min(ratios):5.1f} - {max(ratios):5.1f}   {accuracy[0]:.3f} {accuracy[1]:.3f}"
        f"   {apart:8.1e}  {exact:8.1e}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-root", type=Path, default=Path(os.environ.get("ARTNEURO_DATA", "data")))
    parser.add_argument("--stimuli", type=int, default=12_000, help="training stimuli of MNIST")
    parser.add_argument("--few", type=int, default=2_000, help="training stimuli of CIFAR-10")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", default="", help="lines whose name contains this")
    given = parser.parse_args()
    sets, transforms = torchvision.datasets, torchvision.transforms

    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads; times in seconds, one epoch and a test")
    print(
        f"{'':44s} {'usual':>9s} {'artneuro':>9s} {'ratio':>7s}   {'of each turn':>13s}   {'accuracy':>11s}   "
        f"{'apart':>8s}  {'exact':>8s}"
    )

    def run(name, place, cls, make, seeds, rearing, train):
        if given.only not in name:
            return
        place = excerpt(place(), train, train // 5)
        pixels = transforms.Compose(
            [transforms.ToTensor(), transforms.Normalize(place.mean.tolist(), place.std.tolist())]
        )
        data = [cls(given.data_root, train=part, transform=pixels) for part in (True, False)]
        parts = [Subset(whole, range(count)) for whole, count in zip(data, (train, train // 5), strict=True)]
        subjects = [Subject.naive(make, place, seed) for seed in range(seeds)]
        compare(name, subjects, rearing, *parts, given.repeats)

    def mnist():
        return environment("mnist", given.data_root)

    def cifar():
        return environment("cifar10", given.data_root)

    momentum = SGD(lr=0.1, momentum=0.9)
    mlp, cnn = anatomy("mlp", widths=(128, 128)), anatomy("tran_cnn")
    once = {"epochs": 1, "optimizer": Adam(lr=2e-4)}
    cifar10 = cifar, sets.CIFAR10, cnn
    run(
        "20 MNIST MLPs 784-128-128-10, batch 128",
        mnist,
        sets.MNIST,
        mlp,
        20,
        Rearing(epochs=1, optimizer=momentum),
        given.stimuli,
    )
    run("1 CIFAR-10 tran_cnn, batch 4", *cifar10, 1, Rearing(**once, batch=4), given.few)
    run("the same in bfloat16", *cifar10, 1, Rearing(**once, batch=4, precision="bfloat16"), given.few)
    run("1 CIFAR-10 tran_cnn, batch 128, 2 threads", *cifar10, 1, Rearing(**once, batch=128, threads=2), given.few)
    run(
        "the same in bfloat16, 2 threads",
        *cifar10,
        1,
        Rearing(**once, batch=128, threads=2, precision="bfloat16"),
        given.few,
    )
    run("4 CIFAR-10 tran_cnns, batch 128", *cifar10, 4, Rearing(**once, batch=128), given.few)


if __name__ == "__main__":
    main()
