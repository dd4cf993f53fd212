import numpy as np
import pytest

from artneuro import connectome, measures
from artneuro.errors import DataError, SpecificationError
from artneuro.seeds import Stream

NAMES = (
    "celegans",
    "celegans_chemical",
    "celegans_electrical",
    "chimp",
    "human",
    "macaque",
    "macaque_cortex",
    "marmoset",
)
HEADER = "# Data from the supplement\t\t\n\t\t\n"


@pytest.fixture
def brains(data_root):
    """Give the data root, where it has the published files."""
    if not (data_root / "connectomes").is_dir():
        pytest.skip("there are no connectomes in the data root")
    return data_root


@pytest.fixture
def small(tmp_path):
    """Make a data root with small files in the layout of the published ones."""
    folder = tmp_path / "connectomes"
    (folder / "macaque_visual_INM6").mkdir(parents=True)
    matrix = np.array([[0, 1, 0], [0, 0, 1], [1, 1, 0]])
    positions = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
    np.savez(
        folder / "celegans277_kaiser.npz",
        adjacency=matrix.astype(np.uint8),
        positions_mm=positions,
        labels=["A", "B", "C"],
    )
    for species in ("macaque", "marmoset", "chimp", "human"):
        np.savez(folder / f"primate_{species}_pang2024.npz", **{f"connectome_{species}": matrix * 0.5})
    (folder / "celegans_herm_cells.csv").write_text("cell_id,cell_name,cell_class\n1,ADAL,ADA\n2,ADAR,ADA\n5,ALA,ALA\n")
    (folder / "celegans_herm_synapses.csv").write_text(
        "id,from_id,to_id,synapse_type,count\n1,1,2,C,3\n2,2,5,C,1\n3,1,5,E,2\n4,5,1,E,2\n5,2,5,C,4\n"
    )
    (folder / "macaque_visual_INM6" / "Markov2014_FLN_rawdata.csv").write_text(
        HEADER
        + "1\tM1\tV2\tV1\t6.0e-01\t60\tKnown\t\n1\tM1\tMT\tV1\t4.0e-01\t40\tNFP\t\n"  # MT was not injected
        + "2\tM2\tMT\tV1\t1.0e+00\t9\tKnown\t\n"  # a second injection that found nothing in V2
        + "3\tM3\tV1\tV2\t9.0e-01\t90\tKnown\t\n3\tM3\tMT\tV2\t1.0e-01\t10\tKnown\t\n"
    )
    return tmp_path


def test_every_set_is_read(small):
    for name in NAMES:
        found = connectome(name, small)
        assert found.name == name
        assert found.source
        assert found.terms
        assert len(found) == (2 if name == "macaque_cortex" else 3)


def test_the_worm_in_space(small):
    found = connectome("celegans", small)
    assert found.weights.tolist() == [[0, 1, 0], [0, 0, 1], [1, 1, 0]]
    assert found.names == ("A", "B", "C")
    assert (found.positions.tolist(), found.length_units) == ([[0, 0], [3, 4], [0, 1]], "mm")


def test_synapses_are_counted_from_and_to_neurons_by_their_kind(small):
    chemical, electrical = connectome("celegans_chemical", small), connectome("celegans_electrical", small)
    assert chemical.names == electrical.names == ("ADAL", "ADAR", "ALA")
    assert chemical.weights.tolist() == [[0, 3, 0], [0, 0, 5], [0, 0, 0]]
    assert electrical.weights.tolist() == [[0, 0, 2], [0, 0, 0], [2, 0, 0]]
    assert (chemical.directed, electrical.directed) == (True, False)
    assert chemical.positions is None


def test_fractions_are_means_over_injections_among_injected_areas(small):
    found = connectome("macaque_cortex", small)
    assert found.names == ("V1", "V2")
    assert found.weights == pytest.approx(np.array([[0, 0.9], [0.3, 0]]))


def test_the_data_root_is_found_as_for_other_data(small, monkeypatch):
    monkeypatch.setenv("ARTNEURO_DATA", str(small))
    assert len(connectome("chimp")) == 3


def test_missing_files_are_answered_with_the_folder_and_what_to_do(small):
    (small / "connectomes" / "celegans_herm_synapses.csv").unlink()
    with pytest.raises(DataError) as caught:
        connectome("celegans_chemical", small)
    text = str(caught.value)
    assert f"looked in {small / 'connectomes'} and did not find celegans_herm_synapses.csv." in text
    assert "data/README.md tells" in text
    assert "ARTNEURO_DATA" in text
    with pytest.raises(DataError, match=r"macaque_visual_INM6 and did not find Markov2014_FLN_rawdata\.csv"):
        connectome("macaque_cortex", small / "nowhere")
    assert not (small / "nowhere").exists()


