"""What is left of a plan, and the order in which it is done: a part as soon as its subject is reared."""

from collections import Counter, deque
from collections.abc import Sequence
from typing import final

import attrs

from artneuro.errors import RecordError
from artneuro.fields import plain
from artneuro.study.events import Failed, Finished, Listener, Progressed, Remark, Started
from artneuro.study.executors import Executor, Outcome, Task
from artneuro.study.litters import Litter, halves
from artneuro.study.pace import Pace
from artneuro.study.plan import Plan
from artneuro.study.planned import PlannedPart, PlannedSubject
from artneuro.study.tasks import Bench, MeasurePart, RearLitter
from artneuro.subject import Subject


@final
@attrs.frozen(eq=False)
class Survey:
    """What a run folder holds of a plan.

    Parameters
    ----------
    to_rear : tuple of PlannedSubject
        Subjects that are missing or damaged.
    to_measure : tuple of PlannedPart
        Parts that are missing or damaged, of subjects that are there.
    to_come : Counter of record
        Parts to measure on subjects that are to be reared.
    done : int
        Subjects and parts that are there.
    """

    to_rear: tuple[PlannedSubject, ...]
    to_measure: tuple[PlannedPart, ...]
    to_come: Counter[str]
    done: int


def survey(plan: Plan, bench: Bench, listen: Listener) -> Survey:
    """Look through a run folder: verify what is done, name what is damaged."""
    to_rear: list[PlannedSubject] = []
    to_measure: list[PlannedPart] = []
    to_come: Counter[str] = Counter()
    done = 0
    for key, planned in plan.animals.items():
        try:
            subject = bench.subject(planned)
        except RecordError as damage:
            listen(Remark(f"{damage}. The subject is reared again."))
            subject = None
        if subject is None:
            to_rear.append(planned)
            to_come.update(part.record for part in plan.parts_of(key))
        else:
            bench.store.label_subject(key, planned.arm, plain(planned.upbringing.source))
            missing = missing_parts(plan.parts_of(key), subject, bench, listen)
            done += 1 + len(plan.parts_of(key)) - len(missing)
            to_measure += missing
    return Survey(tuple(to_rear), tuple(to_measure), to_come, done)


def missing_parts(parts: Sequence[PlannedPart], subject: Subject, bench: Bench, listen: Listener) -> list[PlannedPart]:
    """Return the parts that are still to be measured on a reared subject, and name those that are damaged.

    A subject that diverged has no behaviour to measure, and one that stopped early has none at later ages.
    """
    missing = []
    for part in parts:
        weights = part.weights_of(subject)
        if weights is None:
            continue
        try:
            found = bench.store.find_part(part.key, weights)
        except RecordError as damage:
            listen(Remark(f"{damage}. It is measured again."))
            found = None
        if found is None:
            missing.append(part)
    return missing


@final
@attrs.define(eq=False)
class Work:
    """The work that is left, done task by task; what fails is kept and the rest goes on.

    Parameters
    ----------
    plan : Plan
        What is asked.
    bench : Bench
        Run folder and stimuli.
    listen : callable
        Told of every event.
    pace : Pace
        Judges the time left.
    """

    plan: Plan
    bench: Bench
    listen: Listener
    pace: Pace
    failures: dict[str, str] = attrs.field(factory=dict, init=False)
    _ready: deque[Task] = attrs.field(factory=deque, init=False)
    _attempts: Counter[str] = attrs.field(factory=Counter, init=False)

    def do(self, litters: list[Litter], parts: tuple[PlannedPart, ...], executor: Executor) -> None:
        """Do everything; parts go first, so that a mistake in a protocol shows after the first litter."""
        self._ready.extend(map(MeasurePart, parts))
        self._ready.extend(map(RearLitter, litters))
        running = 0
        while self._ready or running:
            while self._ready and running < executor.places:
                task = self._ready.popleft()
                if not self._attempts[task.name]:
                    self.listen(Started(task.name))
                executor.submit(task)
                running += 1
            task, outcome = executor.wait(lambda task, *epochs: self.listen(Progressed(task.name, *epochs)))
            running -= 1
            if outcome.error:
                self._failed(task, outcome)
            else:
                self._finished(task, outcome, executor.places)

    def _finished(self, task: Task, outcome: Outcome, places: int) -> None:
        self._log("done", task, outcome)
        for remark in outcome.remarks:
            self.listen(Remark(remark))
        self.pace.did(task, outcome.seconds)
        if isinstance(task, RearLitter):
            for planned in reversed(task.litter):
                self._measure(planned)
        self.listen(Finished(task.name, outcome.seconds, self.pace.remaining(places)))

    def _measure(self, planned: PlannedSubject) -> None:
        """Put the parts of a subject that has just been reared before everything else."""
        subject = self.bench.subject(planned)
        assert subject is not None
        parts = self.plan.parts_of(planned.key)
        missing = missing_parts(parts, subject, self.bench, self.listen)
        for part in parts:
            if part not in missing:
                self.pace.dropped(MeasurePart(part))
        self._ready.extendleft(map(MeasurePart, reversed(missing)))

    def _failed(self, task: Task, outcome: Outcome) -> None:
        self._log("failed", task, outcome)
        self._attempts[task.name] += 1
        if outcome.died and isinstance(task, RearLitter) and len(task.litter) > 1:
            self.listen(Remark(f"{task.name}: {outcome.error}. It is tried again as two smaller litters."))
            self._ready.extendleft(map(RearLitter, reversed(halves(task.litter))))
        elif outcome.died and self._attempts[task.name] == 1:
            self.listen(Remark(f"{task.name}: {outcome.error}. It is tried once more."))
            self._ready.appendleft(task)
        else:
            self.failures[task.name] = outcome.error
            self.listen(Failed(task.name, outcome.error))
            self.pace.dropped(task)
            if isinstance(task, RearLitter):
                for planned in task.litter:
                    for part in self.plan.parts_of(planned.key):
                        self.pace.dropped(MeasurePart(part))

    def _log(self, event: str, task: Task, outcome: Outcome) -> None:
        facts: dict[str, object] = {
            "task": task.name,
            "seconds": round(outcome.seconds, 3),
            "peak_memory_mb": round(outcome.memory / 2**20),
        }
        if outcome.remarks:
            facts["remarks"] = list(outcome.remarks)
        if outcome.error:
            facts |= {"error": outcome.error, "trace": outcome.trace}
        self.bench.store.log(event, facts)


def counts(found: Survey) -> Counter[str]:
    """Return how much is left, by kind of task."""
    tasks = [*(RearLitter((planned,)) for planned in found.to_rear), *map(MeasurePart, found.to_measure)]
    left = Counter(found.to_come)
    for task in tasks:
        left[task.kind] += task.count
    return left
