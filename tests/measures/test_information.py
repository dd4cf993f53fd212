import numpy as np
import pytest
import torch
from sklearn.metrics import mutual_info_score

from artneuro.measures.information import equal_frequency_bins, mutual_information


def uncorrected(activity, targets, bins):
    """Plug-in estimate of scikit-learn, in bits, with bins by numpy."""
    ordered = np.sort(activity)
    edges = [ordered[len(activity) * k // bins] for k in range(1, bins)]
    return mutual_info_score(targets, np.digitize(activity, edges)) / np.log(2)


def test_equals_scikit_learn_plus_the_declared_correction():
    generator = torch.Generator().manual_seed(0)
    targets = torch.randint(0, 4, (300,), generator=generator)
    activity = torch.relu(torch.randn(300, 70, generator=generator) + targets[:, None] * torch.linspace(0, 1, 70))
    found = mutual_information(activity, targets, classes=4, bins=6)
    for unit in range(70):  # more than one chunk of units
        values = activity[:, unit].numpy()
        ordered = np.sort(values)
        binned = np.digitize(values, [ordered[300 * k // 6] for k in range(1, 6)])
        cells = len(set(zip(binned.tolist(), targets.tolist(), strict=True)))
        correction = (len(set(binned.tolist())) + len(set(targets.tolist())) - cells - 1) / (2 * 300) / np.log(2)
        assert found[unit].item() == pytest.approx(uncorrected(values, targets.numpy(), 6) + correction, abs=1e-12)


def test_bins_are_equally_filled_without_ties_and_ties_share_a_bin():
    values = torch.randperm(1000).double()[:, None]
    assert torch.bincount(equal_frequency_bins(values, 8)[:, 0]).tolist() == [125] * 8
    mostly_silent = torch.cat([torch.zeros(900), torch.arange(1.0, 101.0)])[:, None]
    counts = torch.bincount(equal_frequency_bins(mostly_silent, 10)[:, 0], minlength=10)
    assert counts[counts > 0].tolist() == [900, 100]


def test_the_correction_removes_the_bias_of_a_unit_that_tells_nothing():
    generator = torch.Generator().manual_seed(1)
    targets = torch.randint(0, 10, (2000,), generator=generator)
    activity = torch.randn(2000, 400, generator=generator)
    found = mutual_information(activity, targets, classes=10)
    biased = np.mean([uncorrected(activity[:, unit].numpy(), targets.numpy(), 10) for unit in range(50)])
    assert biased > 0.025  # (10 - 1)(10 - 1) / (2 * 2000 * ln 2) = 0.029 bit: what is to be removed
    # terms of 1/n^2 are left, and the mean of 400 estimates has a standard error of 0.0002
    assert abs(found.mean().item()) < 0.001


def test_a_unit_that_names_the_class_has_its_entropy():
    targets = torch.arange(4000) % 4
    found = mutual_information(targets[:, None].double(), targets, classes=4, bins=4)
    assert found.item() == pytest.approx(2.0, abs=0.001)  # the correction is 3 / (2 * 4000 * ln 2) = 0.0005 bit


def test_a_silent_unit_tells_nothing():
    for classes in range(2, 12):  # exactly nothing: the sums of rounded logarithms would leave 1e-16
        assert mutual_information(torch.zeros(150, 1), torch.arange(150) % classes, classes).tolist() == [0.0]


def test_any_rising_transformation_leaves_it():
    targets = torch.arange(200) % 3
    activity = torch.randn(200, 5, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    first = mutual_information(activity, targets, classes=3)
    assert torch.equal(mutual_information(activity.exp() * 3 - 1, targets, classes=3), first)


def test_relabelling_units_and_shuffling_stimuli():
    generator = torch.Generator().manual_seed(3)
    activity, targets = torch.rand(150, 90, generator=generator), torch.arange(150) % 3
    units, stimuli = torch.randperm(90, generator=generator), torch.randperm(150, generator=generator)
    found = mutual_information(activity, targets, classes=3)
    assert torch.equal(mutual_information(activity[:, units], targets, classes=3), found[units])
    assert torch.equal(mutual_information(activity[stimuli], targets[stimuli], classes=3), found)
