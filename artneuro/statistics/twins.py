"""Twins: when arms are paired by seed, and the contrasts that use it.

The policy, the same in every test. Subjects of one seed are twins. With ``pairing: auto``, two arms (or more) that
share two seeds or more are paired: their twins are compared with each other, and a subject whose twin is missing is
left out and named. Treating twins as strangers would be wrong (they are not independent); treating strangers as pairs
is only wasteful (a pair of independent values is still a valid pair). ``independent`` pairs nothing, and the notes say
that twins were there; ``paired`` refuses arms that share no seeds. Levels of a condition within subjects (clamp, epoch)
are always paired, by subject.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, final

import attrs
import numpy as np

from artneuro.errors import DesignError
from artneuro.statistics.contrast import Contrast
from artneuro.statistics.sample import Sample, blocks, require_spread, require_two
from artneuro.statistics.wording import listing

Pairing = Literal["auto", "paired", "independent"]

Cell = tuple[str, ...]
"""One level of each factor."""

STRANGERS = "The groups hold twins (equal seeds), tested as strangers because the analysis says so."

PAIRING_DOC = "whether arms are compared twin by twin; auto: where they share seeds"


def paired_by_seed(sample: Sample, between: Sequence[str], groups: Iterable[Cell], pairing: Pairing) -> bool:
    """Tell whether groups of subjects (levels of factors between them) are paired by seed.

    The design decides, and not what is left of it: arms that have lost their common seeds are still no strangers.

    Raises
    ------
    DesignError
        Where pairs are asked for and there are none.
    """
    groups = list(groups)
    shared = shared_seeds(sample, between, groups)
    if pairing == "paired" and len(shared) < 2:
        raise DesignError(
            f"{listing(':'.join(group) for group in groups)} share {len(shared)} seeds, and pairs need at least 2. "
            "Rear the arms from the same seeds (one cohort does), or leave `pairing` at auto."
        )
    return pairing != "independent" and len(shared) >= 2


def shared_seeds(sample: Sample, between: Sequence[str], groups: Iterable[Cell]) -> set[int]:
    """Return the seeds of which the design has a subject in every group."""
    seeds = sample.seeds(between)
    return set.intersection(*(seeds.get(group, set()) for group in groups))


def twins_note(sample: Sample, between: Sequence[str], remedy: str) -> tuple[str, ...]:
    """Return what to say where a test that cannot pair meets groups of twins."""
    groups = dict.fromkeys(sample.table[list(between)].itertuples(index=False, name=None))
    if len(shared_seeds(sample, between, groups)) < 2:
        return ()
    return (
        f"The groups hold twins (equal seeds), which this test takes for strangers; "
        f"`{remedy}` with the same factors `within` compares twin with twin.",
    )


def single(levels: Iterable[str]) -> list[Cell]:
    """Return the levels of one factor as groups."""
    return [(level,) for level in levels]


@final
@attrs.frozen(eq=False)
class Compared:
    """A contrast of cells, and how it came about.

    Parameters
    ----------
    contrast : Contrast
        Its numbers.
    means : mapping of cell to float
        Mean of each cell over the subjects used.
    how : str
        "paired by seed (twins)", "paired by subject", "independent" or "one sample".
    notes : tuple of str
        What was left out.
    """

    contrast: Contrast
    means: Mapping[Cell, float]
    how: str
    notes: tuple[str, ...] = ()


def compare_cells(
    sample: Sample,
    dv: str,
    factors: Sequence[str],
    weights: Mapping[Cell, float],
    pairing: Pairing = "auto",
    pooled: bool = False,
) -> Compared:
    """Return the contrast of cells, each a level of every factor, using what pairs them.

    Parameters
    ----------
    weights : mapping of cell to float
        ``{("clean",): 1, ("half",): -1}`` is the difference of two arms; with two factors,
        ``{("a", "on"): 1, ("a", "off"): -1, ("b", "on"): -1, ("b", "off"): 1}`` is their interaction.

    Raises
    ------
    DesignError
        Where a cell is empty, has fewer than two subjects, or nothing varies.
    """
    sample = _only(sample, factors, weights)
    between = [factor for factor in factors if factor not in sample.conditions]
    groups = list(dict.fromkeys(tuple(cell[factors.index(factor)] for factor in between) for cell in weights))
    twins = len(groups) > 1 and paired_by_seed(sample, between, groups, pairing)
    if twins or not between:
        by = "seed" if twins else "subject"
        wide, notes = blocks(sample, dv, factors, by)
        columns = [cell if len(factors) > 1 else cell[0] for cell in weights]
        scores = wide[columns].to_numpy(float) @ np.array(list(weights.values()))
        contrast = Contrast((scores,), (1.0,))
        means = {cell: float(wide[column].mean()) for cell, column in zip(weights, columns, strict=True)}
        how = "paired by seed (twins)" if twins else "paired by subject" if len(weights) > 1 else "one sample"
    else:
        contrast, means, notes = _independent(sample, dv, factors, between, weights, pooled)
        how = "independent" if len(contrast.groups) > 1 else "one sample" if len(weights) == 1 else "paired by subject"
        if how == "independent" and len(shared_seeds(sample, between, groups)) >= 2:
            notes = (*notes, STRANGERS)
    for group in contrast.groups:
        require_two(
            len(group), f"the comparison of {_named(weights)}", attrs.evolve(sample, notes=(*sample.notes, *notes))
        )
    return Compared(contrast, means, how, notes)


def require_varied(compared: Compared, what: str) -> None:
    """Refuse a contrast whose scores are constant, such as twins that all differ by exactly the same."""
    groups = {f"group {place + 1}": group for place, group in enumerate(compared.contrast.groups)}
    require_spread(groups, what, max(map(abs, compared.means.values())))


def _named(cells: Mapping[Cell, float]) -> str:
    return listing(":".join(cell) for cell in cells)


def _only(sample: Sample, factors: Sequence[str], weights: Mapping[Cell, float]) -> Sample:
    """Return the rows of the cells that have a weight."""
    cells = list(sample.table[list(factors)].itertuples(index=False, name=None))
    empty = [cell for cell in weights if cell not in set(cells)]
    if empty:
        known = dict.fromkeys(":".join(cell) for cell in cells)
        raise DesignError(
            f"there is no subject in {listing(':'.join(cell) for cell in empty)} of {':'.join(factors)}; "
            f"there are {listing(known)}. {sample.losses}".strip()
        )
    return attrs.evolve(sample, table=sample.table[[cell in weights for cell in cells]].reset_index(drop=True))


def _independent(
    sample: Sample,
    dv: str,
    factors: Sequence[str],
    between: Sequence[str],
    weights: Mapping[Cell, float],
    pooled: bool,
) -> tuple[Contrast, dict[Cell, float], tuple[str, ...]]:
    """Return the contrast of groups of strangers; within a group, conditions are combined subject by subject."""
    places = [factors.index(factor) for factor in between]
    by_group: dict[Cell, dict[Cell, float]] = {}
    for cell, weight in weights.items():
        by_group.setdefault(tuple(cell[place] for place in places), {})[cell] = weight
    scores: list[np.ndarray[Any, Any]] = []
    means: dict[Cell, float] = {}
    notes: tuple[str, ...] = ()
    signs: list[float] = []
    for cells in by_group.values():
        wide, left_out = blocks(_only(sample, factors, cells), dv, factors, "subject")
        notes += left_out
        columns = [cell if len(factors) > 1 else cell[0] for cell in cells]
        # a lone cell keeps its weight outside, so that its scores, and their spread, are in the unit of the variable
        sign = next(iter(cells.values())) if len(cells) == 1 else 1.0
        signs.append(sign)
        scores.append(wide[columns].to_numpy(float) @ (np.array(list(cells.values())) / sign))
        means |= {cell: float(wide[column].mean()) for cell, column in zip(cells, columns, strict=True)}
    return Contrast(tuple(scores), tuple(signs), pooled), means, notes
