"""One subject, one shared beginning and one part of a plan, each with its content key."""

from collections.abc import Sequence
from typing import final

import attrs

from artneuro.protocols.protocol import Protocol
from artneuro.records import content_key
from artneuro.study.upbringing import Upbringing
from artneuro.subject import Subject


@final
@attrs.frozen
class Grown:
    """How a subject has come out of its rearing: its age, and the epoch it diverged in, or -1."""

    age: int
    diverged: int


@final
@attrs.frozen
class PlannedSubject:
    """One subject of the design, or a twin of one; subjects with the same key are one and the same animal.

    Parameters
    ----------
    arm, seed
        Its place in the design.
    upbringing : Upbringing
        How it grows up.
    key : str
        Content key.
    treatment : str
        How it is treated among its twins; empty for a subject of the design itself.
    """

    arm: str
    seed: int
    upbringing: Upbringing
    key: str
    treatment: str = ""

    @property
    def id(self) -> str:
        """Identity within the cohort: arm, seed and, for a twin, treatment."""
        return f"{self.arm}-{self.seed}" + (f" ({self.treatment})" if self.treatment else "")


@final
@attrs.frozen
class PlannedBeginning:
    """A stretch of life that subjects share; it is lived once.

    Parameters
    ----------
    upbringing : Upbringing
        What is lived, under the key of this beginning.
    until : int
        Epochs of the rearing after which those that share it part.
    before : int
        Epochs of it that are another, shorter beginning.
    members : tuple of str
        Keys of the upbringings that share it.
    branches : tuple of PlannedBeginning
        Longer beginnings that some of them share.
    """

    upbringing: Upbringing
    until: int
    before: int
    members: tuple[str, ...]
    branches: tuple["PlannedBeginning", ...]

    def key(self, seed: int) -> str:
        """Return the content key of this beginning of one subject."""
        return content_key(self.upbringing.key, seed)

    @property
    def saved(self) -> int:
        """Epochs that a subject of each member saves by sharing, here and in all branches."""
        own = (len(self.members) - 1) * (self.until - self.before)
        return own + sum(branch.saved for branch in self.branches)


@final
@attrs.frozen
class PlannedPart:
    """What one protocol measures on one subject at one age (its present one, where `age` is None), or on its twins.

    Parameters
    ----------
    record : str
        Name of the record that it will be part of.
    protocol : Protocol
        What is measured.
    subject : PlannedSubject
        Of the design: whose line in the record it is.
    age : int or None
        In epochs.
    key : str
        Content key.
    twins : tuple of PlannedSubject
        For a twin study, all that are compared, in the order of its treatments.
    material : str
        What identifies all that the protocol reads besides subjects, when the plan was made.
    """

    record: str
    protocol: Protocol
    subject: PlannedSubject
    age: int | None
    key: str
    twins: tuple[PlannedSubject, ...] = ()
    material: str = ""

    @property
    def animals(self) -> tuple[PlannedSubject, ...]:
        """All that must be reared before it can be measured."""
        return self.twins or (self.subject,)

    @property
    def tracked(self) -> bool:
        """Whether it is measured at an age whose weights are not kept."""
        return self.age is not None and self.age in self.subject.upbringing.tracked

    def measurable(self, adults: Sequence[Subject | Grown]) -> bool:
        """Tell whether there is something to measure, of its animals in their order as they have become.

        There is nothing where a subject diverged, or its rearing ended before that age. Twins are compared whatever
        became of them.
        """
        if self.twins:
            return True
        (subject,) = adults
        return subject.diverged < 0 and (self.age is None or self.age <= subject.age)

    def weights_of(self, subjects: Sequence[Subject]) -> str:
        """Return the fingerprint of the weights that are to be measured, of its animals as they were at its age."""
        if self.twins:
            return content_key([[twin.fingerprint, twin.age, twin.diverged] for twin in subjects])
        (subject,) = subjects
        return subject.fingerprint
