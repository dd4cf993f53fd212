import numpy as np
import pytest
import torch

from artneuro.measures.importance import importance, site_summary
from artneuro.measures.performance import Tally


def test_falls_by_hand():
    shown = torch.tensor([10, 30])
    intact = Tally(torch.tensor(8.0, dtype=torch.float64), torch.tensor([8, 24]), shown)
    lesioned = Tally(torch.tensor([12.0, 8.0], dtype=torch.float64), torch.tensor([[3, 24], [9, 27]]), shown)
    found = importance(intact, lesioned, preferred=torch.tensor([0, 1]))
    np.testing.assert_allclose(found["importance"], [5 / 40, -4 / 40], atol=1e-15)
    np.testing.assert_allclose(found["importance_loss"], [4 / 40, 0.0], atol=1e-15)
    np.testing.assert_allclose(found["class_importance"], [[0.5, 0.0], [-0.1, -0.1]], atol=1e-15)
    np.testing.assert_allclose(found["preferred_class_importance"], [0.5, -0.1], atol=1e-15)


def test_a_unit_that_prefers_nothing_has_no_importance_for_it():
    shown = torch.tensor([10, 10])
    intact = Tally(torch.tensor(1.0), torch.tensor([5, 5]), shown)
    lesioned = Tally(torch.tensor([1.0]), torch.tensor([[4, 5]]), shown)
    found = importance(intact, lesioned, preferred=torch.tensor([-1]))
    assert found["preferred_class_importance"].isnan().all()
    assert found["importance"].item() == pytest.approx(1 / 20)


def units(**changed):
    values = {
        "alive": torch.tensor([True, True, True, True, False]),
        "selectivity": torch.tensor([0.1, 0.2, 0.3, 0.4, 0.0]),
        "mutual_information": torch.tensor([1.0, 1.0, 2.0, 2.0, 0.0]),
        "importance": torch.tensor([4.0, 3.0, 2.0, 1.0, 9.0]),
        "preferred_class_importance": torch.tensor([1.0, 2.0, 3.0, 4.0, torch.nan]),
    }
    return values | changed


def test_summary_is_of_the_units_alive():
    found = site_summary(units())
    assert found["selectivity_mean"] == pytest.approx(0.25, rel=1e-6)  # float32
    assert found["mutual_information_mean"] == 1.5
    assert found["selectivity_importance_rho"] == pytest.approx(-1.0)
    assert found["selectivity_preferred_class_rho"] == pytest.approx(1.0)


def test_without_single_lesions_there_is_no_correlation():
    plain = {name: value for name, value in units().items() if "importance" not in name}
    assert set(site_summary(plain)) == {"selectivity_mean", "mutual_information_mean"}


def test_a_dead_site_has_no_summary_and_nothing_warns():
    found = site_summary(units(alive=torch.zeros(5, dtype=torch.bool)))
    assert np.isnan(list(found.values())).all()
