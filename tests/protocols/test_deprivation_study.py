"""DeprivationStudy: removal and window curves of twins, and what can pass for a critical period."""

import numpy as np
import pytest
import torch
import xarray as xr

import artneuro as an
from artneuro.errors import SpecificationError
from artneuro.labels import check_schema
from artneuro.rearing import Constant, Cosine, Exponential, Restart
from artneuro.rearing.beginnings import Course

FLIP, NOISE = an.VerticalFlip(), an.WhiteNoise()


@pytest.fixture(scope="module")
def cohort():
    def make(arms=None, n=2, **changes):
        rearing = an.Rearing(epochs=4, batch=50, schedule=Exponential(gamma=0.5)).but(**changes)
        digits = an.environment("digits", train_size=200, test_size=100)
        return an.Cohort.of(
            anatomy=an.anatomy("mlp", widths=(16,)), environment=digits, rearing=rearing, arms=arms, n=n
        )

    return make


@pytest.fixture(scope="module")
def record(cohort):
    study = an.DeprivationStudy(deficits={"flip": FLIP, "noise": NOISE}, removals=(0, 1, 3), onsets=(0, 2), duration=1)
    return study.run(cohort())


def test_each_value_is_that_of_a_subject_reared_alone(record, cohort):
    digits = cohort().subjects[0].environment
    naive = an.Subject.naive(an.anatomy("mlp", widths=(16,)), digits, seed=1)
    rearing = an.Rearing(epochs=7, batch=50, schedule=Exponential(gamma=0.5))
    adult = an.rear(naive, digits, rearing, [an.WhiteNoise(window=an.Window(offset=3))])
    here = record.sel(deficit="noise", removal=3).isel(subject=1)
    for name in ("train_accuracy", "train_loss", "test_accuracy", "test_loss", "learning_rate"):
        assert here[name].values.tolist() == adult.history[name].values.tolist(), name
    windowed = an.rear(naive, digits, rearing.but(epochs=4), [an.VerticalFlip(window=an.Window(onset=2, offset=3))])
    here = record.sel(deficit="flip", onset=2).isel(subject=1)
    assert here.window_test_loss.values[:4].tolist() == windowed.history.test_loss.values.tolist()
    assert float(here.window_final_test_loss) == float(windowed.history.test_loss[-1])


def test_a_removal_at_birth_is_the_baseline(record):
    at_birth = record.sel(removal=0)
    assert (at_birth.final_test_accuracy == record.baseline_test_accuracy).all()
    assert (at_birth.sensitivity == 0).all()
    assert (record.sensitivity == record.baseline_test_accuracy - record.final_test_accuracy).all()
    assert (record.sel(deficit="noise").sensitivity.sel(removal=3) != 0).any()


def test_each_lives_as_long_as_declared(record):
    lived = record.test_accuracy.notnull().sum("epoch")
    assert lived.sel(removal=0).values.ravel().tolist() == [4] * 4
    assert lived.sel(removal=3).values.ravel().tolist() == [7] * 4
    assert record.window_test_accuracy.notnull().sum("epoch").values.ravel().tolist() == [4] * 8


def test_twins_share_the_order_of_stimuli_and_the_clean_beginning(record):
    late = record.window_train_loss.sel(deficit="flip", onset=2)
    clean = record.train_loss.sel(deficit="flip", removal=0)
    assert (late.sel(epoch=[1, 2]) == clean.sel(epoch=[1, 2])).all()
    assert (late.sel(epoch=3) != clean.sel(epoch=3)).all()


def test_the_record_keeps_to_the_schema_and_survives_the_disk(record, tmp_path):
    check_schema(record)
    assert record.removal.attrs["units"] == "epoch"
    an.write(record, tmp_path / "it.nc")
    xr.testing.assert_identical(an.read(tmp_path / "it.nc"), record)
    assert record.subject.values.tolist() == ["control-0", "control-1"]


