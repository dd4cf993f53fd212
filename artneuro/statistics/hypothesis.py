"""Hypothesis: a claim of a source, declared before the run; its verdict is whatever the run shows."""

from collections.abc import Iterable, Mapping
from typing import final

import attrs
import xarray as xr

from artneuro.errors import ArtneuroError, DesignError, Problem, SpecificationError
from artneuro.fields import Spec, define_spec, param
from artneuro.registry import suggestion
from artneuro.selection import Where
from artneuro.statistics.analysis import AVERAGE_DOC, WHERE_DOC
from artneuro.statistics.association import Method, associate
from artneuro.statistics.cells import MEAN, contrasts_of, is_mean, part_problem, parts_of
from artneuro.statistics.claim import Claim, Correlated, Differ, Interacts, Order, Same, labels, parse
from artneuro.statistics.correlation import pooling_note, within_problems
from artneuro.statistics.design import Design, Question, refusals
from artneuro.statistics.doubts import doubts
from artneuro.statistics.gathering import gather
from artneuro.statistics.interaction import judge_interaction
from artneuro.statistics.judgement import Judgement, judge_correlation, judge_differ, judge_order, judge_same
from artneuro.statistics.sample import draw
from artneuro.statistics.twins import PAIRING_DOC, Pairing
from artneuro.statistics.verdict import Verdict, undecided
from artneuro.statistics.wording import listing


