"""The study files in `protocols/`: every profile of every file can be planned, so that none rots unseen."""

import json
from pathlib import Path

import pytest

from artneuro.registry import members
from artneuro.study import document
from artneuro.study.declaration import load_study
from artneuro.study.plan import plan_study

FILES = sorted((Path(__file__).parents[1] / "protocols").glob("*.yaml"))
PROFILES = [
    pytest.param(file, profile, id=f"{file.stem}-{profile or 'default'}")
    for file in FILES
    for profile in (None, *(document.parse(file.read_text(encoding="utf-8"), file.name).bare().get("profiles") or ()))
]
PUBLISHED = set(members("brain")) - {"file", "simulated"}


def test_there_are_files_with_profiles():
    assert {"quickstart", "single_directions"} <= {file.stem for file in FILES}
    assert len(PROFILES) > 2 * len(FILES) - 1


@pytest.mark.parametrize(("file", "profile"), PROFILES)
def test_every_profile_is_sound(file, profile):
    study = load_study(file, profile)
    assert study.hypotheses, "a study file declares what it expects"


@pytest.mark.data
@pytest.mark.parametrize(("file", "profile"), PROFILES)
def test_every_profile_can_be_planned(file, profile, brain_root):
    study = load_study(file, profile)
    declared = json.dumps(study.plain())
    plan = plan_study(study, brain_root(*(name for name in PUBLISHED if f'"{name}"' in declared)))
    assert len(plan.subjects) == plan.study.cohort.n * len(plan.study.arms)
    assert plan.epochs()[0] <= plan.epochs()[1]
