"""How subjects grow up, and how their numbers are made: all that a reared subject depends on besides its seed."""

from typing import Any, final

import attrs
import torch

from artneuro import records
from artneuro.anatomy.anatomy import Anatomy
from artneuro.environment.environment import Environment, EnvironmentSource
from artneuro.fields import plain
from artneuro.rearing.engine import Way, way
from artneuro.rearing.intervention import Intervention
from artneuro.rearing.rearing import Rearing
from artneuro.study import code
from artneuro.subject import Subject


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
    """

    anatomy: Anatomy
    source: EnvironmentSource
    rearing: Rearing
    interventions: tuple[Intervention, ...]
    environment: str
    way: Way
    key: str

    @classmethod
    def of(
        cls, newborn: Subject, rearing: Rearing, interventions: tuple[Intervention, ...], computing: Computing
    ) -> "Upbringing":
        """Return the upbringing that is meant for a naive subject, and for others that differ in their seed alone."""
        anatomy, environment = newborn.anatomy, newborn.environment
        how = way(newborn.model(), computing.device)
        facts = {
            "anatomy": plain(anatomy),
            "environment": environment.fingerprint,
            "rearing": plain(rearing),
            "interventions": plain(interventions),
            "way": how,
            "computing": computing.rearing(),
            "code": code.digest(
                "artneuro.rearing.rear",
                "artneuro.subject",
                *code.modules_of([anatomy, environment.source, rearing, *interventions]),
            ),
        }
        key = records.content_key(facts)
        return cls(anatomy, environment.source, rearing, interventions, environment.fingerprint, how, key)

    def naive(self, seed: int, arm: str, environment: Environment) -> Subject:
        """Return a subject at birth that is to grow up like this."""
        return Subject.naive(self.anatomy, environment, seed, arm)
