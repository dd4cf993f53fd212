"""The pictures of deficits under docs/pictures are what the deficits make of a photograph.

    python tests/test_pictures.py

draws them again, after a change that is meant.
"""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from artneuro import registry
from artneuro.environment.environment import Environment
from artneuro.rearing import (
    Blur,
    Clock,
    GreyScale,
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


def picture(deficit: Perceptual | None) -> Image.Image:
    """What is seen of the photograph, enlarged."""
    environment = photograph()
    shown = environment.presentation
    stimuli = environment.present(environment.train.images)[None]
    if deficit is not None:
        assert list(deficit.refusals(environment)) == []
        stimuli = deficit.perceive(stimuli, Clock(0, 0), (Stream(0),), shown)
    pixels = (255 * shown.pixels(stimuli)[0, 0]).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
    return Image.fromarray(pixels).resize((ENLARGED * SIDE,) * 2, Image.Resampling.NEAREST)


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
        assert all(np.abs(one - other).mean() > 1 for other in drawn[:place])


def test_every_deficit_of_the_eye_has_a_picture_on_the_page():
    page = (FOLDER.parent / "deficits.md").read_text(encoding="utf-8")
    ours = {
        name
        for name, cls in registry.members("intervention").items()
        if issubclass(cls, Perceptual) and cls.__module__.startswith("artneuro.") and name != "OwnDeficit"
    }
    assert ours == {name.partition("-")[0] for name in DEFICITS} - {"intact"}
    for name in DEFICITS:
        assert f"(pictures/{name}.png)" in page


def draw() -> None:
    """Write the pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, deficit in DEFICITS.items():
        picture(deficit).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    draw()