def test_arms_are_crossed_with_deficits(cohort):
    adam = an.Arm(rearing=an.Rearing(epochs=2, batch=50, optimizer={"adam": {"lr": 0.01}}))
    dose = an.ActivityNoise(kind="additive", sd=0.1)
    record = an.DeprivationStudy(deficits={"flip": FLIP}, removals=(1,)).run(
        cohort({"control": (), "adam": adam, "noisy": (dose,)}, n=1)
    )
    assert record.arm.values.tolist() == ["control", "adam", "noisy"]
    assert record.test_loss.notnull().sum("epoch").values.ravel().tolist() == [5, 3, 5]
    assert len(np.unique(record.final_test_loss)) == 3


def test_final_values_are_medians_over_the_last_epochs(cohort):
    record = an.DeprivationStudy(deficits={"flip": FLIP}, removals=(0, 1), last=3).run(cohort(n=1))
    for removal, end in ((0, 4), (1, 5)):
        at = record.sel(removal=removal)
        assert float(at.final_test_loss.item()) == float(at.test_loss.sel(epoch=slice(end - 2, end)).median())


def test_half_of_the_harm_is_done_by_an_age_between_removals(record, cohort):
    """On the line between the two removals at whose sensitivities half of the last lies; 0 at birth by definition."""
    for deficit in ("flip", "noise"):
        for subject in range(2):
            here = record.sel(deficit=deficit).isel(subject=subject)
            _, first, last = here.sensitivity.values
            if last <= 0:
                assert np.isnan(here.half_age)
                continue
            half = last / 2
            by_hand = half / first if first >= half else 1 + 2 * (half - first) / (last - first)
            assert float(here.half_age) == pytest.approx(by_hand, rel=1e-12)
    assert record.half_age.sel(deficit="noise").notnull().all()
    assert record.half_age.attrs["ancillary_variables"] == "under_fitted"
    unborn = an.DeprivationStudy(deficits={"noise": NOISE}, removals=(1, 3)).run(cohort())
    assert unborn.half_age.values.tolist() == record.half_age.sel(deficit=["noise"]).values.tolist()
    assert "half_age" not in an.DeprivationStudy(deficits={"noise": NOISE}, removals=(0, 3)).run(cohort(n=1))


def test_subjects_may_be_evaluated_less_often(cohort, record):
    """The record has the ages at which they were, and final values are medians over those of the last epochs."""
    study = an.DeprivationStudy(deficits={"noise": NOISE}, removals=(0, 2, 4), onsets=(0,), duration=1, last=3)
    seldom, often = study.run(cohort(n=1, evaluate_every=2)), study.run(cohort(n=1))
    assert seldom.epoch.values.tolist() == [2, 4, 6, 8]
    xr.testing.assert_identical(seldom.test_loss, often.test_loss.sel(epoch=[2, 4, 6, 8]))
    for removal, ages in ((0, [2, 4]), (2, [4, 6]), (4, [6, 8])):
        at = seldom.sel(removal=removal)
        assert float(at.final_test_loss.item()) == float(often.test_loss.sel(removal=removal, epoch=ages).median())


@pytest.mark.parametrize(
    ("learning_rate", "removed", "baseline"),
    [
        ("continue", [0.1, 0.05, 0.025, 0.0125, 0.00625, 0.003125], [0.1, 0.05, 0.025, 0.0125]),
        ("restart", [0.1, 0.05, 0.1, 0.05, 0.025, 0.0125], [0.1, 0.05, 0.025, 0.0125]),
        ("constant", [0.1] * 6, [0.1] * 4),
    ],
)
def test_the_learning_rate_goes_on_restarts_or_is_constant(cohort, learning_rate, removed, baseline):
    study = an.DeprivationStudy(deficits={"flip": FLIP}, removals=(0, 2), learning_rate=learning_rate)
    rates = study.run(cohort(n=1)).learning_rate.isel(subject=0, deficit=0)
    np.testing.assert_allclose(rates.sel(removal=2), removed, rtol=1e-12)
    np.testing.assert_allclose(rates.sel(removal=0)[:4], baseline, rtol=1e-12)


