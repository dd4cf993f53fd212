"""When interventions act."""

import pytest

from artneuro.errors import SpecificationError
from artneuro.rearing.timing import Window


@pytest.mark.parametrize(
    ("window", "epochs"),
    [(Window(), [0, 1, 2, 3]), (Window(onset=2), [2, 3]), (Window(offset=1), [0]), (Window(onset=1, offset=3), [1, 2])],
)
def test_a_window_holds_from_its_onset_to_before_its_offset(window, epochs):
    assert [epoch for epoch in range(4) if window.holds(epoch)] == epochs


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(SpecificationError, match=r"Window.offset: required at least the onset, 3; came 2"):
        Window(onset=3, offset=2)
