"""Ages: when an entry of a study measures subjects: kept ones, or ages that are tracked while subjects grow up."""

from collections.abc import Iterator, Sequence
from typing import Literal, final

from artneuro.errors import Problem
from artneuro.fields import Check, Spec, define_spec, each, ge, param
from artneuro.rearing.rearing import Rearing

MOST = 10_000
"""Ages at which a subject is measured, at most."""


@final
@define_spec
class Tracking(Spec):
    """Ages at which subjects are measured in the middle of their rearing; weights of those ages are not kept.

    Examples
    --------
    >>> Tracking(every=2, at=(1,)).ages(5)
    (0, 1, 2, 4, 5)
    """

    every: int | None = param(
        None,
        units="epoch",
        doc="measure at birth, after every so many epochs, and at the end",
        check=Check(">= 1 (1: after each epoch)", lambda every: every >= 1, {"minimum": 1}),
    )
    at: tuple[int, ...] = param((), units="epoch", doc="ages to measure at, besides", check=each(ge(0)))

    def problems(self) -> Iterator[Problem]:
        """Refuse no ages at all."""
        if self.every is None and not self.at:
            advice = "Write {every: 5}, {at: [0, 1, 2]} or both; or leave `ages` out, to measure at the end."
            yield Problem("every", "a number of epochs, or ages `at` which to measure", "neither", advice)

    def ages(self, epochs: int) -> tuple[int, ...]:
        """Return the ages at which it measures in a rearing of so many epochs, ascending."""
        regular = () if self.every is None else (*range(0, epochs, self.every), epochs)
        return tuple(sorted({*regular, *self.at}))


Ages = Tracking | tuple[int, ...] | Literal["kept"] | None
"""How an entry says at which ages it measures; None is the end of rearing alone."""


def ages_of(ages: Ages, rearings: Sequence[Rearing]) -> tuple[int, ...] | None:
    """Return the ages, ascending, at which subjects of several rearings are measured; None for their end alone."""
    if isinstance(ages, Tracking):
        return _common([ages.ages(rearing.epochs) for rearing in rearings])
    if ages == "kept":
        return _kept(rearings)
    return ages and tuple(sorted(set(ages)))


def in_words(ages: Ages) -> str:
    """Return when an entry measures, as a reader of a report meets it.

    Examples
    --------
    >>> in_words(Tracking(every=5, at=(1, 2))), in_words(Tracking(at=(0,))), in_words((2, 4)), in_words(None)
    ('every 5 epochs, and 1, 2', '0', '2, 4', 'the end')
    """
    if isinstance(ages, Tracking):
        regular = "" if ages.every is None else "every epoch" if ages.every == 1 else f"every {ages.every} epochs"
        return ", and ".join(filter(None, [regular, ", ".join(map(str, ages.at))]))
    if isinstance(ages, tuple):
        return ", ".join(map(str, ages))
    return ages or "the end"


def kept(age: int, rearing: Rearing) -> bool:
    """Tell whether a rearing keeps the weights of an age that it reaches."""
    return age in rearing.keep or age == rearing.epochs


def unreached(ages: Ages, rearings: Sequence[Rearing]) -> Iterator[Problem]:
    """Yield why subjects of these rearings cannot be measured at some ages."""
    if not rearings or ages is None:
        return
    if isinstance(ages, Tracking):
        shortest = min(rearing.epochs for rearing in rearings)
        if ages.every is not None and ages.every > shortest:
            required = f"at most {shortest}, the epochs of the shortest rearing measured"
            advice = "Lower it; or leave `ages` out, to measure at the end."
            yield Problem("ages.every", required, str(ages.every), advice)
        longest = max(rearing.epochs for rearing in rearings)
        if ages.every is not None and longest // ages.every > MOST:
            came = f"{longest // ages.every} ages in {longest} epochs"
            yield Problem("ages.every", f"at most {MOST} ages of a subject", came, "Measure less often.")
        late = [age for age in ages.at if age > shortest]
        if late:
            required = f"ages up to {shortest}, the end of the shortest rearing measured"
            yield Problem("ages.at", required, str(late), "Raise the rearing's `epochs`, or drop them.")
        return
    lost = ", ".join(str(age) for age in ages_of(ages, rearings) or () if not all(kept(age, each) for each in rearings))
    if lost:
        required = f"ages that all arms measured keep ({', '.join(map(str, _kept(rearings))) or 'none'})"
        shortest = min(rearing.epochs for rearing in rearings)
        beyond = [age for age in ages_of(ages, rearings) or () if age > shortest]
        advice = f"Add {lost} to the rearing's `keep`; or track them, with `ages: {{at: [{lost}]}}`."
        if beyond:
            advice = f"Rearing ends at {shortest}: raise its `epochs`, or drop {', '.join(map(str, beyond))}."
        yield Problem("ages", required, lost, advice)


def _kept(rearings: Sequence[Rearing]) -> tuple[int, ...]:
    """Return the ages that all rearings keep, ascending."""
    return _common([(*rearing.keep, rearing.epochs) for rearing in rearings])


def _common(ages: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sorted(set.intersection(*map(set, ages)))) if ages else ()
