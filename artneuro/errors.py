"""What can go wrong, said to a person: which field or file, what was required, what came, what to do next."""

from collections.abc import Iterable

import attrs


class ArtneuroError(Exception):
    """Base of every error that artneuro raises on purpose; its text is a sentence for the user."""


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM), as batch systems do before they kill; it is heeded as Ctrl-C is."""


MOST_SAID = 50
"""Problems of one declaration that are said at once; whoever wrote more has made one mistake many times."""


@attrs.frozen
class Problem:
    """One thing that is wrong with a declaration.

    Parameters
    ----------
    where : str
        Path of the field, such as ``cohort.rearing.batch``; empty where it is the whole value.
    required : str
        What would have been right.
    came : str
        What was there instead.
    advice : str
        What to do next; may be empty where the requirement says it all.
    """

    where: str
    required: str
    came: str
    advice: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        sentence = f"{place}required {self.required}; came {self.came}."
        return f"{sentence} {self.advice}" if self.advice else sentence

    def within(self, prefix: str) -> "Problem":
        """Return the same problem, seen from an enclosing declaration."""
        joint = "" if not self.where or self.where.startswith("[") else "."
        return attrs.evolve(self, where=f"{prefix}{joint}{self.where}" if prefix else self.where)


class SpecificationError(ArtneuroError):
    """A declaration (a study file, or the parameters of a class) is wrong; nothing has been run.

    Parameters
    ----------
    problems : iterable of Problem
        Everything that is wrong, not only the first thing. The text says `MOST_SAID` of them.

    Examples
    --------
    >>> print(SpecificationError([Problem("batch", "a whole number >= 1", "0")]))
    batch: required a whole number >= 1; came 0.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        said = [str(problem) for problem in self.problems[:MOST_SAID]]
        more = len(self.problems) - len(said)
        super().__init__("\n".join([*said, *([f"and {more} more"] if more else [])]))


class DataError(ArtneuroError):
    """Stimuli are missing, corrupt or not what the declaration says; the text names the file or folder."""


class RecordError(ArtneuroError):
    """A record, history or weights file is missing, truncated or breaks the schema; the text names the file."""


class DesignError(ArtneuroError):
    """A statistical question that the design cannot answer; the text says why and what would."""


class RunError(ArtneuroError):
    """A run cannot go on: a folder in use, a disk that is full, a plan that changed under it."""


class ActivityError(ArtneuroError):
    """Activity, or what was computed from it, that a measure is not defined for; the text says what is wrong."""


class NegativeActivityError(ArtneuroError):
    """A measure that is defined for activity >= 0 alone was asked of signed activity."""
