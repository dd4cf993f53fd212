"""DeprivationStudy: when does a sensory deficit do lasting harm? Achille, Rovere and Soatto 2019, arXiv 1711.08856."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, final

import numpy as np
import xarray as xr

from artneuro import records
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import between, define_spec, each, ge, param, some
from artneuro.labels import Label
from artneuro.measures.curves import half_dose
from artneuro.protocols.protocol import TwinStudy
from artneuro.rearing.beginnings import Course
from artneuro.rearing.intervention import Intervention
from artneuro.rearing.modulation import modulations
from artneuro.rearing.schedule import Constant, Restart, Schedule
from artneuro.rearing.suitability import units_of
from artneuro.rearing.timing import Window
from artneuro.registry import register
from artneuro.subject import Subject

CLEAN = "clean"
"""The treatment without any deficit: the baseline."""

_COURSES = {
    "train_accuracy": "share of right answers on the training stimuli, with the targets as told, as they were seen in "
    "the epoch or, with `evaluate_train`, as they are after it",
    "train_loss": "cross-entropy of the same",
    "test_accuracy": "share of right answers on the test stimuli, which have no deficit",
    "test_loss": "cross-entropy on the test stimuli, which have no deficit",
    "learning_rate": "learning rate in the epoch",
}
_FINALS = {"train_accuracy": "training accuracy", "test_accuracy": "test accuracy", "test_loss": "test loss"}
_UNITS = {"train_loss": "nat", "test_loss": "nat"}


def _labels(prefix: str, along: str, when: str) -> dict[str, Label]:
    """Return the variables of one curve."""
    dims = ("deficit", along)
    labels = {
        f"{prefix}{name}": Label(f"{meaning}, where the deficit {when}", _UNITS.get(name, "1"), (*dims, "epoch"))
        for name, meaning in _COURSES.items()
    }
    for name in _FINALS:
        meaning = f"{_FINALS[name]} at the end, median of the last epochs; the deficit {when}"
        labels[f"{prefix}final_{name}"] = Label(meaning, _UNITS.get(name, "1"), dims)
    sensitivity = f"final test accuracy without deficit, less that where the deficit {when}"
    flag = f"under-fitted: training accuracy ended below the floor, without deficit or where the deficit {when}"
    return {
        **labels,
        f"{prefix}sensitivity": Label(sensitivity, "1", dims),
        f"{prefix}under_fitted": Label(flag, "1", dims),
    }


def _judged(prefix: str) -> tuple[str, ...]:
    """Return the variables of a curve that say nothing of under-fitted subjects."""
    return (f"{prefix}final_test_accuracy", f"{prefix}final_test_loss", f"{prefix}sensitivity")


@final
@register("DeprivationStudy")
@define_spec
class DeprivationStudy(TwinStudy):
    """Deprive twins of normal input for part of their youth, and measure what they can do as adults.

    A *removal curve* has a deficit from birth to each of the ages `removals`, and then `clean` epochs without it. A
    *window curve* has it for `duration` epochs from each of the ages `onsets`, within a rearing of fixed length. All
    twins of a subject are born alike and see the stimuli in the same order; one of them, the baseline, is never
    deprived. What twins share of their lives is lived once.

    Two things can pass for a critical period and are none. Where the learning rate decays by age, a late removal leaves
    little of it: `learning_rate` tells whether it goes on, begins anew at the removal, or is constant from birth. And a
    subject that has not learnt its training stimuli is under-fitted, not harmed: training accuracy is recorded beside
    test accuracy, and every test of the record names the groups that ended below `floor`.

    How long the period lasts is told by `half_age`: the removal by which half of the harm of the last one is done. It
    does not grow with the harm.

    The optimiser keeps its state at the removal. A deficit is any intervention; its window is set here.

    Examples
    --------
    >>> import artneuro as an
    >>> cohort = an.Cohort.of(
    ...     anatomy=an.anatomy("mlp", widths=(16,)), environment=an.environment("digits"),
    ...     rearing=an.Rearing(epochs=2), n=2)
    >>> record = an.DeprivationStudy(deficits={"blur": an.Blur(size=2)}, removals=(0, 2)).run(cohort)
    >>> dict(record.sensitivity.sizes), float(abs(record.sensitivity.sel(removal=0)).max())
    ({'subject': 2, 'deficit': 1, 'removal': 2}, 0.0)
    """

    deficits: dict[str, Intervention] = param(doc="name -> what the subjects are deprived of", check=some())
    removals: tuple[int, ...] = param(
        (), units="epoch", doc="ages at which a deficit from birth ends, ascending", check=each(ge(0))
    )
    onsets: tuple[int, ...] = param(
        (), units="epoch", doc="ages at which a deficit of fixed duration begins, ascending", check=each(ge(0))
    )
    duration: int = param(40, units="epoch", doc="how long a deficit lasts that begins at an onset", check=ge(1))
    clean: int | None = param(
        None, units="epoch", doc="epochs after the removal; as many as the arm's rearing has, if left out", check=ge(1)
    )
    learning_rate: Literal["continue", "restart", "constant"] = param(
        "continue",
        doc="as the deficit ends, the schedule goes on by age, or begins anew; or it is constant from birth, in the "
        "baseline too",
    )
    last: int = param(1, units="epoch", doc="epochs at the end over which final values are medians", check=ge(1))
    floor: float = param(
        0.9, doc="training accuracy at the end below which subjects count as under-fitted", check=between(0, 1)
    )

    needs_classes: ClassVar[bool] = True
    outputs: ClassVar[Mapping[str, Label]] = {
        **_labels("", "removal", "lasts from birth to an age"),
        **_labels("window_", "onset", "lasts for a time"),
        "half_age": Label(
            "removal at which the sensitivity first reaches half of that at the last removal, interpolated linearly; "
            "missing where the last does no harm. Recorded of two removals after birth or more",
            "epoch",
            ("deficit",),
        ),
        "baseline_train_accuracy": Label("median training accuracy over the last epochs, without deficit"),
        "baseline_test_accuracy": Label("median test accuracy over the last epochs, without deficit"),
        "baseline_test_loss": Label("median test loss over the last epochs, without deficit", "nat"),
    }

    flags: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "under_fitted": (*_judged(""), "half_age"),
        "window_under_fitted": _judged("window_"),
    }

    def problems(self) -> Iterator[Problem]:
        """Refuse a study without ages, ages out of order, and deficits with a window of their own."""
        if not self.removals and not self.onsets:
            yield Problem("removals", "ages of removal, or `onsets`", "neither")
        for name, ages in (("removals", self.removals), ("onsets", self.onsets)):
            if list(ages) != sorted(set(ages)):
                yield Problem(name, "ages that ascend", str(list(ages)))
        if self.onsets and self.learning_rate == "restart":
            advice = (
                "The baseline of a window curve has no end of a deficit to restart at: restart in removal curves alone."
            )
            yield Problem("learning_rate", "continue or constant, beside `onsets`", "'restart'", advice)
        for name, deficit in self.deficits.items():
            if deficit.window != Window():
                advice = "The study sets it, by `removals`, or by `onsets` and `duration`."
                yield Problem(f"deficits.{name}.window", "nothing", str(deficit.window), advice)

    def levels(self) -> Mapping[str, tuple[Any, ...]]:
        """Return deficits, and ages of removal and onset."""
        known = {"deficit": tuple(self.deficits), "removal": self.removals, "onset": self.onsets}
        return {dim: levels for dim, levels in known.items() if levels}

    def untreatable(self, newborn: Subject, course: Course) -> Iterator[Problem]:
        """Refuse windows outside the rearing, and deficits that do not apply to what the subjects are or see."""
        end = course.rearing.epochs
        own = self.clean or end
        latest = end - self.duration - self.last
        late = [onset for onset in self.onsets if onset > latest]
        if late:
            required = (
                f"windows within the rearing, which ends at {end}, and {self.last} clean epochs after them (`last`)"
            )
            advice = (
                f"With a duration of {self.duration}, the last onset is {latest}; or rear for longer."
                if latest >= 0
                else f"A duration of {self.duration} fits nowhere: choose a shorter one, or rear for longer."
            )
            yield Problem("onsets", required, str(late), advice)
        if self.onsets and own != end:
            advice = "Leave `clean` out, or study removals in an entry of their own."
            yield Problem("clean", f"nothing or {end}, so long as `onsets` have the same baseline", str(own), advice)
        if self.removals and self.last > own:
            yield Problem("last", f"at most {own}, the clean epochs after a removal", str(self.last))
        every = course.rearing.evaluate_every
        unseen = [removal for removal in self.removals if (own + removal) % every]
        if unseen:
            required = f"ages after which `clean` epochs end at an evaluation, one every {every} (`evaluate_every`)"
            yield Problem("removals", required, str(unseen), "Choose other ages, or evaluate after every epoch.")
        if self.learning_rate != "constant" and self.removals:
            yield from _stretching(course.rearing.schedule, own, own + max(self.removals))
        for name, deficit in self.deficits.items():
            where = f"deficits.{name}.{type(deficit).__name__}"
            yield from (problem.within(where) for problem in deficit.refusals(newborn.environment))
            try:
                model = newborn.model()
                units_of(model, modulations(model, newborn.sites(), [deficit]), newborn)
            except SpecificationError as error:
                yield from (problem.within(f"deficits.{name}") for problem in error.problems)

    def courses(self, course: Course) -> dict[str, Course]:
        """Return the baseline, and every deficit up to every removal and from every onset."""
        rearing = course.rearing
        if self.learning_rate == "constant":
            rearing = rearing.but(schedule=Constant())
        own = rearing if self.clean is None else rearing.but(epochs=self.clean)
        found = {CLEAN: Course(own, course.interventions)}
        for name, deficit in self.deficits.items():
            for removal in self.removals:
                treated = found[CLEAN]
                if removal:
                    longer = own.but(epochs=own.epochs + removal, schedule=self._schedule(own.schedule, removal))
                    treated = _deprived(Course(longer, course.interventions), deficit, Window(offset=removal))
                found[_until(name, removal)] = treated
            for onset in self.onsets:
                window = Window(onset=onset, offset=onset + self.duration)
                again = rearing.but(schedule=self._schedule(rearing.schedule, onset + self.duration))
                found[_from(name, onset)] = _deprived(Course(again, course.interventions), deficit, window)
        return found

    def _schedule(self, schedule: Schedule, end: int) -> Schedule:
        """Return the schedule of a subject whose deficit ends at an age."""
        return Restart(at=end, schedule=schedule) if self.learning_rate == "restart" else schedule

    def _compare(self, twins: Mapping[str, Subject]) -> xr.Dataset:
        baseline = self._final(twins[CLEAN])
        values: dict[str, Any] = {f"baseline_{name}": value for name, value in baseline.items()}
        curves = {"": (_until, self.removals), "window_": (_from, self.onsets)}
        shown = [name(deficit, age) for name, ages in curves.values() for deficit in self.deficits for age in ages]
        epochs = sorted({age for treatment in shown for age in twins[treatment].history.epoch.values.tolist()})
        for prefix, (treatment, ages) in curves.items():
            if not ages:
                continue
            rows = [[twins[treatment(deficit, age)] for age in ages] for deficit in self.deficits]
            for name in _COURSES:
                values[f"{prefix}{name}"] = np.array([[_course(twin, name, epochs) for twin in row] for row in rows])
            finals = [[self._final(twin) for twin in row] for row in rows]
            for name in _FINALS:
                values[f"{prefix}final_{name}"] = np.array([[final[name] for final in row] for row in finals])
            lost = baseline["test_accuracy"] - np.array([[final["test_accuracy"] for final in row] for row in finals])
            values[f"{prefix}sensitivity"] = lost
            ended = np.array([[final["train_accuracy"] for final in row] for row in finals])
            values[f"{prefix}under_fitted"] = (ended < self.floor) | (baseline["train_accuracy"] < self.floor)
        after = [place for place, removal in enumerate(self.removals) if removal > 0]
        if len(after) > 1:  # of one removal alone, half of the harm is always done by half of its age
            from_birth = np.insert(values["sensitivity"][:, after], 0, 0.0, axis=1)
            values["half_age"] = half_dose(from_birth, [0, *(self.removals[place] for place in after)])
        coords = {"deficit": list(self.deficits), "epoch": np.array(epochs)}
        coords |= {"removal": np.array(self.removals)} if self.removals else {}
        coords |= {"onset": np.array(self.onsets)} if self.onsets else {}
        return records.dataset(values, self.outputs, coords)

    def _final(self, twin: Subject) -> dict[str, float]:
        """Return the medians over the last epochs; not-a-number for one that diverged."""
        if twin.diverged >= 0:
            return dict.fromkeys(_FINALS, np.nan)
        end = int(twin.history.epoch[-1])
        adult = twin.history.sel(epoch=slice(end - self.last + 1, end))
        return {name: float(np.median(adult[name])) for name in _FINALS}

    def cautions(self, record: xr.Dataset) -> Iterator[str]:
        """Name the groups that ended below the floor of training accuracy."""
        curves = {
            "baseline_train_accuracy": (),
            "final_train_accuracy": ("removal", "removed at"),
            "window_final_train_accuracy": ("onset", "from"),
        }
        groups = [group for name, along in curves.items() if name in record for group in _groups(record[name], *along)]
        missed = [(group, accuracy[accuracy < self.floor], accuracy.size) for group, accuracy in groups]
        named = [
            f"{group} ({below.size} of {size} subjects, lowest {float(below.min()):.2f})"
            for group, below, size in missed
            if below.size
        ]
        if named:
            yield f"Under-fitted, below a training accuracy of {self.floor:g} at the end: {'; '.join(named)}."


def _stretching(schedule: Schedule, short: int, long: int) -> Iterator[Problem]:
    """Refuse a schedule that follows the length of a life: twins would part at birth, not when a deficit ends."""
    if any(schedule.factor(epoch, short) != schedule.factor(epoch, long) for epoch in range(short)):
        required = (
            "a schedule by age alone, such as exponential, step or multi_step, where twins live for unequal times"
        )
        advice = "Choose such a schedule for the rearing, or `learning_rate: constant`."
        yield Problem("learning_rate", required, type(schedule).__name__, advice)


def _groups(accuracy: xr.DataArray, along: str = "", words: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Yield each group of subjects that a curve compares, by arm, deficit and age, with their accuracy."""
    for arm in dict.fromkeys(accuracy.arm.values.tolist()):
        of_arm = accuracy.isel(subject=np.flatnonzero(accuracy.arm.values == arm))
        if not along:
            yield f"{arm}, never deprived", of_arm.values
            continue
        for deficit in accuracy.deficit.values:
            for age in accuracy[along].values:
                if (along, age) != ("removal", 0):  # that is the baseline
                    yield f"{arm}, {deficit} {words} {age}", of_arm.sel({"deficit": deficit, along: age}).values


def _until(deficit: str, removal: int) -> str:
    return f"{deficit} until {removal}"


def _from(deficit: str, onset: int) -> str:
    return f"{deficit} from {onset}"


def _deprived(course: Course, deficit: Intervention, window: Window) -> Course:
    return Course(course.rearing, (*course.interventions, deficit.but(window=window)))


def _course(twin: Subject, name: str, epochs: Sequence[int]) -> np.ndarray:
    """Return a variable of a subject's history at ages in epochs; not-a-number where it was not evaluated."""
    values: np.ndarray = twin.history[name].reindex(epoch=epochs).values
    return values
