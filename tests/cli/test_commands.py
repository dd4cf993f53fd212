import json
import random
import re
import subprocess
import sys

import pytest

from artneuro import registry
from artneuro._version import __version__

COMMANDS = ("run", "tune", "check", "list", "describe", "analyse", "compare", "report", "schema")


def python(code, *arguments):
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


def test_help_names_every_command(call):
    answer = call("--help")
    assert answer.exit_code == 0
    assert [name for name in COMMANDS if f"  {name} " not in answer.stdout] == []


def test_help_imports_nothing_heavy():
    code = "import sys; from artneuro.cli import app; print(*sys.modules)"
    loaded = set(python(code).stdout.split())
    assert "typer" in loaded
    assert loaded & {"torch", "numpy", "xarray", "pandas", "matplotlib", "pingouin", "seaborn", "yaml"} == set()


def test_version(call):
    assert call("--version").stdout == f"artneuro {__version__}\n"


@pytest.mark.parametrize("arguments", [["rnu"], ["run"], ["run", "--profil", "x"], ["run", "a", "--workers", "0"]])
def test_what_is_no_command_is_answered_with_usage(call, arguments):
    answer = call(*arguments)
    assert answer.exit_code == 2
    assert "Usage: artneuro" in answer.stderr


def test_the_list_names_every_member_of_every_family(call):
    answer = call("list")
    assert answer.exit_code == 0
    known = [name for word in registry.families() for name in registry.members(word) if not word.startswith("test")]
    assert {"mlp", "LesionStudy", "LabelCorruption", "digits", "anova", "curve"} <= set(known)
    assert [name for name in known if not re.search(rf"^  {name} +\S", answer.stdout, re.MULTILINE)] == []


def test_every_member_has_a_description(call):
    for word in registry.families():
        if word.startswith("test"):  # families of other tests
            continue
        for name in registry.members(word):
            answer = call("describe", name)
            assert answer.exit_code == 0, name
            assert f"{name} ({word})" in answer.stdout


def test_a_description_has_parameters_with_unit_default_and_meaning(call):
    answer = call("describe", "rearing").stdout
    assert re.search(r"name +required +default +unit +meaning", answer)
    assert re.search(r"epochs +a whole number >= 0 +20 +epoch +passes over the training stimuli", answer)


def test_a_protocol_is_described_with_the_variables_that_it_records(call):
    answer = call("describe", "LesionStudy").stdout
    for name, label in registry.members("protocol")["LesionStudy"].outputs.items():
        assert re.search(rf"^  {name} +{', '.join(label.dims)}", answer, re.MULTILINE), name


@pytest.mark.parametrize(("name", "near"), [("lesionstudy", "LesionStudy"), ("LableCorruption", "LabelCorruption")])
def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(call, name, near):
    answer = call("describe", name)
    assert answer.exit_code == 2
    assert f"Did you mean {near}" in answer.stderr


def test_the_schema_is_json(call):
    assert json.loads(call("schema").stdout)["title"] == "artneuro study"


def test_check_prints_the_plan_and_writes_nothing(call, small, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    answer = call("check", small, "--profile", "smoke", "--set", "cohort.n=3")
    assert answer.exit_code == 0, answer.stderr
    for line in (r"clean +3 +1 +none", r"random +3 +1 +LabelCorruption", r"subjects to rear +6", r"measurements +6"):
        assert re.search(line, answer.stdout), line
    for word in ("time", "memory", "disk"):
        assert re.search(rf"{word} +(under )?\d", answer.stdout), word
    assert sorted(tmp_path.rglob("*")) == before


def test_a_wrong_file_is_answered_with_every_problem_and_nothing_runs(call, small, tmp_path):
    text = (
        small.read_text(encoding="utf-8").replace("epochs: 2", "epochs: two").replace("hidden1", "hidden1, repeat: 3")
    )
    small.write_text(text, encoding="utf-8")
    for command in ("run", "check"):
        answer = call(command, small)
        assert answer.exit_code == 2
        assert answer.stdout == ""
        assert f"{small}:7: cohort.rearing.epochs: required a whole number >= 0; came 'two'." in answer.stderr
        assert f"{small}:12: protocols[0].LesionStudy.repeat: required" in answer.stderr
        assert "2 problems; nothing was run." in answer.stderr
    assert list(tmp_path.iterdir()) == [small]


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_site_that_the_subjects_lack_is_said_with_its_line(call, small, tmp_path, command):
    answer = call(command, small, "--set", "protocols.LesionStudy.site=hiden1")
    assert answer.exit_code == 2
    assert answer.stderr.startswith("--set protocols.LesionStudy.site=hiden1: protocols[0].LesionStudy.site: required")
    assert "hidden1" in answer.stderr
    assert list(tmp_path.iterdir()) == [small]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "none.yaml"], "none.yaml: required a readable file"),
        (["run", "."], "Is a directory"),
        (["analyse", "none"], "none: not a run folder"),
        (["report", "none"], "none"),
        (["compare", "none", "nor"], "none"),
    ],
)
def test_what_is_not_there_is_named(call, arguments, words):
    answer = call(*arguments)
    assert answer.exit_code == 2
    assert words in answer.stderr


