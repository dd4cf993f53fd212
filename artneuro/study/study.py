"""Study: a question, the cohort and the protocols that answer it, and how the answer is read."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Self, final

import attrs

from artneuro import registry
from artneuro.anatomy.anatomy import Anatomy
from artneuro.cohort import Arm
from artneuro.environment.environment import EnvironmentSource
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Check, Spec, between, build, define_spec, param, plain, shown, some
from artneuro.figures.plot import Plot
from artneuro.protocols.protocol import Protocol
from artneuro.protocols.tracking import untracked
from artneuro.rearing.rearing import Rearing
from artneuro.records import content_key
from artneuro.statistics.analysis import Analysis
from artneuro.statistics.hypothesis import Hypothesis
from artneuro.study.ages import Ages, ages_of, unreached
from artneuro.study.contents import NAME
from artneuro.study.overrides import BESIDE
from artneuro.study.references import HISTORY, HISTORY_DIMS, Levels, Records, dangling
from artneuro.study.tuning.declaration import Tune, misfits

MOST_SUBJECTS, MOST_PARTS = 200_000, 2_000_000
"""Subjects of a study, and measurements of one of its records: what a plan holds in some gigabytes of memory."""
TOO_LARGE = "Split the study in several, with `first_seed`, and put them together with `artneuro compare`."


def _own_name(entry: "Entry") -> str:
    return registry.name_of(type(entry.protocol)) or "record"


@final
@define_spec
class Entry(Spec):
    """A protocol of a study: what is measured, on which arms, at which ages, and the name of its record."""

    protocol: Protocol = param(doc="what is measured")
    name: str = param(
        attrs.Factory(_own_name, takes_self=True),
        doc="name of the record (`as`); the protocol's own, if left out",
        check=NAME,
    )
    arms: tuple[str, ...] | None = param(None, doc="arms that are measured; all, if left out", check=some())
    ages: Ages = param(
        None,
        units="epoch",
        doc="ages at which subjects are measured: a list of ages that are kept, or `kept` for all that the arms "
        "measured keep; or ages that are tracked, such as {every: 5}; at the end of rearing, if left out",
        check=Check("each >= 0", lambda ages: not isinstance(ages, tuple) or all(age >= 0 for age in ages)),
    )

    @cached_property
    def brought(self) -> Mapping[str, Arm]:
        """The arms that the protocol brings; none, where it measures those of the cohort."""
        return self.protocol.arms()

    @classmethod
    def from_plain(cls, value: Any) -> Self:
        """Build from ``{LesionStudy: {parameters}, as: name, arms: [labels], ages: [epochs]}``."""
        entry = {value: {}} if isinstance(value, str) else value
        known = registry.members("protocol")
        members = [] if not isinstance(entry, Mapping) else [str(key) for key in entry if key not in BESIDE]
        if len(members) > 1 and sum(name in known for name in members) == 1:
            strangers = [name for name in members if name not in known]
            raise SpecificationError(
                Problem(name, "a key of a protocol's entry", repr(name), registry.suggestion(name, list(BESIDE)))
                for name in strangers
            )
        if len(members) != 1:
            required = "one protocol, as {name: {parameters}}, with `as`, `arms` and `ages` beside it where needed"
            raise SpecificationError([Problem("", required, shown(value), registry.suggestion("", list(known)))])
        parameters = {key: entry[key] for key in ("arms", "ages") if key in entry}
        if "as" in entry:
            parameters["name"] = entry["as"]
        try:
            return build(cls, {"protocol": {members[0]: entry[members[0]]}, **parameters})
        except SpecificationError as error:
            raise SpecificationError(_as_written(error.problems)) from None

    def plain(self) -> dict[str, Any]:
        """Return the entry as a study file writes it."""
        beside = {"as": self.name, "arms": plain(self.arms), "ages": plain(self.ages)}
        return {**self.protocol.named(), **beside}


def _as_written(problems: Iterable[Problem]) -> Iterator[Problem]:
    for problem in problems:
        top, dot, rest = problem.where.partition(".")
        where = rest if top == "protocol" else f"as{dot}{rest}" if top == "name" else problem.where
        yield attrs.evolve(problem, where=where)


@final
@define_spec
class CohortDesign(Spec):
    """The cohort of a study: how many subjects, what they are, where and how they grow up, and the arms."""

    n: int = param(10, doc="subjects an arm; the same seeds in every arm, so arms are paired", check=between(1, 10**5))
    first_seed: int = param(0, doc="seed of the first subject; the others follow", check=between(0, 2**31))
    anatomy: Anatomy = param(doc="what subjects are built of")
    environment: EnvironmentSource = param(doc="what they see")
    rearing: Rearing = param(Rearing(), doc="how they grow up")
    arms: dict[str, Arm] | None = param(
        None,
        doc="label -> interventions; if left out, the arms that protocols bring, or one arm `control`",
        check=some(),
    )

    def problems(self) -> Iterable[Problem]:
        """Refuse labels that cannot be written in a claim or a file's name."""
        for label in self.arms or {}:
            if not NAME.holds(label):
                yield Problem(f"arms.{label}", f"a label {NAME.words}", shown(label))


