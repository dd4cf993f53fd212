import shutil

import numpy as np
import pytest
import yaml

from artneuro import records
from artneuro.errors import DesignError, RunError
from artneuro.study.comparison import _joined, compare
from artneuro.study.events import Remark
from artneuro.study.execution import run_study
from artneuro.study.store import read_json

NAMES = ("epochs-1", "epochs-3")
FIGURES = [{"strip": {"of": "Census.accuracy"}}, {"learning_curve": {}}]


@pytest.fixture(scope="module")
def once(small_study, small_cohort, tmp_path_factory):
    """Two runs that differ in how long subjects are reared."""
    folder = tmp_path_factory.mktemp("runs")
    for epochs in (1, 3):
        cohort = small_cohort(n=3, rearing={"epochs": epochs, "batch": 256}, arms={"only": []})
        study = small_study(study=f"epochs-{epochs}", cohort=cohort, figures=FIGURES)
        run_study(study, folder / f"epochs-{epochs}")
    return folder


@pytest.fixture
def runs(once, tmp_path):
    """A copy of the two runs, for one test to change."""
    return [shutil.copytree(once / name, tmp_path / name) for name in NAMES]


def declare(folder, **changes):
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **changes}, sort_keys=False))


def test_cohorts_of_two_runs_stand_in_one_test_and_one_figure(runs, tmp_path):
    declare(runs[1], analyses=[{"t_test": {"of": "Census.accuracy", "between": "run"}}])
    out = compare(runs, tmp_path / "comparison")
    (test,) = read_json(out / "statistics" / "results.json")
    assert test["refused"] is None
    assert "epochs-1" in test["sentences"][0]
    assert "epochs-3" in test["sentences"][0]
    strip, curve = read_json(out / "figures" / "figures.json")  # declared by both runs, made once
    assert "n = 3 subjects an arm" in strip["caption"]
    assert (out / "figures" / curve["svg"]).exists()
    about = read_json(out / "comparison.json")
    assert {name: run["study"] for name, run in about["runs"].items()} == {
        name: name for name in ("epochs-1", "epochs-3")
    }


def test_a_comparison_has_a_page_of_its_own(runs, tmp_path):
    page = (compare(runs, tmp_path / "comparison") / "report.html").read_text(encoding="utf-8")
    for words in ("comparison of epochs-1, epochs-3", "6 subjects in 2", "0 to 2", "Figure 2.", "comparison.json"):
        assert words in page
    assert "artneuro run study.yaml" not in page


def test_a_shorter_history_is_compared_as_far_as_it_goes(runs):
    joined, reasons = _joined({path.name: {"History": records.read(path / "records" / "History.nc")} for path in runs})
    assert joined["History"].sizes["epoch"] == 3
    loss = joined["History"].test_loss.sel(epoch=3)
    assert np.isnan(loss[:3]).all()
    assert np.isfinite(loss[3:]).all()
    assert reasons == {}


def test_a_comparison_can_be_made_again_and_holds_what_is_declared_now(runs, tmp_path):
    out = compare(runs, tmp_path / "comparison")
    declare(runs[1], figures=[])
    declare(runs[0], figures=FIGURES[:1])
    compare(runs, out)
    assert [entry["name"] for entry in read_json(out / "figures" / "figures.json")] == ["01-strip"]
    assert {path.stem for path in (out / "figures").iterdir()} == {"01-strip", "figures"}


def test_an_arm_that_a_comparison_has_not_is_refused_in_words(runs, tmp_path):
    heard = []
    declare(runs[0], figures=[{"strip": {"of": "Census.accuracy", "where": {"arm": "only"}}}])
    compare(runs, tmp_path / "comparison", heard.append)
    (remark,) = [event.text for event in heard if isinstance(event, Remark)]
    assert "epochs-1/only" in remark


def test_what_is_no_run_or_has_no_name_of_its_own_is_refused(runs, tmp_path):
    with pytest.raises(RunError, match=r"not a run folder: it has no plan\.json"):
        compare([runs[0], tmp_path], tmp_path / "comparison")
    with pytest.raises(RunError, match="a second run called 'epochs-1'"):
        compare([runs[0], runs[0]], tmp_path / "comparison")
    with pytest.raises(DesignError, match=r"^a comparison takes two runs or more; came 1: epochs-1$"):
        compare(runs[:1], tmp_path / "comparison")
    with pytest.raises(RunError, match=r"no comparison\.json"):
        compare(runs, runs[0])
    assert not (tmp_path / "comparison").exists()


def test_a_copy_of_a_run_is_refused_in_one_sentence(runs, tmp_path):
    copy = shutil.copytree(runs[0], tmp_path / "copy")
    with pytest.raises(DesignError, match="every subject is in epochs-1 already") as refused:
        compare([runs[0], copy], tmp_path / "comparison")
    assert str(refused.value).count("copy/only-0 is epochs-1/only-0") == 1
    assert not (tmp_path / "comparison").exists()


def test_an_animal_that_stands_in_two_runs_is_counted_once_and_said(runs, tmp_path):
    copy = shutil.copytree(runs[0], tmp_path / "copy")
    declare(copy, analyses=[{"anova": {"of": "Census.accuracy", "between": "run"}}])
    heard = []
    out = compare([*runs, copy], tmp_path / "comparison", heard.append)
    (test,) = read_json(out / "statistics" / "results.json")
    assert "F(1, 4)" in test["sentences"][0]  # 6 animals, not 9
    said = "Counted once, because weights and values are equal: copy/only-0 is epochs-1/only-0, "
    assert any(note.startswith(said) for note in test["notes"])
    assert [event.text.startswith(said) for event in heard if isinstance(event, Remark)] == [True]


def test_without_a_question_there_is_no_comparison(runs, tmp_path):
    for folder in runs:
        declare(folder, figures=[])
    with pytest.raises(DesignError, match="no run declares an analysis or a figure"):
        compare(runs, tmp_path / "comparison")
