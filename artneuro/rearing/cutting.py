"""Cutting: subjects into litters, each ready to grow up. How it is done never changes a result, only the time."""

import itertools
import math
from collections.abc import Sequence

from torch import nn

from artneuro.errors import Problem, SpecificationError
from artneuro.rearing.criterion import Criterion
from artneuro.rearing.engine import Engine, Way, way
from artneuro.rearing.intervention import Intervention
from artneuro.rearing.juvenile import Juvenile
from artneuro.rearing.litter import Litter, Upbringing
from artneuro.rearing.modulation import modulations
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.stacking import Layout
from artneuro.rearing.suitability import inapplicable, unanswerable, units_of, unsuitable
from artneuro.rearing.tissue import Body
from artneuro.subject import Subject

SPEED, OVERHEAD = 4e10, 4e-4
"""Multiplications a second of one thread, and seconds that a stacked update costs besides: rough, on any machine."""


def cut(
    juveniles: Sequence[Juvenile],
    rearing: Rearing,
    interventions: tuple[Intervention, ...],
    workers: int,
    until: int | None = None,
) -> list[tuple[Litter, list[int]]]:
    """Return litters and the places of their subjects among those given; they pause after `until` epochs.

    Raises
    ------
    SpecificationError
        Where a subject cannot grow up like this.
    """
    found = [
        Problem("subjects", "subjects that have not diverged", f"{subject.id}, which did in epoch {subject.diverged}")
        for subject in (juvenile.origin for juvenile in juveniles)
        if subject.diverged >= 0
    ]
    if found:
        raise SpecificationError(found)
    groups = _alike(juveniles)
    prepared = [  # all refusals come first
        _prepare(juveniles[group[0]].origin, rearing, interventions) for group in groups
    ]
    litters = []
    for group, (upbringing, model) in zip(groups, prepared, strict=True):
        how = way(model, juveniles[group[0]].origin.environment.device)
        pieces = _pieces([juveniles[place].origin for place in group], rearing, how, workers)
        bounds = [round(piece * len(group) / pieces) for piece in range(pieces + 1)]
        parts = [group[low:high] for low, high in itertools.pairwise(bounds)]
        for part in parts:
            criterion = Criterion(rearing.loss, rearing.label_smoothing)
            engine = Engine(model, how, upbringing.modulations, criterion, rearing.precision)
            litters.append((Litter([juveniles[place] for place in part], upbringing, engine, until), part))
    return litters


def _alike(juveniles: Sequence[Juvenile]) -> list[list[int]]:
    """Return the places of subjects that can be one litter, group by group."""
    groups: list[list[int]] = []
    for place, one in enumerate(juveniles):
        for group in groups:
            other = juveniles[group[0]]
            same_kind = one.origin.anatomy == other.origin.anatomy
            same_place = one.origin.environment is other.origin.environment
            clocks = [(each.origin.age, each.lived, each.updates) for each in (one, other)]
            if same_kind and same_place and clocks[0] == clocks[1]:
                group.append(place)
                break
        else:
            groups.append([place])
    return groups


def _prepare(
    subject: Subject, rearing: Rearing, interventions: tuple[Intervention, ...]
) -> tuple[Upbringing, nn.Module]:
    found = [*unanswerable(rearing, subject), *inapplicable(interventions, rearing, subject)]
    if found:
        raise SpecificationError(found)
    model = subject.model().to(rearing.dtype)
    modulating = modulations(model, subject.anatomy.sites(model), interventions)
    units = units_of(model, modulating, subject)
    found = list(unsuitable(model, rearing, subject))
    if found:
        raise SpecificationError(found)
    body = Body(subject.anatomy, subject.environment, subject.model().to(rearing.dtype))
    return Upbringing(rearing, interventions, Layout.of(model), modulating, units, body), model


def _pieces(subjects: Sequence[Subject], rearing: Rearing, way: Way, workers: int) -> int:
    """Return into how many litters subjects are cut: enough to keep the workers busy, each worth its overhead."""
    if way == "plain":
        return len(subjects)
    if subjects[0].environment.device.type != "cpu":
        return 1
    entries = sum(tensor.numel() for tensor in subjects[0].weights.values())
    seconds = 3 * entries * rearing.batch * len(subjects) / SPEED
    return min(workers, len(subjects), max(1, round(math.sqrt(seconds / OVERHEAD))))
