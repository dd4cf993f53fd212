"""How subjects are cut into litters: to fill the workers, and to fit the memory. The cut never changes a result."""

import itertools
import math
from collections.abc import Mapping, Sequence

from artneuro.study.planned import PlannedSubject

Litter = tuple[PlannedSubject, ...]


def cut(subjects: Sequence[PlannedSubject], workers: int, most: Mapping[str, int]) -> list[Litter]:
    """Return subjects as litters: those of one upbringing together, in pieces of about one size.

    Parameters
    ----------
    subjects : sequence of PlannedSubject
        Those that are to be reared.
    workers : int
        How many litters grow up side by side.
    most : mapping of upbringing's key to int
        Largest litter that fits the memory of one worker and gains by growing up together.

    Returns
    -------
    list of tuple of PlannedSubject
        Every subject once, in the given order within an upbringing.
    """
    groups: dict[str, list[PlannedSubject]] = {}
    for subject in subjects:
        groups.setdefault(subject.upbringing.key, []).append(subject)
    pieces = _pieces(len(groups), workers)
    litters: list[Litter] = []
    for key, group in groups.items():
        count = max(min(pieces, len(group)), math.ceil(len(group) / most[key]))
        bounds = [round(place * len(group) / count) for place in range(count + 1)]
        litters += [tuple(group[low:high]) for low, high in itertools.pairwise(bounds)]
    return litters


def _pieces(groups: int, workers: int) -> int:
    """Return the fewest pieces a group with which no worker waits for the last litters of the others.

    Litters are best large, because what is stacked shares its overhead; three groups on two workers are cut in two
    each, four groups on two workers not at all.
    """
    return workers // math.gcd(groups, workers) if groups else 1


def halves(litter: Litter) -> tuple[Litter, Litter]:
    """Return a litter in two, for a second attempt that needs less memory."""
    middle = len(litter) // 2
    return litter[:middle], litter[middle:]
