import numpy as np
import pytest
import xarray as xr

import artneuro as an
from artneuro import measures
from artneuro.connectomes import Connectome, graph_measures, graph_record
from artneuro.connectomes.measures import OUTPUTS
from artneuro.errors import DesignError, SpecificationError
from artneuro.labels import check_schema
from artneuro.seeds import Stream


@pytest.fixture(scope="module")
def lattice():
    """Give a ring of 20 units in the plane, each connected with two neighbours on both sides, with random weights."""
    apart = np.abs(np.subtract.outer(np.arange(20), np.arange(20)))
    near = np.isin(np.minimum(apart, 20 - apart), (1, 2))
    weights = np.random.default_rng(0).uniform(0.5, 1.5, size=(20, 20))
    angles = 2 * np.pi * np.arange(20) / 20
    positions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return Connectome(name="ring", weights=near * (weights + weights.T), positions=positions)


def test_every_number_is_that_of_the_measures(lattice):
    found = graph_measures(lattice, Stream(3), nulls=8, runs=2)
    check_schema(found)
    exists, spans = lattice.weights > 0, measures.distances_between(lattice.positions)
    nulls = measures.degree_preserving_nulls(exists, Stream(3).child("nulls"), 8)
    world = measures.small_world(exists, nulls)
    expected = {
        "units": 20,
        "connections": 40,
        "directed": 0,
        "density": 4 / 19,
        "components": 1,
        "largest_component": 1.0,
        "clustering": 0.5,
        "path_length": (4 * 1 + 4 * 2 + 4 * 3 + 4 * 4 + 3 * 5) / 19,
        "reachable": 1.0,
        "efficiency": (4 / 1 + 4 / 2 + 4 / 3 + 4 / 4 + 3 / 5) / 19,
        "null_clustering": world.null_clustering.mean(),
        "null_path_length": world.null_path_length.mean(),
        "null_efficiency": world.null_efficiency.mean(),
        "small_worldness": world.sigma,
        "small_worldness_by_efficiency": world.sigma_by_efficiency,
        "wiring_length": 20 * 2 * (np.sin(np.pi / 20) + np.sin(np.pi / 10)),  # chords of the ring
        "expected_wiring_length": measures.expected_wiring_length(exists, spans),
    }
    for name, value in expected.items():
        assert float(found[name]) == pytest.approx(value, abs=1e-12), name
    for name, weights in (("modularity", exists), ("weighted_modularity", lattice.weights)):
        modules = measures.louvain(weights, Stream(3).child("modules"), runs=2)
        assert float(found[name]) == measures.modularity(weights, modules)
        assert name != "modularity" or int(found.modules) == modules.max() + 1
    for name, weights in (("wiring_ratio", exists), ("weighted_wiring_ratio", lattice.weights)):
        ratio = measures.wiring_length(weights, spans) / measures.expected_wiring_length(weights, spans)
        assert float(found[name]) == pytest.approx(ratio, abs=1e-12)
    assert float(found.wiring_ratio) != float(found.weighted_wiring_ratio)
    assert found.rich_club.values == pytest.approx(measures.rich_club(exists), nan_ok=True)
    assert found.normalised_rich_club.values == pytest.approx(measures.normalised_rich_club(exists, nulls), nan_ok=True)
    assert found.degree.values.tolist() == [0, 1, 2, 3]
    assert set(OUTPUTS) | {"wiring_length", "expected_wiring_length"} == set(found.data_vars)
    assert found.wiring_length.attrs["units"] == "mm"


def test_a_matrix_is_measured_as_the_connectome_of_it(lattice):
    bare = graph_measures(lattice.weights, Stream(3), nulls=3, runs=1)
    assert set(bare.data_vars) == set(OUTPUTS)
    assert np.isnan(bare.wiring_ratio)
    assert np.isnan(bare.weighted_wiring_ratio)
    again = graph_measures(lattice, Stream(3), nulls=3, runs=1)
    left = [name for name in OUTPUTS if "wiring" not in name]
    xr.testing.assert_identical(bare[left].drop_attrs(), again[left].drop_attrs())


