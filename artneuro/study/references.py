"""References: what analyses, hypotheses and figures name must be something that the study will record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from artneuro.errors import Problem
from artneuro.fields import shown
from artneuro.figures.plot import Plot
from artneuro.labels import COORDS
from artneuro.rearing.history import MEASURES
from artneuro.registry import suggestion
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.design import Design, unknown_levels
from artneuro.statistics.hypothesis import Hypothesis

HISTORY = "History"
"""Name of the record that every study has: how its subjects grew up."""

HISTORY_DIMS = {name: label.dims for name, label in MEASURES.items() if name != "wall_time"}
"""Its variables and their dims. Wall time is not among them: it lies in the history of each subject."""

Records = Mapping[str, Mapping[str, tuple[str, ...]]]
"""What will be recorded: record -> variable -> dims besides `subject`."""

Levels = Mapping[str, Mapping[str, tuple[Any, ...]]]
"""Levels of dims, as far as a declaration tells them: record -> dim -> levels."""


def dangling(
    records: Records,
    arms: Mapping[str, Sequence[str]],
    levels: Levels,
    analyses: Sequence[Analysis],
    hypotheses: Mapping[str, Hypothesis],
    figures: Sequence[Plot],
) -> Iterator[Problem]:
    """Yield what is named and will not be there, with the path in the study.

    Parameters
    ----------
    arms, levels
        Of each record: labels of its arms, and levels of its dims as far as they are known.
    """

    def design(addresses: Iterable[str]) -> Design:
        named = tuple(addresses)
        variables = {name: dict(own) for name, own in records.items()}
        return Design(variables, _shared(arms, named), _known(levels, named))

    for place, analysis in enumerate(analyses):
        yield from _at(f"analyses[{place}]", analysis, analysis.refusals(design(analysis.addresses)))
    for label, hypothesis in hypotheses.items():
        yield from (
            problem.within(f"hypotheses.{label}") for problem in hypothesis.refusals(design(hypothesis.addresses))
        )
    for place, figure in enumerate(figures):
        found = (*_of_figure(figure, design(figure.addresses().values())), *_of_marks(figure, analyses))
        yield from _at(f"figures[{place}]", figure, found)


def _shared(arms: Mapping[str, Sequence[str]], addresses: Iterable[str]) -> tuple[str, ...]:
    """Return the labels of the arms that every record among the addresses has, in the order of the design."""
    named = {record for address in addresses if (record := address.partition(".")[0]) in arms}
    return tuple(label for label in arms[HISTORY] if all(label in arms[record] for record in named))


def _known(levels: Levels, addresses: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    """Return the levels of each dim that every record among the addresses will have, as far as they are known."""
    known: dict[str, tuple[Any, ...]] = {}
    for record in dict.fromkeys(address.partition(".")[0] for address in addresses):
        for dim, own in levels.get(record, {}).items():
            known[dim] = tuple(level for level in known.get(dim, own) if level in own)
    return known


def _at(where: str, spec: Any, problems: Iterable[Problem]) -> Iterator[Problem]:
    ((name, _),) = spec.named().items()
    yield from (problem.within(f"{where}.{name}") for problem in problems)


def _of_figure(figure: Plot, design: Design) -> Iterator[Problem]:
    records = design.records
    found: list[tuple[str, ...]] = []
    for field, address in figure.addresses().items():
        record, _, variable = address.partition(".")
        if variable in records.get(record, {}):
            found.append(records[record][variable])
        else:
            near = [record] if record in records else list(records)
            valid = [f"{name}.{known}" for name in near for known in records[name]]
            advice = suggestion(address, valid)
            yield Problem(field, "a variable that is recorded, as Record.variable", shown(address), advice)
    if not found:
        return
    dims = {"subject", *(dim for dims in found for dim in dims)}
    valid = sorted(dims | {name for name, label in COORDS.items() if label.dims and set(label.dims) <= dims})
    for field, name in _dims_named(figure):
        if name not in valid:
            yield Problem(field, "a dim, or a property of subjects", shown(name), suggestion(name, valid))
    for name in figure.where:
        if name not in valid:
            yield Problem(f"where.{name}", "a dim, or a property of subjects", shown(name), suggestion(name, valid))
    yield from unknown_levels(figure.where, design)


def _of_marks(figure: Plot, analyses: Sequence[Analysis]) -> Iterator[Problem]:
    """Yield where a figure marks pairs that no analysis of what it shows will have compared."""
    marks = figure.plain().get("marks")
    if marks is None:
        return
    shows = set(figure.addresses().values())
    of_it = [analysis for analysis in analyses if shows.intersection(analysis.addresses)]
    analysed, _, table = str(marks).partition(".")
    if table and any(analysed in analysis.named() for analysis in of_it):
        return  # which tables it has depends on the data; the figure says so where there is none of that name
    # an analysis that can compare pairs afterwards does so where it is asked to
    silent = [analysis for analysis in of_it if analysis.plain().get("posthoc", "always") is None]
    valid = [name for analysis in of_it if analysis not in silent for name in analysis.named()]
    if marks in valid:
        return
    required = f"the name of an analysis that compares pairs of {', '.join(sorted(shows))}"
    if any(marks in analysis.named() for analysis in silent):
        advice = f"Give {marks} a `posthoc`, or leave `marks` out."
    else:
        advice = f"{suggestion(str(marks), valid)} Declare it under `analyses`, or leave `marks` out."
    yield Problem("marks", required, shown(marks), advice)


def _dims_named(figure: Plot) -> Iterator[tuple[str, str]]:
    """Yield every dim that a figure names, with the field that names it."""
    fields = {field.name for field in attrs.fields(type(figure))}
    for field in sorted({"x", "y", "hue", "panels", "over"} & fields - set(figure.addresses())):
        named = getattr(figure, field)
        for name in (named,) if isinstance(named, str) else named or ():
            yield field, name
