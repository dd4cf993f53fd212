"""How much memory rearing takes, and so how many subjects grow up together."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from artneuro.environment.environment import Environment
from artneuro.study.machine import SHARE, machine_bytes
from artneuro.study.plan import Plan
from artneuro.study.upbringing import Upbringing

PROCESS = 500 * 2**20
"""Resident memory of a process that has imported everything and loaded nothing, in bytes."""
COPIES = 6
"""Copies of the weights that rearing holds: weights, gradients, two moments of the optimiser, and room to compute."""
PAUSED = 3
"""Copies of the weights that a subject holds which goes on after a pause: as it was then, with both moments."""
PASSES = 4
"""Copies of the activity: forward and backward, and room to compute."""
STACKED = 256
"""Subjects of a litter on a CPU, at most: perceptrons of 8 and of 64-64 units took as long each in litters of 64 as in
those of 256 and 1024."""


def weight_bytes(upbringing: Upbringing, environment: Environment) -> int:
    """Return the bytes of one subject's parameters and buffers."""
    weights = upbringing.naive(0, "", environment).weights
    return sum(tensor.numel() * tensor.element_size() for tensor in weights.values())


def least_bytes(upbringing: Upbringing, environment: Environment) -> int:
    """Return bytes that one subject cannot do without while it is reared: weights, gradients, activity of one batch."""
    weights, activity = weight_bytes(upbringing, environment), _activity_bytes(upbringing, environment)
    return 2 * weights + activity * min(upbringing.rearing.batch, len(environment.train))


def subject_bytes(upbringing: Upbringing, environment: Environment, shared: bool) -> int:
    """Return about how many bytes one subject takes while it is reared; an estimate, from sizes alone.

    Parameters
    ----------
    shared : bool
        Whether it shares a beginning with others: then it holds the ages that they track until they part.
    """
    ages = len(upbringing.tracking.rearing.keep) + 1 if shared else len(upbringing.rearing.keep) + 1
    paused = PAUSED if shared or upbringing.tracked else 0
    copies = COPIES + ages + paused
    activity = _activity_bytes(upbringing, environment)
    batch = min(upbringing.rearing.batch, len(environment.train))
    return weight_bytes(upbringing, environment) * copies + activity * batch * PASSES


def _activity_bytes(upbringing: Upbringing, environment: Environment) -> int:
    """Return the bytes of what all layers answer to one stimulus."""
    model = upbringing.naive(0, "", environment).model()
    activity = 0

    def count(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal activity
        activity += output.numel() * output.element_size()

    for module in model.modules():
        if not list(module.children()):
            module.register_forward_hook(count)
    with torch.no_grad():
        model(environment.present(environment.train.images[:1]))
    return activity


def environment_bytes(environment: Environment) -> int:
    """Return the bytes of all stimuli and targets."""
    sets = (environment.train, environment.test)
    return sum(
        tensor.numel() * tensor.element_size() for stimuli in sets for tensor in (stimuli.images, stimuli.targets)
    )


def sharing(plan: Plan) -> set[str]:
    """Return the keys of upbringings that share a beginning with others."""
    return {key for beginning in plan.beginnings for key in beginning.members}


def largest_litters(plan: Plan, workers: int, memory: int | None = None) -> Mapping[str, int]:
    """Return, by upbringing, how many subjects a litter may have.

    All workers together fit the memory of this machine or, where that is given, each fits `memory` bytes of its own.
    Subjects that are not stacked grow up side by side on the threads of a worker, and on a CPU stacked ones gain up to
    some dozens; more would gain nothing, and lose more where a run is killed.
    """
    threads = max(1, torch.get_num_threads() // workers)
    room = SHARE * (memory or machine_bytes(plan.computing.device) / workers)
    room -= sum(map(environment_bytes, plan.environments.values())) + PROCESS
    shared = sharing(plan)
    largest: dict[str, int] = {}
    for planned in plan.animals.values():
        upbringing = planned.upbringing
        if upbringing.key not in largest:
            each = subject_bytes(upbringing, plan.environments[upbringing.environment], upbringing.key in shared)
            stacked = len(plan.animals) if plan.computing.device != "cpu" else min(STACKED, len(plan.animals))
            gaining = threads // upbringing.rearing.threads if upbringing.way == "plain" else stacked
            largest[upbringing.key] = max(1, min(gaining, math.floor(room / each)))
    return largest