def test_only_the_strongest_connections_are_looked_at_where_a_density_is_given(lattice):
    noise = np.random.default_rng(1).normal(scale=0.01, size=(20, 20))
    full = Connectome(name="full", weights=lattice.weights + noise + noise.T, positions=lattice.positions)
    found = graph_measures(full, Stream(0), density=4 / 19, nulls=3, runs=1)
    expected = graph_measures(lattice, Stream(0), nulls=3, runs=1)
    same = ["connections", "density", "clustering", "modularity", "rich_club", "wiring_length", "wiring_ratio"]
    xr.testing.assert_identical(found[same].drop_attrs(), expected[same].drop_attrs())
    assert float(graph_measures(full, Stream(0), nulls=1, runs=1).density) == 1
    with pytest.raises(SpecificationError, match="density: required a share"):
        graph_measures(lattice, Stream(0), density=0.9)


def test_a_network_without_connections_is_answered():
    found = graph_measures(
        Connectome(name="none", weights=np.zeros((3, 3)), positions=np.eye(3)), Stream(0), nulls=2, runs=1
    )
    assert (int(found.connections), int(found.components), float(found.efficiency)) == (0, 3, 0.0)
    undefined = ["modularity", "path_length", "small_worldness", "wiring_ratio", "weighted_wiring_ratio"]
    assert all(np.isnan(found[name]) for name in undefined)
    assert found.sizes["degree"] == 0


def test_networks_and_nervous_systems_stand_in_one_record(lattice, tmp_path):
    subject = an.Subject.naive(an.anatomy("mlp", widths=(8,)), an.environment("digits"), seed=0)
    layers = [weight.detach().numpy() for name, weight in subject.model().named_parameters() if name.endswith("weight")]
    record = graph_record(
        {"ring": lattice, "network": measures.layered(layers)},
        Stream(0),
        arms={"ring": "worm", "network": "reared"},
        nulls=2,
        runs=1,
    )
    check_schema(record)
    assert record.subject.values.tolist() == ["ring", "network"]
    assert record.arm.values.tolist() == ["worm", "reared"]
    assert record.seed.values.tolist() == record.diverged.values.tolist() == [-1, -1]
    assert record.units.values.tolist() == [20, 64 + 8 + 10]
    assert record.connections.values.tolist() == [40, 64 * 8 + 8 * 10]
    assert record.sizes["degree"] == 74  # of a hidden unit; beyond its own highest degree a network has no number
    assert np.isnan(record.rich_club.sel(subject="ring", degree=range(4, 74))).all()
    assert "wiring_length" not in record  # the network has no places
    assert np.isnan(record.wiring_ratio.values).tolist() == [False, True]
    alone = graph_measures(lattice, Stream(0), nulls=2, runs=1)
    for name in OUTPUTS:
        if "rich_club" not in name:
            assert np.array_equal(record[name].sel(subject="ring"), alone[name], equal_nan=True), name
    an.write(record, tmp_path / "record.nc")
    xr.testing.assert_identical(an.read(tmp_path / "record.nc"), record)
    frame = an.statistics.tidy(record, "clustering")
    assert sorted(frame["arm"].astype(str)) == ["reared", "worm"]


def test_lengths_stay_where_all_have_them_in_one_unit(lattice):
    other = Connectome(name="other", weights=lattice.weights, positions=2 * lattice.positions)
    both = graph_record({"a": lattice, "b": other}, Stream(0), nulls=1, runs=1)
    assert both.wiring_length.values[1] == pytest.approx(2 * both.wiring_length.values[0], rel=1e-12)
    assert both.arm.values.tolist() == ["a", "b"]
    metres = Connectome(name="m", weights=lattice.weights, positions=lattice.positions, length_units="m")
    mixed = graph_record({"a": lattice, "b": metres}, Stream(0), nulls=1, runs=1)
    assert "wiring_length" not in mixed
    assert "expected_wiring_length" not in mixed
    assert mixed.wiring_ratio.values[0] == mixed.wiring_ratio.values[1]


def test_a_record_of_nothing_or_without_an_arm_is_refused(lattice):
    with pytest.raises(DesignError, match="one network or more"):
        graph_record({}, Stream(0))
    with pytest.raises(DesignError, match="arms names none for b"):
        graph_record({"a": lattice, "b": lattice}, Stream(0), arms={"a": "x"})
