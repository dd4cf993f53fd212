import itertools

import pytest

from artneuro.study import patience
from artneuro.study.patience import IDLE, Rounds, Watch, hung


def test_who_computes_never_hangs_and_who_stops_hangs_after_the_patience():
    watch = Watch(100.0)
    assert not any(watch.hangs(now, now * 2 * IDLE) for now in range(0, 1000, 5))
    looks = {now: watch.hangs(now, 995 * 2 * IDLE) for now in range(1000, 1200, 5)}
    first = next(now for now, hangs in looks.items() if hangs)
    assert first - 995 == pytest.approx(100, abs=100 / 2 + 5)  # a little was used since the last time it counted anew


def test_a_clock_that_goes_backwards_is_no_hanging():
    watch = Watch(10.0)
    assert not watch.hangs(1000, 1.0)
    assert not watch.hangs(100, 1.0)
    assert not any(watch.hangs(now, 1.0) for now in (103, 106, 109))
    assert watch.hangs(110, 1.0)


def test_a_run_that_was_stopped_as_a_whole_does_not_hang_when_it_goes_on():
    """By Ctrl-Z, a queue that suspends jobs, or a machine that sleeps: who looks was stopped like who is looked at."""
    watch = Watch(600.0)
    looks = [*range(0, 300, 5), *range(5000, 5600, 5)]
    assert not any(watch.hangs(now, 7.0) for now in looks)
    assert watch.hangs(5600, 7.0)


def test_rounds_come_four_to_a_short_patience_and_every_five_seconds_otherwise(monkeypatch):
    clock = itertools.count(0.0, 0.5)
    monkeypatch.setattr(patience.time, "monotonic", lambda: next(clock))
    rounds = Rounds(4.0)
    assert [rounds.due() for _ in range(6)] == [True, False, True, False, True, False]
    assert Rounds(600.0).pause == 5.0


@pytest.mark.parametrize(("seconds", "words"), [(90, "1.5 min"), (3, "3 s"), (0.5, "0.5 s")])
def test_how_long_is_said(seconds, words):
    assert f"no processor time for {words}," in hung(seconds)
