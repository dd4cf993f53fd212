"""The feed: batches of training stimuli for some subjects, each in its own order, made on the device."""

from collections.abc import Iterator, Sequence
from typing import final

import torch
from torch import Tensor

from artneuro.environment.augmentation import augment
from artneuro.environment.environment import Environment
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
    batch : int
        Stimuli a batch.
    channels_last : bool
        Memory format of each subject's stimuli.
    """

    def __init__(
        self,
        environment: Environment,
        told: Tensor,
        streams: Sequence[Stream],
        epoch: int,
        batch: int,
        augmentation: Augmentation,
        channels_last: bool = False,
    ) -> None:
        self._environment, self._told = environment, told
        device, count = environment.device, len(environment.train)
        orders = [torch.randperm(count, generator=stream.child("order", epoch).torch()) for stream in streams]
        self._orders = torch.stack(orders).to(device)
        self._batch = batch
        self._augmentation = augmentation
        self._generators = [stream.child("augmentation", epoch).torch() for stream in streams]
        self._channels_last = channels_last

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield stimuli (subject, batch, channel, y, x) and targets (subject, batch)."""
        for chosen in torch.split(self._orders, self._batch, dim=1):
            stimuli = self._room(chosen.shape[1])
            for place, index in zip(stimuli.unbind(), chosen.unbind(), strict=True):
                # one subject at a time: what is gathered is still in the cache when it is presented
                self._environment.present(self._environment.train.images.index_select(0, index), out=place)
            dose = self._augmentation
            yield (
                augment(stimuli, translate=dose.translate, flip=dose.flip, generators=self._generators),
                self._told.gather(1, chosen),
            )

    def _room(self, stimuli: int) -> Tensor:
        channels, height, width = self._environment.shape
        subjects, device = len(self._orders), self._environment.device
        if self._channels_last:
            return torch.empty(subjects, stimuli, height, width, channels, device=device).permute(0, 1, 4, 2, 3)
        return torch.empty(subjects, stimuli, channels, height, width, device=device)
