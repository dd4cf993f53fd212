"""Neurogenesis: does the turnover of units regularise a network? Tran et al. 2022, PNAS 119(45) e2206704119."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, final

import attrs
import numpy as np
import torch
import xarray as xr

from artneuro import records
from artneuro.anatomy.bench import intact_performance
from artneuro.cohort import Arm
from artneuro.errors import Problem, SpecificationError
from artneuro.fields import define_spec, ge, param
from artneuro.labels import Label
from artneuro.protocols.protocol import Assay
from artneuro.rearing.activity_noise import ActivityNoise
from artneuro.rearing.dropout import Dropout
from artneuro.rearing.events import LABELS, Log, joined, without
from artneuro.rearing.freeze import Freeze
from artneuro.rearing.intervention import Intervention
from artneuro.rearing.showing import PARTS, Part, shown
from artneuro.rearing.timing import Window
from artneuro.rearing.tissue import Body
from artneuro.rearing.turnover import Turnover
from artneuro.rearing.turnover_once import turned_over
from artneuro.rearing.weight_decay import WeightDecay
from artneuro.registry import register, suggestion
from artneuro.seeds import Stream
from artneuro.subject import Subject

CONTROL = "control"
"""The arm to which nothing is done."""

TESTED = ("none", "new")
"""Levels of `test_turnover`: as reared, and with new units."""

OF_TURNOVER = ("turnover", "excitable", "low", "high", "first-epoch", "freeze", "repo2022")
"""Treatments that follow from the turnover declared; all others are regularisers by their own names."""

_FIRST_EPOCH = Window(offset=1)


@final
@register("Neurogenesis")
@define_spec
class Neurogenesis(Assay):
    """Rear twins with and without turnover of units, and with other regularisers, and compare what they learn.

    It brings its arms, `control` and the treatments asked for; subjects of one seed are twins in all of them:

    turnover
        Units are replaced, as `turnover` declares.
    excitable
        The same, and newborn units are `excitability` times as active in training, until the next event.
    low, high
        The same number at the same times, but of the units with the smallest or largest L1 norm of incoming weights.
    first-epoch
        Units are replaced after every update of the first epoch, and never again; all weights go on learning.
    freeze
        No unit is replaced, but the weights into and out of the site never learn.
    repo2022
        Both, which is what the published code does: layers redrawn through the first epoch and random ever after.
    dropout, decay, noise, lognormal, and any name of your own
        As `regularisers` declares them.
    a+b
        Two or more of these at once.

    With ``semantics: repo2022`` every treatment by turnover is as the published code has it: redrawn after every update
    of the first epoch, and frozen. (Its targeted group replaced half as many units, and its excitable one none more
    excitable; these faults are not repeated.)

    Every adult is also tested with newborn units: `repeats` times, units are turned over once, as `turnover` declares,
    without any learning.

    Examples
    --------
    >>> import artneuro as an
    >>> study = an.Neurogenesis(turnover=an.Turnover(site="hidden2", count=2, every=5), treatments=("turnover",))
    >>> cohort = an.Cohort.of(
    ...     anatomy=an.anatomy("mlp", widths=(16, 16)), environment=an.environment("digits"),
    ...     rearing=an.Rearing(epochs=1, batch=100), arms=study.arms(), n=2)
    >>> record = study.run(cohort.rear())
    >>> record.arm.values.tolist(), record.test_turnover.values.tolist()
    (['control', 'control', 'turnover', 'turnover'], ['none', 'new'])
    """

    turnover: Turnover = param(doc="site, number of units, when, and what becomes of them")
    treatments: tuple[str, ...] = param(("turnover",), doc="arms beside `control`; pairs as a+b")
    excitability: float = param(1.3, doc="factor on the activity of newborn units in `excitable`", check=ge(0))
    regularisers: dict[str, Intervention] = param(
        {
            "dropout": Dropout(rate=0.2),
            "decay": WeightDecay(rate=1e-5),
            "noise": ActivityNoise(kind="additive", sd=0.1),
            "lognormal": ActivityNoise(kind="multiplicative", mean=-0.2, sd=0.5),
        },
        doc="name -> what else is done to subjects, to compare turnover with",
    )
    semantics: Literal["paper", "repo2022"] = param(
        "paper", doc="turnover as the paper describes it, or as its published code has it"
    )
    repeats: int = param(5, doc="how often units are turned over in the test, the adult each time", check=ge(1))
    batch: int = param(500, doc="stimuli at a time in the test", check=ge(1))

    needs_classes: ClassVar[bool] = True
    outputs: ClassVar[Mapping[str, Label]] = {
        "train_accuracy": Label("accuracy of the adult on training stimuli, without augmentation, as taught"),
        "train_loss": Label("cross-entropy of the adult on training stimuli, without augmentation, as taught", "nat"),
        "test_accuracy": Label("accuracy of the adult on test stimuli"),
        "test_loss": Label("cross-entropy of the adult on test stimuli", "nat"),
        "generalisation_gap": Label("training accuracy less test accuracy"),
        "turnover_accuracy": Label("accuracy on test stimuli, as reared and with new units", "1", ("test_turnover",)),
        "turnover_loss": Label(
            "cross-entropy on test stimuli, as reared and with new units", "nat", ("test_turnover",)
        ),
        "turnover_repeat_accuracy": Label("accuracy on test stimuli with new units, each time", "1", ("repeat",)),
        **LABELS,
    }

    def problems(self) -> Iterator[Problem]:
        """Refuse treatments that are none, names taken, and interventions that a semantics or test cannot use."""
        for name in self.regularisers:
            if name == CONTROL or name in OF_TURNOVER or "+" in name:
                advice = "Give it another name, without a plus."
                yield Problem(f"regularisers.{name}", "a name that is not taken", repr(name), advice)
        known = [*OF_TURNOVER, *self.regularisers]
        for treatment in self.treatments:
            for name in treatment.split("+"):
                if name not in known:
                    advice = suggestion(name, known)
                    yield Problem(
                        "treatments", f"of {', '.join(known)}, or some of them with a plus", repr(name), advice
                    )
        if len(set(self.treatments)) < len(self.treatments):
            yield Problem("treatments", "each once", ", ".join(self.treatments))
        if self.turnover.mode != "replace":
            yield Problem(
                "turnover.mode", "'replace': growth and pruning are arms of a cohort", repr(self.turnover.mode)
            )

    def arms(self) -> dict[str, Arm]:
        """Return the control and one arm a treatment."""
        found = {CONTROL: Arm()}
        for treatment in self.treatments:
            if all(name in OF_TURNOVER or name in self.regularisers for name in treatment.split("+")):
                done = [each for name in treatment.split("+") for each in self._done(name)]
                found[treatment] = Arm(interventions=tuple(done))
        return found

    def _done(self, name: str) -> tuple[Intervention, ...]:
        """Return what is done to the subjects of one treatment."""
        if name in self.regularisers:
            return (self.regularisers[name],)
        frozen = Freeze(sites=(self.turnover.site,))
        at_once = self.turnover.but(every=1, probability=None, window=_FIRST_EPOCH)
        if name == "freeze":
            return (frozen,)
        if name == "first-epoch":
            return (at_once,)
        ways: dict[str, dict[str, Any]] = {
            "excitable": {"excitability": self.excitability},
            "low": {"choice": "incoming_norm", "ascending": True},
            "high": {"choice": "incoming_norm", "ascending": False},
        }
        changes = ways.get(name, {})
        if name == "repo2022" or self.semantics == "repo2022":
            return (at_once.but(**changes), frozen)
        return (self.turnover.but(**changes),)

    def levels(self) -> Mapping[str, tuple[Any, ...]]:
        """Return what the test was done with, and its repeats."""
        return {"test_turnover": TESTED, "repeat": tuple(range(self.repeats))}

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse sites whose units cannot be turned over."""
        try:
            turned_over(subject, self.turnover, Stream(0))
        except SpecificationError as error:
            for problem in error.problems:
                yield attrs.evolve(problem, where=problem.where.removeprefix("Turnover.")).within("turnover")

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        values: dict[str, Any] = {}
        adult = self._performance(subject, rng)
        for part in PARTS:
            values |= {f"{part}_accuracy": adult[part][0], f"{part}_loss": adult[part][1]}
        values["generalisation_gap"] = adult["train"][0] - adult["test"][0]
        altered = [
            self._performance(turned_over(subject, self.turnover, rng.child("new", repeat)), rng, ("test",))["test"]
            for repeat in range(self.repeats)
        ]
        with_new = np.array(altered)  # (repeat, accuracy and loss)
        values["turnover_accuracy"] = [adult["test"][0], with_new[:, 0].mean()]
        values["turnover_loss"] = [adult["test"][1], with_new[:, 1].mean()]
        values["turnover_repeat_accuracy"] = with_new[:, 0]
        coords: dict[str, Any] = {"test_turnover": list(TESTED), "repeat": np.arange(self.repeats)}
        return records.dataset(values, self.outputs, coords).merge(_log(subject, self.turnover.site))

    def _performance(
        self, subject: Subject, rng: Stream, parts: tuple[Part, ...] = PARTS
    ) -> dict[Part, tuple[float, float]]:
        """Return accuracy and loss on each set of stimuli."""
        model = subject.model().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        found: dict[Part, tuple[float, float]] = {}
        with torch.no_grad():
            for part in parts:
                tally = intact_performance(shown(subject, model, part, self.batch, rng))
                found[part] = (float(tally.accuracy), float(tally.loss))
        return found


def _log(subject: Subject, site: str) -> xr.Dataset:
    """Return the log of events and the ages of units, also of a subject whose units were never turned over."""
    units = Body(subject.anatomy, subject.environment, subject.model()).wiring(site).units
    log = Log.of(subject.history).then({site: units}, joined([]))
    whole = log.written_into(without(subject.history))
    return whole[list(LABELS)].drop_vars("epoch", errors="ignore")
