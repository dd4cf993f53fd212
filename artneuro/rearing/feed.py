"""The feed: what some subjects see in an epoch, batch by batch, each in its own order, made on the device."""

from collections.abc import Iterator, Sequence
from typing import Literal, final

import torch
from torch import Tensor

from artneuro.environment.augmentation import augment
from artneuro.environment.environment import Environment
from artneuro.rearing.intervention import Clock, Perceptual
from artneuro.rearing.rearing import Augmentation
from artneuro.seeds import Stream


@final
class Feed:
    """Batches of one epoch: every stimulus once, the last batch with what is left.

    Parameters
    ----------
    environment : Environment
        Its training stimuli are gathered by index and presented batch by batch.
    told : Tensor, shape (subject, stimulus)
        The targets as each subject is told them.
    streams : sequence of Stream
        One a subject; order and augmentation of an epoch come from its own.
    clock : Clock
        As the epoch begins; each batch is one update.
    batch : int
        Stimuli a batch.
    augmentation : Augmentation
        Random shifts and flips.
    perceptual : sequence of (Perceptual, streams)
        Those that act in this epoch, in the order of the arm, each with its streams, one a subject.
    channels_last : bool
        Memory format of each subject's stimuli.
    """

    def __init__(
        self,
        environment: Environment,
        told: Tensor,
        streams: Sequence[Stream],
        clock: Clock,
        batch: int,
        augmentation: Augmentation,
        perceptual: Sequence[tuple[Perceptual, tuple[Stream, ...]]] = (),
        channels_last: bool = False,
    ) -> None:
        self._environment, self._told = environment, told
        device, count = environment.device, len(environment.train)
        orders = [torch.randperm(count, generator=stream.child("order", clock.epoch).torch()) for stream in streams]
        self._orders = torch.stack(orders).to(device)
        self._batch = batch
        self._augmentation, self._perceptual, self._clock = augmentation, tuple(perceptual), clock
        self._generators = [stream.child("augmentation", clock.epoch).torch() for stream in streams]
        self._channels_last = channels_last

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield stimuli (subject, batch, channel, y, x) and targets (subject, batch)."""
        dose = self._augmentation
        for update, chosen in enumerate(torch.split(self._orders, self._batch, dim=1), start=self._clock.step):
            stimuli = self._room(chosen.shape[1])
            for place, index in zip(stimuli.unbind(), chosen.unbind(), strict=True):
                # one subject at a time: what is gathered is still in the cache when it is presented
                self._environment.present(self._environment.train.images.index_select(0, index), out=place)
            clock = Clock(self._clock.epoch, update)
            stimuli = self._perceived("before", stimuli, clock)
            stimuli = augment(stimuli, translate=dose.translate, flip=dose.flip, generators=self._generators)
            yield self._perceived("after", stimuli, clock), self._told.gather(1, chosen)

    def _perceived(self, stage: Literal["before", "after"], stimuli: Tensor, clock: Clock) -> Tensor:
        for perception, streams in self._perceptual:
            if perception.stage() == stage:
                stimuli = perception.perceive(stimuli, clock, streams, self._environment.presentation)
        return stimuli

    def _room(self, stimuli: int) -> Tensor:
        channels, height, width = self._environment.shape
        subjects, device = len(self._orders), self._environment.device
        if self._channels_last:
            return torch.empty(subjects, stimuli, height, width, channels, device=device).permute(0, 1, 4, 2, 3)
        return torch.empty(subjects, stimuli, channels, height, width, device=device)
