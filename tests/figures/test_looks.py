"""Looks: told apart by marker and dashes alone, and by colour also by people who see fewer colours."""

import itertools

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from artneuro.figures.looks import PALETTE, looks

# Machado, Oliveira & Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency",
# table 1, severity 1.0; on linear RGB
SIMULATED = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(colour: str) -> np.ndarray:
    """SRGB -> linear RGB (IEC 61966-2-1)."""
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Linear RGB -> CIELAB under D65."""
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    ratio = matrix @ rgb.clip(0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(first: str, second: str, sight: np.ndarray) -> float:
    """Distance in CIELAB (delta E 1976); about 2.3 is just noticed."""
    return float(np.linalg.norm(lab(sight @ linear(first)) - lab(sight @ linear(second))))


@pytest.mark.parametrize("sight", ["usual", "protanopia", "deuteranopia", "tritanopia"])
def test_colours_are_told_apart(sight):
    for first, second in itertools.combinations(PALETTE[:4], 2):
        # seven times what is just noticed, for the groups that most studies have
        assert apart(first, second, SIMULATED[sight]) > 16, (first, second)
    for first, second in itertools.combinations(PALETTE, 2):
        assert apart(first, second, SIMULATED[sight]) > 9, (first, second)  # four times


def test_red_and_green_would_not_do():
    assert apart("#d62728", "#2ca02c", SIMULATED["usual"]) > 100
    assert apart("#d62728", "#2ca02c", SIMULATED["deuteranopia"]) < 40


def test_colours_stand_out_from_paper():
    for colour in PALETTE:
        luminance = float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour))
        assert 1.05 / (luminance + 0.05) > 2.2, colour  # contrast ratio of WCAG 2.2; the yellow left out has 1.3


def test_colour_is_never_the_only_sign():
    shown = looks(list("abcdefg"))
    assert len({(look.marker, str(look.dashes)) for look in shown.values()}) == 7
    assert len({str(look.dashes) for look in looks(list("abcd")).values()}) == 4


def test_no_look_comes_twice():
    shown = looks([f"arm {number}" for number in range(300)])
    assert len({(look.colour, look.marker, str(look.dashes)) for look in shown.values()}) == 300


def test_numbers_get_a_scale_from_dark_to_light():
    light = [lab(linear(look.colour))[0] for look in looks([0.0, 0.25, 0.5, 0.75, 1.0]).values()]
    assert light == sorted(light)
    assert light[-1] - light[0] > 40
    assert looks([0.0, 1.0])[1.0].colour == PALETTE[1]  # two numbers are as plain as two names
