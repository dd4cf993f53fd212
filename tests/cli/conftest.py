"""The command line, called in this process, and a study file that takes seconds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from artneuro.cli import app

SMALL = """\
study: small
question: Does it run?
cohort:
  n: 2
  anatomy: {mlp: {widths: [8]}}
  environment: {digits: {train_size: 100, test_size: 50}}
  rearing: {epochs: 2, batch: 50}
  arms:
    clean: []
    random: [{LabelCorruption: {fraction: 1.0}}]
protocols:
  - LesionStudy: {site: hidden1, repeats: 2, fractions: 3}
hypotheses:
  L1: {claim: "clean > random", of: LesionStudy.auc}
figures:
  - learning_curve: {}
profiles:
  smoke: {cohort: {rearing: {epochs: 1}}}
"""


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Call a command in an empty folder; the answer has `exit_code`, `stdout` and `stderr`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARTNEURO_DEBUG", raising=False)

    def called(*arguments: Any) -> Any:
        answer = CliRunner().invoke(app, list(map(str, arguments)), prog_name="artneuro")
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
        return answer

    return called


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A study file of two arms that are reared in a moment."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path
