"""How subjects are cut into litters: to fill the workers, to fit the memory, and to live shared beginnings once.

The cut never changes a result.
"""

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import final

import attrs

from artneuro.study.planned import PlannedBeginning, PlannedSubject

Litter = tuple[PlannedSubject, ...]


@final
@attrs.frozen
class Growth:
    """Subjects that grow up together, from one parting to the next or to the end.

    Parameters
    ----------
    litter : tuple of PlannedSubject
        Whom; up to a parting, for each seed one of those that share the beginning.
    before : PlannedBeginning or None
        The beginning that they go on from, if it has been lived; None from birth.
    until : PlannedBeginning or None
        The beginning at whose end they pause; None where they grow up.
    then : tuple of Growth
        What goes on from there.
    """

    litter: Litter
    before: PlannedBeginning | None = None
    until: PlannedBeginning | None = None
    then: tuple["Growth", ...] = ()

    @property
    def epochs(self) -> int:
        """Epochs that each of them lives meanwhile."""
        start = self.before.until if self.before else 0
        return (self.until.until if self.until else self.litter[0].upbringing.rearing.epochs) - start

    def walk(self) -> Iterator["Growth"]:
        """Yield this and all that goes on from it."""
        yield self
        for growth in self.then:
            yield from growth.walk()

    def only(self, seeds: Collection[int]) -> "Growth":
        """Return the growth of the subjects of some seeds alone."""
        litter = tuple(planned for planned in self.litter if planned.seed in seeds)
        then = tuple(growth.only(seeds) for growth in self.then if any(each.seed in seeds for each in growth.litter))
        return attrs.evolve(self, litter=litter, then=then)

    def halves(self) -> tuple["Growth", "Growth"]:
        """Return the growth in two, for a second attempt that needs less memory."""
        seeds = [planned.seed for planned in self.litter]
        middle = len(seeds) // 2
        return self.only(seeds[:middle]), self.only(seeds[middle:])


def cut(
    subjects: Sequence[PlannedSubject],
    beginnings: Sequence[PlannedBeginning],
    workers: int,
    most: Mapping[str, int],
) -> list[Growth]:
    """Return how subjects grow up: what they share once, those of one upbringing together, in pieces of about one size.

    Parameters
    ----------
    subjects : sequence of PlannedSubject
        Those that are to be reared.
    beginnings : sequence of PlannedBeginning
        What they may share.
    workers : int
        How many litters grow up side by side.
    most : mapping of upbringing's key to int
        Largest litter that fits the memory of one worker and gains by growing up together.

    Returns
    -------
    list of Growth
        Every subject once, in the given order within an upbringing.
    """
    groups: dict[str, list[PlannedSubject]] = {}
    for subject in subjects:
        groups.setdefault(subject.upbringing.key, []).append(subject)
    shared = {key for beginning in beginnings for key in beginning.members}
    roots = [beginning for beginning in beginnings if any(key in groups for key in beginning.members)]
    alone = [key for key in groups if key not in shared]
    pieces = _pieces(len(roots) + len(alone), workers)
    growths: list[Growth] = []
    for root in roots:
        whole = _growing(root, None, groups)
        growths += map(whole.only, _cut(whole.litter, pieces, min(most[key] for key in root.members if key in groups)))
    for key in alone:
        litter = tuple(groups[key])
        growths += map(Growth(litter).only, _cut(litter, pieces, most[key]))
    return growths


def _growing(
    beginning: PlannedBeginning, before: PlannedBeginning | None, groups: Mapping[str, Sequence[PlannedSubject]]
) -> Growth:
    """Return how those that share a beginning grow up; one alone need not pause at its end."""
    branched = {key for branch in beginning.branches for key in branch.members}
    then = [_growing(branch, beginning, groups) for branch in beginning.branches if groups.keys() & {*branch.members}]
    then += [
        Growth(tuple(groups[key]), beginning) for key in beginning.members if key in groups and key not in branched
    ]
    if len(then) == 1 and then[0].until is None:
        return then[0]
    first = {planned.seed: planned for growth in then for planned in growth.litter}
    return Growth(tuple(first[seed] for seed in sorted(first)), before, beginning, tuple(then))


def _cut(litter: Litter, pieces: int, most: int) -> list[set[int]]:
    """Return the seeds of the pieces that a litter is cut into."""
    count = max(min(pieces, len(litter)), math.ceil(len(litter) / most))
    bounds = [round(place * len(litter) / count) for place in range(count + 1)]
    return [{planned.seed for planned in litter[low:high]} for low, high in itertools.pairwise(bounds)]


def _pieces(groups: int, workers: int) -> int:
    """Return the fewest pieces a group with which no worker waits for the last litters of the others.

    Litters are best large, because what is stacked shares its overhead; three groups on two workers are cut in two
    each, four groups on two workers not at all.
    """
    return workers // math.gcd(groups, workers) if groups else 1
