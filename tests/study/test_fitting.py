from types import SimpleNamespace

import pytest

from artneuro.errors import RunError
from artneuro.study import fitting
from artneuro.study.execution import run_study
from artneuro.study.memory import weight_bytes
from artneuro.study.plan import plan_study


def test_weights_that_the_disk_has_no_room_for_are_refused_before_anything_is_reared(
    small_study, small_cohort, tmp_path, monkeypatch
):
    """Two subjects whose weights are kept at two ages: four times those of one, and not a byte less."""
    study = small_study(cohort=small_cohort(rearing={"epochs": 2, "batch": 256, "keep": [1]}, arms={"only": []}))
    plan = plan_study(study)
    grown = plan.subjects[0].upbringing
    needed = 4 * weight_bytes(grown, plan.environments[grown.environment])
    monkeypatch.setattr(fitting, "shutil", SimpleNamespace(disk_usage=lambda folder: SimpleNamespace(free=needed - 1)))
    with pytest.raises(RunError, match=r"the weights of 2 subjects take .* MiB are free\. Free some space"):
        run_study(study, tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == [".lock"]
    monkeypatch.setattr(fitting, "shutil", SimpleNamespace(disk_usage=lambda folder: SimpleNamespace(free=needed)))
    run_study(study, tmp_path / "run")