@final
@define_spec
class Hypothesis(Spec):
    """A claim about a variable, in the words of `claim`; see `artneuro.statistics.claim` for what it may say."""

    claim: str = param(doc='such as "clean > half > random", "a ~ b within 0.01", "corr(R.x, R.y) < 0"')
    of: str | None = param(None, doc="the variable, as Record.variable; a correlation names its own")
    factor: str | tuple[str, ...] = param("arm", doc="what the labels of the claim are levels of")
    pairing: Pairing = param("auto", doc=PAIRING_DOC)
    within: str | None = param(None, doc="of a correlation: condition over whose levels it is taken within subjects")
    method: Method = param("pearson", doc="of a correlation: linear, or of ranks")
    covariates: tuple[str, ...] = param((), doc="of a correlation: variables held constant")
    aligned: dict[str, str] = param(
        {}, doc="of a correlation: dim of one variable -> dim of the other that it is read as, such as epoch: onset"
    )
    where: Where = param({}, doc=WHERE_DOC)
    average: tuple[str, ...] = param((), doc=AVERAGE_DOC)

    def problems(self) -> Iterable[Problem]:
        """Refuse a claim that cannot be read, and fields that it has no use for."""
        try:
            claim = parse(self.claim)
        except SpecificationError as error:
            return [problem.within("claim") for problem in error.problems]
        if not isinstance(claim, Correlated):
            missing = Problem("of", "the variable of the claim", "nothing", "Add `of: Record.variable`.")
            found = [] if self.of else [missing]
            given = {"within": self.within, "covariates": self.covariates or None, "aligned": self.aligned or None}
            found += [
                Problem(field, "nothing, unless the claim is a correlation", repr(value), "Leave it out.")
                for field, value in given.items()
                if value is not None
            ]
            return found
        of = (
            [Problem("of", "nothing: the claim names its variables", repr(self.of), "Leave it out.")] if self.of else []
        )
        return of + within_problems(self.within, self.method, self.covariates)

    def read(self) -> Claim:
        """Return the claim, read."""
        return parse(self.claim)

    @property
    def factors(self) -> tuple[str, ...]:
        """The factors whose levels the claim names."""
        return (self.factor,) if isinstance(self.factor, str) else self.factor

    @property
    def addresses(self) -> tuple[str, ...]:
        """What the claim is of: its variable, or both of a correlation, each as Record.variable."""
        claim = self.read()
        return (claim.x, claim.y) if isinstance(claim, Correlated) else (str(self.of),)

    @property
    def subject_matter(self) -> str:
        """What the claim is of, in one line."""
        return ", ".join(self.addresses)

    def refusals(self, design: Design) -> Iterable[Problem]:
        """Yield why the records of a design could not decide it; asked before anything runs."""
        claim = self.read()
        yield from self._not_aligned(design)
        design = design.aligned(self.aligned)
        question = self._question(claim, design)
        yield from refusals(question, design)
        if isinstance(claim, Order | Same | Differ) and "factor" in question.factors:
            yield from self._unknown_labels(claim, question, design)

    def _not_aligned(self, design: Design) -> Iterable[Problem]:
        """Refuse dims that no variable of the claim has: nothing would be read as anything."""
        own = [
            design.records[record].get(name, ())
            for record, _, name in (address.partition(".") for address in (*self.addresses, *self.covariates))
            if record in design.records
        ]
        known = sorted(set().union(*own) - {"subject"})
        for dim in (*self.aligned, *self.aligned.values()):
            if own and dim not in known:
                required = f"dims of the variables ({listing(known)})"
                yield Problem("aligned", required, repr(dim), suggestion(dim, known))

    def _question(self, claim: Claim, design: Design) -> Question:
        if isinstance(claim, Correlated):
            variables = {"claim": (claim.x, claim.y), "covariates": self.covariates}
            within = {"within": (self.within,)} if self.within else {}
            return Question(variables, within, self.where, self.average, pooling=True)
        variables = {"of": (str(self.of),)}
        if isinstance(claim, Interacts):
            return Question(variables, {"claim": claim.factors}, self.where, self.average)
        known = [level for factor in self.factors for level in design.known(factor) or ()]
        factors = {} if is_mean(claim, known) else {"factor": self.factors}
        return Question(variables, factors, self.where, self.average, compares=False)

    def _unknown_labels(self, claim: Claim, question: Question, design: Design) -> Iterable[Problem]:
        for label in labels(claim):
            try:
                parts = parts_of(label, self.factors)
            except DesignError:
                yield part_problem(label, self.factors)
                continue
            for part, factor in zip(parts, self.factors, strict=True):
                known = question.levels_left(design, factor)
                if known is not None and part not in known:
                    yield Problem("claim", f"levels of {factor}", repr(part), suggestion(part, list(known)))

    def test(self, records: Mapping[str, xr.Dataset], label: str = "") -> Verdict:
        """Judge the claim by records; where they cannot answer, the verdict is undecided and says why.

        Parameters
        ----------
        label : str
            Name of the hypothesis in its study.

        Examples
        --------
        >>> record = xr.Dataset(
        ...     {"auc": ("subject", [0.9, 0.8, 0.85, 0.6, 0.65, 0.55])},
        ...     {"arm": ("subject", ["clean"] * 3 + ["half"] * 3), "seed": ("subject", [0, 1, 2] * 2)})
        >>> Hypothesis(claim="clean > half", of="LesionStudy.auc").test({"LesionStudy": record}, "L1").verdict
        'supported'
        """
        name = label or "the hypothesis"
        try:
            judged, notes = self._judge(records)
            doubt = doubts(records, self.addresses, self.where, self._levels_named())
        except ArtneuroError as error:
            return undecided(name, self.claim, self.subject_matter, str(error))
        if doubt and judged.verdict != "undecided":
            beside = f"{judged.sentence} That would make it {judged.verdict}, but {doubt}"
            judged = attrs.evolve(judged, verdict="undecided", sentence=beside)
        values = attrs.asdict(judged, recurse=False)
        sentence = f"{name} ({self.claim}) of {self.subject_matter} is {judged.verdict}: {judged.sentence}"
        values |= {"sentence": sentence, "notes": tuple(dict.fromkeys((*notes, *judged.notes)))}
        return Verdict(label=name, claim=self.claim, of=self.subject_matter, **values)

    def _levels_named(self) -> dict[str, set[str]]:
        """Return the levels of each factor that the claim names; none where it names no levels."""
        claim = self.read()
        if not isinstance(claim, Order | Same | Differ) or labels(claim) == (MEAN,):
            return {}
        parts = [parts_of(label, self.factors) for label in labels(claim)]
        return {factor: set(named) for factor, named in zip(self.factors, zip(*parts, strict=True), strict=True)}

    def _judge(self, records: Mapping[str, xr.Dataset]) -> tuple[Judgement, tuple[str, ...]]:
        claim = self.read()
        if isinstance(claim, Correlated):
            names = [claim.x, claim.y, *self.covariates]
            factors = [self.within] if self.within else []
            record = gather(records, names, self.aligned)
            sample = draw(record, names, factors, where=self.where, average=self.average, pooling=True)
            found = associate(sample, claim.x, claim.y, self.method, self.covariates, self.within)
            judged = judge_correlation(claim, found, self.covariates, self.within)
            return judged, (*sample.notes, *pooling_note(sample, self.within))
        dv = str(self.of)
        record = gather(records, [dv])
        if isinstance(claim, Interacts):
            return judge_interaction(record, dv, claim.factors, self.pairing, self.where, self.average)
        where, average = self.where, self.average
        sample, contrasts = contrasts_of(record, dv, claim, self.factors, self.pairing, where, average)
        if isinstance(claim, Order):
            return judge_order(claim, contrasts), sample.notes
        if isinstance(claim, Same):
            return judge_same(claim, contrasts), sample.notes
        return judge_differ(claim, contrasts), sample.notes
