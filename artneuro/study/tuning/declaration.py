"""What a study file says of tuning: which parameters are searched, how far, by what objective, at what cost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Self, final

from artneuro.environment.validation import HELD_OUT
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import Spec, between, build, define_spec, ge, param, shown, some
from artneuro.records import content_key
from artneuro.registry import suggestion

Objective = Literal["validation_loss", "validation_accuracy"]


@final
@define_spec
class Range(Spec):
    """What is tried of one parameter: all numbers from `low` to `high`, or the `choices` of a list."""

    low: int | float | None = param(None, doc="smallest value")
    high: int | float | None = param(None, doc="largest value")
    log: bool = param(False, doc="search evenly on a logarithmic scale")
    choices: tuple[Any, ...] | None = param(
        None, doc="values that are tried, of whatever kind the parameter takes; a plain list means the same"
    )

    @classmethod
    def from_plain(cls, value: Any) -> Self:
        """Build from parameters, or from a plain list of choices."""
        if isinstance(value, Mapping):
            return build(cls, value)
        if isinstance(value, str) or not isinstance(value, Sequence):
            required = "a range, as {low: ..., high: ...}, or a list of choices"
            raise SpecificationError([Problem("", required, shown(value))])
        return build(cls, {"choices": value})

    def problems(self) -> Iterator[Problem]:
        """Refuse what is neither a range nor choices, or leaves nothing to choose."""
        if self.choices is not None:
            if (self.low, self.high, self.log) != (None, None, False):
                yield Problem("choices", "either choices, or low and high", "both")
            elif len({content_key(choice) for choice in self.choices}) < max(2, len(self.choices)):
                yield Problem("choices", "at least two choices, all different", shown(list(self.choices)))
        elif self.low is None or self.high is None:
            lacking = "low" if self.low is None else "high"
            yield Problem(lacking, "low and high, or choices", "nothing", "For example: {low: 0.01, high: 1.0}")
        elif not self.low < self.high:
            yield Problem("low", f"less than `high`, {self.high:g}", f"{self.low:g}")
        elif self.log and self.low <= 0:
            yield Problem("low", "> 0 on a logarithmic scale", f"{self.low:g}", "Raise it, or leave `log` out.")

    @property
    def ends(self) -> tuple[Any, ...]:
        """The values that must hold for all others to hold: both ends, or every choice."""
        return (self.low, self.high) if self.choices is None else self.choices


@final
@define_spec
class Tune(Spec):
    """A search for hyper-parameters: trials of the study's subjects, judged on stimuli held out of its training set."""

    over: dict[str, Range] = param(doc="path in the study -> what is tried of it", check=some())
    budget: int = param(30, doc="trials", check=ge(1))
    subjects: int = param(1, doc="subjects a trial; every trial rears the same seeds", check=between(1, 10**4))
    first_seed: int = param(
        1_000_000,
        doc="seed of the first subject of a trial; none may be a seed of the study's own subjects",
        check=between(0, 2**31),
    )
    arm: str | None = param(None, doc="arm that is reared; may be left out where the study has one")
    treatment: str | None = param(
        None, doc="treatment of a twin study that the subjects get; as the arm itself, if left out"
    )
    objective: Objective = param(
        "validation_loss", doc="what is searched for, mean over subjects: a loss is to fall, an accuracy to rise"
    )
    at: Literal["last", "best"] = param(
        "last", doc="epoch at which the mean over subjects is read: the last, or that where it is best"
    )
    validation: int | float = param(
        0.2, doc="training stimuli held out to judge by: how many, or which share where it is below 1", check=HELD_OUT
    )
    split_seed: int = param(0, doc="seed of the choice of stimuli held out")
    seed: int = param(0, doc="seed of the search itself")
    startup: int = param(10, doc="trials at random, before the search learns from what it has seen", check=ge(0))
    pruning: Literal["median", "none"] = param(
        "none",
        doc="median: a trial after the random ones ends once it is worse than the median, at that epoch, "
        "of the trials before it that were completed",
    )
    grace: int = param(1, units="epoch", doc="epochs that no pruning cuts short", check=ge(1))
    at_once: int = param(
        1,
        doc="trials that may be under way at once: each is chosen without the results of the `at_once` - 1 before it, "
        "so that up to so many workers find the same as one",
        check=ge(1),
    )

    def problems(self) -> Iterable[Problem]:
        """Refuse two paths of which one leads into the other."""
        for path in self.over:
            for other in self.over:
                if other.startswith((f"{path}.", f"{path}[")):
                    yield Problem(f"over.{other}", "paths that lie apart", f"a path into {path}, which is searched too")

    @property
    def rising(self) -> bool:
        """Whether the objective is to rise."""
        return self.objective == "validation_accuracy"

    @property
    def seeds(self) -> range:
        """Seeds of the subjects of every trial."""
        return range(self.first_seed, self.first_seed + self.subjects)


def misfits(tune: Tune, arms: Sequence[str], taken: range) -> Iterator[Problem]:
    """Yield what does not fit the study that is tuned.

    Parameters
    ----------
    tune : Tune
    arms : sequence of str
        Labels of the study's arms.
    taken : range
        Seeds of the study's own subjects.
    """
    if tune.arm is None and len(arms) > 1:
        yield Problem("tune.arm", f"one of the arms {', '.join(arms)}", "nothing", "Add `arm` to `tune`.")
    elif tune.arm is not None and tune.arm not in arms:
        yield Problem("tune.arm", "the label of an arm", shown(tune.arm), suggestion(tune.arm, list(arms)))
    if max(tune.seeds.start, taken.start) < min(tune.seeds.stop, taken.stop):
        required = f"seeds other than those of the study, {taken.start} to {taken.stop - 1}"
        came = f"{tune.seeds.start} to {tune.seeds.stop - 1}"
        yield Problem("tune.first_seed", required, came, "Subjects that chose the values must not be measured.")
