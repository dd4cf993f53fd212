"""How claims are judged: each kind of claim by its test."""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import final

import attrs

from artneuro.statistics import _pingouin
from artneuro.statistics.association import Association
from artneuro.statistics.claim import Correlated, Differ, Order, Same, Side, compared
from artneuro.statistics.correlation import words
from artneuro.statistics.equivalence import sentence as tost_sentence
from artneuro.statistics.power import Alternative
from artneuro.statistics.tost import Tost, tost
from artneuro.statistics.twins import Compared, require_varied
from artneuro.statistics.verdict import ALPHA, Decision, decide
from artneuro.statistics.wording import degrees, effect, interval, number, p_value, statistic

Contrasts = Callable[[Side], Compared]
"""From a sum of levels to its contrast."""


@final
@attrs.frozen(kw_only=True)
class Judgement:
    """A verdict without the names of its hypothesis; see `Verdict`."""

    verdict: Decision
    effect: float
    effect_name: str
    low: float
    high: float
    p: float
    n: int
    power: float
    sentence: str
    notes: tuple[str, ...] = ()


def judge_order(claim: Order, contrasts: Contrasts) -> Judgement:
    """Judge an order: one-sided tests of adjacent sides, corrected after Holm, and the trend, which may stand alone."""
    steps = [_Step.of(f"{a} > {b}", a.minus(b), contrasts) for a, b in compared(claim)]
    line = _trend(claim.sides)
    if len(claim.sides) > 2 and line.levels:
        trend = _Step.of("trend", line, contrasts)
        if claim.trend:
            return _of_steps([trend], (f"Steps: {'; '.join(step.words() for step in steps)}.",))
        return _of_steps(steps, (f"{trend.words()[0].upper()}{trend.words()[1:]}.",))
    return _of_steps(steps)


@final
@attrs.frozen
class _Step:
    """One comparison of an order, in the direction claimed."""

    name: str
    compared: Compared
    bound: float

    @classmethod
    def of(cls, name: str, difference: Side, contrasts: Contrasts) -> "_Step":
        found = contrasts(difference)
        require_varied(found, f"{name} ({found.how})")
        return cls(name, found, -difference.constant)

    @property
    def p(self) -> float:
        return self.compared.contrast.p("greater", self.bound)

    @property
    def p_opposite(self) -> float:
        return self.compared.contrast.p("less", self.bound)

    def words(self) -> str:
        contrast = self.compared.contrast
        low, high = contrast.interval()
        size = effect(contrast.effect_name, contrast.effect(self.bound), *contrast.effect_interval(self.bound))
        return (
            f"{self.name}, {self.compared.how}: t({degrees(contrast.df)}) = {statistic(contrast.t(self.bound))}, "
            f"one-sided {p_value(self.p)}, difference = {number(contrast.estimate - self.bound)}, "
            f"{interval(low - self.bound, high - self.bound)}, {size}, n = {contrast.n}"
        )


def _of_steps(steps: Sequence[_Step], beside: tuple[str, ...] = ()) -> Judgement:
    p = _pingouin.corrected([step.p for step in steps], "holm")
    opposite = _pingouin.corrected([step.p_opposite for step in steps], "holm")
    # the least certain step decides; where one speaks against the claim, that one does
    against = [place for place, value in enumerate(opposite) if value < ALPHA]
    place = min(against, key=opposite.__getitem__) if against else max(range(len(steps)), key=p.__getitem__)
    contrast, bound = steps[place].compared.contrast, steps[place].bound
    low, high = contrast.effect_interval(bound)
    several = f" (p of the claim after Holm: {p_value(max(p))})" if len(steps) > 1 else ""
    notes = tuple(dict.fromkeys(note for step in steps for note in step.compared.notes))
    return Judgement(
        verdict=decide(max(p) < ALPHA, bool(against)),
        effect=contrast.effect(bound),
        effect_name=contrast.effect_name,
        low=low,
        high=high,
        p=max(p),
        n=contrast.n,
        power=contrast.power(contrast.effect(bound), alternative="greater"),
        sentence=f"{'; '.join(step.words() for step in steps)}{several}.",
        notes=(*beside, *notes),
    )


