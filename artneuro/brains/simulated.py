"""A brain that is computed: something to try a study on, and a control of which the truth is known."""

from pathlib import Path
from typing import final

import numpy as np
from numpy.typing import NDArray

from artneuro.brains.brain import Brain, BrainSource
from artneuro.brains.making import brain_of
from artneuro.fields import define_spec, ge, param, some
from artneuro.registry import register
from artneuro.seeds import Stream

Floats = NDArray[np.float64]


@final
@register("simulated")
@define_spec
class Simulated(BrainSource):
    """No brain, but numbers in the form of one: images of made-up shapes and textures, and simulated observers of them.

    Each class has a shape and a texture, drawn at random; an image has the shape of one class and, fainter, the texture
    of another. Dissimilarities are those of the images (of mean square over pixels), plus a half for different classes,
    plus noise of each subject's own. Neurons are rectified random filters of the images with noise in each repeat.
    Observers name the class of the shape, sometimes that of the texture, and sometimes any.
    """

    classes: tuple[str, ...] = param(("0", "1", "2", "3"), doc="what the shapes are called", check=some())
    per_class: int = param(6, doc="images of each class", check=ge(2))
    size: int = param(16, units="pixel", doc="side of the images", check=ge(4))
    subjects: int = param(4, doc="simulated observers", check=ge(1))
    units: int = param(8, doc="simulated neurons", check=ge(1))
    repeats: int = param(6, doc="presentations of each image to them", check=ge(2))
    noise: float = param(0.3, doc="standard deviation of all noise, in units of the standard deviation of the signal")
    seed: int = param(0, doc="seed of images and noise", check=ge(0))

    def load(self, data_root: Path | str | None = None) -> Brain:
        """Compute it; nothing is read."""
        stream = Stream(self.seed).child("simulated")
        shape = np.repeat(np.arange(len(self.classes)), self.per_class)
        step = 1 + np.arange(len(shape)) % max(len(self.classes) - 1, 1)
        texture = (shape + step) % len(self.classes)
        pixels = self._images(stream.child("images").numpy(), shape, texture)
        names = np.array(self.classes)
        arrays = {
            "images": np.repeat((255 * pixels).round().astype(np.uint8)[..., None], 3, axis=3),
            "names": np.array([f"{names[one]} {number}" for number, one in enumerate(shape)]),
            "category": names[shape],
            "texture": names[texture],
            "classes": names,
            "dissimilarity": self._dissimilarities(stream.child("dissimilarity").numpy(), pixels, shape),
            "trial_activity": self._neurons(stream.child("neurons").numpy(), pixels),
        }
        answer = self._observers(stream.child("observers").numpy(), shape, texture)
        arrays |= {"answer": answer, "answers": np.stack([(answer == one).sum(0) for one in range(len(names))], axis=1)}
        subjects = [f"simulated {number + 1}" for number in range(self.subjects)]
        return brain_of("simulated", arrays, subjects=subjects, source="computed by artneuro; no measurement")

    def _images(self, random: np.random.Generator, shape: NDArray[np.intp], texture: NDArray[np.intp]) -> Floats:
        """Return images (stimulus, y, x) in [0, 1]."""
        y, x = np.mgrid[: self.size, : self.size] / self.size
        count = len(self.classes)
        centres, widths = random.uniform(0.2, 0.8, (count, 3, 2)), random.uniform(0.08, 0.2, (count, 3))
        blobs = [
            sum(np.exp(-((y - v) ** 2 + (x - u) ** 2) / (2 * width**2)) for (v, u), width in zip(at, wide, strict=True))
            for at, wide in zip(centres, widths, strict=True)
        ]
        angles = np.pi * np.arange(count) / count
        stripes = [np.sin(2 * np.pi * 4 * (np.cos(angle) * x + np.sin(angle) * y)) for angle in angles]
        made = np.stack(blobs)[shape] + 0.3 * np.stack(stripes)[texture]
        made = made + self.noise * 0.3 * random.standard_normal(made.shape)
        low, high = made.min(), made.max()
        found: Floats = (made - low) / (high - low)
        return found

    def _dissimilarities(self, random: np.random.Generator, pixels: Floats, shape: NDArray[np.intp]) -> Floats:
        flat = pixels.reshape(len(pixels), -1)
        true = ((flat[:, None] - flat[None]) ** 2).mean(axis=2)
        true = true / true.max() + 0.5 * (shape[:, None] != shape)
        first, second = np.triu_indices(len(flat), 1)
        pairs = true[first, second]
        own = pairs + self.noise * pairs.std() * random.standard_normal((self.subjects, len(pairs)))
        found: Floats = own - min(0.0, float(own.min()))
        return found

    def _neurons(self, random: np.random.Generator, pixels: Floats) -> Floats:
        flat = pixels.reshape(len(pixels), -1)
        driven = np.maximum((flat - flat.mean(axis=0)) @ random.standard_normal((flat.shape[1], self.units)), 0)
        spread = driven.std(axis=0) + 1e-12
        found: Floats = driven / spread + self.noise * random.standard_normal((self.repeats, *driven.shape))
        return found

    def _observers(
        self, random: np.random.Generator, shape: NDArray[np.intp], texture: NDArray[np.intp]
    ) -> NDArray[np.int64]:
        kind = random.choice(3, p=(0.8, 0.15, 0.05), size=(self.subjects, len(shape)))
        anything = random.integers(len(self.classes), size=kind.shape)
        return np.where(kind == 0, shape, np.where(kind == 1, texture, anything)).astype(np.int64)
