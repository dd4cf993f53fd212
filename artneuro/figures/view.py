"""What a figure shows: one value a subject and condition, and in words how it came about."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, final

import attrs
import pandas as pd
import xarray as xr

from artneuro.errors import DesignError, Problem, SpecificationError
from artneuro.labels import COORDS, DIMS
from artneuro.registry import suggestion
from artneuro.selection import Where, addressed, select, within_subject


@final
@attrs.frozen(eq=False)
class View:
    """One value a subject and condition.

    Parameters
    ----------
    data : DataArray
        Dims `subject` and those that the figure tells apart; every other dim is averaged within the subject.
    choices : tuple of str
        Sentences for the caption: what was selected, what was averaged, who was left out.
    """

    data: xr.DataArray
    choices: tuple[str, ...]

    @property
    def facts(self) -> tuple[str, ...]:
        """Return sentences for the caption: how many subjects there are, then the choices."""
        return (count(self.table()), *self.choices)

    def levels(self, name: str | None) -> list[Any]:
        """Return the values of a dim or coordinate in the order in which they are drawn; ``[None]`` for no name."""
        return [None] if name is None else list(dict.fromkeys(self.data[name].values.tolist()))

    def table(self, chosen: Mapping[str | None, Any] | None = None) -> pd.DataFrame:
        """Return one row a value that is there, the value in the column `value`; `chosen` keeps one level each."""
        table = self.data.to_dataframe(name="value").reset_index().dropna(subset=["value"])
        for name, level in (chosen or {}).items():
            if name is not None:
                table = table[table[name] == level]
        return table


def view(
    record: xr.Dataset,
    y: str,
    by: Mapping[str, str | None],
    where: Where,
    *,
    over: Sequence[str] = (),
    pooled: bool = False,
) -> View:
    """Select a variable of a record and average it within subjects.

    Parameters
    ----------
    record : Dataset
        Has the dim `subject`.
    y : str
        The variable.
    by : mapping of field to name
        Dims, or coordinates of subjects, that the figure tells apart, by the field that names them.
    where : mapping
        What is kept; see `artneuro.selection.select`.
    over : sequence of str
        Dims whose every place is a value of its own, such as `unit`; the caption warns that they are no subjects.
    pooled : bool
        Whether subjects of several arms may stand together without being told apart.

    Raises
    ------
    SpecificationError
        Where a name is not in the record, or arms would be mixed.
    DesignError
        Where nothing is left to draw.
    """
    title = record.attrs.get("title", "record")
    addressed({title: record}, f"{title}.{y}", "y")
    if "subject" not in record[y].dims:
        came = f"{y} with the dims {', '.join(map(str, record[y].dims)) or '(none)'}"
        raise SpecificationError([Problem("y", "a variable with the dim subject", came)])
    where = keeping_subjects(where)
    data = select(record[y], where)
    data, lost = _sound(data, record.attrs.get("excluded", ""))
    kept = [name for name in by.values() if name is not None]
    along = {str(dim) for name in kept if name in data.coords for dim in data.coords[name].dims}
    tellable = {str(dim) for dim in data.dims if dim != "subject"} | {
        str(name) for name, coordinate in data.coords.items() if set(coordinate.dims) <= {"subject", *over}
    }
    found = [
        Problem(field, f"a dim of {y} or a property of its subjects", repr(name), suggestion(name, sorted(tellable)))
        for field, name in [*by.items(), *(("over", name) for name in over)]
        if name is not None and name not in tellable
    ]
    arms = list(dict.fromkeys(data["arm"].values.tolist())) if "arm" in data.coords else []
    if len(arms) > 1 and not {"arm", "subject"} & set(kept) and not pooled:
        advice = "Use arm in the figure, or choose one with `where: {arm: ...}`."
        found.append(Problem("hue", "arms that are told apart", f"{len(arms)} arms in one ({', '.join(arms)})", advice))
    if found:
        raise SpecificationError(found)
    averaged = [dim for dim in map(str, data.dims) if dim not in {"subject", *kept, *along, *over}]
    choices = [*_selected(where), *_averaged(data, averaged), *_over(over), *lost]
    return View(within_subject(data, [*kept, *along, *over]), tuple(choices))


def keeping_subjects(where: Where) -> Where:
    """Return a selection in which one subject alone is a list of one, so that there is still a dim of subjects.

    Examples
    --------
    >>> keeping_subjects({"subject": "clean-0", "clamp": "zero"})
    {'subject': ('clean-0',), 'clamp': 'zero'}
    """
    return {
        name: (kept,) if name == "subject" and isinstance(kept, str | int | float) else kept
        for name, kept in where.items()
    }


def _sound(data: xr.DataArray, excluded: str) -> tuple[xr.DataArray, list[str]]:
    """Drop subjects that diverged or have no value, and say so."""
    gone = [excluded] if excluded else []
    if "diverged" in data.coords:
        lost = data["diverged"].values >= 0
        named = zip(data["subject"].values[lost].tolist(), data["diverged"].values[lost].tolist(), strict=True)
        gone += [f"{subject} (epoch {epoch})" for subject, epoch in named]
        data = data[{"subject": ~lost}]
    # records name an epoch where a subject diverged, and any other reason in words
    words = [f"Left out: {re.sub(r'[(]epoch', '(diverged at epoch', ', '.join(gone))}."] if gone else []
    there = data.notnull().any([dim for dim in data.dims if dim != "subject"])
    if not there.all():
        words.append(f"Left out because they have no value: {', '.join(data['subject'].values[~there.values])}.")
    data = data[{"subject": there.values}]
    if not data.size:
        raise DesignError(f"{data.name}: no subject has a value to draw. {' '.join(words)}".rstrip())
    return data, words


def count(table: pd.DataFrame) -> str:
    """Say how many subjects a table has, in each arm where it has arms.

    Examples
    --------
    >>> count(pd.DataFrame({"subject": ["a-0", "a-1", "b-0"], "arm": ["a", "a", "b"]}))
    'Subjects: a 2, b 1.'
    """
    subjects = table.drop_duplicates("subject")
    if "arm" not in subjects:
        return f"n = {len(subjects)} subject{'s' if len(subjects) > 1 else ''}."
    n = subjects["arm"].value_counts(sort=False)
    if n.nunique() > 1:
        return f"Subjects: {', '.join(f'{arm} {some}' for arm, some in n.items())}."
    each = f" of the arm {n.index[0]}" if len(n) == 1 else " an arm"
    return f"n = {n.iloc[0]} subject{'s' if n.iloc[0] > 1 else ''}{each}."


def _selected(where: Where) -> list[str]:
    if not where:
        return []
    chosen = [
        f"{name} {value}" if isinstance(value, str) else f"{name} {value:g}"
        for name, value in where.items()
        if isinstance(value, str | float | int)
    ]
    chosen += [
        f"{name} {' or '.join(str(item) if isinstance(item, str) else f'{item:g}' for item in values)}"
        for name, values in where.items()
        if not isinstance(values, str | float | int)
    ]
    return [f"Shown: {'; '.join(chosen)}."]


def _averaged(data: xr.DataArray, dims: list[str]) -> list[str]:
    several = [f"{dim} ({data.sizes[dim]})" for dim in dims if data.sizes[dim] > 1]
    return [f"Averaged within each subject over {' and '.join(several)}."] if several else []


def _over(dims: Sequence[str]) -> list[str]:
    return [f"Each value is one {dim} of one subject; values of one subject are not independent." for dim in dims]


SHORT: Mapping[str, str] = {
    "arm": "arm",
    "arm_in_run": "arm",
    "run": "run",
    "subject": "subject",
    "site": "site",
    "unit": "unit",
    "stimulus": "stimulus",
    "fraction": "fraction lesioned",
    "held_fraction": "fraction lesioned for good",
    "order": "order of lesions",
    "clamp": "clamp of lesioned units",
}
"""What axes and legends call that which the vocabulary explains at more length than a figure has room for."""


def name_of(data: xr.DataArray, name: str) -> str:
    """Return what a dim, coordinate or variable means, with its unit, as an axis says it.

    Of a long meaning, what stands before the first semicolon; of some dims and coordinates, the words of `SHORT`.

    Examples
    --------
    >>> loss = xr.DataArray([0.5], dims="epoch", name="loss", attrs={"long_name": "test loss", "units": "nat"})
    >>> name_of(loss, "loss"), name_of(loss, "epoch")
    ('Test loss (nat)', 'Age in epochs of rearing (epoch)')
    """
    attributes = data.attrs if name == data.name else data.coords[name].attrs if name in data.coords else {}
    label = DIMS.get(name) or COORDS.get(name)
    meaning = attributes.get("long_name") or (label.long_name if label else name)
    if label and name in SHORT and meaning == label.long_name:  # a record may mean something of its own by it
        meaning = SHORT[name]
    units = attributes.get("units") or (label.units if label else "1")
    meaning = meaning.partition(";")[0]
    return f"{meaning[:1].upper()}{meaning[1:]}" + ("" if units == "1" else f" ({units})")
