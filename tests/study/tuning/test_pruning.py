import math

import numpy as np

from artneuro.study.tuning.pruning import median_limits

COURSES = [[0.9, 0.5, 0.3], [0.8, 0.7, 0.6], [0.7, 0.6]]


def test_the_limit_is_the_median_of_those_that_lived_so_long():
    assert median_limits(COURSES, 1, rising=False) == (math.inf, 0.6, (0.3 + 0.6) / 2)
    assert median_limits(COURSES, 2, rising=False) == (math.inf, math.inf, (0.3 + 0.6) / 2)


def test_what_rises_has_the_limits_of_what_falls_turned_over():
    turned = [[-value for value in course] for course in COURSES]
    np.testing.assert_array_equal(median_limits(turned, 1, True), -np.array(median_limits(COURSES, 1, False)))


def test_without_a_completed_trial_there_is_no_limit():
    assert median_limits([], 1, rising=False) == ()
