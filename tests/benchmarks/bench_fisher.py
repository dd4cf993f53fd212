"""What does a Fisher trace cost, against BackPACK, a loop over stimuli, `vmap(grad)` and an ordinary backward pass?

    pip install -c constraints.txt -e ".[bench]"
    ARTNEURO_DATA=... python tests/benchmarks/bench_fisher.py

`all_cnn` on CIFAR-10 at several ages, one thread. Times are of the processor (`process_time`), so that
other work on the machine counts less, and every side takes turns; figures are medians. What is common to all: one label
a stimulus, drawn from the model's own distribution, blocks of 32 stimuli, batch norm frozen. The peers are given the
labels that `fisher_trace(estimator="sampled")` draws, so that all sides have to give one number: `apart` is the largest
relative difference of a layer's trace. The ordinary backward pass is forward and backward of the mean cross-entropy in
the same blocks, as one writes it, and in channels-last.

`equal error` is the ratio of times at which both sides reach the same standard error of drawing: that of `sampled`
for the peers, that of the default estimator for artneuro, both measured with `--draws` draws on `--few` stimuli.

Memory is the peak of the resident set of a process of its own that does nothing else, less that of one which only
imports torch and makes the network; `materialised` is that of all per-sample gradients held at once, four bytes a
weight and stimulus.
"""

import argparse
import copy
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch.func import functional_call, grad, vmap
from torch.nn import functional as F

import artneuro as an
from artneuro.measures.directions import drawn_for, sampled_labels
from artneuro.measures.fisher import fisher_trace

BLOCK = 32


def labels_of(model, stimuli, seed=0) -> torch.Tensor:
    """The labels that `fisher_trace(estimator="sampled")` draws with a generator of this seed."""
    uniform = drawn_for("sampled", 1, len(stimuli), 10, torch.Generator().manual_seed(seed))[0]
    with torch.no_grad():
        logits = torch.cat([model(block) for block in stimuli.split(BLOCK)])
    return sampled_labels(logits, uniform)


def by_layer(model, squares: dict[str, torch.Tensor]) -> torch.Tensor:
    """Sums of squares of parameters, by the layer they belong to."""
    found: dict[str, torch.Tensor] = {}
    for name, _ in model.named_parameters():
        owner = name.rpartition(".")[0]
        found[owner] = found.get(owner, 0) + squares[name]
    return torch.stack(list(found.values()))


def ours(model, stimuli, labels, estimator="sampled"):
    """artneuro; draws the same labels by itself."""
    return fisher_trace(model, stimuli, estimator=estimator, generator=torch.Generator().manual_seed(0)).value


def default(model, stimuli, labels):
    """artneuro as a user calls it."""
    return ours(model, stimuli, labels, "weighted")


def ordinary(model, stimuli, labels):
    """One backward pass, as in training; no trace."""
    model.zero_grad()
    for block, targets in zip(stimuli.split(BLOCK), labels.split(BLOCK), strict=True):
        F.cross_entropy(model(block), targets).backward()


def channels_last(model, stimuli, labels):
    """The same in the memory format that suits convolutions on a CPU."""
    ordinary(model, stimuli.contiguous(memory_format=torch.channels_last), labels)


def loop(model, stimuli, labels):
    """A backward pass for each stimulus."""
    squares = {name: 0.0 for name, _ in model.named_parameters()}
    for stimulus, label in zip(stimuli, labels, strict=True):
        loss = F.cross_entropy(model(stimulus[None]), label[None])
        for name, one in zip(squares, torch.autograd.grad(loss, list(model.parameters())), strict=True):
            squares[name] = squares[name] + one.square().sum()
    return by_layer(model, squares) / len(stimuli)


