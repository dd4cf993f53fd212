import signal
import subprocess
import sys

import attrs
import pytest
import torch

from artneuro.errors import DataError
from artneuro.study.executors import PEAK, Outcome, Serial, Task, attempt, computing, deaf


@attrs.frozen
class Doing(Task):
    """Do what a function does."""

    function: object
    name: str = "doing"
    kind: str = "doing"
    count: int = 1

    def do(self, bench, tell):
        return self.function(bench, tell)


def ignore(*told):
    return None


def failing(error):
    def fail(bench, tell):
        raise error

    return Doing(fail)


def test_an_error_made_for_people_needs_no_trace():
    outcome = attempt(failing(DataError("data/mnist: truncated")), None, ignore)
    assert (outcome.error, outcome.trace, outcome.died) == ("data/mnist: truncated", "", False)


def test_a_mistake_in_code_is_named_and_traced():
    outcome = attempt(failing(ZeroDivisionError("division by zero")), None, ignore)
    assert outcome.error == "ZeroDivisionError: division by zero"
    assert "raise error" in outcome.trace


def test_a_full_disk_is_said_in_words():
    outcome = attempt(failing(OSError(28, "No space left on device", "runs/a")), None, ignore)
    assert outcome.error == "runs/a: No space left on device"


def test_an_interrupt_is_not_a_failure():
    with pytest.raises(KeyboardInterrupt):
        attempt(failing(KeyboardInterrupt()), None, ignore)


def test_serial_hands_bench_and_progress_on():
    told = []
    serial = Serial("bench")
    serial.submit(Doing(lambda bench, tell: (tell(1, 3), (f"at {bench}",))[1]))
    task, outcome = serial.wait(lambda *news: told.append(news))
    assert told == [(task, 1, 3)]
    assert outcome.remarks == ("at bench",)
    assert outcome.seconds >= 0
    assert outcome.memory > 2**20
    assert isinstance(outcome, Outcome)


def test_threads_are_set_within_and_restored():
    before = torch.get_num_threads()
    with computing(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


def test_a_process_that_starts_deaf_hears_no_interrupt():
    """And its parent hears the one that came meanwhile, after the block, whichever thread it came to."""
    heard = []
    answer = signal.signal(signal.SIGINT, lambda *_: heard.append("after"))
    command = [sys.executable, "-c", "print('ready', flush=True); input(); print('alive')"]
    try:
        with deaf():
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            signal.raise_signal(signal.SIGINT)
            heard.append("within")
        assert heard == ["within", "after"]
        with deaf():
            pass
        assert heard == ["within", "after"]
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        assert child.communicate("go on\n", timeout=60)[0] == "alive\n"
    finally:
        signal.signal(signal.SIGINT, answer)
        child.kill()
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, set())


@pytest.mark.skipif(not PEAK.exists(), reason="only Linux counts the memory of a process anew")
def test_the_memory_of_a_task_is_its_own():
    """What a task before it needed, and gave back, is not counted."""
    large = attempt(Doing(lambda *_: (str(torch.ones(2**26).sum()),)), None, ignore)
    small = attempt(Doing(lambda *_: ()), None, ignore)
    assert large.memory - small.memory > 2**27  # of the quarter of a gibibyte
