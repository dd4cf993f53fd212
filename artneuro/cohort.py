"""Cohort: subjects under a labelled design, arm x seed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, final

import attrs

from artneuro.anatomy.anatomy import Anatomy
from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Spec, build, define_spec, param, shown
from artneuro.rearing.intervention import Intervention
from artneuro.rearing.rear import rear_litter
from artneuro.rearing.rearing import Rearing
from artneuro.subject import Subject


@final
@define_spec
class Arm(Spec):
    """A group of the design: interventions, and what differs from the cohort's anatomy, environment and rearing."""

    interventions: tuple[Intervention, ...] = param((), doc="what is done to its subjects while they are reared")
    anatomy: Anatomy | None = param(None, doc="its own anatomy; the cohort's, if left out")
    environment: EnvironmentSource | None = param(None, doc="its own environment; the cohort's, if left out")
    rearing: Rearing | None = param(None, doc="its own rearing; the cohort's, if left out")

    @classmethod
    def from_plain(cls, value: Any) -> Self:
        """Build from parameters, or from a plain list of interventions."""
        if isinstance(value, Mapping):
            return build(cls, value)
        if isinstance(value, str) or not isinstance(value, Sequence):
            required = "a list of interventions, or the parameters of an arm"
            raise SpecificationError([Problem("", required, shown(value))])
        try:
            return build(cls, {"interventions": value})
        except SpecificationError as error:
            raise SpecificationError(
                attrs.evolve(problem, where=problem.where.removeprefix("interventions")) for problem in error.problems
            ) from None


@final
@attrs.frozen(eq=False)
class Cohort:
    """Subjects under a labelled design.

    Parameters
    ----------
    subjects : tuple of Subject
        Arm by arm, seeds ascending.
    rearing : mapping of arm to Rearing
        How each arm grows up.
    arms : mapping of str to Arm
        The design.
    """

    subjects: tuple[Subject, ...]
    arms: Mapping[str, Arm]
    rearing: Mapping[str, Rearing]

    @classmethod
    def of(
        cls,
        *,
        anatomy: Anatomy,
        environment: Environment,
        rearing: Rearing,
        arms: Mapping[str, Arm | Sequence[Intervention]] | None = None,
        n: int = 10,
        first_seed: int = 0,
        data_root: Path | str | None = None,
    ) -> Self:
        """Return `n` naive subjects an arm; the same seeds in every arm, so that arms are paired.

        Examples
        --------
        >>> import artneuro as an
        >>> cohort = an.Cohort.of(
        ...     anatomy=an.anatomy("mlp"), environment=an.environment("digits"), rearing=an.Rearing(epochs=1),
        ...     arms={"clean": (), "random": (an.LabelCorruption(fraction=1.0),)}, n=2)
        >>> [subject.id for subject in cohort]
        ['clean-0', 'clean-1', 'random-0', 'random-1']
        """
        if n < 1:
            raise SpecificationError([Problem("n", "a whole number >= 1", str(n))])
        design = {label: as_arm(arm) for label, arm in (arms or {"control": Arm()}).items()}
        loaded: list[tuple[EnvironmentSource | None, Environment]] = [(None, environment)]
        places = {}
        for label, arm in design.items():
            known = [place for source, place in loaded if source == arm.environment]
            if arm.environment is not None and not known:
                known = [arm.environment.load(data_root, environment.device)]
                loaded.append((arm.environment, known[0]))
            places[label] = known[0]
        subjects = tuple(
            Subject.naive(arm.anatomy or anatomy, places[label], seed, label)
            for label, arm in design.items()
            for seed in range(first_seed, first_seed + n)
        )
        return cls(subjects, design, {label: arm.rearing or rearing for label, arm in design.items()})

    def __len__(self) -> int:
        return len(self.subjects)

    def __iter__(self) -> Iterator[Subject]:
        return iter(self.subjects)

    def rear(self, progress: Callable[[str, int, int], Any] | None = None) -> "Cohort":
        """Return the cohort grown up; each arm is a litter.

        Parameters
        ----------
        progress : callable, optional
            Called with (arm, epoch, epochs) as each epoch ends.
        """
        adults: list[Subject] = []
        for label, arm in self.arms.items():
            litter = [subject for subject in self.subjects if subject.arm == label]
            tell = None if progress is None else (lambda epoch, epochs, label=label: progress(label, epoch, epochs))
            adults += rear_litter(litter, self.rearing[label], arm.interventions, progress=tell)
        return attrs.evolve(self, subjects=tuple(adults))


def as_arm(arm: Arm | Sequence[Intervention]) -> Arm:
    """Return an arm from an arm or from its interventions alone."""
    return arm if isinstance(arm, Arm) else Arm(interventions=tuple(arm))
