"""Search: the trials of a tuning, one after another or several at once; what is done already is taken from the folder.

Trial k is chosen knowing the results of the trials up to k - `at_once`, whatever else has ended by then, and lies under
a key that covers all it rests on. So the search is the same whether it was killed, and on any number of workers.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, final

import attrs
import xarray as xr

from artneuro import records
from artneuro.environment.environment import Environment
from artneuro.errors import RecordError, RunError, SpecificationError
from artneuro.study.events import Dropped, Failed, Finished, Listener, Planned, Progressed, Remark, Started
from artneuro.study.executors import Executor, Outcome, Task
from artneuro.study.pace import Pace
from artneuro.study.tasks import Bench
from artneuro.study.tuning.pruning import median_limits
from artneuro.study.tuning.sampler import Told, suggest
from artneuro.study.tuning.space import Space, Values
from artneuro.study.tuning.trial import Judge, RearTrial, State, read_trial, trial_path, write_trial
from artneuro.study.upbringing import Computing, Upbringing
from artneuro.subject import Subject


@final
@attrs.frozen(eq=False)
class Trial:
    """A trial that has ended.

    Parameters
    ----------
    number : int
    key : str
    values : mapping of path to value
    state : str
        complete; pruned: cut short; diverged: a loss became non-finite; refused: these values do not go together.
    course : tuple of float
        What the objective had reached after each epoch; empty where it diverged or was refused.
    grown : Dataset
        How its subjects grew up (subject, epoch); empty where it was refused.
    reason : str
        Why it was refused.
    """

    number: int
    key: str
    values: Values
    state: State
    course: tuple[float, ...]
    grown: xr.Dataset
    reason: str

    @classmethod
    def of(cls, number: int, key: str, values: Values, judge: Judge, grown: xr.Dataset) -> "Trial":
        """Return a trial from what it wrote."""
        state: State = grown.attrs["state"]
        judged = state in ("complete", "pruned")
        course = judge.course(grown[judge.objective].values) if judged else []
        return cls(number, key, values, state, tuple(course), grown, grown.attrs["reason"])

    @property
    def reached(self) -> float | None:
        """The objective where it ended, in full or cut short."""
        return self.course[-1] if self.course else None

    def told(self) -> Told:
        """Return what later trials are told of it."""
        return Told(self.values, self.reached, len(self.course), ended=True, completed=self.state == "complete")

    def plain(self) -> dict[str, Any]:
        """Return its line of the journal."""
        return {
            "trial": self.number,
            "state": self.state,
            "reached": self.reached,
            "epochs": len(self.course),
            "values": dict(self.values),
            "key": self.key,
            "reason": self.reason,
        }


@final
@attrs.define(eq=False)
class Search:
    """The trials of a tuning.

    Parameters
    ----------
    space : Space
        What is searched.
    computing : Computing
        How numbers are made.
    environment : Environment
        Where all trials grow up and are judged.
    bench : Bench
        The folder.
    listen : callable
        Told of every event.
    """

    space: Space
    computing: Computing
    environment: Environment
    bench: Bench
    listen: Listener
    done: dict[int, Trial] = attrs.field(factory=dict, init=False)
    _begun: dict[int, tuple[Values, Judge, str]] = attrs.field(factory=dict, init=False)

    def do(self, executor: Executor) -> None:
        """Do every trial that is not done yet.

        Raises
        ------
        RunError
            Where a trial could not be done for a reason that is not in its values; all others are kept.
        """
        budget = self.space.tune.budget
        task = self._next()
        self.listen(Planned(budget - len(self.done), len(self.done)))
        pace = Pace(Counter({"trial": budget - len(self.done)}))
        running, again = 0, Counter[str]()
        while task is not None or running:
            while task is not None and running < executor.places:
                self.listen(Started(task.name))
                pace.began(task, time.monotonic())
                executor.submit(task)
                running, task = running + 1, self._next(pace)
            ended, outcome = executor.wait(lambda task, *epochs: self.listen(Progressed(task.name, *epochs)))
            assert isinstance(ended, RearTrial)
            running -= 1
            if outcome.died and not again[ended.name]:
                again[ended.name] += 1
                self.listen(Remark(f"{ended.name}: {outcome.error}. It is tried once more."))
                executor.submit(ended)
                running += 1
                continue
            self._log(ended, outcome)
            if outcome.error:
                self.listen(Failed(ended.name, outcome.error))
                raise RunError(f"{ended.name} could not be done: {outcome.error}. Run again to go on from there.")
            for remark in outcome.remarks:
                self.listen(Remark(remark))
            pace.ended(ended)
            pace.did(ended, outcome.seconds)
            self._take(ended.number)
            self.listen(Finished(ended.name, outcome.seconds, pace.remaining(executor.places, time.monotonic())))
            task = task or self._next(pace)

    def _next(self, pace: Pace | None = None) -> RearTrial | None:
        """Return the next trial to rear, or None where it must wait for others or all have begun.

        Those that the folder has are taken from there; with a pace, they are told of.
        """
        tune = self.space.tune
        while (number := len(self._begun)) < tune.budget:
            heard = number - tune.at_once + 1
            if any(earlier not in self.done for earlier in range(heard)):
                return None
            known = [self.done[earlier] for earlier in range(max(heard, 0))]
            pending = [Told(self._begun[earlier][0]) for earlier in range(len(known), number)]
            told = [*(trial.told() for trial in known), *pending]
            values = suggest(tune, self.space.parameters, number, told)
            task = self._task(number, values, self._judge(number, known))
            if task is None or self._take(number):
                if pace is not None:
                    self.listen(Dropped(f"trial {number}"))
                continue
            return task
        return None

    def _judge(self, number: int, known: Sequence[Trial]) -> Judge:
        tune = self.space.tune
        limits: tuple[float, ...] = ()
        if tune.pruning == "median" and number >= tune.startup:
            courses = [trial.course for trial in known if trial.state == "complete"]
            limits = median_limits(courses, tune.grace, tune.rising)
        return Judge(tune.objective, tune.rising, tune.at == "best", limits)

    def _task(self, number: int, values: Values, judge: Judge) -> RearTrial | None:
        """Return the task of a trial, now begun; None where its values do not go together, which is written down."""
        tune = self.space.tune
        try:
            cohort = self.space.trial(values).cohort
            newborn = Subject.naive(cohort.anatomy, self.environment, tune.first_seed, self.space.arm)
        except SpecificationError as refusal:
            key = records.content_key("refused", values, str(refusal))
            self._begun[number] = values, judge, key
            write_trial(self.bench.store, key, xr.Dataset(), "refused", str(refusal))
            self._take(number)
            return None
        (arm,) = (cohort.arms or {}).values()
        upbringing = Upbringing.of(newborn, cohort.rearing, arm.interventions, self.computing)
        limits = [repr(limit) for limit in judge.limits]  # JSON has no word for what is infinite
        judged = [judge.objective, judge.best, limits] if limits else []  # else only read differently
        key = records.content_key(upbringing.key, list(tune.seeds), judged)
        self._begun[number] = values, judge, key
        return RearTrial(number, key, self.space.arm, upbringing, tuple(tune.seeds), judge)

    def _take(self, number: int) -> bool:
        """Take a trial from the folder, if it is there."""
        values, judge, key = self._begun[number]
        try:
            grown = read_trial(self.bench.store, key)
            trial = None if grown is None else Trial.of(number, key, values, judge, grown)
        except (RecordError, KeyError, ValueError) as damage:
            self.listen(Remark(f"{trial_path(self.bench.store, key)}: damaged ({damage}). The trial is reared again."))
            trial = None
        if trial is None:
            return False
        self.done[number] = trial
        self.bench.store.write_json("trials.json", [self.done[place].plain() for place in sorted(self.done)])
        return True

    def _log(self, task: Task, outcome: Outcome) -> None:
        facts: dict[str, object] = {
            "task": task.name,
            "seconds": round(outcome.seconds, 3),
            "peak_memory_mb": round(outcome.memory / 2**20),
        }
        if outcome.error:
            facts |= {"error": outcome.error, "trace": outcome.trace}
        self.bench.store.log("failed" if outcome.error else "done", facts)


def best(trials: Mapping[int, Trial], rising: bool) -> Trial | None:
    """Return the completed trial with the best objective, the earliest of equals; None where none was completed."""
    complete = [trial for _, trial in sorted(trials.items()) if trial.state == "complete"]
    sign = -1.0 if rising else 1.0
    return min(complete, key=lambda trial: sign * trial.course[-1], default=None)
