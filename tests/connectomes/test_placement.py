"""Units at the places of neurons, and what has no such places."""

import numpy as np
import pytest
import torch

import artneuro as an
from artneuro.anatomy.embedding import Space
from artneuro.connectomes import Neurons
from artneuro.environment.data_root import data_root_at
from artneuro.errors import DataError, SpecificationError
from artneuro.fields import build
from artneuro.rearing.rearing import Rearing
from artneuro.study.execution import run_study
from artneuro.study.study import Study
from artneuro.study.upbringing import Computing, Upbringing

HERE = {"hidden1": {"connectome": {"name": "celegans"}}}


@pytest.fixture
def worm(tmp_path):
    """Make a data root with a worm of three neurons; call it to move the first of them."""
    (tmp_path / "connectomes").mkdir()

    def write(first=0.0):
        positions = np.array([[first, 0.0], [3.0, 4.0], [0.0, 1.0]])
        path = tmp_path / "connectomes" / "celegans277_kaiser.npz"
        np.savez(path, adjacency=1 - np.eye(3), positions_mm=positions, labels=["A", "B", "C"])

    write()
    with data_root_at(tmp_path):
        yield write


def newborn(layers=HERE, width=3):
    anatomy = an.anatomy("embedded", of={"mlp": {"widths": [width]}}, embedding={"layers": layers})
    return an.Subject.naive(anatomy, an.environment("digits"), seed=0)


def test_units_lie_where_neurons_do(worm):
    assert Neurons(name="celegans").places(3).tolist() == [[0.0, 0.0, 0.5], [3.0, 4.0, 0.5], [0.0, 1.0, 0.5]]
    space = Space.of(newborn().anatomy, newborn().model())
    along_x = 3.0 - (2 * torch.arange(10).double() + 1) / 20  # from the second neuron to outputs on a line
    torch.testing.assert_close(space.distances["output.weight"][:, 1], along_x + 3.5 + 0.1)


def test_a_study_rears_them_in_the_data_root_that_it_is_given(worm, tmp_path, monkeypatch):
    """In no other: one task after the other, and a worker process, which hears of it by its bench."""
    anatomy = {"embedded": {"of": {"mlp": {"widths": [3]}}, "embedding": {"layers": HERE}}}
    cohort = {"n": 2, "anatomy": anatomy, "environment": {"digits": {}}, "rearing": {"epochs": 1, "batch": 500}}
    study = build(Study, {"study": "worms", "question": "Where?", "cohort": {**cohort, "arms": {"only": []}}})
    monkeypatch.setenv("ARTNEURO_DATA", str(tmp_path / "elsewhere"))
    with data_root_at(None):
        for workers in (1, 2):
            folder = run_study(study, tmp_path / str(workers), tmp_path, workers=workers)
            assert len(list(folder.glob("subjects/*/subject.json"))) == 2


def test_subjects_are_reared_anew_where_neurons_have_moved(worm):
    def key(layers):
        return Upbringing.of(newborn(layers), Rearing(epochs=1), (), Computing()).key

    before, elsewhere = key(HERE), key({})
    worm(first=1.0)
    assert key(HERE) != before
    assert key({}) == elsewhere


def test_what_has_no_such_places_is_refused(worm, tmp_path):
    with pytest.raises(SpecificationError, match=r"layers\.hidden1\.connectome\.name: required 4 places.*came 3"):
        newborn(width=4)
    with pytest.raises(SpecificationError, match=r'connectome\.name: required a known name.*Did you mean "celegans"'):
        newborn({"hidden1": {"connectome": {"name": "celegan"}}})
    np.savez(tmp_path / "connectomes" / "primate_human_pang2024.npz", connectome_human=1 - np.eye(3))
    with pytest.raises(SpecificationError, match="required a connectome with positions; came 'human'"):
        Neurons(name="human").places(3)
    with pytest.raises(DataError, match="primate_chimp"):
        Neurons(name="chimp").places(3)
