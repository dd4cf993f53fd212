"""The pictures of deficits under docs/pictures are what the deficits make of a photograph.

    python tests/test_pictures.py

draws them again, after a change that is meant.
"""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console
from sklearn.datasets import load_sample_image

from artneuro import registry
from artneuro.cli.pages import page, pictured
from artneuro.environment import environment
from artneuro.environment.environment import Environment
from artneuro.rearing import (
    Blur,
    Clock,
    GreyScale,
    LabelPermutation,
    LowContrast,
    Occlusion,
    Perceptual,
    Rotation,
    VerticalFlip,
    WhiteNoise,
)
from artneuro.seeds import Stream

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SIDE, ENLARGED = 32, 4
DEFICITS = {
    "intact": None,
    "Blur": Blur(size=8),
    "Blur-antialias": Blur(size=8, antialias=True),
    "GreyScale": GreyScale(),
    "LabelPermutation": LabelPermutation(),
    "LowContrast": LowContrast(contrast=0.3),
    "Occlusion": Occlusion(side="left"),
    "Rotation": Rotation(angle=30),
    "VerticalFlip": VerticalFlip(),
    "WhiteNoise": WhiteNoise(),
}


def photograph() -> Environment:
    """One photograph of scikit-learn's, of the size of CIFAR's."""
    whole = Image.fromarray(load_sample_image("china.jpg")).crop((110, 60, 450, 400))
    pixels = np.asarray(whole.resize((SIDE, SIDE), Image.Resampling.BOX)).transpose(2, 0, 1)[None]
    return Environment.from_arrays(pixels, [0], pixels, [0])


def picture(deficit: Perceptual | LabelPermutation | None) -> Image.Image:
    """What is seen of the photograph, enlarged; of names, what is told."""
    if isinstance(deficit, LabelPermutation):
        return named(deficit)
    environment = photograph()
    shown = environment.presentation
    stimuli = environment.present(environment.train.images)[None]
    if deficit is not None:
        assert list(deficit.refusals(environment)) == []
        stimuli = deficit.perceive(stimuli, Clock(0, 0), (Stream(0),), shown)
    pixels = (255 * shown.pixels(stimuli)[0, 0]).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
    return Image.fromarray(pixels).resize((ENLARGED * SIDE,) * 2, Image.Resampling.NEAREST)


def named(deficit: LabelPermutation) -> Image.Image:
    """A digit of each class, and below it one of the class under whose name it is told."""
    digits = environment("digits")
    targets = digits.train.targets
    first = torch.stack([torch.nonzero(targets == label)[0, 0] for label in range(10)])
    told = deficit.relabel(targets[first], 10, Stream(0))
    shown = torch.cat([digits.train.images[first], digits.train.images[first[told]]])
    pixels = shown.reshape(2, 10, 8, 8).permute(0, 2, 1, 3).reshape(16, 80).float()
    grey = Image.fromarray((255 * pixels / pixels.max()).round().byte().numpy())
    return grey.convert("RGB").resize((ENLARGED * 80, ENLARGED * 16), Image.Resampling.NEAREST)


@pytest.mark.parametrize("name", DEFICITS)
def test_a_picture_is_what_the_deficit_makes(name):
    shown = np.asarray(Image.open(FOLDER / f"{name}.png").convert("RGB"), dtype=float)
    drawn = np.asarray(picture(DEFICITS[name]), dtype=float)
    # decoders of JPEG differ by a level or two, and so do the pixels that follow
    assert np.abs(shown - drawn).max() <= 8, "run: python tests/test_pictures.py"
    assert np.abs(shown - drawn).mean() <= 1


def test_pictures_differ():
    drawn = [np.asarray(picture(deficit), dtype=float) for deficit in DEFICITS.values()]
    for place, one in enumerate(drawn):
        assert all(one.shape != other.shape or np.abs(one - other).mean() > 1 for other in drawn[:place])


def test_no_digit_is_told_under_its_own_name():
    above, below = np.split(np.asarray(named(LabelPermutation()), dtype=float), 2)
    width = 8 * ENLARGED
    columns = [slice(place * width, (place + 1) * width) for place in range(10)]
    matches = [[bool((below[:, one] == above[:, other]).all()) for other in columns] for one in columns]
    assert np.array(matches).sum(0).tolist() == np.array(matches).sum(1).tolist() == [1] * 10
    assert not np.diag(matches).any()


def test_every_deficit_has_a_picture_on_the_page_and_is_described_with_it():
    text = (FOLDER.parent / "deficits.md").read_text(encoding="utf-8")
    ours = {name for name, cls in registry.members("intervention").items() if pictured(cls)}
    assert ours == {name.partition("-")[0] for name in DEFICITS} - {"intact"}
    for name in DEFICITS:
        assert f"(pictures/{name}.png)" in text
    for name in ours:
        stream = io.StringIO()
        page(Console(file=stream, width=120, color_system=None), name)
        assert f"docs/pictures/{name}.png" in stream.getvalue()


def draw() -> None:
    """Write the pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, deficit in DEFICITS.items():
        picture(deficit).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    draw()
