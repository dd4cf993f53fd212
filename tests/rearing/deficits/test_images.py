"""What is an image."""

import pytest

from artneuro.rearing.deficits.images import not_images


@pytest.mark.parametrize("shape", [(1, 2, 2), (3, 8, 5)])
def test_images_are_not_refused(environment, shape):
    assert list(not_images(environment(*shape))) == []


@pytest.mark.parametrize(("shape", "came"), [((1, 1, 16), "1 x 16"), ((3, 16, 1), "16 x 1")])
def test_rows_of_numbers_are_refused_with_what_will_do(environment, shape, came):
    (problem,) = not_images(environment(*shape))
    assert problem.came == came
    assert "WhiteNoise, LabelPermutation, or a function of your own (deficit_of)" in problem.advice
