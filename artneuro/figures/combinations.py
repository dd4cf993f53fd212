"""Combinations: what two treatments do together, beside what each does alone."""

from collections.abc import Mapping
from typing import final

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from artneuro.errors import DesignError, Problem, SpecificationError
from artneuro.fields import define_spec, param
from artneuro.figures.canvas import styled
from artneuro.figures.heat_map import coloured
from artneuro.figures.plot import Comparisons, Plot
from artneuro.figures.view import name_of, view
from artneuro.registry import register, suggestion
from artneuro.selection import Where, addressed


@styled
def combinations(
    record: xr.Dataset, of: str, *, reference: str | None = None, where: Where | None = None, title: str = ""
) -> Figure:
    """Draw a variable of every pair of treatments as coloured cells; each treatment alone stands on the diagonal.

    An arm whose label is ``a+b`` fills the cell of `a` and `b`. With a `reference`, a cell is the z-score of its arm:
    the mean, less that of the reference, in standard deviations of the reference's subjects (n - 1). Arms that are
    neither a pair nor part of one are left out, and pairs that were not reared stay empty.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject` and the coordinate `arm`.
    of : str
        The variable.
    reference : str, optional
        Label of an arm.
    where : mapping, optional
        What is kept; see `artneuro.selection.select`.
    title : str

    Raises
    ------
    SpecificationError
        Where a name is not in the record, or no arm is a pair.
    DesignError
        Where the subjects of the reference do not vary.

    Examples
    --------
    >>> values = ("subject", [0.5, 0.6, 0.5, 0.5, 0.7, 0.7], {"long_name": "accuracy", "units": "1"})
    >>> arms = ("subject", ["noise", "noise", "dropout", "dropout", "noise+dropout", "noise+dropout"])
    >>> figure = combinations(xr.Dataset({"accuracy": values}, {"arm": arms}), "accuracy", reference="noise")
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0.00', '2.12', '-0.71']
    """
    seen = view(record, of, {"arm": "arm"}, where or {})
    cells = _cells(_scored(seen.table(), reference))
    meaning = name_of(seen.data, of)
    if reference is not None:
        meaning = f"{meaning}: z-score against {reference}"
    return coloured(cells, ("With", "Treatment"), meaning, centre=None if reference is None else 0.0, title=title)


def _scored(table: pd.DataFrame, reference: str | None) -> "pd.Series[float]":
    """Return the mean of every arm, or its z-score."""
    values = table.groupby("arm", sort=False)["value"]
    means = values.mean()
    if reference is None:
        return means
    if reference not in means.index:
        advice = suggestion(reference, list(means.index))
        raise SpecificationError([Problem("reference", "the label of an arm", repr(reference), advice)])
    deviation = float(values.std()[reference])
    if not deviation > 0:
        raise DesignError(f"the subjects of {reference} do not differ, so there is no standard deviation to measure in")
    scores: pd.Series[float] = (means - means[reference]) / deviation
    return scores


def _cells(scores: "pd.Series[float]") -> pd.DataFrame:
    """Return single treatments on the diagonal and pairs below it, in the order of the design."""
    pairs = [tuple(str(arm).split("+")) for arm in scores.index if str(arm).count("+") == 1]
    paired = {name for pair in pairs for name in pair}
    alone = [str(arm) for arm in scores.index if arm in paired]
    names = list(dict.fromkeys([*alone, *(name for pair in pairs for name in pair)]))
    if not pairs:
        came = ", ".join(map(str, scores.index))
        raise SpecificationError([Problem("of", "a record with arms that are pairs, such as a+b", came)])
    cells = pd.DataFrame(np.nan, index=names, columns=names)
    for arm, score in scores.items():
        places = sorted(map(names.index, str(arm).split("+"))) if set(str(arm).split("+")) <= set(names) else []
        if 1 <= len(places) <= 2:
            cells.iloc[places[-1], places[0]] = score
    return cells


@final
@register("combinations")
@define_spec
class Combinations(Plot):
    """What two treatments do together: arms named a+b as cells, single ones on the diagonal, mean or z-score."""

    of: str = param(doc="the variable, as Record.variable")
    reference: str | None = param(
        None, doc="arm in whose standard deviations cells are given, less its mean; means, if left out"
    )
    where: Where = param({}, doc="what is kept, by dim or coordinate: a value, a list, or `last`")
    title: str = param("", doc="title above the figure")

    def addresses(self) -> Mapping[str, str]:
        """Return the variable."""
        return {"of": self.of}

    def draw(self, records: Mapping[str, xr.Dataset], comparisons: Comparisons | None = None) -> Figure:
        """Draw it with `combinations`."""
        record, of = addressed(records, self.of)
        return combinations(record, of, reference=self.reference, where=self.where, title=self.title)

    def caption(self, records: Mapping[str, xr.Dataset]) -> str:
        """Say what it shows."""
        record, of = addressed(records, self.of)
        seen = view(record, of, {"arm": "arm"}, self.where)
        name = name_of(seen.data, of)
        opening = f"{name} of subjects with two treatments; those with one are on the diagonal: "
        if self.reference is None:
            return " ".join([f"{opening}mean over subjects.", *seen.facts])
        unit = f"mean less that of {self.reference}, in standard deviations of the subjects of {self.reference}."
        return " ".join([f"{opening}{unit}", *seen.facts])
