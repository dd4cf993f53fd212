"""The litter: subjects that grow up as one computation, and all that changes while they do.

How subjects are cut into litters never changes a bit of a result: each has its own streams of randomness, and engine
and update compute each as if it were alone.
"""

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, final

import attrs
import torch
from torch import Tensor

from artneuro.environment.environment import Stimuli
from artneuro.rearing.engine import Engine
from artneuro.rearing.feed import Feed
from artneuro.rearing.intervention import Halting, Holding, Instructive, Intervention, Perceptual, Structural
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.life import Life
from artneuro.rearing.memories import acted, of_subject, recall
from artneuro.rearing.modulation import Draws, Modulation
from artneuro.rearing.notes import Notes
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.stacking import Layout, stack, unstack
from artneuro.rearing.timing import Clock
from artneuro.rearing.tissue import Body, Tissue
from artneuro.rearing.update import Update
from artneuro.seeds import Stream
from artneuro.subject import Subject, intervention_stream, told

EXAM = 500
"""Stimuli answered at once when a litter is tested."""

STEADY = 1 << 22
"""Entries of stimuli that a litter keeps as they are presented, where every epoch shows it the same."""


@final
@attrs.frozen
class Upbringing:
    """What subjects that grow up alike have in common.

    Parameters
    ----------
    rearing, interventions
        As declared.
    layout : Layout
        Which weights are trained.
    modulations : tuple of Modulation
        All that may act on activity.
    units : mapping of str to tuple of int
        Module -> shape of its output for one stimulus, for every modulation.
    body : Body
        Anatomy and environment.
    """

    rearing: Rearing
    interventions: tuple[Intervention, ...]
    layout: Layout
    modulations: tuple[Modulation, ...]
    units: Mapping[str, tuple[int, ...]]
    body: Body


