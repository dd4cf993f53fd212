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
from artneuro.rearing import events
from artneuro.rearing.engine import Engine
from artneuro.rearing.feed import Feed
from artneuro.rearing.intervention import (
    Clock,
    Halting,
    Holding,
    Instructive,
    Intervention,
    Perceptual,
    Struck,
    Structural,
)
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.life import Life
from artneuro.rearing.memories import acted, of_subject, recall
from artneuro.rearing.modulation import Draws, Modulation
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.stacking import Layout, stack, unstack
from artneuro.rearing.tissue import Body, Tissue
from artneuro.rearing.update import Update
from artneuro.seeds import Stream
from artneuro.subject import Subject, intervention_stream, told

EXAM = 500
"""Stimuli answered at once when a litter is tested."""


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
        trained, self.buffers = stack(weights, upbringing.layout, engine.channels_last)
        self.update = Update(trained, upbringing.rearing.optimizer)
        if first.lived:
            before = Juvenile.at_beginning(first.origin).updates
            self.update.resume([juvenile.state for juvenile in juveniles], first.updates - before)
        self.memories = recall(juveniles, upbringing.interventions, upbringing.body)
        self._structures: list[tuple[int, Structural, tuple[Stream, ...]]] = []
        self._noted: list[tuple[int, events.Whole]] = []
        self._holding = [
            (place, intervention)
            for place, intervention in enumerate(upbringing.interventions)
            if isinstance(intervention, Holding)
        ]
        self._told: tuple[tuple[int, ...], Tensor] = (), self.environment.train.targets.expand(len(juveniles), -1)

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

    def feed(self) -> Feed:
        """Return the batches of the coming epoch."""
        return Feed(
            self.environment,
            self.told(),
            self.streams,
            self.clock,
            self.rearing.batch,
            self.rearing.augmentation,
            self.acting(Perceptual),
            self.engine.channels_last,
        )

    def told(self) -> Tensor:
        """Return the training targets (subject, stimulus) as they are told in the coming epoch."""
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
            self._note(place, structure.begin(self._tissue(place), self.clock, streams))

    def restructure(self) -> None:
        """Let what acts on weights do so, after an update."""
        for place, structure, streams in self._structures:
            self._note(place, structure.restructure(self._tissue(place), self.clock, streams))

    def complete(self, loss: list[float], accuracy: list[float], began: float) -> None:
        """End the epoch: measure and write down.

        Parameters
        ----------
        loss, accuracy : list of float
            Of each subject, means over the epoch's batches as they came.
        began : float
            Monotonic time at which the epoch began, in seconds.
        """
        environment = self.environment
        test_targets = environment.test.targets.expand(len(self.streams), -1)
        test_loss, test_accuracy = self._examine(environment.test, test_targets)
        if self.rearing.evaluate_train:
            after, accuracy = self._examine(environment.train, self.told())
            loss = [here if math.isfinite(along) else along for here, along in zip(after, loss, strict=True)]
        measured = {
            "train_loss": loss,
            "train_accuracy": accuracy,
            "test_loss": test_loss,
            "test_accuracy": test_accuracy,
        }
        growing = sum(life.growing for life in self.lives)
        same = {
            "learning_rate": self.learning_rate,
            "updates": self.updates,
            "wall_time": (time.monotonic() - began) / growing,
        }
        halting: list[Halting] = [intervention for intervention, _ in self.acting(Halting)]
        self.epoch += 1
        noted, self._noted = self._noted, []
        for place, life in enumerate(self.lives):
            if life.growing:
                life.note(events.joined([rows for subject, rows in noted if subject == place]))
                row = {name: along[place] for name, along in measured.items()} | same
                life.complete(row, unstack(self.parameters, self.buffers, self._upbringing.layout, place), halting)

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

    def _note(self, place: int, struck: Iterable[Struck]) -> None:
        """Write down events of the intervention at a place."""
        for subject, units, alive in struck:
            self._noted.append((subject, events.rows(place, self.epoch, self.updates, units.tolist(), alive)))

    def _examine(self, stimuli: Stimuli, targets: Tensor) -> tuple[list[float], list[float]]:
        """Return mean loss and share of right answers (subject,) on stimuli, with targets (subject, stimulus)."""
        draws = self.draws(training=False)
        loss = torch.zeros(len(targets), dtype=torch.float64, device=targets.device)
        right = torch.zeros_like(loss)
        for images, asked in zip(torch.split(stimuli.images, EXAM), torch.split(targets, EXAM, dim=1), strict=True):
            drawn = draws(len(images), self.clock)
            presented = self.environment.present(images)
            exam = self.engine.exam(self.parameters, self.buffers, presented, asked, draws.acting, drawn)
            loss += exam.loss
            right += exam.right
        return (loss / len(stimuli)).tolist(), (right / len(stimuli)).tolist()
