"""HumanErrors: whether networks go by shape as people do, and err where people err. Geirhos et al. 2019, 2020."""

from collections.abc import Iterator, Mapping
from typing import ClassVar, final

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from artneuro import records
from artneuro.brains.brain import Brain, BrainSource
from artneuro.brains.human_16class import Human16Class
from artneuro.brains.resizing import Resize
from artneuro.errors import Problem
from artneuro.fields import define_spec, ge, param, some
from artneuro.labels import Label
from artneuro.measures.error_consistency import error_consistency
from artneuro.measures.shape_bias import shape_bias
from artneuro.protocols.protocol import Assay
from artneuro.registry import register
from artneuro.seeds import Stream
from artneuro.subject import Subject

OF_CIFAR10 = {
    "airplane": "airplane",
    "automobile": "car",
    "bird": "bird",
    "cat": "cat",
    "dog": "dog",
    "ship": "boat",
    "truck": "truck",
}
"""The classes of CIFAR-10 that people had a word for; deer, frog and horse are none of the 16."""


@final
@register("HumanErrors")
@define_spec
class HumanErrors(Assay):
    """Show networks what people named, and compare what both called it: by shape or by texture, right or wrong.

    Only stimuli count whose cues are both among the words that the network has (`words`); where cues conflict, those
    whose cues agree are left out too, and `left_out` says how many there were in all. The network answers with the most
    probable of these words; people could say any of theirs. Right is the class of the shape.

    Shape bias: Geirhos et al. 2019, arXiv 1811.12231; error consistency: Geirhos et al. 2020, arXiv 2006.16736.
    """

    people: BrainSource = param(Human16Class(), doc="who named what")
    words: dict[str, str] = param(OF_CIFAR10, doc="class of the network -> what people call it", check=some())
    resize: Resize = param("bilinear", doc="how images become those of the environment's size")
    batch: int = param(500, doc="stimuli at a time", check=ge(1))

    needs_classes: ClassVar[bool] = True
    outputs: ClassVar[Mapping[str, Label]] = {
        "shape_bias": Label("share of answers by shape among those by shape or texture"),
        "human_shape_bias": Label("share of people's answers by shape among those by shape or texture, pooled"),
        "accuracy": Label("share of stimuli that the network calls by their shape"),
        "human_accuracy": Label("share of stimuli that people, who have more words, call by their shape"),
        "error_consistency": Label("Cohen's kappa of being right, with each of the people, their mean"),
        "human_error_consistency": Label(
            "Cohen's kappa of being right, of all pairs of people, their mean: the ceiling"
        ),
        "stimuli_used": Label("stimuli that count"),
        "left_out": Label("stimuli that were left out, since a cue has no word or both cues agree"),
    }

    def material(self) -> str:
        """Return what identifies the answers."""
        return self.people.load().fingerprint

    def refusals(self, subject: Subject) -> Iterator[Problem]:
        """Refuse words that are no class or that nobody could say, and people who were shown nothing of them."""
        classes, people = subject.environment.classes, self.people.load()
        for name in self.words:
            if name not in classes:
                yield Problem(f"words.{name}", f"a class of the environment ({', '.join(classes)})", repr(name))
        if "answer" not in people.record or people.images is None or "category" not in people.record.coords:
            yield Problem("people", "answers (subject, stimulus) to images with a category", repr(people))
            return
        said = people.record["class"].values.tolist()
        for name, word in self.words.items():
            if word not in said:
                yield Problem(f"words.{name}", f"a word that people could say ({', '.join(said)})", repr(word))
        if int(self._counting(people).sum()) < 4:
            yield Problem("words", "words for 4 stimuli or more", f"words for {int(self._counting(people).sum())}")

    def _measure(self, subject: Subject, rng: Stream) -> xr.Dataset:
        people, environment = self.people.load(), subject.environment
        used = self._counting(people)
        shown = people.shown_to(environment, self.resize).of_numbers(torch.from_numpy(np.flatnonzero(used)))
        said = people.record["class"].values.tolist()
        shape = _numbers(people, "category", said)[used]
        answers = self._answers(subject, shown.images, said)
        theirs = torch.from_numpy(people.record.answer.values[:, used].astype(np.int64))
        right, others = (answers == shape)[None], theirs == shape
        among = error_consistency(others, others)
        pairs = among[tuple(torch.triu_indices(len(others), len(others), 1))]
        values = {
            "shape_bias": float("nan"),
            "human_shape_bias": float("nan"),
            "accuracy": float(right.double().mean()),
            "human_accuracy": float(others.double().mean()),
            "error_consistency": float(error_consistency(right, others).nanmean()),
            "human_error_consistency": float(pairs.nanmean()),
            "stimuli_used": int(used.sum()),
            "left_out": int((~used).sum()),
        }
        if "texture" in people.record.coords:
            texture = _numbers(people, "texture", said)[used]
            values["shape_bias"] = float(shape_bias(answers, shape, texture))
            values["human_shape_bias"] = float(
                shape_bias(theirs.flatten(), shape.repeat(len(theirs)), texture.repeat(len(theirs)))
            )
        return records.dataset(values, self.outputs, {})

    def _counting(self, people: Brain) -> np.ndarray:
        """Return which stimuli count."""
        known = list(self.words.values())
        shape = people.record.category.values
        used: np.ndarray = np.isin(shape, known)
        if "texture" in people.record.coords:
            texture = people.record.texture.values
            used &= np.isin(texture, known) & (shape != texture)
        return used

    def _answers(self, subject: Subject, images: Tensor, said: list[str]) -> Tensor:
        """Return what the network calls each image, by the place among people's words."""
        model = subject.model()
        with torch.no_grad():
            logits = torch.cat([model(subject.present(block)) for block in torch.split(images, self.batch)])
        own = [subject.environment.classes.index(name) for name in self.words]
        words = torch.tensor([said.index(word) for word in self.words.values()])
        return words[logits[:, own].argmax(dim=1).cpu()]


def _numbers(people: Brain, cue: str, said: list[str]) -> Tensor:
    """Return the class of a cue of each stimulus, by its place among people's words; -1 where it has none."""
    place = {word: number for number, word in enumerate(said)}
    return torch.tensor([place.get(str(name), -1) for name in people.record[cue].values])
