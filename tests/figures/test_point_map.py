"""Point maps: components that keep distances where two suffice, colours of what points are, nothing averaged."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import PathCollection

from artneuro.errors import DesignError, SpecificationError
from artneuro.fields import conform
from artneuro.figures import Plot, point_map
from artneuro.seeds import Stream


def about(meaning):
    return {"long_name": meaning, "units": "1"}


@pytest.fixture
def record():
    """Seven tokens on an ellipse in six dims, turned otherwise in each subject; places of subjects."""
    rng = Stream(4).child("maps").numpy()
    angles = 2 * np.pi * np.arange(7) / 7
    flat = np.stack([2 * np.cos(angles), np.sin(angles)], axis=1)
    turned = [flat @ np.linalg.qr(rng.normal(size=(6, 6)))[0][:2] + 5 for _ in range(4)]
    return xr.Dataset(
        {
            "embedding": (("subject", "epoch", "class", "axis"), np.stack([turned, turned], 1), about("embedding")),
            "mds": (("subject", "part"), rng.normal(size=(4, 2)), about("place")),
        },
        {
            "subject": ["a-0", "a-1", "b-0", "b-1"],
            "arm": ("subject", ["a", "a", "b", "b"]),
            "epoch": [0, 5],
            "class": np.arange(7),
            "parity": ("class", ["odd" if place % 2 else "even" for place in range(7)]),
        },
        {"title": "Embeddings"},
    )


def dots(ax):
    return [artist.get_offsets().data for artist in ax.findobj(PathCollection)]


def apart(points):
    return np.linalg.norm(points[:, None] - points, axis=-1)


def test_components_of_what_lies_in_a_plane_keep_all_distances(record):
    figure = point_map(record, "embedding", "class", where={"epoch": "last"})
    assert [ax.get_title() for ax in figure.axes] == ["a-0", "a-1", "b-0", "b-1"]
    for ax, subject in zip(figure.axes, record.subject.values, strict=True):
        (found,) = dots(ax)
        np.testing.assert_allclose(apart(found), apart(record.embedding.sel(subject=subject, epoch=5).values))
        np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)  # rounding
        assert found[:, 0].var() > found[:, 1].var()
        # an ellipse of half-axes 2 and 1: variances 4 to 1
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("Component 1 (80 %)", "Component 2 (20 %)")


def test_components_turn_neither_with_signs_nor_with_the_order_of_points(record):
    (found,) = dots(point_map(record, "embedding", "class", where={"epoch": 0, "subject": "a-0"}).axes[0])
    turned = record.isel({"class": slice(None, None, -1)})
    (again,) = dots(point_map(turned, "embedding", "class", where={"epoch": 0, "subject": "a-0"}).axes[0])
    np.testing.assert_allclose(found, again[::-1], atol=1e-12)  # rounding


def test_subjects_are_points_of_one_map(record):
    figure = point_map(record, "mds", "subject", "part", hue="arm", plane="own")
    np.testing.assert_array_equal(np.concatenate(dots(figure.axes[0])), record.mds.values)
    assert [len(own) for own in dots(figure.axes[0])] == [2, 2]
    assert [text.get_text() for text in figure.legends[0].texts] == ["a", "b"]
    assert figure.axes[0].get_aspect() == 1.0
    caption = conform({"point_map": {"of": "E.mds", "points": "subject", "axes": "part"}}, Plot).caption({"E": record})
    assert caption.endswith("n = 2 subjects an arm.")


def test_points_are_coloured_and_named(record):
    ax = point_map(record, "embedding", "class", hue="parity", names=True, where={"epoch": 0, "subject": "b-0"}).axes[0]
    assert [len(own) for own in dots(ax)] == [4, 3]
    named = {text.get_text(): text.xy for text in ax.texts}
    assert list(named) == [str(place) for place in range(7)]
    np.testing.assert_allclose([named[str(place)] for place in range(0, 7, 2)], dots(ax)[0])


def test_many_numbers_have_a_colour_bar():
    rng = Stream(5).child("maps").numpy()
    values = (("subject", "class", "axis"), rng.normal(size=(1, 20, 3)), about("embedding"))
    many = xr.Dataset({"embedding": values}, {"subject": ["a-0"], "number": ("class", np.arange(20), about("number"))})
    figure = point_map(many, "embedding", "class", hue="number")
    assert not figure.legends
    (spots,) = figure.axes[0].findobj(PathCollection)
    np.testing.assert_array_equal(spots.get_array(), np.arange(20))
    assert figure.axes[1].get_ylabel() == "Number"


@pytest.mark.parametrize(
    ("of", "points", "options"),
    [
        ("embedding", "class", {"hue": "parity", "along": "epoch", "title": "Tokens"}),
        ("mds", "subject", {"axes": "part", "hue": "arm", "names": True}),
    ],
)
def test_every_text_can_be_read(record, check_legible, of, points, options):
    check_legible(point_map(record, of, points, **options))


def test_what_cannot_be_drawn_is_refused(record):
    with pytest.raises(SpecificationError, match=r"came epoch \(2\)"):
        point_map(record, "embedding", "class")
    with pytest.raises(SpecificationError, match=r"came class \(7\)"):
        point_map(record.isel(epoch=0), "embedding", "subject")
    with pytest.raises(SpecificationError, match=r"a coordinate along class \(class, parity\); came 'arm'"):
        point_map(record, "embedding", "class", hue="arm", where={"epoch": 0})
    with pytest.raises(SpecificationError, match="nothing, where subjects are the points"):
        point_map(record, "mds", "subject", "part", along="epoch")
    with pytest.raises(DesignError, match="there are 4 along subject and 1 along part"):
        point_map(record.isel(part=[0]), "mds", "subject", "part")
