import io
import json

import pytest
from rich.console import Console

from artneuro.cli import pages
from artneuro.described import describe
from artneuro.errors import SpecificationError


def printed(show, *arguments):
    stream = io.StringIO()
    show(Console(file=stream, width=200, color_system=None), *arguments)
    return stream.getvalue()


@pytest.mark.parametrize("name", sorted(pages.SECTIONS))
def test_every_part_of_a_study_file_has_a_page_with_all_its_parameters(name):
    page = printed(pages.page, name)
    written = {"protocol": "<protocol>", "name": "as"} if name == "entry" else {}
    for row in describe(pages.SECTIONS[name]):
        assert f"  {written.get(row.name, row.name)} " in page


def test_an_entry_is_described_as_a_study_file_writes_it():
    lines = [line.split() for line in printed(pages.page, "entry").splitlines() if line.startswith("  ")]
    first = [words[0] for words in lines[lines.index(["name", "required", "default", "unit", "meaning"]) + 1 :]]
    assert [word for word in first if word in ("<protocol>", "protocol", "as", "name", "arms", "ages")] == [
        "<protocol>",
        "as",
        "arms",
        "ages",
    ]


def test_required_parameters_come_first():
    lines = printed(pages.page, "study").splitlines()
    names = [line.split()[0] for line in lines if " required " in line]
    assert names == ["name", "study", "question", "cohort"]


def test_an_unknown_name_without_a_near_one_is_answered_with_all():
    with pytest.raises(SpecificationError, match=r"Valid: .*mlp"):
        printed(pages.page, "zzzzzz")


def test_answers_end_with_what_must_be_known_of_them_once(tmp_path):
    (tmp_path / "statistics").mkdir()
    (tmp_path / "statistics" / "results.json").write_text("[]")
    verdicts = [{"sentence": "A is supported.", "notes": ["Under-fitted: x."]}]
    verdicts += [{"sentence": "B is undecided.", "notes": ["Under-fitted: x.", "Left out: y."]}]
    (tmp_path / "hypotheses.json").write_text(json.dumps(verdicts))
    lines = printed(pages.answers, tmp_path).splitlines()
    assert lines[:4] == ["A is supported.", "B is undecided.", "Under-fitted: x.", "Left out: y."]
