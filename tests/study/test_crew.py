import importlib.util

import pytest

from artneuro.errors import RunError, SpecificationError
from artneuro.study import cluster
from artneuro.study.crew import Crew
from artneuro.study.execution import run_study


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"executor": "threads"}, ["executor"]),
        ({"executor": "processes", "scheduler": "tcp://10.0.0.1:8786"}, ["executor"]),
        ({"scheduler": "10.0.0.1"}, ["scheduler"]),
        ({"scheduler": "tcp://10.0.0.1"}, ["scheduler"]),
        ({"scheduler": "foo://10.0.0.1:8786"}, ["scheduler"]),
        ({"executor": "serial", "workers": 2}, ["workers"]),
        ({"workers": 0, "patience": 0.0}, ["workers", "patience"]),
        ({"patience": float("nan")}, ["patience"]),
    ],
)
def test_what_contradicts_itself_is_refused_all_at_once(asked, where):
    with pytest.raises(SpecificationError) as refused:
        Crew(**asked)
    assert [problem.where for problem in refused.value.problems] == where


def test_an_executor_can_be_asked_for():
    assert Crew(workers=1, executor="processes").kind == "processes"
    assert Crew(workers=2, executor="dask").kind == "dask"
    assert Crew(workers=8, scheduler="tls://node:8786", executor="dask").kind == "dask"


def test_without_dask_the_remedy_is_said_and_nothing_is_done(small_study, tmp_path, monkeypatch):
    find = importlib.util.find_spec
    missing = lambda name, *rest: None if name == "distributed" else find(name, *rest)  # noqa: E731
    monkeypatch.setattr(cluster.importlib.util, "find_spec", missing)
    with pytest.raises(RunError, match=r"pip install 'artneuro\[dask\]'"):
        run_study(small_study(), tmp_path, workers=Crew(2, "dask"))
    assert not list(tmp_path.glob("subjects/*"))


def test_workers_of_a_running_cluster_are_not_counted():
    assert Crew(2).counted == Crew(2, "dask").counted == 2
    assert Crew(2, scheduler="tcp://10.0.0.1:8786").counted is None
