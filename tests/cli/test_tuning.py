import json
import re

import pytest

from artneuro import read

TUNE = """\
tune:
  arm: random
  over:
    cohort.rearing.optimizer.sgd.lr: {low: 0.001, high: 1.0, log: true}
    cohort.rearing.schedule: [constant, {step: {every: 1}}]
  budget: 4
  startup: 2
  subjects: 2
"""


@pytest.fixture
def tuned(small):
    small.write_text(small.read_text(encoding="utf-8").replace("profiles:", f"{TUNE}profiles:"), encoding="utf-8")
    return small


def test_a_search_runs_on_digits_and_its_best_values_run_as_profile_and_as_options(call, tuned, tmp_path):
    answer = call("tune", tuned)
    assert answer.exit_code == 0, answer.stderr
    assert re.search(r"^4 trials \(4 complete\) of the arm random; mean of 2 subjects each, last epoch", answer.stdout)
    assert re.search(r"^\[4/4\] trial 3", answer.stderr, re.MULTILINE)
    folder = tmp_path / "runs" / "small-tune"
    assert read(folder / "records" / "Tuning.nc").sizes["trial"] == 4
    losses = [float(found) for found in re.findall(r"^  \d +(\d\.\d+)", answer.stdout, re.MULTILINE)]
    assert losses == sorted(losses)
    assert len(losses) == 4
    text = tuned.read_text(encoding="utf-8")
    addition = (folder / "best.yaml").read_text(encoding="utf-8").removeprefix("profiles:\n")
    tuned.write_text(text + addition, encoding="utf-8")
    assert call("run", tuned, "--profile", "tuned", "-q").exit_code == 0
    (line,) = re.findall(r"^The best as options: (.*)$", answer.stdout, re.MULTILINE)
    options = re.findall(r"--set ('[^']*'|\S+)", line)
    assert len(options) == 2
    arguments = [part for option in options for part in ("--set", option.strip("'"))]
    assert call("run", tuned, "-q", "--out", "other", *arguments).exit_code == 0
    plans = [json.loads((tmp_path / run / "plan.json").read_text()) for run in ("runs/small-tuned", "other")]
    assert plans[0]["subjects"] == plans[1]["subjects"]


def test_a_profile_and_settings_count(call, tuned, tmp_path):
    answer = call("tune", tuned, "--profile", "smoke", "--set", "tune.budget=2", "-q")
    assert (answer.exit_code, answer.stdout) == (0, "")
    record = read(tmp_path / "runs" / "small-smoke-tune" / "records" / "Tuning.nc")
    assert dict(record.sizes) == {"trial": 2, "subject": 2, "epoch": 1}


def test_check_counts_what_a_search_takes_and_writes_nothing(call, tuned, tmp_path):
    answer = call("check", tuned)
    assert answer.exit_code == 0, answer.stderr
    for line in (r"arm +random", r"trials +4", r"subjects +2 a trial, seeds 1000000 to 1000001", r"epochs to rear +16"):
        assert re.search(line, answer.stdout), line
    assert list(tmp_path.iterdir()) == [tuned]


@pytest.mark.parametrize("command", ["tune", "check"])
def test_what_cannot_be_searched_is_said_with_its_line_and_nothing_is_written(call, tuned, tmp_path, command):
    tuned.write_text(tuned.read_text(encoding="utf-8").replace("sgd.lr:", "sgd.lrr:"), encoding="utf-8")
    answer = call(command, tuned)
    assert answer.exit_code == 2
    line = tuned.read_text(encoding="utf-8").splitlines().index(TUNE.splitlines()[3].replace("lr:", "lrr:")) + 1
    assert answer.stderr.startswith(f"{tuned}:{line}: tune.over.cohort.rearing.optimizer.sgd.lrr: required")
    assert 'Did you mean "lr"?' in answer.stderr
    assert list(tmp_path.iterdir()) == [tuned]


def test_a_file_that_declares_no_search_is_answered_with_an_example(call, small, tmp_path):
    answer = call("tune", small)
    assert answer.exit_code == 2
    assert "tune: required what is searched; came nothing. For example: tune: {over:" in answer.stderr
    assert list(tmp_path.iterdir()) == [small]