def vmapped(model, stimuli, labels):
    """Per-sample gradients of a block at once, by `torch.func`."""
    weights = {name: weight.detach() for name, weight in model.named_parameters()}

    def loss(weights, stimulus, label):
        return F.cross_entropy(functional_call(model, weights, (stimulus[None],)), label[None])

    squares = dict.fromkeys(weights, 0.0)
    for block, targets in zip(stimuli.split(BLOCK), labels.split(BLOCK), strict=True):
        for name, one in vmap(grad(loss), in_dims=(None, 0, 0))(weights, block, targets).items():
            squares[name] = squares[name] + one.square().sum()
    return by_layer(model, squares) / len(stimuli)


def backpack(kind: str) -> Callable:
    """BackPACK's per-sample gradients, or their squared norms."""

    def trace(model, stimuli, labels):
        import backpack
        from backpack import extensions

        extended = backpack.extend(copy.deepcopy(model))  # it leaves hooks behind
        loss_of = backpack.extend(torch.nn.CrossEntropyLoss(reduction="sum"))
        squares = {name: 0.0 for name, _ in model.named_parameters()}
        for block, targets in zip(stimuli.split(BLOCK), labels.split(BLOCK), strict=True):
            with backpack.backpack(getattr(extensions, kind)()):
                loss_of(extended(block), targets).backward()
            for name, weight in extended.named_parameters():
                found = weight.grad_batch.square() if kind == "BatchGrad" else weight.batch_l2
                squares[name] = squares[name] + found.sum()
                for left in ("grad_batch", "batch_l2"):
                    if left in weight.__dict__:
                        delattr(weight, left)
                weight.grad = None
        return by_layer(model, squares) / len(stimuli)

    return trace


SIDES = {
    "artneuro, sampled": ours,
    "artneuro, default": default,
    "ordinary backward": ordinary,
    "ordinary, channels-last": channels_last,
    "BackPACK BatchGrad": backpack("BatchGrad"),
    "BackPACK BatchL2Grad": backpack("BatchL2Grad"),
    "loop over stimuli": loop,
    "vmap(grad)": vmapped,
}


def network(name: str, width: float) -> torch.nn.Module:
    """An untrained network, in evaluation mode."""
    torch.manual_seed(0)
    made = an.anatomy(name, width=width) if name == "all_cnn" else an.anatomy(name)
    return made.build((3, 32, 32), 10).eval()


def noise(model, stimuli, draws: int) -> dict[str, float]:
    """Relative standard deviation of one draw, for the peers' estimator and for artneuro's."""
    found = {}
    for estimator in ("sampled", "weighted"):
        trace = fisher_trace(
            model, stimuli, estimator=estimator, draws=draws, generator=torch.Generator().manual_seed(1)
        )
        found[estimator] = trace.total_draw_error * draws**0.5 / trace.total
    return found


def compare(name: str, model, stimuli, turns: int, few: int, draws: int, only: list[str]) -> None:
    """Print the table of one network."""
    labels = labels_of(model, stimuli)
    spread = noise(model, stimuli[:few], draws)
    seconds: dict[str, list[float]] = {side: [] for side in only}
    values = {}
    refused: dict[str, str] = {}
    for _ in range(turns):
        for side in only:
            if side in refused:
                continue
            began = time.process_time()
            try:
                values[side] = SIDES[side](model, stimuli, labels)
            except (
                RuntimeError,
                NotImplementedError,
                AttributeError,
            ) as error:  # what peers answer what they cannot do
                if "artneuro" in side:
                    raise
                refused[side] = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:90]}"
                continue
            seconds[side].append(time.process_time() - began)
    medians = {side: statistics.median(spent) for side, spent in seconds.items() if spent}
    own, one = medians["artneuro, default"], medians.get("artneuro, sampled", medians["artneuro, default"])
    gain = (spread["sampled"] / spread["weighted"]) ** 2
    noises = ", ".join(f"{estimator} {deviation:.4f}" for estimator, deviation in spread.items())
    print(f"\n{name}: {len(stimuli)} stimuli; relative s.d. of a draw, on {few}: {noises}")
    print(f"{'':26s} {'seconds':>8s} {'/ ours':>7s} {'equal error':>12s}   apart")
    for side, spent in medians.items():
        apart = ""
        if values[side] is not None and side not in ("artneuro, default", "artneuro, sampled"):
            apart = f"{float((values[side] / values['artneuro, sampled'] - 1).abs().max()):.0e}"
        equal = f"{spent / own * gain:12.1f}" if apart else " " * 12
        print(f"{side:26s} {spent:8.2f} {spent / one:7.2f} {equal}   {apart}", flush=True)
    for side, reason in refused.items():
        print(f"{side:26s} {reason}", flush=True)


