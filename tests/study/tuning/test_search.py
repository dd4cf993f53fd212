import pytest
import xarray as xr

from artneuro.errors import RunError
from artneuro.study.events import Finished, Remark
from artneuro.study.executors import Executor, Outcome, Serial
from artneuro.study.plan import plan_study
from artneuro.study.store import Store
from artneuro.study.tasks import Bench
from artneuro.study.tuning.search import Search, Trial, best
from artneuro.study.tuning.space import search_space


def trial(number, state, reached):
    return Trial(number, "", {}, state, (reached,), xr.Dataset(), "")


def test_the_best_is_the_first_of_those_completed_with_the_best_objective():
    trials = dict(enumerate([trial(0, "complete", 0.5), trial(1, "pruned", 0.1), trial(2, "complete", 0.4)]))
    trials |= {3: trial(3, "complete", 0.4), 4: trial(4, "complete", 0.9)}
    assert best(trials, rising=False).number == 2
    assert best(trials, rising=True).number == 4
    assert best({1: trials[1]}, rising=False) is None


class Mortal(Executor):
    """An executor whose worker dies under one task, so many times."""

    memory = None
    places = 1

    def __init__(self, bench, name, deaths):
        self._serial, self._name, self._left = Serial(bench), name, deaths

    def submit(self, task):
        self._task = task
        self._serial.submit(task)

    def wait(self, tell):
        if self._task.name == self._name and self._left:
            self._left -= 1
            return self._task, Outcome(0.1, error="its worker process was killed by SIGKILL", died=True)
        return self._serial.wait(tell)

    def close(self):
        pass


class Backwards(Executor):
    """An executor of three places that does what was submitted last before what was submitted first."""

    memory = None
    places = 3

    def __init__(self, bench):
        self._serial, self._tasks = Serial(bench), []

    def submit(self, task):
        self._tasks.append(task)
        assert len(self._tasks) <= self.places

    def wait(self, tell):
        self._serial.submit(self._tasks.pop())
        return self._serial.wait(tell)

    def close(self):
        pass


@pytest.fixture
def search(declare, tmp_path):
    """A function that prepares a search: with its folder, and what it will tell."""

    def prepare(folder="run", **changes):
        space = search_space(declare(**{"budget": 3, **changes}))
        plan = plan_study(space.trial(space.corner(0)))
        (environment,) = plan.environments.values()
        store = Store(tmp_path / folder)
        store.folder.mkdir()
        heard = []
        bench = Bench(store, None, "cpu", 1, dict(plan.environments))
        return Search(space, plan.computing, environment, bench, heard.append), bench, heard

    return prepare


def test_in_whatever_order_trials_end_it_is_the_same_search(search):
    found = {}
    for executor in (Serial, Backwards):
        searching, bench, heard = search(executor.__name__, budget=9, startup=2, at_once=3, pruning="median")
        searching.do(executor(bench))
        ended = [event.task for event in heard if isinstance(event, Finished)]
        assert (ended == sorted(ended)) == (executor is Serial)
        found[executor] = [searching.done[number].plain() for number in range(9)]
    assert found[Serial] == found[Backwards]


def test_a_worker_that_dies_is_given_a_second_chance(search):
    searching, bench, heard = search()
    searching.do(Mortal(bench, "trial 1", 1))
    assert sorted(searching.done) == [0, 1, 2]
    (remark,) = [event.text for event in heard if isinstance(event, Remark)]
    assert remark == "trial 1: its worker process was killed by SIGKILL. It is tried once more."


def test_a_trial_that_cannot_be_done_ends_the_search_and_what_is_done_is_kept(search):
    searching, bench, _ = search()
    with pytest.raises(RunError, match=r"trial 1 could not be done: .*SIGKILL\. Run again to go on"):
        searching.do(Mortal(bench, "trial 1", 2))
    assert sorted(searching.done) == [0]
    assert '"failed"' in (bench.store.folder / "log.jsonl").read_text()
