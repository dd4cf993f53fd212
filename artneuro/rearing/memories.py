"""Memories: what interventions remember of the subjects of a litter, stacked, carried on and handed back."""

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from artneuro.rearing.intervention import Intervention
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.tissue import Body, Memory
from artneuro.subject import intervention_stream


def recall(juveniles: Sequence[Juvenile], interventions: Sequence[Intervention], body: Body) -> list[Memory]:
    """Return what each intervention remembers of a litter, (subject, ...) by name: as it was, or at its beginning."""
    return [
        _stacked([_of_one(juvenile, place, each, body) for juvenile in juveniles])
        for place, each in enumerate(interventions)
    ]


def of_subject(memories: Sequence[Memory], place: int, acted: Sequence[int]) -> dict[int, dict[str, Tensor]]:
    """Return a copy of what is remembered of one subject: place of the intervention -> name -> tensor.

    Parameters
    ----------
    place : int
        Of the subject in the litter.
    acted : sequence of int
        Places of the interventions that have acted. Others remember nothing yet, and whoever goes on from here may
        have others in their places.
    """
    return {
        number: {name: tensor[place].clone() for name, tensor in memories[number].items()}
        for number in acted
        if memories[number]
    }


def acted(interventions: Sequence[Intervention], start: int, epoch: int) -> Iterator[int]:
    """Yield the places of the interventions that have acted between two ages, in epochs.

    Examples
    --------
    >>> import artneuro as an
    >>> list(acted([an.Dropout(rate=0.5, window=an.Window(onset=onset)) for onset in (0, 3, 5)], 0, 4))
    [0, 1]
    """
    for place, intervention in enumerate(interventions):
        first = max(intervention.window.onset, start)
        if first < epoch and intervention.window.holds(first):
            yield place


def _of_one(juvenile: Juvenile, place: int, intervention: Intervention, body: Body) -> Mapping[str, Tensor]:
    if place in juvenile.memory:
        return juvenile.memory[place]
    stream = intervention_stream(juvenile.origin.stream, place, intervention)
    return intervention.memory(body, stream)


def _stacked(memories: Sequence[Mapping[str, Tensor]]) -> Memory:
    return {name: torch.stack([memory[name] for memory in memories]) for name in memories[0]}
