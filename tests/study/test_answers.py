import csv

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from PIL import Image

from artneuro import joining, records
from artneuro.fields import conform
from artneuro.figures import Plot
from artneuro.labels import Label
from artneuro.statistics import Analysis, Result
from artneuro.study.answers import _comparisons, write_answers
from artneuro.study.events import Remark
from artneuro.study.store import Store, read_json

ANALYSES = [
    {"pairwise": {"of": "Census.accuracy", "between": "arm"}},
    {"t_test": {"of": "Census.accuracy", "between": "arm"}},
]
FIGURES = [{"box": {"of": "Census.accuracy", "title": "Accuracy", "marks": "pairwise"}}]


@pytest.fixture
def record():
    rng = np.random.default_rng(0)
    part = [
        records.dataset({"accuracy": shift + 0.1 * rng.random()}, {"accuracy": Label("accuracy")}, {})
        for shift in (0.1, 0.8)
        for _ in range(5)
    ]
    who = {
        "subject": [f"{arm}-{seed}" for arm in ("slow", "fast") for seed in range(5)],
        "arm": ["slow"] * 5 + ["fast"] * 5,
        "seed": list(range(5)) * 2,
        "diverged": [-1] * 10,
    }
    return {"Census": joining.of_subjects(part, who, "Census")}


def declared(analyses, figures):
    return [conform(each, Analysis) for each in analyses], [conform(each, Plot) for each in figures]


def write(folder, record, analyses, figures, listen=lambda event: None):
    write_answers(Store(folder), record, *declared(analyses, figures), listen)


def test_every_table_is_a_file_that_the_index_names(record, tmp_path):
    write(tmp_path, record, ANALYSES, FIGURES)
    results = read_json(tmp_path / "statistics" / "results.json")
    assert [(entry["name"], entry["of"]) for entry in results] == [
        ("pairwise", "Census.accuracy"),
        ("t_test", "Census.accuracy"),
    ]
    named = {file for entry in results for file in entry["tables"].values()}
    assert named == {path.name for path in (tmp_path / "statistics").glob("*.csv")}
    assert {"01-pairwise.csv", "02-t_test.csv"} <= named
    table = pd.read_csv(tmp_path / "statistics" / "02-t_test.csv")
    assert table["t"].abs().item() > 10
    assert "t(4) =" in results[1]["sentences"][0]


def test_a_film_is_a_third_file(tmp_path):
    """The figure is a strip of both ages; the film has a page for each."""
    wiring = xr.Dataset(
        {"weight": (("subject", "epoch", "connection"), [[[0.5], [1.0]]], {"long_name": "weight", "units": "1"})},
        {"subject": ["a-0"], "epoch": [0, 5], "unit_site": ("unit", ["input", "output"])}
        | {"connection_source": ("connection", [0]), "connection_target": ("connection", [1])},
    )
    network = {"of": "Wiring.weight", "along": "epoch"}
    write(tmp_path, {"Wiring": wiring}, [], [{"network": {**network, "film": True}}, {"network": network}])
    film, still = read_json(tmp_path / "figures" / "figures.json")
    assert (film["gif"], film["refused"], still["gif"]) == ("01-network.gif", None, None)
    assert film["caption"] == f"{still['caption']} As a film: 01-network.gif."
    with Image.open(tmp_path / "figures" / "01-network.gif") as pages:
        assert pages.n_frames == 2
    write(tmp_path, {"Wiring": wiring}, [], [{"network": network}])
    assert not list((tmp_path / "figures").glob("*.gif"))  # what an earlier declaration left is taken away


def test_a_figure_is_two_files_with_its_caption(record, tmp_path):
    write(tmp_path, record, ANALYSES, FIGURES)
    (entry,) = read_json(tmp_path / "figures" / "figures.json")
    assert (entry["svg"], entry["png"], entry["title"]) == ("01-box.svg", "01-box.png", "Accuracy")
    assert "n = 5 subjects an arm" in entry["caption"]
    assert (tmp_path / "figures" / "01-box.svg").read_text().count("<svg") == 1


