"""One-choice mazes for recurrent networks. Achterberg et al. 2023, Nature Machine Intelligence 5."""

from pathlib import Path
from typing import final

import torch

from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.environment.formula import computed, stimuli_of
from artneuro.fields import define_spec, ge, param
from artneuro.registry import register
from artneuro.seeds import Stream

STEPS = {"up": (0, 1), "right": (1, 0), "down": (0, -1), "left": (-1, 0)}
"""The four responses, and where each leads."""

_NAMES = tuple(STEPS)


@final
@register("mazes")
@define_spec
class Mazes(EnvironmentSource):
    """Remember where the goal is, then choose the step that leads towards it.

    A trial has three stages. A goal is shown, in one of four corners around the start; then nothing is; then two steps
    are offered, of which one leads towards the goal. The class is that step: up, right, down or left. Two steps lead
    towards a corner, and the two opposite ones away from it; a trial offers one of each, on different axes, so there
    are 8 mazes: 4 goals, 2 choices each. A stimulus is time by inputs, (1, time, 8): inputs 0 to 3 are the
    goals, 4 to 7 the steps offered.

    The published demonstration has 8 mazes of one choice, 8 inputs, 20 steps of goal, 10 of delay and 20 of choice, and
    4 responses. How it writes goals and choices into the inputs is built here from that description; without noise
    there are no more than 8 different trials, so Gaussian noise of `noise` is part of the stimuli, and no two are the
    same. Quantities: ``goal_x`` and ``goal_y``, -1 or 1.

    Examples
    --------
    >>> place = Mazes(train_size=16, test_size=8).load()
    >>> place.shape, place.classes, place.train.targets.bincount().tolist()
    ((1, 50, 8), ('up', 'right', 'down', 'left'), [4, 4, 4, 4])
    """

    goal: int = param(20, units="step", doc="how long the goal is shown", check=ge(1))
    delay: int = param(10, units="step", doc="how long nothing is", check=ge(0))
    choice: int = param(20, units="step", doc="how long the steps are offered", check=ge(1))
    noise: float = param(0.05, doc="standard deviation of what is added to every input at every step", check=ge(0))
    train_size: int = param(5120, doc="trials to learn from", check=ge(8))
    test_size: int = param(2560, doc="trials to be tested on", check=ge(8))
    seed: int = param(0, doc="seed of the noise and the order of mazes")

    def load(self, data_root: Path | str | None = None, device: torch.device | str = "cpu") -> Environment:
        """Compute the stimuli; nothing is read."""
        sizes = [self.train_size, self.test_size]
        stream, mazes = Stream(self.seed), _mazes()
        chosen = []
        for name, size in zip(("train", "test"), sizes, strict=True):
            order = torch.randperm(size, generator=stream.child("order", name).torch())
            chosen.append((torch.arange(size) % len(mazes))[order])
        which = torch.cat(chosen)
        shown = torch.zeros(len(mazes), self.goal + self.delay + self.choice, 8)
        for place, (goal, right, wrong) in enumerate(mazes):
            shown[place, : self.goal, _corners().index(goal)] = 1.0
            for step in (right, wrong):
                shown[place, self.goal + self.delay :, 4 + _NAMES.index(step)] = 1.0
        images = shown[which]
        images += self.noise * torch.randn(images.shape, generator=stream.child("noise").torch())
        targets = torch.tensor([_NAMES.index(right) for _, right, _ in mazes])[which]
        goals = torch.tensor([goal for goal, _, _ in mazes])[which]
        whole = stimuli_of(images[:, None], targets, {"goal_x": goals[:, 0], "goal_y": goals[:, 1]})
        order = torch.arange(len(which))
        train, test = order[: self.train_size], order[self.train_size :]
        return computed(self, whole, train, test, classes=_NAMES, device=device)


def _corners() -> list[tuple[int, int]]:
    return [(x, y) for x in (-1, 1) for y in (-1, 1)]


def _mazes() -> list[tuple[tuple[int, int], str, str]]:
    """Return the mazes: where the goal is, the step that leads there, and the one that leads away."""
    found = []
    for goal in _corners():
        for axis in (0, 1):
            right = next(name for name, step in STEPS.items() if step[axis] == goal[axis])
            wrong = next(name for name, step in STEPS.items() if step[1 - axis] == -goal[1 - axis])
            found.append((goal, right, wrong))
    return found
