"""Subject: a network as an animal, anatomy and weights with identity and dated history."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import index
from pathlib import Path
from typing import Any, Literal, Self, final

import attrs
import torch
import xarray as xr
from torch import Tensor, nn

from artneuro import identity, records
from artneuro.anatomy.anatomy import Anatomy
from artneuro.environment.environment import Environment
from artneuro.errors import Problem, RecordError, SpecificationError
from artneuro.fields import conform, plain, shown
from artneuro.rearing import events, gains
from artneuro.rearing.intervention import Instructive, Intervention, Perceptual
from artneuro.rearing.rearing import Rearing
from artneuro.rearing.timing import Clock
from artneuro.seeds import Stream
from artneuro.weights import Stored, Weights, fingerprint_of, write_weights


@final
@attrs.frozen(eq=False, slots=False, kw_only=True)
class Subject:
    """A network as an animal.

    Parameters
    ----------
    anatomy : Anatomy
        What it is built of.
    environment : Environment
        Where it grows up and is tested.
    seed : int
        Root of all its randomness; subjects of one seed are twins.
    ages : mapping of int to weights
        Weights (parameters and buffers by name) at each age kept, in epochs; the oldest is the present.
    arm : str
        Label of its group in the design.
    rearing : Rearing or None
        How it grew up; None for a naive subject.
    interventions : tuple of Intervention
        What was done to it meanwhile.
    history : xarray.Dataset
        Along `epoch`: train and test loss and accuracy, learning rate, wall time. Empty at birth.
    diverged : int
        Epoch in which its loss became non-finite; -1 where it did not.
    """

    anatomy: Anatomy
    environment: Environment
    seed: int
    ages: Mapping[int, Weights]
    arm: str = "naive"
    rearing: Rearing | None = None
    interventions: tuple[Intervention, ...] = ()
    history: xr.Dataset = attrs.field(factory=xr.Dataset)
    diverged: int = -1

    @classmethod
    def naive(cls, anatomy: Anatomy, environment: Environment, seed: int, arm: str = "naive") -> Self:
        """Return a subject at birth: twins (one seed, one anatomy) have the same weights, whatever their arm.

        Raises
        ------
        SpecificationError
            Where the anatomy is none, such as a torch module as it is.

        Examples
        --------
        >>> import artneuro as an
        >>> twins = [an.Subject.naive(an.anatomy("mlp"), an.environment("digits"), seed=0, arm=arm) for arm in "ab"]
        >>> twins[0].fingerprint == twins[1].fingerprint
        True
        """
        _check_anatomy(anatomy)
        with Stream(seed).child("birth").initialising():
            model = anatomy.build(environment.shape, len(environment.outputs))
        weights = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
        return cls(anatomy=anatomy, environment=environment, seed=seed, ages={0: weights}, arm=arm)

    def __repr__(self) -> str:
        """Return who it is and the ages it is kept at, in a line: weights and stimuli are thousands of numbers.

        Examples
        --------
        >>> import artneuro as an
        >>> an.Subject.naive(an.anatomy("deep_linear"), an.environment("one_hot", n=3), seed=7)
        <Subject naive-7: DeepLinear, ages 0, in <Environment OneHot: 3 train and 3 test stimuli of 1 x 1 x 3>>
        """
        kept = ", ".join(map(str, sorted(self.ages)))
        return f"<Subject {self.id}: {type(self.anatomy).__name__}, ages {kept}, in {self.environment!r}>"

    @property
    def id(self) -> str:
        """Identity within a cohort: arm and seed."""
        return f"{self.arm}-{self.seed}"

    @property
    def age(self) -> int:
        """Present age in epochs."""
        return max(self.ages)

    @property
    def weights(self) -> Weights:
        """Present weights: parameters and buffers by name."""
        return self.ages[self.age]

    @property
    def dtype(self) -> torch.dtype:
        """Precision of its network: what its weights are in."""
        floating = (tensor.dtype for tensor in self.weights.values() if tensor.is_floating_point())
        return next(floating, torch.float32)

    @property
    def stream(self) -> Stream:
        """The subject's randomness; narrow it with `child` before use."""
        return Stream(self.seed)

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that identify the present weights."""
        return self.ages.fingerprints[self.age] if isinstance(self.ages, Stored) else fingerprint_of(self.weights)

    def model(self) -> nn.Module:
        """Return the network with its present weights, in evaluation mode; a copy, so the subject stays as it is."""
        with self.stream.child("blank").initialising():
            model = self.anatomy.build(self.environment.shape, len(self.environment.outputs))
        model.to(self.dtype).load_state_dict(dict(self.weights))
        return model.to(self.environment.device).eval()

    def present(self, images: Tensor) -> Tensor:
        """Return stored images (..., channel, y, x) as its network takes them: normalised, in its own precision."""
        return self.environment.present(images, dtype=self.dtype)

    def sites(self) -> dict[str, str]:
        """Return the sites of its anatomy: site -> name of the torch module."""
        return self.anatomy.sites(self.model())

    def at(self, age: int) -> "Subject":
        """Return the subject as it was at a kept age.

        Raises
        ------
        SpecificationError
            Where that age was not kept; the message lists those that were.
        """
        if age not in self.ages:
            kept = ", ".join(map(str, sorted(self.ages)))
            advice = f"Kept: {kept}. Add it to the rearing's `keep` and rear again."
            raise SpecificationError([Problem("age", "an age that was kept", str(age), advice)])
        history = self.history
        if "epoch" in history.dims:
            history = events.without(history).sel(epoch=history.epoch <= age)
            history = events.Log.of(self.history).upto(age).written_into(history)
            history = gains.written_into(history, gains.upto(gains.of(self.history), age))
        ages = self.ages
        upto = ages.upto(age) if isinstance(ages, Stored) else {a: w for a, w in ages.items() if a <= age}
        return attrs.evolve(self, ages=upto, history=history)

    def living_in(self, environment: Environment) -> "Subject":
        """Return the subject in another environment.

        Raises
        ------
        SpecificationError
            Where its network was not built for such stimuli, or for such answers.
        """
        here, there = (
            f"stimuli of shape {place.shape} and {_answers(place)}" for place in (self.environment, environment)
        )
        if here != there:
            advice = f"Make a subject for it: Subject.naive(anatomy, environment, seed={self.seed})."
            raise SpecificationError([Problem("environment", here, there, advice)])
        return attrs.evolve(self, environment=environment)

    def learnt_targets(self) -> Tensor:
        """Return the targets of the training set as this subject was last told them."""
        return told(self.stream, self.interventions, self.environment, max(self.age - 1, 0))

    def perceived(self, stimuli: Tensor) -> Tensor:
        """Return presented stimuli (stimulus, channel, y, x) as this subject saw their like in its last epoch.

        Deficits that acted then act on them; augmentation does not. A newborn sees them as it will in its first epoch.
        """
        epoch = max(self.age - 1, 0)
        updates = int(self.history.updates[-1]) if self.age else 1
        clock = Clock(epoch, updates - 1)
        for place, intervention in enumerate(self.interventions):
            if isinstance(intervention, Perceptual) and intervention.window.holds(epoch):
                own = intervention_stream(self.stream, place, intervention)
                stimuli = intervention.perceive(stimuli[None], clock, (own,), self.environment.presentation)[0]
        return stimuli

    def save(self, folder: Path | str, key: str = "") -> None:
        """Write weights (safetensors), history (netCDF) and identity (JSON, last: it makes the subject complete).

        Parameters
        ----------
        folder : Path or str
        key : str
            What it is known by there.
        """
        folder = Path(folder)
        for age, weights in self.ages.items():
            write_weights(weights, folder / f"weights-{age}.safetensors")
        if self.history.sizes:
            records.write(self.history, folder / "history.nc")
        facts = {
            "key": key,
            "arm": self.arm,
            "seed": self.seed,
            "ages": sorted(self.ages),
            "diverged": self.diverged,
            "weights": {str(age): fingerprint_of(weights) for age, weights in sorted(self.ages.items())},
            "history": _past(self.history),
            "anatomy": plain(self.anatomy),
            "environment": {"source": plain(self.environment.source), "fingerprint": self.environment.fingerprint},
            "rearing": plain(self.rearing),
            "interventions": plain(self.interventions),
        }
        identity.write(facts, folder)

    @classmethod
    def load(
        cls,
        folder: Path | str,
        environment: Environment,
        *,
        weights: Literal["now", "asked"] = "now",
        key: str | None = None,
    ) -> Self:
        """Read a subject that `save` wrote.

        Parameters
        ----------
        folder : Path or str
        environment : Environment
            The one it grew up in.
        weights : "now" or "asked"
            Whether the weights of all ages are read and verified now, or each time that those of an age are asked for:
            then many subjects need no memory for them.
        key : str, optional
            What it must have been saved as.

        Raises
        ------
        RecordError
            Where a file is missing, damaged, or not the one that was saved with the others, its declaration asks for
            code of the user's own that was not handed over in this session, or the environment is not the one it grew
            up in; names the file.
        """
        folder = Path(folder)
        path = folder / identity.NAME
        facts = identity.read(folder)
        if key not in (None, facts.get("key")):
            raise RecordError(f"{path}: of another subject, {facts.get('key') or 'without a key'}")
        try:
            return cls._of(facts, folder, environment, weights == "now")
        except SpecificationError as error:
            raise RecordError(f"{path}: what it declares cannot be made. {error}") from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RecordError(f"{path}: not a whole subject ({error!r})") from error

    @classmethod
    def _of(cls, facts: dict[str, Any], folder: Path, environment: Environment, now: bool) -> Self:
        grown_in = facts["environment"]["fingerprint"]
        if grown_in != environment.fingerprint:
            raise RecordError(
                f"{folder}: the subject grew up in stimuli with fingerprint {grown_in}, "
                f"but was given stimuli with fingerprint {environment.fingerprint}"
            )
        fingerprints = {index(age): str(facts["weights"][str(age)]) for age in facts["ages"]}
        if not fingerprints:
            raise RecordError(f"{folder / identity.NAME}: a subject of no age")
        stored = Stored(folder, environment.device, fingerprints)
        history = records.read(folder / "history.nc", sealed=True) if facts["rearing"] else xr.Dataset()
        if _past(history) != facts["history"]:
            raise RecordError(f"{folder / 'history.nc'}: the history is not the one that was saved")
        return cls(
            anatomy=conform(facts["anatomy"], Anatomy),
            environment=environment,
            seed=index(facts["seed"]),
            ages=dict(stored) if now else stored,
            arm=facts["arm"],
            rearing=conform(facts["rearing"], Rearing | None),
            interventions=conform(facts["interventions"], tuple[Intervention, ...]),
            history=history,
            diverged=index(facts["diverged"]),
        )


def _past(history: xr.Dataset) -> str:
    """Return what identifies a history; how long it took is never the same twice, and no part of it."""
    return records.digest(history.drop_vars("wall_time", errors="ignore"))[:16]


def intervention_stream(stream: Stream, place: int, intervention: Intervention) -> Stream:
    """Return a subject's stream for the intervention at `place` in its arm.

    The name is part of the path and the arm is not: twins that get the same intervention get the same draws.
    """
    return stream.child("intervention", type(intervention).__name__, place)


def told(stream: Stream, interventions: Sequence[Intervention], environment: Environment, epoch: int) -> Tensor:
    """Return the targets of the training set as the subject of a stream is told them in an epoch."""
    targets = environment.train.targets
    for place, intervention in enumerate(interventions):
        if isinstance(intervention, Instructive) and intervention.window.holds(epoch):
            own = intervention_stream(stream, place, intervention)
            targets = intervention.relabel(targets, len(environment.classes), own)
    return targets


def identities(subjects: Sequence[Subject]) -> dict[str, list[Any]]:
    """Return the coordinates by which a record knows its subjects: one value a subject each."""
    return {
        "subject": [subject.id for subject in subjects],
        "arm": [subject.arm for subject in subjects],
        "seed": [subject.seed for subject in subjects],
        "diverged": [subject.diverged for subject in subjects],
    }


def _answers(environment: Environment) -> str:
    """Say what a network answers there."""
    return f"{len(environment.outputs)} {'classes' if environment.classes else 'values'}"


def _check_anatomy(anatomy: object) -> None:
    """Refuse what is no anatomy; a network of the user's own becomes one when it is handed over."""
    if isinstance(anatomy, Anatomy):
        return
    network = anatomy if isinstance(anatomy, type) else type(anatomy)
    name = network.__name__ if issubclass(network, nn.Module) else "Network"
    advice = (
        'Name one of the registered, as anatomy("mlp"), or hand over the class of your own network with '
        f"anatomy_of({name}, sites={{...}})."
    )
    raise SpecificationError([Problem("anatomy", "an anatomy", shown(anatomy), advice)])