@final
@define_spec
class Study(Spec):
    """A question, the cohort and the protocols that answer it, and how the answer is read."""

    study: str = param(doc="name of the study, and of its run folder", check=NAME)
    question: str = param(doc="the question, in a sentence", check=some())
    source: str = param("", doc="where the question, or the method, comes from")
    cohort: CohortDesign = param(doc="subjects under a labelled design")
    protocols: tuple[Entry, ...] = param((), doc="what is measured; the history of rearing is always recorded")
    analyses: tuple[Analysis, ...] = param((), doc="statistics")
    hypotheses: dict[str, Hypothesis] = param({}, doc="label -> what is expected, declared before")
    figures: tuple[Plot, ...] = param((), doc="figures")
    tune: Tune | None = param(None, doc="a search for hyper-parameters, for `artneuro tune`; a run does none of it")

    def problems(self) -> Iterable[Problem]:
        """Refuse names that nothing has: of arms, ages, records and variables."""
        arms = self.arms
        if self.cohort.n * len(arms) > MOST_SUBJECTS:
            came = f"{self.cohort.n} in each of {len(arms)} arms"
            yield Problem("cohort.n", f"at most {MOST_SUBJECTS} subjects", came, TOO_LARGE)
        yield from self._clashes()
        for place, entry in enumerate(self.protocols):
            where = f"protocols[{place}]"
            brought = entry.brought
            for label in entry.arms or ():
                if label not in (brought or arms):
                    advice = registry.suggestion(label, list(brought or arms))
                    yield Problem(f"{where}.arms", "the label of an arm", shown(label), advice)
            ages = [*untracked(entry.protocol), *unreached(entry.ages, self._rearings(entry))] if entry.ages else []
            yield from (problem.within(where) for problem in ages)
            parts = self.cohort.n * len(self.measured(entry)) * (1 if ages else len(self.ages(entry) or (None,)))
            if parts > MOST_PARTS:
                yield Problem(where, f"at most {MOST_PARTS} measurements", str(parts), TOO_LARGE)
        for label in self.hypotheses:
            if not NAME.holds(label):
                yield Problem(f"hypotheses.{label}", f"a label {NAME.words}", shown(label))
        if self.tune is not None:
            own = range(self.cohort.first_seed, self.cohort.first_seed + self.cohort.n)
            yield from misfits(self.tune, list(arms), own)
        yield from self.dangling()

    def dangling(self, told: Levels | None = None) -> Iterable[Problem]:
        """Return what analyses, hypotheses and figures name and no record will have.

        Parameters
        ----------
        told : mapping of record to mapping of dim to levels, optional
            Levels that are known besides those that the protocols declare.
        """
        labels = {**{entry.name: self.measured(entry) for entry in self.protocols}, HISTORY: tuple(self.arms)}
        besides = told or {}
        levels = {each.name: {**each.protocol.levels(), **besides.get(each.name, {})} for each in self.protocols}
        return dangling(self._recorded(), labels, levels, self.analyses, self.hypotheses, self.figures)

    def _recorded(self) -> Records:
        """Return the dims of every variable of every record."""
        recorded: dict[str, dict[str, tuple[str, ...]]] = {}
        for entry in self.protocols:
            ages = ("epoch",) if entry.ages else ()
            recorded[entry.name] = {name: (*ages, *label.dims) for name, label in entry.protocol.outputs.items()}
        return {**recorded, HISTORY: HISTORY_DIMS}

    def _clashes(self) -> Iterator[Problem]:
        """Yield names that two things have."""
        seen: set[str] = {HISTORY}
        for place, entry in enumerate(self.protocols):
            if entry.name.lower() in {name.lower() for name in seen}:  # some disks do not tell case apart
                advice = "Name one of the records with `as:`."
                yield Problem(f"protocols[{place}].as", "a record's name once", shown(entry.name), advice)
            seen.add(entry.name)
        if self.cohort.arms is None:
            brought: dict[str, Arm] = {}
            for place, entry in enumerate(self.protocols):
                for label, arm in entry.brought.items():
                    if brought.setdefault(label, arm) != arm:
                        advice = "Run one of the protocols in a study of its own."
                        yield Problem(f"protocols[{place}]", "arms of its own", f"another arm {label!r}", advice)
        else:
            for place, entry in enumerate(self.protocols):
                if entry.brought:
                    came = f"arms of the cohort, beside {entry.name}, which brings {', '.join(entry.brought)}"
                    advice = "Leave `cohort.arms` out, or move the protocol to a study of its own."
                    yield Problem(f"protocols[{place}]", "a protocol without arms of its own", came, advice)

    def _rearings(self, entry: Entry) -> list[Rearing]:
        """Return how the arms measured grow up."""
        return [self.arms[label].rearing or self.cohort.rearing for label in self.measured(entry)]

    def ages(self, entry: Entry) -> tuple[int, ...] | None:
        """Return the ages at which an entry measures subjects, ascending; None for the end of rearing alone."""
        return ages_of(entry.ages, self._rearings(entry))

    @cached_property
    def arms(self) -> Mapping[str, Arm]:
        """The design: the arms declared, or those that protocols bring, or one arm `control`."""
        if self.cohort.arms is not None:
            return self.cohort.arms
        brought = {label: arm for entry in self.protocols for label, arm in entry.brought.items()}
        return brought or {"control": Arm()}

    def measured(self, entry: Entry) -> tuple[str, ...]:
        """Return the labels of the arms that an entry measures, in the order of the design."""
        wanted = entry.arms or tuple(entry.brought) or tuple(self.arms)
        return tuple(label for label in self.arms if label in wanted)

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that identify the declaration, however it was written."""
        return content_key(self.plain())
