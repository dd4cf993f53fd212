import json
import shutil

import pytest
import yaml

from artneuro.errors import RecordError, RunError
from artneuro.statistics import Hypothesis, TTest
from artneuro.study.analysis import analyse
from artneuro.study.execution import run_study
from artneuro.study.lock import locked
from artneuro.study.store import read_json

HYPOTHESES = {"L1": {"claim": "slow < fast", "of": "Census.accuracy"}}
ANALYSES = [{"t_test": {"of": "Census.accuracy", "between": "arm"}}]


@pytest.fixture(scope="module")
def once(small_study, tmp_path_factory):
    return run_study(small_study(hypotheses=HYPOTHESES, analyses=ANALYSES), tmp_path_factory.mktemp("once") / "run")


@pytest.fixture
def folder(once, tmp_path):
    """A copy of the run, for one test to change."""
    return shutil.copytree(once, tmp_path / "run")


def edit(folder, change):
    path = folder / "study.yaml"
    declared = yaml.safe_load(path.read_text())
    change(declared)
    path.write_text(yaml.safe_dump(declared, sort_keys=False))


def test_answers_are_made_again_from_the_records_alone(folder):
    answers = ("hypotheses.json", "statistics/results.json", "statistics/01-t_test.csv", "figures/figures.json")
    before = {name: (folder / name).read_bytes() for name in answers}
    for name in answers:
        (folder / name).unlink()
    for part in (folder / "parts").iterdir():
        part.unlink()
    assert analyse(folder) == folder
    assert {name: (folder / name).read_bytes() for name in answers} == before


def test_an_edited_declaration_is_followed(folder):
    edit(folder, lambda declared: declared.update(analyses=[{"pairwise": {"of": "Census.accuracy", "between": "arm"}}]))
    analyse(folder)
    assert [entry["name"] for entry in read_json(folder / "statistics" / "results.json")] == ["pairwise"]
    assert not (folder / "statistics" / "01-t_test.csv").exists()


def test_a_hypothesis_edited_after_the_run_is_marked(folder):
    assert [verdict["declared"] for verdict in read_json(folder / "hypotheses.json")] == ["before"]
    edit(folder, lambda declared: declared["hypotheses"]["L1"].update(claim="slow > fast"))
    analyse(folder)
    (verdict,) = read_json(folder / "hypotheses.json")
    assert (verdict["label"], verdict["claim"], verdict["declared"]) == ("L1", "slow > fast", "after")


def test_a_hypothesis_that_moved_to_another_label_is_marked(folder):
    edit(folder, lambda declared: declared.update(hypotheses={"L9": declared["hypotheses"]["L1"]}))
    analyse(folder)
    assert [verdict["declared"] for verdict in read_json(folder / "hypotheses.json")] == ["after"]


def test_a_verdict_is_valid_json_where_there_is_no_effect(folder):
    def strict(word):
        raise AssertionError(f"{word} is not JSON")

    edit(
        folder,
        lambda declared: declared["hypotheses"].update(L2={"claim": "corr(Census.accuracy, Census.accuracy) > 0"}),
    )
    analyse(folder)
    verdicts = json.loads((folder / "hypotheses.json").read_text(), parse_constant=strict)
    assert [verdict["label"] for verdict in verdicts] == ["L1", "L2"]


def test_a_damaged_record_is_named(folder):
    path = folder / "records" / "Census.nc"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(RecordError, match=r"records/Census\.nc: not a readable record"):
        analyse(folder)


@pytest.mark.parametrize("damage", ["{}", "[1]", "{"])
def test_a_damaged_plan_is_named(folder, damage):
    (folder / "plan.json").write_text(damage)
    with pytest.raises(RecordError, match=r"plan\.json: not a"):
        analyse(folder)


@pytest.mark.parametrize("damage", ["{}", "[1]", "{"])
@pytest.mark.parametrize("name", ["figures/figures.json", "statistics/results.json"])
def test_damaged_papers_are_made_again(folder, name, damage):
    before = (folder / "statistics" / "results.json").read_bytes()
    (folder / name).write_text(damage)
    analyse(folder)
    assert (folder / "statistics" / "results.json").read_bytes() == before


def test_what_is_no_run_folder_is_refused_and_left_alone(tmp_path):
    with pytest.raises(RunError, match=r"not a run folder: it has no plan\.json"):
        analyse(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_in_use_is_refused(folder):
    with locked(folder), pytest.raises(RunError, match="in use by another run"):
        analyse(folder)


def test_a_fault_of_a_test_is_called_one_and_the_others_are_made(folder, monkeypatch):
    def fault(self, *arguments):
        raise TypeError("unsupported operand")

    monkeypatch.setattr(TTest, "_test", fault)
    monkeypatch.setattr(Hypothesis, "_judge", fault)
    heard = []
    analyse(folder, heard.append)
    (entry,) = read_json(folder / "statistics" / "results.json")
    (verdict,) = read_json(folder / "hypotheses.json")
    said = "a fault in artneuro, not in the study: TypeError: unsupported operand"
    assert said in entry["refused"]
    assert said in verdict["sentence"]
    assert (verdict["verdict"], verdict["p"]) == ("undecided", None)
    assert [event.text.split(":")[0] for event in heard] == ["analyses[0] (t_test)", "hypotheses.L1"]
