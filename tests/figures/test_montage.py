"""Montages: every image in its place, pixel by pixel."""

import numpy as np
import pytest
import xarray as xr

from artneuro.errors import DesignError, SpecificationError
from artneuro.fields import conform
from artneuro.figures import Plot, montage
from artneuro.seeds import Stream


@pytest.fixture
def record():
    rng = Stream(6).child("montage").numpy()

    def images(*shape):
        return rng.random(shape)

    about = {"long_name": "driving stimuli", "units": "1"}
    return xr.Dataset(
        {
            "best": (("subject", "unit", "rank", "channel", "y", "x"), images(2, 3, 4, 3, 5, 6), about),
            "grey": (("subject", "unit", "rank", "y", "x"), images(2, 3, 4, 5, 6), about),
        },
        {"subject": ["a-0", "a-1"], "unit": [3, 14, 15], "rank": range(4)},
        {"title": "Tuning"},
    )


def drawn(figure):
    return np.array([ax.images[0].get_array() for ax in figure.axes])


def test_every_image_is_in_its_place(record):
    figure = montage(record, "best", "unit", "rank", where={"subject": "a-1"})
    expected = record.best.values[1].transpose(0, 1, 3, 4, 2).reshape(12, 5, 6, 3)
    np.testing.assert_array_equal(drawn(figure), expected)
    places = [ax.get_subplotspec() for ax in figure.axes]
    assert [(place.rowspan.start, place.colspan.start) for place in places] == list(np.ndindex(3, 4))
    assert [ax.get_title() for ax in figure.axes] == ["0", "1", "2", "3"] + [""] * 8
    assert [ax.get_ylabel() for ax in figure.axes[::4]] == ["3", "14", "15"]
    assert {ax.images[0].get_interpolation() for ax in figure.axes} == {"none"}


def test_one_channel_is_grey(record):
    found = drawn(montage(record, "grey", "rank", "unit", where={"subject": "a-0"}))
    expected = record.grey.values[0].transpose(1, 0, 2, 3).reshape(12, 5, 6)
    for channel in range(3):
        np.testing.assert_array_equal(found[..., channel], expected)
    channelled = record[["grey"]].assign(grey=record.grey.expand_dims("only").rename(only="channel"))
    again = drawn(montage(channelled, "grey", "rank", "unit", where={"subject": "a-0"}))
    np.testing.assert_array_equal(found, again)


def test_units_are_called_by_site_and_number(record):
    bare = record.drop_vars("unit").assign_coords(unit_site=("unit", list("aab")), unit_index=("unit", [0, 7, 0]))
    figure = montage(bare, "grey", "unit", "rank", where={"subject": "a-0"})
    assert [ax.get_ylabel() for ax in figure.axes[::4]] == ["a 0", "a 7", "b 0"]


def test_subjects_can_be_rows(record):
    found = drawn(montage(record, "grey", "subject", "rank", where={"unit": 14}))
    np.testing.assert_array_equal(found[..., 0], record.grey.values[:, 1].reshape(8, 5, 6))


def test_each_image_is_stretched_only_if_asked(record):
    wide = record.assign(grey=5 * record.grey - 2)
    with pytest.raises(SpecificationError, match="Use `contrast: each`"):
        montage(wide, "grey", "unit", "rank", where={"subject": "a-0"})
    found = drawn(montage(wide, "grey", "unit", "rank", contrast="each", where={"subject": "a-0"}))
    own = wide.grey.values[0].reshape(12, 30)
    expected = (own - own.min(1, keepdims=True)) / np.ptp(own, axis=1, keepdims=True)
    np.testing.assert_allclose(found[..., 0].reshape(12, 30), expected, rtol=1e-12)
    caption = {"montage": {"of": "Tuning.grey", "rows": "subject", "columns": "rank", "where": {"unit": 3}}}
    assert "stretched" not in conform(caption, Plot).caption({"Tuning": record})
    caption["montage"]["contrast"] = "each"
    assert "Each image is stretched to its own range." in conform(caption, Plot).caption({"Tuning": record})


def test_a_place_without_an_image_stays_empty_and_an_even_image_is_drawn(record):
    grey = record.grey.copy(deep=True)
    grey[0, 1, 2] = np.nan
    grey[0, 0, 0] = 0.5
    for contrast, even in (("given", 0.5), ("each", 0.0)):
        figure = montage(record.assign(grey=grey), "grey", "unit", "rank", contrast=contrast, where={"subject": "a-0"})
        assert (drawn(figure)[6] == 1).all()
        assert (drawn(figure)[0] == even).all()


@pytest.mark.parametrize("options", [{"rows": "unit", "where": {"subject": "a-0"}}, {"rows": "subject"}])
def test_every_text_can_be_read(record, check_legible, options):
    chosen = {"where": {"unit": 3}, **options}
    check_legible(montage(record, "best", columns="rank", title="Images that drive units", **chosen))


def test_what_cannot_be_drawn_is_refused(record):
    with pytest.raises(SpecificationError, match="make `subject` the rows"):
        montage(record, "best", "unit", "rank")
    with pytest.raises(SpecificationError, match=r"one place along each other dim; came unit \(3\)"):
        montage(record, "best", "subject", "rank")
    with pytest.raises(SpecificationError, match="images, along y and x"):
        montage(record.isel(y=0), "best", "subject", "rank")
    with pytest.raises(SpecificationError, match="1 or 3 channels; came 2 channels"):
        montage(record.isel(channel=[0, 1]), "best", "unit", "rank", where={"subject": "a-0"})
    many = record.isel(unit=np.arange(120) % 3).assign_coords(unit=range(120))
    with pytest.raises(DesignError, match="120 x 4 images, and a page holds 400"):
        montage(many, "best", "unit", "rank", where={"subject": "a-0"})
