"""What people call cue-conflict images, silhouettes and edges."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, final

import numpy as np
from numpy.typing import NDArray

from artneuro.brains.brain import Brain, BrainSource
from artneuro.brains.making import brain_of
from artneuro.brains.reading import image, lines, rows
from artneuro.environment.promised import as_promised, files_of, npz
from artneuro.fields import define_spec, param
from artneuro.registry import register

CLASSES = (
    *("airplane", "bear", "bicycle", "bird", "boat", "bottle", "car", "cat", "chair", "clock", "dog", "elephant"),
    *("keyboard", "knife", "oven", "truck"),
)
TRIALS = "model_vs_human_human_trials.csv.gz"
SIDE = 64  # pixels of a stimulus

Experiment = Literal["cue-conflict", "edge", "silhouette"]
_FILES: Mapping[str, str] = {"edge": "edges_64px.npz", "silhouette": "filled_silhouettes_64px.npz"}


@final
@register("human_16class")
@define_spec
class Human16Class(BrainSource):
    """Answers of 10 people, one of 16 words each, to images with conflicting cues, edges or silhouettes.

    In 1,280 cue-conflict images the shape is of one class (coordinate ``category``) and the texture of one (coordinate
    ``texture``); in 80 of them both are the same. Geirhos et al. 2019, arXiv 1811.12231; 2021, arXiv 2106.07411.
    """

    experiment: Experiment = param("cue-conflict", doc="which images")

    def load(self, data_root: Path | str | None = None) -> Brain:
        """Read it from the folder ``human_16class``."""
        title = f"people, {self.experiment}"
        conflict = self.experiment == "cue-conflict"
        own = ("cue_conflict_64px_1280.webp", "cue_conflict_names.txt") if conflict else (_FILES[self.experiment],)
        paths = files_of(f"human_16class, {self.experiment}", data_root, "human_16class", TRIALS, *own)
        with as_promised(f"human_16class, {self.experiment}", *paths):
            if conflict:
                images, names = _tiles(image(paths[1])), lines(paths[2])
            else:
                images, known = npz(paths[1], "images", "names")
                names = [str(one) for one in known]
            subjects, answer = self._answers(paths[0], names)
            kinds = [re.findall(r"([a-z]+)\d+", name.rpartition("/")[2]) for name in names]
            arrays = {
                "images": images,
                "names": np.array(names),
                "category": np.array([kind[0] for kind in kinds]),
                "classes": np.array(CLASSES),
                "answer": answer,
            }
            if conflict:
                arrays["texture"] = np.array([kind[1] for kind in kinds])
        return brain_of(
            title,
            arrays,
            subjects=subjects,
            source="Geirhos et al. 2019, 2021 (bethgelab/model-vs-human, rgeirhos/texture-vs-shape), at 64 pixels",
            terms="stimuli CC BY 4.0",
        )

    def _answers(self, trials: Path, names: list[str]) -> tuple[list[str], NDArray[np.int64]]:
        """Return who answered, and what each said (subject, stimulus); -1 where it was none of the words."""
        place = {name.rpartition("/")[2]: number for number, name in enumerate(names)}
        word = {name: number for number, name in enumerate(CLASSES)}
        said: dict[str, NDArray[np.int64]] = {}
        for row in rows(trials):
            if row["dataset"] == self.experiment:
                of_one = said.setdefault(row["subj"], np.full(len(names), -1, dtype=np.int64))
                of_one[place[row["imagename"].rpartition("_")[2]]] = word.get(row["object_response"], -1)
        subjects = sorted(said)
        return subjects, np.stack([said[subject] for subject in subjects])


def _tiles(sheet: NDArray[Any]) -> NDArray[Any]:
    """Return the images of a sheet, row by row."""
    high, wide = sheet.shape[0] // SIDE, sheet.shape[1] // SIDE
    tiles = sheet.reshape(high, SIDE, wide, SIDE, -1).swapaxes(1, 2)
    return tiles.reshape(high * wide, SIDE, SIDE, -1)