def test_courses_state_what_each_twin_lives():
    course = Course(an.Rearing(epochs=9, schedule=Exponential(gamma=0.5)), (an.Dropout(rate=0.5),))
    study = an.DeprivationStudy(deficits={"flip": FLIP}, removals=(0, 2), clean=5, learning_rate="restart")
    courses = study.courses(course)
    assert list(courses) == ["clean", "flip until 0", "flip until 2"]
    assert courses["clean"] == courses["flip until 0"] == Course(course.rearing.but(epochs=5), course.interventions)
    until = courses["flip until 2"]
    assert (until.rearing.epochs, until.rearing.schedule) == (7, Restart(at=2, schedule=Exponential(gamma=0.5)))
    assert until.interventions == (an.Dropout(rate=0.5), an.VerticalFlip(window=an.Window(offset=2)))
    windows = an.DeprivationStudy(deficits={"flip": FLIP}, onsets=(3,), duration=4)
    window = windows.courses(course)["flip from 3"]
    assert window.rearing == course.rearing
    assert window.interventions[1].window == an.Window(onset=3, offset=7)
    constant = an.DeprivationStudy(deficits={"flip": FLIP}, removals=(2,), learning_rate="constant").courses(course)
    assert {twin.rearing.schedule for twin in constant.values()} == {Constant()}


def test_underfitted_groups_are_named_in_every_test_of_the_record(cohort):
    study = an.DeprivationStudy(deficits={"noise": NOISE}, removals=(0, 3), floor=0.999)
    record = study.run(cohort(n=3))
    below = record.final_train_accuracy.sel(deficit="noise", removal=3) < 0.999
    assert below.any()
    caution = f"control, noise removed at 3 ({int(below.sum())} of 3 subjects"
    assert caution in record.attrs["cautions"]
    result = an.statistics.t_test(record, dv="final_test_accuracy", within="removal", where={"deficit": "noise"})
    assert any(caution in note for note in result.notes)
    lenient = an.DeprivationStudy(deficits={"noise": NOISE}, removals=(0, 3), floor=0.0).run(cohort(n=1))
    assert lenient.attrs["cautions"] == ""
    assert not lenient.under_fitted.any()


def test_no_claim_is_decided_by_underfitted_subjects(cohort):
    """Values are flagged where the twin or its baseline ended below the floor; claims of others are decided."""
    study = an.DeprivationStudy(deficits={"noise": NOISE}, removals=(0, 3), onsets=(0, 1), duration=1, floor=0.97)
    record = study.run(cohort(n=4))
    for prefix in ("", "window_"):
        ended, flags = record[f"{prefix}final_train_accuracy"], record[f"{prefix}under_fitted"]
        assert ((ended < 0.97) | (record.baseline_train_accuracy < 0.97)).astype(int).equals(flags.astype(int))
        assert record[f"{prefix}sensitivity"].attrs["ancillary_variables"] == f"{prefix}under_fitted"
    assert "ancillary_variables" not in record.final_train_accuracy.attrs
    record["under_fitted"][:] = 0
    claim = an.statistics.Hypothesis(claim="'0' > '3'", of="D.final_test_accuracy", factor="removal")
    free = claim.test({"D": record}, "C1")
    record["under_fitted"][2, 0, 1] = 1
    doubted = claim.test({"D": record}, "C1")
    assert (free.verdict, doubted.verdict) == ("supported", "undecided")
    assert "1 of 8 values of D.final_test_accuracy is not to be relied on (under-fitted" in doubted.sentence


