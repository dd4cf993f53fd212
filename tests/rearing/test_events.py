"""The log of events, and ages of units."""

from artneuro.rearing import Rearing, Turnover
from artneuro.rearing.rear import rear
from artneuro.subject import Subject


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
