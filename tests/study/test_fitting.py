from types import SimpleNamespace

import pytest

from artneuro.errors import RunError
from artneuro.study import fitting
from artneuro.study.execution import run_study
from artneuro.study.memory import PROCESS, environment_bytes, largest_litters, least_bytes, weight_bytes
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
    with pytest.raises(RunError, match=r"the weights of 2 subjects take .* KiB are free\. Free some space"):
        run_study(study, tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == [".lock"]
    monkeypatch.setattr(fitting, "shutil", SimpleNamespace(disk_usage=lambda folder: SimpleNamespace(free=needed)))
    run_study(study, tmp_path / "run")


@pytest.fixture
def of_twenty(small_study, small_cohort):
    return plan_study(small_study(cohort=small_cohort(n=20, arms={"only": []}), protocols=[]))


def test_a_subject_that_no_worker_has_the_memory_for_is_refused(of_twenty, monkeypatch):
    grown = of_twenty.subjects[0].upbringing
    (digits,) = of_twenty.environments.values()
    units = 64 + 8 + 8 + 10  # flattened pixels, hidden layer before and after its ReLU, logits
    assert least_bytes(grown, digits) == 2 * weight_bytes(grown, digits) + 4 * units * grown.rearing.batch
    needed = PROCESS + environment_bytes(digits) + least_bytes(grown, digits)
    for workers, advice in ((1, "Declare smaller batches"), (3, "Run with fewer workers")):
        monkeypatch.setattr(fitting, "machine_bytes", lambda device, total=workers * needed: total - 1)
        with pytest.raises(RunError, match=f"a subject of arm 'only' takes .* GiB. {advice}"):
            fitting.require_memory(of_twenty, of_twenty.subjects, workers)
        monkeypatch.setattr(fitting, "machine_bytes", lambda device, total=workers * needed: total)
        fitting.require_memory(of_twenty, of_twenty.subjects, workers)
    with pytest.raises(RunError, match="Declare smaller batches"):  # of workers elsewhere, whose number is no matter
        fitting.require_memory(of_twenty, of_twenty.subjects, 3, memory=needed - 1)
    fitting.require_memory(of_twenty, (), 3, memory=1)


def test_a_run_without_the_memory_rears_nothing(small_study, small_cohort, tmp_path, monkeypatch):
    monkeypatch.setattr(fitting, "machine_bytes", lambda device: 2**20)
    with pytest.raises(RunError, match="a subject of arm"):
        run_study(small_study(), tmp_path / "run")
    assert not (tmp_path / "run" / "subjects").exists()


def test_a_run_says_that_litters_were_made_smaller(of_twenty):
    key = of_twenty.subjects[0].upbringing.key
    assert fitting.in_pieces(of_twenty, of_twenty.subjects, 1, largest_litters(of_twenty, 1)) == ""
    told = fitting.in_pieces(of_twenty, of_twenty.subjects, 1, {key: 5})
    assert told == "So that memory suffices, subjects grow up in 4 litters instead of 1."
