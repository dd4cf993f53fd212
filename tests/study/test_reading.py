"""Reading: everything that a run folder tells is in the account, and a damaged file is named."""

import json
from pathlib import Path

import numpy as np
import pytest

from artneuro import records
from artneuro.environment.digits import Digits
from artneuro.errors import RecordError, RunError
from artneuro.labels import Label
from artneuro.protocols.lesion_study import LesionStudy
from artneuro.study.declaration import load_study
from artneuro.study.declared import keys
from artneuro.study.in_words import in_words
from artneuro.study.reading import MOST_ROWS, read_account
from artneuro.study.store import record_key

STUDY = """\
study: growing
question: Do they grow?
source: nobody
cohort:
  n: 2
  first_seed: 5
  anatomy: {mlp: {widths: [16, 8]}}
  environment: {digits: {}}
  rearing: {epochs: 3}
  arms:
    control: []
    longer: {rearing: {epochs: 4}, anatomy: {mlp: {widths: [16, 8]}}}
"""

SUBJECTS = ["control-5", "control-6", "longer-5", "longer-6"]
VERDICT = {
    "label": "G1",
    "claim": "longer > control",
    "of": "History.test_accuracy",
    "verdict": "undecided",
    "effect": None,
    "effect_name": "",
    "low": None,
    "high": None,
    "p": None,
    "n": 0,
    "power": None,
    "sentence": "G1 is undecided.",
    "notes": ["a note"],
    "declared": "after",
}
ANSWER = {"name": "anova", "of": "History.test_accuracy", "declared": {}, "sentences": ["F(1, 2) = 3."], "notes": ["n"]}
ANSWER |= {"tables": {"anova": "01-anova.csv"}, "refused": None}
FIGURE = {"name": "01-curve", "declared": {}, "title": "T", "caption": "C.", "svg": "01-curve.svg", "refused": None}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="460.8pt" height="300pt" viewBox="0 0 460.8 300"></svg>'


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder as a study leaves it, of four subjects of which one diverged."""
    folder = tmp_path / "growing"
    for part in ("records", "statistics", "figures"):
        (folder / part).mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    plan = {"study": "growing", "subjects": dict.fromkeys(SUBJECTS), "records": {"History": {}}}
    plan["declaration"] = keys(load_study(folder / "study.yaml"))
    dump(folder / "plan.json", {**plan, "environments": {"abc": Digits().named()}})
    sessions = [{"outcome": None, "versions": {}}, {"outcome": "done", "versions": {"artneuro": "0.1"}}]
    stimuli = {"abc": {"train": 1297, "test": 500, "classes": 10}}
    dump(
        folder / "provenance.json",
        {"study": "growing", "environments": ["abc"], "stimuli": stimuli, "sessions": sessions},
    )
    dump(folder / "hypotheses.json", [VERDICT, {**VERDICT, "label": "G2", "declared": "before", "effect": 0.5}])
    dump(folder / "statistics" / "results.json", [ANSWER, {**ANSWER, "tables": {}, "refused": "why"}])
    (folder / "statistics" / "01-anova.csv").write_text('source,F\n"a, b",3.0\n', encoding="utf-8")
    dump(folder / "figures" / "figures.json", [FIGURE, {**FIGURE, "svg": None, "refused": "no"}])
    (folder / "figures" / "01-curve.svg").write_bytes(SVG)
    history = records.dataset(
        {"test_accuracy": np.full((4, 3), 0.5)},
        {"test_accuracy": Label("test accuracy", "1", ("subject", "epoch"))},
        {
            "subject": SUBJECTS,
            "arm": ["control", "control", "longer", "longer"],
            "seed": [5, 6, 5, 6],
            "diverged": [-1, 2, -1, -1],
            "epoch": [1, 2, 3],
        },
    )
    history = history.assign_attrs(key=record_key(plan, "History"))
    records.write(history, folder / "records" / "History.nc")
    return folder


def dump(path: Path, facts: object) -> None:
    path.write_text(json.dumps(facts), encoding="utf-8")


def test_question_and_design(run):
    account = read_account(run)
    assert (account.study, account.question, account.source) == ("growing", "Do they grow?", "nobody")
    control, longer = account.groups
    assert (control.label, control.seeds, control.asked, control.sound) == ("control", "5 to 6", 2, 1)
    assert (control.interventions, control.changes) == ("none", ())
    assert longer.sound == 2
    assert longer.changes == (("rearing", "epochs 4"),)
    assert ("anatomy", "mlp (widths 16, 8; activation relu; dropout 0)") in account.cohort
    assert account.declaration == STUDY


def test_the_methods_are_told_defaults_included(run):
    cohort = dict(read_account(run).cohort)
    assert "sgd (lr 0.1; momentum 0.9; weight decay 0); schedule constant" in cohort["rearing"]
    assert cohort["environment"] == (
        "digits (subset seed 0; normalise standard; held out 500; split seed 0): "
        "1297 training and 500 test stimuli of 10 classes"
    )


def test_a_run_that_did_not_note_its_stimuli_is_told_without_their_number(run):
    dump(run / "provenance.json", {"study": "growing", "environments": ["abc"], "sessions": []})
    assert dict(read_account(run).cohort)["environment"].endswith("split seed 0)")


def test_verdicts_come_back_with_what_was_not_finite(run):
    first, second = read_account(run).verdicts
    assert np.isnan([first.effect, first.low, first.high, first.p, first.power]).all()
    assert second.effect == 0.5
    assert first.notes == ("a note",)
    assert read_account(run).late == ["G1"]


def test_statistics_and_figures(run):
    account = read_account(run)
    answered, refused = account.answers
    (table,) = answered.tables
    assert (table.columns, table.rows, table.total) == (("source", "F"), (("a, b", "3.0"),), 1)
    assert (answered.sentences, answered.notes, answered.refused) == (("F(1, 2) = 3.",), ("n",), "")
    assert refused.refused == "why"
    drawn, undrawn = account.pictures
    assert (drawn.svg, drawn.title, drawn.caption, drawn.size) == (SVG, "T", "C.", (614, 400))
    assert (undrawn.svg, undrawn.refused) == (b"", "no")


def test_who_is_lost_is_named(run):
    assert read_account(run).losses == [("History", "control-6 (diverged at epoch 2)")]
    history = records.read(run / "records" / "History.nc")
    records.write(history.isel(subject=[1, 2, 3]).assign_attrs(excluded="unheard"), run / "records" / "History.nc")
    assert read_account(run).losses == [("History", "control-5 (not reared), control-6 (diverged at epoch 2)")]


def test_what_other_records_lack_is_told_as_they_tell_it(run):
    plan = json.loads((run / "plan.json").read_text()) | {"records": {"History": {}, "Lesions": {}}}
    dump(run / "plan.json", plan)
    history = records.read(run / "records" / "History.nc").assign_attrs(key=record_key(plan, "Lesions"))
    records.write(
        history.assign_attrs(excluded="longer-5 (epoch 3), longer-6 (not measured)"), run / "records" / "Lesions.nc"
    )
    assert dict(read_account(run).losses)["Lesions"] == "longer-5 (diverged at epoch 3), longer-6 (not measured)"


def test_a_long_table_is_cut_and_says_how_long_it_is(run):
    lines = ["x", *map(str, range(MOST_ROWS + 5))]
    (run / "statistics" / "01-anova.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (table,) = read_account(run).answers[0].tables
    assert (len(table.rows), table.total) == (MOST_ROWS, MOST_ROWS + 5)


@pytest.mark.parametrize(
    ("outcome", "remark"),
    [("failed", "some of its tasks failed"), ("interrupted", "it was interrupted"), (None, "it has not ended")],
)
def test_a_run_that_is_not_complete_says_so(run, outcome, remark):
    assert read_account(run).remarks == []
    dump(run / "provenance.json", {"environments": [], "sessions": [{"outcome": outcome}]})
    (found,) = read_account(run).remarks
    assert remark in found


def test_a_run_that_was_killed_early_can_be_told(run):
    for name in ("provenance.json", "hypotheses.json", "statistics/results.json", "figures/figures.json"):
        (run / name).unlink()
    (run / "records" / "History.nc").unlink()
    account = read_account(run)
    assert (account.verdicts, account.answers, account.pictures, account.sessions) == ((), (), (), ())
    assert [group.sound for group in account.groups] == [0, 0]
    assert account.losses == [("History", ", ".join(f"{subject} (not reared)" for subject in SUBJECTS))]
    assert any("not analysed yet" in remark for remark in account.remarks)


def test_a_record_that_is_not_there_is_named(run):
    with (run / "study.yaml").open("a", encoding="utf-8") as study:
        study.write("protocols:\n  - LesionStudy: {site: hidden2}\n    as: lesions\n")
    with pytest.raises(RecordError, match=r"study\.yaml: not the protocols that the data here were planned by"):
        read_account(run)
    plan = json.loads((run / "plan.json").read_text())
    dump(run / "plan.json", {**plan, "declaration": keys(load_study(run / "study.yaml"))})
    account = read_account(run)
    assert account.remarks == ["There is no record yet of lesions."]
    assert account.protocols == [("lesions", in_words(LesionStudy(site="hidden2")))]


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(RunError, match="not a run folder"):
        read_account(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("hypotheses.json", '[{"label": "G1"}]'),
        ("hypotheses.json", "{"),
        ("plan.json", '{"records": {}}'),
        ("hypotheses.json", '["G1"]'),
        ("statistics/results.json", '[{"name": "anova"}]'),
        ("figures/figures.json", "3"),
        ("provenance.json", '{"sessions": 4}'),
        ("records/History.nc", "CDF"),
    ],
)
def test_a_damaged_file_is_named(run, name, content):
    (run / name).write_text(content, encoding="utf-8")
    with pytest.raises(RecordError, match=Path(name).name):
        read_account(run)


def test_a_missing_figure_is_named(run):
    (run / "figures" / "01-curve.svg").unlink()
    with pytest.raises(RecordError, match=r"01-curve\.svg.*artneuro analyse"):
        read_account(run)


def test_an_index_never_reaches_outside_its_folder(run):
    (run.parent / "secret.svg").write_bytes(b"<svg>secret</svg>")
    dump(run / "figures" / "figures.json", [{**FIGURE, "svg": "../../secret.svg"}])
    with pytest.raises(RecordError, match=r"secret\.svg"):
        read_account(run)
