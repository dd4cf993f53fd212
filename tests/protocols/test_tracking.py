"""What is tracked while subjects grow up is what is measured on those whose weights were kept."""

import numpy as np
import pytest
import xarray as xr

import artneuro as an
from artneuro.errors import DesignError, SpecificationError
from artneuro.labels import Label
from artneuro.protocols.tracking import along_age
from artneuro.rearing import SGD, EarlyStop

AGES = (0, 1, 3)
ASSAYS = {
    "Information": an.InformationStudy(count=16, estimator="sampled"),
    "Lesions": an.LesionStudy(site="hidden1", fractions=3, repeats=2),
}


@pytest.fixture(scope="module")
def cohort():
    """A function that makes a small cohort of two arms; keywords replace parameters of its rearing."""
    digits = an.environment("digits", train_size=60, test_size=40)

    def make(arms=None, **changes):
        return an.Cohort.of(
            anatomy=an.anatomy("mlp", widths=(8,)),
            environment=digits,
            rearing=an.Rearing(**{"epochs": 3, "batch": 20, **changes}),
            arms=arms or {"clean": (), "half": (an.LabelCorruption(fraction=0.5),)},
            n=2,
        )

    return make


def test_records_are_those_of_kept_ages(cohort):
    adults, found = an.track(cohort(), ASSAYS, AGES)
    kept = cohort(keep=AGES).rear()
    for name, assay in ASSAYS.items():
        parts = [assay.run([subject.at(age) for subject in kept]) for age in AGES]
        label = found[name].epoch.attrs
        along = xr.concat(parts, dim=xr.DataArray(list(AGES), dims="epoch", name="epoch", attrs=label))
        for variable in assay.outputs:
            if variable in found[name]:
                own = found[name][variable]
                xr.testing.assert_identical(own, along[variable].transpose(*own.dims))
    assert [adult.fingerprint for adult in adults] == [subject.fingerprint for subject in kept]
    assert {tuple(adult.ages) for adult in adults} == {(3,)}


def test_twins_are_alike_at_birth_and_everyone_changes(cohort):
    traces = an.track(cohort(), {"i": ASSAYS["Information"]}, AGES)[1]["i"].fisher_trace
    assert traces.dims == ("subject", "epoch")
    assert traces[:2, 0].values.tolist() == traces[2:, 0].values.tolist()
    assert len(np.unique(traces)) == 4 * len(AGES) - 2


def test_who_stops_early_has_no_number_later_and_who_diverges_is_left_out(cohort):
    arms = {"on": (), "stops": (EarlyStop(patience=1, margin=10.0),)}
    adults, found = an.track(cohort(arms), {"i": ASSAYS["Information"]}, AGES)
    ended = adults.subjects[2].age
    assert 1 <= ended < 3
    here = np.isfinite(found["i"].fisher_trace.values)
    assert here.tolist() == [[True] * 3] * 2 + [[age <= ended for age in AGES]] * 2
    assert found["i"].attrs["excluded"] == ", ".join(
        f"stops-{n} (not at 3: its rearing ended at {ended})" for n in (0, 1)
    )
    wild = {"on": (), "wild": an.Arm(rearing=an.Rearing(epochs=3, batch=20, optimizer=SGD(lr=1e20)))}
    adults, found = an.track(cohort(wild), {"i": ASSAYS["Information"]}, AGES)
    assert found["i"].subject.values.tolist() == ["on-0", "on-1"]
    assert found["i"].attrs["excluded"] == ", ".join(
        f"{adult.id} (epoch {adult.diverged})" for adult in adults.subjects[2:]
    )
    with pytest.raises(DesignError, match="i: no subject to measure; 2 came"):
        an.track(cohort({"wild": wild["wild"]}), {"i": ASSAYS["Information"]}, AGES)


def test_progress_is_told_of_every_epoch_of_every_arm(cohort):
    told = []
    an.track(cohort(), {}, AGES, progress=lambda *event: told.append(event))
    assert told == [(arm, epoch, 3) for arm in ("clean", "half") for epoch in (1, 2, 3)]


@pytest.mark.parametrize(
    ("assays", "ages", "words"),
    [
        (ASSAYS, (0, 4), r"ages: required ages within the rearing, 0 to 3; came \[4\]. Drop them, or rear longer."),
        ({"x": an.LesionStudy(site="hidden7")}, AGES, r"x\.site.*hidden7"),
        ({"d": an.DeprivationStudy(deficits={"blur": an.Blur()}, removals=(1,))}, AGES, "d.ages.*for a twin study"),
    ],
)
def test_what_cannot_be_tracked_is_refused_before_anything_is_reared(cohort, assays, ages, words):
    told = []
    with pytest.raises(SpecificationError, match=words):
        an.track(cohort(), assays, ages, progress=lambda *event: told.append(event))
    assert told == []


def test_a_protocol_that_records_along_age_itself_is_refused(cohort, monkeypatch):
    outputs = {**an.LesionStudy.outputs, "growth": Label("growth", "1", ("epoch",))}
    monkeypatch.setattr(an.LesionStudy, "outputs", outputs)
    with pytest.raises(SpecificationError, match="Lesions.ages: .*records growth along epoch itself. Leave `ages` out"):
        an.track(cohort(), ASSAYS, AGES)


def test_parts_lie_along_age_with_gaps_where_there_is_none():
    parts = {2: xr.Dataset({"x": 1.0}), 5: xr.Dataset({"x": 2.0})}
    np.testing.assert_array_equal(along_age(parts, (2, 5)).x, [1.0, 2.0])
    np.testing.assert_array_equal(along_age(parts, (2, 4, 5)).x, [1.0, np.nan, 2.0])
