"""The flip equals its definition."""

import torch

from artneuro.rearing import Clock, VerticalFlip


def test_the_top_row_is_the_bottom_row(pixels):
    image = pixels(2, 3, 3, 5, 4)
    seen = VerticalFlip().perceive(image, Clock(0, 0), (), None)
    assert all(torch.equal(seen[..., y, :], image[..., 4 - y, :]) for y in range(5))


def test_twice_is_the_identity(pixels):
    image = pixels(2, 3, 3, 5, 4)
    once = VerticalFlip().perceive(image, Clock(0, 0), (), None)
    assert not torch.equal(once, image)
    assert torch.equal(VerticalFlip().perceive(once, Clock(0, 0), (), None), image)


def test_a_subject_sees_the_same_in_any_company(independent_of_company):
    assert independent_of_company(VerticalFlip(), (3, 7, 5))


def test_rows_of_numbers_are_refused(environment):
    assert "at least 2 x 2" in str(next(iter(VerticalFlip().refusals(environment(1, 1, 9)))))
