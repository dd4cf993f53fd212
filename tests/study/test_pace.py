from collections import Counter
from types import SimpleNamespace

import pytest

from artneuro.study.pace import Pace


def rear(count):
    return SimpleNamespace(kind="rear", count=count)


CENSUS = SimpleNamespace(kind="census", count=1)


def test_time_left_is_unknown_until_each_kind_was_seen():
    pace = Pace(Counter(rear=40, census=2))
    assert pace.remaining(1) is None
    pace.did(rear(20), 10.0)
    assert pace.remaining(1) is None
    pace.did(CENSUS, 3.0)
    assert pace.remaining(1) == pytest.approx(20 * 0.5 + 3.0)
    assert pace.remaining(2) == pytest.approx((20 * 0.5 + 3.0) / 2)


def test_what_is_measured_again_and_again_is_averaged():
    pace = Pace(Counter(census=4))
    pace.did(CENSUS, 1.0)
    pace.did(CENSUS, 3.0)
    assert pace.remaining(1) == 4.0


def test_what_is_dropped_takes_no_time():
    pace = Pace(Counter(rear=1, census=3))
    pace.did(rear(1), 1.0)
    for _ in range(3):
        pace.dropped(CENSUS)
    assert pace.remaining(1) == 0.0
