"""Inferior temporal cortex of people and monkeys, and people's judgements, for 92 images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, final

import numpy as np
from numpy.typing import NDArray

from artneuro.brains.brain import Brain, BrainSource
from artneuro.brains.making import brain_of
from artneuro.environment.promised import as_promised, files_of, npz
from artneuro.fields import define_spec, param
from artneuro.registry import register

Of = Literal["human_it", "monkey_it", "judgements", "v1_model", "hmax_model", "animacy"]

_ARRAYS: Mapping[str, str] = {
    "human_it": "humanIT_rdm_subj_session",
    "monkey_it": "monkeyIT_674neurons_rdmvec",
    "judgements": "behaviour_rdm_subjects",
    "v1_model": "V1model_rdm",
    "hmax_model": "HMAX_rdm",
    "animacy": "model_animacy",
}


@final
@register("kriegeskorte92")
@define_spec
class Kriegeskorte92(BrainSource):
    """Dissimilarities of 92 images in human IT, monkey IT, judgements and models (Kriegeskorte 2008, Mur 2013).

    Human IT: 1 - r over 316 voxels, 4 people, mean of two sessions each. Monkey IT: 1 - r over 674 neurons of two
    monkeys together, so a single subject. Judgements: 16 people who arranged the images by similarity. The others are
    models: V1, HMAX, and animate against inanimate.

    doi 10.1016/j.neuron.2008.10.043 and 10.3389/fpsyg.2013.00128.
    """

    of: Of = param("human_it", doc="whose dissimilarities")

    def load(self, data_root: Path | str | None = None) -> Brain:
        """Read it from the folder ``kriegeskorte92``."""
        name = self.of.replace("_", " ")
        paths = files_of(f"kriegeskorte92, {name}", data_root, "kriegeskorte92", "rsa92.npz")
        with as_promised(f"kriegeskorte92, {name}", *paths):
            images, category, values = npz(paths[0], "images", "category", _ARRAYS[self.of])
            subjects = None
            if self.of == "human_it":
                values = values.astype(np.float64).mean(axis=1)  # over sessions
                (labels,) = npz(paths[0], "humanIT_names")
                subjects = [str(one).split(" | ")[1] for one in labels[:, 0]]
            values = _symmetric(values) if values.ndim > 1 else values
        arrays = {"dissimilarity": values, "images": images, "category": category, "names": _numbered(len(images))}
        return brain_of(
            name,
            arrays,
            subjects=subjects,
            source="Kriegeskorte et al. 2008; Mur et al. 2013 (demonstrations of rsatoolbox)",
            terms="MIT (repository); cite the articles",
        )


def _symmetric(square: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return matrices without the rounding by which their halves differ."""
    wide = np.asarray(square, dtype=np.float64)
    other = wide.swapaxes(-1, -2)
    if not np.allclose(wide, other, atol=1e-5):  # single precision
        raise ValueError("dissimilarities that are not symmetric")
    return (wide + other) / 2


def _numbered(count: int) -> NDArray[np.str_]:
    return np.array([f"image {number + 1}" for number in range(count)])
