"""Factors and numbers as columns of a linear model, with the terms that columns belong to."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, final

import attrs
import numpy as np
import pandas as pd

Array = np.ndarray[Any, Any]


@final
@attrs.frozen(eq=False)
class Coded:
    """Columns of a linear model, coded twice.

    Parameters
    ----------
    names : tuple of str
        One a column, the intercept first.
    treatment : array, shape (row, column)
        Each level against the first: coefficients are differences that can be read.
    deviation : array, shape (row, column)
        Each level against the mean of all: a test of a term is a test over the average of the others.
    terms : mapping of term to columns
        ``{"arm": [1, 2], "fraction": [3], "arm * fraction": [4, 5]}``.
    """

    names: tuple[str, ...]
    treatment: Array
    deviation: Array
    terms: Mapping[str, list[int]]


def code(table: pd.DataFrame, fixed: Sequence[str], levels: Mapping[str, Sequence[str]], interactions: bool) -> Coded:
    """Return the columns of factors and numbers, with all their interactions or with none.

    Parameters
    ----------
    fixed : sequence of str
        Columns of the table.
    levels : mapping of factor to levels
        Of those that are factors; the others are numbers.

    Examples
    --------
    >>> table = pd.DataFrame({"arm": ["a", "b", "c"], "fraction": [0.0, 0.5, 1.0]})
    >>> coded = code(table, ["arm", "fraction"], {"arm": ["a", "b", "c"]}, interactions=False)
    >>> coded.names
    ('intercept', 'arm b', 'arm c', 'fraction')
    >>> coded.deviation[:, 1]
    array([-1.,  1.,  0.])
    """
    parts = {name: _part(table[name], name, levels.get(name)) for name in fixed}
    ones = np.ones(len(table))
    names, treatment, deviation = ["intercept"], [ones], [ones]
    terms: dict[str, list[int]] = {}
    for order in range(1, len(fixed) + 1 if interactions else 2):
        for term in itertools.combinations(fixed, order):
            label = " * ".join(term)
            terms[label] = []
            for columns in itertools.product(*(parts[name] for name in term)):
                terms[label].append(len(names))
                names.append(" * ".join(column[0] for column in columns))
                treatment.append(np.prod([column[1] for column in columns], axis=0))
                deviation.append(np.prod([column[2] for column in columns], axis=0))
    return Coded(tuple(names), np.column_stack(treatment), np.column_stack(deviation), terms)


def _part(values: "pd.Series[Any]", name: str, levels: Sequence[str] | None) -> list[tuple[str, Array, Array]]:
    """Return the columns of one factor or number: name, treatment coding, deviation coding."""
    if levels is None:
        numbers = values.to_numpy(float)
        return [(name, numbers, numbers - numbers.mean())]
    first = (values == levels[0]).to_numpy(float)
    there = [(values == level).to_numpy(float) for level in levels[1:]]
    return [(f"{name} {level}", one, one - first) for level, one in zip(levels[1:], there, strict=True)]
