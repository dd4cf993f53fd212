"""The feed: what some subjects see in an epoch, batch by batch, each in its own order, made on the device."""

from collections.abc import Iterator, Sequence
from typing import Literal, final

import torch
from torch import Tensor

from artneuro.environment.augmentation import augment
from artneuro.environment.environment import Environment
from artneuro.rearing.intervention import Perceptual
from artneuro.rearing.rearing import Augmentation
from artneuro.rearing.timing import Clock
from artneuro.seeds import Stream


@final
class Feed:
    """Batches of one epoch: every stimulus once, the last batch with what is left.

    Their order is new in each epoch, but where one batch holds them all.

    Parameters
    ----------
    environment : Environment
        Its training stimuli are gathered by index and presented batch by batch.
    told : Tensor, shape (subject, stimulus) or (subject, stimulus, value)
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
    dtype : torch.dtype
        Their precision.
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
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self._environment, self._told = environment, told
        self._streams, self._batch = streams, batch
        self._augmentation, self._perceptual, self._clock = augmentation, tuple(perceptual), clock
        self._channels_last, self._dtype = channels_last, dtype

    @property
    def steady(self) -> bool:
        """Whether every epoch is one and the same batch, as long as the targets stay."""
        alike = not self._perceptual and not self._augmentation.flip and not self._augmentation.translate
        return alike and self._batch >= len(self._environment.train)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield stimuli (subject, batch, channel, y, x) and targets (subject, batch)."""
        dose = self._augmentation
        generators = [stream.child("augmentation", self._clock.epoch).torch() for stream in self._streams]
        for update, chosen in enumerate(torch.split(self._orders(), self._batch, dim=1), start=self._clock.step):
            stimuli = self._room(chosen.shape[1])
            for place, index in zip(stimuli.unbind(), chosen.unbind(), strict=True):
                # one subject at a time: what is gathered is still in the cache when it is presented
                self._environment.present(self._environment.train.images.index_select(0, index), out=place)
            clock = Clock(self._clock.epoch, update)
            stimuli = self._perceived("before", stimuli, clock)
            stimuli = augment(stimuli, translate=dose.translate, flip=dose.flip, generators=generators)
            told = torch.stack([own[index] for own, index in zip(self._told, chosen, strict=True)])
            yield self._perceived("after", stimuli, clock), told

    def _orders(self) -> Tensor:
        """Return the numbers of the stimuli in order, (subject, stimulus)."""
        count, device = len(self._environment.train), self._environment.device
        if self._batch >= count:
            return torch.arange(count, device=device).expand(len(self._streams), -1)
        epoch = self._clock.epoch
        orders = [torch.randperm(count, generator=each.child("order", epoch).torch()) for each in self._streams]
        return torch.stack(orders).to(device)

    def _perceived(self, stage: Literal["before", "after"], stimuli: Tensor, clock: Clock) -> Tensor:
        for perception, streams in self._perceptual:
            if perception.stage() == stage:
                stimuli = perception.perceive(stimuli, clock, streams, self._environment.presentation)
        return stimuli

    def _room(self, stimuli: int) -> Tensor:
        channels, height, width = self._environment.shape
        subjects, device = len(self._streams), self._environment.device
        if self._channels_last:
            shape = subjects, stimuli, height, width, channels
            return torch.empty(shape, device=device, dtype=self._dtype).permute(0, 1, 4, 2, 3)
        return torch.empty(subjects, stimuli, channels, height, width, device=device, dtype=self._dtype)
