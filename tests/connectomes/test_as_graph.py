"""How networks are seen as graphs: equal to the measures one by one, and to nervous systems measured alike."""

import numpy as np
import pytest

import artneuro as an
from artneuro.connectomes import AsGraph, graph_measures
from artneuro.connectomes.as_graph import MEASURED
from artneuro.errors import SpecificationError

WITHOUT_NULLS = {"density", "clustering", "path_length", "efficiency"}


@pytest.fixture(scope="module")
def weights():
    """Every unit drives every other one, more strongly within its half."""
    draw = np.random.default_rng(0)
    half = np.arange(24) // 12
    drawn = draw.normal(size=(24, 24)) * np.where(half[:, None] == half[None], 3.0, 1.0)
    np.fill_diagonal(drawn, 0.0)
    return drawn


def test_it_measures_what_the_measures_of_graphs_do(weights):
    found = AsGraph(density=0.3, nulls=6).measure(weights, an.Stream(3))[0]
    whole = graph_measures(weights, an.Stream(3), density=0.3, nulls=6)
    for name in sorted(WITHOUT_NULLS | {"small_worldness", "small_worldness_by_efficiency"}):
        assert found[name] == pytest.approx(float(whole[name]), abs=1e-12), name
    assert set(found) == set(MEASURED)
    assert found["small_worldness"] > 0


def test_the_rich_club_is_that_of_units_above_nine_tenths_of_all():
    drawn = np.random.default_rng(1).normal(size=(40, 40))
    exists = an.measures.binarised_to_density(drawn, 0.3)
    nulls = an.measures.degree_preserving_nulls(exists, an.Stream(3).child("nulls"), 4)
    tenth = sorted(an.measures.degrees(exists))[35]  # 0.9 * 39, the last before it
    found = AsGraph(density=0.3, nulls=4, runs=1).measure(drawn, an.Stream(3))[0]["rich_club"]
    assert found == an.measures.normalised_rich_club(exists, nulls)[tenth]
    assert found > 0


def test_halves_are_modules_beyond_chance_and_random_networks_are_not(weights):
    parted = AsGraph(density=0.2, nulls=6).measure(weights, an.Stream(0))[0]
    assert parted["excess_modularity"] == parted["binary_modularity"] - parted["null_modularity"]
    assert parted["excess_modularity"] > 0.1
    chance = an.measures.rewired(an.measures.binarised_to_density(weights, 0.2), an.Stream(8))
    drawn = AsGraph(nulls=20).measure(chance, an.Stream(0))[0]
    assert drawn["density"] == pytest.approx(parted["density"])
    assert abs(drawn["excess_modularity"]) < 0.05  # one of many of its kind; parted ones are above 0.1


def test_hubs_that_could_not_be_connected_otherwise_are_no_richer_than_expected():
    """Two hubs that drive each other and all others, who drive nobody: no other network has these degrees."""
    hubs = np.zeros((20, 20))
    hubs[:2] = 1.0
    np.fill_diagonal(hubs, 0.0)
    assert AsGraph(nulls=3).measure(hubs, an.Stream(0))[0]["rich_club"] == 1.0


def test_without_random_networks_nothing_is_compared(weights):
    found = AsGraph(density=0.2).measure(weights, an.Stream(0))[0]
    assert {name for name, value in found.items() if np.isfinite(value)} == WITHOUT_NULLS
    none = AsGraph(nulls=2).measure(np.zeros((4, 4)), an.Stream(0))[0]
    assert {name for name, value in none.items() if value == 0} == {"density", "clustering", "efficiency"}
    assert np.isnan(none["path_length"])


def test_a_network_sparser_than_asked_for_keeps_all_it_has(weights):
    sparse = weights * an.measures.binarised_to_density(weights, 0.1)
    alone, asked = (AsGraph(density=density).measure(sparse, an.Stream(0))[0] for density in (None, 0.5))
    np.testing.assert_equal(asked, alone)
    assert alone["density"] == pytest.approx(0.1, abs=1 / 552)


def test_a_nervous_system_is_measured_as_networks_are(weights, tmp_path, monkeypatch):
    (tmp_path / "connectomes").mkdir()
    np.savez(
        tmp_path / "connectomes" / "celegans277_kaiser.npz",
        adjacency=np.abs(weights),
        positions_mm=np.zeros((24, 2)),
        labels=np.array([f"n{unit}" for unit in range(24)]),
    )
    monkeypatch.setenv("ARTNEURO_DATA", str(tmp_path))
    how = AsGraph(density=0.2, nulls=2, beside=("celegans",))
    assert not list(how.refusals(24))
    beside = how.measure_beside()
    alone = how.measure(weights, an.Stream(0).child("connectome", "celegans"))[0]
    assert {name: value.tolist() for name, value in beside.items()} == {
        f"connectome_{name}": [value] for name, value in alone.items()
    }
    monkeypatch.setenv("ARTNEURO_DATA", str(tmp_path / "nowhere"))
    (missing,) = how.refusals(24)
    assert "did not find celegans277_kaiser.npz" in str(missing)
    (unknown,) = how.but(beside=("celegan",)).refusals(24)
    assert 'Did you mean "celegans"?' in str(unknown)
    assert all(value.shape == (0,) for value in how.but(beside=()).measure_beside().values())


def test_a_cut_between_equal_connections_of_a_nervous_system_is_refused_before_it_is_made(tmp_path, monkeypatch):
    (tmp_path / "connectomes").mkdir()
    ones = 1.0 - np.eye(5)
    np.savez(
        tmp_path / "connectomes" / "celegans277_kaiser.npz",
        adjacency=ones,
        positions_mm=np.zeros((5, 2)),
        labels=np.array(list("abcde")),
    )
    monkeypatch.setenv("ARTNEURO_DATA", str(tmp_path))
    (refused,) = AsGraph(density=0.5, beside=("celegans",)).refusals(24)
    assert "equally strong" in str(refused)


def test_a_density_of_nothing_is_refused():
    with pytest.raises(SpecificationError, match="density: required more than 0; came 0"):
        AsGraph(density=0.0)


def test_modules_are_the_division_of_which_the_modularity_is(weights):
    cut = an.measures.binarised_to_density(weights, 0.2)
    cut[:, 3] = cut[3] = False
    found, modules = AsGraph(nulls=1).measure(cut, an.Stream(0))
    np.testing.assert_array_equal(np.isnan(modules), np.arange(24) == 3)
    assert an.measures.modularity(cut, np.nan_to_num(modules, nan=-1)) == found["binary_modularity"]
    assert not {number for number in modules[:12] if number in modules[12:]}  # halves share no module
    assert np.isnan(AsGraph(nulls=0).measure(cut, an.Stream(0))[1]).all()


def test_a_density_of_less_than_one_connection_is_refused_before_anything_is_reared():
    (refused,) = AsGraph(density=0.01).refusals(6)
    assert refused.came == "0.01"
    assert "at least 0.033, one of the 30 possible connections" in refused.required
    assert not list(AsGraph(density=0.01).refusals(9))
