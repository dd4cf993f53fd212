"""Combinations: pairs of treatments as cells, singles on the diagonal, in standard deviations of a reference."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import QuadMesh

from artneuro.errors import DesignError, SpecificationError
from artneuro.fields import build
from artneuro.figures import Combinations, combinations

ARMS = {
    "control": [0.40, 0.50],
    "noise": [0.50, 0.54],
    "dropout": [0.60, 0.60],
    "noise+dropout": [0.70, 0.80],
    "decay+noise": [0.30, 0.32],
    "noise+dropout+decay": [0.0, 0.0],
}


def record(arms):
    values = [value for values in arms.values() for value in values]
    labels = [label for label, values in arms.items() for _ in values]
    return xr.Dataset(
        {"accuracy": ("subject", values, {"long_name": "accuracy", "units": "1"})}, {"arm": ("subject", labels)}
    )


def cells(figure):
    (mesh,) = figure.axes[0].findobj(QuadMesh)
    return np.ma.filled(np.ma.masked_invalid(mesh.get_array()), np.nan)


def names(figure):
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def test_pairs_stand_below_what_each_does_alone():
    """A control, and arms of three, are no cells; what was not reared stays empty; the order is that of the design."""
    figure = combinations(record(ARMS), "accuracy")
    assert names(figure) == ["noise", "dropout", "decay"]
    nan = np.nan
    expected = [[0.52, nan, nan], [0.75, 0.6, nan], [0.31, nan, nan]]
    np.testing.assert_allclose(cells(figure), expected, rtol=1e-12)


def test_scores_are_in_deviations_of_the_reference():
    """Of noise: mean .52, standard deviation .04 / sqrt(2); of control: mean .45, .1 / sqrt(2)."""
    found = cells(combinations(record(ARMS), "accuracy", reference="noise"))
    assert found[0, 0] == 0
    assert found[1, 0] == pytest.approx((0.75 - 0.52) / (0.04 / np.sqrt(2)))
    found = cells(combinations(record(ARMS), "accuracy", reference="control"))
    assert found[0, 0] == pytest.approx(0.07 / (0.1 / np.sqrt(2)))
    low, high = combinations(record(ARMS), "accuracy", reference="control").axes[0].findobj(QuadMesh)[0].get_clim()
    assert low == -high


def test_the_order_within_a_label_says_nothing():
    turned = {("dropout+noise" if label == "noise+dropout" else label): values for label, values in ARMS.items()}
    np.testing.assert_array_equal(
        cells(combinations(record(turned), "accuracy")), cells(combinations(record(ARMS), "accuracy"))
    )


def test_records_without_pairs_or_reference_are_refused():
    with pytest.raises(SpecificationError, match=r"required a record with arms that are pairs.*came noise, dropout"):
        combinations(record({"noise": [1.0], "dropout": [2.0]}), "accuracy")
    with pytest.raises(
        SpecificationError, match=r"reference: required the label of an arm; came 'niose'. Did you mean"
    ):
        combinations(record(ARMS), "accuracy", reference="niose")
    with pytest.raises(DesignError, match="the subjects of dropout do not differ"):
        combinations(record(ARMS), "accuracy", reference="dropout")


def test_it_is_declared_in_a_study_and_says_what_it_shows():
    plot = build(Combinations, {"of": "R.accuracy", "reference": "noise"})
    caption = plot.caption({"R": record(ARMS)})
    assert "those with one are on the diagonal: mean less that of noise, in standard deviations" in caption
    assert names(plot.draw({"R": record(ARMS)})) == ["noise", "dropout", "decay"]
    without = build(Combinations, {"of": "R.accuracy"}).caption({"R": record(ARMS)})
    assert "mean over subjects" in without
