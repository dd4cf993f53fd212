"""Cayley graphs: every permutation once, joined to those one exchange away, with the mean of its values."""

import itertools

import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import LineCollection, PathCollection

from artneuro.errors import SpecificationError
from artneuro.fields import conform
from artneuro.figures import Plot, cayley
from artneuro.figures.cayley import _Graph
from artneuro.seeds import Stream


def group(size):
    return ["".join(map(str, element)) for element in itertools.permutations(range(size))]


@pytest.fixture
def record():
    """All pairs of elements of S4; one unit tells the sign of the first, one its first digit."""
    first = np.repeat(group(4), 24)
    signs = [(-1.0) ** sum(one > two for one, two in itertools.combinations(name, 2)) for name in first]
    noise = Stream(7).child("cayley").numpy().normal(size=(24, 24))
    noise = (noise - noise.mean(1, keepdims=True)).ravel()  # gone in the mean of each element
    values = np.array([[signs + noise, [float(name[0]) for name in first]]])
    return xr.Dataset(
        {"activity": (("subject", "unit", "stimulus"), values, {"long_name": "activity", "units": "1"})},
        {"subject": ["a-0"], "unit": [22, 8], "first": ("stimulus", first)},
        {"title": "S4"},
    )


def crossing(one, other):
    """Whether two segments cross, by the sides on which their ends lie."""

    def side(a, b, c):
        return np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))

    return side(*one, other[0]) != side(*one, other[1]) and side(*other, one[0]) != side(*other, one[1])


@pytest.mark.parametrize(("size", "edges"), [(3, 6), (4, 36)])
def test_the_graph_joins_neighbours_without_a_crossing(size, edges):
    graph = _Graph.of(size)
    assert list(graph.names) == group(size)
    assert len(graph.edges) == edges
    for one, other, exchange in graph.edges:
        swapped = list(graph.names[one])
        swapped[exchange : exchange + 2] = swapped[exchange : exchange + 2][::-1]
        assert "".join(swapped) == graph.names[other]
        assert graph.odd[one] != graph.odd[other]
    assert (np.bincount(np.array([edge[:2] for edge in graph.edges]).ravel()) == size - 1).all()
    lines = [graph.places[list(edge[:2])] for edge in graph.edges]
    apart = [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(zip(lines, graph.edges, strict=True), 2)
        if not {*a[:2]} & {*b[:2]}
    ]
    assert len(apart) > edges
    assert not any(crossing(one, other) for one, other in apart)


def vertices(ax):
    """Value of each permutation, found by where it is drawn."""
    graph = _Graph.of(4)
    spots = [artist for artist in ax.findobj(PathCollection) if not isinstance(artist, LineCollection)]
    drawn = {}
    for spot in spots:
        for place, value in zip(spot.get_offsets().data, spot.get_array(), strict=True):
            drawn[graph.names[int(np.linalg.norm(graph.places - place, axis=1).argmin())]] = float(value)
    return drawn


def test_a_vertex_has_the_mean_of_its_element(record):
    axes = cayley(record, "activity", "first", along="unit").axes
    assert [ax.get_title() for ax in axes[:2]] == ["unit 22", "unit 8"]
    graph = _Graph.of(4)
    signs = {name: -1.0 if odd else 1.0 for name, odd in zip(graph.names, graph.odd, strict=True)}
    assert vertices(axes[0]) == pytest.approx(signs)
    assert vertices(axes[1]) == {name: float(name[0]) for name in group(4)}


def test_colours_part_from_the_centre_on_one_scale(record):
    axes = cayley(record, "activity", "first", along="unit", centre=0).axes[:2]
    scales = {artist.get_clim() for ax in axes for artist in ax.findobj(PathCollection)}
    assert scales == {(-3.0, 3.0)}


@pytest.mark.parametrize("kind", [int, float])
def test_numbers_stand_for_permutations_in_lexical_order(record, kind):
    numbered = record.assign_coords(first=("stimulus", np.repeat(np.arange(24), 24).astype(kind)))
    (named,), (other,) = (cayley(each, "activity", "first", where={"unit": 8}).axes[:1] for each in (record, numbered))
    assert vertices(other) == vertices(named)


def test_units_of_a_recording_are_named_by_site_and_number(record):
    """They have no number of their own along all sites; what is selected by it keeps it."""
    units = {"unit_site": ("unit", ["hidden1", "hidden2"]), "unit_index": ("unit", [3, 7])}
    drawn = cayley(record.drop_vars("unit").assign_coords(units), "activity", "first", along="unit")
    assert [ax.get_title() for ax in drawn.axes[:2]] == ["unit hidden1 3", "unit hidden2 7"]
    kept = {"unit_index": [7]}
    alone = cayley(record.drop_vars("unit").assign_coords(units), "activity", "first", along="unit", where=kept)
    assert alone.axes[0].get_title() == "unit hidden2 7"


def test_every_text_can_be_read(record, check_legible):
    check_legible(cayley(record, "activity", "first", where={"unit": 22}, title="A sign neuron"))
    check_legible(cayley(record, "activity", "first", along="unit"))


def test_what_is_no_group_is_refused(record):
    refused = r"a coordinate of all permutations of 3 or 4 things \(first\); came 'second'"
    with pytest.raises(SpecificationError, match=refused):
        cayley(record, "activity", "second", along="unit")
    with pytest.raises(SpecificationError, match="all permutations of 3 or 4 things"):
        cayley(record.isel(stimulus=slice(24, None)), "activity", "first", along="unit")
    numbered = record.assign_coords(first=("stimulus", np.repeat(np.arange(24) + 1, 24)))
    with pytest.raises(SpecificationError, match="all permutations of 3 or 4 things"):
        cayley(numbered, "activity", "first", along="unit")
    with pytest.raises(SpecificationError, match=r"came unit \(2\)"):
        conform({"cayley": {"of": "S4.activity", "elements": "first"}}, Plot).caption({"S4": record})