def test_data_that_are_not_there_are_said_with_the_folder_looked_in(call, small, tmp_path):
    answer = call("run", small, "--set", "cohort.environment={mnist: {}}", "--data-root", tmp_path / "nowhere")
    assert answer.exit_code == 2
    assert str(tmp_path / "nowhere") in answer.stderr
    assert list(tmp_path.iterdir()) == [small]


@pytest.mark.parametrize("out", ["small.yaml", "/proc/none/run", "taken"])
def test_a_place_that_cannot_hold_a_run_is_said(call, small, tmp_path, out):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("mine")
    answer = call("run", small, "--out", out)
    assert answer.exit_code == 2
    assert out in answer.stderr


def test_a_device_that_is_not_there_is_refused(call, small):
    answer = call("run", small, "--device", "abacus")
    assert answer.exit_code == 2
    assert "abacus" in answer.stderr


def test_a_study_runs_and_is_analysed_reported_and_compared(call, small, tmp_path):
    answer = call("run", small)
    assert answer.exit_code == 0, answer.stderr
    assert re.search(r"^L1 \(clean > random\).* is (supported|contradicted|undecided): ", answer.stdout, re.MULTILINE)
    assert re.search(r"^\[1/\d+\] ", answer.stderr, re.MULTILINE)
    folder = tmp_path / "runs" / "small"
    page = folder / "report.html"
    page.unlink()
    verdicts = (folder / "hypotheses.json").read_bytes()
    assert call("analyse", folder).exit_code == 0
    assert (folder / "hypotheses.json").read_bytes() == verdicts
    assert call("report", folder).exit_code == 0
    assert page.is_file()
    assert call("run", small, "--out", "other", "--quiet", "--set", "cohort.first_seed=7").stdout == ""
    answer = call("compare", folder, "other")
    assert answer.exit_code == 0, answer.stderr
    one = call("compare", folder)
    assert (one.exit_code, one.stderr) == (2, "a comparison takes two runs or more; came 1: small\n")


def test_a_profile_has_a_run_folder_of_its_own(call, small, tmp_path):
    assert call("run", small, "--profile", "smoke", "-q").exit_code == 0
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["small-smoke"]


def test_output_for_a_pipe_has_no_colours_and_for_a_terminal_it_has(call, monkeypatch):
    assert "\x1b[" not in call("list").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in call("list").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in call("list").stdout


JUNK = ["", "x", "-1", "{", "]", ": ", "[]", "{a: 1}", "~", "\t", "1e9"]


def test_no_change_of_a_file_brings_up_a_traceback(call, small):
    rng = random.Random(1)
    lines = small.read_text(encoding="utf-8").splitlines()
    codes = []
    for _ in range(25):
        changed = list(lines)
        for _ in range(rng.randint(1, 3)):
            place = rng.randrange(len(changed))
            words = re.split(r"(\W)", changed[place])
            words[rng.randrange(len(words))] = rng.choice(JUNK)
            changed[place] = "".join(words)
        small.write_text("\n".join(changed), encoding="utf-8")
        answer = call("run", small, "--set", "cohort=3")  # refused in the end, whatever the file says
        codes.append(answer.exit_code)
        assert "Traceback" not in answer.stderr
        assert "fault" not in answer.stderr
    assert set(codes) == {2}


HASTY = """
from artneuro import endless
endless.PATIENCE = endless.PAUSE = 0.5
from artneuro.cli import main
main()
"""


def test_a_file_that_is_read_for_ever_ends_a_command_by_name(call, small, tmp_path, endless_file):
    """It ends with a digest of its bytes, so it is opened; no signal would be answered then."""
    assert call("run", small, "--out", "run").exit_code == 0
    for name in ("records/LesionStudy.nc", "parts/*.nc", "subjects/*/history.nc"):
        path = sorted((tmp_path / "run").glob(name))[0]
        endless_file(path)
        ended = subprocess.run(
            [sys.executable, "-c", HASTY, "run", small, "--out", "run"], capture_output=True, text=True, timeout=120
        )
        assert ended.returncode == 2
        told = f"{path.relative_to(tmp_path)}: reading it does not come to an end, so it is damaged or made to do harm."
        assert ended.stderr.splitlines()[-1].startswith(told)
        path.unlink()