def _trend(sides: Sequence[Side]) -> Side:
    """Return the linear contrast over sides in the order claimed: the last from the first, and so on inwards."""
    total: dict[str, float] = {}
    for place, side in enumerate(sides):
        weight = (len(sides) - 1) / 2 - place
        for level, share_of in side.levels.items():
            total[level] = total.get(level, 0.0) + weight * share_of
    constant = sum(((len(sides) - 1) / 2 - place) * side.constant for place, side in enumerate(sides))
    return Side({level: weight for level, weight in total.items() if weight}, constant)


def judge_differ(claim: Differ, contrasts: Contrasts) -> Judgement:
    """Judge a difference without direction, by a two-sided test."""
    ((a, b),) = compared(claim)
    difference = a.minus(b)
    found = contrasts(difference)
    require_varied(found, f"{a} against {b} ({found.how})")
    contrast, bound = found.contrast, -difference.constant
    low, high = contrast.effect_interval(bound)
    p = contrast.p("two-sided", bound)
    return Judgement(
        verdict=decide(p < ALPHA, False),
        effect=contrast.effect(bound),
        effect_name=contrast.effect_name,
        low=low,
        high=high,
        p=p,
        n=contrast.n,
        power=contrast.power(contrast.effect(bound)),
        sentence=(
            f"{a} against {b}, {found.how}: t({degrees(contrast.df)}) = {statistic(contrast.t(bound))}, {p_value(p)}, "
            f"{effect(contrast.effect_name, contrast.effect(bound), low, high)}, n = {contrast.n}."
        ),
        notes=(*found.notes, *NEVER_CONTRADICTED),
    )


NEVER_CONTRADICTED = ("Such a claim is never contradicted; `a ~ b within MARGIN` claims that there is no difference.",)


def judge_same(claim: Same, contrasts: Contrasts) -> Judgement:
    """Judge an equivalence: two one-sided tests of every pair; all must show it (no correction is needed for all)."""
    pairs: list[tuple[str, Compared, Tost]] = []
    for a, b in itertools.combinations(claim.sides, 2):
        difference = a.minus(b)
        found = contrasts(difference)
        pairs.append((f"{a} and {b}", found, tost(found.contrast, claim.margin, -difference.constant)))
    outside = [pair for pair in pairs if pair[2].different]
    _, found, answer = outside[0] if outside else max(pairs, key=lambda pair: pair[2].p)
    notes = tuple(dict.fromkeys(note for _, compared_, _ in pairs for note in compared_.notes))
    return Judgement(
        verdict=decide(all(one.equivalent for _, _, one in pairs), bool(outside)),
        effect=answer.difference,
        effect_name="difference",
        low=answer.low,
        high=answer.high,
        p=max(one.p for _, _, one in pairs),
        n=found.contrast.n,
        power=answer.power,
        sentence=" ".join(
            f"{tost_sentence(f'{name}, {how.how}', one).removesuffix('.')}, n = {how.contrast.n}."
            for name, how, one in pairs
        ),
        notes=notes,
    )


def judge_correlation(
    claim: Correlated, found: Association, covariates: Sequence[str], within: str | None
) -> Judgement:
    """Judge a correlation against a number; an equivalence on Fisher's scale."""
    value, notes = claim.value, tuple[str, ...]()
    if claim.relation == "~":
        p = max(found.p("greater", value - claim.margin), found.p("less", value + claim.margin))
        low, high = found.interval(0.9)
        verdict = decide(p < ALPHA, low > value + claim.margin or high < value - claim.margin)
        asked = f"{p_value(p)} for equivalence to {value:g} within {claim.margin:g}"
        power = math.nan
    elif claim.relation == "!=":
        p = found.p("two-sided", value)
        low, high = found.interval()
        verdict, asked = decide(p < ALPHA, False), f"{p_value(p)} against {value:g}"
        power = found.power(found.r) if value == 0 else math.nan
        notes = NEVER_CONTRADICTED
    else:
        claimed: Alternative = "greater" if claim.relation == ">" else "less"
        opposite: Alternative = "less" if claim.relation == ">" else "greater"
        p = found.p(claimed, value)
        low, high = found.interval()
        verdict = decide(p < ALPHA, found.p(opposite, value) < ALPHA)
        asked = f"one-sided {p_value(p)} against {value:g}"
        power = found.power(found.r, alternative=claimed) if value == 0 else math.nan
    return Judgement(
        verdict=verdict,
        effect=found.r,
        effect_name=found.name,
        low=low,
        high=high,
        p=p,
        n=found.n,
        power=power,
        sentence=words(found, claim.x, claim.y, covariates, within, asked),
        notes=notes,
    )
