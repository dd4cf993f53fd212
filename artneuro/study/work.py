"""What is left of a plan, and the order in which it is done: a part as soon as its subject is reared."""

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, final

import attrs

from artneuro.errors import RecordError, RunError
from artneuro.fields import plain
from artneuro.study.events import Dropped, Failed, Finished, Listener, Looking, Progressed, Remark, Retried, Started
from artneuro.study.executors import Executor, Outcome, Task
from artneuro.study.litters import Growth
from artneuro.study.pace import Pace
from artneuro.study.plan import Plan
from artneuro.study.planned import Grown, PlannedPart, PlannedSubject
from artneuro.study.tasks import Bench, MeasurePart, RearLitter
from artneuro.subject import Subject

SUBJECTS = "subjects"
"""What the log calls the kind of tasks that rear; those that measure are called by their record."""
ROOM = "Free some space, or make it writable, and run again: finished tasks are kept."
"""What to do where nothing more can be written."""
NEWS = 5.0
"""Seconds between two lines of the log on how far a litter is."""


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
    there : Counter of kind
        Subjects and parts that are there.
    """

    to_rear: tuple[PlannedSubject, ...]
    to_measure: tuple[PlannedPart, ...]
    to_come: Counter[str]
    there: Counter[str]

    @property
    def done(self) -> int:
        """How many subjects and parts are there."""
        return self.there.total()

    @property
    def parts(self) -> Counter[str]:
        """How many parts of each record are left to measure."""
        return self.to_come + Counter(part.record for part in self.to_measure)

    def kinds(self) -> Mapping[str, Mapping[str, int]]:
        """Return, for the log, how many subjects and parts of each record are done and to do."""
        left = Counter({SUBJECTS: len(self.to_rear)}) + self.parts
        return {kind: {"done": self.there[kind], "to_do": left[kind]} for kind in {**self.there, **left}}

    @property
    def left(self) -> bool:
        """Whether anything is left to do."""
        return bool(self.to_rear or self.to_measure)


def survey(plan: Plan, bench: Bench, listen: Listener) -> Survey:
    """Look through a run folder: verify what is done, name what is damaged."""
    here = sum(map(bench.store.complete, plan.animals))
    if here:
        listen(Looking(here, sum(bench.store.part(part.key).exists() for part in plan.parts)))
    to_rear: list[PlannedSubject] = []
    reared: set[str] = set()
    for key, planned in plan.animals.items():
        try:
            subject = bench.subject(planned)
        except RecordError as damage:
            listen(Remark(f"{damage}. This run rears the subject again."))
            subject = None
        if subject is not None and (gone := _gone(plan.parts_of(key), subject, bench)):
            ages = ", ".join(map(str, gone))
            lost = f"{planned.id} is to be measured at {ages}, and its weights of that time are not kept"
            listen(Remark(f"{lost}. This run rears the subject again."))
            subject = None
        if subject is None:
            to_rear.append(planned)
        else:
            bench.store.label_subject(key, planned.arm, plain(planned.upbringing.source))
            reared.add(key)
    parts = {part.key: part for key in plan.animals for part in plan.parts_of(key)}
    ready = [part for part in parts.values() if all(planned.key in reared for planned in part.animals)]
    to_come = Counter(part.record for part in parts.values()) - Counter(part.record for part in ready)
    missing = missing_parts(ready, bench, listen)
    there = Counter(part.record for part in ready) - Counter(part.record for part in missing)
    if reared:
        there[SUBJECTS] = len(reared)
    return Survey(tuple(to_rear), tuple(missing), to_come, there)


def _gone(parts: Iterable[PlannedPart], subject: Subject, bench: Bench) -> list[int]:
    """Return the ages at which a subject is still to be measured, and whose weights are not there."""
    ages = set()
    for part in parts:
        if not part.tracked or not part.measurable([subject]):
            continue
        try:
            found = bench.part(part, [subject])
        except RecordError:  # of a part that is damaged, which is named once the subject is there again
            found = None
        if found is None and bench.as_measured(part, [subject]) is None:
            ages.add(part.age or 0)
    return sorted(ages)


def missing_parts(parts: Iterable[PlannedPart], bench: Bench, listen: Listener) -> list[PlannedPart]:
    """Return the parts that are still to be measured, all animals being reared, and name those that are damaged.

    A subject that diverged has no behaviour to measure, and one that stopped early has none at later ages.
    """
    missing = []
    animals: tuple[PlannedSubject, ...] = ()
    grown: list[Grown] = []
    adults: list[Subject] = []
    for part in parts:
        if part.animals != animals:  # those of successive ages are the same, and read once
            animals, adults = part.animals, []
            grown = [bench.store.grown(planned.key) for planned in animals]
        if not part.measurable(grown):
            continue
        found = None
        if bench.store.part(part.key).exists():  # only then do the weights matter, on which it must have been measured
            adults = adults or [bench.reared(planned) for planned in animals]
            try:
                found = bench.part(part, adults)
            except RecordError as damage:
                listen(Remark(f"{damage}. This run measures it again."))
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
    _lost: set[str] = attrs.field(factory=set, init=False)
    _tracked: Counter[tuple[str, int]] = attrs.field(factory=Counter, init=False)
    _news: dict[str, float] = attrs.field(factory=dict, init=False)

    def do(self, growths: Iterable[Growth], parts: tuple[PlannedPart, ...], executor: Executor) -> None:
        """Do everything; parts go first, so that a mistake in a protocol shows after the first litter."""
        self._ready.extend(map(MeasurePart, parts))
        self._tracked.update(_tracked(parts))
        self._ready.extend(map(RearLitter, growths))
        running = 0
        while self._ready or running:
            while self._ready and running < executor.places:
                task = self._ready.popleft()
                self._log("started", task)
                self._news[task.name] = time.monotonic()
                self.pace.began(task, time.monotonic())
                self.listen(Started(task.name))
                executor.submit(task)
                running += 1
            task, outcome = executor.wait(self._progressed)
            running -= 1
            self.pace.ended(task)
            if outcome.error:
                self._failed(task, outcome)
            else:
                self._finished(task, outcome, executor.places)

    def _progressed(self, task: Task, epoch: int, epochs: int) -> None:
        now = time.monotonic()
        if now - self._news[task.name] > NEWS:
            self._news[task.name] = now
            self._log("epochs", task, epoch=epoch, epochs=epochs)
        self.listen(Progressed(task.name, epoch, epochs))

    def _finished(self, task: Task, outcome: Outcome, places: int) -> None:
        self.pace.did(task, outcome.seconds)
        left = self.pace.remaining(places, time.monotonic())
        self._log("done", task, **_facts(outcome), left=None if left is None else round(left, 1))
        for remark in outcome.remarks:
            self.listen(Remark(remark))
        if isinstance(task, RearLitter):
            self._go_on(task.growth)
        if isinstance(task, MeasurePart):
            self._measured(task.part)
        self.listen(Finished(task.name, outcome.seconds, left))

    def _go_on(self, growth: Growth) -> None:
        """Put what has become possible before everything else: branches of a life, or parts to measure."""
        if growth.until is not None:
            self._ready.extendleft(map(RearLitter, reversed(growth.then)))
            return
        ready: dict[str, PlannedPart] = {}
        for planned in growth.litter:
            for part in self.plan.parts_of(planned.key):
                if all(self.bench.store.complete(animal.key) for animal in part.animals):
                    ready.setdefault(part.key, part)
        missing = missing_parts(ready.values(), self.bench, self.listen)
        lacking = {part.key for part in missing}
        for key, part in ready.items():
            if key not in lacking:
                self._drop(MeasurePart(part))
        self._ready.extendleft(map(MeasurePart, reversed(missing)))
        self._tracked.update(_tracked(missing))
        self._forget((planned.key, age) for planned in growth.litter for age in planned.upbringing.tracked)

    def _measured(self, part: PlannedPart) -> None:
        for each in _tracked([part]):
            self._tracked[each] -= 1
            self._forget([each])

    def _forget(self, ages: Iterable[tuple[str, int]]) -> None:
        """Remove tracked weights on which nothing is left to measure; those of what failed stay for another run."""
        for key, age in ages:
            if not self._tracked[key, age]:
                self.bench.store.tracked(key, age).unlink(missing_ok=True)

    def _failed(self, task: Task, outcome: Outcome) -> None:
        if outcome.full:
            self._log("failed", task, **_facts(outcome))
            raise RunError(f"{outcome.error}. {ROOM}")
        self._attempts[task.name] += 1
        if outcome.died and isinstance(task, RearLitter) and len(task.growth.litter) > 1:
            halves = task.growth.halves()
            more = sum(len(list(each.walk())) for each in halves) - len(list(task.growth.walk()))
            self._retry(task, outcome, f"{outcome.error}. It is tried again as two smaller litters.", more)
            self._ready.extendleft(map(RearLitter, reversed(halves)))
        elif outcome.died and self._attempts[task.name] == 1:
            self._retry(task, outcome, f"{outcome.error}. It is tried once more.")
            self._ready.appendleft(task)
        else:
            self._log("failed", task, **_facts(outcome))
            self.failures[task.name] = outcome.error
            self.listen(Failed(task.name, outcome.error))
            self.pace.dropped(task)
            if isinstance(task, RearLitter):
                self._give_up(task.growth)

    def _retry(self, task: Task, outcome: Outcome, reason: str, more: int = 0) -> None:
        self._log("retried", task, **_facts(outcome))
        self.listen(Retried(task.name, reason, more))

    def _give_up(self, growth: Growth) -> None:
        """Leave what goes on from a growth that failed."""
        for later in growth.walk():
            if later is not growth:
                self._drop(RearLitter(later))
            if later.until is None:
                lost = {part.key: part for planned in later.litter for part in self.plan.parts_of(planned.key)}
                for key, part in lost.items():
                    if key not in self._lost:
                        self._lost.add(key)
                        self._drop(MeasurePart(part))

    def _drop(self, task: Task) -> None:
        self._log("dropped", task)
        self.pace.dropped(task)
        self.listen(Dropped(task.name))

    def _log(self, event: str, task: Task, **facts: Any) -> None:
        kind, count = SUBJECTS, 0
        if isinstance(task, RearLitter) and task.growth.until is None:
            count = len(task.growth.litter)
        elif isinstance(task, MeasurePart):
            kind, count = task.part.record, 1
        self.bench.store.log(event, {"task": task.name, "kind": kind, "count": count, **facts})


def _facts(outcome: Outcome) -> dict[str, Any]:
    """Return what the log has of an outcome."""
    facts = {"seconds": round(outcome.seconds, 3), "peak_memory_mb": round(outcome.memory / 2**20)}
    return facts | ({"error": outcome.error, "trace": outcome.trace} if outcome.error else {})


def _tracked(parts: Iterable[PlannedPart]) -> Iterator[tuple[str, int]]:
    """Yield key and age of the subject of every part at a tracked age."""
    for part in parts:
        if part.tracked and part.age is not None:
            yield part.subject.key, part.age


def counts(growths: Iterable[Growth], found: Survey) -> Counter[str]:
    """Return how much is left, by kind of task."""
    tasks = [*(RearLitter(each) for growth in growths for each in growth.walk()), *map(MeasurePart, found.to_measure)]
    left = Counter(found.to_come)
    for task in tasks:
        left[task.kind] += task.count
    return left
