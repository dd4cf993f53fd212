"""What a study will record, and what can be refused of a question before anything runs."""

from collections.abc import Iterable, Mapping
from typing import Any, final

import attrs

from artneuro.errors import Problem
from artneuro.labels import COORDS
from artneuro.registry import suggestion
from artneuro.selection import Where
from artneuro.statistics.gathering import renamed
from artneuro.statistics.tidy import MEASUREMENTS
from artneuro.statistics.wording import level, listing


@final
@attrs.frozen
class Design:
    """What a study will record, as far as it is known before it runs.

    Parameters
    ----------
    records : mapping of record to mapping of variable to dims
        ``{"LesionStudy": {"auc": ("site", "order", "clamp")}}``; `subject` may be left out.
    arms : tuple of str
        Labels of the arms.
    levels : mapping of dim to levels
        Where they are known: ``{"clamp": ("zero", "mean")}``.
    """

    records: Mapping[str, Mapping[str, tuple[str, ...]]]
    arms: tuple[str, ...]
    levels: Mapping[str, tuple[Any, ...]] = attrs.field(factory=dict)

    def known(self, factor: str) -> tuple[str, ...] | None:
        """Return the levels of a factor as text; None where they are not known yet."""
        if factor == "arm":
            return self.arms
        return tuple(map(level, self.levels[factor])) if factor in self.levels else None

    def aligned(self, dims: Mapping[str, str]) -> "Design":
        """Return what is recorded where some dims are read as others, as `gather` reads them."""
        records = {
            record: {
                name: tuple(str(renamed(own, dims).get(dim, dim)) for dim in own) for name, own in variables.items()
            }
            for record, variables in self.records.items()
        }
        return attrs.evolve(self, records=records)


@final
@attrs.frozen
class Question:
    """What an analysis asks of the records.

    Parameters
    ----------
    variables : mapping of field to addresses
        Which field of the declaration names which variables: ``{"of": ("LesionStudy.auc",)}``.
    factors : mapping of field to factors
        ``{"between": ("arm",)}``; coordinates of subjects or dims.
    compares : bool
        Whether the factors are compared, and so need two levels.
    pooling : bool
        Whether subjects of several arms may stand in one group.
    """

    variables: Mapping[str, tuple[str, ...]]
    factors: Mapping[str, tuple[str, ...]]
    where: Where
    average: tuple[str, ...]
    compares: bool = True
    pooling: bool = False

    @property
    def all_factors(self) -> tuple[str, ...]:
        """Every factor, once."""
        return tuple(dict.fromkeys(factor for factors in self.factors.values() for factor in factors))

    def levels_left(self, design: Design, factor: str) -> tuple[str, ...] | None:
        """Return the levels of a factor that `where` leaves; None where they are not known yet."""
        asked = self.where.get(factor)
        if asked is not None:
            return tuple(map(level, asked)) if isinstance(asked, tuple) else (level(asked),)
        return design.known(factor)


def refusals(question: Question, design: Design) -> Iterable[Problem]:
    """Yield why the records of this design could not answer the question; paths are those of its fields."""
    found_dims: list[set[str]] = []
    for field, addresses in question.variables.items():
        for address in addresses:
            problem, dims = _look_up(field, address, design)
            if problem is not None:
                yield problem
            else:
                found_dims.append(dims)
    if not found_dims:
        return
    dims = set.union(*found_dims)
    of_subjects = {"subject", *(name for name, label in COORDS.items() if label.dims == ("subject",))}
    along_dims = {name for name, label in COORDS.items() if label.dims and label.dims[0] in dims}
    for key in question.where:
        if key not in dims | of_subjects | along_dims:
            advice = suggestion(key, sorted(dims | of_subjects))
            yield Problem(f"where.{key}", "a dim or coordinate of the record", repr(key), advice)
    yield from unknown_levels(question.where, design)
    for field, factors in question.factors.items():
        for factor in factors:
            if factor in MEASUREMENTS:
                advice = f"{MEASUREMENTS[factor].capitalize()}. Add `average: {factor}`."
                yield Problem(field, "a factor that makes conditions", repr(factor), advice)
            elif factor not in dims | of_subjects:
                advice = suggestion(factor, sorted(dims | of_subjects - {"subject"}))
                yield Problem(field, "arm, another coordinate of subjects, or a dim of the variable", factor, advice)
            elif question.compares and (left := question.levels_left(design, factor)) is not None and len(left) < 2:
                advice = f"Leave more levels of {factor} in `where`, or declare more."
                yield Problem(field, "a factor with at least 2 levels", f"{factor} with {listing(left)} alone", advice)
    for dim in question.average:
        if dim not in dims:
            yield Problem("average", "dims of the variable", repr(dim), suggestion(dim, sorted(dims)))
    yield from _left_over(question, design, dims)


def _look_up(field: str, address: str, design: Design) -> tuple[Problem | None, set[str]]:
    record, _, variable = address.partition(".")
    if record not in design.records:
        advice = f'Write Record.variable, such as "LesionStudy.auc". {suggestion(record, list(design.records))}'
        return Problem(field, "a variable of a record", repr(address), advice), set()
    variables = design.records[record]
    if variable not in variables:
        advice = suggestion(variable, list(variables))
        return Problem(field, f"a variable of {record}", repr(variable), advice), set()
    return None, set(variables[variable]) - {"subject"}


def unknown_levels(where: Where, design: Design) -> Iterable[Problem]:
    """Yield the levels that are asked for and will not be there, as far as levels are known."""
    for key, asked in where.items():
        known = design.known(key)
        if known is None:
            continue
        for one in asked if isinstance(asked, tuple) else (asked,):
            if level(one) not in known and one not in ("first", "last"):
                yield Problem(f"where.{key}", f"a level of {key}", repr(one), suggestion(level(one), list(known)))


def _left_over(question: Question, design: Design, dims: set[str]) -> Iterable[Problem]:
    """Yield the dims that would give a subject several rows, and the arms that would be pooled."""
    chosen = {key for key, asked in question.where.items() if not isinstance(asked, tuple)}
    for dim in sorted(dims - chosen - set(question.all_factors) - set(question.average)):
        levels = question.levels_left(design, dim)
        if dim in ("unit", "stimulus") or (levels is not None and len(levels) > 1):
            reason = f"{MEASUREMENTS[dim].capitalize()}. " if dim in MEASUREMENTS else ""
            advice = f"{reason}Choose one in `where`, or add `average: {dim}`."
            yield Problem("where", "one value a subject and condition", f"values along {dim!r}", advice)
    arms = question.levels_left(design, "arm") or ()
    if len(arms) > 1 and not question.pooling and not {"arm", "run"} & set(question.all_factors):
        advice = f"Choose one (`where: {{arm: {arms[0]}}}`) or make arm a factor: twins would be counted as strangers."
        yield Problem("where", "subjects of one arm", f"arms {listing(arms)} in one group", advice)
