"""The policy of pairing: twins are compared with twins, and the notes say what became of the others."""

import numpy as np
import pytest

from artneuro.errors import DesignError
from artneuro.statistics.sample import draw
from artneuro.statistics.twins import compare_cells, paired_by_seed, require_varied, twins_note

CLEAN, HALF = [0.9, 0.8, 0.85, 0.7], [0.7, 0.65, 0.6, 0.55]
DIFFERENCE = {("clean",): 1.0, ("half",): -1.0}


def arms(of_arms, pairing="auto", seeds=None, clean=CLEAN, half=HALF):
    sample = draw(of_arms({"clean": clean, "half": half}, seeds=seeds), ["auc"], ["arm"])
    return compare_cells(sample, "auc", ["arm"], DIFFERENCE, pairing)


def test_arms_of_equal_seeds_are_paired(of_arms):
    found = arms(of_arms)
    assert found.how == "paired by seed (twins)"
    assert found.contrast.groups[0] == pytest.approx(np.subtract(CLEAN, HALF))
    assert found.notes == ()


def test_pairs_are_made_by_seed_and_not_by_place(of_arms):
    found = arms(of_arms, seeds={"clean": [0, 1, 2, 3], "half": [3, 2, 1, 0]})
    assert found.contrast.groups[0] == pytest.approx(np.subtract(CLEAN, HALF[::-1]))


def test_arms_without_common_seeds_are_strangers(of_arms):
    found = arms(of_arms, seeds={"clean": [0, 1, 2, 3], "half": [4, 5, 6, 7]})
    assert found.how == "independent"
    assert [len(group) for group in found.contrast.groups] == [4, 4]


def test_a_subject_without_its_twin_is_left_out_and_named(of_arms):
    found = arms(of_arms, half=[0.7, np.nan, 0.6, 0.55])
    assert found.contrast.n == 3
    assert found.notes == ("Left out, because not every level of arm has a value: seed 1 (nothing in half).",)
    assert found.means == pytest.approx({("clean",): np.mean([0.9, 0.85, 0.7]), ("half",): np.mean([0.7, 0.6, 0.55])})


def test_independent_says_that_twins_were_there(of_arms):
    found = arms(of_arms, pairing="independent")
    assert found.how == "independent"
    assert found.notes == ("The groups hold twins (equal seeds), tested as strangers because the analysis says so.",)


def test_paired_refuses_arms_without_common_seeds(of_arms):
    with pytest.raises(DesignError, match=r"share 0 seeds, and pairs need at least 2.*Rear the arms from the same"):
        arms(of_arms, pairing="paired", seeds={"clean": [0, 1, 2, 3], "half": [4, 5, 6, 7]})


def test_one_common_seed_makes_no_pairs(of_arms):
    assert arms(of_arms, seeds={"clean": [0, 1, 2, 3], "half": [3, 4, 5, 6]}).how == "independent"


def test_subjects_without_seeds_are_strangers(of_arms):
    record = of_arms({"clean": CLEAN, "half": HALF}).drop_vars("seed")
    sample = draw(record, ["auc"], ["arm"])
    assert not paired_by_seed(sample, ["arm"], [("clean",), ("half",)], "auto")
    assert twins_note(sample, ["arm"], "rm_anova") == ()


def test_conditions_are_paired_by_subject(within):
    sample = draw(within([[0.9, 0.7], [0.8, 0.75], [0.7, 0.6]]), ["auc"], ["clamp"])
    found = compare_cells(sample, "auc", ["clamp"], {("mean",): 1.0, ("zero",): -1.0}, "independent")
    assert found.how == "paired by subject"
    assert found.contrast.groups[0] == pytest.approx([-0.2, -0.05, -0.1])


def test_an_interaction_of_twins_is_a_difference_of_differences_within_seeds(crossed):
    record = crossed()
    cells = {
        ("turnover", "zero"): 1.0,
        ("turnover", "mean"): -1.0,
        ("control", "zero"): -1.0,
        ("control", "mean"): 1.0,
    }
    found = compare_cells(draw(record, ["auc"], ["arm", "clamp"]), "auc", ["arm", "clamp"], cells)
    by_hand = [
        (record.auc[8 + seed, 0] - record.auc[8 + seed, 1]) - (record.auc[seed, 0] - record.auc[seed, 1])
        for seed in range(8)
    ]
    assert found.contrast.groups[0] == pytest.approx(np.array(by_hand))
    strangers = compare_cells(draw(record, ["auc"], ["arm", "clamp"]), "auc", ["arm", "clamp"], cells, "independent")
    assert strangers.how == "independent"
    assert strangers.contrast.estimate == pytest.approx(found.contrast.estimate)
    assert [len(group) for group in strangers.contrast.groups] == [8, 8]


def test_an_empty_cell_is_named(of_arms):
    sample = draw(of_arms({"clean": CLEAN, "half": HALF}), ["auc"], ["arm"])
    with pytest.raises(DesignError, match="no subject in random of arm; there are clean and half"):
        compare_cells(sample, "auc", ["arm"], {("clean",): 1.0, ("random",): -1.0})


def test_the_design_pairs_also_where_twins_are_lost(of_arms):
    # three of four half subjects are lost: one pair is left, and treating the rest as strangers would hide it
    with pytest.raises(DesignError, match=r"the comparison of clean and half has 1 subject.*half-1, half-2 and half-3"):
        arms(of_arms, half=[0.7, np.nan, np.nan, np.nan])


def test_subjects_that_the_record_lacks_still_make_a_paired_design(of_arms):
    record = of_arms({"clean": [0.9, 0.8, 0.7], "half": [0.6]})
    sample = draw(record.assign_attrs(excluded="half-1 (epoch 3), half-2 (epoch 9)"), ["auc"], ["arm"])
    assert paired_by_seed(sample, ["arm"], [("clean",), ("half",)], "auto")
    with pytest.raises(DesignError, match=r"has 1 subject.*half-1 \(epoch 3\)"):
        compare_cells(sample, "auc", ["arm"], DIFFERENCE)


def test_twins_that_differ_by_the_same_are_refused(of_arms):
    found = arms(of_arms, half=[value - 0.1 for value in CLEAN])
    with pytest.raises(DesignError, match=r"auc is constant within every group \(group 1: 0.1\)"):
        require_varied(found, "auc")
