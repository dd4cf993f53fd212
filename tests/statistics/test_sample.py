"""Whatever a test does not use is named; what it cannot use is refused."""

import numpy as np
import pytest

from artneuro.errors import DesignError
from artneuro.statistics.sample import blocks, draw, require_spread

VALUES = {"clean": [0.9, 0.8, 0.85], "half": [0.7, 0.6, 0.65]}


def test_a_missing_value_is_left_out_and_named(of_arms):
    record = of_arms({"clean": [0.9, np.nan, 0.8], "half": [0.7, 0.6, np.inf]})
    sample = draw(record, ["auc"], ["arm"])
    assert sample.table["subject"].tolist() == ["clean-0", "clean-2", "half-0", "half-1"]
    assert sample.notes == ("Left out, because auc is missing or infinite there: clean-1 and half-2.",)


def test_a_missing_condition_is_named_with_its_level(within):
    sample = draw(within([[0.9, 0.8], [np.nan, 0.7], [0.8, 0.6]]), ["auc"], ["clamp"])
    assert sample.notes == ("Left out, because auc is missing or infinite there: clean-1 (clamp zero).",)


def test_diverged_subjects_are_left_out_and_named(of_arms):
    record = of_arms(VALUES)
    record["diverged"][4] = 7
    sample = draw(record, ["auc"], ["arm"])
    assert "half-1" not in sample.table["subject"].tolist()
    assert sample.notes == ("Left out, because their loss diverged: half-1 (epoch 7).",)


def test_subjects_that_the_record_lacks_are_named_where_their_arm_is_tested(of_arms):
    record = of_arms(VALUES).assign_attrs(excluded="half-3 (epoch 7), random-0 (epoch 2)")
    (note,) = draw(record, ["auc"], ["arm"], where={"arm": ("clean", "half")}).notes
    assert "half-3 (epoch 7)" in note
    assert "random" not in note
    assert "random-0 (epoch 2)" in draw(record, ["auc"], ["arm"]).notes[0]  # an arm of which nobody is left


def test_nothing_left_says_what_was_lost(of_arms):
    with pytest.raises(DesignError, match=r"no subject has a value.*missing or infinite there: clean-0 and half-0"):
        draw(of_arms({"clean": [np.nan], "half": [np.nan]}), ["auc"], ["arm"])


def test_several_arms_are_not_pooled(of_arms):
    with pytest.raises(DesignError, match=r"subjects of 2 arms \(clean and half\).*`where: \{arm: clean\}`"):
        draw(of_arms(VALUES), ["auc"])
    assert len(draw(of_arms(VALUES), ["auc"], where={"arm": "clean"}).table) == 3
    assert len(draw(of_arms(VALUES), ["auc"], pooling=True).table) == 6


def test_a_group_of_one_is_refused_with_the_loss_that_made_it_so(of_arms):
    record = of_arms({"clean": [0.9, 0.8], "half": [0.7, np.nan]})
    with pytest.raises(DesignError, match=r"arm half has 1 subject; .*at least 2.*Rear more.*half-1"):
        draw(record, ["auc"], ["arm"]).groups("auc", "arm")


def test_one_level_is_nothing_to_compare(of_arms):
    with pytest.raises(DesignError, match=r"one level left \(clean\)"):
        draw(of_arms({"clean": [0.9, 0.8]}), ["auc"], ["arm"]).groups("auc", "arm")


def test_levels_come_in_the_order_asked(of_arms):
    record = of_arms({**VALUES, "random": [0.1, 0.2, 0.3]})
    assert draw(record, ["auc"], ["arm"], where={"arm": ("random", "clean")}).levels("arm") == ["random", "clean"]


def test_constant_groups_are_refused(of_arms):
    with pytest.raises(DesignError, match=r"constant within every group \(clean: 1 and half: 0.5\)"):
        draw(of_arms({"clean": [1.0, 1.0], "half": [0.5, 0.5]}), ["auc"], ["arm"]).groups("auc", "arm")


def test_rounding_alone_is_no_spread_and_small_numbers_are():
    with pytest.raises(DesignError, match="constant"):
        require_spread({"a": np.array([0.3, 0.1 + 0.2])}, "auc")
    with pytest.raises(DesignError, match="constant"):  # differences of numbers near 1
        require_spread({"a": np.array([1e-17, 0.0, 5e-17])}, "auc", size=1.0)
    require_spread({"a": np.array([1e-20, 2e-20])}, "auc")
    with pytest.raises(DesignError):
        require_spread({"a": np.zeros(3)}, "auc")


def test_incomplete_blocks_are_left_out_and_named(of_arms):
    sample = draw(of_arms({"clean": [0.9, 0.8, 0.85], "half": [0.7, np.nan, 0.65]}), ["auc"], ["arm"])
    wide, notes = blocks(sample, "auc", ["arm"], "seed")
    assert wide.to_numpy().tolist() == [[0.9, 0.7], [0.85, 0.65]]
    assert notes == ("Left out, because not every level of arm has a value: seed 1 (nothing in half).",)


def test_the_order_of_the_design_stays_where_the_first_subject_lacks_a_level(within):
    sample = draw(within([[np.nan, 0.5, 0.1], [0.9, 0.6, 0.2], [0.8, 0.7, 0.3]]), ["auc"], ["clamp"])
    assert sample.levels("clamp") == ["zero", "mean", "noise"]
    wide, _ = blocks(sample, "auc", ["clamp"], "subject")
    assert wide.columns.tolist() == ["zero", "mean", "noise"]
    assert wide["zero"].tolist() == [0.9, 0.8]


def test_two_values_in_one_cell_of_a_block_are_refused(of_arms):
    record = of_arms(VALUES, seeds={"clean": [0, 0, 1], "half": [0, 1, 2]})
    with pytest.raises(DesignError, match=r"seed 0 has more than one value in arm clean"):
        blocks(draw(record, ["auc"], ["arm"]), "auc", ["arm"], "seed")


def test_numbers_stay_numbers_where_asked(within):
    record = within([[0.9, 0.8], [0.8, 0.7]], dim="fraction", levels=[0.1, 0.30000000000000004])
    assert draw(record, ["auc"], ["fraction"]).levels("fraction") == ["0.1", "0.3"]
    assert draw(record, ["auc"], ["fraction"], numeric=["fraction"]).levels("fraction") == [0.1, 0.30000000000000004]
