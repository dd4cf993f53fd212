"""One subject and one part of a plan, each with its content key."""

from typing import final

import attrs

from artneuro.protocols.protocol import Protocol
from artneuro.study.upbringing import Upbringing
from artneuro.subject import Subject


@final
@attrs.frozen
class PlannedSubject:
    """One subject of the design; subjects of different arms with the same key are one and the same animal."""

    arm: str
    seed: int
    upbringing: Upbringing
    key: str

    @property
    def id(self) -> str:
        """Identity within the cohort: arm and seed."""
        return f"{self.arm}-{self.seed}"


@final
@attrs.frozen
class PlannedPart:
    """What one protocol measures on one subject at one age (its present one, where `age` is None)."""

    record: str
    protocol: Protocol
    subject: PlannedSubject
    age: int | None
    key: str

    def weights_of(self, subject: Subject) -> str | None:
        """Return the fingerprint of the weights that are to be measured.

        None where there are none: the subject diverged, or its rearing ended before that age.
        """
        if subject.diverged >= 0 or (self.age is not None and self.age not in subject.ages):
            return None
        return (subject if self.age is None else subject.at(self.age)).fingerprint
