"""HumanUncertainty: whether networks doubt what people doubt. Peterson et al. 2019."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, final

import attrs
import torch
import xarray as xr
from torch import Tensor

from artneuro import records
from artneuro.brains.brain import BrainSource
from artneuro.brains.cifar10h import CIFAR10H
from artneuro.brains.resizing import Resize
from artneuro.environment.environment import Environment, Stimuli
from artneuro.errors import DataError, Problem, SpecificationError
from artneuro.fields import define_spec, ge, param
from artneuro.labels import Label
from artneuro.measures.correlation import spearman
from artneuro.measures.uncertainty import (
    answer_shares,
    confusion_correlation,
    halved_answers,
    soft_cross_entropy,
    wrong_answer_correlation,
)
from artneuro.protocols.protocol import Assay
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.subject import Subject

Compared = Mapping[str, float]


@final
@register("HumanUncertainty")
@define_spec
class HumanUncertainty(Assay):
    """Compare a network's probabilities with how people spread their answers over the same stimuli.

    The stimuli are those of the environment's test set that people judged, or images that come with their answers.
    Ceilings of correlations tell how well a model could do that answers just as people do in the mean: the root of the
    reliability of their answers, by random halves, stepped up to all.

    Peterson et al. 2019, doi 10.1109/ICCV.2019.00971.
    """

    people: BrainSource = param(CIFAR10H(), doc="whose answers")
    resize: Resize = param("bilinear", doc="how images that come with answers become those of the environment's size")
    splits: int = param(10, doc="random halves of the people, for ceilings", check=ge(1))
    batch: int = param(500, doc="stimuli at a time", check=ge(1))

    needs_classes: ClassVar[bool] = True
    outputs: ClassVar[Mapping[str, Label]] = {
        "cross_entropy": Label("cross-entropy of the network's probabilities to people's answers", "nat"),
        "human_entropy": Label("entropy of people's answers: the least that the cross-entropy can be", "nat"),
        "label_cross_entropy": Label("cross-entropy to the labels, on the same stimuli", "nat"),
        "accuracy": Label("accuracy, by the labels, on the same stimuli"),
        "human_accuracy": Label("share of people's answers that are the label"),
        "entropy_correlation": Label("Spearman's correlation of the entropies of both over stimuli"),
        "confusion_correlation": Label("Spearman's correlation of the confusions of classes, right answers left out"),
        "wrong_correlation": Label("Spearman's correlation of wrong answers over stimuli, right answers left out"),
        "wrong_given_class": Label(
            "Spearman's correlation of wrong answers, their means of each class being held constant"
        ),
        "entropy_ceiling": Label("what a perfect model would reach, of entropy_correlation"),
        "confusion_ceiling": Label("what a perfect model would reach, of confusion_correlation"),
        "wrong_ceiling": Label("what a perfect model would reach, of wrong_correlation"),
        "wrong_given_class_ceiling": Label("what a perfect model would reach, of wrong_given_class"),
    }

    def material(self) -> str:
        """Return what identifies the answers."""
        return self.people.load().fingerprint

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse people who answered other questions, or judged other stimuli."""
        try:
            self._judged(subject.environment)
        except SpecificationError as error:
            yield from error.problems

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        environment = subject.environment
        shown, counts = self._judged(environment)
        targets = shown.targets.cpu()
        model = subject.model()
        with torch.no_grad():
            blocks = [model(subject.present(images)) for images in torch.split(shown.images, self.batch)]
        log = torch.cat(blocks).double().log_softmax(dim=1).cpu()
        probabilities, shares = log.exp(), answer_shares(counts)
        label = torch.nn.functional.one_hot(targets, log.shape[1]).double()
        # halves are drawn alike for all subjects, so that ceilings do not differ between them
        halves = [halved_answers(counts, stream=Stream(0).child("halves", split)) for split in range(self.splits)]
        between = [_compared(answer_shares(one), answer_shares(other), targets) for one, other in halves]
        ceilings = {name: _ceiling(sum(each[name] for each in between) / self.splits) for name in between[0]}
        found = _compared(probabilities, shares, targets)
        values = {
            "cross_entropy": soft_cross_entropy(log, shares),
            "human_entropy": float(torch.special.entr(shares).sum(dim=1).mean()),
            "label_cross_entropy": soft_cross_entropy(log, label),
            "accuracy": float((log.argmax(dim=1) == targets).double().mean()),
            "human_accuracy": float((shares * label).sum(dim=1).mean()),
            "entropy_correlation": found["entropy"],
            "confusion_correlation": found["confusion"],
            "wrong_correlation": found["wrong"],
            "wrong_given_class": found["wrong_given_class"],
            **{f"{name}_ceiling": ceiling for name, ceiling in ceilings.items()},
        }
        return records.dataset(values, self.outputs, {})

    def _judged(self, environment: Environment) -> tuple[Stimuli, Tensor]:
        """Return the stimuli, their targets being classes of the environment, and the counts of people's answers."""
        people = self.people.load()
        if "answers" not in people.record:
            raise SpecificationError([Problem("people", "counts of answers (stimulus, class)", repr(people))])
        words = people.record["class"].values.tolist()
        if set(words) != set(environment.classes):
            odd = ", ".join(sorted(set(words) ^ set(environment.classes))[:5])
            came = f"others: only one of both has {odd}"
            raise SpecificationError([Problem("people", "answers that are the classes of the environment", came)])
        shown = people.shown_to(environment, self.resize)
        order = [words.index(name) for name in environment.classes]
        answers = people.record.answers.sel(stimulus=shown.index.cpu().numpy()).values[:, order]
        counts = torch.from_numpy(answers.astype("int64"))
        if people.images is not None:
            if "category" not in people.record.coords:
                raise SpecificationError([Problem("people", "images with a category, their label", "none")])
            names, numbers = people.categories()
            if unknown := set(names) - set(environment.classes):
                came = f"also {', '.join(sorted(unknown))}"
                raise SpecificationError([Problem("people", "images of the environment's classes", came)])
            place = torch.tensor([environment.classes.index(name) for name in names])
            shown = attrs.evolve(shown, targets=place[numbers].to(environment.device))
        if int(counts.sum(dim=1).min()) < 2:
            raise DataError(f"{people.name}: required at least 2 answers to each stimulus; some have fewer")
        agreed = float((counts.argmax(dim=1) == shown.targets.cpu()).double().mean())
        if agreed < 0.5:
            came = f"{agreed:.0%} of the stimuli whose most frequent answer is their label"
            advice = "These are other stimuli, or the same in another order."
            raise SpecificationError([Problem("people", "people who know most of the labels", came, advice)])
        return shown, counts


def _compared(one: Tensor, other: Tensor, targets: Tensor) -> dict[str, float]:
    """Return how two tables of probabilities (stimulus, class) agree."""
    entropies = [torch.special.entr(each).sum(dim=1).numpy() for each in (one, other)]
    return {
        "entropy": spearman(*entropies),
        "confusion": confusion_correlation(one, other, targets),
        "wrong": wrong_answer_correlation(one, other, targets),
        "wrong_given_class": wrong_answer_correlation(one, other, targets, given_class=True),
    }


def _ceiling(halves: float) -> float:
    """Return the correlation with all people's answers that a perfect model reaches, from that of two halves.

    Spearman 1910 and Brown 1910 step it up to all people; the root of a reliability is the correlation with the truth.
    """
    return float(max(2 * halves / (1 + halves), 0.0) ** 0.5)