def test_a_twin_that_diverges_has_no_final_value(cohort):
    storm = an.ActivityNoise(kind="additive", sd=1e30)
    record = an.DeprivationStudy(deficits={"storm": storm}, removals=(0, 2)).run(cohort(n=1))
    assert np.isnan(record.final_test_accuracy.sel(removal=2)).all()
    assert np.isnan(record.sensitivity.sel(removal=2)).all()
    assert record.final_test_accuracy.sel(removal=0).notnull().all()


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"removals": ()}, "removals: required ages of removal, or `onsets`"),
        ({"removals": (3, 1)}, "removals: required ages that ascend"),
        ({"onsets": (2, 2)}, "onsets: required ages that ascend"),
        ({"onsets": (2,), "learning_rate": "restart"}, "learning_rate: required continue or constant, beside `onsets`"),
        ({"removals": (1,), "deficits": {}}, "deficits"),
        ({"removals": (1,), "deficits": {"x": an.VerticalFlip(window=an.Window(onset=1))}}, r"deficits\.x\.window"),
    ],
)
def test_impossible_studies_are_refused(parameters, said):
    with pytest.raises(SpecificationError, match=said):
        an.DeprivationStudy(**{"deficits": {"flip": FLIP}, **parameters})


@pytest.mark.parametrize(
    ("study", "said"),
    [
        (
            {"deficits": {"flip": FLIP}, "onsets": (0, 3), "duration": 2},
            r"onsets: required windows within the rearing, .* at 4, and 1 clean epochs .*came \[3\]. .*last onset is 1",
        ),
        (
            {"deficits": {"flip": FLIP}, "onsets": (0,), "duration": 4},
            r"onsets: .*came \[0\]. A duration of 4 fits nowhere: choose a shorter one, or rear for longer",
        ),
        ({"deficits": {"flip": FLIP}, "removals": (1,), "last": 5}, "last: required at most 4, the clean epochs"),
        ({"deficits": {"flip": FLIP}, "onsets": (0,), "duration": 1, "clean": 2}, "clean: required nothing or 4"),
        ({"deficits": {"grey": an.GreyScale()}, "removals": (1,)}, r"deficits\.grey\.GreyScale"),
        ({"deficits": {"blur": an.Blur(size=64)}, "removals": (1,)}, r"deficits\.blur\.Blur\.size"),
        (
            {"deficits": {"x": an.ActivityNoise(kind="additive", sd=0.1, sites=("nowhere",))}, "removals": (1,)},
            r"deficits\.x.*nowhere",
        ),
    ],
)
def test_what_cannot_be_done_to_the_cohort_is_refused_before_any_rearing(cohort, study, said, monkeypatch):
    monkeypatch.setattr("artneuro.protocols.protocol.rear_courses", lambda *_: pytest.fail("reared"))
    with pytest.raises(SpecificationError, match=said):
        an.DeprivationStudy(**study).run(cohort())


def test_lives_that_end_between_evaluations_are_refused_before_any_rearing(cohort, monkeypatch):
    monkeypatch.setattr("artneuro.protocols.protocol.rear_courses", lambda *_: pytest.fail("reared"))
    study = an.DeprivationStudy(deficits={"flip": FLIP}, removals=(0, 1, 2, 3))
    said = r"removals: required ages after which `clean` epochs end at an evaluation, one every 2.*came \[1, 3\]"
    with pytest.raises(SpecificationError, match=said):
        study.run(cohort(n=1, evaluate_every=2))


@pytest.mark.parametrize("learning_rate", ["continue", "restart"])
def test_a_schedule_that_follows_the_length_of_life_is_refused(cohort, learning_rate):
    study = an.DeprivationStudy(deficits={"flip": FLIP}, removals=(0, 2), learning_rate=learning_rate)
    with pytest.raises(SpecificationError, match="learning_rate: required a schedule by age alone.*came Cosine"):
        study.run(cohort(n=1, schedule=Cosine()))
    study.but(learning_rate="constant").run(cohort(n=1, schedule=Cosine()))


def test_the_subjects_of_the_cohort_stay_as_they_are(cohort):
    reared = cohort(n=1).rear()
    before = {name: tensor.clone() for name, tensor in reared.subjects[0].weights.items()}
    study = an.DeprivationStudy(deficits={"flip": FLIP}, removals=(1,))
    xr.testing.assert_identical(study.run(reared), study.run(cohort(n=1)))
    assert all(torch.equal(tensor, before[name]) for name, tensor in reared.subjects[0].weights.items())
