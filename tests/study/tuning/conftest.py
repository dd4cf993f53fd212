"""A study file whose search takes a second, and what stands in it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from artneuro.study import document
from artneuro.study.declaration import Declaration, declared

RATE = "cohort.rearing.optimizer.sgd.lr"


def declaration_of(folder: Path, cohort: dict[str, Any], protocols: list[Any], tune: dict[str, Any]) -> Declaration:
    study = {
        "study": "tuned",
        "question": "Which values?",
        "cohort": {
            "n": 2,
            "anatomy": {"mlp": {"widths": [8]}},
            "environment": {"digits": {"train_size": 150, "test_size": 50}},
            "rearing": {"epochs": 3, "batch": 40, "optimizer": {"sgd": {"lr": 0.1}}},
            **cohort,
        },
        "protocols": protocols,
        "tune": {"over": {RATE: {"low": 1e-3, "high": 1.0, "log": True}}, "budget": 6, "startup": 2, **tune},
    }
    path = folder / "tuned.yaml"
    path.write_text(document.dump(study), encoding="utf-8")
    return declared(path)


@pytest.fixture
def declare(tmp_path: Path) -> Callable[..., Declaration]:
    """A function that declares a search; `cohort` replaces keys of the cohort, others those of `tune`."""
    return lambda cohort=None, protocols=(), **tune: declaration_of(tmp_path, cohort or {}, list(protocols), tune)