def peak(side: str, anatomy: str, width: float, count: int) -> float:
    """Peak of the resident set of a process that does one thing, in MB."""
    command = [sys.executable, __file__, "--alone", side, "--anatomy", anatomy, "--width", str(width)]
    done = subprocess.run([*command, "--stimuli", str(count)], capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else float("nan")


def alone(side: str, anatomy: str, width: float, count: int) -> None:
    """Do one thing, on noise in place of images, and print the peak of memory in MB."""
    model, stimuli = network(anatomy, width), torch.randn(count, 3, 32, 32)
    if side != "nothing":
        SIDES[side](model, stimuli, torch.arange(count) % 10)
    # of this program alone: what `resource` tells includes what the process was before it
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) / 1024)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-root", type=Path, default=Path(os.environ.get("ARTNEURO_DATA", "data")))
    parser.add_argument("--stimuli", type=int, default=512)
    parser.add_argument("--width", type=float, default=1.0, help="of all_cnn")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--few", type=int, default=64, help="stimuli that the noise of a draw is measured on")
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--only", default="", help="sides whose name contains this, besides artneuro's")
    parser.add_argument("--ages", default="0,2,10", help="epochs after which all_cnn is measured")
    parser.add_argument("--resnet", action=argparse.BooleanOptionalAction, default=True, help="also resnet18")
    parser.add_argument("--memory", action="store_true", help="measure memory alone")
    parser.add_argument("--anatomy", default="all_cnn", help=argparse.SUPPRESS)
    parser.add_argument("--alone", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.alone:
        alone(given.alone, given.anatomy, given.width, given.stimuli)
        return
    sides = [side for side in SIDES if "artneuro" in side or given.only in side]
    if not given.memory:
        times(given, sides)
    print(f"\npeak memory, {given.stimuli} stimuli, MB")
    model = network("all_cnn", given.width)
    materialised = sum(weight.numel() for weight in model.parameters()) * 4 * given.stimuli / 2**20
    print(f"{'materialised':26s} {materialised:8.0f}")
    base = peak("nothing", "all_cnn", given.width, given.stimuli)
    for side in sides:
        print(f"{side:26s} {peak(side, 'all_cnn', given.width, given.stimuli) - base:8.0f}", flush=True)


def times(given: argparse.Namespace, sides: list[str]) -> None:
    """Print what takes how long."""
    cifar = an.environment("cifar10", given.data_root, train_size=512, test_size=100)
    stimuli = cifar.present(cifar.train.images[: given.stimuli])
    print(f"torch {torch.__version__}, one thread; all_cnn of width {given.width}")
    ages = sorted(int(age) for age in given.ages.split(","))
    naive = an.Subject.naive(an.anatomy("all_cnn", width=given.width), cifar, seed=0)
    way = an.Rearing(epochs=max(*ages, 1), batch=16, optimizer={"sgd": {"lr": 0.05, "momentum": 0.9}}, keep=tuple(ages))
    reared = an.rear(naive, cifar, way)
    for age in ages:
        learnt = float(reared.history.train_accuracy.sel(epoch=age))
        name = f"after {age} epochs, training accuracy {learnt:.2f}"
        compare(name, reared.at(age).model(), stimuli, given.turns, given.few, given.draws, sides)
    if given.resnet:
        few = stimuli[: max(2, given.stimuli // 8)]
        chosen = [side for side in SIDES if side not in ("ordinary, channels-last", "vmap(grad)")]
        compare("resnet18", network("resnet18", 1.0), few, 1, min(given.few, 8), given.draws, chosen)


if __name__ == "__main__":
    main()