def test_marks_come_from_the_pairs_that_were_computed(record, tmp_path):
    write(tmp_path / "with", record, ANALYSES, FIGURES)
    write(tmp_path / "without", record, ANALYSES, [{"box": {"of": "Census.accuracy", "title": "Accuracy"}}])
    marked, plain = ((tmp_path / name / "figures" / "01-box.svg").read_text() for name in ("with", "without"))
    assert "***" in read_json(tmp_path / "with" / "figures" / "figures.json")[0]["caption"]
    assert len(marked) > len(plain)


def test_marks_are_of_the_first_table_of_pairs_or_of_the_one_that_is_named():
    figure = conform({"box": {"of": "Census.accuracy"}}, Plot)
    posthoc, paired = (pd.DataFrame({"a": ["x"], "b": ["y"], "p": [p]}) for p in (0.5, 0.01))
    other = pd.DataFrame({"source": ["arm"]})
    tables = {"anova": other, "posthoc": posthoc, "paired": paired}
    found = _comparisons(figure, [Result("anova", "Census.accuracy", tables, (), ())])
    assert list(found) == ["anova", "anova.posthoc", "anova.paired"]
    assert found["anova"] is posthoc
    assert found["anova.paired"] is paired


def test_marks_are_those_of_the_variable_that_is_shown(record, tmp_path):
    noise = record["Census"].accuracy.copy(data=np.random.default_rng(1).random(10))  # the same in both arms
    both = {"Census": record["Census"].assign(noise=noise)}
    of_noise = {"pairwise": {"of": "Census.noise", "between": "arm"}}
    write(tmp_path / "alone", both, ANALYSES[:1], FIGURES)
    write(tmp_path / "after", both, [of_noise, *ANALYSES[:1]], FIGURES)
    alone, after = ((tmp_path / name / "figures" / "01-box.svg").read_bytes() for name in ("alone", "after"))
    assert alone == after


def test_the_same_answers_have_the_same_bytes(record, tmp_path):
    for name in ("a", "b"):
        write(tmp_path / name, record, ANALYSES, FIGURES)
    names = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert len(names) >= 6
    assert [(tmp_path / "a" / name).read_bytes() for name in names] == [
        (tmp_path / "b" / name).read_bytes() for name in names
    ]


def test_what_cannot_be_answered_is_refused_in_words_and_the_rest_goes_on(record, tmp_path):
    heard = []
    analyses = [{"t_test": {"of": "Census.accuracy", "between": "arm", "where": {"arm": ["slow"]}}}, ANALYSES[0]]
    write(tmp_path, record, analyses, [{"box": {"of": "Census.speed"}}, FIGURES[0]], heard.append)
    refused, answered = read_json(tmp_path / "statistics" / "results.json")
    assert "arm" in refused["refused"]
    assert refused["tables"] == {}
    assert answered["refused"] is None
    undrawn, drawn = read_json(tmp_path / "figures" / "figures.json")
    assert "speed" in undrawn["refused"]
    assert (undrawn["svg"], drawn["svg"]) == (None, "02-box.svg")
    assert [event.text.split(":")[0] for event in heard if isinstance(event, Remark)] == [
        "analyses[0] (t_test)",
        "figures[0] (01-box)",
    ]


def test_what_is_no_longer_declared_is_taken_away(record, tmp_path):
    write(tmp_path, record, ANALYSES, FIGURES)
    (tmp_path / "figures" / "mine.svg").write_text("drawn by hand")
    write(tmp_path, record, ANALYSES[1:], [])
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {"figures.json", "mine.svg"}
    left = {path.name for path in (tmp_path / "statistics").iterdir()}
    assert "01-t_test.csv" in left
    assert not any("pairwise" in name for name in left)


def test_a_table_keeps_every_digit(record, tmp_path):
    write(tmp_path, record, ANALYSES, [])
    (analysis,), _ = declared(ANALYSES[:1], [])
    with (tmp_path / "statistics" / "01-pairwise.csv").open() as file:
        (row,) = csv.DictReader(file)
    made = analysis.run(record).table.iloc[0]
    assert float(row["p"]) == made["p"]
    assert float(row["effect"]) == made["effect"]