@pytest.mark.parametrize(
    ("name", "file", "content", "reason"),
    [
        ("celegans", "celegans277_kaiser.npz", b"not a zip", "Put the file there again"),
        ("celegans", "celegans277_kaiser.npz", {"adjacency": np.eye(3)}, "positions_mm"),
        ("human", "primate_human_pang2024.npz", {"connectome_human": np.ones((3, 2))}, "required a square matrix"),
        ("human", "primate_human_pang2024.npz", {"connectome_human": np.array([["a", "b"]] * 2)}, "could not convert"),
        ("human", "primate_human_pang2024.npz", {"connectome_human": np.array([{}])}, "allow_pickle=False"),
        (
            "celegans_chemical",
            "celegans_herm_synapses.csv",
            b"id,from_id,to_id,synapse_type,count\n1,1,99,C,1\n",
            "'99'",
        ),
        (
            "celegans_chemical",
            "celegans_herm_synapses.csv",
            b"id,from_id,to_id,synapse_type,count\n1,1,2,C\n",
            "NoneType",
        ),
        ("celegans_chemical", "celegans_herm_cells.csv", b"cell_id\n1\n2\n5\n", "there is no 'cell_name'"),
        ("macaque_cortex", "macaque_visual_INM6/Markov2014_FLN_rawdata.csv", b"1\tM1\tV2\n", "not enough values"),
        ("macaque_cortex", "macaque_visual_INM6/Markov2014_FLN_rawdata.csv", b"\xff", "can't decode"),
        ("macaque_cortex", "macaque_visual_INM6/Markov2014_FLN_rawdata.csv", b"", "required a square matrix"),
    ],
)
def test_another_file_is_refused_by_name(small, name, file, content, reason):
    path = small / "connectomes" / file
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.savez(path, **content)
    with pytest.raises(DataError) as caught:
        connectome(name, small)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(SpecificationError, match='Did you mean "macaque"'):
        connectome("macaqe")


@pytest.mark.data
@pytest.mark.parametrize("name", NAMES)
def test_files_in_the_data_root_are_those_that_are_expected(brains, name):
    expected = {  # units, connections
        "celegans": (277, 2105),
        "celegans_chemical": (279, 2194),
        "celegans_electrical": (279, 514),
        "macaque_cortex": (29, 536),
        "macaque": (82, 778),
        "marmoset": (55, 350),
        "chimp": (114, 752),
        "human": (114, 891),
    }
    found = connectome(name, brains)
    assert (len(found), measures.connection_count(found.weights)) == expected[name]


@pytest.mark.data
def test_the_worm_saves_wire(brains):
    """Connections take 532 mm, and 881 mm with neurons at exchanged places: what is known of these positions.

    The first number is the sum of straight lines over all 2105 directed connections, pairs that connect both ways
    counting twice; so it is reproduced to the digits given. The second is a mean of random exchanges: that over all of
    them is 878.5 mm, and one exchange has a standard deviation of 36 mm, so 881 mm is what a hundred of them give.
    """
    worm = connectome("celegans", brains)
    spans = measures.distances_between(worm.positions)
    assert measures.wiring_length(worm.weights, spans) == pytest.approx(532, abs=0.5)
    exact = measures.expected_wiring_length(worm.weights, spans)
    shuffled = measures.shuffled_wiring_lengths(worm.weights, spans, Stream(0), shuffles=1000)
    assert shuffled.mean() == pytest.approx(exact, abs=3 * shuffled.std() / np.sqrt(1000))
    assert exact == pytest.approx(881, abs=shuffled.std() / np.sqrt(100))  # one standard error of a hundred: 3.6 mm
    assert shuffled.min() > 532 + 5 * shuffled.std()
    # neither undirected connections nor distances along the axes give either number
    assert measures.wiring_length(measures.symmetrised(worm.weights, by="max"), spans) < 500
    assert measures.wiring_length(worm.weights, measures.distances_between(worm.positions, metric="l1")) > 550


@pytest.mark.data
def test_published_facts_of_nervous_systems_are_found_again(brains):
    worm = measures.symmetrised(connectome("celegans", brains).weights, by="max")
    # Watts and Strogatz 1998, of 282 neurons: C = 0.28, L = 2.65; five neurons fewer here
    assert measures.clustering(worm).mean() == pytest.approx(0.28, abs=0.005)
    assert measures.characteristic_path_length(measures.path_lengths(worm)) == pytest.approx(2.65, abs=0.02)
    # Varshney et al. 2011: of 279 neurons, gap junctions join 248, and chemical synapses lead 237 to each other
    electrical, chemical = (connectome(f"celegans_{kind}", brains).weights for kind in ("electrical", "chemical"))
    assert np.bincount(measures.components(electrical))[0] == 248
    assert np.bincount(measures.components(chemical, connection="strong"))[0] == 237
    # Markov et al. 2014: 536 of the 812 pathways between 29 areas exist
    cortex = connectome("macaque_cortex", brains)
    assert measures.connection_count(cortex.weights) == 536
    assert measures.density(cortex.weights) == pytest.approx(0.66, abs=0.005)
