import attrs
import numpy as np
import pytest

from artneuro.connectomes import Connectome
from artneuro.errors import SpecificationError


def test_it_holds_what_it_was_given_and_nobody_changes_it():
    weights, positions = np.array([[0.0, -2.0], [0.0, 0.0]]), np.array([[0.0, 1.0], [2.0, 3.0]])
    made = Connectome(name="two", weights=weights, positions=positions, names=["left", "right"], units="mV")
    weights[0, 1] = positions[0, 0] = 7
    assert made.weights.tolist() == [[0, -2], [0, 0]]
    assert made.positions.tolist() == [[0, 1], [2, 3]]
    assert (made.names, made.units, made.length_units, len(made), made.directed) == (
        ("left", "right"),
        "mV",
        "mm",
        2,
        True,
    )
    with pytest.raises(ValueError, match="read-only"):
        made.weights[0, 1] = 7
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.name = "other"


def test_units_are_numbered_where_they_have_no_names():
    made = Connectome(name="ring", weights=np.ones((3, 3)))
    assert made.names == ("1", "2", "3")
    assert repr(made) == "Connectome('ring': 3 units, undirected, weight of the connection, no positions)"


def test_what_does_not_fit_is_refused_all_at_once():
    with pytest.raises(SpecificationError) as caught:
        Connectome(name="odd", weights=np.ones((3, 3)), names=["a", "a", "b"], positions=[[0.0], [1.0]])
    assert str(caught.value).splitlines() == [
        "odd.names: required one name of its own for each of 3 units; came 3 names, 2 of them different.",
        "odd.positions: required finite numbers, shape (3, axis); came shape (2, 1).",
    ]
    with pytest.raises(SpecificationError, match="positions: .* came some that are not finite"):
        Connectome(name="odd", weights=np.ones((2, 2)), positions=[[0.0], [np.nan]])
    with pytest.raises(SpecificationError, match="weights: required a square matrix"):
        Connectome(name="odd", weights=np.ones((3, 2)))
    with pytest.raises(SpecificationError, match="weights: required finite numbers"):
        Connectome(name="odd", weights=[[0.0, np.nan], [0.0, 0.0]])
