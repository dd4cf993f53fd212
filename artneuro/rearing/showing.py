"""Showing a subject the stimuli it grew up with, or those it is tested on."""

from typing import Final, Literal

import torch
from torch import Tensor, nn

from artneuro.anatomy.preparation import Preparation, deal
from artneuro.seeds import Stream
from artneuro.subject import Subject

Part = Literal["train", "test"]
PARTS: Final[tuple[Part, ...]] = ("train", "test")


def shown(subject: Subject, model: nn.Module, part: Part, batch: int, rng: Stream) -> Preparation[Tensor]:
    """Return a whole network, to be shown one set of stimuli, with the targets that the subject was taught.

    Parameters
    ----------
    model : nn.Module
        The network of the subject, or an altered one, channels-last.
    batch : int
        Stimuli at a time.
    rng : Stream
        Randomness of how stimuli are dealt into blocks, which changes sums in their last bits alone.

    Examples
    --------
    >>> import artneuro as an
    >>> from artneuro.anatomy.bench import intact_performance
    >>> subject = an.Subject.naive(an.anatomy("mlp"), an.environment("digits"), seed=0)
    >>> tally = intact_performance(shown(subject, subject.model(), "test", 100, Stream(0)))
    >>> int(tally.shown.sum()) == len(subject.environment.test)
    True
    """
    environment = subject.environment
    stimuli = environment.train if part == "train" else environment.test

    def show(numbers: Tensor) -> Tensor:
        presented = subject.present(stimuli.images[numbers.to(environment.device)])
        return presented.contiguous(memory_format=torch.channels_last)

    return Preparation(
        expose=model,
        show=show,
        blocks=deal(len(stimuli), batch, rng.child("blocks", part)),
        targets=stimuli.targets if part == "test" else subject.learnt_targets(),
        classes=len(environment.classes),
    )
