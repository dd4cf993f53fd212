"""Cutting: subjects into litters, each ready to grow up. How it is done never changes a result, only the time."""

import itertools
import math
from collections.abc import Sequence

from torch import nn

from artneuro.errors import Problem, SpecificationError
from artneuro.rearing.engine import Engine, Way, way
from artneuro.rearing.intervention import Intervention
from artneuro.rearing.litter import Litter, Upbringing, updates_of
from artneuro.rearing.modulation import modulations
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.stacking import Layout
from artneuro.rearing.suitability import inapplicable, units_of, unsuitable
from artneuro.subject import Subject

SPEED, OVERHEAD = 4e10, 4e-4
"""Multiplications a second of one thread, and seconds that a stacked update costs besides: rough, on any machine."""


def cut(
    subjects: Sequence[Subject], rearing: Rearing, interventions: tuple[Intervention, ...], workers: int
) -> list[tuple[Litter, list[int]]]:
    """Return litters and the places of their subjects among those given.

    Raises
    ------
    SpecificationError
        Where a subject cannot grow up like this.
    """
    found = [
        Problem("subjects", "subjects that have not diverged", f"{subject.id}, which did in epoch {subject.diverged}")
        for subject in subjects
        if subject.diverged >= 0
    ]
    if found:
        raise SpecificationError(found)
    groups = _alike(subjects)
    prepared = [_prepare(subjects[group[0]], rearing, interventions) for group in groups]  # all refusals come first
    litters = []
    for group, (upbringing, model) in zip(groups, prepared, strict=True):
        how = way(model, subjects[group[0]].environment.device)
        pieces = _pieces([subjects[place] for place in group], rearing, how, workers)
        bounds = [round(piece * len(group) / pieces) for piece in range(pieces + 1)]
        parts = [group[low:high] for low, high in itertools.pairwise(bounds)]
        for part in parts:
            engine = Engine(model, how, upbringing.modulations, rearing.label_smoothing, rearing.precision)
            litters.append((Litter([subjects[place] for place in part], upbringing, engine), part))
    return litters


def _alike(subjects: Sequence[Subject]) -> list[list[int]]:
    """Return the places of subjects that can be one litter, group by group."""
    groups: list[list[int]] = []
    for place, subject in enumerate(subjects):
        for group in groups:
            other = subjects[group[0]]
            alike = subject.anatomy == other.anatomy and subject.environment is other.environment
            if alike and (subject.age, updates_of(subject)) == (other.age, updates_of(other)):
                group.append(place)
                break
        else:
            groups.append([place])
    return groups


def _prepare(
    subject: Subject, rearing: Rearing, interventions: tuple[Intervention, ...]
) -> tuple[Upbringing, nn.Module]:
    found = list(inapplicable(interventions, rearing, subject))
    if found:
        raise SpecificationError(found)
    model = subject.model()
    modulating = modulations(model, subject.anatomy.sites(model), interventions)
    units = units_of(model, modulating, subject)
    found = list(unsuitable(model, rearing, subject))
    if found:
        raise SpecificationError(found)
    return Upbringing(rearing, interventions, Layout.of(model), modulating, units), model


def _pieces(subjects: Sequence[Subject], rearing: Rearing, way: Way, workers: int) -> int:
    """Return into how many litters subjects are cut: enough to keep the workers busy, each worth its overhead."""
    if way == "plain":
        return len(subjects)
    if subjects[0].environment.device.type != "cpu":
        return 1
    entries = sum(tensor.numel() for tensor in subjects[0].weights.values())
    seconds = 3 * entries * rearing.batch * len(subjects) / SPEED
    return min(workers, len(subjects), max(1, round(math.sqrt(seconds / OVERHEAD))))
