from collections import Counter
from types import SimpleNamespace

import pytest

from artneuro.study.pace import Pace


def rear(count, name="rear"):
    return SimpleNamespace(kind="rear", count=count, name=name)


CENSUS = SimpleNamespace(kind="census", count=1, name="census")


def test_time_left_is_unknown_until_each_kind_was_seen():
    pace = Pace(Counter(rear=40, census=2))
    assert pace.remaining(1, 0.0) is None
    pace.did(rear(20), 10.0)
    assert pace.remaining(1, 0.0) is None
    pace.did(CENSUS, 3.0)
    assert pace.remaining(1, 0.0) == pytest.approx(20 * 0.5 + 3.0)
    assert pace.remaining(2, 0.0) == pytest.approx((20 * 0.5 + 3.0) / 2)


def test_what_is_measured_again_and_again_is_averaged():
    pace = Pace(Counter(census=4))
    pace.did(CENSUS, 1.0)
    pace.did(CENSUS, 3.0)
    assert pace.remaining(1, 0.0) == 4.0


def test_what_is_dropped_takes_no_time():
    pace = Pace(Counter(rear=1, census=3))
    pace.did(rear(1), 1.0)
    for _ in range(3):
        pace.dropped(CENSUS)
    assert pace.remaining(1, 0.0) == 0.0


def test_what_is_under_way_is_nearly_done_when_it_took_as_long_as_its_like():
    pace = Pace(Counter(rear=20))
    for place in ("one", "other"):
        pace.began(rear(10, place), 100.0)
    pace.ended(rear(10, "one"))
    pace.did(rear(10, "one"), 60.0)
    assert pace.remaining(1, 160.0) == 0.0
    assert pace.remaining(1, 130.0) == pytest.approx(30.0)
    assert pace.remaining(1, 900.0) == 0.0  # it takes longer than its like: how much is not known
    pace.ended(rear(10, "other"))
    assert pace.remaining(1, 900.0) == pytest.approx(60.0)  # it failed, and is tried again
