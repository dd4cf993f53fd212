"""The log of events, and ages of units."""

import xarray as xr

from artneuro import joining, records
from artneuro.rearing import Rearing, Turnover
from artneuro.rearing.events import Log, without
from artneuro.rearing.rear import rear
from artneuro.subject import Subject, identities


def event_steps(adult):
    return sorted(set(adult.history.event_step.values.tolist()))


def test_ages_of_units_follow_from_the_log(naive, tmp_path):
    (subject,) = naive("mlp", widths=(6, 5))
    treated = [Turnover(site="hidden1", count=2, every=3), Turnover(site="hidden2", count=1, every=4)]
    adult = rear(subject, subject.environment, Rearing(epochs=3, batch=18, keep=(0, 1, 2)), treated)
    adult.save(tmp_path)
    loaded = Subject.load(tmp_path, subject.environment)
    for animal, updates in ((adult, 12), (loaded, 12), (adult.at(2), 8), (adult.at(1), 4), (adult.at(0), 0)):
        history = animal.history
        expected = {("hidden1", unit): updates for unit in range(6)} | {("hidden2", unit): updates for unit in range(5)}
        along = (history[name].values.tolist() for name in ("event_site", "event_unit", "event_step"))
        for site, unit, step in zip(*along, strict=True):
            assert step <= updates
            expected[site, unit] = updates - step
        places = zip(history.unit_site.values.tolist(), history.unit_index.values.tolist(), strict=True)
        assert [expected[place] for place in places] == history.unit_age.values.tolist()
    assert event_steps(adult) == [3, 4, 6, 8, 9, 12]
    assert adult.at(2).history.sizes["event"] == 2 * 2 + 2


def test_the_log_goes_on_through_a_second_rearing(naive):
    (subject,) = naive("mlp", widths=(6,))
    once = rear(subject, subject.environment, Rearing(epochs=1, batch=18), [Turnover(site="hidden1", count=1, every=2)])
    twice = rear(once, subject.environment, Rearing(epochs=1, batch=18), [Turnover(site="hidden1", count=1, every=3)])
    assert event_steps(twice) == [2, 4, 6]
    assert rear(twice, subject.environment, Rearing(epochs=1)).history.sizes["event"] == 3
    assert twice.history.sizes["epoch"] == 2


def test_subjects_with_different_events_stand_in_one_record(naive, tmp_path):
    adults = [
        rear(subject, subject.environment, Rearing(epochs=2, batch=18), what)
        for subject, what in zip(
            naive("mlp", seeds=(0, 1, 2), widths=(6,)),
            ([Turnover(site="hidden1", count=count, every=3)] for count in (0, 1, 2)),
            strict=True,
        )
    ]
    record = joining.of_subjects([adult.history for adult in adults], identities(adults))
    records.write(record, tmp_path / "it.nc")
    read = records.read(tmp_path / "it.nc")
    assert read.event_step.values.tolist() == [[-1] * 4, [3, 6, -1, -1], [3, 3, 6, 6]]
    assert read.event_site.values.tolist() == [[""] * 4, ["hidden1"] * 2 + [""] * 2, ["hidden1"] * 4]
    assert read.unit_age.dims == ("subject", "unit")
    assert read.unit_age[0].values.tolist() == [8] * 6


def test_without_leaves_what_lies_along_epoch(naive):
    (subject,) = naive("mlp", widths=(6,))
    treated, plain = (
        rear(subject, subject.environment, Rearing(epochs=1), what)
        for what in ([Turnover(site="hidden1", count=0, every=1)], [])
    )
    assert set(without(treated.history).variables) == set(plain.history.variables)
    assert set(treated.history.variables) - set(plain.history.variables) == {
        *("event_epoch", "event_step", "event_alive", "event_site", "event_unit"),
        *("unit_age", "unit_site", "unit_index"),
    }


def test_a_newborn_has_units_of_no_age_and_no_events():
    written = Log({"hidden1": 3}).written_into(xr.Dataset())
    assert written.unit_age.values.tolist() == [0, 0, 0]
    assert written.sizes["event"] == 0