@final
class Litter:
    """Subjects of one anatomy, environment and age that grow up as one computation.

    Parameters
    ----------
    juveniles : sequence of Juvenile
        As they are now.
    upbringing : Upbringing
        How they grow up.
    engine : Engine
        Its own: used by no other litter at the same time.
    until : int, optional
        Epochs of this rearing after which it pauses; never, if left out.

    Attributes
    ----------
    epoch, updates : int
        Where the clock stands: complete epochs, and updates of the weights, since birth.
    buffers : dict of str to Tensor, shape (subject, ...)
        Weights that gradients do not train.
    lives : list of Life
        Of each subject, in order. One that has halted or diverged is still computed with, to no effect.
    memories : list of dict of str to Tensor, shape (subject, ...)
        What each intervention remembers.
    """

    def __init__(
        self, juveniles: Sequence[Juvenile], upbringing: Upbringing, engine: Engine, until: int | None = None
    ) -> None:
        first = juveniles[0]
        self.environment = first.origin.environment
        self.engine, self.rearing = engine, upbringing.rearing
        self.start, self._until = first.origin.age, until
        self.epoch, self.updates = self.start + first.lived, first.updates
        self.streams = tuple(juvenile.origin.stream for juvenile in juveniles)
        self.lives = [Life(juvenile, upbringing.rearing, upbringing.interventions) for juvenile in juveniles]
        self._upbringing = upbringing
        weights = [juvenile.weights for juvenile in juveniles]
        trained, self.buffers = stack(weights, upbringing.layout, engine.channels_last, self.rearing.dtype)
        self.update = Update(trained, upbringing.rearing.optimizer)
        if first.lived:
            before = Juvenile.at_beginning(first.origin).updates
            self.update.resume([juvenile.state for juvenile in juveniles], first.updates - before)
        self.memories = recall(juveniles, upbringing.interventions, upbringing.body)
        self._structures: list[tuple[int, Structural, tuple[Stream, ...]]] = []
        self._notes = Notes()
        self._holding = [
            (place, intervention)
            for place, intervention in enumerate(upbringing.interventions)
            if isinstance(intervention, Holding)
        ]
        self._told: tuple[tuple[int, ...], Tensor] = (), self._every(self.environment.train.targets)
        self._steady: tuple[tuple[int, ...], list[tuple[Tensor, Tensor]]] = (), []
        self._spent = 0.0

    @property
    def growing(self) -> bool:
        """Whether any of them has an epoch to come before it pauses."""
        return self.lived != self._until and any(life.growing for life in self.lives)

    @property
    def lived(self) -> int:
        """Epochs of this rearing that are complete."""
        return self.epoch - self.start

    @property
    def body(self) -> Body:
        """What its subjects have in common."""
        return self._upbringing.body

    @property
    def parameters(self) -> dict[str, Tensor]:
        """What gradients train, (subject, ...) by name; changed in place."""
        return self.update.parameters

    @property
    def clock(self) -> Clock:
        """Where rearing stands."""
        return Clock(self.epoch, self.updates)

    @property
    def learning_rate(self) -> float:
        """Learning rate of the coming epoch."""
        return self.rearing.optimizer.lr * self.rearing.schedule.factor(self.lived, self.rearing.epochs)

    def acting(self, role: Any) -> list[tuple[Any, tuple[Stream, ...]]]:
        """Return the interventions of a role that act in the coming epoch, each with its streams, one a subject."""
        return [(intervention, streams) for _, intervention, streams in self._acting(role)]

    def draws(self, training: bool) -> Draws:
        """Return what modulates activity in the coming epoch."""
        acting = [each for each in self._upbringing.modulations if each.acts(self.epoch, training)]
        device = self.environment.device
        return Draws(acting, self._upbringing.units, self.streams, self.epoch, training, device, self.memories)

    @property
    def evaluated(self) -> bool:
        """Whether the subjects are evaluated after the epoch that comes, or is being lived."""
        return (self.lived + 1) % self.rearing.evaluate_every == 0

    def feed(self) -> Iterable[tuple[Tensor, Tensor]]:
        """Return the batches of the coming epoch."""
        told = self.told()
        feed = Feed(
            self.environment,
            told,
            self.streams,
            self.clock,
            self.rearing.batch,
            self.rearing.augmentation,
            self.acting(Perceptual),
            self.engine.channels_last,
            self.rearing.dtype,
        )
        if not feed.steady or self.environment.train.images.numel() * len(self.streams) > STEADY:
            return feed
        if self._told[0] != self._steady[0] or not self._steady[1]:
            self._steady = self._told[0], list(feed)
        return self._steady[1]

    def told(self) -> Tensor:
        """Return the training targets (subject, stimulus, ...) as they are told in the coming epoch."""
        interventions = self._upbringing.interventions
        acting = tuple(
            place
            for place, intervention in enumerate(interventions)
            if isinstance(intervention, Instructive) and intervention.window.holds(self.epoch)
        )
        if acting != self._told[0]:
            targets = [told(stream, interventions, self.environment, self.epoch) for stream in self.streams]
            self._told = acting, torch.stack(targets)
        return self._told[1]

    def learn(self, gradients: Mapping[str, Tensor], buffers: dict[str, Tensor], rate: float) -> None:
        """Update the weights once, all but what interventions hold."""
        held = [
            (name, mask, [tensor.clone() for tensor in self._entries(name)])
            for place, intervention in self._holding
            for name, mask in intervention.holds(self._tissue(place), self.clock).items()
        ]
        self.update.step(gradients, rate)
        self.buffers = buffers
        self.updates += 1
        for name, mask, before in held:
            for tensor, was in zip(self._entries(name), before, strict=True):
                tensor.copy_(was if mask is None else torch.where(mask, was, tensor))

    def begin(self) -> None:
        """Begin the epoch: let what acts on weights in it begin."""
        self._structures = list(self._acting(Structural))
        for place, structure, streams in self._structures:
            self._notes.take(place, structure.begin(self._tissue(place), self.clock, streams), self.clock)

    def restructure(self) -> None:
        """Let what acts on weights do so, after an update."""
        for place, structure, streams in self._structures:
            self._notes.take(place, structure.restructure(self._tissue(place), self.clock, streams), self.clock)

    def complete(self, along: Mapping[str, list[float]], began: float) -> None:
        """End the epoch: measure and write down, where it is time to.

        Parameters
        ----------
        along : mapping of str to list of float
            Loss and accuracy of each subject, means over the epoch's batches as they came; they are asked for in epochs
            that are evaluated.
        began : float
            Monotonic time at which the epoch began, in seconds.
        """
        alive = [place for place, life in enumerate(self.lives) if life.growing]
        for place, befallen, swaps in self._notes.given_to(alive):
            self.lives[place].note(befallen, swaps)
        if self.evaluated:
            measured = self._measured(along)
            self._spent += time.monotonic() - began
            same = {
                "learning_rate": self.learning_rate,
                "updates": self.updates,
                "wall_time": self._spent / len(alive),
            }
            halting: list[Halting] = [intervention for intervention, _ in self.acting(Halting)]
            for place in alive:
                row = {name: values[place] for name, values in measured.items()} | same
                self.lives[place].complete(row, self._weights(place), halting)
            self._spent = 0.0
        else:
            for place in alive:
                self.lives[place].live()
            self._spent += time.monotonic() - began
        self.epoch += 1
        if self.lived == self._until and self.lived % self.rearing.evaluate_every:
            for place in alive:
                self.lives[place].pause(self._weights(place))

    def adults(self) -> list[Subject]:
        """Return the subjects as they have become."""
        interventions, body = self._upbringing.interventions, self._upbringing.body
        befallen = {
            place: each.acts_upon(body) for place, each in enumerate(interventions) if isinstance(each, Structural)
        }
        sites = {place: site for place, site in befallen.items() if site is not None}
        return [life.adult(self.engine.way, sites) for life in self.lives]

    def juveniles(self) -> list[Juvenile]:
        """Return the subjects as they are, ready to go on."""
        begun = list(acted(self._upbringing.interventions, self.start, self.epoch))
        return [
            life.juvenile(
                self.lived, self.updates, self.update.state_of(place), of_subject(self.memories, place, begun)
            )
            for place, life in enumerate(self.lives)
        ]

    def _measured(self, along: Mapping[str, list[float]]) -> dict[str, list[float]]:
        """Return what is measured after an epoch, by name."""
        train = dict(along)
        if self.rearing.evaluate_train:
            after = self._examine(self.environment.train, self.told())
            # a loss that was not finite on the way tells of divergence, whatever comes after
            pairs = zip(after["loss"], along["loss"], strict=True)
            train = after | {"loss": [here if math.isfinite(before) else before for here, before in pairs]}
        test = self._examine(self.environment.test, self._every(self.environment.test.targets))
        parts = {"train": train, "test": test}
        return {f"{part}_{name}": values for part, measured in parts.items() for name, values in measured.items()}

    def _every(self, targets: Tensor) -> Tensor:
        """Return targets as every subject has them, (subject, stimulus, ...)."""
        targets = targets.to(self.rearing.dtype) if targets.is_floating_point() else targets
        return targets.expand(len(self.streams), *targets.shape)

    def _weights(self, place: int) -> dict[str, Tensor]:
        """Return a copy of the weights of a subject."""
        return unstack(self.parameters, self.buffers, self._upbringing.layout, place)

    def _acting(self, role: Any) -> Iterator[tuple[int, Any, tuple[Stream, ...]]]:
        for place, intervention in enumerate(self._upbringing.interventions):
            if isinstance(intervention, role) and intervention.window.holds(self.epoch):
                streams = tuple(intervention_stream(stream, place, intervention) for stream in self.streams)
                yield place, intervention, streams

    def _tissue(self, place: int) -> Tissue:
        """Return what the intervention at a place may change."""
        body, memory = self._upbringing.body, self.memories[place]
        return Tissue(body, self.parameters, self.buffers, self.update.state, memory)

    def _entries(self, name: str) -> list[Tensor]:
        """Return a parameter and what the optimiser keeps of it, or a buffer."""
        if name in self.parameters:
            return [self.parameters[name], *self.update.state[name].values()]
        return [self.buffers[name]]

    def _examine(self, stimuli: Stimuli, targets: Tensor) -> dict[str, list[float]]:
        """Return mean loss and, of classes, accuracy of each subject on stimuli, with targets (subject, stimulus)."""
        draws = self.draws(training=False)
        loss = torch.zeros(len(targets), dtype=torch.float64, device=targets.device)
        right = torch.zeros_like(loss)
        for images, asked in zip(torch.split(stimuli.images, EXAM), torch.split(targets, EXAM, dim=1), strict=True):
            drawn = draws(len(images), self.clock)
            presented = self.environment.present(images, dtype=self.rearing.dtype)
            exam = self.engine.exam(self.parameters, self.buffers, presented, asked, draws.acting, drawn)
            loss += exam.loss
            if exam.right is not None:
                right += exam.right
        means = {"loss": loss, "accuracy": right} if self.environment.classes else {"loss": loss}
        return {name: (total / len(stimuli)).tolist() for name, total in means.items()}
