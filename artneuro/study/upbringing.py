"""How subjects grow up, and how their numbers are made: all that a reared subject depends on besides its seed."""

from typing import Any, final

import attrs
import torch

from artneuro import records
from artneuro.anatomy.anatomy import Anatomy
from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.fields import plain
from artneuro.rearing.beginnings import Course
from artneuro.rearing.engine import Way, way
from artneuro.rearing.intervention import Intervention
from artneuro.rearing.rearing import Rearing
from artneuro.study import code
from artneuro.subject import Subject

LOOP = ("artneuro.rearing.rear", "artneuro.subject")
"""Modules that rear every subject."""


@final
@attrs.frozen
class Computing:
    """How numbers are made: what decides their last bits besides the declaration.

    Parameters
    ----------
    device : str
        Torch device.
    threads : int
        Threads that a measurement computes with; those of rearing are declared in `Rearing`.
    """

    device: str = "cpu"
    threads: int = 1

    def rearing(self) -> dict[str, Any]:
        """Return what rearing depends on, as JSON-able data: kind of device, and versions of what computes."""
        versions = records.environment_facts()
        kept = {name: versions[name] for name in ("torch", "numpy", "scipy")}
        return {"device": torch.device(self.device).type, "versions": kept}

    def measuring(self) -> dict[str, Any]:
        """Return what a measurement depends on, as JSON-able data."""
        return {**self.rearing(), "threads": self.threads}


@final
@attrs.frozen
class Upbringing:
    """How subjects grow up: everything but their seed.

    Parameters
    ----------
    anatomy, source, rearing, interventions
        The declaration.
    environment : str
        Fingerprint of the stimuli that `source` gives.
    way : "stacked" or "plain"
        How litters of them are computed; see `artneuro.rearing.engine.way`.
    key : str
        Content key of all of these, the code that rears and what computes.
    kin : str
        Content key of what must be alike in subjects that share the beginning of their lives: anatomy, stimuli, way,
        the code of the training loop and what computes.
    tracked : tuple of int
        Ages, ascending, whose weights are needed until they are measured and are not kept: no part of what subjects
        become, and so of no key.
    material : str
        What identifies all that the anatomy reads, when this was planned.
    """

    anatomy: Anatomy
    source: EnvironmentSource
    rearing: Rearing
    interventions: tuple[Intervention, ...]
    environment: str
    way: Way
    key: str
    kin: str
    tracked: tuple[int, ...] = ()
    material: str = ""

    @classmethod
    def of(
        cls, newborn: Subject, rearing: Rearing, interventions: tuple[Intervention, ...], computing: Computing
    ) -> "Upbringing":
        """Return the upbringing that is meant for a naive subject, and for others that differ in their seed alone."""
        environment = newborn.environment
        how = way(newborn.model(), computing.device)
        origin = newborn.anatomy, environment.source, environment.fingerprint, how
        return cls._growing(*origin, rearing, interventions, computing)

    def another(self, course: Course, computing: Computing) -> "Upbringing":
        """Return another upbringing of the same newborns."""
        origin = self.anatomy, self.source, self.environment, self.way
        return self._growing(*origin, course.rearing, course.interventions, computing)

    @classmethod
    def _growing(
        cls,
        anatomy: Anatomy,
        source: EnvironmentSource,
        environment: str,
        how: Way,
        rearing: Rearing,
        interventions: tuple[Intervention, ...],
        computing: Computing,
    ) -> "Upbringing":
        born = {"anatomy": plain(anatomy), "environment": environment, "way": how, "computing": computing.rearing()}
        if material := anatomy.material():
            born |= {"material": material}
        facts = {
            **born,
            "rearing": plain(rearing),
            "interventions": plain(interventions),
            "code": code.digest(*LOOP, *code.modules_of([anatomy, source, rearing, *interventions])),
        }
        kin = records.content_key({**born, "code": code.digest(*LOOP, *code.modules_of([anatomy, source]))})
        key = records.content_key(facts)
        return cls(anatomy, source, rearing, interventions, environment, how, key, kin, material=material)

    @property
    def course(self) -> Course:
        """How they grow up, apart from what and where they are."""
        return Course(self.rearing, self.interventions)

    @property
    def tracking(self) -> Course:
        """The same, with the tracked ages among those that are kept: until those that share a beginning part."""
        keep = tuple(sorted({*self.rearing.keep, *self.tracked}))
        return Course(self.rearing.but(keep=keep), self.interventions)

    def beginning(self, course: Course, until: int) -> "Upbringing":
        """Return the upbringing of those that live the beginning of a course, up to `until`, under a key of its own.

        The key covers what is lived: what acts in each epoch, the learning rate, and the ages kept; not what comes
        later, so that a beginning serves a course which is declared another day.
        """
        regimes = [course.regime(epoch) for epoch in range(until)]
        acting = [each for _, acting in regimes for _, each in acting]
        facts = {
            "kin": self.kin,
            "rearing": plain(course.lasting()),
            "keep": plain(course.rearing.keep),
            "regimes": [[factor, [[place, plain([each])] for place, each in acting]] for factor, acting in regimes],
            "code": code.digest(*code.modules_of([course.lasting(), *acting])),
        }
        return attrs.evolve(
            self, rearing=course.rearing, interventions=course.interventions, key=records.content_key(facts)
        )

    def naive(self, seed: int, arm: str, environment: Environment) -> Subject:
        """Return a subject at birth that is to grow up like this."""
        return Subject.naive(self.anatomy, environment, seed, arm)
