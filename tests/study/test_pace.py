from collections import Counter

import pytest

from artneuro.study.pace import Pace


def test_time_left_is_unknown_until_each_kind_was_seen():
    pace = Pace(Counter(rear=4, census=2))
    assert pace.remaining(1) is None
    pace.did("rear", 2, 10.0)
    assert pace.remaining(1) is None
    pace.did("census", 1, 3.0)
    assert pace.remaining(1) == pytest.approx(2 * 5.0 + 3.0)
    assert pace.remaining(2) == pytest.approx((2 * 5.0 + 3.0) / 2)


def test_what_was_forecast_stands_until_it_is_measured():
    pace = Pace(Counter(census=4), {"census": 10.0})
    assert pace.remaining(1) == 40.0
    pace.did("census", 1, 2.0)
    assert pace.remaining(1) == 6.0


def test_what_is_dropped_takes_no_time():
    pace = Pace(Counter(rear=1, census=3))
    pace.did("rear", 1, 1.0)
    pace.dropped("census", 3)
    assert pace.remaining(1) == 0.0
